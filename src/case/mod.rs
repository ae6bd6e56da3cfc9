//! One action before the gate: who asks, what it is, how it was judged, what it still needs.
//!
//! In: a [`Call`] and the [`House`]. Out: a [`Case`], which the gate takes from room to room. Never: an order of steps
//! (that is the gate's), a record, or a start.

mod bound;
mod dossier;
mod glass;
mod needs;
mod petition;
mod plan;
mod told;
mod world;

use petition::Probes;
pub use petition::{Count, count, moment, reviewer, reviews};
use world::World;

use crate::actor::{self, Actor, Mode, Observation};
use crate::approve::{self, Answer, Demand, Grant, Refusal, RefusalReason, Signing, Terminal, Way};
use crate::clock;
use crate::command::Action;
use crate::decide::{Standing, Verdict};
use crate::house::House;
use crate::journal::{self, ActionId, Denial, Intent, Journal};
use crate::judge::{Bench, Judgement, advise, judge, named};
use crate::quorum::{self, Demanded};
use crate::report::{self, Asked, Asking, Because, Bound, FactRows, Ground, Look, Question};
use crate::request::Request;
use crate::rules::{Book, ConfirmBy, Policy, Rule};
use crate::run::{Plan, ResolveError};
use crate::stop::Stop;
use chrono::{DateTime, Utc};
use serde_json::{Map, Value};
use std::collections::BTreeSet;
use std::ffi::OsString;
use std::path::PathBuf;
use std::time::Duration;

/// What the caller typed.
#[derive(Clone, Debug)]
pub struct Call {
    /// What to run.
    pub action: Action,
    /// The mode it wants.
    pub mode: Option<Mode>,
    /// When to end it.
    pub timeout: Option<Duration>,
    /// How long the question stays open.
    pub ask_timeout: Duration,
    /// Why.
    pub reason: Option<String>,
    /// The incident or change it belongs to.
    pub ticket: Option<String>,
    /// How approvals are had, where it takes them.
    pub approving: Approving,
    /// How to speak.
    pub voice: report::Voice,
}

/// How a call has its approvals.
#[derive(Clone, Debug)]
pub struct Approving {
    /// A request that was made before.
    pub request: Option<Box<Request>>,
    /// Whether somebody waits.
    pub patience: Patience,
    /// Where the command's standard input comes from.
    pub stdin: StdinFrom,
    /// Until when a new request can be approved and used.
    pub lives: Duration,
    /// Why it goes without the people it takes.
    pub break_glass: Option<String>,
    /// The key that signs for that.
    pub key: Option<PathBuf>,
}

/// How long a request lives unless told otherwise.
pub const DEFAULT_LIFETIME: Duration = Duration::from_secs(60 * 60);

impl Approving {
    /// A call that waits for a new request.
    #[must_use]
    pub fn waiting(lives: Duration) -> Self {
        let (patience, stdin) = (Patience::Wait, StdinFrom::Call);
        Self { request: None, patience, stdin, lives, break_glass: None, key: None }
    }
}

/// Whether a call waits for its approvals.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Patience {
    /// As long as its `--ask-timeout` says.
    Wait,
    /// Not at all: what is not approved now leaves a request.
    Leave,
}

/// Where the standard input of an approved command comes from.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum StdinFrom {
    /// The call's own.
    Call,
    /// What was kept with the request.
    Request,
}

/// One action before the gate.
#[derive(Debug)]
pub struct Case {
    /// What the caller typed.
    pub call: Call,
    /// Its name in the log.
    pub id: ActionId,
    /// When it came.
    pub at: DateTime<Utc>,
    /// Who asks.
    pub actor: Actor,
    /// What happens when a human is needed.
    pub mode: Mode,
    /// How it was judged.
    pub judgement: Judgement,
    /// What probes found, in words; they can only raise.
    pub measured: Vec<String>,
    /// The verdict after probes.
    pub verdict: Verdict,
    /// The rule files in force: name, layer, digest.
    pub rule_files: Vec<(String, String, String)>,
    /// What will be started, and how.
    pub plan: Result<Plan, ResolveError>,
    /// The program file, as the record and requests have it.
    pub program: Option<Value>,
    /// Standard input and files, as they are handed to an approved command.
    pub handed: Map<String, Value>,
    /// The policy of this machine.
    policy: Policy,
    house: House,
}

