//! The only room that prints.
//!
//! In: text and data from the other rooms, trusted or not. Out: bytes on standard output, standard error or, for the
//! prompt, text that `approve` hands to the terminal. Never: a panic because a reader left, never untrusted text that
//! did not go through [`sanitize`].

pub mod approvers;
mod because;
pub mod explain;
pub mod judgement;
pub mod log;
pub mod packs;
pub mod pending;
pub mod problem;
pub mod qr;
pub mod question;
pub mod sanitize;
pub mod style;
mod underline;
mod voice;
pub mod waiting;
mod wrap;

pub use because::Because;
pub use question::{Asked, Asking, Bound, FactRows, Ground, NoRequest, Question, Row, RuleLine};
pub use style::{Colour, Cursor, Look};
pub use voice::{Messages, Voice};

use std::fmt::Display;
use std::io::{self, BufWriter, StdoutLock, Write};

/// Standard output could not take the text.
#[derive(Debug, thiserror::Error)]
pub enum OutError {
    /// Nobody reads any more, as in `remgate log show | head`. Nothing to complain about.
    #[error("the reader of standard output has left")]
    ReaderLeft,
    /// A full disk, a closed descriptor.
    #[error("cannot write to standard output: {0}; the rest was not written")]
    CannotWrite(io::Error),
}

impl OutError {
    /// 141 as from `cat`, which SIGPIPE ends there (128 + 13); 125 for every other failure of our own.
    #[must_use]
    pub fn exit_code(&self) -> u8 {
        match self {
            OutError::ReaderLeft => 141,
            OutError::CannotWrite(_) => 125,
        }
    }
}

impl From<io::Error> for OutError {
    fn from(error: io::Error) -> Self {
        if error.kind() == io::ErrorKind::BrokenPipe {
            OutError::ReaderLeft
        } else {
            OutError::CannotWrite(error)
        }
    }
}

/// Standard output, buffered. Call [`Out::finish`] at the end: a drop cannot tell of a failure.
#[derive(Debug)]
pub struct Out<W: Write = StdoutLock<'static>> {
    sink: BufWriter<W>,
}

impl Out {
    /// Standard output.
    #[must_use]
    pub fn stdout() -> Self {
        Self::new(io::stdout().lock())
    }
}

impl<W: Write> Out<W> {
    /// Any sink, for tests.
    pub fn new(sink: W) -> Self {
        Self { sink: BufWriter::new(sink) }
    }

    /// Writes one line. The text must be safe already: [`sanitize::text`].
    ///
    /// # Errors
    /// [`OutError`] where the text cannot be written.
    pub fn line(&mut self, text: impl Display) -> Result<(), OutError> {
        Ok(writeln!(self.sink, "{text}")?)
    }

    /// Writes everything out, for a reader who is waiting (`--follow`).
    ///
    /// # Errors
    /// [`OutError`] where it cannot be written.
    pub fn flush(&mut self) -> Result<(), OutError> {
        Ok(self.sink.flush()?)
    }

    /// Writes everything out and ends.
    ///
    /// # Errors
    /// [`OutError`] where it cannot be written.
    pub fn finish(mut self) -> Result<(), OutError> {
        self.flush()
    }
}

/// One line to standard output from a call that starts nothing. Whoever asked for it and left is not told twice.
pub fn out_line(line: impl Display) {
    let _ = writeln!(io::stdout().lock(), "{line}");
}

/// `remgate: message` and its `help:` lines to standard error. A failure there has nobody left to tell.
pub fn error(message: impl Display, help: &[String]) {
    let mut stderr = io::stderr().lock();
    let _ = stderr.write_all(complaint(&message, help).as_bytes());
}

/// Text that is laid out already, to standard error.
pub fn error_text(text: &str) {
    let _ = io::stderr().lock().write_all(text.as_bytes());
}

/// One write for the whole message, so that two gates on one terminal do not mix their lines.
fn complaint(message: &dyn Display, help: &[String]) -> String {
    let mut text = format!("remgate: {message}\n");
    for line in help {
        text.push_str("  help: ");
        text.push_str(line);
        text.push('\n');
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A sink that fails as a pipe without reader, or as a full disk.
    struct Broken(io::ErrorKind);

    impl Write for Broken {
        fn write(&mut self, _: &[u8]) -> io::Result<usize> {
            Err(io::Error::from(self.0))
        }
        fn flush(&mut self) -> io::Result<()> {
            Ok(())
        }
    }

    #[test]
    fn a_reader_who_left_is_told_from_a_full_disk() {
        for (kind, code) in [(io::ErrorKind::BrokenPipe, 141), (io::ErrorKind::StorageFull, 125)] {
            let mut out = Out::new(Broken(kind));
            out.line("one").unwrap();
            assert_eq!(out.finish().unwrap_err().exit_code(), code);
        }
    }

    #[test]
    fn a_complaint_names_the_program_and_indents_the_help() {
        let help = ["leave it out".to_owned()];
        assert_eq!(
            complaint(&"no such mode `x`", &help),
            "remgate: no such mode `x`\n  help: leave it out\n"
        );
    }
}
