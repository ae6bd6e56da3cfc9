//! What a case says while it asks people: on standard error for people, as JSON lines for machines.
//!
//! In: the case, its request, the count. Out: lines. Never: a word on standard output where a command may still run.

use super::{Case, Patience};
use crate::bind::{Captured, Go};
use crate::quorum::Tally;
use crate::report::waiting::{Live, Waiting};
use crate::report::{self, Messages, error, sanitize};
use crate::request::Request;
use serde_json::json;
use std::time::Duration;

impl Case {
    /// `verdict two-person: data, scope unknown, tier unknown, rollback none`.
    #[must_use]
    pub fn judged_as(&self) -> String {
        let facts = &self.judgement.facts;
        let effects: Vec<&str> = facts.effects().map(|(effect, _)| effect.word()).collect();
        format!(
            "verdict {}: {}, scope {}, tier {}, rollback {}; id {}",
            self.verdict,
            effects.join("+"),
            facts.scope().value,
            facts.tier().value,
            facts.rollback().value,
            self.id.as_str(),
        )
    }
}

/// A request is on record and in the inbox.
///
/// `notes`: that the command will not get the standard input that is meant for it, and that nobody could approve it yet.
pub(super) fn requested(case: &Case, request: &Request, notes: &[Option<String>; 2]) {
    let notes = notes.iter().flatten().map(|note| match note.is_empty() {
        true => "nobody is listed as an approver yet: `remgate approver add NAME --key FILE.pub`".to_owned(),
        false => sanitize::text(note),
    });
    let notes: Vec<String> = notes.collect();
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
        "notes": notes,
    });
    case.call.voice.event(&event);
    let approving = &case.call.approving;
    if approving.patience == Patience::Leave {
        // Nothing runs, so standard output is free: `ID=$(remgate run --no-wait -- ...)`.
        report::out_line(match case.call.voice.messages {
            Messages::Text => id.to_string(),
            Messages::Json => event.to_string(),
        });
        if case.call.voice.messages == Messages::Text {
            notes.iter().for_each(|note| error(note, &[]));
        }
    } else if case.call.voice.messages == Messages::Text && approving.break_glass.is_none() {
        let groups = match demanded.groups.is_empty() {
            true => String::new(),
            false => format!(" ({})", sanitize::text(demanded.groups.join(", "))),
        };
        let people = if demanded.people == 1 { "one approval" } else { "approvals" };
        let number = if demanded.people == 1 { String::new() } else { format!("{} ", demanded.people) };
        let code: String = request.sha256().chars().take(12).collect();
        let text =
            format!("request {id} (sha256 {code}) asks for {number}{people}{groups}: {}", case.judged_as());
        let mut help = vec![format!("an approver calls `remgate approve {id}`")];
        help.extend(notes);
        error(text, &help);
    }
}

/// Standard input is read for a request, and that takes longer than a moment.
pub(super) fn reading(case: &Case, captured: Captured) -> Go {
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
pub(super) struct Line {
    live: Live,
    messages: Messages,
    people: u8,
    told: bool,
}

impl Line {
    /// For the wait of a case.
    pub(super) fn new(case: &Case) -> Self {
        let voice = case.call.voice;
        let live = Live::stderr(voice, case.look_of_stderr());
        Self { live, messages: voice.messages, people: case.demanded().people, told: false }
    }

    /// Draws it.
    pub(super) fn tell(&mut self, request: &Request, tally: &Tally, left: Duration) {
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
    pub(super) fn end(&mut self) {
        self.live.erase();
    }

    /// Says who approved, for the scroll-back; a call that did not wait says nothing.
    pub(super) fn met(&mut self, tally: &Tally) {
        self.live.erase();
        if self.told && self.messages == Messages::Text {
            let people: Vec<&str> = tally.approvals.iter().map(|by| by.person.as_str()).collect();
            error(format!("approved by {}", sanitize::text(people.join(", "))), &[]);
        }
    }
}
