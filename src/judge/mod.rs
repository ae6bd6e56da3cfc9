//! From an action to a judgement: readings, matching rules, facts, verdict, and what would lower it.
//!
//! In: the action, the [`Book`], and eyes for what only the disk knows (ambient targets). Out: a [`Judgement`] that
//! `explain`, the prompt and the record all draw from. Never: a side effect - judging twice gives the same twice.

pub mod coverage;
mod inner;
mod lower;
mod need;
mod shell;
mod standing;
mod vanish;

pub use lower::{Follow, Lower};
pub use need::{Inquiry, Need, Query};

use crate::command::{
    self, Action, Added, Caller, Certainty, Command, Count, Given, Loose, Nature, Stdin, Words,
};
use crate::content::{self, Contents, Wanted};
use crate::decide::{Standing, Verdict, decide};
use crate::facts::{Effect, Facts, Rollback, Scope, Source, Sourced, Tier};
use crate::rules::{
    Book, CallWords, Captures, Circumstances, Content, Cover, Fit, Kind, Place, Rule, Trust, Undo,
};
use crate::tools::{Disclosure, Given as GivenOption, Reading, Role, Tool};
use std::collections::{BTreeMap, BTreeSet};
use std::ffi::{OsStr, OsString};
use std::os::unix::ffi::OsStrExt;
use std::path::{Path, PathBuf};

/// One field of the place where a command acts.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Field {
    /// Its values, e.g. `prod-eu`; several only where several are in force at once, as with paths.
    pub values: Vec<String>,
    /// Who said it, e.g. `$KUBECONFIG` or `--context`.
    pub source: String,
}

/// Where a command acts when its words do not say: what the eyes saw.
#[derive(Clone, Debug, PartialEq, Eq, Default)]
pub struct Surroundings {
    /// The kind of ambient target, e.g. `kube-context`.
    pub kind: String,
    /// What it says: `context`, `server`, `namespace`, `host`, ...
    pub fields: BTreeMap<String, Field>,
    /// Why it could not be read: then tier and scope are unknown.
    pub unreadable: Option<String>,
    /// What patterns among the words find now, as absolute paths; a pattern that nobody could follow is absent.
    pub found: BTreeMap<String, Vec<String>>,
    /// Why the program file, or what is loaded into it, may not be what its name says: then no rule makes it known.
    pub doubt: Option<String>,
    /// What stands in the texts that rules ask about; of one that is absent nothing is known.
    pub contents: BTreeMap<Wanted, Contents>,
}

/// Looks at the world for the judge: the ambient target of a reading, as seen from a directory, and the files that rules
/// ask about - no others are opened.
pub type Eyes<'e> = dyn Fn(&Command, Option<&Reading<'_>>, &Whence, &[Wanted]) -> Surroundings + 'e;

/// The directory a command starts in.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Whence {
    /// This one.
    Known(PathBuf),
    /// One that only the run knows: `cd "$x"`. The caller's stands in for it where a path must be made whole.
    Unknown(PathBuf),
}

impl Whence {
    /// The directory, or what stands in for it.
    #[must_use]
    pub fn directory(&self) -> &Path {
        match self {
            Whence::Known(directory) | Whence::Unknown(directory) => directory,
        }
    }
}

/// Everything judging depends on besides the action itself.
pub struct Bench<'b> {
    /// The rules in force.
    pub book: &'b Book,
    /// What reading the action depends on.
    pub caller: Caller<'b>,
    /// The working directory.
    pub cwd: PathBuf,
    /// `human`, `agent` or `ci`.
    pub actor: &'b str,
    /// Looks at ambient targets.
    pub eyes: &'b Eyes<'b>,
    /// The tier of every place, as if a trusted environment entry said so: for asking what one would change.
    pub assumed: Option<Tier>,
}

/// One option as the tool reads it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct OptionRead {
    /// Its canonical name.
    pub name: String,
    /// Its value.
    pub value: Option<OsString>,
    /// What it means to rules.
    pub role: Role,
    /// Whether the value may be shown.
    pub disclosure: Disclosure,
    /// The words that hold it, as places in the command.
    pub places: Vec<usize>,
}

/// How the tool reads the command.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ToolRead {
    /// The tool's name.
    pub tool: String,
    /// The words that name the operation.
    pub operation: Vec<String>,
    /// Words that are no options, the operation's included.
    pub operands: Vec<OsString>,
    /// Options.
    pub options: Vec<OptionRead>,
    /// What could not be read, in words.
    pub unknown: Vec<String>,
    /// Whether the program itself refuses these words, and does nothing.
    pub refused: Refused,
}

