//! The line of a run that waits for approvals.
//!
//! In: how the counting stands, once a second. Out: on a terminal one line, drawn over in place; elsewhere one line for
//! each change; for machines an event for each change. Never: standard output, and never a line that wraps, because a
//! wrapped line cannot be drawn over.

use super::question::clock;
use super::style::{Cursor, Look};
use super::voice::{Messages, Voice};
use super::{sanitize, wrap};
use serde_json::{Value, json};
use std::io::{self, IsTerminal, Stderr, Write};
use std::time::Duration;

/// How the counting stands.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Waiting {
    /// The request's id.
    pub id: String,
    /// Whose approvals count so far.
    pub have: Vec<String>,
    /// How many people are demanded.
    pub people: u8,
    /// How many of them are missing.
    pub missing_people: u8,
    /// From which groups somebody is missing.
    pub missing_groups: Vec<String>,
    /// Until the wait or the request ends, whichever comes first.
    pub left: Duration,
}

impl Waiting {
    /// What is told again only where it changes: all but the time.
    fn standing(&self) -> Self {
        Self { left: Duration::ZERO, ..self.clone() }
    }

    fn event(&self) -> Value {
        json!({
            "event": "waiting",
            "id": self.id,
            "approvals": self.have,
            "people": self.people,
            "missing": { "people": self.missing_people, "groups": self.missing_groups },
            "left_ms": u64::try_from(self.left.as_millis()).unwrap_or(u64::MAX),
        })
    }
}

/// The line in at most `columns`, with as much as fits.
#[must_use]
pub fn line(waiting: &Waiting, columns: usize) -> String {
    let id = wrap::cut(&sanitize::text(&waiting.id), 12);
    let counted = format!("{} of {}", waiting.have.len(), waiting.people);
    let names = waiting.have.iter().map(sanitize::text).collect::<Vec<_>>().join(", ");
    let named = if names.is_empty() { counted.clone() } else { format!("{counted}: {names}") };
    let missing = missing(waiting);
    let left = format!("{} left", clock(waiting.left));
    // From all to little: the way out goes first, the id and the time stay to the last.
    let choices = [
        format!("waiting for approval {id}  {named}; {missing}  {left}  Ctrl-C leaves it pending"),
        format!("waiting {id}  {named}; {missing}  {left}  Ctrl-C leaves it pending"),
        format!("waiting {id}  {named}; {missing}  {left}"),
        format!("waiting {id}  {counted}; {missing}  {left}"),
        format!("waiting {id}  {counted}  {left}"),
        format!("{id}  {counted}  {left}"),
    ];
    let fits = choices.iter().find(|line| wrap::columns(line) <= columns);
    fits.cloned().unwrap_or_else(|| {
        // `cut` keeps at least one letter and its dots.
        wrap::chop(&format!("{id}  {left}"), columns.max(1)).into_iter().next().unwrap_or_default()
    })
}

/// `missing: 1 more (dba)`
fn missing(waiting: &Waiting) -> String {
    let groups = waiting.missing_groups.iter().map(sanitize::text).collect::<Vec<_>>().join(", ");
    match (waiting.missing_people, groups.is_empty()) {
        (0, true) => "nobody is missing".to_owned(),
        (0, false) => format!("missing: somebody of {groups}"),
        (people, true) => format!("missing: {people} more"),
        (people, false) => format!("missing: {people} more ({groups})"),
    }
}

/// Draws the line on standard error, and erases it when it is dropped.
#[derive(Debug)]
pub struct Live<W: Write = Stderr> {
    sink: W,
    voice: Voice,
    form: Form,
    /// What was told last, without the time.
    told: Option<Waiting>,
    /// The columns of the line that stands there.
    drawn: usize,
}

/// How the line is told.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Form {
    InPlace,
    ByLine,
    /// Standard error belongs to the events.
    EventsOnly,
}

