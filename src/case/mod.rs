//! One action before the gate: who asks, what it is, how it was judged, what it still needs.
//!
//! In: a [`Call`] and the [`House`]. Out: a [`Case`], which the gate takes from room to room. Never: an order of steps
//! (that is the gate's), a record, or a start.

mod dossier;

use crate::actor::{self, Actor, Mode, Observation};
use crate::approve::{self, Answer, Demand, Grant, GrantKind, Refusal, RefusalReason, Terminal};
use crate::clock;
use crate::command::{self, Action, EnvironmentEdit};
use crate::decide::{Standing, Verdict};
use crate::house::House;
use crate::journal;
use crate::journal::{ActionId, Denial, End, Intent, Journal, Outcome};
use crate::judge::{Bench, Inquiry, Judged, Judgement, Need, advise, judge, named};
use crate::report::{self, Asked, Because, Look, Question, judgement as report_judgement};
use crate::rules::{Book, Requirement};
use crate::run::{self, Limit, Plan, ResolveError};
use crate::stop::Stop;
use chrono::{DateTime, Utc};
use serde_json::Value;
use std::ffi::OsString;
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
    /// How to speak.
    pub voice: report::Voice,
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
    /// The SHA-256 of the program file.
    pub digest: Option<String>,
    house: House,
}

/// What seeking came to.
#[derive(Debug)]
pub enum Sought<'c> {
    /// The demand is met, and this is what may be started with it.
    Granted(Grant, &'c Plan),
    /// It is not.
    Refused(Refusal),
}

