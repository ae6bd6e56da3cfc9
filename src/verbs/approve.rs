//! `remgate approve` and `remgate reject`: a human looks at a request, and signs an answer.
//!
//! In: a request from the inbox or a text. Out: a vote in the inbox, or as a text; and a record of it in the log of
//! whoever voted. Never: a vote that would not count, where that can be told here.

use super::carried::{self, Whence};
use super::{Form, Unshown, pending};
use crate::actor::{self, Actor, Observation};
use crate::approve::{self, RefusalReason, Signer, Terminal};
use crate::case::{count, reviews};
use crate::cli::approvals::{Approve, Reject};
use crate::clock;
use crate::house::House;
use crate::journal::{self, Intent, Redactor, Said};
use crate::quorum::{self, Roster, Statement, StatementKind, Tally, Vote};
use crate::report::pending::State;
use crate::report::{self, Asking, Look, Out, Question, sanitize};
use crate::request::{Moment, Request, pack_vote, timely};
use crate::stop::Stop;
use serde_json::{Map, json};
use std::ffi::OsString;
use std::path::Path;

/// What `approve` and `reject` answer where the human did not.
const NOT_SAID: u8 = 77;

/// Everything that voting on a request needs.
pub(super) struct Booth {
    pub(super) house: House,
    pub(super) actor: Actor,
    pub(super) look: Look,
    pub(super) roster: Option<Roster>,
    pub(super) request: Request,
    pub(super) whence: Whence,
}

impl Booth {
    pub(super) fn enter(argument: &str) -> Result<Self, Unshown> {
        let house = House::look().map_err(Stop::from)?;
        let actor = actor::detect(&Observation::of_this_process()).actor;
        let inbox = carried::inbox(&house)?;
        let (request, whence) = carried::request(argument, inbox.as_ref())?;
        let roster = quorum::roster(&house.places).map_err(Stop::from)?;
        let look = Look::choose(|name| house.variable(name).map(OsString::from), actor::Presence::Present);
        Ok(Self { house, actor, look, roster, request, whence })
    }

    /// The votes so far, where they are here.
    pub(super) fn votes(&self) -> Result<Vec<Vec<u8>>, Unshown> {
        match self.whence.is_here() {
            true => Ok(carried::inbox(&self.house)?.votes(self.request.id()).map_err(Stop::from)?),
            false => Ok(Vec::new()),
        }
    }

    /// Shows the request, and wants the code typed.
    pub(super) fn ask(&self, asking: Asking) -> Result<(), Unshown> {
        let question = Question::of_request(self.request.fields(), asking)
            .map_err(|error| Stop::Shown(self.request.id().clone(), error))?;
        let answer = approve::ask(&question, &self.actor, &Terminal::controlling(self.look));
        answer.map(drop).map_err(|reason| unsaid(reason, &self.actor))
    }

    /// Whether it can still be approved, by the clock of this machine.
    fn timely(&self) -> Result<(), Unshown> {
        // What the requester's machine counts since its start says something there alone.
        let moment = Moment { now: clock::now(), uptime_ms: None };
        timely(&self.request, moment).map_err(|late| {
            let help = match late {
                crate::request::Untimely::Early(_) | crate::request::Untimely::ClockSet(_) => {
                    "compare the clocks of both machines"
                }
                crate::request::Untimely::Expired(_) => "ask for a new request",
            };
            Unshown::Refused(format!("{late}; nothing was signed"), vec![help.to_owned()], NOT_SAID)
        })
    }

    /// Hands the vote on, and puts it on record here.
    pub(super) fn cast(&self, vote: &Vote, said: Said, form: Form) -> Result<u8, Unshown> {
        let bytes = vote.to_text().into_bytes();
        let mut votes = self.votes()?;
        votes.push(bytes.clone());
        let tally = count(self.roster.as_ref(), &self.request, &votes);
        let name = vote.sha256();
        if let Some(why) = self.objection(&name, &tally, &votes, said) {
            let text = format!("the signature would not count: {why}; nothing was handed on");
            let help = vec!["`remgate approver list` shows who counts, and with which keys".to_owned()];
            return Err(Unshown::Refused(sanitize::text(text), help, NOT_SAID));
        }
        // Where no list says who counts, nobody can say that a debt is settled.
        if said != Said::Reviewed || self.roster.is_some() {
            self.note(vote, said)?;
        }
        if self.whence.is_here() {
            carried::inbox(&self.house)?.vote(self.request.id(), &bytes).map_err(Stop::from)?;
        }
        self.tell(&bytes, &tally, said, form)
    }

