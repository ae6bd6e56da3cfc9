//! Manifests: which kinds of objects stand in a text of YAML or JSON.
//!
//! In: a text as kubectl would read it. Out: every document's `kind` in small letters, lists unrolled, and what the
//! content says beyond it (`pod-privileged`, `replicas-zero`). Never: a kind out of a text of which kubectl could read
//! another one - keys that stand twice, separators that YAML and kubectl cut differently.

use super::Contents;
use crate::ambient::tree::Node;
use crate::ambient::yaml;
use std::collections::BTreeSet;

/// What one file may hold; beyond that nobody reads what they apply.
const LONGEST: usize = 1 << 20;
const DOCUMENTS: usize = 10_000;

/// A pod that reaches beyond its own namespaces.
const PRIVILEGED: &str = "pod-privileged";
/// Something is scaled to nothing.
const ZERO: &str = "replicas-zero";

/// The classes of a text.
#[must_use]
pub fn classes(text: &[u8]) -> Contents {
    match read(text) {
        Ok(classes) => Contents::known(classes),
        Err(why) => Contents::unreadable(why),
    }
}

fn read(text: &[u8]) -> Result<BTreeSet<String>, String> {
    let documents = documents(text)?;
    let mut classes = BTreeSet::new();
    for document in documents.iter().filter(|document| **document != Node::Null) {
        object(document, &mut classes, None)?;
    }
    if classes.is_empty() { Err("no object in it".to_owned()) } else { Ok(classes) }
}

/// The documents of a text that YAML and kubectl cut alike.
pub(super) fn documents(text: &[u8]) -> Result<Vec<Node>, String> {
    if text.len() > LONGEST {
        return Err("more than 1 MiB".to_owned());
    }
    let text = std::str::from_utf8(text).map_err(|_| "not UTF-8".to_owned())?;
    // kubectl cuts at every line that begins with `---` and drops the rest of it; YAML goes on reading there. A line
    // of dots and a directive mean something to one of them alone.
    let strange = |line: &str| {
        let separator = line.strip_prefix("---").map(str::trim_start);
        separator.is_some_and(|rest| !rest.is_empty() && !rest.starts_with('#'))
            || line.starts_with("...")
            || line.starts_with('%')
    };
    if text.contains('\u{0}') || text.lines().any(strange) {
        return Err("a separator that readers take differently".to_owned());
    }
    yaml::documents(text, DOCUMENTS).map_err(|(line, fault)| format!("line {line}: {fault}"))
}

/// One object, or a list of them. In a list of one kind the items need not say which.
fn object(node: &Node, classes: &mut BTreeSet<String>, implied: Option<&str>) -> Result<(), String> {
    let Node::Map(entries) = node else { return Err("a document that is no object".to_owned()) };
    // Go's reader takes `Kind` for `kind`.
    for (key, _) in entries {
        let small = key.to_ascii_lowercase();
        if ["apiversion", "kind", "items", "spec"].contains(&small.as_str())
            && !["apiVersion", "kind", "items", "spec"].contains(&key.as_str())
        {
            return Err(format!("the key `{key}`"));
        }
    }
    let kind = match (node.get("apiVersion"), node.get("kind"), implied) {
        (Some(Node::Text(_)), Some(Node::Text(kind)), _) => kind.to_ascii_lowercase(),
        (None, None, Some(implied)) => implied.to_owned(),
        (_, _, _) => return Err("an object without `apiVersion` and `kind`".to_owned()),
    };
    if kind.is_empty() || !kind.chars().all(|c| c.is_ascii_alphanumeric()) {
        return Err("a `kind` that is no name".to_owned());
    }
    match (kind.strip_suffix("list"), node.get("items")) {
        (Some(of), Some(Node::List(items))) => {
            let implied = Some(of).filter(|of| !of.is_empty());
            if items.is_empty() {
                classes.insert(kind.clone());
            }
            items.iter().try_for_each(|item| object(item, classes, implied))
        }
        (Some(_), Some(_)) => Err("a list whose items are none".to_owned()),
        (Some(_) | None, _) => {
            // A schema only speaks of such fields.
            if kind != "customresourcedefinition" {
                classes.extend(beyond(node).map(str::to_owned));
            }
            classes.insert(kind);
            Ok(())
        }
    }
}

