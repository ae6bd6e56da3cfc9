//! The log as a Merkle tree (RFC 6962 section 2.1), and the checkpoint that pins its first `size` records.
//!
//! In: record hashes, which are leaf hashes already. Out: the root. Never: a signature - a checkpoint is only as
//! good as the place where it is kept.

use super::RecordHash;
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use sha2::{Digest as _, Sha256};
use std::fmt;

/// A tree that grows leaf by leaf and keeps one hash per complete subtree: 24 hashes for ten million records.
#[derive(Clone, Debug, Default)]
pub(super) struct Tree {
    size: u64,
    peaks: Vec<[u8; 32]>,
}

impl Tree {
    /// Adds the next leaf.
    pub(super) fn push(&mut self, leaf: RecordHash) {
        let mut node = *leaf.bytes();
        // Every trailing one bit of the size is a complete subtree that the new leaf completes further.
        for _ in 0..self.size.trailing_ones() {
            if let Some(left) = self.peaks.pop() {
                node = join(&left, &node);
            }
        }
        self.peaks.push(node);
        self.size += 1;
    }

    /// How many leaves it has.
    pub(super) fn size(&self) -> u64 {
        self.size
    }

    /// The root over all leaves.
    pub(super) fn root(&self) -> [u8; 32] {
        let joined = self.peaks.iter().rev().copied().reduce(|right, left| join(&left, &right));
        joined.unwrap_or_else(|| Sha256::digest(b"").into())
    }
}

fn join(left: &[u8; 32], right: &[u8; 32]) -> [u8; 32] {
    Sha256::new().chain_update([1]).chain_update(left).chain_update(right).finalize().into()
}

/// How long a log is and what it holds, in three lines (C2SP tlog-checkpoint, without signatures).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Checkpoint {
    /// Which log: `remgate/` and the log's random id.
    pub origin: String,
    /// How many records it covers.
    pub size: u64,
    /// The RFC 6962 root over their hashes.
    pub root: [u8; 32],
}

/// Why a text is no checkpoint that this version can use.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum AnchorError {
    /// Not the three lines.
    #[error(
        "it is not a checkpoint: three lines, origin, size in decimal, root in base64; the log was not verified"
    )]
    Shape,
    /// An anchor over nothing would make every log look anchored.
    #[error("it covers no record at all; the log was not verified")]
    Empty,
    /// A signature that nobody checks must not look like one that was checked.
    #[error("it carries signatures, which this version cannot check; the log was not verified")]
    Signed,
}

impl Checkpoint {
    /// Reads a checkpoint.
    ///
    /// # Errors
    /// The text is no checkpoint, covers nothing, or is signed.
    pub fn parse(text: &str) -> Result<Checkpoint, AnchorError> {
        let mut lines = text.split('\n');
        let mut line = || lines.next().filter(|line| !line.is_empty()).ok_or(AnchorError::Shape);
        let (origin, size, root) = (line()?, line()?, line()?);
        let digits = super::record::number(size.as_bytes()).filter(|(_, rest)| rest.is_empty());
        let (size, _) = digits.ok_or(AnchorError::Shape)?;
        let root =
            STANDARD.decode(root).ok().and_then(|root| root.try_into().ok()).ok_or(AnchorError::Shape)?;
        match (lines.next(), lines.next()) {
            (Some(""), None) if size == 0 => Err(AnchorError::Empty),
            (Some(""), None) => Ok(Checkpoint { origin: origin.to_owned(), size, root }),
            (Some(""), Some(signature)) if signature.starts_with('\u{2014}') => Err(AnchorError::Signed),
            _ => Err(AnchorError::Shape),
        }
    }
}

impl fmt::Display for Checkpoint {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(f, "{}\n{}\n{}", self.origin, self.size, STANDARD.encode(self.root))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// RFC 6962's definition, word by word: split at the largest power of two below the size.
    fn by_definition(leaves: &[[u8; 32]]) -> [u8; 32] {
        match leaves {
            [] => Sha256::digest(b"").into(),
            [leaf] => *leaf,
            leaves => {
                let split = leaves.len().next_power_of_two() / 2;
                join(&by_definition(&leaves[..split]), &by_definition(&leaves[split..]))
            }
        }
    }

    #[test]
    fn the_growing_tree_has_the_root_of_the_definition() {
        let (mut tree, mut leaves) = (Tree::default(), Vec::new());
        for count in 0..70u64 {
            assert_eq!((tree.size(), tree.root()), (count, by_definition(&leaves)), "{count} leaves");
            let leaf = RecordHash::of(&count.to_be_bytes());
            tree.push(leaf);
            leaves.push(*leaf.bytes());
        }
    }

    #[test]
    fn roots_agree_with_published_vectors() {
        // The eight leaves and roots of the Certificate Transparency reference tests.
        let leaves: [&[u8]; 3] = [b"", &[0x00], &[0x10]];
        let mut tree = Tree::default();
        leaves.iter().for_each(|leaf| tree.push(RecordHash::of(leaf)));
        let root: String = tree.root().iter().map(|byte| format!("{byte:02x}")).collect();
        assert_eq!(root, "aeb6bcfe274b70a14fb067a5e5578264db0fa9b51af5e0ba159158f329e06e77");
    }

    #[test]
    fn a_checkpoint_reads_back() {
        let checkpoint = Checkpoint { origin: "remgate/00ff".to_owned(), size: 12, root: [7; 32] };
        assert_eq!(Checkpoint::parse(&checkpoint.to_string()), Ok(checkpoint));
    }

    #[test]
    fn what_is_no_checkpoint_is_refused() {
        let root = STANDARD.encode([7; 32]);
        let rows = [
            (String::new(), AnchorError::Shape),
            (format!("o\n12\n{root}"), AnchorError::Shape),
            (format!("o\n012\n{root}\n"), AnchorError::Shape),
            (format!("o\n+12\n{root}\n"), AnchorError::Shape),
            (format!("o\n12\n{}\n", STANDARD.encode([7; 31])), AnchorError::Shape),
            (format!("\n12\n{root}\n"), AnchorError::Shape),
            (format!("o\n12\n{root}\nmore\n"), AnchorError::Shape),
            (format!("o\n0\n{root}\n"), AnchorError::Empty),
            (format!("o\n12\n{root}\n\n\u{2014} key AAAA\n"), AnchorError::Signed),
        ];
        for (text, expected) in rows {
            assert_eq!(Checkpoint::parse(&text), Err(expected), "{text:?}");
        }
    }
}
