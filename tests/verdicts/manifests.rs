//! What the eyes make of manifests, and what rules make of what they saw.

use crate::judged::{contents, judged_there};
use remgate::command::Action;
use remgate::decide::Verdict;
use remgate::rules::{Book, Examples, Layer, SourceFile, Trust};
use std::path::Path;

/// A tool of its own, so that nothing depends on what a pack says of kubectl.
const RULES: &str = r#"
[[tool]]
name      = "shopctl"
operation = 1
value     = ["-f --filename", "-k --kustomize"]
switch    = ["-R --recursive"]

[[rule]]
id          = "shop.apply"
match       = ["shopctl apply --filename=<what:manifest> [--recursive]", "shopctl apply --kustomize=<what:kustomization>", "shopctl apply < <what:manifest>"]
where       = { what = ["configmap", "deployment", "service"] }
effect      = "none"
examples    = ["shopctl apply -f x.yaml", "shopctl apply <<< '{\"apiVersion\": \"v1\", \"kind\": \"Service\"}'"]
near-misses = ["shopctl apply <<< '{\"apiVersion\": \"v1\", \"kind\": \"ClusterRole\"}'"]

[[rule]]
id          = "shop.rights"
any         = ["shopctl apply --filename=<what:manifest>", "shopctl apply --kustomize=<what:kustomization>", "shopctl apply < <what:manifest>"]
where       = { what = ["clusterrole*", "pod-privileged"] }
effect      = "permissions"
scope       = "service"
rollback    = "none"
examples    = ["shopctl apply <<< '{\"apiVersion\": \"v1\", \"kind\": \"ClusterRole\"}'"]
near-misses = ["shopctl apply <<< '{\"apiVersion\": \"v1\", \"kind\": \"Service\"}'"]
"#;

fn book() -> Book {
    let mut book = Book::new();
    for program in ["cat", "cd", "tee"] {
        book.add_pack_of(program).expect("a proven pack");
    }
    let (layer, trust) = (Layer::User, Trust::Full);
    let file = SourceFile { name: "shop.toml".to_owned(), text: RULES.to_owned(), layer, trust };
    book.add(&file, Examples::Check).expect("rules without a problem");
    book
}

fn write(place: &Path, name: &str, text: &str) {
    let path = place.join(name);
    std::fs::create_dir_all(path.parent().expect("a directory")).expect("a directory");
    std::fs::write(path, text).expect("a file");
}

fn object(kind: &str) -> String {
    format!("apiVersion: v1\nkind: {kind}\nmetadata: {{name: x}}\n")
}