/// Whether a program refuses its words.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Refused {
    /// It does, whatever they were meant to do.
    Surely,
    /// Nobody knows.
    Perhaps,
}

/// One matching rule and what it contributed.
#[derive(Clone, Debug)]
pub struct Matched {
    /// The rule.
    pub rule: Rule,
    /// How well it fits.
    pub fit: Fit,
    /// What its pattern captured.
    pub captures: BTreeMap<String, Vec<OsString>>,
    /// Which of the captured words name files, and where they stand.
    pub files: Vec<FileWord>,
    /// Its rollback, filled in.
    pub rollback: Option<Vec<OsString>>,
}

impl Matched {
    /// The same rule, told of another command: its words are not the words of that one.
    fn elsewhere(mut self) -> Self {
        self.files.iter_mut().for_each(|file| file.place = None);
        self
    }
}

/// A captured word that names a file whose content matters.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FileWord {
    /// The capture.
    pub capture: String,
    /// What the rule makes of the file.
    pub content: Content,
    /// The file's name as the program gets it, without the option in front: `x.yaml` of `-fx.yaml`.
    pub name: OsString,
    /// What is not certain about it.
    pub loose: Option<Loose>,
    /// Where it stands; `None` where the rule speaks of a command inside this one, or of a redirection.
    pub place: Option<WordPlace>,
}

/// The end of one word of a command.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct WordPlace {
    /// Which word; the program is 0.
    pub word: usize,
    /// How many of its bytes stand before the name: 11 in `--filename=x.yaml`.
    pub prefix: usize,
}

/// One command, judged.
#[derive(Clone, Debug)]
pub struct Judged {
    /// The command, wrappers taken off.
    pub command: Command,
    /// How its tool reads it; `None` where no entry describes the program.
    pub read: Option<ToolRead>,
    /// Where it acts.
    pub surroundings: Surroundings,
    /// The environments that cover that place.
    pub environments: Vec<String>,
    /// Every matching rule.
    pub matched: Vec<Matched>,
    /// How well it is known, and if not well, why.
    pub standing: (Standing, Option<String>),
    /// Its facts.
    pub facts: Facts,
    /// What else it needs, with the rule that says so.
    pub needs: Vec<(Need, String)>,
    /// Its verdict.
    pub verdict: Verdict,
    /// Single changes that would lower the verdict, where somebody asked for [`advise`].
    pub lower: Vec<Lower>,
}

/// A whole action, judged.
#[derive(Clone, Debug)]
pub struct Judgement {
    /// Each command.
    pub commands: Vec<Judged>,
    /// The join of their facts.
    pub facts: Facts,
    /// The worst standing.
    pub standing: Standing,
    /// The strictest verdict.
    pub verdict: Verdict,
}

/// Judges an action.
#[must_use]
pub fn judge(action: &Action, bench: &Bench<'_>) -> Judgement {
    let mut commands: Vec<Judged> = command::read(action, &bench.caller)
        .into_iter()
        .map(|command| shell::judge(command, bench))
        .collect();
    need::beside_others(&mut commands);
    let mut facts = Facts::nothing("nothing to do");
    for judged in &commands {
        facts.join(judged.facts.clone());
    }
    let standing = commands.iter().map(|judged| judged.standing.0).max().unwrap_or(Standing::Opaque);
    let each = commands.iter().map(|judged| judged.verdict).max().unwrap_or(Verdict::Deny);
    // Together the known commands may be worse than each: what one does, as far as another reaches. One that is not known
    // has its own verdict, and lends its unknown reach to none of the others; neither does one that changes nothing.
    let mut known = Facts::nothing("nothing to do");
    let changes = |judged: &&Judged| judged.facts.effects().any(|(effect, _)| effect != Effect::None);
    for judged in commands.iter().filter(|judged| judged.standing.0 == Standing::Known).filter(changes) {
        known.join(judged.facts.clone());
    }
    // No reach that one lends to another denies what no rule denies.
    let verdict = decide(bench.book.table(), Standing::Known, &known).min(Verdict::TwoPerson).max(each);
    Judgement { commands, facts, standing, verdict }
}

