//! The conversation at the terminal.
//!
//! In: the question, the terminal. Out: [`Agreed`], or the typed reason why not. Never: consent by a key alone, by
//! anything typed before the question stood on the screen, after the time limit, or after a second wrong code.

use super::code::Code;
use super::deadline::Deadline;
use super::keys::{Decoder, Key};
use super::refusal::RefusalReason;
use super::terminal::{Event, Terminal, Tty};
use crate::clock;
use crate::report::question::{self, Asking, Question};
use crate::report::style::{Cursor, GateTheme, Look};
use dialoguer::theme::Theme;
use nix::sys::signal::Signal;
use std::time::Duration;

/// Proof that the right code was typed under a question. Made in this file alone, and used up by what it allows.
#[derive(Debug)]
#[must_use]
pub struct Agreed(());

/// One slip of the finger is forgiven, a second wrong code is somebody guessing.
const TRIES: u8 = 2;
/// An Esc that nothing follows for so long is the key and not the start of a sequence.
const SETTLING: Duration = Duration::from_millis(50);
/// Longer input than any code is wrong anyway.
const TYPED_MAX: usize = 8;

/// Asks, and asks again after every stop, until there is an answer.
pub(super) fn ask(question: &Question, terminal: &Terminal) -> Result<Agreed, RefusalReason> {
    let deadline = Deadline::after(question.time_limit);
    let mut tries = TRIES;
    loop {
        let code = Code::fresh().map_err(|_| RefusalReason::NoTerminal)?;
        let tty = Tty::open(terminal).map_err(|_| RefusalReason::NoTerminal)?;
        let mut prompt =
            Prompt { tty: &tty, look: terminal.look(), code, tries, typed: String::new(), deadline };
        let turn = prompt.converse(question);
        prompt.conclude(&turn, &question.asking);
        tries = prompt.tries;
        // The terminal is itself again before anything else happens.
        drop(tty);
        match turn {
            Turn::Typed => return Ok(Agreed(())),
            Turn::Refused(reason) => return Err(reason),
            Turn::Stop(whom) => stop(whom),
            Turn::Again => {}
        }
    }
}

/// What a turn at the terminal came to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Turn {
    Typed,
    Refused(RefusalReason),
    /// Stop as asked, then ask again.
    Stop(Whom),
    /// We were stopped and continued by others: ask again.
    Again,
}

/// Whom a stop concerns.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Whom {
    /// Ctrl-Z: the whole job, as the terminal itself would do it.
    Job,
    /// SIGTSTP from a process: whoever else is meant has got it too.
    Us,
}

/// Returns when somebody continues us; at once where nobody could (an orphaned job ignores the signal).
pub(super) fn stop(whom: Whom) {
    let _ = match whom {
        Whom::Job => rustix::process::kill_current_process_group(STOP),
        Whom::Us => rustix::process::kill_process(rustix::process::getpid(), STOP),
    };
}

/// What the terminal would have sent.
#[cfg(target_os = "linux")]
const STOP: rustix::process::Signal = rustix::process::Signal::TSTP;
/// Where handlers stay installed (`wake`), TSTP would be swallowed by ours; this one cannot be.
#[cfg(not(target_os = "linux"))]
const STOP: rustix::process::Signal = rustix::process::Signal::STOP;

/// One showing of the question.
struct Prompt<'a> {
    tty: &'a Tty,
    look: Look,
    code: Code,
    tries: u8,
    typed: String,
    deadline: Deadline,
}

