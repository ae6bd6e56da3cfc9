//! kube-context.

use crate::place::{Place, expect, expect_absent, expect_unreadable};
use remgate::ambient::Kind::KubeContext;

pub(crate) const CONFIG: &str = r#"apiVersion: v1
kind: Config
current-context: dev
clusters:
- name: dev-cluster
  cluster: {server: "https://dev.example:6443", certificate-authority-data: c2VjcmV0}
- name: prod-cluster
  cluster:
    server: https://user:hunter2@prod.example:6443?token=hunter2
    proxy-url: http://proxy.example:3128
contexts:
- name: dev
  context: {cluster: dev-cluster, user: alice, namespace: shop}
- name: prod
  context: {cluster: prod-cluster, user: eks}
users:
- name: alice
  user: {token: hunter2}
- name: eks
  user:
    exec: {apiVersion: client.authentication.k8s.io/v1, command: aws, args: [eks, get-token]}
"#;

fn place() -> Place {
    let place = Place::new();
    place.write("home/a/.kube/config", CONFIG);
    place
}

/// Makes the place look like the inside of a pod.
fn in_pod(place: &mut Place) {
    place.write("var/run/secrets/kubernetes.io/serviceaccount/token", "hunter2");
    place.write("var/run/secrets/kubernetes.io/serviceaccount/namespace", "pod-ns\n");
    place.set("KUBERNETES_SERVICE_HOST", "fd00::1").set("KUBERNETES_SERVICE_PORT", "443");
}

#[test]
fn the_current_context_is_read_with_its_sources() {
    let place = place();
    let ambient = place.read(KubeContext, &[]);
    expect(
        &ambient,
        &[
            ("context", "dev"),
            ("cluster", "dev-cluster"),
            ("server", "https://dev.example:6443"),
            ("namespace", "shop"),
            ("user", "alice"),
            ("credentials", "-"),
            ("hidden-options", "-"),
        ],
    );
    let source = &ambient.fields["context"].source;
    assert_eq!(*source, format!("{}/.kube/config current-context", place.home.display()));
}

#[test]
fn options_come_before_the_file_and_the_last_one_wins() {
    let place = place();
    let ambient = place.read(KubeContext, &[("context", "dev"), ("context", "prod")]);
    expect(
        &ambient,
        &[
            ("context", "prod"),
            ("server", "https://user@prod.example:6443"),
            ("namespace", "default"),
            ("credentials", "exec aws, not run"),
            ("proxy", "http://proxy.example:3128"),
        ],
    );
    assert_eq!(ambient.fields["context"].source, "--context");
    expect(
        &place.read(KubeContext, &[("cluster", "prod-cluster"), ("namespace", "x"), ("user", "eks")]),
        &[("context", "dev"), ("cluster", "prod-cluster"), ("namespace", "x"), ("user", "eks")],
    );
    expect(&place.read(KubeContext, &[("server", "https://other")]), &[("server", "https://other")]);
}

#[test]
fn no_secret_of_the_file_reaches_a_field() {
    for context in ["dev", "prod"] {
        let ambient = place().read(KubeContext, &[("context", context)]);
        assert!(!format!("{ambient:?}").contains("hunter2"), "{ambient:?}");
        assert!(!format!("{ambient:?}").contains("c2VjcmV0"), "{ambient:?}");
    }
}

#[test]
fn of_several_files_the_first_wins_entry_by_entry() {
    let mut place = place();
    place.write(
        "srv/app/first.yaml",
        "contexts: [{name: prod, context: {cluster: dev-cluster}}]\nclusters: [{name: extra, cluster: {server: https://extra}}]\n",
    );
    place.set("KUBECONFIG", format!("first.yaml::missing.yaml:{}/.kube/config", place.home.display()));
    // `prod` is the first file's, whole: no user and no proxy from the second one. `current-context` is the second's.
    expect(
        &place.read(KubeContext, &[("context", "prod")]),
        &[("server", "https://dev.example:6443"), ("user", "-"), ("proxy", "-")],
    );
    expect(&place.read(KubeContext, &[]), &[("context", "dev"), ("user", "alice")]);
    // --kubeconfig puts the list aside.
    expect(
        &place.read(KubeContext, &[("kubeconfig", "first.yaml"), ("cluster", "extra")]),
        &[("context", "-"), ("server", "https://extra")],
    );
}

