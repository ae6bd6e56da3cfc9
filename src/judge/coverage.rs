//! What the rules do not know of what people really run.
//!
//! In: judgements, as many as there are lines. Out: how often each program, operation and option was not known. Never:
//! a verdict.

use super::{Judged, Judgement};
use crate::command::Caller;
use crate::decide::Standing;
use crate::rules::Kind;
use std::collections::BTreeMap;

/// How often each thing was seen, by name.
pub type Counts = BTreeMap<String, usize>;

/// How much of many commands the rules know.
#[derive(Clone, Debug, Default)]
pub struct Coverage {
    /// Commands whose program an entry describes.
    pub described: usize,
    /// Commands, and texts, that are opaque: why.
    pub opaque: Counts,
    /// Programs that no entry describes.
    pub programs: Counts,
    /// Commands of described programs whose operation a rule speaks of.
    pub ruled: usize,
    /// Operations of described programs that no rule speaks of: `kubectl foo`.
    pub operations: Counts,
    /// Commands of described programs of which every word is explained.
    pub read: usize,
    /// Words that an entry does not explain: "kubectl get: the option `--foo` is not known".
    pub words: Counts,
}

impl Coverage {
    /// Counts the commands of one action.
    pub fn add(&mut self, judgement: &Judgement, caller: &Caller<'_>) {
        judgement.commands.iter().for_each(|judged| self.command(judged, caller));
    }

    /// All commands that start a program.
    #[must_use]
    pub fn commands(&self) -> usize {
        let counted = |counts: &Counts| counts.values().sum::<usize>();
        self.described.saturating_add(counted(&self.opaque)).saturating_add(counted(&self.programs))
    }

    fn command(&mut self, judged: &Judged, caller: &Caller<'_>) {
        if let Some(opaque) = &judged.command.opaque {
            return count(&mut self.opaque, opaque.reason.clone());
        }
        let Some(program) = judged.command.words.first() else { return };
        let Some(read) = &judged.read else {
            let name = caller.search.program(program).name.map(str::to_owned);
            // `./x` is a path, and no name that a rule could speak of.
            return count(&mut self.programs, name.unwrap_or_else(|| "a path".to_owned()));
        };
        self.described = self.described.saturating_add(1);
        let name = std::iter::once(read.tool.as_str()).chain(read.operation.iter().map(String::as_str));
        let name = name.collect::<Vec<_>>().join(" ");
        self.read = self.read.saturating_add(usize::from(read.unknown.is_empty()));
        for why in &read.unknown {
            count(&mut self.words, format!("{name}: {why}"));
        }
        if judged.standing.0 == Standing::Known || spoken_of(judged) {
            self.ruled = self.ruled.saturating_add(1);
        } else {
            count(&mut self.operations, name);
        }
    }
}

/// Whether a rule names the operation, if not every word of the command. A modifier without words of its own
/// (`kubectl --all-namespaces`) names none.
fn spoken_of(judged: &Judged) -> bool {
    let names = |matched: &super::Matched| match matched.rule.kind {
        Kind::Match => true,
        Kind::Any => matched.rule.patterns.iter().any(|pattern| !pattern.operands.is_empty()),
    };
    judged.matched.iter().any(names)
}

fn count(counts: &mut Counts, name: String) {
    let count = counts.entry(name).or_default();
    *count = count.saturating_add(1);
}