/// What seeking came to.
#[derive(Debug)]
pub enum Sought {
    /// The demand is met, and this is what may be started with it.
    Granted(Grant, Box<Plan>),
    /// It is not.
    Refused(Refusal),
}

impl Case {
    /// Hears a call: who asks, which rules concern it, how it is judged, what would be started.
    ///
    /// # Errors
    /// A weaker mode than allowed, or rules that cannot be used.
    pub fn hear(call: &Call, house: &House) -> Result<Self, Stop> {
        let at = clock::now();
        let detected = actor::detect(&Observation::of_this_process());
        let mode = actor::choose(&detected, call.mode)?;
        let law = house.law_for(named(&call.action, &house.caller()))?;
        let judgement = hold(&call.action, &law.book, house, &detected.actor, Advice::Wanted);
        let plan = plan::plan(call, house);
        let cache = house.digests()?;
        let program = match &plan {
            Ok(plan) => {
                let digest = plan.executable.sha256(Some(&cache))?.to_string();
                Some(dossier::executable(plan, &digest))
            }
            Err(_) => None,
        };
        let files = law.loaded.files.iter();
        let rule_files = files
            .map(|file| (file.source.name.clone(), file.source.layer.to_string(), file.digest.to_string()))
            .collect();
        let id = match &call.approving.request {
            // One action has one id, however many calls it takes.
            Some(request) => request.id().clone(),
            None => ActionId::random().map_err(Stop::NoId)?,
        };
        Ok(Self {
            call: call.clone(),
            id,
            at,
            actor: detected.actor,
            mode,
            verdict: judgement.verdict,
            judgement,
            measured: Vec::new(),
            rule_files,
            plan,
            program,
            handed: Map::new(),
            policy: law.book.policy(),
            house: house.clone(),
        })
    }

    /// What verdict and rules demand.
    #[must_use]
    pub fn demand(&self) -> Demand {
        match self.verdict.demand() {
            Demand::Nothing if asks_for_people(&self.judgement) => Demand::OneHuman,
            demand @ (Demand::Nothing | Demand::OneHuman | Demand::TwoHumans | Demand::Refuse) => demand,
        }
    }

    /// By which way the demand will be met, or why by none.
    fn way(&self) -> Result<Result<Way, Refusal>, Stop> {
        let demand = self.demand();
        let demanded = self.demanded();
        // Groups and numbers of people can only be proven by keys.
        let confirm = match demanded.groups.is_empty() && demanded.people < 2 {
            true => self.policy.confirm,
            false => ConfirmBy::Signature,
        };
        let (signing, lacking) = match demand {
            Demand::Nothing | Demand::Refuse => (Signing::Nobody, None),
            Demand::OneHuman | Demand::TwoHumans => self.signing(&demanded)?,
        };
        let way = approve::way(demand, confirm, signing, &self.actor, self.mode);
        Ok(way.map_err(|refusal| refusal.with_details(lacking.into_iter().collect())))
    }

    /// Whether the people it takes are listed, or what is lacking; and whether this call waits for them. A call that does
    /// not wait may leave its request for people who are listed later.
    fn signing(&self, demanded: &Demanded) -> Result<(Signing, Option<String>), Stop> {
        let approving = &self.call.approving;
        if approving.request.is_some() || approving.patience == Patience::Leave {
            return Ok((Signing::Given, None));
        }
        Ok(match self.lacking(demanded)? {
            None => (Signing::Waits, None),
            Some(lacking) => (Signing::Nobody, Some(lacking).filter(|clause| !clause.is_empty())),
        })
    }

    /// What the list of approvers lacks for this demand; an empty clause where there is no list and no group to name.
    fn lacking(&self, demanded: &Demanded) -> Result<Option<String>, Stop> {
        let Some(roster) = quorum::roster(&self.house.places)? else {
            let groups = demanded.groups.join(" and one of ");
            let named =
                format!("it takes an approval by one of {groups}, and nobody is listed as an approver");
            return Ok(Some(if groups.is_empty() { String::new() } else { named }));
        };
        Ok(match self.call.approving.break_glass {
            // One human signs for it, and is asked for the key later.
            Some(_) => None,
            None => roster.could_meet(demanded, &self.requester(), self.at).err(),
        })
    }