/// What the fields of an object or patch say beyond its kind, wherever they stand.
pub(super) fn beyond(node: &Node) -> impl Iterator<Item = &'static str> + use<> {
    let mut found = BTreeSet::new();
    let mut rest = vec![node];
    while let Some(node) = rest.pop() {
        match node {
            Node::Map(entries) => {
                for (key, value) in entries {
                    found.extend(field(key, value));
                    rest.push(value);
                }
            }
            Node::List(items) => rest.extend(items),
            Node::Null | Node::Text(_) | Node::Typed(_) => {}
        }
    }
    found.into_iter()
}

fn field(key: &str, value: &Node) -> Option<&'static str> {
    let set = match value {
        Node::Text(word) | Node::Typed(word) => {
            !["false", "False", "FALSE", "no", "off", "n"].contains(&word.as_str())
        }
        Node::Map(_) | Node::List(_) | Node::Null => false,
    };
    let powers = |items: &[Node]| {
        const POWERS: [&str; 9] = [
            "ALL",
            "BPF",
            "DAC_READ_SEARCH",
            "NET_ADMIN",
            "NET_RAW",
            "SYS_ADMIN",
            "SYS_MODULE",
            "SYS_PTRACE",
            "SYS_RAWIO",
        ];
        items.iter().any(|item| match item {
            Node::Text(word) => POWERS.contains(&word.trim_start_matches("CAP_")),
            Node::Typed(_) | Node::Null | Node::List(_) | Node::Map(_) => false,
        })
    };
    match (key, value) {
        ("hostPID" | "hostIPC" | "hostNetwork" | "privileged" | "hostUsers", _) if set => {
            (key != "hostUsers").then_some(PRIVILEGED)
        }
        ("hostPath", Node::Map(entries)) if entries.iter().any(|(name, _)| name == "path") => {
            Some(PRIVILEGED)
        }
        ("add", Node::List(items)) if powers(items) => Some(PRIVILEGED),
        ("replicas", Node::Typed(count)) if is_zero(count) => Some(ZERO),
        (_, _) => None,
    }
}

fn is_zero(count: &str) -> bool {
    count.parse::<f64>().is_ok_and(|number| number == 0.0)
        || count.trim_start_matches(['0', 'x', 'o', 'b', '+', '-', '_']).is_empty()
}

#[cfg(test)]
mod tests {
    use super::classes;
    use crate::content::{Contents, UNREADABLE};

    fn found(text: &str) -> Vec<String> {
        classes(text.as_bytes()).classes.into_iter().collect()
    }

    const POD: &str = "apiVersion: v1\nkind: Pod\nmetadata: {name: a}\n";

    #[test]
    fn kinds_are_found_wherever_kubectl_finds_them() {
        for (text, kinds) in [
            (POD, &["pod"][..]),
            (
                "# x\n---\napiVersion: v1\nkind: Service\n---\n# only a comment\n---\napiVersion: apps/v1\nkind: Deployment\n",
                &["deployment", "service"],
            ),
            (
                r#"{"apiVersion":"rbac.authorization.k8s.io/v1","kind":"ClusterRoleBinding"}"#,
                &["clusterrolebinding"],
            ),
            (
                "apiVersion: v1\nkind: List\nitems:\n- apiVersion: v1\n  kind: Secret\n- apiVersion: v1\n  kind: List\n  items:\n  - {apiVersion: v1, kind: Namespace}\n",
                &["namespace", "secret"],
            ),
            (
                "apiVersion: rbac.authorization.k8s.io/v1\nkind: RoleList\nitems:\n- metadata: {name: x}\n",
                &["role"],
            ),
            ("x: &k ClusterRole\napiVersion: v1\nkind: *k\n", &["clusterrole"]),
            ("apiVersion: v1\nkind: 'Secret'\nstringData: {a: \"{{ b }}\"}\n", &["secret"]),
            ("apiVersion: v1\r\nkind: Secret\r\n---\r\napiVersion: v1\r\nkind: Pod\r\n", &["pod", "secret"]),
        ] {
            assert_eq!(found(text), kinds, "{text}");
        }
    }

