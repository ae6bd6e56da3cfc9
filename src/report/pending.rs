//! Requests that wait for people: the table of all, one of them in full, and both for machines.
//!
//! In: stored requests, which are anybody's text, and what was counted of their votes. Out: text that fits, with every
//! untrusted byte escaped. Never: a cut in the screen of one request - what an approver signs must be readable
//! somewhere - and never a clock.

use super::log::{command, fit};
use super::question::{Asking, NoRequest, Question, Row, Screen, Times, clock, lay_out_whole};
use crate::journal::ActionId;
use chrono::{DateTime, Utc};
use serde_json::{Map, Value, json};
use std::time::Duration;

/// Below so many columns a table row takes two lines and says less.
const ROOMY: usize = 72;
/// No column but the command is wider than this.
const CELL: usize = 14;

/// How a request stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum State {
    /// People are missing.
    Waiting,
    /// Nobody is missing; it can run.
    Approved,
    /// Somebody said no.
    Rejected,
    /// Its time is over.
    Expired,
    /// It was started; an approval holds once.
    Used,
    /// More votes than anybody casts; none is counted.
    Flooded,
}

impl State {
    /// The word in tables and in JSON.
    #[must_use]
    pub fn word(self) -> &'static str {
        match self {
            State::Waiting => "waiting",
            State::Approved => "approved",
            State::Rejected => "rejected",
            State::Expired => "expired",
            State::Used => "used",
            State::Flooded => "flooded",
        }
    }
}

/// A stored request and what its votes came to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Pending<'r> {
    /// The document.
    pub request: &'r Map<String, Value>,
    /// How it stands.
    pub state: State,
    /// Whose approvals count.
    pub have: Vec<String>,
    /// How many people are missing.
    pub missing_people: u8,
    /// From which groups somebody is missing.
    pub missing_groups: Vec<String>,
}

impl Pending<'_> {
    /// The request itself, with `approvals`, `missing` and `state`.
    #[must_use]
    pub fn to_json(&self) -> Value {
        let mut object = self.request.clone();
        object.insert("approvals".to_owned(), self.have.clone().into());
        let missing = json!({ "people": self.missing_people, "groups": self.missing_groups });
        object.insert("missing".to_owned(), missing);
        object.insert("state".to_owned(), self.state.word().into());
        object.into()
    }

    fn said(&self, name: &str) -> &str {
        self.request.get(name).and_then(Value::as_str).unwrap_or("-")
    }

    fn command(&self) -> String {
        let command = command(&Value::Object(self.request.clone()));
        if command.trim().is_empty() { "-".to_owned() } else { command }
    }

    fn requester(&self) -> &str {
        let requester = self.request.get("requester");
        requester.and_then(|who| who.get("name")).and_then(Value::as_str).unwrap_or("-")
    }

    /// `1 of 2 (sre)` with the groups that are missing, or how it ended.
    fn needs(&self) -> String {
        match self.state {
            State::Waiting => of_all(&self.have, self.missing_people, &self.missing_groups),
            State::Approved | State::Rejected | State::Expired | State::Used | State::Flooded => {
                self.state.word().to_owned()
            }
        }
    }
}

fn of_all(have: &[String], missing: u8, groups: &[String]) -> String {
    let groups = if groups.is_empty() { String::new() } else { format!(" ({})", groups.join(",")) };
    format!("{} of {}{groups}", have.len(), have.len() + usize::from(missing))
}

