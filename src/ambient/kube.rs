//! `kube-context`: which cluster and namespace kubectl, and all that load configuration as client-go does, would act on.
//!
//! In: `KUBECONFIG` or `~/.kube/config`, the pod's service account, `--context` and its kin. Out: context, cluster,
//! server, namespace, user. Never: runs an exec credential plugin, asks the server, or reads a token.
//!
//! The order of precedence is client-go's `tools/clientcmd` (`loader.go`, `client_config.go`,
//! `merged_client_builder.go`): of several files the first that has an entry wins, whole; `current-context` comes
//! from the first file that sets one; the pod's own account counts only where no file chose a cluster.

use super::tree::{Document, Node};
use super::{Asked, Fields, Presence, Unreadable, World, file, json, path_text, text, without_secrets, yaml};
use std::path::{Path, PathBuf};

/// Where kubectl turns when nothing says otherwise.
const DEFAULT_SERVER: &str = "http://localhost:8080";
const ACCOUNT: &str = "var/run/secrets/kubernetes.io/serviceaccount";

/// Absent means that kubectl would try its default server and namespace.
pub(super) fn read(world: &World<'_>, asked: &Asked) -> Result<(Presence, Fields), Unreadable> {
    let config = Config::load(world, asked)?;
    let chosen = config.choose(asked)?;
    let mut fields = Fields::default();
    let mut presence = Presence::Read;
    if let Some((name, source)) = &chosen.context {
        fields.set("context", name, source)?;
    }
    if let Some((name, source)) = &chosen.cluster {
        fields.set("cluster", name, source)?;
    }
    let pod = Pod::look(world)?;
    match (config.server(&chosen, asked)?, &pod) {
        (Some((server, source)), _) => fields.set("server", without_secrets(&server), source)?,
        // The account counts only where no file chose: a stray context in a pod wins over the pod's own cluster.
        (None, Some(pod)) if chosen.context.is_none() && chosen.cluster.is_none() => {
            fields.set("server", &pod.server, "$KUBERNETES_SERVICE_HOST")?;
        }
        (None, _) => match world.text("KUBERNETES_MASTER")? {
            Some(server) => fields.set("server", without_secrets(&server), "$KUBERNETES_MASTER")?,
            None => {
                presence = Presence::Absent;
                fields.set("server", DEFAULT_SERVER, "the tool's default")?;
            }
        },
    }
    let (namespace, source) = namespace(world, &chosen, pod.as_ref())?;
    fields.set("namespace", namespace, source)?;
    config.account(&chosen, &mut fields)?;
    preferences(world, asked, &mut fields)?;
    Ok((presence, fields))
}

/// A value and where it stands.
type Said = (String, String);

/// What the options and files choose, by name.
#[derive(Debug, Default)]
struct Chosen {
    context: Option<Said>,
    namespace: Option<Said>,
    cluster: Option<Said>,
    user: Option<Said>,
}

/// The files that count, in order of precedence.
#[derive(Debug)]
struct Config(Vec<Document>);

impl Config {
    /// `--kubeconfig` puts the list aside and must exist; a file of the list need not.
    fn load(world: &World<'_>, asked: &Asked) -> Result<Self, Unreadable> {
        if let Some(path) = asked.last("kubeconfig") {
            let document = load(&world.cwd.join(path))?;
            return document.map(|document| Self(vec![document])).ok_or_else(|| Unreadable::Missing {
                what: "kubeconfig",
                name: path.to_owned(),
                source_of_name: "--kubeconfig".to_owned(),
            });
        }
        // A file of the list that is missing is skipped, as kubectl does with a warning.
        let documents: Result<Vec<_>, _> =
            paths(world)?.iter().filter_map(|path| load(path).transpose()).collect();
        Ok(Self(documents?))
    }

