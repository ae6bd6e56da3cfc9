//! The same made-up machine, read by the gate and by the real tool. None of the commands needs a server: they print
//! configuration, or fail to connect to a closed port of this host and say where they tried.

use crate::docker::{meta, store};
use crate::place::Place;
use remgate::ambient::{Ambient, Kind, Status};
use serde_json::Value;
use std::process::{Command, Output};

/// Runs a tool inside the place; `None` where it is not installed, which CI does not allow.
fn run(place: &Place, test: &str, program: &str, arguments: &[&str]) -> Option<Output> {
    let path = std::env::var_os("PATH").unwrap_or_default();
    #[expect(
        clippy::disallowed_methods,
        reason = "a test compares with the real tool; the gate itself starts nothing"
    )]
    let output = Command::new(program)
        .args(arguments)
        .current_dir(&place.cwd)
        .env_clear()
        .env("PATH", path)
        .env("PYENV_ROOT", std::env::var_os("PYENV_ROOT").unwrap_or_default())
        .env("AWS_EC2_METADATA_DISABLED", "true")
        .env("CHECKPOINT_DISABLE", "1")
        .env("GIT_CONFIG_NOSYSTEM", "1")
        .envs(&place.env)
        .output();
    match output {
        Ok(output) => Some(output),
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => {
            println!("SKIPPED {test}: {program} is not installed");
            // CI installs Debian's packages, and these are not among them.
            let packaged = !["aws", "docker", "kubectl", "terraform"].contains(&program);
            let all = std::env::var_os("REMGATE_REQUIRE_ALL").is_some();
            assert!(!(all && packaged), "{program} is not installed");
            None
        }
        Err(error) => panic!("{program}: {error}"),
    }
}

fn stdout(output: &Output) -> String {
    String::from_utf8_lossy(&output.stdout).trim().to_owned()
}

fn options<'a>(arguments: &'a [&'a str]) -> Vec<(&'a str, &'a str)> {
    arguments.iter().filter_map(|argument| argument.strip_prefix("--")?.split_once('=')).collect()
}

fn unreadable(ambient: &Ambient) -> bool {
    matches!(ambient.status, Status::Unreadable { .. })
}

const SECOND: &str = "current-context: prod\n\
    contexts:\n- {name: dev, context: {cluster: prod-cluster, namespace: second}}\n\
    - {name: 'x y', context: {cluster: '12345', user: 'on', namespace: \"007\"}}\n\
    clusters:\n- {name: '12345', cluster: {server: 'https://numbers'}}\n\
    - {name: dev-cluster, cluster: {server: 'https://shadowed'}}\n\
    users: [{name: 'on', user: {}}]\n";

#[test]
fn kubectl_agrees() {
    let first = "{home}/.kube/config";
    for (list, arguments) in [
        (first, &[][..]),
        (first, &["--context=prod"]),
        ("nobody", &[]),
        (first, &["--context=nope"]),
        (first, &["--kubeconfig=second"]),
        (first, &["--kubeconfig=missing"]),
        ("{home}/.kube/config:second", &["--context=dev"]),
        ("{home}/.kube/config:second", &["--context=x y"]),
        ("second:{home}/.kube/config", &["--context=dev"]),
        ("second:{home}/.kube/config", &["--context=prod"]),
        ("::second:missing:", &["--context=dev"]),
        ("second", &[]),
        ("octal", &[]),
        ("doubled", &[]),
        ("number", &[]),
    ] {
        let mut place = Place::new();
        place.write("home/a/.kube/config", crate::kube::CONFIG).write("srv/app/second", SECOND);
        place.write(
            "srv/app/octal",
            "current-context: 010\ncontexts: [{name: '8', context: {namespace: eight}}]\n",
        );
        place.write(
            "srv/app/doubled",
            "current-context: a\ncontexts: [{name: a, context: {}}, {name: a, context: {namespace: b}}]\n",
        );
        place.write(
            "srv/app/number",
            "current-context: 12\ncontexts: [{name: '12', context: {namespace: twelve}}]\n",
        );
        place.write("srv/app/nobody", "current-context: a\ncontexts: [{name: a, context: {user: gone}}]\n");
        place.set("KUBECONFIG", list.replace("{home}", place.home.to_str().unwrap()));
        let command = [&["config", "view", "--minify", "--output=json"], arguments].concat();
        let Some(output) = run(&place, "kubectl_agrees", "kubectl", &command) else { return };
        let ambient = place.read(Kind::KubeContext, &options(arguments));
        let case = format!("{list} {arguments:?}: {ambient:?} against {output:?}");
        let view: Option<Value> =
            output.status.success().then(|| serde_json::from_slice(&output.stdout).unwrap());
        match view {
            // What kubectl refuses must not look known; what it reads we may call unreadable, never read otherwise.
            None => assert!(unreadable(&ambient), "{case}"),
            Some(_) if unreadable(&ambient) => panic!("needlessly unreadable: {case}"),
            Some(view) => {
                let context = &view["contexts"][0]["context"];
                assert_eq!(ambient.value("context"), view["current-context"].as_str(), "{case}");
                assert_eq!(ambient.value("cluster"), context["cluster"].as_str(), "{case}");
                let user = context["user"].as_str().filter(|user| !user.is_empty());
                assert_eq!(ambient.value("user"), user, "{case}");
                let namespace = context["namespace"].as_str().unwrap_or("default");
                assert_eq!(ambient.value("namespace"), Some(namespace), "{case}");
                let server = view["clusters"][0]["cluster"]["server"].as_str().unwrap();
                let server = server.replace(":hunter2@", "@").replace("?token=hunter2", "");
                assert_eq!(ambient.value("server"), Some(server.as_str()), "{case}");
            }
        }
    }
}

