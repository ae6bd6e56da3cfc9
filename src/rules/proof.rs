//! From raw entries to proven ones. Every check that a file must pass stands here or in `proof_tool`.

use super::condition::{Condition, Letters};
use super::entries::Entry;
use super::environment::Environment;
use super::pattern::{self, Content, Flaw, FlawKind, OperandPattern, Pattern, Shape};
use super::problem::{Code, Examples, Layer, Problem, Trust, nearest};
use super::raw::{RawDecide, RawEnvironment, RawRule, Spanned, Text, Texts, Words};
use super::rule::{Kind, Probe, Requirement, Rule, RuleId, Undo};
use super::template::{Part, Template};
use crate::content::Kind as ContentKind;
use crate::decide::{Row, Subject, Verdict};
use crate::facts::{Effect, Rollback, Scope, Tier};
use crate::tools::{Operations, Role, Tool};
use std::collections::{BTreeMap, BTreeSet};
use std::ops::Range;
use wildmatch::WildMatch;

/// Fields of ambient targets and of the caller that a condition may name, besides captures and target options.
pub const PLACE_KEYS: [&str; 20] = [
    "account",
    "actor",
    "backend",
    "cluster",
    "context",
    "database",
    "directory",
    "environment",
    "group",
    "host",
    "namespace",
    "port",
    "profile",
    "project",
    "region",
    "server",
    "service",
    "user",
    "workspace",
    "zone",
];

/// What proving a file needs to know about it.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Origin<'a> {
    pub(crate) text: &'a str,
    pub(crate) layer: Layer,
    pub(crate) trust: Trust,
    pub(crate) examples: Examples,
}

/// Collects problems while an entry is proven.
pub(crate) struct Findings<'a> {
    pub(crate) origin: Origin<'a>,
    pub(crate) problems: Vec<Problem>,
}

impl Findings<'_> {
    pub(crate) fn push(&mut self, problem: Problem) {
        self.problems.push(problem);
    }

    /// A word of a closed set, or a problem that names the nearest one.
    pub(crate) fn word<T>(
        &mut self,
        word: &str,
        at: Range<usize>,
        what: &str,
        read: impl Fn(&str) -> Option<T>,
        known: &[&str],
    ) -> Option<T> {
        let value = read(word);
        if value.is_none() {
            let problem = Problem::new(Code::UnknownWord, format!("`{word}` is no {what}"), at, "");
            self.push(match nearest(word, known.iter().copied()) {
                Some(near) => problem.help(format!("did you mean `{near}`?")),
                None => problem.help(format!("one of: {}", known.join(", "))),
            });
        }
        value
    }

    fn words<T>(
        &mut self,
        words: &Spanned<Words>,
        what: &str,
        read: impl Fn(&str) -> Option<T>,
        known: &[&str],
    ) -> Vec<T> {
        let places = each(words);
        places.into_iter().filter_map(|(word, at)| self.word(word, at, what, &read, known)).collect()
    }

    /// The place of `inner` within the string at `at`; quotes and escapes may move it, then the whole string is it.
    fn within(&self, at: &Range<usize>, whole: &str, inner: &Range<usize>) -> Range<usize> {
        let start = at.start.saturating_add(1);
        let literal = self.origin.text.get(start..start.saturating_add(whole.len())) == Some(whole);
        if literal { start.saturating_add(inner.start)..start.saturating_add(inner.end) } else { at.clone() }
    }

    fn flaw(&mut self, flaw: &Flaw, text: &str, at: &Range<usize>) {
        let code = match flaw.kind {
            FlawKind::Grammar => Code::Pattern,
            FlawKind::UnknownOption => Code::UnknownOption,
        };
        let problem = Problem::new(code, flaw.text.clone(), self.within(at, text, &flaw.at), "here");
        self.push(match &flaw.nearest {
            Some(near) => problem.help(format!("did you mean `{near}`?")),
            None => problem,
        });
    }
}