    #[test]
    fn what_readers_could_take_differently_is_unreadable() {
        for text in [
            "",
            "# nothing\n",
            "just text",
            "- apiVersion: v1\n  kind: Pod\n",
            "kind: Pod\n",
            "apiVersion: v1\nkind: 5\n",
            "apiVersion: v1\nkind: Pod\nkind: ClusterRole\n",
            "apiVersion: v1\nkind: Pod\nKind: ClusterRole\n",
            r#"{"apiVersion":"v1","kind":"Pod","KIND":"ClusterRole"}"#,
            "apiVersion: v1\nkind: Pod\n--- {apiVersion: v1, kind: Secret}\n",
            "apiVersion: v1\nkind: Pod\n---x\napiVersion: v1\nkind: Secret\n",
            "apiVersion: v1\nkind: Pod\n...\napiVersion: v1\nkind: Secret\n",
            "%YAML 1.1\n---\napiVersion: v1\nkind: Pod\n",
            "apiVersion: v1\nkind: {{ .Values.kind }}\n",
            "apiVersion: v1\nkind: \"{{ .Values.kind }}\"\n",
            "{{- if .x }}\napiVersion: v1\nkind: Pod\n{{- end }}\n",
            "apiVersion: v1\nkind: !mine Pod\n",
            "a: &a {kind: ClusterRole}\napiVersion: v1\nkind: Pod\n<<: *a\n",
            "apiVersion: v1\nkind: List\nitems: {a: b}\n",
            "apiVersion: v1\nkind: List\nitems:\n- {kind: Pod}\n",
            "apiVersion: v1\nkind: Pod\n\u{0}\n",
        ] {
            assert_eq!(found(text), [UNREADABLE], "{text}");
        }
        let long = format!("{POD}# {}\n", "x".repeat(1 << 20));
        assert_eq!(found(&long), [UNREADABLE]);
        assert_eq!(found(&format!("---\n{POD}").repeat(10_001)), [UNREADABLE]);
        assert_eq!(found(&format!("---\n{POD}").repeat(9_000)), ["pod"]);
        assert_eq!(classes(b"apiVersion: v1\nkind: \xff\n"), Contents::unreadable("not UTF-8"));
    }

    #[test]
    fn a_pod_that_reaches_its_node_says_so_and_so_does_a_scale_to_nothing() {
        for (spec, class) in [
            ("hostNetwork: true", Some("pod-privileged")),
            ("hostPID: yes", Some("pod-privileged")),
            ("hostIPC: True", Some("pod-privileged")),
            ("containers: [{securityContext: {privileged: true}}]", Some("pod-privileged")),
            ("containers: [{securityContext: {capabilities: {add: [SYS_ADMIN]}}}]", Some("pod-privileged")),
            (
                "containers: [{securityContext: {capabilities: {add: [CAP_ALL, CAP_SYS_PTRACE]}}}]",
                Some("pod-privileged"),
            ),
            ("volumes: [{hostPath: {path: /}}]", Some("pod-privileged")),
            ("replicas: 0", Some("replicas-zero")),
            ("replicas: 00", Some("replicas-zero")),
            ("replicas: -0", Some("replicas-zero")),
            ("replicas: 10", None),
            ("hostNetwork: false", None),
            ("containers: [{securityContext: {capabilities: {add: [NET_BIND_SERVICE]}}}]", None),
        ] {
            let found = found(&format!("apiVersion: v1\nkind: Deployment\nspec:\n  {spec}\n"));
            let wanted: Vec<&str> = ["deployment"].into_iter().chain(class).collect();
            assert_eq!(found, wanted, "{spec}");
        }
        let schema = "apiVersion: v1\nkind: CustomResourceDefinition\nspec: {properties: {privileged: x}}\n";
        assert_eq!(found(schema), ["customresourcedefinition"]);
    }
}