/// How long a probe may take.
const PROBE_LIMIT: Duration = Duration::from_secs(20);
/// How much a probe may print, in bytes.
const PROBE_OUTPUT: usize = 1024 * 1024;

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
        let plan = plan(call, house);
        let cache = house.digests()?;
        let digest = match &plan {
            Ok(plan) => Some(plan.executable.sha256(Some(&cache))?.to_string()),
            Err(_) => None,
        };
        let files = law.loaded.files.iter();
        let rule_files = files
            .map(|file| (file.source.name.clone(), file.source.layer.to_string(), file.digest.to_string()))
            .collect();
        Ok(Self {
            call: call.clone(),
            id: ActionId::random().map_err(Stop::NoId)?,
            at,
            actor: detected.actor,
            mode,
            verdict: judgement.verdict,
            judgement,
            measured: Vec::new(),
            rule_files,
            plan,
            digest,
            house: house.clone(),
        })
    }

    /// Asks the probes that rules name. Each is an action of its own on record, as nothing runs unseen.
    ///
    /// # Errors
    /// The record cannot be written.
    pub fn measure(&mut self, journal: &Journal) -> Result<(), Stop> {
        let needs: Vec<(Need, String)> =
            self.judgement.commands.iter().flat_map(|judged| judged.needs.iter().cloned()).collect();
        for (need, rule) in &needs {
            if let Need::Probe(Err(why), _) = need {
                self.measured.push(format!("the reach is not known: {why} (rule {rule})"));
            }
        }
        for (need, rule) in needs {
            // What is denied anyway is not worth a query.
            if self.verdict == Verdict::Deny || self.hopeless().is_some() {
                return Ok(());
            }
            let Need::Probe(Ok(inquiry), max) = need else { continue };
            match self.probe(journal, &inquiry, &rule)? {
                Ok(lines) => {
                    let most = max.and_then(|max| usize::try_from(max).ok()).unwrap_or(usize::MAX);
                    self.measured.push(format!("{lines} objects (rule {rule})"));
                    if lines > most {
                        self.measured.push(format!("more than {most} objects need two people (rule {rule})"));
                        self.verdict = self.verdict.max(Verdict::TwoPerson);
                    }
                }
                Err(why) => {
                    self.measured.push(format!("{why} (rule {rule})"));
                    self.verdict = self.verdict.max(Verdict::TwoPerson);
                }
            }
        }
        Ok(())
    }

    /// Runs one probe, with intent and outcome, and counts its lines.
    fn probe(&self, journal: &Journal, inquiry: &Inquiry, rule: &str) -> Result<Result<usize, String>, Stop> {
        let terminal = Terminal::controlling(Look::PLAIN);
        let Answer::Granted(grant) =
            approve::seek(Demand::Nothing, &self.actor, Mode::Deny, &self.question(), &terminal)
        else {
            return Ok(Err("the probe was not allowed".to_owned()));
        };
        let body = dossier::probe(self, inquiry, rule);
        let id = ActionId::random().map_err(Stop::NoId)?;
        let opened = journal::open(journal, Intent { id, at: clock::now(), body, secrets: self.secrets() })?;
        let began = clock::monotonic();
        let answer = run::ask(&question(inquiry));
        let end = match &answer {
            Ok(answer) => answer.end.clone(),
            Err(error) => End::NotStarted { exit_code: 125, reason: error.to_string() },
        };
        journal::close(journal, opened.finish(grant, Outcome { end, took: began.elapsed() }))?;
        Ok(match answer {
            Ok(run::Answer { stdout, end: End::Exited { code: 0 } }) => {
                Ok(stdout.split(|byte| *byte == b'\n').filter(|line| !line.is_empty()).count())
            }
            Ok(_) => Err(format!("the probe `{}` failed", report::sanitize::quote_words(&inquiry.argv))),
            Err(error) => Err(error.to_string()),
        })
    }

    /// What the verdict demands.
    #[must_use]
    pub fn demand(&self) -> Demand {
        self.verdict.demand()
    }

    fn hopeless(&self) -> Option<Refusal> {
        approve::hopeless(self.demand(), &self.actor, self.mode)
    }

    /// Seeks what the verdict demands; what no human can mend is refused before anybody is asked.
    ///
    /// # Errors
    /// A probe cannot be put on record, or the rules went bad while the question stood.
    pub fn seek(&self, journal: &Journal) -> Result<Sought<'_>, Stop> {
        if let (Err(error), Standing::Unmatched) = (&self.plan, self.judgement.standing) {
            // `kubctl get pods` is a slip of the finger; to be told that a human must agree to it helps nobody. What
            // a rule knows is still judged first: the answer to `kubectl delete namespace` is the same everywhere.
            return Ok(Sought::Refused(no_program(error)));
        }
        if let Some(refusal) = self.hopeless() {
            return Ok(Sought::Refused(refusal));
        }
        if let Some(refusal) = self.unmet(journal)? {
            return Ok(Sought::Refused(refusal));
        }
        let plan = match &self.plan {
            Ok(plan) => plan,
            Err(error) => return Ok(Sought::Refused(no_program(error))),
        };
        let look =
            Look::choose(|name| self.house.variable(name).map(OsString::from), actor::Presence::Present);
        let terminal = Terminal::controlling(look);
        let grant = match approve::seek(self.demand(), &self.actor, self.mode, &self.question(), &terminal) {
            Answer::Granted(grant) => grant,
            Answer::Refused(refusal) => return Ok(Sought::Refused(refusal)),
        };
        match grant.kind() {
            GrantKind::NotNeeded => Ok(Sought::Granted(grant, plan)),
            // While somebody was asked, the world went on.
            GrantKind::Confirmed { .. } => Ok(match self.drift()? {
                None => Sought::Granted(grant, plan),
                Some(what) => Sought::Refused(drifted(&what)),
            }),
        }
    }

    /// The first requirement of a rule that is not met.
    fn unmet(&self, journal: &Journal) -> Result<Option<Refusal>, Stop> {
        let missing =
            |text: String, remedy: &str| Some(Refusal::other(RefusalReason::Unmet, text, remedy.to_owned()));
        for (need, rule) in self.judgement.commands.iter().flat_map(|judged| &judged.needs) {
            let refusal = match need {
                Need::Said(Requirement::Reason) if self.call.reason.is_none() => missing(
                    format!("rule `{rule}` requires a reason"),
                    "add --reason 'WHY' before the command",
                ),
                Need::Said(Requirement::Ticket) if self.call.ticket.is_none() => {
                    missing(format!("rule `{rule}` requires a ticket"), "add --ticket ID before the command")
                }
                Need::Approvers(groups) => missing(
                    format!("rule `{rule}` requires approval by {}", groups.join(" and ")),
                    "groups can only be proven by signed approvals, which are not there yet; take `approvers` out of the rule to ask at the terminal",
                ),
                Need::Trigger(Err(why)) => missing(
                    format!("rule `{rule}` requires its symptom, and nobody can look for it: {why}"),
                    "write the command so that its rule can be filled in",
                ),
                Need::Trigger(Ok(inquiry)) => match self.probe(journal, inquiry, rule)? {
                    Ok(_) => None,
                    Err(why) => missing(
                        format!("rule `{rule}` requires its symptom, and {why}"),
                        "the stated problem is not there; look again before you mend",
                    ),
                },
                Need::Said(Requirement::Reason | Requirement::Ticket) | Need::Probe(..) => None,
            };
            if refusal.is_some() {
                return Ok(refusal);
            }
        }
        Ok(None)
    }

    /// Hears the call once more and names the first thing that is not as it was.
    fn drift(&self) -> Result<Option<String>, Stop> {
        let now = Self::hear(&self.call, &self.house)?;
        if now.rule_files != self.rule_files {
            return Ok(Some("a rule file".to_owned()));
        }
        if now.digest != self.digest {
            return Ok(Some("the program file".to_owned()));
        }
        if let Some(what) = moved(&self.judgement, &now.judgement) {
            return Ok(Some(what));
        }
        let (before, after) =
            (report_judgement::to_json(&self.judgement), report_judgement::to_json(&now.judgement));
        Ok(first_difference("", &Value::Object(before), &Value::Object(after)))
    }

    /// The question a human is asked.
    #[must_use]
    pub fn question(&self) -> Question {
        Question {
            id: self.id.as_str().to_owned(),
            verdict: self.verdict.word().to_owned(),
            asked: match &self.call.action {
                Action::Argv(argv) => Asked::Argv(argv.clone()),
                Action::Shell(shell) => Asked::Shell(shell.clone()),
            },
            because: Because::of(&self.judgement, self.verdict),
            facts: self.judgement.facts.clone(),
            places: dossier::places(&self.judgement, &self.measured),
            rules: dossier::rule_lines(&self.judgement),
            undo: self
                .judgement
                .commands
                .iter()
                .flat_map(|judged| &judged.matched)
                .find_map(|m| m.rollback.clone()),
            requester: self.actor.clone(),
            host: self.house.host.clone(),
            directory: self.house.cwd.clone(),
            reason: self.call.reason.clone(),
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
            | RefusalReason::NoProgram(_)) => format!("gate: {}", reason.word()),
        };
        Denial { reason: refusal.to_string(), by, exit_code: refusal.exit_code() }
    }
}