/// The words of a list with their places; a lone string has the place of the field.
pub(crate) fn each(words: &Spanned<Words>) -> Vec<(&str, Range<usize>)> {
    let place = |word: &Spanned<String>| if word.span().is_empty() { words.span() } else { word.span() };
    words.get_ref().0.iter().map(|word| (word.get_ref().as_str(), place(word))).collect()
}

fn names<T: Copy>(all: &[T], word: impl Fn(T) -> &'static str) -> Vec<&'static str> {
    all.iter().map(|value| word(*value)).collect()
}

/// Proves a rule against the tools it names. What can be proven is returned even where problems were found, so that
/// later checks can still speak about it; the caller refuses the file.
pub(crate) fn rule(entry: &Entry<RawRule>, tools: &[&Tool], findings: &mut Findings<'_>) -> Option<Rule> {
    let raw = &entry.raw;
    let id = RuleId::new(raw.id.get_ref());
    if id.is_none() {
        let text = format!("`{}` is no rule id", raw.id.get_ref());
        let help = "small letters, digits, `-` and `.`, like `kubernetes.rollout-restart`";
        findings.push(Problem::new(Code::Shape, text, raw.id.span(), "").help(help));
    }
    let (kind, words) = kind(raw, entry, findings)?;
    let patterns = patterns(words, tools, findings);
    let exceptions = exceptions(raw, words, kind, tools, findings);
    let rule = Rule {
        id: id?,
        layer: findings.origin.layer,
        trust: findings.origin.trust,
        kind,
        written: each(words).into_iter().map(|(text, _)| text.to_owned()).collect(),
        conditions: {
            classes(&raw.conditions, &patterns, findings);
            classes(&raw.where_not, &patterns, findings);
            conditions(&raw.conditions, &raw.where_not, &captured(&patterns, tools), kind, findings)
        },
        effects: optional_words(
            raw.effect.as_ref(),
            "effect",
            Effect::from_word,
            &names(Effect::ALL, Effect::word),
            findings,
        ),
        scope: optional_word(
            raw.scope.as_ref(),
            "scope",
            Scope::from_word,
            &names(Scope::ALL, Scope::word),
            findings,
        ),
        tier: optional_word(
            raw.tier.as_ref(),
            "tier",
            Tier::from_word,
            &names(Tier::ALL, Tier::word),
            findings,
        ),
        undo: raw.rollback.as_ref().and_then(|text| undo(text, &patterns, findings)),
        why: raw.why.as_ref().map(|why| why.get_ref().clone()),
        replaces: replaces(&raw.replaces, findings),
        owner: raw.owner.as_ref().map(|owner| owner.get_ref().clone()),
        approvers: raw.approvers.iter().map(|group| group.get_ref().clone()).collect(),
        approvals: raw.approvals.as_ref().map(|count| *count.get_ref()),
        require: require(&raw.require, findings),
        trigger: raw.trigger.as_ref().and_then(|text| started(text, &patterns, "trigger", findings)),
        probe: probe(raw, &patterns, findings),
        by_descriptor: by_descriptor(raw, &patterns, kind, findings),
        patterns,
        exceptions,
    };
    complete(&rule, entry, findings);
    Some(rule)
}

fn kind<'a>(
    raw: &'a RawRule,
    entry: &Entry<RawRule>,
    findings: &mut Findings<'_>,
) -> Option<(Kind, &'a Spanned<Words>)> {
    match (&raw.matches, &raw.any) {
        (Some(words), None) => Some((Kind::Match, words)),
        (None, Some(words)) => Some((Kind::Any, words)),
        (Some(one), Some(other)) => {
            let problem = Problem::new(
                Code::Shape,
                "a rule has `match` or `any`, not both",
                other.span(),
                "and `any` here",
            );
            findings.push(problem.also(one.span(), "`match` here"));
            None
        }
        (None, None) => {
            let problem =
                Problem::new(Code::Shape, "a rule needs `match` or `any`", entry.at.clone(), "in this rule");
            findings.push(problem.help("match = \"kubectl rollout restart <workload>...\""));
            None
        }
    }
}