#[test]
fn kubectl_connects_where_we_say() {
    let config = "current-context: a\ncontexts: [{name: a, context: {cluster: one}}]\n\
        clusters: [{name: one, cluster: {server: 'http://127.0.0.1:1'}}, {name: two, cluster: {server: 'http://127.0.0.1:2'}}, {name: none}]\n";
    let master = [("KUBERNETES_MASTER", "http://127.0.0.1:3")];
    for (environment, config, arguments, port) in [
        (&[][..], config, &[][..], "1"),
        (&[], config, &["--cluster=two"], "2"),
        (&[], config, &["--server=http://127.0.0.1:4"], "4"),
        (&[], config, &["--context=a", "--server=http://127.0.0.1:4", "--cluster=two"], "4"),
        (&master, config, &[], "1"),
        (&master, config, &["--cluster=none"], "3"),
        (&master, "", &[], "3"),
        (&master, "clusters: [{name: one, cluster: {server: 'http://127.0.0.1:1'}}]\n", &[], "3"),
        (&master, "current-context: ~\n", &["--server=http://127.0.0.1:4"], "4"),
        (&[], config, &["--cluster=three"], ""),
    ] {
        let mut place = Place::new();
        place.write("home/a/.kube/config", config);
        for (name, value) in environment {
            place.set(name, *value);
        }
        let command = [&["get", "--raw=/", "--request-timeout=2s"], arguments].concat();
        let Some(output) = run(&place, "kubectl_connects_where_we_say", "kubectl", &command) else { return };
        let ambient = place.read(Kind::KubeContext, &options(arguments));
        let tried = String::from_utf8_lossy(&output.stderr).into_owned();
        let case = format!("{environment:?} {arguments:?}: {ambient:?} against {tried}");
        match ambient.value("server") {
            Some(server) => {
                assert_eq!(server, format!("http://127.0.0.1:{port}"), "{case}");
                assert!(tried.contains(&format!("127.0.0.1:{port} ")), "{case}");
            }
            None => assert!(port.is_empty() && !tried.contains("127.0.0.1"), "{case}"),
        }
    }
}

