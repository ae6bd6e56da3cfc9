//! The book: every tool, rule, environment and table row in force for one call.
//!
//! Files are added in the order of their layers: built-in, system, user, project. A file with one problem adds
//! nothing, and the caller then runs nothing.

use super::compact::{self, CallWords};
use super::entries::{self, Entries, Entry};
use super::environment::Environment;
use super::pattern;
use super::policy::{ConfirmBy, Policy};
use super::problem::{Code, Examples, Layer, Problem, SourceFile, Trust, nearest};
use super::proof::{self, Findings, Origin, each};
use super::proof_tool;
use super::raw::{RawRule, Spanned, Text};
use super::rule::{Rule, RuleId};
use super::words;
use crate::command::{Action, Caller, SearchPath, read};
use crate::decide::{Flaw, Row, Table};
use crate::packs;
use crate::tools::{Reading, Tool};
use std::collections::{BTreeMap, BTreeSet};
use std::ops::Range;

/// Every tool, rule, environment and table row in force.
#[derive(Clone, Debug)]
pub struct Book {
    tools: Vec<Tool>,
    rules: Vec<Rule>,
    /// The places of the rules about each program: of the thousands in a whole book a command asks a few.
    about: BTreeMap<String, Vec<usize>>,
    environments: Vec<Environment>,
    table: Table,
    packs: Vec<&'static str>,
    replaced: BTreeSet<RuleId>,
    user_trust: Trust,
    policy: Policy,
    project_tools: Vec<String>,
    ties: Vec<BTreeSet<String>>,
    /// Where packs are taken for one call only: its words.
    call: Option<CallWords>,
}

/// What a file added without problems may still want to say.
pub type Advice = Vec<Problem>;

impl Book {
    /// The book before any file: the built-in table and no tool.
    #[must_use]
    #[expect(clippy::new_without_default, reason = "a book is not a default of anything: it holds verdicts")]
    pub fn new() -> Self {
        Self {
            tools: Vec::new(),
            rules: Vec::new(),
            about: BTreeMap::new(),
            environments: Vec::new(),
            table: Table::proven(crate::decide::built_in_rows()),
            packs: Vec::new(),
            replaced: BTreeSet::new(),
            user_trust: Trust::Full,
            policy: Policy::BUILT_IN,
            project_tools: Vec::new(),
            ties: Vec::new(),
            call: None,
        }
    }

    /// The book for one call: of packs it takes only what can concern these words. Judging another call by it would
    /// miss rules, and so would adding a file that speaks about the packs' tools or rules.
    #[must_use]
    pub fn for_call(words: CallWords) -> Self {
        Self { call: Some(words).filter(|words| !words.are_many()), ..Self::new() }
    }

    /// The rows of a rule file: what the built-in table's own file must give.
    ///
    /// # Errors
    /// The problems of the file.
    pub fn rows_in(text: &str) -> Result<Vec<Row>, Vec<Problem>> {
        let entries = entries::read(text);
        let origin = Origin { text, layer: Layer::BuiltIn, trust: Trust::Full, examples: Examples::Checked };
        let mut findings = Findings { origin, problems: entries.problems };
        let rows = entries.decides.iter().filter_map(|entry| proof::row(entry, &mut findings)).collect();
        if findings.problems.is_empty() { Ok(rows) } else { Err(findings.problems) }
    }

    /// Adds the built-in pack that describes `program`, once. Packs are read only when their tool is called.
    ///
    /// # Errors
    /// The problems of the pack; the tests prove that there are none.
    pub fn add_pack_of(&mut self, program: &str) -> Result<(), Vec<Problem>> {
        let Some(pack) = packs::of(program) else { return Ok(()) };
        self.add_pack(pack, Examples::Checked)
    }