fn patterns(words: &Spanned<Words>, tools: &[&Tool], findings: &mut Findings<'_>) -> Vec<Pattern> {
    let mut patterns = Vec::new();
    for (text, at) in each(words) {
        for program in pattern::programs(text) {
            // A program without an entry was reported where the file's programs were collected.
            let Some(tool) = tools.iter().find(|tool| tool.name == program) else { continue };
            match pattern::parse(text, tool) {
                Ok(pattern) => {
                    unlisted(&pattern, tool, &at, findings);
                    if let Some(name) = sql_without_dialect(&pattern, tool) {
                        let told =
                            format!("`<{name}>` is SQL, and the entry of `{program}` has no `dialect`");
                        let help = "dialect = \"postgres\" in its `[[tool]]`";
                        findings.push(Problem::new(Code::Pattern, told, at.clone(), "here").help(help));
                    }
                    patterns.push(pattern);
                }
                Err(flaw) => findings.flaw(&flaw, text, &at),
            }
        }
    }
    patterns
}

/// Each pattern of an `any` rule together with each of its exceptions: `helm uninstall --dry-run`.
fn exceptions(
    raw: &RawRule,
    words: &Spanned<Words>,
    kind: Kind,
    tools: &[&Tool],
    findings: &mut Findings<'_>,
) -> Vec<Pattern> {
    let Some(unless) = &raw.unless else { return Vec::new() };
    if kind == Kind::Match {
        let problem =
            Problem::new(Code::Shape, "`unless` belongs to `any`", unless.span(), "in a `match` rule");
        findings.push(problem.help("a `match` pattern names the options that it allows"));
        return Vec::new();
    }
    let mut exceptions = Vec::new();
    for (text, at) in each(unless) {
        if !text.starts_with('-') {
            let problem = Problem::new(Code::Pattern, format!("`{text}` is no option"), at, "here");
            findings.push(
                problem.help("`unless` names options: unless = [\"--dry-run=client|server\", \"--help\"]"),
            );
            continue;
        }
        for (written, _) in each(words) {
            for tool in
                pattern::programs(written).filter_map(|name| tools.iter().find(|tool| tool.name == name))
            {
                match pattern::parse(&format!("{written} {text}"), tool) {
                    Ok(pattern) => exceptions.push(pattern),
                    // The place in the joined text would point nowhere.
                    Err(flaw) => findings.flaw(&Flaw { at: 0..text.len(), ..flaw }, text, &at),
                }
            }
        }
    }
    exceptions
}

/// Where an entry lists every operation, a rule about another one is a mistake: the command would be taken for one that
/// the program refuses.
fn unlisted(pattern: &Pattern, tool: &Tool, at: &Range<usize>, findings: &mut Findings<'_>) {
    let Some(OperandPattern { shape: Shape::Words(words), .. }) = pattern.operands.first() else { return };
    let missing = words.iter().find(|word| !tool.lists_operation(word));
    if let (Operations::Listed, Some(word)) = (tool.operations, missing) {
        let text = format!(
            "the entry of tool `{}` lists every operation, and `{word}` is not among them",
            tool.name
        );
        findings.push(
            Problem::new(Code::Pattern, text, at.clone(), "here").help("name it in a `[[tool.subcommand]]`"),
        );
    }
}

/// A capture of SQL of which nobody says whose it is.
fn sql_without_dialect<'p>(pattern: &'p Pattern, tool: &Tool) -> Option<&'p str> {
    let sql = |name: &&str| {
        matches!(pattern::content(pattern, name), Content::Read(ContentKind::Sql | ContentKind::SqlFile))
    };
    pattern::captures(pattern).filter(|_| tool.dialect.is_none()).find(sql)
}

/// Every name that conditions may use: captures and the tools' target options.
fn captured(patterns: &[Pattern], tools: &[&Tool]) -> Vec<String> {
    let captures = patterns.iter().flat_map(pattern::captures).map(str::to_owned);
    let used = tools.iter().filter(|tool| patterns.iter().any(|pattern| pattern.program == tool.name));
    let specs =
        used.flat_map(|tool| tool.subcommands.iter().flat_map(|sub| &sub.options).chain(&tool.options));
    let targets = specs.filter(|spec| spec.role == Role::Target).map(|spec| spec.key().to_owned());
    captures.chain(targets).collect()
}