#[test]
fn names_that_do_not_exist_are_not_guessed() {
    let place = place();
    expect_unreadable(&place.read(KubeContext, &[("context", "nope")]), "context `nope` (from --context)");
    expect_unreadable(&place.read(KubeContext, &[("cluster", "nope")]), "cluster `nope` (from --cluster)");
    expect_unreadable(&place.read(KubeContext, &[("user", "nope")]), "user `nope` (from --user)");
    expect_unreadable(&place.read(KubeContext, &[("kubeconfig", "nope")]), "kubeconfig `nope`");
    place.write("home/a/.kube/config", "current-context: gone\n");
    expect_unreadable(&place.read(KubeContext, &[]), "context `gone`");
    place.write(
        "home/a/.kube/config",
        "current-context: a\ncontexts: [{name: a, context: {cluster: gone}}]\n",
    );
    expect_unreadable(&place.read(KubeContext, &[]), "cluster `gone`");
}

#[test]
fn without_configuration_the_default_is_named_as_one() {
    let mut place = Place::new();
    expect_absent(
        &place.read(KubeContext, &[]),
        &[("server", "http://localhost:8080"), ("namespace", "default"), ("context", "-")],
    );
    place.set("KUBERNETES_MASTER", "https://m");
    expect(&place.read(KubeContext, &[]), &[("server", "https://m")]);
    place.env.remove(std::ffi::OsStr::new("HOME"));
    expect_unreadable(&place.read(KubeContext, &[]), "home directory");
}

#[test]
fn in_a_pod_the_service_account_is_the_target_unless_a_file_chose() {
    let mut place = Place::new();
    in_pod(&mut place);
    let ambient = place.read(KubeContext, &[]);
    expect(&ambient, &[("server", "https://[fd00::1]:443"), ("namespace", "pod-ns")]);
    assert!(!format!("{ambient:?}").contains("hunter2"));
    place.set("POD_NAMESPACE", "from-env");
    expect(&place.read(KubeContext, &[]), &[("namespace", "from-env")]);
    place.write("home/a/.kube/config", CONFIG);
    expect(&place.read(KubeContext, &[]), &[("server", "https://dev.example:6443"), ("namespace", "shop")]);
    // The context `prod` names no namespace: client-go fills it in from the pod.
    expect(&place.read(KubeContext, &[("context", "prod")]), &[("namespace", "from-env")]);
}

#[test]
fn json_with_tabs_is_a_kubeconfig_too() {
    let place = Place::new();
    let json = "{\n\t\"current-context\": \"dev\",\n\t\"contexts\": [{\"name\": \"dev\", \"context\": {\"cluster\": \"c\"}}],\n\t\"clusters\": [{\"name\": \"c\", \"cluster\": {\"server\": \"https://c\"}}]\n}\n";
    place.write("home/a/.kube/config", json);
    expect(&place.read(KubeContext, &[]), &[("context", "dev"), ("server", "https://c")]);
}

#[test]
fn what_kubectl_could_read_otherwise_is_refused() {
    for (config, words) in [
        ("current-context: 010\n", "`current-context` is not text"),
        ("current-context: on\n", "`current-context` is not text"),
        ("current-context: dev\ncurrent-context: prod\n", "line 2: a key stands twice"),
        ("{\"current-context\": \"dev\", \"current-context\": \"prod\"}", "a key stands twice"),
        ("current-context: [dev]\n", "`current-context` is not text"),
        ("current-context: dev\n---\ncurrent-context: prod\n", "more than one document"),
        ("current-context: a\ncontexts: {a: b}\n", "`contexts` is not a list"),
        ("current-context: a\ncontexts: [{name: a, context: b}]\n", "`context` is not a map"),
        ("current-context: a\ncontexts: [{name: a}, {name: a}]\n", "two entries of one name"),
        ("- a\n", "the document is not a map"),
        ("current-context: \"a\n", "not valid YAML"),
        ("current-context: !!binary ZGV2\n", "a tag"),
    ] {
        let place = Place::new();
        place.write("home/a/.kube/config", config);
        expect_unreadable(&place.read(KubeContext, &[]), words);
    }
}

#[test]
fn a_preferences_file_is_reported_because_it_adds_options() {
    let mut place = place();
    place.write("home/a/.kube/kuberc", "defaults: []\n");
    let path = place.home.join(".kube/kuberc");
    expect(&place.read(KubeContext, &[]), &[("hidden-options", path.to_str().unwrap())]);
    place.set("KUBERC", "off");
    expect(&place.read(KubeContext, &[]), &[("hidden-options", "-")]);
    place.set("KUBERC", "").set("KUBECTL_KUBERC", "false");
    expect(&place.read(KubeContext, &[]), &[("hidden-options", "-")]);
}