/// An inquiry as it is asked.
fn question(inquiry: &Inquiry) -> run::Question {
    let edits = inquiry.environment.iter().filter_map(|edit| match edit {
        EnvironmentEdit::Set(name, value) => Some((name.clone(), Some(value.clone()))),
        EnvironmentEdit::Unset(name) => Some((name.clone(), None)),
        EnvironmentEdit::Unsure(_) | EnvironmentEdit::Clear => None, // no inquiry has them
    });
    run::Question {
        argv: inquiry.argv.clone(),
        environment: edits.collect(),
        limit: PROBE_LIMIT,
        most: PROBE_OUTPUT,
    }
}

fn no_program(error: &ResolveError) -> Refusal {
    let text = error.to_string();
    let text = text.strip_suffix("; the command was not started").unwrap_or(&text).to_owned();
    Refusal::other(RefusalReason::NoProgram(error.exit_code()), text, "check the name and PATH".to_owned())
}

fn drifted(what: &str) -> Refusal {
    let text = format!("{what} changed while the question stood");
    Refusal::other(RefusalReason::Drifted, text, "run it again to be asked about how it is now".to_owned())
}

/// Variables that make bash run something before, read its text otherwise, or find other programs and directories.
const SHELL_VARIABLES: [&str; 11] = [
    "BASHOPTS",
    "BASH_COMPAT",
    "BASH_ENV",
    "CDPATH",
    "ENV",
    "EXECIGNORE",
    "GLOBIGNORE",
    "IFS",
    "POSIXLY_CORRECT",
    "PS4",
    "SHELLOPTS",
];