    /// Applies the options to what the files say.
    fn choose(&self, asked: &Asked) -> Result<Chosen, Unreadable> {
        let option = |name: &str| asked.last(name).map(|value| (value.to_owned(), format!("--{name}")));
        let context = option("context").map_or_else(|| self.current(), |said| Ok(Some(said)))?;
        let mut chosen = Chosen { context, ..Chosen::default() };
        if let Some((name, source)) = &chosen.context {
            let (document, node) =
                self.entry("contexts", "context", name)?.ok_or_else(|| missing("context", name, source))?;
            let of = |key: &str| -> Result<Option<Said>, Unreadable> {
                let source = format!("{} context {name}", document.path);
                Ok(document.text(node, key)?.map(|value| (value, source)))
            };
            chosen.namespace = of("namespace")?;
            chosen.cluster = of("cluster")?;
            chosen.user = of("user")?;
        }
        chosen.cluster = option("cluster").or(chosen.cluster);
        chosen.user = option("user").or(chosen.user);
        chosen.namespace = option("namespace").or(chosen.namespace);
        Ok(chosen)
    }

    /// `current-context` of the first file that sets one, which need not be the file that has that context.
    fn current(&self) -> Result<Option<Said>, Unreadable> {
        for document in &self.0 {
            if let Some(name) = document.text(&document.root, "current-context")? {
                return Ok(Some((name, format!("{} current-context", document.path))));
            }
        }
        Ok(None)
    }

    /// The entry `name` of a list such as `clusters`, from the first file that has it.
    fn entry(&self, list: &str, inner: &str, name: &str) -> Result<Option<(&Document, &Node)>, Unreadable> {
        let mut found = None;
        for document in &self.0 {
            let mut here = None;
            for item in document.list(&document.root, list)? {
                if document.text(item, "name")?.as_deref() != Some(name) {
                    continue;
                }
                // client-go refuses the file; the first and the last of them are two different clusters.
                if here.replace(document.map(item, inner)?).is_some() {
                    let fault = format!("`{list}` has two entries of one name");
                    return Err(Unreadable::malformed(&document.path, 0, fault));
                }
            }
            found = found.or(here.map(|node| (document, node)));
        }
        Ok(found)
    }

    /// The server that an option or the chosen cluster names.
    fn server(&self, chosen: &Chosen, asked: &Asked) -> Result<Option<Said>, Unreadable> {
        if let Some(server) = asked.last("server") {
            return Ok(Some((server.to_owned(), "--server".to_owned())));
        }
        let Some((name, source)) = &chosen.cluster else { return Ok(None) };
        let (document, node) =
            self.entry("clusters", "cluster", name)?.ok_or_else(|| missing("cluster", name, source))?;
        let server = document.text(node, "server")?;
        Ok(server.map(|server| (server, format!("{} cluster {name}", document.path))))
    }

    /// User, credential plugin and proxy: who would act, and through what.
    fn account(&self, chosen: &Chosen, fields: &mut Fields) -> Result<(), Unreadable> {
        if let Some((name, _)) = &chosen.cluster
            && let Some((document, node)) = self.entry("clusters", "cluster", name)?
            // With a proxy the server's name says little: the proxy decides where the connection ends.
            && let Some(proxy) = document.text(node, "proxy-url")?
        {
            fields.set("proxy", without_secrets(&proxy), format!("{} cluster {name}", document.path))?;
        }
        let Some((name, source)) = &chosen.user else { return Ok(()) };
        fields.set("user", name, source)?;
        let (document, node) =
            self.entry("users", "user", name)?.ok_or_else(|| missing("user", name, source))?;
        // Noted, never run: a plugin is a program that anyone who can write the file has chosen.
        let exec = document.text(document.map(node, "exec")?, "command")?;
        let provider = document.text(document.map(node, "auth-provider")?, "name")?;
        let source = format!("{} user {name}", document.path);
        match (exec, provider) {
            (Some(command), _) => fields.set("credentials", format!("exec {command}, not run"), source),
            (None, Some(provider)) => fields.set("credentials", format!("auth-provider {provider}"), source),
            (None, None) => Ok(()),
        }
    }
}

/// What a pod's own service account points at.
#[derive(Debug)]
struct Pod {
    server: String,
}

