//! A kustomization: which files and directories it takes in, and which kinds it makes by itself.
//!
//! In: the text of a `kustomization.yaml`. Out: [`Parts`] for the eyes to follow. Never: disk, or silence about a field
//! that could bring in something else - plugins, charts and what is not in the list are refused.

use super::manifest;
use crate::ambient::tree::Node;
use std::collections::BTreeSet;

/// The names under which kustomize looks, in no order: it refuses a directory with two of them.
pub const NAMES: [&str; 3] = ["kustomization.yaml", "kustomization.yml", "Kustomization"];

/// What a kustomization is made of.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Parts {
    /// Files and directories that it takes in, as written.
    pub resources: Vec<String>,
    /// Files with patches, as written.
    pub patches: Vec<String>,
    /// Classes of what it makes by itself.
    pub classes: BTreeSet<String>,
}

/// Fields that change names, labels and images of what is there, and never what kind it is.
const HARMLESS: [&str; 15] = [
    "apiVersion",
    "buildMetadata",
    "commonAnnotations",
    "commonLabels",
    "crds",
    "generatorOptions",
    "images",
    "kind",
    "labels",
    "metadata",
    "namePrefix",
    "nameSuffix",
    "namespace",
    "openapi",
    "sortOptions",
];

/// Reads one kustomization; `Err` says in one clause why it cannot be followed.
///
/// # Errors
/// The text is no kustomization, or has a field that could bring in anything.
pub fn read(text: &[u8]) -> Result<Parts, String> {
    let mut documents = manifest::documents(text)?;
    let (Some(Node::Map(entries)), true) = (documents.pop(), documents.is_empty()) else {
        return Err("a kustomization that is no single map".to_owned());
    };
    let mut parts = Parts::default();
    for (key, value) in &entries {
        match key.as_str() {
            "resources" | "bases" | "components" => parts.resources.extend(texts(key, value)?),
            "patchesStrategicMerge" => {
                for patch in texts(key, value)? {
                    parts.patch(patch)?;
                }
            }
            "patches" | "patchesJson6902" => {
                for patch in list(key, value)? {
                    parts.entry(patch)?;
                }
            }
            "configMapGenerator" => parts.generated(key, value, "configmap")?,
            "secretGenerator" => parts.generated(key, value, "secret")?,
            "replicas" => {
                list(key, value)?;
                let zero =
                    manifest::beyond(&Node::Map(vec![("x".to_owned(), counts(value))])).map(str::to_owned);
                parts.classes.extend(zero);
            }
            harmless if HARMLESS.contains(&harmless) => {}
            other => return Err(format!("the field `{other}` of a kustomization")),
        }
    }
    Ok(parts)
}

/// `replicas: [{name: web, count: 0}]` as the field that it sets.
fn counts(value: &Node) -> Node {
    let Node::List(items) = value else { return Node::Null };
    let count = |item: &Node| {
        Node::Map(vec![("replicas".to_owned(), item.get("count").cloned().unwrap_or(Node::Null))])
    };
    Node::List(items.iter().map(count).collect())
}

impl Parts {
    fn generated(&mut self, key: &str, value: &Node, kind: &str) -> Result<(), String> {
        if !list(key, value)?.is_empty() {
            self.classes.insert(kind.to_owned());
        }
        Ok(())
    }

    /// One entry of `patches`: a file, or the patch itself. What it targets is there already.
    fn entry(&mut self, node: &Node) -> Result<(), String> {
        match (node.get("path"), node.get("patch")) {
            (Some(Node::Text(path)), None) => self.patches.push(path.clone()),
            (None, Some(Node::Text(patch))) => self.classes.extend(patch_classes(patch.as_bytes())?),
            (_, _) => return Err("a patch that is neither a file nor a text".to_owned()),
        }
        Ok(())
    }

    /// Of `patchesStrategicMerge` an entry is a path or, over several lines, the patch itself.
    fn patch(&mut self, text: String) -> Result<(), String> {
        match text.contains('\n') {
            true => self.classes.extend(patch_classes(text.as_bytes())?),
            false => self.patches.push(text),
        }
        Ok(())
    }
}