/// What will be started: the argv itself, or for shell text a bash without any file or function of the caller's.
fn plan(call: &Call, house: &House) -> Result<Plan, ResolveError> {
    let limit = call.timeout.map(|after| Limit { after, grace: Limit::GRACE });
    match &call.action {
        Action::Argv(argv) => {
            let mut words = argv.iter().cloned();
            let arg0 = words.next().unwrap_or_default();
            let executable = run::resolve(&arg0, house.variable("PATH"), &house.cwd)?;
            Ok(started(executable, arg0, words.collect(), Vec::new(), limit))
        }
        Action::Shell(shell) => {
            let functions =
                house.env.keys().filter(|name| name.as_encoded_bytes().starts_with(b"BASH_FUNC_"));
            let env_remove = SHELL_VARIABLES.iter().map(OsString::from).chain(functions.cloned()).collect();
            // What runs is what was parsed: one command whose words are all certain needs no second reader.
            let words = command::shell::single(&shell.text, house.caller().known());
            if let Some((arg0, args)) = words.as_deref().and_then(<[OsString]>::split_first) {
                let executable = run::resolve(arg0, house.variable("PATH"), &house.cwd)?;
                return Ok(started(executable, arg0.clone(), args.to_vec(), env_remove, limit));
            }
            let executable = run::resolve_bash(house.variable("PATH"), &house.cwd)?;
            Ok(started(executable, OsString::from("bash"), shell.arguments(), env_remove, limit))
        }
    }
}

/// A plan that hands nothing over yet.
fn started(
    executable: run::Executable,
    arg0: OsString,
    args: Vec<OsString>,
    env_remove: Vec<OsString>,
    limit: Option<Limit>,
) -> Plan {
    let (env_set, handed, recheck) = (Vec::new(), Vec::new(), Vec::new());
    Plan { executable, arg0, args, env_remove, env_set, limit, stdin: None, handed, recheck }
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

/// The first field of the place that is not what it was. The context comes first: the cluster, server and user
/// that change with it would name the same switch less well.
fn moved(before: &Judgement, now: &Judgement) -> Option<String> {
    let values = |judged: &Judged, key: &str| {
        let field = judged.surroundings.fields.get(key);
        field.map_or_else(|| "none".to_owned(), |field| report::sanitize::text(field.values.join(", ")))
    };
    before.commands.iter().zip(&now.commands).find_map(|(old, new)| {
        let keys = old.surroundings.fields.keys().chain(new.surroundings.fields.keys());
        let mut keys = std::iter::once("context").chain(keys.map(String::as_str));
        let key = keys.find(|key| values(old, key) != values(new, key))?;
        Some(format!("the {key} (`{}` became `{}`)", values(old, key), values(new, key)))
    })
}

/// The path of the first value that differs.
fn first_difference(path: &str, before: &Value, after: &Value) -> Option<String> {
    match (before, after) {
        (Value::Object(old), Value::Object(new)) => {
            let keys: std::collections::BTreeSet<&String> = old.keys().chain(new.keys()).collect();
            keys.into_iter().find_map(|key| {
                let inner = format!("{path}{}{key}", if path.is_empty() { "" } else { " " });
                let null = &Value::Null;
                first_difference(&inner, old.get(key).unwrap_or(null), new.get(key).unwrap_or(null))
            })
        }
        (Value::Array(old), Value::Array(new)) if old.len() == new.len() => {
            old.iter().zip(new).find_map(|(old, new)| first_difference(path, old, new))
        }
        _ => (before != after).then(|| path.to_owned()),
    }
}
