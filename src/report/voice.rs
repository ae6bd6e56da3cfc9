//! How the gate speaks around a run: to people, or to machines.
//!
//! In: events as JSON values. Out: lines on standard error and on the status descriptor. Never: standard output, which
//! belongs to the command.

use serde_json::Value;
use std::fs::{File, OpenOptions};
use std::io::Write;
use std::os::unix::fs::OpenOptionsExt;

/// How the gate speaks.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Voice {
    /// Messages for people, or as JSON lines.
    pub messages: Messages,
    /// A descriptor that gets every event as a JSON line.
    pub status_fd: Option<i32>,
}

/// In which form messages go to standard error.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Messages {
    /// `remgate: ...` and `help:` lines.
    Text,
    /// One JSON object a line.
    Json,
}

impl Voice {
    /// Tells an event: always to the status descriptor, and to standard error where messages are JSON.
    pub fn event(self, event: &Value) {
        let line = format!("{event}\n");
        if let Some(mut file) = self.status_fd.and_then(status_file) {
            // Whoever asked for events and does not read them must not keep the record from being closed.
            let _ = file.write_all(line.as_bytes());
        }
        if self.messages == Messages::Json {
            let _ = std::io::stderr().lock().write_all(line.as_bytes());
        }
    }
}

/// The caller's descriptor, opened anew so that nothing of the command's own is touched. Non-blocking: a full pipe
/// loses an event rather than hold up the record.
fn status_file(fd: i32) -> Option<File> {
    let nonblocking = rustix::fs::OFlags::NONBLOCK.bits().cast_signed();
    OpenOptions::new().append(true).custom_flags(nonblocking).open(format!("/dev/fd/{fd}")).ok()
}