/// `where` and `where-not`: one condition a key.
fn conditions(
    wanted: &BTreeMap<Spanned<String>, Spanned<Words>>,
    unwanted: &BTreeMap<Spanned<String>, Spanned<Words>>,
    own: &[String],
    kind: Kind,
    findings: &mut Findings<'_>,
) -> Vec<Condition> {
    let known: Vec<&str> = own.iter().map(String::as_str).chain(PLACE_KEYS).collect();
    let mut read = |raw: &BTreeMap<Spanned<String>, Spanned<Words>>| {
        let mut values = BTreeMap::new();
        for (key, globs) in raw {
            let read = |key: &str| known.contains(&key).then(|| key.to_owned());
            let place = "capture, target option or place";
            if let Some(key) = findings.word(key.get_ref(), key.span(), place, read, &known) {
                let globs = globs.get_ref().0.iter().map(|glob| glob.get_ref().clone());
                values.insert(key, globs.collect::<Vec<_>>());
            }
        }
        values
    };
    let (mut wanted, mut unwanted) = (read(wanted), read(unwanted));
    let keys: BTreeSet<String> = wanted.keys().chain(unwanted.keys()).cloned().collect();
    let letters = match kind {
        Kind::Match => Letters::Exact,
        Kind::Any => Letters::AnyCase,
    };
    let condition = |key: String| {
        // Without a `where`, whatever the key holds is accepted but for what `where-not` lists.
        let globs = wanted.remove(&key).unwrap_or_else(|| vec!["*".to_owned()]);
        let but = unwanted.remove(&key).unwrap_or_default();
        Condition::new(key, globs, but, letters)
    };
    keys.into_iter().map(condition).collect()
}

/// The classes that a condition on a text may name: one of a closed set, or a kind in small letters, as they are kept.
fn classes(
    raw: &BTreeMap<Spanned<String>, Spanned<Words>>,
    patterns: &[Pattern],
    findings: &mut Findings<'_>,
) {
    for (key, globs) in raw {
        let contents = patterns.iter().map(|pattern| pattern::content(pattern, key.get_ref()));
        let kind = contents.into_iter().find_map(|content| match content {
            Content::Read(kind) => Some(kind),
            Content::Ignored | Content::Place | Content::Data | Content::Matters => None,
        });
        let Some(kind) = kind else { continue };
        for (word, at) in each(globs) {
            let glob = WildMatch::new(word);
            let known = match kind.classes() {
                Some(classes) => classes.iter().any(|class| glob.matches(class)),
                None => !word.chars().any(|c| c.is_ascii_uppercase()),
            };
            if known {
                continue;
            }
            let text = format!("`{word}` is no class of `:{}`", kind.word());
            let problem = Problem::new(Code::UnknownWord, text, at, "");
            let near = kind.classes().and_then(|classes| nearest(word, classes.iter().copied()));
            findings.push(match (near, kind.classes()) {
                (Some(near), _) => problem.help(format!("did you mean `{near}`?")),
                (None, Some(classes)) => problem.help(format!("one of: {}", classes.join(", "))),
                (None, None) => problem.help(format!("did you mean `{}`?", word.to_ascii_lowercase())),
            });
        }
    }
}

fn optional_words<T>(
    words: Option<&Spanned<Words>>,
    what: &str,
    read: impl Fn(&str) -> Option<T>,
    known: &[&str],
    findings: &mut Findings<'_>,
) -> Vec<T> {
    words.map(|words| findings.words(words, what, read, known)).unwrap_or_default()
}

fn optional_word<T>(
    word: Option<&Text>,
    what: &str,
    read: impl Fn(&str) -> Option<T>,
    known: &[&str],
    findings: &mut Findings<'_>,
) -> Option<T> {
    word.and_then(|word| findings.word(word.get_ref(), word.span(), what, read, known))
}

