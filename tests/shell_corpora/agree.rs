//! Two parsers that others wrote, over every line that remgate understands: they must see the same programs, or the table
//! of [`crate::explained`] says whose mistake it is.
//!
//! A program that another parser sees and remgate does not would be a command past the gate. The other way round it is
//! the others' loss, or a word taken for a command; that is looked at as well.

use crate::corpora::{lines, read};
use crate::explained::{Reason, Sight, Who, reason};
use crate::{brush, rable};
use std::collections::{BTreeMap, BTreeSet};

/// The names of programs that remgate reads: those that are the same in every run. Loops are written out turn by turn,
/// so each name counts once.
fn ours(line: &str) -> Option<BTreeSet<String>> {
    let commands = read(line).ok()?;
    let certain = commands.iter().filter(|command| command.words.loose(0).is_none());
    Some(certain.filter_map(|command| command.words.first()?.to_str().map(str::to_owned)).collect())
}

fn compare(test: &str, name: &str) {
    let Some(lines) = lines(test, name) else { return };
    let mut explained: BTreeMap<(Who, Reason), Vec<&str>> = BTreeMap::new();
    let (mut compared, mut unexplained) = (0, Vec::new());
    for line in &lines {
        let Some(ours) = ours(line) else { continue };
        for (who, theirs) in [(Who::Brush, brush::programs(line)), (Who::Rable, rable::programs(line))] {
            compared += 1;
            let theirs: Option<BTreeSet<_>> = theirs.map(|names| names.into_iter().collect());
            if theirs.as_ref() == Some(&ours) {
                continue;
            }
            let sight = Sight { who, line, ours: &ours, theirs: theirs.as_ref() };
            match reason(&sight) {
                Some(reason) => explained.entry((who, reason)).or_default().push(line),
                None => unexplained.push(format!("{sight}")),
            }
        }
    }
    println!(
        "{name}: {compared} comparisons, {} disagreements",
        explained.values().map(Vec::len).sum::<usize>()
    );
    for ((who, reason), lines) in &explained {
        println!("{:>6} {who:?}: {}", lines.len(), reason.0);
        lines.iter().take(2).for_each(|line| println!("          {}", line.escape_debug()));
    }
    unexplained.iter().take(60).for_each(|line| println!("{line}"));
    assert!(unexplained.is_empty(), "{name}: {} disagreements are not explained", unexplained.len());
}

#[test]
fn other_parsers_agree_on_nl2bash() {
    compare("other_parsers_agree_on_nl2bash", "nl2bash.jsonl");
}

#[test]
fn other_parsers_agree_on_tldr() {
    compare("other_parsers_agree_on_tldr", "tldr.jsonl");
}

#[test]
fn other_parsers_agree_on_runbooks() {
    compare("other_parsers_agree_on_runbooks", "runbooks-unlabelled.jsonl");
}
