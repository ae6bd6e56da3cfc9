//! The log as people read it: a table of actions, one line per event, and the answer of `log verify`.
//!
//! In: entries and answers of the journal. Out: text that fits the width it was given, in printable ASCII only:
//! argv is somebody else's text, and the reader's terminal must not obey it. Never: a print.

use crate::journal::{Ending, Entry, Fault, Gap, Integrity, Kind, Record, SECRET_MARK, Survey, field};
use serde_json::Value;
use std::fmt::Write as _;

/// The columns before the command: time, id, actor, verdict, outcome, and what stands between them.
const FIXED: usize = 8 + 1 + 12 + 1 + 9 + 1 + 10 + 1 + 10 + 1;

/// The narrowest command column; below that a table says nothing.
const NARROWEST: usize = 12;

/// A table of actions, `width` columns wide, with a line for each new day. Times are UTC.
#[must_use]
pub fn table(entries: &[Entry], width: usize) -> String {
    if entries.is_empty() {
        return "no actions\n".to_owned();
    }
    let mut text = row(["TIME", "ID", "ACTOR", "VERDICT", "OUTCOME", "COMMAND"], width);
    let mut day = None;
    for entry in entries {
        let today = entry.begin.time.date_naive();
        if day.replace(today) != Some(today) {
            line(&mut text, format_args!("{today} UTC"));
        }
        text.push_str(&event(&entry.begin, &ending(entry), width));
    }
    text
}

/// One record as a line of the table, for following the log; `None` for repairs and segments.
#[must_use]
pub fn followed(record: &Record, width: usize) -> Option<String> {
    let outcome = match record.kind {
        Kind::Intent => "started".to_owned(),
        Kind::Denied => "denied".to_owned(),
        Kind::Abandoned => "abandoned".to_owned(),
        Kind::Outcome => outcome(&record.value),
        Kind::Requested | Kind::Approved | Kind::Rejected | Kind::Reviewed => record.kind.word().to_owned(),
        Kind::Repair | Kind::Segment => return None,
    };
    Some(event(record, &outcome, width))
}

/// The runs that are owed a review, oldest first, `width` columns wide.
#[must_use]
pub fn owed(records: &[Record], width: usize) -> String {
    let mut text = row(["TIME", "ID", "WHO", "VERDICT", "DAY", "COMMAND"], width);
    for record in records {
        let day = record.time.format("%Y-%m-%d").to_string();
        text.push_str(&event(record, &day, width));
        let why =
            record.value.get("grant").and_then(|grant| grant.get("why")?.as_str()).unwrap_or("not said");
        line(
            &mut text,
            format_args!("         {}", fit(&format!("because: {why}"), width.saturating_sub(9))),
        );
    }
    line(&mut text, format_args!("somebody else signs one off with: remgate review ID"));
    text
}

/// The answer of `log verify`.
#[must_use]
pub fn verify(integrity: &Integrity) -> String {
    let mut text = String::new();
    match integrity {
        Integrity::Whole(survey) => {
            line(&mut text, format_args!("whole: {}", counted(survey)));
        }
        Integrity::Partial { survey, gaps } => {
            line(&mut text, format_args!("whole, but: {}", counted(survey)));
            gaps.iter().for_each(|found| line(&mut text, format_args!("  {}", gap(found))));
        }
        Integrity::Tampered { fault, survey } => {
            let Fault { segment, line: number, seq, offset, what } = fault;
            line(&mut text, format_args!("TAMPERED: record {seq}, {segment} line {number}, byte {offset}"));
            line(&mut text, format_args!("  {what}"));
            line(&mut text, format_args!("  before it: {}", counted(survey)));
        }
    }
    text
}

fn counted(survey: &Survey) -> String {
    let Survey { records, anchored, running, checkpoint: _ } = survey;
    let mut text = format!("{records} records");
    if *anchored > 0 {
        let behind = records.saturating_sub(*anchored);
        let noun = if behind == 1 { "record lies" } else { "records lie" };
        text = format!("{text}, {behind} {noun} after the last anchor");
    }
    if *running > 0 {
        text = format!("{text}, {running} running now");
    }
    text
}

fn gap(gap: &Gap) -> String {
    match gap {
        Gap::Empty => "the log is empty".to_owned(),
        Gap::Unanchored => {
            "no anchor was given, so a cut at its end could not be seen (--anchor FILE)".to_owned()
        }
        Gap::Torn { segment, bytes } => {
            format!("{segment} ends in the middle of a write ({bytes} bytes); the next gate repairs it")
        }
        Gap::Orphan { seq, id } => {
            format!(
                "action {id} (record {seq}) has no outcome and no gate; the next gate records it as abandoned"
            )
        }
    }
}

