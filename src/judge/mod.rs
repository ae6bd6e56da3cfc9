//! From an action to a judgement: readings, matching rules, facts, verdict, and what would lower it.
//!
//! In: the action, the [`Book`], and eyes for what only the disk knows (ambient targets). Out: a [`Judgement`] that
//! `explain`, the prompt and the record all draw from. Never: a side effect - judging twice gives the same twice.
//!
//! | file | what it does |
//! |---|---|
//! | `mod.rs` | the order of judging: an action, and one command of it |
//! | `named.rs` | the programs and words whose rules have to be there before |
//! | `shell.rs`, `vanish.rs` | every way one command may turn out in its shell, the strictest counts |
//! | `inner.rs` | commands in sight inside an opaque one |
//! | `read.rs` | how the tool reads the words |
//! | `place.rs` | where the command acts, and which tier that is |
//! | `matched.rs` | the rules that speak of it |
//! | `standing.rs` | how well it is known |
//! | `facts.rs` | what rules, place and doubt say of it |
//! | `floor.rs` | the least verdict besides what the facts give |
//! | `need.rs` | what it needs besides people agreeing |
//! | `lower/` | what would lower the verdict |
//! | `coverage.rs` | what the rules do not know, counted over many lines |

pub mod coverage;
mod facts;
mod floor;
mod inner;
mod lower;
mod matched;
mod named;
mod need;
mod place;
mod read;
mod shell;
mod standing;
mod vanish;

pub use lower::{Follow, Lower};
pub use matched::{FileWord, Matched, WordPlace};
pub use named::{Named, named, programs};
pub use need::{Inquiry, Need, Query};
pub use read::{OptionRead, Refused, ToolRead};

use crate::command::{self, Action, Caller, Command};
use crate::content::{Contents, Wanted};
use crate::decide::{Standing, Verdict, decide};
use crate::facts::{Effect, Facts, Source, Sourced, Tier};
use crate::rules::Book;
use crate::tools::Reading;
use std::collections::BTreeMap;
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

fn judge_command(command: Command, whence: &Whence, bench: &Bench<'_>) -> Judged {
    let words = read::with_fed(&command);
    let program = words.first().map(|word| bench.caller.search.program(word));
    let tool = program.as_ref().and_then(|program| program.name).and_then(|name| bench.book.tool(name));
    let reading = tool.filter(|_| command.opaque.is_none()).map(|tool| Reading::of(tool, &words));
    let surroundings = place::look(&command, reading.as_ref(), whence, bench);
    let mut circumstances = place::circumstances(&surroundings, reading.as_ref(), whence, bench);
    let places = place::of(bench.book, &mut circumstances);
    let (mut tier, environments) = (places.tier, places.environments);
    if let Some(assumed) = bench.assumed {
        tier = Sourced::new(assumed, Source::Unsaid("as asked"));
    }
    if tool.is_some_and(|tool| bench.book.only_tightens(tool)) {
        tier.raise(place::undescribed(&command, whence, bench));
    }
    let mut matched = reading
        .as_ref()
        .map(|reading| matched::of(bench.book, reading, &circumstances, &command))
        .unwrap_or_default();
    let standing = standing::of(&command, program.as_ref(), reading.as_ref(), &matched, &surroundings, bench);
    let said = facts::of(&command, &surroundings, &matched, standing.0, &tier);
    let mut facts = said.clone();
    facts::raise_by_doubt(&mut facts, standing.0, reading.as_ref());
    if let (Some(reading), Standing::Unmatched) = (&reading, standing.0) {
        matched.extend(matched::resembling(bench.book, reading, &circumstances, &matched));
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
    let could = floor::perhaps(bench.book, &matched, &tier).max(need::floor(&needs)).max(inside);
    let floor = floor::of(&scene, &matched, standing.0, tier).max(could);
    // What nobody understands asks two people and denies nothing: that takes a rule.
    let asked = decide(bench.book.table(), standing.0, &facts).min(Verdict::TwoPerson);
    let verdict = decide(bench.book.table(), standing.0, &said).max(asked).max(floor);
    matched.extend(inner::rules(inner));
    if standing.0 != Standing::Known {
        facts::presume(&mut facts, &matched);
    }
    let read = reading.as_ref().map(read::of);
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
