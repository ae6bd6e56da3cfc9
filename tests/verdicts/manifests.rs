//! What the eyes make of manifests, and what rules make of what they saw.

use crate::judged::{contents, judged_there};
use remgate::command::Action;
use remgate::decide::Verdict::{self, Confirm, Run, TwoPerson};
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

/// A kubeconfig whose one user has these credentials.
fn kubeconfig(user: &str) -> String {
    format!(
        "apiVersion: v1\nkind: Config\ncurrent-context: c\ncontexts: [{{name: c, context: {{cluster: c, user: u}}}}]\n\
         clusters: [{{name: c, cluster: {{server: 'https://192.0.2.1'}}}}]\nusers: [{{name: u, user: {user}}}]\n"
    )
}

/// What the pack of kubectl makes of the kinds: verdicts, and effects that must be among the facts.
#[test]
#[expect(clippy::too_many_lines, reason = "a table, one row a case")]
fn kubectl_is_judged_by_what_stands_in_manifests() {
    let place = tempfile::tempdir().expect("a directory");
    let here = place.path();
    write(here, "place/kube", &kubeconfig("{token: x}"));
    let file = |name: &str, kinds: &[&str]| {
        let objects: Vec<String> = kinds.iter().map(|kind| object(kind)).collect();
        write(here, name, &objects.join("---\n"));
    };
    file("app.yaml", &["Deployment", "Service", "ConfigMap"]);
    file("rbac-frontend.yaml", &["Deployment"]);
    file("aws-auth.yaml", &["ConfigMap"]);
    file("binding.yaml", &["ClusterRoleBinding"]);
    file("secret.yaml", &["Secret"]);
    file("way.yaml", &["Ingress"]);
    file("set.yaml", &["StatefulSet"]);
    file("place.yaml", &["Namespace"]);
    file("kafka.yaml", &["Kafka"]);
    file("pool.yaml", &["MachineConfig"]);
    file("odd.yaml", &["Gadget"]);
    file("odd-binding.yaml", &["Gadget", "RoleBinding"]);
    write(here, "zero.yaml", &format!("{}spec: {{replicas: 0}}\n", object("Deployment")));
    write(here, "host.yaml", &format!("{}spec: {{hostPID: true}}\n", object("Deployment")));
    write(here, "template.yaml", "kind: {{ .Values.kind }}\n");
    write(here, "base/kustomization.yaml", "resources: [../app.yaml]\n");
    write(here, "over/kustomization.yaml", "resources: [../base, ../binding.yaml]\n");
    write(here, "made/kustomization.yaml", "resources: [../base]\nsecretGenerator: [{name: x}]\n");
    let mut wrong = Vec::new();
    for (text, verdict, effects) in [
        // An application is one person's business, whatever its file is called.
        ("kubectl apply -f app.yaml", Confirm, "isolated availability"),
        ("kubectl create -f app.yaml", Confirm, "isolated"),
        ("kubectl apply -f rbac-frontend.yaml", Confirm, "isolated"),
        ("kubectl apply -k base", Confirm, "isolated availability"),
        ("kubectl apply -f set.yaml", Confirm, "isolated availability"),
        ("kubectl apply -f zero.yaml", Confirm, "isolated availability"),
        ("kubectl apply -f kafka.yaml", Confirm, "isolated availability"),
        ("kubectl apply -f place.yaml", Confirm, "isolated availability"),
        ("kubectl apply -f odd.yaml", Confirm, "isolated"),
        ("kubectl create -f way.yaml", Confirm, "isolated"),
        ("kubectl delete -f rbac-frontend.yaml", Confirm, "isolated availability"),
        ("kubectl apply -f - < rbac-frontend.yaml", Confirm, "isolated"),
        ("kubectl apply -f - <<'E'\napiVersion: v1\nkind: Pod\nE\n", Confirm, "isolated"),
        // Rights, secrets, ways and data are two persons', wherever they stand.
        ("kubectl apply -f binding.yaml", TwoPerson, "isolated permissions"),
        ("kubectl apply -f app.yaml -f binding.yaml", TwoPerson, "isolated availability permissions"),
        ("kubectl apply -f odd-binding.yaml", TwoPerson, "isolated permissions"),
        ("kubectl apply -f rbac-frontend.yaml,binding.yaml", TwoPerson, "isolated availability permissions"),
        ("kubectl apply --no-such-option -f binding.yaml", TwoPerson, "isolated permissions"),
        ("kubectl patch -f binding.yaml -p '{}'", TwoPerson, "availability permissions"),
        ("kubectl apply -k over", TwoPerson, "isolated availability permissions"),
        ("kubectl apply -f host.yaml", TwoPerson, "isolated permissions"),
        ("kubectl apply -f aws-auth.yaml", TwoPerson, "isolated permissions"),
        ("kubectl apply -f - < binding.yaml", TwoPerson, "isolated permissions"),
        ("kubectl apply -f secret.yaml", TwoPerson, "isolated secrets"),
        ("kubectl apply -k made", TwoPerson, "isolated availability secrets"),
        ("kubectl apply -f way.yaml", TwoPerson, "isolated routing"),
        ("kubectl apply -f pool.yaml", TwoPerson, "isolated availability"),
        ("kubectl replace -f kafka.yaml", TwoPerson, "isolated availability data"),
        ("kubectl delete -f set.yaml", TwoPerson, "isolated availability data"),
        ("kubectl delete -f place.yaml", TwoPerson, "isolated availability data"),
        ("kubectl delete -f app.yaml", TwoPerson, "isolated availability routing"),
        ("kubectl delete -k over", TwoPerson, "isolated availability routing permissions"),
        // What nobody can read is named by its name alone, and what could be read in two ways is anything.
        ("kubectl apply -f missing.yaml", Confirm, "isolated availability"),
        ("kubectl apply -f missing-rbac.yaml", TwoPerson, "isolated availability permissions"),
        ("kubectl apply -f template.yaml", TwoPerson, "isolated availability"),
        ("cat app.yaml | kubectl apply -f -", TwoPerson, "isolated availability"),
        ("kubectl apply -f https://example.com/x.yaml", TwoPerson, "isolated disclosure availability"),
        // Readers stay readers.
        ("kubectl diff -f binding.yaml", Run, "none"),
        ("kubectl get -f binding.yaml -o yaml", Run, "none"),
        ("kubectl get -f secret.yaml", Run, "none"),
        ("kubectl get -f secret.yaml -o yaml", Confirm, "disclosure"),
        ("kubectl apply -f binding.yaml --dry-run=server", Run, "none"),
        ("kubectl delete -f place.yaml --dry-run=client", Run, "none"),
        ("kubectl apply view-last-applied -f binding.yaml", Run, "none"),
        ("kubectl apply view-last-applied --filename=binding.yaml", Run, "none"),
        ("kubectl apply view-last-applied -f secret.yaml", Confirm, "disclosure"),
    ] {
        let command = text.replace("kubectl ", "kubectl --kubeconfig place/kube ");
        let judgement = judged_there(&command, here, crate::judged::book());
        let last = judgement.commands.last().expect("a command");
        let found: Vec<&str> = last.facts.effects().map(|(effect, _)| effect.word()).collect();
        if (judgement.verdict, found.join(" ")) != (verdict, effects.to_owned()) {
            let why = last.standing.1.clone().or_else(|| last.surroundings.unreadable.clone());
            let found = found.join(" ");
            wrong.push(format!("{text}: {} [{found}] {}", judgement.verdict, why.unwrap_or_default()));
        }
    }
    assert!(wrong.is_empty(), "{} rows:\n{}", wrong.len(), wrong.join("\n"));
}