fn ending(entry: &Entry) -> String {
    match &entry.ending {
        Ending::Denied => "denied".to_owned(),
        Ending::Noted => entry.begin.kind.word().to_owned(),
        Ending::Running => "running".to_owned(),
        Ending::Orphaned | Ending::Abandoned(_) => "abandoned".to_owned(),
        Ending::Outcome(record) => outcome(&record.value),
    }
}

/// `exit 0`, `signal 9`, `timeout`, `not run`.
fn outcome(value: &Value) -> String {
    let number =
        |name| value.get(name).and_then(Value::as_i64).map_or("?".to_owned(), |number| number.to_string());
    match value.get("end").and_then(Value::as_str) {
        Some("exited") => format!("exit {}", number("exit")),
        Some("signaled") => format!("signal {}", number("signal")),
        Some("timed-out") => "timeout".to_owned(),
        Some("not-started") => format!("no run {}", number("exit")),
        Some(_) | None => "?".to_owned(),
    }
}

fn event(record: &Record, outcome: &str, width: usize) -> String {
    let time = record.time.format("%H:%M:%S").to_string();
    let (id, actor) = (record.id().unwrap_or("-"), record.actor().unwrap_or("-"));
    row([&time, id, actor, record.verdict().unwrap_or("-"), outcome, &command(&record.value)], width)
}

/// The command as one line: shell text as it is, argv with quotes where a word needs them.
pub(super) fn command(value: &Value) -> String {
    if let Some(shell) = value.get(field::SHELL) {
        return word(shell);
    }
    let argv = value.get(field::ARGV).and_then(Value::as_array);
    argv.map_or_else(String::new, |argv| argv.iter().map(quoted).collect::<Vec<_>>().join(" "))
}

fn quoted(value: &Value) -> String {
    let text = word(value);
    let plain = |c: char| c.is_ascii_alphanumeric() || "-_./=:,@%+~^{}<>".contains(c);
    if !text.is_empty() && text.chars().all(plain) {
        text
    } else {
        format!("'{}'", text.replace('\'', r"'\''"))
    }
}

/// A string, or the bytes of one that is not UTF-8, with every commitment shortened.
fn word(value: &Value) -> String {
    let encoded = value.get("b64").and_then(Value::as_str).map(|b64| format!("(base64 {b64})"));
    shorten(&value.as_str().map(str::to_owned).or(encoded).unwrap_or_default())
}

/// `<secret:1:HEX>` to `<secret:1>`: the rest is for machines.
fn shorten(text: &str) -> String {
    let mut parts = text.split(SECRET_MARK);
    let mut short = parts.next().unwrap_or_default().to_owned();
    for part in parts {
        let commitment =
            part.split_once('>').and_then(|(inside, rest)| Some((inside.split_once(':')?, rest)));
        short.push_str(SECRET_MARK);
        match commitment {
            Some(((index, hex), rest))
                if hex.len() == 32 && hex.bytes().all(|byte| byte.is_ascii_hexdigit()) =>
            {
                short.push_str(&format!("{index}>{rest}"));
            }
            Some(_) | None => short.push_str(part),
        }
    }
    short
}

fn row(cells: [&str; 6], width: usize) -> String {
    let [time, id, actor, verdict, outcome, command] = cells;
    let room = width.saturating_sub(FIXED).max(NARROWEST);
    let (actor, verdict, outcome) = (fit(actor, 9), fit(verdict, 10), fit(outcome, 10));
    let row = format!("{time:<8} {id:<12} {actor:<9} {verdict:<10} {outcome:<10} {}", fit(command, room));
    format!("{}\n", row.trim_end())
}

/// At most `room` columns of printable ASCII; what is left out shows as `...`.
pub(super) fn fit(text: &str, room: usize) -> String {
    let mut shown = String::new();
    for c in text.chars() {
        match c {
            ' '..='~' => shown.push(c),
            c => shown.extend(c.escape_default()),
        }
        if shown.len() > room {
            shown.truncate(room.saturating_sub(3)); // ASCII only, so that every byte is a column
            shown.push_str("...");
            break;
        }
    }
    shown
}

