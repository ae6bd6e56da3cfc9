//! What the gate itself says around a run: on standard error for people, as JSON lines for machines.
//!
//! In: the case and what became of it. Out: lines on standard error and on the status descriptor. Never: a word on
//! standard output, which belongs to the command, and nothing at all where a command simply ran.

use crate::approve::Refusal;
use crate::bind::{Captured, Go};
use crate::case::{Case, Patience};
use crate::journal::{Closed, End};
use crate::judge::Lower;
use crate::quorum::Tally;
use crate::report::judgement::standing_word;
use crate::report::waiting::{Live, Waiting};
use crate::report::{self, Because, Messages, error, sanitize};
use crate::request::Request;
use serde_json::{Value, json};
use std::time::Duration;

/// The action was refused.
pub fn refused(case: &Case, refusal: &Refusal) {
    let voice = case.call.voice;
    let because = Because::of(&case.judgement, case.verdict).map(|because| because.to_string());
    let mut event = json!({
        "event": "refused",
        "id": case.id.as_str(),
        "verdict": case.verdict.word(),
        "standing": standing_word(case.judgement.standing),
        "reason": refusal.reason().word(),
        "message": refusal.to_string(),
        "details": refusal.details(),
        "help": refusal.remedy(),
        "exit": refusal.exit_code(),
        "from": "gate",
    });
    if let (Some(event), Some(because)) = (event.as_object_mut(), &because) {
        event.insert("because".to_owned(), because.as_str().into());
    }
    voice.event(&event);
    if voice.messages == Messages::Text {
        let mut help = vec![sanitize::text(refusal.remedy())];
        help.extend(lowering(case));
        let because = because.map(|because| format!("\n  {because}")).unwrap_or_default();
        let details = refusal.details().iter().map(|detail| format!("\n  {}", sanitize::text(detail)));
        let because = because + &details.collect::<String>();
        error(format!("{} ({}){because}", sanitize::text(refusal.to_string()), judged_as(case)), &help);
    }
}

/// `verdict two-person: data, scope unknown, tier unknown, rollback none`.
fn judged_as(case: &Case) -> String {
    let facts = &case.judgement.facts;
    let effects: Vec<&str> = facts.effects().map(|(effect, _)| effect.word()).collect();
    format!(
        "verdict {}: {}, scope {}, tier {}, rollback {}; id {}",
        case.verdict,
        effects.join("+"),
        facts.scope().value,
        facts.tier().value,
        facts.rollback().value,
        case.id.as_str(),
    )
}

/// Why a command is not known, and what would lower the verdict, at most three changes.
fn lowering(case: &Case) -> Vec<String> {
    let unknown = case.judgement.commands.iter().find_map(|judged| judged.standing.1.as_ref());
    let mut help: Vec<String> =
        unknown.map(|why| format!("not known: {}", sanitize::text(why))).into_iter().collect();
    let lower = case.judgement.commands.iter().flat_map(|judged| &judged.lower);
    let text = |lower: &Lower| format!("{}: then {}", sanitize::text(&lower.change), lower.verdict);
    help.extend(lower.take(3).map(text));
    help
}

/// A request is on record and in the inbox.
pub fn requested(case: &Case, request: &Request) {
    let demanded = case.demanded();
    let id = request.id();
    let event = json!({
        "event": "requested",
        "id": id.as_str(),
        "verdict": case.verdict.word(),
        "request": request.sha256(),
        "people": demanded.people,
        "groups": demanded.groups,
        "expires": request.fields().get("expires"),
    });
    case.call.voice.event(&event);
    let approving = &case.call.approving;
    if approving.patience == Patience::Leave {
        // Nothing runs, so standard output is free: `ID=$(remgate run --no-wait -- ...)`.
        report::out_line(match case.call.voice.messages {
            Messages::Text => id.to_string(),
            Messages::Json => event.to_string(),
        });
    } else if case.call.voice.messages == Messages::Text && approving.break_glass.is_none() {
        let groups = match demanded.groups.is_empty() {
            true => String::new(),
            false => format!(" ({})", sanitize::text(demanded.groups.join(", "))),
        };
        let people = if demanded.people == 1 { "one approval" } else { "approvals" };
        let number = if demanded.people == 1 { String::new() } else { format!("{} ", demanded.people) };
        let text = format!("request {id} asks for {number}{people}{groups}: {}", judged_as(case));
        error(text, &[format!("an approver calls `remgate approve {id}`")]);
    }
}