    /// Seeks what the verdict demands; what no human can mend is refused before anybody is asked.
    ///
    /// # Errors
    /// A probe cannot be put on record, or the rules went bad while the question stood.
    pub fn seek(&mut self, journal: &Journal) -> Result<Sought, Stop> {
        if let (Err(error), Standing::Unmatched) = (&self.plan, self.judgement.standing) {
            // `kubctl get pods` is a slip of the finger; to be told that a human must agree to it helps nobody. What
            // a rule knows is still judged first: the answer to `kubectl delete namespace` is the same everywhere.
            return Ok(Sought::Refused(no_program(error)));
        }
        let way = match self.way()? {
            Ok(way) => way,
            Err(refusal) => return Ok(Sought::Refused(refusal)),
        };
        if let Some(refusal) = self.unmet(journal)? {
            return Ok(Sought::Refused(refusal));
        }
        if let Err(error) = &self.plan {
            return Ok(Sought::Refused(no_program(error)));
        }
        match (way, &self.call.approving.break_glass) {
            (Way::Free, _) => match self.call.approving.request.clone() {
                Some(request) => self.freed(journal, &request),
                None => self.granted(approve::unasked(self.demand())),
            },
            (Way::Terminal, _) => self.prompt(journal),
            (Way::Signatures, Some(_)) => self.break_glass(journal),
            (Way::Signatures, None) => self.petition(journal),
        }
    }

    /// Asks at the terminal. While somebody was asked, the world went on.
    fn prompt(&mut self, journal: &Journal) -> Result<Sought, Stop> {
        let world = World::around(self)?;
        let agreed_to = bound::fields(self, &self.demanded(), &world, journal)?;
        let answer = approve::seek(self.demand(), &self.actor, self.mode, &self.question(), &self.terminal());
        let grant = match answer {
            Answer::Granted(grant) => grant,
            Answer::Refused(refusal) => return Ok(Sought::Refused(refusal)),
        };
        Ok(match self.unchanged(journal, Probes::Believed, &agreed_to, world)? {
            Ok(plan) => Sought::Granted(grant, Box::new(plan)),
            Err(refusal) => Sought::Refused(refusal),
        })
    }

    /// How lines on standard error look.
    #[must_use]
    pub fn look_of_stderr(&self) -> Look {
        let presence = match std::io::IsTerminal::is_terminal(&std::io::stderr()) {
            true => actor::Presence::Present,
            false => actor::Presence::Absent,
        };
        Look::choose(|name| self.house.variable(name).map(OsString::from), presence)
    }

    /// The controlling terminal, as it looks.
    fn terminal(&self) -> Terminal {
        let look =
            Look::choose(|name| self.house.variable(name).map(OsString::from), actor::Presence::Present);
        Terminal::controlling(look)
    }

    /// An answer, with what may be started by it.
    fn granted(&mut self, answer: Answer) -> Result<Sought, Stop> {
        let taken = std::mem::replace(&mut self.plan, Err(ResolveError::taken()));
        Ok(match (answer, taken) {
            (Answer::Granted(grant), Ok(plan)) => Sought::Granted(grant, Box::new(plan)),
            (Answer::Granted(_), Err(error)) => Sought::Refused(no_program(&error)),
            (Answer::Refused(refusal), _) => Sought::Refused(refusal),
        })
    }

    /// The question a human is asked.
    #[must_use]
    pub fn question(&self) -> Question {
        Question {
            asking: Asking::Confirm,
            id: self.id.as_str().to_owned(),
            verdict: self.verdict.word().to_owned(),
            asked: match &self.call.action {
                Action::Argv(argv) => Asked::Argv(argv.clone()),
                Action::Shell(shell) => Asked::Shell(shell.clone()),
            },
            because: Because::of(&self.judgement, self.verdict).as_ref().map(Ground::of),
            facts: FactRows::of(&self.judgement.facts),
            places: dossier::places(&self.judgement, &self.measured),
            rules: dossier::rule_lines(&self.judgement),
            undo: self
                .judgement
                .commands
                .iter()
                .flat_map(|judged| &judged.matched)
                .find_map(|m| m.rollback.clone()),
            requester: report::question::requester(
                &self.actor,
                &self.house.host,
                &self.house.cwd,
                self.call.reason.as_deref(),
            ),
            bound: Bound::default(),
            warnings: Vec::new(),
            time_limit: self.call.ask_timeout,
        }
    }