impl Prompt<'_> {
    fn converse(&mut self, question: &Question) -> Turn {
        let text = question::lay_out(question, self.code.shown(), &self.tty.screen(self.look));
        let shown = self.write(&text).and_then(|()| self.write_typing_line());
        // Again after drawing: a key pressed while the question was coming up answered something else.
        let clean =
            shown.and_then(|()| self.tty.drop_type_ahead().map_err(|_| Turn::Refused(RefusalReason::HangUp)));
        match clean {
            Ok(()) => self.listen(),
            Err(turn) => turn,
        }
    }

    fn listen(&mut self) -> Turn {
        let mut decoder = Decoder::default();
        loop {
            let left = self.deadline.left();
            if left.is_zero() {
                return Turn::Refused(RefusalReason::TimedOut);
            }
            let patience = if decoder.is_unsure() { SETTLING } else { to_next_second(left) };
            let keys: Vec<Key> = match self.tty.wait(clock::monotonic() + patience.min(left)) {
                Event::Typed(bytes) => bytes.into_iter().filter_map(|byte| decoder.feed(byte)).collect(),
                Event::Quiet => decoder.settle().into_iter().collect(),
                event @ (Event::HungUp | Event::Signal(_)) => match turn_of(&event) {
                    Some(turn) => return turn,
                    None => continue,
                },
            };
            for key in keys {
                if let Some(turn) = self.press(key) {
                    return turn;
                }
            }
            if self.look.cursor == Cursor::Moves
                && let Err(turn) = self.write_typing_line()
            {
                return turn;
            }
        }
    }

    fn press(&mut self, key: Key) -> Option<Turn> {
        match key {
            Key::Esc => Some(Turn::Refused(RefusalReason::Esc)),
            Key::CtrlC => Some(Turn::Refused(RefusalReason::CtrlC)),
            Key::CtrlD => Some(Turn::Refused(RefusalReason::CtrlD)),
            Key::CtrlZ => Some(Turn::Stop(Whom::Job)),
            Key::Enter => self.enter(),
            Key::Char(letter) => self.append(letter.to_ascii_uppercase()),
            Key::Backspace => {
                self.typed.pop();
                self.retype()
            }
            Key::ClearLine => {
                self.typed.clear();
                self.retype()
            }
        }
    }

    fn enter(&mut self) -> Option<Turn> {
        // An Enter on its own is a reflex and no try.
        if self.typed.is_empty() {
            return None;
        }
        if self.code.is(&self.typed) {
            return Some(Turn::Typed);
        }
        self.typed.clear();
        self.tries = self.tries.saturating_sub(1);
        if self.tries == 0 {
            return Some(Turn::Refused(RefusalReason::WrongCode));
        }
        let mut sentence = String::new();
        // Formatting into a String cannot fail.
        let _ = GateTheme(self.look).format_error(&mut sentence, "That is not the code; one more try.");
        self.write(&format!("\n{sentence}\n")).and_then(|()| self.write_typing_line()).err()
    }

    fn append(&mut self, letter: char) -> Option<Turn> {
        if self.typed.len() >= TYPED_MAX {
            return None;
        }
        self.typed.push(letter);
        match self.look.cursor {
            // Drawn with the whole line, after this portion of keys.
            Cursor::Moves => None,
            Cursor::Stays => self.write(&letter.to_string()).err(),
        }
    }

    fn retype(&self) -> Option<Turn> {
        match self.look.cursor {
            Cursor::Moves => None,
            Cursor::Stays => self.write("\n").and_then(|()| self.write_typing_line()).err(),
        }
    }

    fn write_typing_line(&self) -> Result<(), Turn> {
        let mut prompt = String::new();
        // Formatting into a String cannot fail.
        let _ = GateTheme(self.look).format_input_prompt(&mut prompt, "code", None);
        match self.look.cursor {
            Cursor::Stays => self.write(&format!("{prompt}{}", self.typed)),
            Cursor::Moves => {
                let line = question::typing_line(&prompt, &self.typed, self.deadline.left(), self.look);
                // Once whole, with what stood there erased, and once up to where the cursor belongs.
                self.write(&format!("\r{line}\x1b[K\r{prompt}{}", self.look.strong(&self.typed)))
            }
        }
    }

    /// The last line, so that the scroll-back tells how it ended. Nobody is left to tell after a hang-up.
    fn conclude(&self, turn: &Turn, asking: &Asking) {
        let verdict = match turn {
            Turn::Typed => self.look.good(asking.agreed()),
            Turn::Refused(RefusalReason::HangUp) => return,
            Turn::Refused(reason) => self.look.bad(&format!("{} ({})", asking.not_agreed(), reason.word())),
            Turn::Stop(_) | Turn::Again => "stopped; the question comes again".to_owned(),
        };
        // The answer stands whether or not this line can be written.
        let soon = clock::monotonic() + Duration::from_millis(200);
        let _ = self.tty.write(&format!("\n  {verdict}\n"), soon);
    }

    fn write(&self, text: &str) -> Result<(), Turn> {
        let until = clock::monotonic() + self.deadline.left();
        self.tty.write(text, until).map_err(|event| {
            // A time limit that passes while the screen takes no text is a time limit that passed.
            turn_of(&event).unwrap_or(Turn::Refused(RefusalReason::TimedOut))
        })
    }
}

/// What an event means for the whole turn; `None` for those that belong to the keyboard.
fn turn_of(event: &Event) -> Option<Turn> {
    match event {
        Event::Typed(_) | Event::Quiet => None,
        Event::HungUp => Some(Turn::Refused(RefusalReason::HangUp)),
        Event::Signal(number) if *number == Signal::SIGHUP as i32 => {
            Some(Turn::Refused(RefusalReason::HangUp))
        }
        Event::Signal(number) if *number == Signal::SIGTSTP as i32 => Some(Turn::Stop(Whom::Us)),
        Event::Signal(number) if *number == Signal::SIGCONT as i32 => Some(Turn::Again),
        Event::Signal(number) => Some(Turn::Refused(RefusalReason::Signal(*number))),
    }
}

/// Until the shown seconds change, so that the clock neither jumps nor keeps the machine awake.
fn to_next_second(left: Duration) -> Duration {
    Duration::from_nanos(u64::from(left.subsec_nanos()) + 1_000_000)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_shown_seconds_change_when_they_are_due() {
        assert_eq!(to_next_second(Duration::from_millis(4_250)), Duration::from_millis(251));
        assert_eq!(to_next_second(Duration::from_secs(4)), Duration::from_millis(1));
    }
}