    /// Why a vote would not count. Without a list of approvers nobody can tell here.
    fn objection(&self, vote: &str, tally: &Tally, votes: &[Vec<u8>], said: Said) -> Option<String> {
        let roster = self.roster.as_ref()?;
        match said {
            Said::Approved | Said::Rejected => {
                let void = tally.void.iter().find(|void| void.vote_sha256 == vote);
                // Of two votes of one person either may be the void one; the new one is the one too many.
                let by = tally.approvals.iter().find(|by| by.vote_sha256 == vote).map(|by| &by.person);
                let again = tally.void.iter().find(|void| by.is_some() && void.who.as_ref() == by);
                void.or(again).map(|void| void.why.to_string())
            }
            Said::Reviewed => {
                let counts = reviews(roster, &self.request, votes).iter().any(|by| by.vote_sha256 == vote);
                let why = "a review is signed by somebody on the list who did not run it, and once by each";
                (!counts).then(|| why.to_owned())
            }
        }
    }

    /// The record of whoever votes, in their own log.
    fn note(&self, vote: &Vote, said: Said) -> Result<(), Unshown> {
        let (signature, signed, words) = match vote {
            Vote::Approval(signature) => (signature, self.request.bytes(), None),
            Vote::Rejection { statement, signature } | Vote::Review { statement, signature } => {
                (signature, statement.as_bytes(), Statement::parse(statement).map(|said| said.reason))
            }
        };
        let key = quorum::check(signature.as_bytes(), signed).ok().map(|signed| signed.key);
        let person = key.as_ref().and_then(|key| self.roster.as_ref()?.person(key, clock::now()).ok());
        let actor = &self.actor;
        let name = person.unwrap_or(&actor.name);
        let mut body = Map::from_iter([
            (
                "actor".to_owned(),
                json!({ "kind": actor.kind.word(), "name": name, "account": actor.account }),
            ),
            ("verdict".to_owned(), self.request.fields().get("verdict").cloned().unwrap_or_default()),
            ("request".to_owned(), self.request.sha256().into()),
            ("vote".to_owned(), vote.sha256().into()),
            ("person".to_owned(), person.into()),
            ("key".to_owned(), key.map(|key| key.to_string()).into()),
            ("said".to_owned(), words.clone().into()),
        ]);
        let mut secrets = Redactor::new();
        words.iter().for_each(|words| secrets.learn_text(words));
        match self.request.action() {
            Ok(crate::command::Action::Argv(argv)) => {
                secrets.learn(&argv, &[]);
                body.insert("argv".to_owned(), argv.iter().map(|word| journal::text(word)).collect());
            }
            Ok(crate::command::Action::Shell(shell)) => {
                secrets.learn_text(&shell.text.to_string_lossy());
                body.insert("shell".to_owned(), journal::text(&shell.text));
            }
            Err(_) => {}
        }
        let journal = self.house.journal().map_err(Stop::from)?;
        let intent = Intent { id: self.request.id().clone(), at: clock::now(), body, secrets };
        Ok(journal.say(said, intent).map_err(Stop::from)?)
    }

    fn tell(&self, vote: &[u8], tally: &Tally, said: Said, form: Form) -> Result<u8, Unshown> {
        let id = self.request.id();
        let state =
            pending::state(&self.request, tally, &self.house, pending::log_of(&self.house)?.as_ref())?;
        let parcel = self.whence.is_text().then(|| pack_vote(id, vote));
        let mut out = Out::stdout();
        match form {
            Form::Json => out.line(json!({
                "id": id.as_str(),
                "said": said.word(),
                "approvals": tally.approvals.iter().map(|by| by.person.as_str()).collect::<Vec<_>>(),
                "missing": { "people": tally.missing.people, "groups": tally.missing.groups },
                "met": tally.met(),
                "state": state.word(),
                "vote": parcel,
            }))?,
            Form::Text => match parcel {
                // The text alone, so that it can be piped; what it is for goes to standard error.
                Some(parcel) => {
                    out.line(parcel)?;
                    let next = match self.whence.is_here() {
                        true => format!("it is in the inbox of this machine{}", standing(state, tally, said)),
                        false => "send this text back: `remgate request import -` or `--approval` takes it"
                            .to_owned(),
                    };
                    report::error_text(&format!("remgate: {} {id}; {next}\n", said.word()));
                }
                None => out.line(format!("{} {id}{}", said.word(), standing(state, tally, said)))?,
            },
        }
        out.finish()?;
        Ok(0)
    }
}

/// `: it still lacks 1 more person`. To whoever approves what somebody refused, `it lacks nobody` would be a promise.
fn standing(state: State, tally: &Tally, said: Said) -> String {
    match (said, state) {
        (Said::Approved, State::Approved) => ": it can run now".to_owned(),
        (Said::Approved, State::Waiting) => format!(": it still lacks {}", tally.missing),
        (Said::Approved, State::Rejected) => ": it was rejected, and will not run".to_owned(),
        (Said::Approved, State::Used) => ": it was used already, and will not run again".to_owned(),
        (Said::Approved, State::Expired | State::Flooded) | (Said::Rejected | Said::Reviewed, _) => {
            String::new()
        }
    }
}