/// Adds what would lower each verdict: every advice is judged as the action itself was, so only who shows it asks.
pub fn advise(judgement: &mut Judgement, action: &Action, bench: &Bench<'_>) {
    for (command, judged) in command::read(action, &bench.caller).iter().zip(&mut judgement.commands) {
        judged.lower = lower::of(command, judged, bench);
    }
}

/// What an action names: all that the rules must be looked through for before it can be judged.
#[derive(Clone, Debug)]
pub struct Named {
    /// The programs whose packs judging the action needs.
    pub programs: Vec<String>,
    /// Every word of every command.
    pub words: CallWords,
}

/// The programs whose packs judging the action needs.
#[must_use]
pub fn programs(action: &Action, caller: &Caller<'_>) -> Vec<String> {
    named(action, caller).programs
}

/// The programs and words that judging the action needs to know the rules of.
#[must_use]
pub fn named(action: &Action, caller: &Caller<'_>) -> Named {
    let commands = command::read(action, caller);
    let own = commands.iter().filter_map(|command| command.words.first());
    let own = own.filter_map(|word| caller.search.program(word).name.map(str::to_owned));
    // What the shell does to files is judged as `tee` and `cat` would be.
    let redirects = commands.iter().any(|command| !command.redirections.is_empty());
    let files: &[&str] = if redirects { &["tee", "cat"] } else { &[] };
    let inside = commands
        .iter()
        .flat_map(|command| inner::names(command, caller))
        .chain(files.iter().map(|name| (*name).to_owned()));
    let mut programs: Vec<String> = Vec::new();
    for name in own.chain(inside) {
        if !programs.contains(&name) {
            programs.push(name);
        }
    }
    let given = commands.iter().flat_map(|command| command.redirections.iter().flat_map(shell::words_of));
    let inside = commands.iter().flat_map(|command| inner::words_of(command, caller));
    let words = commands.iter().flat_map(|command| command.words.iter().cloned()).chain(given).chain(inside);
    let words: BTreeSet<OsString> = words.chain(programs.iter().map(OsString::from)).collect();
    let words = CallWords::new(words.iter().map(OsString::as_os_str)).and_options(&lower::DRY_RUNS);
    let targets = commands.iter().flat_map(|command| &command.redirections).map(|given| &given.target);
    let mut all = commands.iter().map(|command| &command.words).chain(targets);
    // `xargs rm`: the words that standard input adds are anything.
    let mut taken_off = commands.iter().flat_map(|command| &command.wrappers);
    let certain = all.all(|words| words.are_certain() == Certainty::Exact)
        && !taken_off.any(|taken| taken.adds.contains(&Added::StdinOperands));
    Named { programs, words: if certain { words } else { words.loose() } }
}

fn judge_command(command: Command, whence: &Whence, bench: &Bench<'_>) -> Judged {
    let words = with_fed(&command);
    let program = words.first().map(|word| bench.caller.search.program(word));
    let tool = program.as_ref().and_then(|program| program.name).and_then(|name| bench.book.tool(name));
    let reading = tool.filter(|_| command.opaque.is_none()).map(|tool| Reading::of(tool, &words));
    let surroundings = look(&command, reading.as_ref(), whence, bench);
    let mut circumstances = circumstances(&surroundings, reading.as_ref(), whence, bench);
    let places = place(bench.book, &mut circumstances);
    let (mut tier, environments) = (places.tier, places.environments);
    if let Some(assumed) = bench.assumed {
        tier = Sourced::new(assumed, Source::Unsaid("as asked"));
    }
    if tool.is_some_and(|tool| bench.book.only_tightens(tool)) {
        tier.raise(undescribed(&command, whence, bench));
    }
    let mut matched = reading
        .as_ref()
        .map(|reading| matched(bench.book, reading, &circumstances, &command))
        .unwrap_or_default();
    let standing = standing::of(&command, program.as_ref(), reading.as_ref(), &matched, &surroundings, bench);
    let said = facts(&command, &surroundings, &matched, standing.0, &tier);
    let mut facts = said.clone();
    raise_by_doubt(&mut facts, standing.0, reading.as_ref());
    if let (Some(reading), Standing::Unmatched) = (&reading, standing.0) {
        matched.extend(resembling(bench.book, reading, &circumstances, &matched));
    }
    let inner: Vec<Judged> = inner::commands(&command, bench)
        .into_iter()
        .map(|inner| judge_command(inner, whence, bench))
        .collect();
    let scene = need::Scene {
        command: &command,
        reading: reading.as_ref(),
        seen: &surroundings,
        at: &circumstances,
        bench,
    };
    let needs = need::of(&matched, &scene);
    let inside = inner.iter().map(|judged| judged.verdict).max().unwrap_or(Verdict::Run);
    let could = perhaps(bench.book, &matched, &tier).max(need::floor(&needs)).max(inside);
    let floor = floor(bench.book, (&command, &surroundings), &matched, standing.0, tier).max(could);
    // What nobody understands asks two people and denies nothing: that takes a rule.
    let asked = decide(bench.book.table(), standing.0, &facts).min(Verdict::TwoPerson);
    let verdict = decide(bench.book.table(), standing.0, &said).max(asked).max(floor);
    matched.extend(inner::rules(inner));
    if standing.0 != Standing::Known {
        presume(&mut facts, &matched);
    }
    let read = reading.as_ref().map(tool_read);
    Judged {
        command,
        read,
        surroundings,
        environments,
        matched,
        standing,
        facts,
        needs,
        verdict,
        lower: Vec::new(),
    }
}

