//! The option lists of the packs against the help of the real tools. A switch described as taking a value would hide the
//! next word from every rule.

use remgate::rules::Book;
use remgate::tools::{Arity, Tool};
use std::process::Command;

/// What `program operation --help` prints; `None` where the program is not installed, which CI does not allow.
fn help(test: &str, program: &str, operation: &[&str]) -> Option<String> {
    #[expect(
        clippy::disallowed_methods,
        reason = "a test compares with the real tool; the gate itself starts nothing"
    )]
    let output = Command::new(program)
        .args(operation)
        .arg("--help")
        .env("HOME", "/nonexistent")
        .env("KUBECONFIG", "/nonexistent/config")
        .output();
    match output {
        Ok(output) => Some(String::from_utf8_lossy(&output.stdout).into_owned()),
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

/// `-n, --namespace=''` and `    --all=false`: names, and whether the default is a truth value.
fn kubectl_option(line: &str) -> Option<(Vec<&str>, bool)> {
    let (names, default) = line.strip_prefix("    ")?.strip_suffix(':')?.split_once('=')?;
    let names: Vec<_> = names.split(", ").collect();
    names.iter().all(|name| name.starts_with('-')).then_some((names, matches!(default, "true" | "false")))
}

/// `  -f, --filter filter   Filter output`: names, and whether a type stands behind them.
fn docker_option(line: &str) -> Option<(Vec<&str>, bool)> {
    let text = line.strip_prefix("  ")?.trim_start();
    let (head, _) = text.split_once("   ").or_else(|| text.split_once("  ")).unwrap_or((text, ""));
    let mut parts = head.split(' ');
    let mut names = vec![];
    let mut typed = false;
    for part in parts.by_ref() {
        match part.trim_end_matches(',') {
            name if name.starts_with('-') => names.push(name),
            _ => typed = true,
        }
    }
    names.iter().any(|name| name.starts_with("--")).then_some((names, !typed))
}

/// Compares every option that both know, and returns how many these were and what only the help knows.
fn compare<'h>(
    tool: &Tool,
    operation: &[&str],
    help: &'h str,
    option: impl Fn(&'h str) -> Option<(Vec<&'h str>, bool)>,
) -> (usize, Vec<&'h str>) {
    let mut compared = 0;
    let mut strange = vec![];
    for (names, switch) in help.lines().filter_map(option) {
        for name in names {
            let Some(spec) = tool.option(operation, name) else {
                strange.push(name);
                continue;
            };
            compared += 1;
            let fits = match spec.arity {
                Arity::Switch => switch,
                Arity::Value => !switch,
                Arity::Optional => true, // only joined, so it hides nothing
            };
            assert!(fits, "{} {operation:?} {name}: the pack says {:?}", tool.name, spec.arity);
        }
    }
    (compared, strange)
}

fn check(
    program: &str,
    operations: &[&str],
    few: usize,
    option: impl for<'h> Fn(&'h str) -> Option<(Vec<&'h str>, bool)>,
) {
    let mut book = Book::new();
    book.add_pack_of(program).expect("a proven pack");
    let tool = book.tool(program).expect("its entry");
    let mut total = 0;
    for operation in operations {
        let words: Vec<_> = operation.split(' ').collect();
        let Some(text) = help("arity", program, &words) else { return };
        let (compared, strange) = compare(tool, &words, &text, &option);
        if !strange.is_empty() {
            println!("{program} {operation}: not in the pack, so never run unasked: {strange:?}");
        }
        total += compared;
    }
    assert!(total >= few, "only {total} options of {program} were compared");
}

/// The operations whose help is read.
const KUBECTL: &[&str] = &[
    "get",
    "describe",
    "logs",
    "top pod",
    "top node",
    "events",
    "wait",
    "diff",
    "explain",
    "kustomize",
    "apply",
    "create",
    "create secret generic",
    "create configmap",
    "create deployment",
    "create job",
    "create cronjob",
    "create ingress",
    "create role",
    "create clusterrolebinding",
    "create quota",
    "create token",
    "run",
    "expose",
    "delete",
    "edit",
    "patch",
    "replace",
    "label",
    "annotate",
    "scale",
    "autoscale",
    "set image",
    "set env",
    "set resources",
    "set subject",
    "rollout restart",
    "rollout undo",
    "rollout status",
    "cordon",
    "drain",
    "taint",
    "exec",
    "attach",
    "cp",
    "debug",
    "port-forward",
    "proxy",
    "auth can-i",
    "auth reconcile",
    "certificate approve",
    "config view",
    "cluster-info dump",
    "api-resources",
    "version",
];

#[test]
fn kubectl_takes_values_where_the_pack_says() {
    check("kubectl", KUBECTL, 500, kubectl_option);
}

/// The operations whose help is read.
const DOCKER: &[&str] = &[
    "ps",
    "images",
    "search",
    "events",
    "stats",
    "version",
    "info",
    "inspect",
    "logs",
    "run",
    "create",
    "exec",
    "start",
    "stop",
    "restart",
    "kill",
    "attach",
    "rm",
    "rmi",
    "build",
    "pull",
    "push",
    "commit",
    "cp",
    "load",
    "save",
    "update",
    "login",
    "container ls",
    "container inspect",
    "container prune",
    "image ls",
    "image history",
    "image prune",
    "network ls",
    "network create",
    "network connect",
    "network rm",
    "volume ls",
    "volume create",
    "volume rm",
    "volume prune",
    "system df",
    "system prune",
    "builder prune",
    "context ls",
    "node ls",
    "node update",
    "service ls",
    "service logs",
    "service ps",
    "service scale",
    "stack deploy",
    "stack ps",
    "swarm join-token",
    "swarm ca",
    "plugin ls",
    "secret ls",
];

#[test]
fn docker_takes_values_where_the_pack_says() {
    check("docker", DOCKER, 200, docker_option);
}
