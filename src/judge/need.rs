//! What a command needs besides people agreeing: what its rules require, filled in.
//!
//! In: the matching rules, and the command as it was read. Out: [`Need`]s. Never: a probe that could look elsewhere than
//! the command acts, that holds a word which only the run knows, or that leaves out a word of the command. Nobody asks
//! such a probe, and two people are asked instead.
//!
//! The gate starts probes before anybody agreed to anything. So of the caller's words they hold what a rule captured, and
//! the options and variables that say where: no more than a command that only reads may have without being asked about.

#[cfg(test)]
mod tests;

use super::{Bench, Judged, Matched, Surroundings, matched};
use crate::command::{Added, Command, EnvironmentEdit, Given, Influence, Stdin, influence};
use crate::content::sql::{self, Dialect};
use crate::decide::{Standing, Verdict};
use crate::facts::Effect;
use crate::rules::{Circumstances, Pattern, Place, Probe, Requirement, Template};
use crate::tools::{Reading, Role, Tool};
use std::collections::BTreeMap;
use std::ffi::{OsStr, OsString};
use std::os::unix::ffi::OsStrExt;

/// What must be true, besides people agreeing, before the command may start.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Need {
    /// The caller must give a reason or a ticket.
    Said(Requirement),
    /// People of these groups must agree.
    Approvers(Vec<String>),
    /// This read-only command must succeed: the stated symptom is there.
    Trigger(Query),
    /// This read-only command must list at most so many objects.
    Probe(Query, Option<u32>),
}

/// A read-only command to ask, or in one clause why nobody can.
pub type Query = Result<Inquiry, String>;

/// A read-only command of a rule, filled in, and what stands around it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Inquiry {
    /// Its words; the first one names the program.
    pub argv: Vec<OsString>,
    /// Variables that say where, as they stand in front of the command: set or unset.
    pub environment: Vec<EnvironmentEdit>,
}

/// A command, and everything that says where it acts.
pub(super) struct Scene<'s> {
    pub(super) command: &'s Command,
    pub(super) reading: Option<&'s Reading<'s>>,
    pub(super) seen: &'s Surroundings,
    pub(super) at: &'s Circumstances,
    pub(super) bench: &'s Bench<'s>,
}

/// Everything that the matching rules require.
pub(super) fn of(matched: &[Matched], scene: &Scene<'_>) -> Vec<(Need, String)> {
    let mut needs = Vec::new();
    let Some(reading) = scene.reading else { return needs };
    let asker = Asker { scene, reading };
    for matched in matched {
        let rule = &matched.rule;
        let id = rule.id.to_string();
        needs.extend(rule.require.iter().map(|requirement| (Need::Said(*requirement), id.clone())));
        if !rule.approvers.is_empty() {
            needs.push((Need::Approvers(rule.approvers.clone()), id.clone()));
        }
        if let Some(trigger) = &rule.trigger {
            needs.push((Need::Trigger(asker.symptom(trigger, matched)), id.clone()));
        }
        if let Some(probe) = &rule.probe {
            needs.push((Need::Probe(asker.reach(probe, matched), probe.max), id));
        }
    }
    needs
}

/// The least verdict where a reach that a rule wants to know cannot be known.
pub(super) fn floor(needs: &[(Need, String)]) -> Verdict {
    let unknown = needs.iter().any(|(need, _)| matches!(need, Need::Probe(Err(_), _)));
    if unknown { Verdict::TwoPerson } else { Verdict::Run }
}

/// A probe counts what is there now. Beside another command that changes something that number means nothing:
/// `kubectl label pods --all x=1 && kubectl delete pods -l x=1`.
pub(super) fn beside_others(commands: &mut [Judged]) {
    let changes = |judged: &Judged| {
        judged.standing.0 != Standing::Known
            || judged.facts.effects().any(|(effect, _)| effect != Effect::None)
    };
    let changing: Vec<usize> =
        commands.iter().enumerate().filter(|(_, judged)| changes(judged)).map(|(at, _)| at).collect();
    for (at, judged) in commands.iter_mut().enumerate() {
        if changing.iter().all(|other| *other == at) {
            continue;
        }
        for (need, _) in &mut judged.needs {
            if let Need::Probe(query @ Ok(_), _) = need {
                *query = Err("another command beside it may change what is there".to_owned());
            }
        }
        judged.verdict = judged.verdict.max(floor(&judged.needs));
    }
}

type Captured = BTreeMap<String, Vec<OsString>>;

struct Asker<'s> {
    scene: &'s Scene<'s>,
    reading: &'s Reading<'s>,
}