    /// Adds a built-in pack, once: the whole text where its examples are to be checked, else the compact form.
    ///
    /// # Errors
    /// The problems of the pack. Those of the compact form have no place.
    pub fn add_pack(&mut self, pack: &'static packs::Pack, examples: Examples) -> Result<(), Vec<Problem>> {
        if self.packs.contains(&pack.name) {
            return Ok(());
        }
        self.packs.push(pack.name);
        if examples == Examples::Check {
            return self.add(&pack.file(), examples).map(drop);
        }
        let (tools, rules) = compact::entries(pack.compact, self.call.as_ref())
            .map_err(|error| vec![Problem::new(Code::Syntax, error.to_string(), 0..0, "")])?;
        let entries = Entries {
            tools: tools.into_iter().map(|raw| Entry { raw, at: 0..0 }).collect(),
            rules: rules.into_iter().map(|raw| Entry { raw, at: 0..0 }).collect(),
            ..Entries::default()
        };
        let origin = Origin { text: "", layer: Layer::BuiltIn, trust: Trust::Full, examples };
        self.add_entries(entries, origin).map(drop)
    }

    /// Adds one file. Its examples are checked unless they were already.
    ///
    /// # Errors
    /// Every problem of the file; then nothing of it was added.
    pub fn add(&mut self, file: &SourceFile, examples: Examples) -> Result<Advice, Vec<Problem>> {
        let trust = match file.layer {
            Layer::User => file.trust.max(self.user_trust),
            Layer::BuiltIn | Layer::System | Layer::Project => file.trust,
        };
        let origin = Origin { text: &file.text, layer: file.layer, trust, examples };
        self.add_entries(entries::read(&file.text), origin)
    }

    fn add_entries(&mut self, entries: Entries, origin: Origin<'_>) -> Result<Advice, Vec<Problem>> {
        let examples = origin.examples;
        let mut findings = Findings { origin, problems: Vec::new() };
        // A new file may be bad, and the next one is then proven without it; a checked file has nothing to undo.
        let before = (examples == Examples::Check).then(|| self.clone());
        let packs = self.tools_of(&entries, &mut findings);
        self.rules_of(&entries, examples, &mut findings);
        self.replaced_of(&entries, &mut findings);
        let environments = entries.environments.iter();
        self.environments.extend(environments.filter_map(|entry| proof::environment(entry, &mut findings)));
        self.table_of(&entries, &mut findings);
        self.policy_of(&entries, &mut findings);
        let mut problems = entries.problems;
        problems.extend(findings.problems);
        problems.extend(packs.err().unwrap_or_default());
        if problems.iter().any(|problem| problem.code.refuses()) {
            problems.sort_by_key(|problem| problem.at.0.start);
            if let Some(before) = before {
                *self = before;
            }
            return Err(problems);
        }
        self.file_rules();
        Ok(problems)
    }

    fn file_rules(&mut self) {
        self.about.clear();
        for (at, rule) in self.rules.iter().enumerate() {
            let programs: BTreeSet<&str> =
                rule.patterns.iter().map(|pattern| pattern.program.as_str()).collect();
            for program in programs {
                self.about.entry(program.to_owned()).or_default().push(at);
            }
        }
    }

    fn tools_of(&mut self, entries: &Entries, findings: &mut Findings<'_>) -> Result<(), Vec<Problem>> {
        // Every program a rule speaks about must be described before the patterns are read.
        // An alias that a pack describes, too: a file that claims it must be refused when it is checked, not only
        // once somebody calls that program.
        let claimed = entries.tools.iter().flat_map(|entry| {
            std::iter::once(&entry.raw.name).chain(&entry.raw.aliases).map(|name| name.get_ref().as_str())
        });
        let named: BTreeSet<&str> = claimed.chain(programs(entries).map(|(program, _)| program)).collect();
        for program in named {
            self.add_pack_of(program)?;
        }
        for entry in &entries.tools {
            let at = entry.raw.name.span();
            let tool = proof_tool::tool(entry, findings);
            let known = self.tools.iter_mut().find(|known| {
                known.answers_to(&tool.name) || tool.aliases.iter().any(|alias| known.answers_to(alias))
            });
            match known {
                None => {
                    if findings.origin.trust == Trust::TightenOnly {
                        self.project_tools.push(tool.name.clone());
                    }
                    self.tools.push(tool);
                }
                Some(known) if findings.origin.trust == Trust::TightenOnly => {
                    let text = format!("`{}` is already described, and this file only tightens", known.name);
                    findings.push(Problem::new(Code::MayNotLoosen, text, at, "would add to its entry"));
                }
                Some(known) => {
                    let name = known.name.clone();
                    for why in proof_tool::extend(known, tool) {
                        let text = format!("`{name}` is described by an earlier entry: {why}");
                        let help = "a later entry may add options and subcommands, not change them";
                        findings.push(Problem::new(Code::Twice, text, at.clone(), "second entry").help(help));
                    }
                }
            }
        }
        Ok(())
    }

