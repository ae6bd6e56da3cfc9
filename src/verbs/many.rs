//! Many commands at once: read as JSON lines, judged by the whole book.
//!
//! In: lines, each a JSON object with `command` (shell text) or `argv`. Out: what each was, with its number. Never: a
//! line that is passed over without a word.

use super::Unshown;
use crate::actor::{self, Actor, Observation};
use crate::case::{Advice, hold};
use crate::command::{Action, Caller, Command};
use crate::content::Wanted;
use crate::house::House;
use crate::journal::bytes;
use crate::judge::{self, Bench, Judgement, Surroundings, Whence};
use crate::rules::{Book, SourceFile};
use crate::stop::Stop;
use crate::tools::Reading;
use serde_json::{Map, Value};
use std::ffi::OsString;
use std::io::BufRead;

/// The longest line that is read: a command and whatever else its object says.
const LINE: u64 = 4 * 1024 * 1024;

/// Everything judging takes, made once: 50,000 lines are judged by one book.
pub(super) struct Court {
    house: House,
    book: Book,
    actor: Actor,
}

impl Court {
    /// The whole book of this house.
    pub(super) fn open() -> Result<Self, Unshown> {
        let house = House::look().map_err(Stop::from)?;
        let files = house.files().map_err(Stop::from)?;
        Self::of(house, &files)
    }

    /// The packs and these files.
    pub(super) fn with(files: &[SourceFile]) -> Result<Self, Unshown> {
        Self::of(House::look().map_err(Stop::from)?, files)
    }

    fn of(house: House, files: &[SourceFile]) -> Result<Self, Unshown> {
        let book = House::book_of(files).map_err(Stop::from)?;
        Ok(Self { house, book, actor: actor::detect(&Observation::of_this_process()).actor })
    }

    /// As if this actor asked, and the world looked so.
    pub(super) fn judge_at(&self, action: &Action, actor: &str, seen: &Surroundings) -> Judgement {
        // The case says where it acts; what stands in files that it names is read where the test is run.
        let sight = self.house.sight();
        let eyes = |command: &Command, reading: Option<&Reading<'_>>, whence: &Whence, wanted: &[Wanted]| {
            Surroundings { contents: sight.of(command, reading, whence, wanted).contents, ..seen.clone() }
        };
        let cwd = self.house.cwd.clone();
        let bench =
            Bench { book: &self.book, caller: self.house.caller(), cwd, actor, eyes: &eyes, assumed: None };
        judge::judge(action, &bench)
    }

    pub(super) fn judge(&self, action: &Action, advice: Advice) -> Judgement {
        hold(action, &self.book, &self.house, &self.actor, advice)
    }

    /// What reading an action depends on.
    pub(super) fn caller(&self) -> Caller<'_> {
        self.house.caller()
    }
}

/// One line that names a command.
pub(super) struct Line {
    /// From 1.
    pub(super) number: usize,
    /// What the object calls itself, given back as it came.
    pub(super) id: Option<Value>,
    /// The command, or what is wrong with the line.
    pub(super) action: Result<Action, String>,
}

/// Reads lines until there are no more. Empty ones count, and name nothing.
pub(super) fn each_line(
    mut input: impl BufRead,
    mut with: impl FnMut(Line) -> Result<(), Unshown>,
) -> Result<(), Unshown> {
    let mut number = 0_usize;
    loop {
        let mut bytes = Vec::new();
        let mut limited = std::io::Read::take(&mut input, LINE);
        let read = limited.read_until(b'\n', &mut bytes);
        let read = read.map_err(|error| Unshown::Other(error.into(), crate::stop::OWN_FAILURE))?;
        if read == 0 {
            return Ok(());
        }
        number = number.saturating_add(1);
        let whole = bytes.ends_with(b"\n") || u64::try_from(read).is_ok_and(|read| read < LINE);
        if !whole {
            input
                .skip_until(b'\n')
                .map_err(|error| Unshown::Other(error.into(), crate::stop::OWN_FAILURE))?;
        }
        if bytes.iter().all(u8::is_ascii_whitespace) {
            continue;
        }
        with(match whole {
            true => line(number, &bytes),
            false => Line { number, id: None, action: Err(format!("longer than {LINE} bytes")) },
        })?;
    }
}

fn line(number: usize, text: &[u8]) -> Line {
    match serde_json::from_slice::<Map<String, Value>>(text) {
        Ok(object) => Line { number, id: object.get("id").cloned(), action: action(&object) },
        Err(error) => Line { number, id: None, action: Err(format!("no JSON object: {error}")) },
    }
}

/// Other fields than `command` and `argv` are for whoever wrote the line.
fn action(object: &Map<String, Value>) -> Result<Action, String> {
    match (object.get("command"), object.get("argv")) {
        (Some(_), Some(_)) => Err("has both `command` and `argv`".to_owned()),
        (None, None) => Err("has neither `command` (shell text) nor `argv` (a list of words)".to_owned()),
        (Some(text), None) => {
            let text = bytes(text).ok_or("`command` is no text")?;
            Ok(Action::Shell(text.into()))
        }
        (None, Some(words)) => {
            let words = words.as_array().ok_or("`argv` is no list")?;
            let words: Option<Vec<OsString>> = words.iter().map(bytes).collect();
            let words = words.ok_or("`argv` holds something that is no text")?;
            if words.is_empty() { Err("`argv` is empty".to_owned()) } else { Ok(Action::Argv(words)) }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(text: &[u8]) -> Vec<(usize, Result<Action, String>)> {
        let mut lines = Vec::new();
        let collected = each_line(text, |line| {
            lines.push((line.number, line.action));
            Ok(())
        });
        assert!(collected.is_ok());
        lines
    }

    #[test]
    fn lines_name_a_text_or_words_and_say_what_is_wrong() {
        let lines = read(b"{\"command\":\"ls\",\"source\":1}\n\n{\"argv\":[\"a\",{\"b64\":\"/w==\"}]}\n{\"argv\":[]}\n[]\n{\"argv\":[1]}\n{}\n{\"command\":\"x\",\"argv\":[\"x\"]}");
        assert_eq!(lines[0], (1, Ok(Action::Shell(OsString::from("ls").into()))));
        let raw = std::os::unix::ffi::OsStringExt::from_vec(vec![0xff]);
        assert_eq!(lines[1], (3, Ok(Action::Argv(vec!["a".into(), raw]))));
        assert_eq!(lines.len(), 7);
        assert!(lines[2..].iter().all(|(_, action)| action.is_err()), "{lines:?}");
    }

    #[test]
    fn a_line_that_is_too_long_is_said_and_the_next_one_read() {
        let mut text = vec![b'x'; usize::try_from(LINE).unwrap() + 10];
        text.extend(b"\n{\"command\":\"ls\"}\n");
        let lines = read(&text);
        assert!(lines[0].1.is_err());
        assert_eq!(lines[1], (2, Ok(Action::Shell(OsString::from("ls").into()))));
    }
}