impl Asker<'_> {
    /// A `trigger`. Asked of another program, where the symptom shows is for the rule to know.
    fn symptom(&self, template: &Template, matched: &Matched) -> Query {
        let argv = self.fill(template, &matched.captures)?;
        match self.same_tool(&argv) {
            Some(_) => self.there(argv, &matched.captures),
            None => Ok(Inquiry { argv, environment: Vec::new() }),
        }
    }

    /// A `probe`. What the pattern does not account for could make the command reach further than what is counted.
    fn reach(&self, probe: &Probe, matched: &Matched) -> Query {
        let (pattern, captures) = matched
            .rule
            .accounting(self.reading, &matched.captures)
            .ok_or("the rule does not account for every word of the command")?;
        let mut captures = matched::owned(&captures);
        for name in probe.command.captures() {
            if let Some(text) = name.strip_suffix(Template::ROWS) {
                let query = self.rows(pattern, text, &captures, probe.max)?;
                captures.insert(name.to_owned(), vec![query.into()]);
            }
        }
        let argv = self.fill(&probe.command, &captures)?;
        self.there(argv, &captures)
    }

    /// The query for `<name.rows>`: one row more than are allowed is as good as all.
    fn rows(
        &self,
        pattern: &Pattern,
        name: &str,
        captures: &Captured,
        max: Option<u32>,
    ) -> Result<String, String> {
        let words = captures.get(name).map(Vec::as_slice).unwrap_or_default();
        let stdin = pattern.stdin.as_ref().is_some_and(|(known, _)| known == name);
        let text = match (words, &self.scene.command.stdin) {
            ([word], _) => {
                self.certain([word])?;
                word.as_bytes()
            }
            ([], Stdin::Text(text)) if stdin => text,
            ([], _) => return Err("nobody knows what comes on standard input".to_owned()),
            ([_, _, ..], _) => return Err("there are several texts".to_owned()),
        };
        let most = max.map_or(u64::MAX, |max| u64::from(max).saturating_add(1));
        let dialect = self.reading.tool.dialect.unwrap_or(Dialect::Generic);
        sql::rows(text, dialect, most).map_err(|why| format!("its rows cannot be counted: {why}"))
    }

    /// Refuses words that only the run knows: `kubectl get pods -l '$x'` finds nothing.
    fn certain<'w>(&self, words: impl IntoIterator<Item = &'w OsString>) -> Result<(), String> {
        match words.into_iter().find(|word| self.reading.looseness(word).is_some()) {
            Some(word) => Err(format!("`{}` is known only when it runs", word.to_string_lossy())),
            None => Ok(()),
        }
    }

    fn fill(&self, template: &Template, captures: &Captured) -> Result<Vec<OsString>, String> {
        self.certain(template.captures().filter_map(|name| captures.get(name)).flatten())?;
        let borrowed = captures
            .iter()
            .map(|(name, words)| (name.clone(), words.iter().map(OsString::as_os_str).collect()))
            .collect();
        let filled = template.fill(&borrowed);
        filled.ok_or_else(|| "the words of the command do not fit into it".to_owned())
    }

    /// The command's own tool, where these words call it.
    fn same_tool(&self, argv: &[OsString]) -> Option<&Tool> {
        let name = argv.first()?.to_str()?;
        Some(self.reading.tool).filter(|tool| tool.answers_to(name))
    }

    /// The question as it must be asked where the command acts.
    fn there(&self, argv: Vec<OsString>, captures: &Captured) -> Query {
        if let Some(why) = self.strange_program() {
            return Err(why);
        }
        let outer = self.moved()?;
        let inner = argv.strip_prefix(outer.as_slice()).map(<[OsString]>::to_vec);
        let mut inner = inner.ok_or_else(|| {
            format!(
                "`{}` takes the command elsewhere, and the probe not",
                outer.join(OsStr::new(" ")).to_string_lossy()
            )
        })?;
        let environment = self.variables(&outer)?;
        // Behind `cd`, which may fail, there are at least two.
        if !matches!(self.scene.command.directories.as_slice(), [Some(own)] if own.as_os_str().is_empty()) {
            return Err("it may start in another directory".to_owned());
        }
        match self.same_tool(&inner) {
            Some(tool) => {
                let targets = self.reading.target_words();
                inner.splice(1..1, targets);
                self.same_place(&Reading::new(tool, &inner), captures)?;
            }
            None => self.handed_over(&inner)?,
        }
        let argv = outer.into_iter().chain(inner).collect();
        Ok(Inquiry { argv, environment })
    }

    /// Why the program may be another one than the probe would start.
    fn strange_program(&self) -> Option<String> {
        let program =
            self.scene.command.words.first().map(|word| self.scene.bench.caller.search.program(word));
        program.and_then(|program| program.foreign).or_else(|| self.scene.seen.doubt.clone())
    }

    /// The words of the wrappers that take the command to another user, host or container. They are the caller's own,
    /// and `docker exec`, `ssh` and `sudo` start what they please: a probe goes there only where its rule says the same.
    fn moved(&self) -> Result<Vec<OsString>, String> {
        let mut outer = Vec::new();
        for taken in &self.scene.command.wrappers {
            if taken.adds.contains(&Added::StdinOperands) {
                return Err("words of the command come on standard input".to_owned());
            }
            // Whatever a wrapper may add one day takes the command elsewhere, but for what only ends it or lets it go.
            let moves = taken.adds.iter().any(|added| !matches!(added, Added::Interrupted | Added::Detached));
            if moves && taken.given == Given::Text {
                return Err(format!("`{}` takes the command elsewhere", taken.name));
            }
            if moves {
                outer.extend(taken.words.iter().cloned());
            }
        }
        Ok(outer)
    }

    /// The variables in front of the command that say where.
    fn variables(&self, outer: &[OsString]) -> Result<Vec<EnvironmentEdit>, String> {
        let own = |name: &OsStr| self.reading.tool.variables.iter().any(|known| name == known.as_str());
        let mut kept = Vec::new();
        for edit in &self.scene.command.environment {
            let influence = edit.name().map_or(Influence::Unknown, influence);
            let place = influence == Influence::Place || edit.name().is_some_and(own);
            match edit {
                EnvironmentEdit::Set(..) | EnvironmentEdit::Unset(_) if place => kept.push(edit.clone()),
                EnvironmentEdit::Set(..) | EnvironmentEdit::Unset(_) | EnvironmentEdit::Unsure(_)
                    if influence == Influence::Display => {}
                EnvironmentEdit::Set(..)
                | EnvironmentEdit::Unset(_)
                | EnvironmentEdit::Unsure(_)
                | EnvironmentEdit::Clear => {
                    return Err("the variables in front of the command may change what it reaches".to_owned());
                }
            }
        }
        // `sudo` drops some of them, and `sudo PGHOST=x psql` sets them behind it.
        match kept.is_empty() || outer.is_empty() {
            true => Ok(kept),
            false => Err("variables and another user, host or container stand in front".to_owned()),
        }
    }

    /// A probe by the same tool looks where the command acts, and no rule knows it to change anything.
    fn same_place(&self, probe: &Reading<'_>, captures: &Captured) -> Result<(), String> {
        let targets = self.reading.options.iter().filter(|given| given.spec.role == Role::Target);
        self.certain(
            targets.filter_map(|given| given.value).map(OsStr::to_owned).collect::<Vec<_>>().iter(),
        )?;
        let (own, asked) = (self.reading.targets(), probe.targets());
        let elsewhere = |key: &String| Err(format!("its `{key}` is not the command's"));
        // Of an option that is given twice, the last counts.
        if let Some((key, _)) =
            own.iter().find(|(key, values)| asked.get(*key).and_then(|values| values.last()) != values.last())
        {
            return elsewhere(key);
        }
        for (key, values) in asked.iter().filter(|(key, _)| !own.contains_key(*key)) {
            let here = matches!(self.scene.at.places.get(key), Some(Place::Known(known)) if known == values);
            let captured = |value: &String| captures.values().flatten().any(|word| word == value.as_str());
            if !here && !values.iter().all(captured) {
                return elsewhere(key);
            }
        }
        let changes = |effect: &Effect| !matches!(effect, Effect::None | Effect::Disclosure);
        let rules = self.scene.bench.book.rules().iter().filter(|rule| rule.effects.iter().any(changes));
        match rules.into_iter().find(|rule| rule.matches(probe, self.scene.at).is_some()) {
            Some(rule) => Err(format!("the probe itself would change something (rule `{}`)", rule.id)),
            None => Ok(()),
        }
    }

    /// Another tool knows nothing of the command's options: what they say must stand in the probe by way of captures.
    fn handed_over(&self, argv: &[OsString]) -> Result<(), String> {
        let targets = self.reading.options.iter().filter(|given| given.spec.role == Role::Target);
        let mut lost = targets.filter(|given| {
            let named = |word: &OsString| {
                let bytes = word.as_bytes();
                let value = given.value.map(OsStr::as_bytes);
                let joined = bytes
                    .iter()
                    .position(|byte| *byte == b'=')
                    .and_then(|at| bytes.get(at.saturating_add(1)..));
                value.is_some() && (value == Some(bytes) || value == joined)
            };
            !argv.iter().any(named)
        });
        match lost.next() {
            Some(given) => Err(format!("the probe knows nothing of `{}`", given.spec.canonical())),
            None => Ok(()),
        }
    }
}