    /// The record of what is about to happen, or was denied.
    #[must_use]
    pub fn intent(&self, grant: Option<&Grant>) -> Intent {
        let mut secrets = self.secrets();
        let body = dossier::intent(self, &self.house, grant, &mut secrets);
        Intent { id: self.id.clone(), at: self.at, body, secrets }
    }

    fn secrets(&self) -> journal::Redactor {
        let mut secrets = dossier::secrets(&self.call.action, &self.judgement);
        // "rotated it, password=..." is typed in a hurry.
        self.call.reason.iter().chain(&self.call.ticket).for_each(|text| secrets.learn_text(text));
        secrets
    }

    /// The denial for the record.
    #[must_use]
    pub fn denial(&self, refusal: &Refusal) -> Denial {
        let by = match refusal.reason() {
            RefusalReason::Esc | RefusalReason::CtrlC | RefusalReason::CtrlD | RefusalReason::WrongCode => {
                self.actor.account.clone()
            }
            // What it says is final, so the log is asked for it.
            RefusalReason::Rejected => journal::REJECTED.to_owned(),
            reason @ (RefusalReason::HangUp
            | RefusalReason::Signal(_)
            | RefusalReason::TimedOut
            | RefusalReason::NoTerminal
            | RefusalReason::WrongMode
            | RefusalReason::NotHuman
            | RefusalReason::NeedsTwo
            | RefusalReason::Policy
            | RefusalReason::Unmet
            | RefusalReason::Drifted
            | RefusalReason::Unapproved
            | RefusalReason::Untimely
            | RefusalReason::Used
            | RefusalReason::Owed
            | RefusalReason::Unsigned
            | RefusalReason::NoProgram(_)) => format!("gate: {}", reason.word()),
        };
        let mut reason = refusal.to_string();
        reason.extend(refusal.details().iter().map(|detail| format!("; {detail}")));
        Denial { reason, by, exit_code: refusal.exit_code() }
    }
}

/// Whether a rule wants people by name or number, whatever the verdict.
fn asks_for_people(judgement: &Judgement) -> bool {
    matched(judgement).any(|rule| !rule.approvers.is_empty() || rule.approvals.is_some_and(|count| count > 0))
}

fn matched(judgement: &Judgement) -> impl Iterator<Item = &Rule> {
    judgement.commands.iter().flat_map(|judged| &judged.matched).map(|matched| &matched.rule)
}

/// Who has to agree: as many people as the verdict and any rule wants, of all groups that any rule wants.
fn demanded(judgement: &Judgement, verdict: Verdict) -> Demanded {
    let by_verdict = match verdict.demand() {
        Demand::TwoHumans => 2,
        Demand::Nothing | Demand::OneHuman | Demand::Refuse => 1,
    };
    let by_rules = matched(judgement).filter_map(|rule| rule.approvals).max().unwrap_or(1);
    let groups: BTreeSet<String> =
        matched(judgement).flat_map(|rule| rule.approvers.iter().cloned()).collect();
    Demanded { people: by_rules.max(by_verdict), groups: groups.into_iter().collect() }
}

fn no_program(error: &ResolveError) -> Refusal {
    let text = error.to_string();
    let text = text.strip_suffix("; the command was not started").unwrap_or(&text).to_owned();
    Refusal::other(RefusalReason::NoProgram(error.exit_code()), text, "check the name and PATH".to_owned())
}

/// Whether somebody will read what would lower a verdict.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Advice {
    /// It is worked out for whatever is stopped.
    Wanted,
    /// It is left out: finding it judges a command some twenty times over.
    Unwanted,
}

/// Judges an action in this house.
#[must_use]
pub fn hold(action: &Action, book: &Book, house: &House, actor: &Actor, advice: Advice) -> Judgement {
    let sight = house.sight();
    let bench = Bench {
        book,
        caller: house.caller(),
        cwd: house.cwd.clone(),
        actor: actor.kind.word(),
        eyes: &|command, reading, whence, wanted| sight.of(command, reading, whence, wanted),
        assumed: None,
    };
    let mut judgement = judge(action, &bench);
    if judgement.verdict > Verdict::Run && advice == Advice::Wanted {
        advise(&mut judgement, action, &bench);
    }
    judgement
}