fn undo(text: &Text, patterns: &[Pattern], findings: &mut Findings<'_>) -> Option<Undo> {
    match text.get_ref().as_str() {
        "unneeded" => Some(Undo::Unneeded),
        "none" => Some(Undo::Impossible),
        "proven" | "declared" => {
            let problem = Problem::new(Code::Shape, "a rule cannot claim this", text.span(), "not a command");
            findings
                .push(problem.help("write the inverse command, `manual: INSTRUCTION`, `unneeded` or `none`"));
            None
        }
        other => match other.strip_prefix("manual:") {
            Some(instruction) => Some(Undo::Instruction(instruction.trim().to_owned())),
            None => template(text, patterns, "rollback", findings).map(Undo::Command),
        },
    }
}

/// A template whose captures every pattern of the rule has.
fn template(text: &Text, patterns: &[Pattern], field: &str, findings: &mut Findings<'_>) -> Option<Template> {
    let parsed = match Template::parse(text.get_ref()) {
        Ok(parsed) => parsed,
        Err(why) => {
            findings.push(Problem::new(Code::Shape, format!("`{field}`: {why}"), text.span(), ""));
            return None;
        }
    };
    for name in parsed.captures() {
        if let Some(of) = name.strip_suffix(Template::ROWS) {
            if field == "probe" && rows_are_known(of, &parsed, patterns) {
                continue;
            }
            let told = format!("`<{name}>` cannot stand here");
            let problem = Problem::new(Code::Capture, told, text.span(), "used here");
            findings.push(
                problem
                    .help("in a `probe`, as a word of its own, for a capture `<NAME:sql>` of every pattern"),
            );
            return None;
        }
        if patterns.iter().all(|pattern| pattern::captures(pattern).any(|known| known == name)) {
            continue;
        }
        let known: Vec<&str> = patterns.iter().flat_map(pattern::captures).collect();
        let problem = Problem::new(
            Code::Capture,
            format!("the pattern does not capture `<{name}>`"),
            text.span(),
            "used here",
        );
        findings.push(match nearest(name, known) {
            Some(near) => problem.help(format!("did you mean `<{near}>`?")),
            None => problem,
        });
        return None;
    }
    Some(parsed)
}

/// Whether every pattern captures SQL under this name, and its rows are always a word of their own.
fn rows_are_known(name: &str, template: &Template, patterns: &[Pattern]) -> bool {
    let sql = |pattern: &Pattern| pattern::content(pattern, name) == Content::Read(ContentKind::Sql);
    let is_rows = |part: &Part| match part {
        Part::Capture(capture) => capture.strip_suffix(Template::ROWS) == Some(name),
        Part::Text(_) => false,
    };
    let alone = |word: &Vec<Part>| word.len() == 1 || !word.iter().any(is_rows);
    patterns.iter().all(sql) && template.words.iter().all(alone)
}

fn replaces(texts: &Texts, findings: &mut Findings<'_>) -> Vec<RuleId> {
    if let (Some(first), Trust::TightenOnly) = (texts.first(), findings.origin.trust) {
        let text = format!("a {} file only tightens, so it may not replace a rule", findings.origin.layer);
        findings.push(Problem::new(Code::MayNotLoosen, text, first.span(), "would remove this rule"));
    }
    texts.iter().filter_map(|text| RuleId::new(text.get_ref())).collect()
}

fn require(texts: &Texts, findings: &mut Findings<'_>) -> Vec<Requirement> {
    let read = |word: &str| match word {
        "reason" => Some(Requirement::Reason),
        "ticket" => Some(Requirement::Ticket),
        _ => None,
    };
    let words = texts.iter();
    words
        .filter_map(|text| {
            findings.word(text.get_ref(), text.span(), "requirement", read, &["reason", "ticket"])
        })
        .collect()
}

fn probe(raw: &RawRule, patterns: &[Pattern], findings: &mut Findings<'_>) -> Option<Probe> {
    let max = raw.max.as_ref().map(|max| *max.get_ref());
    if let (None, Some(max)) = (&raw.probe, &raw.max) {
        findings.push(Problem::new(
            Code::Shape,
            "`max` counts what `probe` finds; there is no `probe`",
            max.span(),
            "",
        ));
    }
    let text = raw.probe.as_ref()?;
    let command = started(text, patterns, "probe", findings)?;
    if max.is_none() && command.captures().any(|name| name.ends_with(Template::ROWS)) {
        let problem = Problem::new(Code::Shape, "`max` is missing", text.span(), "counts rows");
        findings.push(problem.help("nobody counts a whole table: max = 100"));
        return None;
    }
    Some(Probe { command, max })
}

