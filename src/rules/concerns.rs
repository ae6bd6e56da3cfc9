//! Which programs an entry can change the verdict of, so that a call needs to read only those entries.
//!
//! Rules tie programs together: `cp|mv <src>... <dst>` names two, and a rule that `replaces` another one touches that
//! one's programs too. Programs that are tied, directly or by way of others, form a group; every entry about one of a
//! group concerns them all. Most groups are one program and its aliases.

use super::book::Book;
use std::collections::BTreeSet;

/// The groups of tied programs in a book, aliases included.
#[derive(Clone, Debug, Default)]
pub struct Groups(Vec<BTreeSet<String>>);

impl Groups {
    /// The groups of everything in `book`, plus what `ties` says.
    #[must_use]
    pub fn of(book: &Book, ties: impl IntoIterator<Item = BTreeSet<String>>) -> Self {
        let mut groups = Self::default();
        for tool in book.tools() {
            groups.tie(std::iter::once(&tool.name).chain(&tool.aliases).cloned().collect());
        }
        for rule in book.rules() {
            groups.tie(rule.patterns.iter().map(|pattern| pattern.program.clone()).collect());
        }
        for tie in ties {
            groups.tie(tie);
        }
        groups
    }

    /// Makes one group of everything that shares a name with `names`.
    fn tie(&mut self, mut names: BTreeSet<String>) {
        self.0.retain(|group| {
            let apart = group.is_disjoint(&names);
            if !apart {
                names.extend(group.iter().cloned());
            }
            apart
        });
        self.0.push(names);
    }

    /// The group of `program`; itself where nothing ties it.
    #[must_use]
    pub fn around(&self, program: &str) -> BTreeSet<String> {
        let group = self.0.iter().find(|group| group.contains(program));
        group.cloned().unwrap_or_else(|| BTreeSet::from([program.to_owned()]))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ties_join_groups_that_share_a_name() {
        let mut groups = Groups::default();
        for tie in [&["a", "b"][..], &["c"], &["d", "e"], &["b", "d"]] {
            groups.tie(tie.iter().map(|name| (*name).to_owned()).collect());
        }
        assert_eq!(groups.around("e"), ["a", "b", "d", "e"].map(str::to_owned).into());
        assert_eq!(groups.around("c"), ["c".to_owned()].into());
        assert_eq!(groups.around("x"), ["x".to_owned()].into());
    }
}