/// The tier without what a project file says of the program. It also says which options name a place; where that makes
/// the place kinder than a look without the description, the look counts.
fn undescribed(command: &Command, whence: &Whence, bench: &Bench<'_>) -> Sourced<Tier> {
    let seen = (bench.eyes)(command, None, whence, &[]);
    let mut without = circumstances(&seen, None, whence, bench);
    place(bench.book, &mut without).tier
}

/// The words that the program gets: behind `xargs` as many more as standard input holds, each of them anything.
fn with_fed(command: &Command) -> Words {
    let mut words = command.words.clone();
    if command.wrappers.iter().any(|taken| taken.adds.contains(&Added::StdinOperands)) {
        let anything = Loose { certain: 0, count: Count::Any, nature: Nature::Dynamic };
        words.push("(standard input)".into(), Some(anything));
    }
    words
}

/// What the eyes see, and what stands in texts that the command itself holds.
fn look(
    command: &Command,
    reading: Option<&Reading<'_>>,
    whence: &Whence,
    bench: &Bench<'_>,
) -> Surroundings {
    let wanted = |reading: &Reading<'_>| {
        let each = bench.book.rules_about(&reading.tool.name).flat_map(|rule| rule.wanted(reading));
        each.collect::<BTreeSet<Wanted>>()
    };
    let told = matches!(command.stdin, Stdin::Text(_) | Stdin::File(_));
    let mut held = BTreeMap::new();
    let mut files = Vec::new();
    for wanted in reading.map(wanted).unwrap_or_default() {
        let loose = match (&wanted.place, reading) {
            (content::Place::Word(word), Some(reading)) => reading.looseness(word).is_some(),
            (content::Place::Word(_) | content::Place::Stdin, _) => false,
        };
        let known = match loose {
            true => Some(Contents::unknown("the word is known only when it runs")),
            false => wanted.without_looking(&command.stdin),
        };
        match known {
            // Every command has a standard input; that nobody knows what comes on it is not worth a line.
            Some(contents) if wanted.place == content::Place::Stdin && contents.why.is_some() && !told => {}
            Some(contents) => drop(held.insert(wanted, contents)),
            None => files.push(wanted),
        }
    }
    let mut seen = (bench.eyes)(command, reading, whence, &files);
    seen.contents.extend(held);
    seen
}

/// What conditions are held against: options that say where, then the ambient target, then the caller.
fn circumstances(
    seen: &Surroundings,
    reading: Option<&Reading<'_>>,
    whence: &Whence,
    bench: &Bench<'_>,
) -> Circumstances {
    let mut places: BTreeMap<String, Place> = BTreeMap::new();
    if seen.unreadable.is_some() {
        places.extend(crate::rules::PLACE_KEYS.iter().map(|key| ((*key).to_owned(), Place::Unreadable)));
    }
    let fields = seen.fields.iter();
    places.extend(fields.map(|(key, field)| (key.clone(), Place::Known(field.values.clone()))));
    let targets = reading.map(Reading::targets).unwrap_or_default();
    let loose =
        |value: &String| reading.is_some_and(|reading| reading.looseness(OsStr::new(value)).is_some());
    let unknown = |value: &String| value.is_empty() || loose(value);
    places.extend(targets.into_iter().map(|(key, values)| match values.iter().any(unknown) {
        // `kubectl -n ""` acts where kubectl would without -n, and other tools have other ideas.
        true => (key, Place::Unreadable),
        false => (key, Place::Known(values)),
    }));
    places.insert("actor".to_owned(), Place::Known(vec![bench.actor.to_owned()]));
    Circumstances {
        places,
        cwd: whence.directory().to_owned(),
        found: seen.found.clone(),
        contents: seen.contents.clone(),
        trusted_environments: Place::Unreadable,
    }
}