/// `--kubeconfig` says where, and readers run with it - but not with a file that starts a program.
#[test]
fn a_kubeconfig_with_a_plugin_makes_no_reader_run() {
    let place = tempfile::tempdir().expect("a directory");
    let exec = "{exec: {apiVersion: client.authentication.k8s.io/v1, command: ./x, interactiveMode: Never}}";
    write(place.path(), "plain.yaml", &kubeconfig("{token: x}"));
    write(place.path(), "plugin.yaml", &kubeconfig(exec));
    for (text, verdict) in [
        ("kubectl --kubeconfig plain.yaml get pods", Run),
        ("kubectl --kubeconfig plugin.yaml get pods", Confirm),
        ("kubectl get pods --kubeconfig=plugin.yaml", Confirm),
        ("KUBECONFIG=plugin.yaml kubectl get pods", Confirm),
        ("export KUBECONFIG=plugin.yaml; kubectl get pods", Confirm),
        ("KUBECONFIG=plain.yaml kubectl get pods", Run),
    ] {
        let judgement = judged_there(text, place.path(), crate::judged::book());
        let why = judgement.commands.last().and_then(|judged| judged.standing.1.clone()).unwrap_or_default();
        assert_eq!(judgement.verdict, verdict, "{text}: {why}");
        assert!(verdict == Run || why.contains("starts a program"), "{text}: {why}");
    }
}
