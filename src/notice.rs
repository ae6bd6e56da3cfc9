//! What the gate itself says around a run: on standard error for people, as JSON lines for machines.
//!
//! In: the case and what became of it. Out: lines on standard error and on the status descriptor. Never: a word on
//! standard output, which belongs to the command, and nothing at all where a command simply ran.

use crate::approve::Refusal;
use crate::case::Case;
use crate::journal::{Closed, End};
use crate::judge::Lower;
use crate::report::judgement::standing_word;
use crate::report::{Because, Messages, error, sanitize};
use serde_json::{Value, json};

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
        error(format!("{} ({}){because}", sanitize::text(refusal.to_string()), case.judged_as()), &help);
    }
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