/// What the environment entries make of a place.
struct Placed {
    tier: Sourced<Tier>,
    environments: Vec<String>,
}

/// The tier, and the environments that say so, which are added to the circumstances. Only a trusted entry that covers
/// the whole place makes it known; every other one can only raise.
fn place(book: &Book, at: &mut Circumstances) -> Placed {
    let covering: Vec<_> = book
        .environments()
        .iter()
        .map(|entry| (entry, entry.covers(&at.places)))
        .filter(|(_, cover)| *cover != Cover::Not)
        .collect();
    let trusted: Vec<_> = covering.iter().filter(|(entry, _)| entry.trust == Trust::Full).collect();
    let known = trusted.iter().any(|(_, cover)| *cover == Cover::Whole);
    if trusted.iter().all(|(_, cover)| *cover == Cover::Whole) {
        let names = trusted.iter().map(|(entry, _)| entry.name.clone()).collect();
        at.trusted_environments = Place::Known(names);
    }
    let mut tier = if known {
        Sourced::new(Tier::Development, Source::Unsaid("no environment says more"))
    } else {
        Sourced::new(Tier::Unknown, Source::Unsaid("no environment entry covers this place"))
    };
    for (entry, _) in &covering {
        tier.raise(Sourced::new(entry.tier, Source::Environment(entry.name.clone())));
    }
    let environments: Vec<String> = covering.iter().map(|(entry, _)| entry.name.clone()).collect();
    at.places.insert("environment".to_owned(), Place::Known(environments.clone()));
    Placed { tier, environments }
}

fn matched(book: &Book, reading: &Reading<'_>, at: &Circumstances, command: &Command) -> Vec<Matched> {
    let rules = book.rules_about(&reading.tool.name);
    let matching = rules.filter_map(|rule| Some((rule, rule.matches(reading, at)?)));
    matching
        .map(|(rule, (fit, captures))| Matched {
            rule: rule.clone(),
            fit,
            rollback: rollback(rule, &captures, reading, command),
            files: files(rule, &captures, reading),
            captures: owned(&captures),
        })
        .collect()
}

/// `match` rules that one word too many keeps from matching. They have no rollback: what it would undo is not known.
fn resembling(book: &Book, reading: &Reading<'_>, at: &Circumstances, matched: &[Matched]) -> Vec<Matched> {
    let others = book
        .rules_about(&reading.tool.name)
        .filter(|rule| matched.iter().all(|matched| matched.rule.id != rule.id));
    let found = others.filter_map(|rule| Some((rule, rule.resembles(reading, at)?)));
    found
        .map(|(rule, captures)| Matched {
            rule: rule.clone(),
            fit: Fit::Resembles,
            rollback: None,
            files: files(rule, &captures, reading),
            captures: owned(&captures),
        })
        .collect()
}

/// The least verdict besides what the facts give: two people where a rule wants two, and for a command that is not
/// known whatever the rules that it matches or resembles would ask for if it were. Otherwise
/// `kubectl delete namespace prod --no-such-option` would be kinder than without the option.
fn floor(
    book: &Book,
    (command, seen): (&Command, &Surroundings),
    matched: &[Matched],
    standing: Standing,
    tier: Sourced<Tier>,
) -> Verdict {
    let two = matched.iter().any(|matched| matched.rule.approvals.is_some_and(|count| count >= 2));
    let floor = if two { Verdict::TwoPerson } else { Verdict::Run };
    if standing != Standing::Unmatched || matched.iter().all(|matched| matched.rule.kind == Kind::Any) {
        return floor;
    }
    let mut facts = Facts::nothing("no rule says more");
    facts.raise_tier(tier);
    for matched in matched {
        claim(&mut facts, matched);
    }
    raise_by_place(&mut facts, command, seen);
    decide(book.table(), Standing::Known, &facts).max(floor)
}