#[test]
#[expect(clippy::too_many_lines, reason = "a table, one row a case")]
fn manifests_are_read_where_kubectl_reads_them() {
    let place = tempfile::tempdir().expect("a directory");
    let here = place.path();
    write(here, "web.yaml", &format!("{}---\n{}", object("Deployment"), object("Service")));
    write(here, "role.yaml", &object("ClusterRoleBinding"));
    write(here, "pod.json", r#"{"apiVersion":"v1","kind":"Deployment","spec":{"hostPID":true}}"#);
    write(here, "bad.yaml", "kind: {{ .Values.kind }}\n");
    write(here, "flat/a.yaml", &object("Service"));
    write(here, "flat/b.txt", "not a manifest");
    write(here, "flat/below/c.yml", &object("ClusterRole"));
    write(here, "half/a.yaml", &object("ClusterRole"));
    std::os::unix::fs::symlink("nowhere", here.join("half/b.yaml")).expect("a link");
    write(here, "base/kustomization.yaml", "resources: [../web.yaml]\n");
    write(here, "over/kustomization.yml", "resources: [../base]\nconfigMapGenerator: [{name: x}]\n");
    write(here, "evil/Kustomization", "resources: [../base, ../role.yaml]\n");
    write(here, "loop/kustomization.yaml", "resources: [../loop]\n");
    write(here, "far/kustomization.yaml", "resources: ['https://example.com/x.yaml', ../base]\n");
    write(here, "chart/kustomization.yaml", "helmCharts: [{name: x}]\n");
    write(here, "patch/kustomization.yaml", "resources: [../base]\npatches: [{path: p.yaml}]\n");
    write(here, "patch/p.yaml", "spec: {template: {spec: {hostNetwork: true}}}\n");
    write(here, "two/kustomization.yaml", "resources: [../base]\n");
    write(here, "two/kustomization.yml", "resources: [../base]\n");
    rustix::fs::mknodat(
        rustix::fs::CWD,
        here.join("fifo.yaml"),
        rustix::fs::FileType::Fifo,
        rustix::fs::Mode::RUSR,
        0,
    )
    .expect("a fifo");
    let book = book();
    let mut wrong = Vec::new();
    for (text, verdict, classes) in [
        ("shopctl apply -f web.yaml", Verdict::Run, "deployment service"),
        ("shopctl apply -f role.yaml", Verdict::TwoPerson, "clusterrolebinding"),
        (
            "shopctl apply -f web.yaml -f role.yaml",
            Verdict::TwoPerson,
            "clusterrolebinding; deployment service",
        ),
        ("shopctl apply -f pod.json", Verdict::TwoPerson, "deployment pod-privileged"),
        ("shopctl apply -f bad.yaml", Verdict::Confirm, "unreadable"),
        ("shopctl apply -f flat", Verdict::Run, "service"),
        ("shopctl apply -R -f flat", Verdict::TwoPerson, "clusterrole service"),
        ("shopctl apply -f half", Verdict::Confirm, "unknown"),
        ("shopctl apply -f fifo.yaml", Verdict::Confirm, "unknown"),
        ("shopctl apply -f missing.yaml", Verdict::Confirm, "unknown"),
        ("shopctl apply -f /dev/stdin", Verdict::Confirm, "unknown"),
        ("shopctl apply -f https://example.com/x.yaml", Verdict::Confirm, "remote"),
        ("shopctl apply -f \"$x\"", Verdict::Confirm, "unknown"),
        ("shopctl apply -f w*.yaml", Verdict::Confirm, "unknown"),
        ("shopctl apply -f -", Verdict::Confirm, "unknown"),
        ("cat web.yaml | shopctl apply -f -", Verdict::Confirm, "unknown"),
        ("shopctl apply -f - < web.yaml", Verdict::Run, "deployment service; deployment service"),
        ("shopctl apply -f - < role.yaml", Verdict::TwoPerson, "clusterrolebinding; clusterrolebinding"),
        ("shopctl apply < web.yaml", Verdict::Run, "deployment service"),
        ("shopctl apply -f - <<'E'\napiVersion: v1\nkind: Service\nE\n", Verdict::Run, "service; service"),
        (
            "shopctl apply -f - <<'E'\napiVersion: v1\nkind: ClusterRole\nE\n",
            Verdict::TwoPerson,
            "clusterrole; clusterrole",
        ),
        // Where `cd` fails, it starts here.
        ("cd flat && shopctl apply -f a.yaml", Verdict::Confirm, "unknown"),
        ("cd flat && shopctl apply -f ../web.yaml", Verdict::Confirm, "unknown"),
        ("(cd / && shopctl apply -f WEB)", Verdict::Run, "deployment service"),
        ("cd \"$d\" && shopctl apply -f web.yaml", Verdict::Confirm, "unknown"),
        ("sudo shopctl apply -f web.yaml", Verdict::Confirm, "unknown"),
        ("shopctl apply -k base", Verdict::Run, "deployment service"),
        ("shopctl apply -k over", Verdict::Run, "configmap deployment service"),
        ("shopctl apply -k evil", Verdict::TwoPerson, "clusterrolebinding deployment service"),
        ("shopctl apply -k loop", Verdict::Confirm, "unreadable"),
        ("shopctl apply -k far", Verdict::Confirm, "deployment remote service"),
        ("shopctl apply -k chart", Verdict::Confirm, "unreadable"),
        ("shopctl apply -k patch", Verdict::TwoPerson, "deployment pod-privileged service"),
        ("shopctl apply -k two", Verdict::Confirm, "unknown"),
        ("shopctl apply -k https://example.com/x", Verdict::Confirm, "remote"),
        ("shopctl apply -k github.com/x/y?ref=z", Verdict::Confirm, "unknown"),
        // Nothing is read where no rule asks.
        ("shopctl delete -f web.yaml", Verdict::Confirm, ""),
    ] {
        let text = text.replace("WEB", &here.join("web.yaml").display().to_string());
        let judgement = judged_there(&text, here, &book);
        let found = (judgement.verdict, contents(&judgement));
        if found != (verdict, classes.to_owned()) {
            let why = judgement.commands.last().and_then(|judged| judged.standing.1.clone());
            wrong.push(format!("{text}: {} [{}] {}", found.0, found.1, why.unwrap_or_default()));
        }
    }
    assert!(wrong.is_empty(), "{} rows:\n{}", wrong.len(), wrong.join("\n"));
}

/// What was read is shown and recorded, and what a here-document holds is not said twice.
#[test]
fn what_was_read_is_shown_and_recorded() {
    let place = tempfile::tempdir().expect("a directory");
    write(place.path(), "web.yaml", &object("Deployment"));
    let text = "shopctl apply -f web.yaml";
    let judgement = judged_there(text, place.path(), &book());
    let action = Action::Shell(std::ffi::OsString::from(text).into());
    let look = remgate::report::Look::PLAIN;
    let page = remgate::report::explain::draw(&action, &judgement, look, 100);
    assert!(page.contains("contents   web.yaml: deployment"), "{page}");
    let json = serde_json::Value::Object(remgate::report::judgement::to_json(&judgement));
    let seen = &json["commands"][0]["contents"];
    assert_eq!(
        *seen,
        serde_json::json!([{ "as": "manifest", "file": "web.yaml", "classes": ["deployment"], "why": null }])
    );
}
