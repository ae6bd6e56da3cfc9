//! `docker-context`: which engine docker would act on.
//!
//! In: `--context`, `--host`, `DOCKER_HOST`, `DOCKER_CONTEXT`, `~/.docker/config.json` and the context store. Out:
//! context and host. Never: asks the engine, reads `auths`, certificates or keys.
//!
//! The order is docker's own (`cli/command/cli.go`): `--context`, `--host`, `DOCKER_HOST`, `DOCKER_CONTEXT`,
//! `currentContext`, and then the local socket.

use super::tree::Document;
use super::{Asked, Fields, Presence, Unreadable, World, file, json, path_text, without_secrets};
use sha2::{Digest as _, Sha256};
use std::fmt::Write as _;
use std::path::{Path, PathBuf};

const SOCKET: &str = "unix:///var/run/docker.sock";
const TLS_HOST: &str = "tcp://127.0.0.1:2376";

/// Absent means the local engine, which is what docker falls back to.
pub(super) fn read(world: &World<'_>, asked: &Asked) -> Result<(Presence, Fields), Unreadable> {
    let configuration = directory(world, asked)?;
    let (context, source) = context(world, asked, &configuration)?;
    let mut fields = Fields::default();
    fields.set("context", &context, &source)?;
    let (host, place) = if context == "default" {
        default_host(world, asked)?
    } else {
        endpoint(&configuration, &context, &source)?
    };
    // `/run` is what `/var/run` means everywhere docker runs. A socket of another name can be one end of a tunnel.
    if [SOCKET, "unix:///run/docker.sock"].contains(&host.as_str()) {
        fields.set("place", "this-host", &place)?;
    }
    let configured = place != DEFAULT;
    fields.set("host", without_secrets(&host), place)?;
    Ok((if configured { Presence::Read } else { Presence::Absent }, fields))
}

const DEFAULT: &str = "the tool's default";

/// `--config` or `DOCKER_CONFIG` moves contexts and their hosts as a whole.
fn directory(world: &World<'_>, asked: &Asked) -> Result<PathBuf, Unreadable> {
    match asked
        .last("config")
        .map(str::to_owned)
        .map_or_else(|| world.text("DOCKER_CONFIG"), |path| Ok(Some(path)))?
    {
        Some(path) => Ok(world.cwd.join(path)),
        None => Ok(world.home()?.join(".docker")),
    }
}

/// The context's name and where it stands.
fn context(world: &World<'_>, asked: &Asked, configuration: &Path) -> Result<(String, String), Unreadable> {
    let host = asked.only("host")?;
    match (asked.only("context")?, host) {
        (Some(_), Some(_)) => return Err(Unreadable::disagree("the engine", "--context", "--host")),
        (Some(name), None) => return Ok((name.to_owned(), "--context".to_owned())),
        (None, Some(_)) => return Ok(("default".to_owned(), "--host".to_owned())),
        (None, None) => {}
    }
    // It beats DOCKER_CONTEXT and currentContext, so `docker context use dev` does not undo it.
    if world.raw("DOCKER_HOST").is_some() {
        return Ok(("default".to_owned(), "$DOCKER_HOST".to_owned()));
    }
    if let Some(name) = world.text("DOCKER_CONTEXT")? {
        return Ok((name, "$DOCKER_CONTEXT".to_owned()));
    }
    let path = configuration.join("config.json");
    match load(&path)? {
        Some(document) => match document.text(&document.root, "currentcontext")? {
            Some(name) => Ok((name, format!("{} currentContext", document.path))),
            None => Ok(("default".to_owned(), DEFAULT.to_owned())),
        },
        None => Ok(("default".to_owned(), DEFAULT.to_owned())),
    }
}

/// The engine of the context that needs no store.
fn default_host(world: &World<'_>, asked: &Asked) -> Result<(String, String), Unreadable> {
    if let Some(host) = asked.only("host")? {
        return Ok((host.to_owned(), "--host".to_owned()));
    }
    if let Some(host) = world.text("DOCKER_HOST")? {
        return Ok((host, "$DOCKER_HOST".to_owned()));
    }
    let tls = world.raw("DOCKER_TLS_VERIFY").is_some() || asked.given("tls") || asked.given("tlsverify");
    Ok((if tls { TLS_HOST } else { SOCKET }.to_owned(), DEFAULT.to_owned()))
}

/// The host that the context store holds for `context`, under the SHA-256 of its name.
fn endpoint(configuration: &Path, context: &str, named_in: &str) -> Result<(String, String), Unreadable> {
    let mut id = String::new();
    for byte in Sha256::digest(context) {
        // Writing to a String cannot fail.
        let _ = write!(id, "{byte:02x}");
    }
    let path = configuration.join("contexts/meta").join(id).join("meta.json");
    let missing = || Unreadable::Missing {
        what: "docker context",
        name: context.to_owned(),
        source_of_name: named_in.to_owned(),
    };
    let document = load(&path)?.ok_or_else(missing)?;
    if document.text(&document.root, "name")?.as_deref() != Some(context) {
        return Err(Unreadable::malformed(&document.path, 0, "it holds a context of another name"));
    }
    let docker = document.map(document.map(&document.root, "endpoints")?, "docker")?;
    let host = document.text(docker, "host")?;
    let host = host.ok_or_else(|| Unreadable::malformed(&document.path, 0, "it names no docker host"))?;
    Ok((host, format!("{} Endpoints.docker.Host", document.path)))
}

/// Reads a file with folded keys: docker is a Go program.
fn load(path: &Path) -> Result<Option<Document>, Unreadable> {
    let Some(content) = file::read(path)? else { return Ok(None) };
    let path = path_text(path)?;
    // docker warns about a broken file and goes on with the local engine; a target found by accident is none.
    let root = json::parse(&content, json::Keys::Folded)
        .map_err(|(line, fault)| Unreadable::malformed(&path, line, fault))?;
    Document { path, root }.checked().map(Some)
}