    fn rules_of(&mut self, entries: &Entries, examples: Examples, findings: &mut Findings<'_>) {
        for (program, at) in programs(entries) {
            if self.tools.iter().any(|tool| tool.name == program) {
                continue;
            }
            let problem =
                Problem::new(Code::UnknownTool, format!("no entry describes the tool `{program}`"), at, "");
            let alias = self.tools.iter().find(|tool| tool.answers_to(program));
            let near = alias.map(|tool| tool.name.as_str()).or_else(|| nearest(program, packs::names()));
            findings.push(match near {
                Some(near) => problem.help(format!("did you mean `{near}`?")),
                None => problem.help(format!("add a `[[tool]]` entry with name = \"{program}\"")),
            });
        }
        let taken: BTreeMap<RuleId, Layer> =
            self.rules.iter().map(|rule| (rule.id.clone(), rule.layer)).collect();
        let mut first: BTreeMap<RuleId, Range<usize>> = BTreeMap::new();
        let tools: Vec<&Tool> = self.tools.iter().collect();
        for entry in &entries.rules {
            let sound = findings.problems.len();
            let Some(rule) = proof::rule(entry, &tools, findings) else { continue };
            let at = entry.raw.id.span();
            if let Some(before) = first.get(&rule.id) {
                let text = format!("the rule id `{}` is used twice", rule.id);
                findings.push(
                    Problem::new(Code::Twice, text, at.clone(), "again here")
                        .also(before.clone(), "first here"),
                );
            } else if let Some(layer) = taken.get(&rule.id) {
                let text = format!("the rule id `{}` is taken by a {layer} rule", rule.id);
                findings.push(
                    Problem::new(Code::Twice, text, at.clone(), "")
                        .help("choose another id; `replaces` removes a rule"),
                );
            } else if self.replaced.contains(&rule.id) {
                // Two rules of one name, one removed and one not, would depend on the order of the files.
                let text = format!("a rule with the id `{}` was replaced by an earlier file", rule.id);
                findings.push(
                    Problem::new(Code::Twice, text, at.clone(), "").help("choose another id for this one"),
                );
            }
            // Examples of a rule that could not be read would only say so again.
            let refused = findings.problems.iter().skip(sound).any(|problem| problem.code.refuses());
            if examples == Examples::Check && !refused {
                check_examples(&rule, entry, &tools, findings);
            }
            first.insert(rule.id.clone(), at);
            self.rules.push(rule);
        }
    }

    /// Takes out what the file's rules replace. A replaced rule must concern a program of the replacing one, so that
    /// a call can tell without reading the packs of other tools.
    fn replaced_of(&mut self, entries: &Entries, findings: &mut Findings<'_>) {
        let own: Vec<&Text> = entries.rules.iter().map(|entry| &entry.raw.id).collect();
        for text in entries.rules.iter().flat_map(|entry| &entry.raw.replaces) {
            let id = text.get_ref();
            if let Some(other) = own.iter().find(|own| own.get_ref() == id) {
                // A rule that replaces itself would be gone without a word.
                let text_of = format!("the rule `{id}` is in this very file");
                let problem = Problem::new(Code::Replaces, text_of, text.span(), "would be removed");
                findings.push(problem.also(other.span(), "this rule").help("take one of the two out"));
                continue;
            }
            if self.rules.iter().any(|rule| rule.id.as_str() == id) {
                continue;
            }
            let problem =
                Problem::new(Code::Replaces, format!("there is no rule `{id}` to replace"), text.span(), "");
            findings.push(match nearest(id, self.rules.iter().map(|rule| rule.id.as_str())) {
                Some(near) => problem.help(format!("did you mean `{near}`?")),
                None => problem.help("a rule can only replace rules about its own programs"),
            });
        }
        if findings.origin.trust == Trust::Full {
            let programs = |rule: &Rule| {
                rule.patterns.iter().map(|pattern| pattern.program.clone()).collect::<BTreeSet<_>>()
            };
            for rule in self.rules.iter().filter(|rule| !rule.replaces.is_empty()) {
                // A call about the replaced rule's programs must see the replacing one.
                let replaced = self.rules.iter().filter(|other| rule.replaces.contains(&other.id));
                self.ties.push(programs(rule).into_iter().chain(replaced.flat_map(programs)).collect());
            }
            let gone: Vec<_> = self.rules.iter().flat_map(|rule| rule.replaces.clone()).collect();
            self.rules.retain(|rule| !gone.contains(&rule.id));
            self.replaced.extend(gone);
        }
    }