/// What a patch says beyond the kind of what it changes: a strategic merge, or a list of JSON 6902 operations.
///
/// # Errors
/// It is neither.
pub fn patch_classes(text: &[u8]) -> Result<BTreeSet<String>, String> {
    let documents = manifest::documents(text)?;
    let mut classes = BTreeSet::new();
    for document in &documents {
        classes.extend(manifest::beyond(document).map(str::to_owned));
        let Node::List(operations) = document else { continue };
        for operation in operations {
            // `{op: replace, path: /spec/replicas, value: 0}`
            let (Some(Node::Text(path)), Some(value)) = (operation.get("path"), operation.get("value"))
            else {
                continue;
            };
            let last = path
                .rsplit('/')
                .find(|part| part.parse::<u32>().is_err() && *part != "-")
                .unwrap_or_default();
            let set = Node::Map(vec![(last.to_owned(), value.clone())]);
            classes.extend(manifest::beyond(&set).map(str::to_owned));
        }
    }
    Ok(classes)
}

fn list<'n>(key: &str, value: &'n Node) -> Result<&'n [Node], String> {
    match value {
        Node::List(items) => Ok(items),
        Node::Null => Ok(&[]),
        Node::Text(_) | Node::Typed(_) | Node::Map(_) => Err(format!("`{key}` is not a list")),
    }
}

fn texts(key: &str, value: &Node) -> Result<Vec<String>, String> {
    let text = |item: &Node| match item {
        Node::Text(text) => Ok(text.clone()),
        Node::Typed(_) | Node::Null | Node::List(_) | Node::Map(_) => {
            Err(format!("`{key}` holds something else than text"))
        }
    };
    list(key, value)?.iter().map(text).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_kustomization_tells_what_it_takes_in_and_what_it_makes() {
        let parts = read(
            b"resources: [deploy.yaml, ../base]\ncomponents: [c]\nnamePrefix: x-\nimages: [{name: a, newTag: b}]\n\
              secretGenerator: [{name: s}]\nconfigMapGenerator: []\npatches: [{path: p.yaml, target: {kind: Role}}]\n\
              replicas: [{name: web, count: 0}]\n",
        )
        .unwrap();
        assert_eq!(parts.resources, ["deploy.yaml", "../base", "c"]);
        assert_eq!(parts.patches, ["p.yaml"]);
        assert_eq!(parts.classes, ["replicas-zero", "secret"].map(str::to_owned).into());
    }

    #[test]
    fn patches_say_what_they_set() {
        for (text, classes) in [
            ("patches: [{patch: 'spec: {hostNetwork: true}'}]", &["pod-privileged"][..]),
            ("patches: [{patch: '[{op: replace, path: /spec/replicas, value: 0}]'}]", &["replicas-zero"]),
            (
                "patches: [{patch: '[{op: add, path: /spec/x, value: {privileged: true}}]'}]",
                &["pod-privileged"],
            ),
            ("patchesStrategicMerge: [\"spec:\\n  hostPID: true\\n\"]", &["pod-privileged"]),
            (
                "patches: [{patch: '[{op: add, path: /spec/volumes/-, value: {hostPath: {path: /}}}]'}]",
                &["pod-privileged"],
            ),
        ] {
            let found = read(text.as_bytes()).unwrap().classes;
            assert_eq!(found.into_iter().collect::<Vec<_>>(), classes, "{text}");
        }
    }

    #[test]
    fn what_could_bring_in_anything_is_refused() {
        for text in [
            "helmCharts: [{name: x}]",
            "generators: [g.yaml]",
            "transformers: [t.yaml]",
            "validators: [v.yaml]",
            "replacements: [{path: r.yaml}]",
            "vars: []",
            "resources: {a: b}",
            "resources: [5]",
            "patches: [{path: a, patch: b}]",
            "- a",
            "",
            "a: 1\n---\nb: 2\n",
        ] {
            assert!(read(text.as_bytes()).is_err(), "{text}");
        }
    }
}