/// Standard input is read for a request, and that takes longer than a moment.
pub fn reading(case: &Case, captured: Captured) -> Go {
    let seconds = captured.waited.as_secs();
    case.call.voice.event(&json!({
        "event": "reading-stdin", "id": case.id.as_str(), "bytes": captured.bytes, "seconds": seconds,
    }));
    // Once, for whoever wonders; a pipe may take minutes.
    if captured.waited >= case.call.ask_timeout {
        // A pipe that nobody ends must not hold an agent for ever.
        return Go::Break(());
    }
    if case.call.voice.messages == Messages::Text && seconds == 2 {
        let help = vec!["end it, or give `</dev/null` where the command reads nothing".to_owned()];
        error(format!("reading standard input to its end, {} bytes so far", captured.bytes), &help);
    }
    Go::Continue(())
}

/// The line that says how a wait stands.
#[derive(Debug)]
pub struct Line {
    live: Live,
    messages: Messages,
    people: u8,
    told: bool,
}

impl Line {
    /// For the wait of a case.
    #[must_use]
    pub fn new(case: &Case) -> Self {
        let voice = case.call.voice;
        let live = Live::stderr(voice, case.look_of_stderr());
        Self { live, messages: voice.messages, people: case.demanded().people, told: false }
    }

    /// Draws it.
    pub fn tell(&mut self, request: &Request, tally: &Tally, left: Duration) {
        self.told = true;
        self.live.tell(&Waiting {
            id: request.id().to_string(),
            have: tally.approvals.iter().map(|approval| approval.person.clone()).collect(),
            people: self.people,
            missing_people: tally.missing.people,
            missing_groups: tally.missing.groups.clone(),
            left,
        });
    }

    /// Takes it off the screen.
    pub fn end(&mut self) {
        self.live.erase();
    }

    /// Says who approved, for the scroll-back; a call that did not wait says nothing.
    pub fn met(&mut self, tally: &Tally) {
        self.live.erase();
        if self.told && self.messages == Messages::Text {
            let people: Vec<&str> = tally.approvals.iter().map(|by| by.person.as_str()).collect();
            error(format!("approved by {}", sanitize::text(people.join(", "))), &[]);
        }
    }
}

/// The intent is durable and the command is about to start.
pub fn begins(case: &Case) {
    case.call
        .voice
        .event(&json!({ "event": "started", "id": case.id.as_str(), "verdict": case.verdict.word() }));
}

/// The command ended and that is on record.
pub fn ended(case: &Case, closed: &Closed) {
    let voice = case.call.voice;
    let event = |more: Value| {
        let mut event = json!({ "event": "ended", "id": closed.id() });
        if let (Some(event), Some(more)) = (event.as_object_mut(), more.as_object()) {
            event.extend(more.clone());
        }
        voice.event(&event);
    };
    let say = |message: String| {
        if voice.messages == Messages::Text {
            error(message, &[]);
        }
    };
    match &closed.outcome().end {
        End::Exited { code } => event(json!({ "exit": code, "from": "command" })),
        End::Signaled { signal, .. } => event(json!({ "signal": signal, "from": "command" })),
        End::NotStarted { exit_code, reason } => {
            event(json!({ "exit": exit_code, "from": "gate", "message": reason }));
            say(sanitize::text(reason));
        }
        End::TimedOut { limit, descendants, survivors } => {
            event(json!({ "exit": 124, "from": "gate", "descendants": descendants, "survivors": survivors }));
            let left =
                if *survivors > 0 { format!("; {survivors} could not be ended") } else { String::new() };
            say(format!("ended after {limit:?} with {descendants} processes it had started{left}"));
        }
    }
}
