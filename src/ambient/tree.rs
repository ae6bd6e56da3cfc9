//! A configuration document, whatever it was written in, with lookups that know which file to blame.
//!
//! In: the nodes that `yaml` and `json` build. Out: text, lists and maps. Never: turns a scalar into text where the
//! tool's own parser could have made something else of it.

use super::Unreadable;

/// One value of a document.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Node {
    /// Nothing: `null`, `~`, or no value.
    Null,
    /// Text to every reader.
    Text(String),
    /// A number, a truth value or a date to some reader, so not to be taken as text.
    Typed(String),
    /// A list.
    List(Vec<Node>),
    /// A map; every key stands once.
    Map(Vec<(String, Node)>),
}

impl Node {
    /// The value of a map's key; nothing where this is no map.
    pub(crate) fn get(&self, key: &str) -> Option<&Node> {
        match self {
            Node::Map(entries) => entries.iter().find(|(name, _)| name == key).map(|(_, node)| node),
            Node::Null | Node::Text(_) | Node::Typed(_) | Node::List(_) => None,
        }
    }

    /// Roughly how many bytes this node takes without its children.
    pub(super) fn shell(&self) -> usize {
        const NODE: usize = 32;
        match self {
            Node::Null | Node::List(_) | Node::Map(_) => NODE,
            Node::Text(text) | Node::Typed(text) => NODE + text.len(),
        }
    }

    /// Roughly how many bytes hang here, keys and children included: what an alias to it costs.
    pub(super) fn weight(&self) -> usize {
        self.shell()
            + match self {
                Node::Null | Node::Text(_) | Node::Typed(_) => 0,
                Node::List(items) => items.iter().map(Node::weight).sum::<usize>(),
                Node::Map(entries) => entries.iter().map(|(key, node)| key.len() + node.weight()).sum(),
            }
    }
}

/// A document and the file it came from.
#[derive(Debug)]
pub(super) struct Document {
    /// The file, for sources and complaints.
    pub(super) path: String,
    /// Its content.
    pub(super) root: Node,
}

impl Document {
    /// The text under `key` of `node`; `None` where it is missing, null or empty.
    pub(super) fn text(&self, node: &Node, key: &str) -> Result<Option<String>, Unreadable> {
        match node.get(key) {
            None | Some(Node::Null) => Ok(None),
            Some(Node::Text(text)) => Ok(Some(text.clone()).filter(|text| !text.is_empty())),
            Some(Node::Typed(_) | Node::List(_) | Node::Map(_)) => Err(self.wrong(key, "text; quote it")),
        }
    }

    /// The list under `key` of `node`; empty where it is missing or null.
    pub(super) fn list<'n>(&self, node: &'n Node, key: &str) -> Result<&'n [Node], Unreadable> {
        match node.get(key) {
            None | Some(Node::Null) => Ok(&[]),
            Some(Node::List(items)) => Ok(items),
            Some(Node::Text(_) | Node::Typed(_) | Node::Map(_)) => Err(self.wrong(key, "a list")),
        }
    }

    /// The map under `key` of `node`; `Null` where it is missing.
    pub(super) fn map<'n>(&self, node: &'n Node, key: &str) -> Result<&'n Node, Unreadable> {
        match node.get(key) {
            None | Some(Node::Null) => Ok(&Node::Null),
            Some(map @ Node::Map(_)) => Ok(map),
            Some(Node::Text(_) | Node::Typed(_) | Node::List(_)) => Err(self.wrong(key, "a map")),
        }
    }

    /// Checks that the document is a map, or empty.
    pub(super) fn checked(self) -> Result<Self, Unreadable> {
        match self.root {
            Node::Null | Node::Map(_) => Ok(self),
            Node::Text(_) | Node::Typed(_) | Node::List(_) => {
                Err(Unreadable::malformed(&self.path, 1, "the document is not a map"))
            }
        }
    }

    fn wrong(&self, key: &str, wanted: &str) -> Unreadable {
        Unreadable::malformed(&self.path, 0, format!("`{key}` is not {wanted}"))
    }
}