/// What is asked for because a word that only the run knows could be what an `any` rule speaks of: two people at most.
fn perhaps(book: &Book, matched: &[Matched], tier: &Sourced<Tier>) -> Verdict {
    let mut facts = Facts::nothing("no rule says more");
    facts.raise_tier(tier.clone());
    for matched in
        matched.iter().filter(|matched| matched.rule.kind == Kind::Any && matched.fit == Fit::Partly)
    {
        claim(&mut facts, matched);
    }
    decide(book.table(), Standing::Known, &facts).min(Verdict::TwoPerson)
}

/// The captured words that name files. A capture is a slice of the word that holds it, so that word is the one whose end
/// it is in memory: of `-f x.yaml --save x.yaml` the rule may mean one.
fn files(rule: &Rule, captures: &Captures<'_>, reading: &Reading<'_>) -> Vec<FileWord> {
    let place = |name: &OsStr| {
        let ends_so = |word: &OsString| {
            let prefix = word.len().checked_sub(name.len()).filter(|_| !name.is_empty())?;
            let end = word.as_bytes().get(prefix..)?;
            std::ptr::eq(end, name.as_bytes()).then_some(prefix)
        };
        let mut words = reading.words.iter().enumerate();
        words.find_map(|(word, text)| Some(WordPlace { word, prefix: ends_so(text)? }))
    };
    let program = reading.tool.name.as_str();
    if captures.keys().all(|capture| rule.files(capture, program, None).is_empty()) {
        return Vec::new(); // most rules name no file, and nobody matches them twice
    }
    let accounting = rule.accounting(reading, &owned(captures)).map(|(pattern, _)| pattern);
    let mut files = Vec::new();
    for (capture, words) in captures {
        for content in rule.files(capture, program, accounting) {
            files.extend(words.iter().map(|name| FileWord {
                capture: capture.clone(),
                content,
                name: (*name).to_owned(),
                loose: reading.looseness(name).copied(),
                place: place(name),
            }));
        }
    }
    files
}

fn owned(captures: &Captures<'_>) -> BTreeMap<String, Vec<OsString>> {
    let values = |words: &Vec<&OsStr>| words.iter().map(|word| (*word).to_owned()).collect();
    captures.iter().map(|(name, words)| (name.clone(), values(words))).collect()
}

/// The inverse command: wrappers kept, captures filled in, and the options that say where carried along.
fn rollback(
    rule: &Rule,
    captures: &Captures<'_>,
    reading: &Reading<'_>,
    command: &Command,
) -> Option<Vec<OsString>> {
    let Some(Undo::Command(template)) = &rule.undo else { return None };
    // What cannot be named now cannot be named in a rollback either.
    if captures.values().flatten().any(|word| reading.looseness(word).is_some()) {
        return None;
    }
    // `sh -c` in front of the inverse would be given its first word alone.
    if command.wrappers.iter().any(|taken| taken.given == Given::Text) {
        return None;
    }
    let filled = template.fill(captures)?;
    let (program, rest) = filled.split_first()?;
    let mut argv: Vec<OsString> = command.wrappers.iter().flat_map(|taken| taken.words.clone()).collect();
    argv.push(program.clone());
    if program.to_str().is_some_and(|name| reading.tool.answers_to(name)) {
        argv.extend(reading.target_words());
    }
    argv.extend(rest.iter().cloned());
    Some(argv)
}

fn facts(
    command: &Command,
    seen: &Surroundings,
    matched: &[Matched],
    standing: Standing,
    tier: &Sourced<Tier>,
) -> Facts {
    let mut facts = Facts::nothing("no rule says more");
    facts.raise_tier(tier.clone());
    // What a `match` rule would ask of a command that it does not make known is asked by `floor`, with the rule's own
    // scope and rollback: joined with those of the unknown, it would be denied for what nobody said.
    // What only could match is asked for by `perhaps`: `rm "$x"` is not refused for good because x could be the log.
    let speaks = |matched: &&Matched| match matched.rule.kind {
        Kind::Any => matched.fit == Fit::Whole,
        Kind::Match => standing == Standing::Known,
    };
    for matched in matched.iter().filter(speaks) {
        claim(&mut facts, matched);
    }
    raise_by_place(&mut facts, command, seen);
    facts
}

/// What is not understood, and what only the run knows, may reach anything.
fn raise_by_doubt(facts: &mut Facts, standing: Standing, reading: Option<&Reading<'_>>) {
    if standing != Standing::Known {
        let unsaid = Source::Unsaid("not understood");
        facts.raise_scope(Sourced::new(Scope::Unknown, unsaid.clone()));
        facts.raise_rollback(Sourced::new(Rollback::None, unsaid));
    }
    if let Some(reading) = reading {
        shell::raise_by_looseness(facts, reading);
    }
}