    fn table_of(&mut self, entries: &Entries, findings: &mut Findings<'_>) {
        let Some(first) = entries.decides.first() else { return };
        let rows: Vec<Row> = entries.decides.iter().filter_map(|entry| proof::row(entry, findings)).collect();
        self.table = match findings.origin.trust {
            Trust::TightenOnly => self.table.raised_by(rows),
            Trust::Full => self.table.replaced_by(rows),
        };
        // A table with one hole has hundreds of cells to tell of; the first few show it.
        for flaw in self.table.flaws().into_iter().take(5) {
            let code = match flaw {
                Flaw::NotTotal(_) => Code::NotTotal,
                Flaw::NotMonotone { .. } | Flaw::TooKind(..) => Code::NotMonotone,
            };
            let problem =
                Problem::new(code, flaw.to_string(), first.at.clone(), "the table that begins here");
            findings.push(problem.help(
                "rows replace the built-in rows of the effects they name, so they must cover these whole",
            ));
        }
    }

    fn policy_of(&mut self, entries: &Entries, findings: &mut Findings<'_>) {
        let Some(policy) = &entries.policy else { return };
        if findings.origin.layer != Layer::System {
            let problem =
                Problem::new(Code::MayNotLoosen, "only the system layer sets policy", policy.at.clone(), "");
            findings.push(problem.help("move `[policy]` to a file in /etc/remgate"));
            return;
        }
        let read = |word: &str| match word {
            "full" => Some(Trust::Full),
            "tighten-only" => Some(Trust::TightenOnly),
            _ => None,
        };
        if let Some(text) = &policy.raw.user_rules {
            let trust = findings.word(text.get_ref(), text.span(), "trust", read, &["full", "tighten-only"]);
            self.user_trust = trust.map_or(self.user_trust, |trust| trust.max(self.user_trust));
        }
        let break_glass = policy.raw.break_glass.as_ref().map(|count| *count.get_ref());
        let mut said = Policy { break_glass, ..Policy::BUILT_IN };
        if let Some(text) = &policy.raw.confirm {
            let words = ["terminal", "signature"];
            let read =
                findings.word(text.get_ref(), text.span(), "way to confirm", Policy::confirm_by, &words);
            said.confirm = read.unwrap_or(ConfirmBy::Signature);
        }
        self.policy.tighten(said);
    }

    /// What the system layer allows.
    #[must_use]
    pub fn policy(&self) -> Policy {
        self.policy
    }

    /// The entry of the tool that `program` names.
    #[must_use]
    pub fn tool(&self, program: &str) -> Option<&Tool> {
        self.tools.iter().find(|tool| tool.answers_to(program))
    }

    /// Whether the entry of `tool` comes from a file that may not make anything known.
    #[must_use]
    pub fn only_tightens(&self, tool: &Tool) -> bool {
        self.project_tools.contains(&tool.name)
    }

    /// Every tool in the book.
    #[must_use]
    pub fn tools(&self) -> &[Tool] {
        &self.tools
    }

    /// Every rule in force.
    #[must_use]
    pub fn rules(&self) -> &[Rule] {
        &self.rules
    }