#[test]
fn docker_agrees() {
    for (environment, current, arguments) in [
        (&[][..], "", &[][..]),
        (&[], "dev", &[]),
        (&[], "dev", &["--context=prod"]),
        (&[], "dev", &["--context=default"]),
        (&[], "nope", &[]),
        (&[], "dev", &["--context=nope"]),
        (&[("DOCKER_CONTEXT", "prod")], "dev", &[]),
        (&[("DOCKER_HOST", "tcp://h:1")], "dev", &[]),
        (&[("DOCKER_HOST", "tcp://h:1"), ("DOCKER_CONTEXT", "prod")], "dev", &[]),
        (&[("DOCKER_HOST", "tcp://h:1")], "dev", &["--context=prod"]),
        (&[("DOCKER_HOST", "tcp://h:1")], "dev", &["--context=default"]),
        (&[("DOCKER_CONTEXT", "prod")], "dev", &["--host=tcp://o:2"]),
        (&[], "dev", &["--host=tcp://o:2", "--context=prod"]),
        (&[("DOCKER_TLS_VERIFY", "1")], "", &[]),
    ] {
        let mut place = Place::new();
        store(&place, "dev", &meta("dev", "unix:///tmp/dev.sock"));
        store(&place, "prod", &meta("prod", "ssh://ops@prod.example"));
        place.write("home/a/.docker/config.json", format!("{{\n\t\"currentContext\": \"{current}\"\n}}"));
        for (name, value) in environment {
            place.set(name, *value);
        }
        let format = "{{.Name}} {{.Endpoints.docker.Host}}";
        let command = [arguments, &["context", "inspect", "--format", format]].concat();
        let Some(output) = run(&place, "docker_agrees", "docker", &command) else { return };
        let ambient = place.read(Kind::DockerContext, &options(arguments));
        let case = format!("{environment:?} {current} {arguments:?}: {ambient:?} against {output:?}");
        if output.status.success() {
            let ours = format!(
                "{} {}",
                ambient.value("context").unwrap_or("?"),
                ambient.value("host").unwrap_or("?")
            );
            assert_eq!(ours, stdout(&output).replace("localhost", "127.0.0.1"), "{case}");
        } else {
            // Without certificates DOCKER_TLS_VERIFY alone fails; that is what `absent` says.
            assert_ne!(ambient.status, Status::Read, "{case}");
        }
    }
}

#[test]
fn docker_folds_keys_as_we_believe() {
    let place = Place::new();
    store(&place, "prod", &meta("prod", "ssh://prod"));
    let config = "{\"currentContext\": \"default\", \"CURRENTCONTEXT\": \"prod\"}";
    place.write("home/a/.docker/config.json", config);
    let Some(output) = run(&place, "docker_folds_keys_as_we_believe", "docker", &["context", "show"]) else {
        return;
    };
    // This is the attack; a reader that knows only the first spelling would see the local engine here.
    assert_eq!(stdout(&output), "prod", "{output:?}");
    assert!(unreadable(&place.read(Kind::DockerContext, &[])));
}

#[test]
fn terraform_agrees() {
    for (environment, arguments) in [
        (&[][..], &[][..]),
        (&[("TF_WORKSPACE", "stage")], &[]),
        (&[("TF_DATA_DIR", "data")], &[]),
        (&[], &["-chdir=../other"]),
        (&[("TF_DATA_DIR", "data")], &["-chdir=../other"]),
        (&[("TF_DATA_DIR", "nowhere")], &[]),
    ] {
        let mut place = Place::new();
        place.write("srv/app/.terraform/environment", "prod\n").write("srv/app/data/environment", " in-data");
        place
            .write("srv/other/.terraform/environment", "other")
            .write("srv/other/data/environment", "other-data");
        for (name, value) in environment {
            place.set(name, *value);
        }
        let command = [arguments, &["workspace", "show"]].concat();
        let Some(output) = run(&place, "terraform_agrees", "terraform", &command) else { return };
        assert!(output.status.success(), "{output:?}");
        let asked: Vec<_> =
            arguments.iter().filter_map(|text| text.strip_prefix('-')?.split_once('=')).collect();
        let ambient = place.read(Kind::TerraformWorkspace, &asked);
        let theirs = stdout(&output);
        let theirs = theirs.lines().last().unwrap_or_default();
        assert_eq!(ambient.value("workspace"), Some(theirs), "{environment:?} {arguments:?} {ambient:?}");
    }
}