/// What the place and the wrappers add, whatever rules say.
fn raise_by_place(facts: &mut Facts, command: &Command, seen: &Surroundings) {
    if seen.unreadable.is_some() {
        facts.raise_scope(Sourced::new(Scope::Unknown, Source::Ambient(seen.kind.clone())));
        facts.raise_tier(Sourced::new(Tier::Unknown, Source::Ambient(seen.kind.clone())));
    }
    let stdin = command.wrappers.iter().find(|taken| taken.adds.contains(&Added::StdinOperands));
    if let Some(taken) = stdin {
        // Several, and nobody knows how many; where a rule knows the command, its words are loose besides.
        facts.raise_scope(Sourced::new(Scope::Service, Source::Wrapper(taken.name.to_owned())));
    }
    let many = command.wrappers.iter().find(|taken| taken.adds.contains(&Added::ManyHosts));
    let changes = facts.effects().any(|(effect, _)| effect != Effect::None);
    if let Some(taken) = many.filter(|_| changes) {
        // A rule's scope is what the command does to one host; `knife ssh 'name:*' 'systemctl stop web'` does it to all.
        facts.raise_scope(Sourced::new(Scope::Environment, Source::Wrapper(taken.name.to_owned())));
    }
}

/// What a command that is not known would probably change: something, and what the rules say that it resembles. For
/// people: the verdict has it already, in the standing and the floor.
fn presume(facts: &mut Facts, matched: &[Matched]) {
    facts.raise_effect(Sourced::new(Effect::Isolated, Source::Unsaid("not understood")));
    for Matched { rule, .. } in matched.iter().filter(|matched| matched.rule.kind == Kind::Match) {
        for effect in &rule.effects {
            facts.raise_effect(Sourced::new(*effect, Source::Rule(rule.id.to_string())));
        }
    }
}

/// What one matching rule adds.
fn claim(facts: &mut Facts, matched: &Matched) {
    let rule = &matched.rule;
    let source = || Source::Rule(rule.id.to_string());
    let changes = rule.effects.iter().any(|effect| *effect != Effect::None);
    for effect in &rule.effects {
        facts.raise_effect(Sourced::new(*effect, source()));
    }
    if let Some(scope) = rule.scope {
        facts.raise_scope(Sourced::new(scope, source()));
    }
    if let Some(tier) = rule.tier {
        facts.raise_tier(Sourced::new(tier, source()));
    }
    let several = matched.captures.values().map(Vec::len).max().unwrap_or(0);
    if rule.kind == Kind::Match && changes && several > 1 {
        // `scope = "one"` is about one object; a rule cannot know how many were named.
        facts.raise_scope(Sourced::new(Scope::Service, Source::Shape(format!("{several} named targets"))));
    }
    match (&rule.undo, rule.kind) {
        (Some(Undo::Command(_)), _) if matched.rollback.is_none() => {
            let why = Source::Shape("the rollback cannot be filled in".to_owned());
            facts.raise_rollback(Sourced::new(Rollback::None, why));
        }
        (Some(undo), _) => facts.raise_rollback(Sourced::new(undo.rollback(), source())),
        (None, Kind::Match) if changes => {
            facts.raise_rollback(Sourced::new(Rollback::None, Source::Unsaid("the rule names no rollback")));
        }
        (None, Kind::Match | Kind::Any) => {}
    }
}

fn tool_read(reading: &Reading<'_>) -> ToolRead {
    let option = |given: &GivenOption<'_>| OptionRead {
        name: given.spec.canonical().to_owned(),
        value: given.value.map(OsStr::to_owned),
        role: given.spec.role,
        disclosure: given.spec.disclosure,
        places: std::iter::once(given.index).chain(given.value_index).collect(),
    };
    let tool: &Tool = reading.tool;
    ToolRead {
        tool: tool.name.clone(),
        operation: reading.operation_words().into_iter().map(str::to_owned).collect(),
        operands: reading.operands.iter().map(|operand| operand.text.to_owned()).collect(),
        options: reading.options.iter().map(option).collect(),
        unknown: reading.unknown.iter().map(|unknown| unknown.why.clone()).collect(),
        refused: if vanish::is_refused(reading) { Refused::Surely } else { Refused::Perhaps },
    }
}