/// The table for `remgate pending`, in printable ASCII, no line wider than `columns` from 40 on.
#[must_use]
pub fn table(requests: &[Pending<'_>], columns: usize, now: DateTime<Utc>) -> String {
    if requests.is_empty() {
        return "no requests are pending\n".to_owned();
    }
    let head = ["ID", "AGE", "LEFT", "ASKED BY", "VERDICT", "NEEDS"].map(str::to_owned);
    let rows: Vec<[String; 6]> = requests.iter().map(|one| cells(one, now)).collect();
    let all: Vec<&[String; 6]> = std::iter::once(&head).chain(&rows).collect();
    let commands = std::iter::once("COMMAND".to_owned()).chain(requests.iter().map(Pending::command));
    // A column is as wide as what stands in it.
    let width = |at: usize| all.iter().filter_map(|row| row.get(at)).map(String::len).max().unwrap_or(0);
    let shown: &[usize] = if columns < ROOMY { &[0, 1, 2, 5] } else { &[0, 1, 2, 3, 4, 5] };
    let mut text = String::new();
    for (row, command) in all.iter().zip(commands) {
        let cells = shown.iter().filter_map(|at| Some(format!("{:1$}", row.get(*at)?, width(*at))));
        let line = cells.collect::<Vec<_>>().join(" ");
        let line = if columns < ROOMY {
            format!("{}\n  {}", fit(line.trim_end(), columns), fit(&command, columns.saturating_sub(2)))
        } else {
            format!("{line} {}", fit(&command, columns.saturating_sub(line.len() + 1)))
        };
        text.push_str(line.trim_end());
        text.push('\n');
    }
    text
}

fn cells(one: &Pending<'_>, now: DateTime<Utc>) -> [String; 6] {
    let times = Times::of(one.request);
    let age = times.created.and_then(|created| (now - created).to_std().ok());
    [
        fit(one.said("id"), ActionId::LEN),
        age.map_or_else(|| "-".to_owned(), coarse),
        coarse(times.left(now)),
        fit(one.requester(), CELL),
        fit(one.said("verdict"), CELL),
        fit(&one.needs(), CELL),
    ]
}

/// `41s`, `12m`, `3h`, `9d`.
fn coarse(span: Duration) -> String {
    match span.as_secs() {
        seconds @ 0..60 => format!("{seconds}s"),
        seconds @ 60..3_600 => format!("{}m", seconds / 60),
        seconds @ 3_600..172_800 => format!("{}h", seconds / 3_600),
        seconds => format!("{}d", seconds / 86_400),
    }
}

/// One request in full, for `remgate pending ID`. `votes` are lines about each vote, counted or void.
///
/// # Errors
/// [`NoRequest`] where the document cannot be shown.
pub fn screen(
    one: &Pending<'_>,
    votes: &[String],
    screen: &Screen,
    now: DateTime<Utc>,
) -> Result<String, NoRequest> {
    let left = Times::of(one.request).left(now);
    let asking = match one.state {
        State::Waiting | State::Approved => Asking::Approve { left, missing: one.missing_people },
        State::Rejected | State::Expired | State::Used | State::Flooded => Asking::Review,
    };
    let question = Question::of_request(one.request, asking)?;
    let headline = match one.state {
        State::Waiting => format!("waits for people, {} left", clock(left)),
        State::Approved => format!("is approved, {} left", clock(left)),
        State::Rejected => "was rejected".to_owned(),
        State::Expired => "has expired".to_owned(),
        State::Used => "was used".to_owned(),
        State::Flooded => "has too many votes".to_owned(),
    };
    Ok(lay_out_whole(&question, &headline, &closing(one, votes), screen))
}

fn closing(one: &Pending<'_>, votes: &[String]) -> Vec<Row> {
    let row = |label: &str, note: &str| Row {
        label: label.to_owned(),
        value: String::new(),
        note: note.to_owned(),
        source: String::new(),
    };
    let mut rows = vec![row("state", &one.needs())];
    rows.extend(votes.iter().map(|vote| row("votes", vote)));
    // A document may call itself anything; only a proper id is put where people copy from.
    if let (State::Waiting, Some(id)) = (one.state, ActionId::parse(one.said("id"))) {
        rows.push(row("next", &format!("remgate approve {}", id.as_str())));
        rows.push(row("next", &format!("remgate reject {} --reason TEXT", id.as_str())));
    }
    rows
}

#[cfg(test)]
mod tests {
    use super::*;

    fn request(more: Value) -> Map<String, Value> {
        let request = json!({
            "v": 1, "type": "request", "id": "7f3k2m9qv0ab", "verdict": "two-person",
            "created": "2026-11-21T18:00:00.000Z", "expires": "2026-11-21T18:30:00.000Z",
            "requester": { "name": "claude-code" }, "argv": ["psql", "-d", "shop", "-f", "./cut.sql"],
        });
        let mut request = request.as_object().unwrap().clone();
        request.extend(more.as_object().unwrap().clone());
        request
    }

    fn pending(request: &Map<String, Value>) -> Pending<'_> {
        Pending {
            request,
            state: State::Waiting,
            have: vec!["alice".to_owned()],
            missing_people: 1,
            missing_groups: vec!["dba".to_owned()],
        }
    }

    fn now() -> DateTime<Utc> {
        DateTime::parse_from_rfc3339("2026-11-21T18:03:20Z").unwrap().to_utc()
    }

    #[test]
    fn the_table_reads_well_wide_and_narrow() {
        let first = request(json!({}));
        let old =
            request(json!({ "id": "0000000000ab", "created": "2026-11-12T18:00:00Z", "shell": "a; b" }));
        let rejected = Pending { state: State::Rejected, ..pending(&old) };
        let all = [pending(&first), rejected];
        assert_eq!(
            table(&all, 80, now()),
            "\
ID           AGE LEFT ASKED BY    VERDICT    NEEDS        COMMAND
7f3k2m9qv0ab 3m  26m  claude-code two-person 1 of 2 (dba) psql -d shop -f ./c...
0000000000ab 9d  26m  claude-code two-person rejected     a; b
"
        );
        assert_eq!(
            table(&all, 40, now()),
            "\
ID           AGE LEFT NEEDS
  COMMAND
7f3k2m9qv0ab 3m  26m  1 of 2 (dba)
  psql -d shop -f ./cut.sql
0000000000ab 9d  26m  rejected
  a; b
"
        );
        assert_eq!(table(&[], 80, now()), "no requests are pending\n");
    }

    #[test]
    fn no_text_of_a_request_acts_or_sticks_out() {
        let evil = "\u{1b}[2J\u{202e}\r\n7f3k2m9qv0ab 3m  26m  root        ".repeat(9);
        for bent in [json!(evil), json!(null), json!(7), json!([evil]), json!({ "name": evil })] {
            let names = ["id", "verdict", "created", "expires", "requester", "argv", "shell"];
            let hostile = names.map(|name| (name.to_owned(), bent.clone())).into_iter().collect();
            let hostile = request(Value::Object(hostile));
            let one = Pending { missing_groups: vec![evil.clone()], ..pending(&hostile) };
            for columns in [40, 80, 200] {
                let text = table(std::slice::from_ref(&one), columns, now());
                assert_eq!(text.lines().count(), if columns == 40 { 4 } else { 2 }, "{text}");
                assert!(text.lines().all(|line| line.len() <= columns), "{columns}:\n{text}");
                assert!(text.bytes().all(|byte| byte == b'\n' || (b' '..=b'~').contains(&byte)), "{text:?}");
            }
        }
    }

    #[test]
    fn machines_get_the_request_and_how_it_stands() {
        // What a request claims about its own votes is overwritten.
        let request = request(json!({ "state": "approved", "approvals": ["mallory"] }));
        let object = pending(&request).to_json();
        assert_eq!(object["argv"], request["argv"]);
        assert_eq!(object["approvals"], json!(["alice"]));
        assert_eq!(object["missing"], json!({ "people": 1, "groups": ["dba"] }));
        assert_eq!(object["state"], "waiting");
    }
}