/// Repositories of every shape, made by git itself.
fn repositories(test: &str) -> Option<Place> {
    let place = Place::new();
    for arguments in [
        &["init", "--quiet", "--initial-branch=main", "../outer"][..],
        &["init", "--quiet", "--initial-branch=x/y", "../outer/inner"],
        &["init", "--quiet", "--initial-branch=away", "../away"],
        &["-C", "../away", "config", "core.worktree", "../../outer"],
        &["init", "--quiet", "--initial-branch=sep", "--separate-git-dir=../separate.git", "../linked"],
        &[
            "-C",
            "../outer",
            "-c",
            "user.name=a",
            "-c",
            "user.email=a@b",
            "commit",
            "--quiet",
            "--allow-empty",
            "-m",
            "x",
        ],
        &["-C", "../outer", "worktree", "add", "--quiet", "-b", "second", "../second"],
    ] {
        let output = run(&place, test, "git", arguments)?;
        assert!(output.status.success(), "{arguments:?} {output:?}");
    }
    Some(place)
}

#[test]
fn git_agrees() {
    let test = "git_agrees";
    let Some(mut place) = repositories(test) else { return };
    std::fs::create_dir_all(place.root.join("srv/outer/deep/.git")).unwrap();
    for (cwd, environment, options) in [
        ("srv/outer", &[][..], &[][..]),
        ("srv/outer/deep", &[], &[]),
        ("srv/outer/inner", &[], &[]),
        ("srv/away", &[], &[]),
        ("srv/linked", &[], &[]),
        ("srv/second", &[], &[]),
        ("srv/app", &[], &[]),
        ("srv/app", &[], &[("C", ".."), ("C", "outer"), ("C", "inner")]),
        ("srv/app", &[("GIT_DIR", "../outer/.git")], &[]),
        ("srv/app", &[("GIT_DIR", "../outer/.git"), ("GIT_WORK_TREE", "../away")], &[]),
        ("srv/app", &[("GIT_DIR", "../outer/.git")], &[("git-dir", "../linked/.git"), ("work-tree", ".")]),
        ("srv/app", &[("GIT_DIR", "nope")], &[]),
    ] {
        place.cwd = place.root.join(cwd);
        place.env.retain(|name, _| name == "HOME");
        for (name, value) in environment {
            place.set(name, *value);
        }
        let spelled = options.iter().flat_map(|(name, value)| match *name {
            "C" => vec!["-C".to_owned(), (*value).to_owned()],
            name => vec![format!("--{name}={value}")],
        });
        let mut arguments: Vec<String> = spelled.collect();
        arguments.extend(["rev-parse", "--absolute-git-dir", "--show-toplevel"].map(str::to_owned));
        let arguments: Vec<&str> = arguments.iter().map(String::as_str).collect();
        let Some(output) = run(&place, test, "git", &arguments) else { return };
        let ambient = place.read(Kind::GitRepository, options);
        let case = format!("{cwd} {environment:?} {options:?}: {ambient:?} against {output:?}");
        if output.status.success() {
            let ours =
                ["repository", "directory"].map(|field| ambient.value(field).unwrap_or("?")).join("\n");
            assert_eq!(ours, stdout(&output), "{case}");
        } else {
            assert_ne!(ambient.status, Status::Read, "{case}");
        }
    }
}

/// Where psql says it tried to connect.
fn psql_tried(output: &Output) -> String {
    let text = String::from_utf8_lossy(&output.stderr);
    text.lines().find(|line| line.contains("connection to server")).unwrap_or(&text).to_owned()
}