impl Pod {
    /// client-go's `Possible`: both variables, and a token that is not a directory.
    fn look(world: &World<'_>) -> Result<Option<Self>, Unreadable> {
        let address = (world.text("KUBERNETES_SERVICE_HOST")?, world.text("KUBERNETES_SERVICE_PORT")?);
        let (Some(host), Some(port)) = address else { return Ok(None) };
        if !file::exists(&world.system(ACCOUNT).join("token"))? {
            return Ok(None);
        }
        // An IPv6 address needs brackets before its port.
        let host = if host.contains(':') { format!("[{host}]") } else { host };
        Ok(Some(Self { server: format!("https://{host}:{port}") }))
    }
}

/// The namespace: an option, the context's, the pod's, `default`.
fn namespace(world: &World<'_>, chosen: &Chosen, pod: Option<&Pod>) -> Result<Said, Unreadable> {
    if let Some(said) = &chosen.namespace {
        return Ok(said.clone());
    }
    // Inside a pod the account's namespace fills in even where a kubeconfig or `--server` chose another cluster.
    if pod.is_some() {
        if let Some(namespace) = world.text("POD_NAMESPACE")? {
            return Ok((namespace, "$POD_NAMESPACE".to_owned()));
        }
        let path = world.system(ACCOUNT).join("namespace");
        if let Some(namespace) =
            file::read(&path)?.map(|text| text.trim().to_owned()).filter(|text| !text.is_empty())
        {
            return Ok((namespace, path_text(&path)?));
        }
    }
    Ok(("default".to_owned(), "the tool's default".to_owned()))
}

/// kubectl 1.33 and later take default options and aliases from a preferences file, which no command line shows.
fn preferences(world: &World<'_>, asked: &Asked, fields: &mut Fields) -> Result<(), Unreadable> {
    let switched_off = world.text("KUBECTL_KUBERC")?.as_deref() == Some("false");
    let named = asked
        .last("kuberc")
        .map(str::to_owned)
        .map_or_else(|| world.text("KUBERC"), |path| Ok(Some(path)))?;
    let path = match named.as_deref() {
        _ if switched_off => return Ok(()),
        Some("off") => return Ok(()),
        Some(path) => world.cwd.join(path),
        None => match world.home() {
            Ok(home) => home.join(".kube/kuberc"),
            Err(_homeless) => return Ok(()),
        },
    };
    if file::exists(&path)? { fields.set("hidden-options", path_text(&path)?, "kuberc") } else { Ok(()) }
}

/// `KUBECONFIG`, split as a PATH is, else `~/.kube/config`.
fn paths(world: &World<'_>) -> Result<Vec<PathBuf>, Unreadable> {
    if let Some(list) = world.raw("KUBECONFIG") {
        let mut paths: Vec<PathBuf> = Vec::new();
        for path in std::env::split_paths(list).filter(|path| !path.as_os_str().is_empty()) {
            text(path.as_os_str(), || "$KUBECONFIG".to_owned())?;
            let path = world.cwd.join(path);
            if !paths.contains(&path) {
                paths.push(path);
            }
        }
        return Ok(paths);
    }
    // client-go asks HOME alone; without it the file is looked for in the current directory, where anyone may have
    // put one.
    match world.raw("HOME") {
        Some(_) => Ok(vec![world.home()?.join(".kube/config")]),
        None => Err(Unreadable::NoHome),
    }
}

/// Reads one kubeconfig, whichever of the two languages it is in.
fn load(path: &Path) -> Result<Option<Document>, Unreadable> {
    let Some(content) = file::read(path)? else { return Ok(None) };
    let path = path_text(path)?;
    // JSON is almost YAML; tabs are where they part, so what looks like JSON is tried as JSON first.
    let root = match content.trim_start().starts_with('{').then(|| json::parse(&content, json::Keys::Exact)) {
        Some(Ok(root)) => root,
        Some(Err(_)) | None => {
            yaml::parse(&content).map_err(|(line, fault)| Unreadable::malformed(&path, line, fault))?
        }
    };
    Document { path, root }.checked().map(Some)
}

/// kubectl fails on such a name, but only after it was approved; and the next file might bring it.
fn missing(what: &'static str, name: &str, source: &str) -> Unreadable {
    Unreadable::Missing { what, name: name.to_owned(), source_of_name: source.to_owned() }
}