    /// The rules about the tool of this name, in the order of the book.
    pub fn rules_about(&self, tool: &str) -> impl Iterator<Item = &Rule> {
        self.about.get(tool).into_iter().flatten().filter_map(|at| self.rules.get(*at))
    }

    /// Every environment.
    #[must_use]
    pub fn environments(&self) -> &[Environment] {
        &self.environments
    }

    /// Programs that belong together because a rule about one replaced a rule about the other.
    #[must_use]
    pub fn ties(&self) -> &[BTreeSet<String>] {
        &self.ties
    }

    /// For each `[[tool]]` of a file, the names it claims.
    #[must_use]
    pub fn tools_in(text: &str) -> Vec<BTreeSet<String>> {
        let names = |entry: &Entry<super::raw::RawTool>| {
            std::iter::once(&entry.raw.name)
                .chain(&entry.raw.aliases)
                .map(|name| name.get_ref().clone())
                .collect()
        };
        entries::read(text).tools.iter().map(names).collect()
    }

    /// For each `[[rule]]` of a file, the programs its patterns name.
    #[must_use]
    pub fn rules_in(text: &str) -> Vec<BTreeSet<String>> {
        let names = |entry: &Entry<RawRule>| {
            let words = entry.raw.matches.iter().chain(&entry.raw.any);
            words.flat_map(each).flat_map(|(text, _)| pattern::programs(text).map(str::to_owned)).collect()
        };
        entries::read(text).rules.iter().map(names).collect()
    }

    /// The decision table in force.
    #[must_use]
    pub fn table(&self) -> &Table {
        &self.table
    }
}

/// Every program that the file's rules name, with the place of the pattern.
fn programs(entries: &Entries) -> impl Iterator<Item = (&str, Range<usize>)> {
    let words = entries.rules.iter().flat_map(|entry| entry.raw.matches.iter().chain(&entry.raw.any));
    words
        .flat_map(each)
        .flat_map(|(text, at)| pattern::programs(text).map(move |program| (program, at.clone())))
}

/// Holds a rule against its own examples and near-misses.
fn check_examples(rule: &Rule, entry: &Entry<RawRule>, tools: &[&Tool], findings: &mut Findings<'_>) {
    let pattern =
        entry.raw.matches.as_ref().or(entry.raw.any.as_ref()).map_or(entry.at.clone(), Spanned::span);
    for text in &entry.raw.examples {
        if let Err(why) = matches_text(rule, text.get_ref(), tools) {
            let problem =
                Problem::new(Code::Example, "the rule does not match its own example", text.span(), why);
            findings.push(problem.also(pattern.clone(), "this pattern"));
        }
    }
    for text in &entry.raw.near_misses {
        if matches_text(rule, text.get_ref(), tools).is_ok() {
            let problem = Problem::new(
                Code::NearMiss,
                "the rule matches its own near-miss",
                text.span(),
                "must not match",
            );
            findings.push(problem.also(pattern.clone(), "but this pattern does"));
        }
    }
}

/// Whether the words of `text` match, and if not, the likeliest reason.
fn matches_text(rule: &Rule, text: &str, tools: &[&Tool]) -> Result<(), String> {
    let (argv, stdin) = words::split(text)?;
    let caller = Caller { search: &SearchPath::new(None), variables: &BTreeMap::new() };
    let commands = read(&Action::Argv(argv), &caller);
    let command = commands.first().ok_or("it holds no command")?;
    if let Some(opaque) = &command.opaque {
        return Err(opaque.reason.clone());
    }
    let program = command.words.first().and_then(|word| word.to_str()).ok_or("it names no program")?;
    let tool = tools
        .iter()
        .find(|tool| tool.answers_to(program))
        .ok_or_else(|| format!("no entry describes `{program}`"))?;
    let reading = Reading::new(tool, &command.words);
    if rule.matches_words(&reading, &stdin).is_some() {
        return Ok(());
    }
    let unknown = reading.unknown.first().map(|unknown| unknown.why.clone());
    Err(unknown.unwrap_or_else(|| "a word or option is not accounted for".to_owned()))
}