#[test]
fn psql_agrees() {
    for (environment, arguments) in [
        (&[][..], &[][..]),
        (&[("PGHOST", "/nonexistent"), ("PGPORT", "7")], &[]),
        (&[("PGHOST", "/nonexistent"), ("PGHOSTADDR", "127.0.0.1"), ("PGPORT", "1")], &[]),
        (&[("PGHOST", "/nonexistent")], &["--host=/other", "--port=2"]),
        (&[("PGPORT", "3")], &["--host=/other", "--dbname=host=/conninfo port=4"]),
        (&[("PGPORT", "3")], &["--host=/other", "--dbname=postgresql://%2Furi:5/x?port=6"]),
        (&[("PGHOST", "/nonexistent")], &["--dbname=host=/one host='/t\\wo' user=x"]),
        (&[("PGHOST", "/nonexistent"), ("PGSERVICE", "prod"), ("PGPORT", "8")], &[]),
        (&[("PGSERVICE", "prod")], &["--dbname=service=pro port=9"]),
        (&[("PGSERVICE", "nope")], &[]),
        (&[], &["--dbname=host='/x"]),
        (&[], &["--dbname=postgresql://%zz/"]),
    ] {
        let mut place = Place::new();
        place.write(
            "home/a/.pg_service.conf",
            "[production]\nhost=/wrong\n[prod]\nhost=/svc\nhost=/late\n[pro]\nhost=/pro\n",
        );
        for (name, value) in environment {
            place.set(name, *value);
        }
        let command = [&["--no-psqlrc", "--no-password", "--command=select 1"], arguments].concat();
        let Some(output) = run(&place, "psql_agrees", "psql", &command) else { return };
        let tried = psql_tried(&output);
        let ambient = place.read(Kind::Postgres, &options(arguments));
        let case = format!("{environment:?} {arguments:?}: {ambient:?} against {tried}");
        let port = ambient.value("port").unwrap_or("?");
        let ours = match ambient.value("host") {
            None => {
                assert!(!tried.contains("connection to server"), "{case}");
                continue;
            }
            // The socket's directory is compiled in, so only its name is compared.
            Some("local-socket") => format!(".s.PGSQL.{port}\""),
            Some(path) if path.starts_with('/') => format!("on socket \"{path}/.s.PGSQL.{port}\""),
            Some(address) => format!("\"{address}\", port {port} "),
        };
        assert!(tried.contains(&ours), "{ours} is not in {case}");
    }
}

#[test]
fn aws_agrees() {
    let config = "[default]\nregion = eu-west-1\n[profile  'a b']\nregion=us-east-1\n[profile static]\nregion = eu-north-1\n\
        output: json\n[profile both]\nregion = config\naws_access_key_id = AKIAFROMCONFIGFILE00\naws_secret_access_key = x\n";
    let credentials = "[static]\naws_access_key_id = AKIAFROMCREDENTIALS1\naws_secret_access_key = x\n\
        [both]\nregion = credentials\naws_access_key_id = AKIAFROMCREDENTIALS2\naws_secret_access_key = x\n";
    let keys = [("AWS_ACCESS_KEY_ID", "AKIAFROMENVIRONMENT3"), ("AWS_SECRET_ACCESS_KEY", "x")];
    for (environment, arguments) in [
        (&[][..], &[][..]),
        (&[("AWS_PROFILE", "a b")], &[]),
        (&[("AWS_PROFILE", "both")], &[]),
        (&[("AWS_DEFAULT_PROFILE", "static"), ("AWS_DEFAULT_REGION", "x")], &[]),
        (&[("AWS_PROFILE", "both")], &["--profile=static"]),
        (&keys, &[]),
        (&[("AWS_PROFILE", "static"), keys[0], keys[1]], &[]),
        (&[keys[0], keys[1]], &["--profile=static"]),
        (&[("AWS_PROFILE", "nope")], &[]),
    ] {
        let mut place = Place::new();
        place.write("home/a/.aws/config", config).write("home/a/.aws/credentials", credentials);
        for (name, value) in environment {
            place.set(name, *value);
        }
        let command = [&["configure", "list"], arguments].concat();
        let Some(output) = run(&place, "aws_agrees", "aws", &command) else { return };
        let ambient = place.read(Kind::AwsProfile, &options(arguments));
        let case = format!("{environment:?} {arguments:?}: {ambient:?} against {output:?}");
        if !output.status.success() {
            assert!(unreadable(&ambient), "{case}");
            continue;
        }
        let theirs = stdout(&output);
        let row = |name: &str| {
            let line = theirs.lines().find(|line| line.trim_start().starts_with(name)).unwrap();
            let cell = line.split([':']).nth(1).filter(|_| line.contains(" : "));
            let cell = cell.or_else(|| line.split_whitespace().nth(1)).unwrap();
            cell.trim().trim_matches('*').to_owned()
        };
        let tail =
            ambient.value("access-key").map_or("<not set>", |key| key.rsplit(".").next().unwrap()).to_owned();
        let region = ambient.value("region").unwrap_or("<not set>").to_owned();
        for (name, ours) in [("access_key", tail), ("region", region)] {
            let theirs = row(name);
            assert!(
                theirs == ours || theirs == "<not" && ours == "<not set>",
                "{name} {theirs} {ours}: {case}"
            );
        }
    }
}