impl Live {
    /// For standard error as it is.
    #[must_use]
    pub fn stderr(voice: Voice, look: Look) -> Self {
        let form = match (voice.messages, look.cursor) {
            (Messages::Json, _) => Form::EventsOnly,
            (Messages::Text, Cursor::Moves) if io::stderr().is_terminal() => Form::InPlace,
            (Messages::Text, Cursor::Moves | Cursor::Stays) => Form::ByLine,
        };
        Self { sink: io::stderr(), voice, form, told: None, drawn: 0 }
    }

    /// Tells how it stands. Call it each second, and whenever something changed.
    pub fn tell(&mut self, waiting: &Waiting) {
        // Asked anew each time: a window that was resized sends nobody a signal here.
        let columns = rustix::termios::tcgetwinsize(&self.sink).map_or(0, |size| usize::from(size.ws_col));
        self.tell_at(waiting, if columns == 0 { 80 } else { columns });
    }
}

impl<W: Write> Live<W> {
    fn tell_at(&mut self, waiting: &Waiting, columns: usize) {
        let standing = waiting.standing();
        let changed = self.told.as_ref() != Some(&standing);
        if changed {
            self.voice.event(&waiting.event());
        }
        // A line that cannot be written has nobody left to read it; the wait itself goes on.
        let _ = match self.form {
            Form::InPlace => self.draw(&line(waiting, columns.saturating_sub(1)), columns),
            Form::ByLine if changed => writeln!(self.sink, "remgate: {}", line(waiting, usize::MAX)),
            Form::ByLine | Form::EventsOnly => Ok(()),
        };
        self.told = Some(standing);
    }

    fn draw(&mut self, line: &str, columns: usize) -> io::Result<()> {
        // Made narrower, some terminals wrapped what stood there and some cut it off. Going up to erase would take lines
        // that are not ours on the second kind, so the old line stays and a new one begins.
        let begin = if self.drawn >= columns { "\r\n" } else { "\r" };
        self.drawn = wrap::columns(line);
        self.sink.write_all(format!("{begin}{line}\x1b[K").as_bytes())?;
        self.sink.flush()
    }

    /// Takes the line off the screen, for whatever is written next.
    pub fn erase(&mut self) {
        if self.drawn > 0 {
            self.drawn = 0;
            let _ = self.sink.write_all(b"\r\x1b[K").and_then(|()| self.sink.flush());
        }
    }
}