/// Formatting into a string cannot fail.
fn line(text: &mut String, content: std::fmt::Arguments<'_>) {
    let written = writeln!(text, "{content}");
    debug_assert!(written.is_ok(), "a string takes every character");
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::journal::{ActionId, Checkpoint};
    use serde_json::json;

    fn record(kind: Kind, value: Value) -> Record {
        let time = chrono::DateTime::parse_from_rfc3339("2026-03-01T09:30:00.123Z").unwrap().to_utc();
        Record { seq: 1, kind, time, json: value.to_string(), value }
    }

    fn entry(argv: Value, ending: Ending) -> Entry {
        let value = json!({ "id": "7f3k2m9qv0ab", "actor": { "name": "ada", "kind": "human" }, "verdict": "two-person", "argv": argv });
        Entry { begin: record(Kind::Intent, value), ending }
    }

    fn ended(value: Value) -> Ending {
        Ending::Outcome(record(Kind::Outcome, value))
    }

    #[test]
    fn the_table_reads_well_at_eighty_columns() {
        let mut later =
            entry(json!(["kubectl", "-n", "shop", "rollout", "restart", "deploy/web"]), Ending::Denied);
        later.begin.time += chrono::TimeDelta::days(1);
        let entries = [
            entry(json!(["git", "commit", "-m", "it's"]), ended(json!({ "end": "exited", "exit": 0 }))),
            entry(json!(["sleep", "9"]), ended(json!({ "end": "signaled", "signal": 15 }))),
            entry(json!(["nosuch"]), ended(json!({ "end": "not-started", "exit": 127 }))),
            entry(json!(["sleep", "9"]), ended(json!({ "end": "timed-out" }))),
            entry(json!([]), Ending::Running),
            entry(json!(["mysql", format!("-p<secret:1:{}>", "a".repeat(32))]), Ending::Orphaned),
            later,
        ];
        let expected = "\
TIME     ID           ACTOR     VERDICT    OUTCOME    COMMAND
2026-03-01 UTC
09:30:00 7f3k2m9qv0ab ada       two-person exit 0     git commit -m 'it'\\''s'
09:30:00 7f3k2m9qv0ab ada       two-person signal 15  sleep 9
09:30:00 7f3k2m9qv0ab ada       two-person no run 127 nosuch
09:30:00 7f3k2m9qv0ab ada       two-person timeout    sleep 9
09:30:00 7f3k2m9qv0ab ada       two-person running
09:30:00 7f3k2m9qv0ab ada       two-person abandoned  mysql -p<secret:1>
2026-03-02 UTC
09:30:00 7f3k2m9qv0ab ada       two-person denied     kubectl -n shop rollout...
";
        assert_eq!(table(&entries, 80), expected);
        assert!(table(&entries, 80).lines().all(|line| line.len() <= 80));
        assert_eq!(table(&[], 80), "no actions\n");
    }

    #[test]
    fn nothing_that_a_terminal_obeys_comes_out() {
        for odd in ["\u{1b}[2J", "a\nb", "\u{202e}", "\u{200b}", "\u{9b}31m", "\u{e9}", "\u{7f}"] {
            let mut entry = entry(json!([odd, { "b64": "Gw==" }]), Ending::Running);
            entry.begin.value["actor"] = json!(odd);
            entry.begin.value["verdict"] = json!(odd);
            let text = table(&[entry], 200);
            assert_eq!(text.lines().count(), 3, "{text}");
            assert!(text.bytes().all(|byte| byte == b'\n' || (b' '..=b'~').contains(&byte)), "{text:?}");
        }
    }

    #[test]
    fn following_shows_events() {
        let shown = |kind, value| followed(&record(kind, value), 80);
        assert_eq!(shown(Kind::Repair, json!({})), None);
        assert_eq!(shown(Kind::Segment, json!({})), None);
        let begun =
            shown(Kind::Intent, json!({ "id": "7f3k2m9qv0ab", "actor": "ci", "shell": "a; b" })).unwrap();
        assert_eq!(begun, "09:30:00 7f3k2m9qv0ab ci        -          started    a; b\n");
        let ended =
            shown(Kind::Outcome, json!({ "id": "7f3k2m9qv0ab", "end": "exited", "exit": 1 })).unwrap();
        assert_eq!(ended, "09:30:00 7f3k2m9qv0ab -         -          exit 1\n");
    }

    #[test]
    fn the_answer_says_what_and_where() {
        let checkpoint = Some(Checkpoint { origin: "remgate/x".to_owned(), size: 9, root: [0; 32] });
        let survey = Survey { records: 9, anchored: 8, running: 1, checkpoint };
        assert_eq!(
            verify(&Integrity::Whole(survey.clone())),
            "whole: 9 records, 1 record lies after the last anchor, 1 running now\n"
        );
        let gaps = vec![
            Gap::Orphan { seq: 4, id: ActionId::parse("7f3k2m9qv0ab").unwrap() },
            Gap::Torn { segment: "0000000000000000.jsonl".to_owned(), bytes: 12 },
        ];
        let said = verify(&Integrity::Partial { survey: survey.clone(), gaps });
        assert!(
            said.starts_with("whole, but: 9 records")
                && said.contains("(record 4)")
                && said.contains("(12 bytes)"),
            "{said}"
        );
        let what = crate::journal::Tampering::Short(12);
        let fault =
            Fault { segment: "0000000000000000.jsonl".to_owned(), line: 10, seq: 9, offset: 4711, what };
        let said = verify(&Integrity::Tampered { fault, survey });
        assert!(
            said.starts_with("TAMPERED: record 9, 0000000000000000.jsonl line 10, byte 4711\n"),
            "{said}"
        );
    }
}