/// Captures whose file a copy can stand in for. In a project file it could make an approved `chmod 600 key` change the
/// copy instead of the key, and report success.
fn by_descriptor(
    raw: &RawRule,
    patterns: &[Pattern],
    kind: Kind,
    findings: &mut Findings<'_>,
) -> Vec<String> {
    let Some(first) = raw.by_descriptor.first() else { return Vec::new() };
    if findings.origin.trust == Trust::TightenOnly {
        let told = format!("a {} file may not say how files are handed over", findings.origin.layer);
        findings.push(Problem::new(Code::MayNotLoosen, told, first.span(), "would give the command a copy"));
        return Vec::new();
    }
    if kind == Kind::Any {
        let told = "`by-descriptor` belongs to `match`";
        let problem = Problem::new(Code::Shape, told, first.span(), "in an `any` rule");
        findings.push(problem.help("only a rule that accounts for every word knows which word is the file"));
        return Vec::new();
    }
    let file = |name: &&Text| {
        let mut contents = patterns.iter().map(|pattern| pattern::content(pattern, name.get_ref()));
        contents.any(|content| match content {
            Content::Ignored | Content::Place | Content::Data => false,
            Content::Read(ContentKind::Sql | ContentKind::Kustomization) => false,
            Content::Matters | Content::Read(ContentKind::SqlFile | ContentKind::Manifest) => true,
        })
    };
    for name in raw.by_descriptor.iter().filter(|name| !file(name)) {
        let told = format!("`<{}>` is no file that a pattern captures", name.get_ref());
        let problem = Problem::new(Code::Capture, told, name.span(), "named here");
        findings.push(problem.help("`<name:file>`, `<name:sql-file>` or `<name:manifest>`"));
    }
    raw.by_descriptor.iter().filter(file).map(|name| name.get_ref().clone()).collect()
}

/// A command that the gate starts by itself, before anybody agreed to anything. So what is started is the rule's, and the
/// rule is somebody's who may say so: a file in a cloned repository is anybody's.
fn started(text: &Text, patterns: &[Pattern], field: &str, findings: &mut Findings<'_>) -> Option<Template> {
    if findings.origin.trust == Trust::TightenOnly {
        let told = format!("a {} file may not start a program", findings.origin.layer);
        let problem = Problem::new(Code::MayNotLoosen, told, text.span(), "would be started without asking");
        findings.push(problem.help(format!("only a file that may loosen has a `{field}`")));
        return None;
    }
    let parsed = template(text, patterns, field, findings)?;
    let literal = parsed.words.first().is_some_and(|word| matches!(word.as_slice(), [Part::Text(_)]));
    if !literal {
        let told = format!("the program of `{field}` must stand in the rule");
        findings.push(Problem::new(Code::Shape, told, text.span(), "begins with a capture"));
        return None;
    }
    Some(parsed)
}