impl<W: Write> Drop for Live<W> {
    fn drop(&mut self) {
        self.erase();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn waiting() -> Waiting {
        Waiting {
            id: "7f3k2m9qv0ab".to_owned(),
            have: vec!["alice".to_owned()],
            people: 2,
            missing_people: 1,
            missing_groups: vec!["dba".to_owned()],
            left: Duration::from_secs(271),
        }
    }

    fn live(form: Form) -> Live<Vec<u8>> {
        let voice = Voice { messages: Messages::Text, status_fd: None };
        Live { sink: Vec::new(), voice, form, told: None, drawn: 0 }
    }

    fn written(live: &Live<Vec<u8>>) -> &str {
        std::str::from_utf8(&live.sink).unwrap()
    }

    #[test]
    fn the_line_says_as_much_as_fits() {
        let table = [
            (
                108,
                "waiting for approval 7f3k2m9qv0ab  1 of 2: alice; missing: 1 more (dba)  4:31 left  Ctrl-C leaves it pending",
            ),
            (
                99,
                "waiting 7f3k2m9qv0ab  1 of 2: alice; missing: 1 more (dba)  4:31 left  Ctrl-C leaves it pending",
            ),
            (79, "waiting 7f3k2m9qv0ab  1 of 2: alice; missing: 1 more (dba)  4:31 left"),
            (63, "waiting 7f3k2m9qv0ab  1 of 2; missing: 1 more (dba)  4:31 left"),
            (39, "waiting 7f3k2m9qv0ab  1 of 2  4:31 left"),
            (35, "7f3k2m9qv0ab  1 of 2  4:31 left"),
        ];
        for (columns, expected) in table {
            assert_eq!(line(&waiting(), columns), expected, "{columns}");
        }
        let nobody = Waiting { have: Vec::new(), missing_people: 2, missing_groups: Vec::new(), ..waiting() };
        assert!(line(&nobody, 200).contains("0 of 2; missing: 2 more  4:31"), "{}", line(&nobody, 200));
        let group = Waiting { missing_people: 0, ..waiting() };
        assert!(line(&group, 200).contains("missing: somebody of dba"));
    }

    #[test]
    fn no_width_and_no_name_makes_it_wrap_or_act() {
        let evil = "\u{1b}[2J\u{202e}\r\n\u{65e5}".repeat(20);
        let hostile = Waiting {
            id: evil.clone(),
            have: vec![evil.clone(); 9],
            missing_groups: vec![evil; 9],
            people: 255,
            missing_people: 255,
            left: Duration::MAX,
        };
        for one in [waiting(), hostile] {
            for columns in 1..200 {
                let line = line(&one, columns);
                assert!(wrap::columns(&line) <= columns.max(2), "{columns}: {line:?}");
                assert!(!line.chars().any(|shown| shown.is_control() || shown == '\u{202e}'), "{line:?}");
            }
        }
    }

    #[test]
    fn in_place_each_call_draws_over_the_last_and_the_end_leaves_nothing() {
        let mut live = live(Form::InPlace);
        live.tell_at(&waiting(), 40);
        live.tell_at(&Waiting { left: Duration::from_secs(270), ..waiting() }, 40);
        live.erase();
        live.erase();
        let expected = "\rwaiting 7f3k2m9qv0ab  1 of 2  4:31 left\x1b[K\
                        \rwaiting 7f3k2m9qv0ab  1 of 2  4:30 left\x1b[K\r\x1b[K";
        assert_eq!(written(&live), expected);
    }

    #[test]
    fn a_window_made_narrower_gets_a_line_of_its_own() {
        let mut live = live(Form::InPlace);
        for columns in [100, 40, 40, 100] {
            live.tell_at(&waiting(), columns);
        }
        let starts: Vec<bool> = written(&live).split("\x1b[K").map(|one| one.starts_with("\r\n")).collect();
        assert_eq!(starts, [false, true, false, false, false]);
    }

    #[test]
    fn without_a_terminal_only_changes_are_told() {
        let mut live = live(Form::ByLine);
        live.tell_at(&waiting(), 80);
        live.tell_at(&Waiting { left: Duration::from_secs(1), ..waiting() }, 80);
        live.tell_at(&Waiting { have: vec!["alice".to_owned(), "bob".to_owned()], ..waiting() }, 80);
        assert_eq!(written(&live).lines().count(), 2);
        assert!(written(&live).lines().all(|line| line.starts_with("remgate: waiting for approval ")));
        assert!(!written(&live).contains('\x1b'));
    }

    #[test]
    fn machines_get_an_event_for_each_change_and_no_line() {
        let status = tempfile::NamedTempFile::new().unwrap();
        let fd = std::os::fd::AsRawFd::as_raw_fd(status.as_file());
        let voice = Voice { messages: Messages::Text, status_fd: Some(fd) };
        let mut live = live(Form::EventsOnly);
        live.voice = voice;
        live.tell_at(&waiting(), 80);
        live.tell_at(&Waiting { left: Duration::ZERO, ..waiting() }, 80);
        assert_eq!(written(&live), "");
        let told = std::fs::read_to_string(status.path()).unwrap();
        let event: Value = serde_json::from_str(&told).unwrap();
        assert_eq!(
            event,
            json!({
                "event": "waiting", "id": "7f3k2m9qv0ab", "approvals": ["alice"], "people": 2,
                "missing": { "people": 1, "groups": ["dba"] }, "left_ms": 271_000,
            })
        );
    }
}