/// Why nobody answered the question.
fn unsaid(reason: RefusalReason, actor: &Actor) -> Unshown {
    let (text, help) = match reason {
        RefusalReason::NotHuman => (
            format!(
                "only a human approves, and {actor} is none ({})",
                actor.evidence.first().map_or("", String::as_str)
            ),
            "call it from a terminal without agent or CI markers",
        ),
        RefusalReason::NoTerminal => (
            "there is no terminal to ask at".to_owned(),
            "call it from a terminal; `--print` shows how to sign elsewhere",
        ),
        reason @ (RefusalReason::Esc
        | RefusalReason::CtrlC
        | RefusalReason::CtrlD
        | RefusalReason::HangUp
        | RefusalReason::Signal(_)
        | RefusalReason::TimedOut
        | RefusalReason::WrongCode
        | RefusalReason::WrongMode
        | RefusalReason::NeedsTwo
        | RefusalReason::Policy
        | RefusalReason::Unmet
        | RefusalReason::Drifted
        | RefusalReason::Unapproved
        | RefusalReason::Rejected
        | RefusalReason::Untimely
        | RefusalReason::Used
        | RefusalReason::Owed
        | RefusalReason::Unsigned
        | RefusalReason::NoProgram(_)) => {
            (format!("no answer ({})", reason.word()), "call it again to be asked again")
        }
    };
    Unshown::Refused(format!("{}; nothing was signed", sanitize::text(text)), vec![help.to_owned()], NOT_SAID)
}

pub(super) fn approve(options: &Approve) -> Result<u8, Unshown> {
    let booth = Booth::enter(&options.request)?;
    let form = if options.json { Form::Json } else { Form::Text };
    booth.timely()?;
    if options.print {
        return print(&booth, options.key.as_deref());
    }
    if let Some(file) = &options.signature {
        return booth.cast(&Vote::Approval(signature(file)?), Said::Approved, form);
    }
    let tally = count(booth.roster.as_ref(), &booth.request, &booth.votes()?);
    let left = (booth.request.expires() - clock::now()).to_std().unwrap_or_default();
    booth.ask(Asking::Approve { left, missing: tally.missing.people.max(1) })?;
    let signed = booth.sign(options.key.as_deref(), booth.request.bytes())?;
    booth.cast(&Vote::Approval(signed), Said::Approved, form)
}

/// The command that signs, for a key that is elsewhere.
fn print(booth: &Booth, key: Option<&Path>) -> Result<u8, Unshown> {
    let id = booth.request.id();
    let words = crate::run::sign_words(key.unwrap_or(Path::new("KEY")));
    let sign = sanitize::quote_words(&words);
    // What is here by its id needs no text to be found.
    let name = if booth.whence.is_here() { id.as_str() } else { "TEXT" };
    let mut out = Out::stdout();
    out.line(format!("remgate request show {name} | {sign} > {id}.sig"))?;
    out.finish()?;
    let with = if key.is_some() { "" } else { "with KEY the file of your key; " };
    report::error_text(&format!("remgate: {with}then: remgate approve {name} --signature {id}.sig\n"));
    Ok(0)
}

/// A signature that was made elsewhere.
fn signature(file: &Path) -> Result<String, Unshown> {
    let text = carried::text_of(&file.to_string_lossy())?;
    match Vote::parse(text.as_bytes()) {
        Ok(Vote::Approval(signature)) => Ok(signature),
        Ok(Vote::Rejection { .. } | Vote::Review { .. }) | Err(_) => {
            let help = vec!["a file that begins with -----BEGIN SSH SIGNATURE-----".to_owned()];
            let shown = sanitize::text(file.as_os_str().as_encoded_bytes());
            Err(Unshown::Usage(format!("`{shown}` holds no signature"), help))
        }
    }
}

pub(super) fn reject(options: &Reject) -> Result<u8, Unshown> {
    let booth = Booth::enter(&options.request)?;
    let form = if options.json { Form::Json } else { Form::Text };
    booth.timely()?;
    booth.ask(Asking::Reject)?;
    let vote = booth.state(StatementKind::Rejection, &options.reason, options.key.as_deref())?;
    booth.cast(&vote, Said::Rejected, form)
}

impl Booth {
    /// A signature by the key that was named or is picked.
    fn sign(&self, key: Option<&Path>, message: &[u8]) -> Result<String, Unshown> {
        let state = self.house.state().map_err(Stop::from)?;
        let signer = Signer::choose(key, &state, self.roster.as_ref(), self.look);
        Ok(signer.and_then(|signer| signer.sign(message)).map_err(Stop::from)?)
    }

    /// A signed statement about the request.
    pub(super) fn state(
        &self,
        kind: StatementKind,
        reason: &str,
        key: Option<&Path>,
    ) -> Result<Vote, Unshown> {
        let statement =
            quorum::statement(kind, self.request.id(), &self.request.sha256(), reason, clock::now());
        let signature = self.sign(key, statement.as_bytes())?;
        Ok(match kind {
            StatementKind::Rejection => Vote::Rejection { statement, signature },
            StatementKind::Review => Vote::Review { statement, signature },
        })
    }
}