/// What only the whole rule shows.
fn complete(rule: &Rule, entry: &Entry<RawRule>, findings: &mut Findings<'_>) {
    let at = || entry.raw.id.span();
    let changes = rule.effects.iter().any(|effect| *effect != Effect::None);
    // A misspelt effect was reported as that.
    let misspelt = entry.raw.effect.is_some() && rule.effects.is_empty();
    let says =
        rule.tier.is_some() || rule.undo.is_some() || rule.approvals.is_some() || !rule.approvers.is_empty();
    let asks = !rule.require.is_empty() || rule.trigger.is_some() || rule.probe.is_some();
    let missing = |text: &str| Problem::new(Code::Shape, text.to_owned(), at(), "in this rule");
    match rule.kind {
        Kind::Match if entry.raw.effect.is_none() => {
            findings.push(
                missing("a `match` rule needs `effect`")
                    .help(format!("one of: {}", names(Effect::ALL, Effect::word).join(", "))),
            );
        }
        Kind::Match if changes && entry.raw.scope.is_none() => {
            findings.push(
                missing("a rule that changes something needs `scope`")
                    .help(format!("one of: {}", names(Scope::ALL, Scope::word).join(", "))),
            );
        }
        Kind::Any
            if !changes
                && !misspelt
                && rule.scope.is_none()
                && !says
                && !asks
                && rule.replaces.is_empty() =>
        {
            findings.push(
                missing("an `any` rule that raises nothing")
                    .help("give it `effect`, `scope`, `tier`, `approvals`, ..."),
            );
        }
        Kind::Match | Kind::Any => {}
    }
    if rule.undo == Some(Undo::Unneeded) && changes && rule.why.is_none() {
        findings.push(missing("`rollback = \"unneeded\"` needs `why`: what leaves nothing to undo?"));
    }
    let checked = findings.origin.examples == Examples::Checked;
    for (field, list) in [("examples", &entry.raw.examples), ("near-misses", &entry.raw.near_misses)] {
        if list.is_empty() && !checked {
            let code = if rule.kind == Kind::Match { Code::Shape } else { Code::Advice };
            let help = "a command that it must match, and one that looks alike and must not";
            findings.push(
                Problem::new(code, format!("the rule has no `{field}`"), at(), "in this rule").help(help),
            );
        }
    }
    let alone = rule.undo.as_ref().is_some_and(|undo| undo.rollback() <= Rollback::Declared);
    if rule.layer != Layer::BuiltIn && rule.kind == Kind::Match && changes && alone && rule.owner.is_none() {
        let text = "the rule can let a change run alone and has no `owner`";
        findings.push(
            Problem::new(Code::Advice, text, at(), "").help("owner = \"the team that answers for it\""),
        );
    }
}

/// Proves an environment entry.
pub(crate) fn environment(entry: &Entry<RawEnvironment>, findings: &mut Findings<'_>) -> Option<Environment> {
    let raw = &entry.raw;
    let tier =
        optional_word(Some(&raw.tier), "tier", Tier::from_word, &names(Tier::ALL, Tier::word), findings);
    let conditions = conditions(raw.matches.get_ref(), &BTreeMap::new(), &[], Kind::Match, findings);
    if conditions.is_empty() {
        let problem =
            Problem::new(Code::Shape, "an environment needs `match`", raw.matches.span(), "nothing to match");
        findings.push(problem.help("match = { context = [\"prod-*\"] }"));
        return None;
    }
    let (layer, trust) = (findings.origin.layer, findings.origin.trust);
    Some(Environment { name: raw.name.get_ref().clone(), layer, trust, tier: tier?, conditions })
}

/// Proves a row of the decision table; what the whole table lacks is found by the table.
pub(crate) fn row(entry: &Entry<RawDecide>, findings: &mut Findings<'_>) -> Option<Row> {
    let raw = &entry.raw;
    let subjects: Vec<&str> = Subject::all().map(Subject::word).collect();
    let verdicts: Vec<&str> = Verdict::ALL.iter().map(|verdict| verdict.word()).collect();
    let before = findings.problems.len();
    let subjects = findings.words(&raw.effect, "effect", Subject::from_word, &subjects);
    let scopes = optional_words(
        raw.scope.as_ref(),
        "scope",
        Scope::from_word,
        &names(Scope::ALL, Scope::word),
        findings,
    );
    let tiers =
        optional_words(raw.tier.as_ref(), "tier", Tier::from_word, &names(Tier::ALL, Tier::word), findings);
    let rollbacks = optional_words(
        raw.rollback.as_ref(),
        "rollback",
        Rollback::from_word,
        &names(Rollback::ALL, Rollback::word),
        findings,
    );
    let verdict = optional_word(Some(&raw.verdict), "verdict", Verdict::from_word, &verdicts, findings)?;
    (findings.problems.len() == before).then_some(Row { subjects, scopes, tiers, rollbacks, verdict })
}
