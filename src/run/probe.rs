//! Read-only questions to other programs: triggers, probes, ambient targets.
//!
//! In: an argv that comes from a trusted rule, never from the caller. Out: what it printed, whole, within a time and a
//! size. Never: a shell, a part of an answer, or a question that outlives its limit.

use super::describe;
use crate::clock;
use crate::journal::End;
use rustix::event::{PollFd, PollFlags, Timespec, poll};
use rustix::io::Errno;
use std::ffi::OsString;
use std::io::{self, PipeReader, Read};
use std::os::fd::OwnedFd;
use std::os::unix::process::{CommandExt, ExitStatusExt};
use std::process::ExitStatus;
use std::time::{Duration, Instant};

/// What to ask, and how long and how much to listen.
#[derive(Clone, Debug)]
pub struct Question {
    /// The program, looked for in `PATH`, and its arguments.
    pub argv: Vec<OsString>,
    /// Variables to set, or to unset where there is no value; besides the gate's own.
    pub environment: Vec<(OsString, Option<OsString>)>,
    /// From the start to SIGKILL for its process group.
    pub limit: Duration,
    /// Bytes of standard output; one more is too many.
    pub most: usize,
}

/// A whole answer.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Answer {
    /// All of standard output.
    pub stdout: Vec<u8>,
    /// [`End::Exited`] or [`End::Signaled`].
    pub end: End,
}

/// Why there is no whole answer. Each of them means: unknown.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum AskError {
    /// The argv is empty.
    #[error("a probe names no program; nothing was asked")]
    NoProgram,
    /// The program did not start.
    #[error("cannot start the probe `{program}`: {reason}; nothing was asked")]
    NotStarted {
        /// Lossily decoded.
        program: String,
        /// The system's words.
        reason: String,
    },
    /// It took too long, and was killed.
    #[error("the probe `{program}` took longer than {limit:?} and was ended; its answer was not used")]
    TimedOut {
        /// Lossily decoded.
        program: String,
        /// The limit that passed.
        limit: Duration,
    },
    /// It printed too much, and was killed: half a list of targets would look like a smaller list.
    #[error("the probe `{program}` printed more than {most} bytes and was ended; its answer was not used")]
    TooLong {
        /// Lossily decoded.
        program: String,
        /// The limit that was passed.
        most: usize,
    },
    /// Its output could not be read.
    #[error("cannot read the answer of the probe `{program}`: {reason}; its answer was not used")]
    Unreadable {
        /// Lossily decoded.
        program: String,
        /// The system's words.
        reason: String,
    },
}

/// Asks, and waits for the whole answer. Standard input is empty, standard error is dropped.
///
/// The program gets a process group of its own, so that a limit ends what it started too; it has no terminal to read
/// from, so nothing else changes for it.
///
/// # Errors
/// [`AskError`]; an exit code other than 0 is an answer and no error.
pub fn ask(question: &Question) -> Result<Answer, AskError> {
    let Some((program, arguments)) = question.argv.split_first() else { return Err(AskError::NoProgram) };
    let name = || program.to_string_lossy().into_owned();
    let reason = |error: &io::Error| describe(error.raw_os_error().unwrap_or(libc::EIO));
    let not_started = |error: io::Error| AskError::NotStarted { program: name(), reason: reason(&error) };
    let deadline = clock::monotonic().checked_add(question.limit);
    let (reader, writer) = io::pipe().map_err(not_started)?;
    let handle = start(program, arguments, question, writer.into()).map_err(not_started)?;
    let heard = listen(reader, deadline, question.most).and_then(|stdout| {
        let waited = match deadline {
            Some(deadline) => handle.wait_deadline(deadline),
            None => handle.wait().map(Some),
        };
        match waited {
            Ok(Some(output)) => Ok(Answer { stdout, end: end_of(output.status) }),
            Ok(None) => Err(Deaf::Late),
            Err(error) => Err(Deaf::Unreadable(error)),
        }
    });
    heard.map_err(|deaf| {
        end_group(&handle);
        match deaf {
            Deaf::Late => AskError::TimedOut { program: name(), limit: question.limit },
            Deaf::Full => AskError::TooLong { program: name(), most: question.most },
            Deaf::Unreadable(error) => AskError::Unreadable { program: name(), reason: reason(&error) },
        }
    })
}

/// Why listening ended early.
enum Deaf {
    Late,
    Full,
    Unreadable(io::Error),
}

#[expect(clippy::disallowed_methods, reason = "this is the room that starts processes")]
fn start(
    program: &OsString,
    arguments: &[OsString],
    around: &Question,
    stdout: OwnedFd,
) -> io::Result<duct::Handle> {
    let plain = duct::cmd(program, arguments);
    let told = around.environment.iter().fold(plain, |command, (name, value)| match value {
        Some(value) => command.env(name, value),
        None => command.env_remove(name),
    });
    told.stdin_null()
        .stdout_file(stdout)
        .stderr_null()
        .unchecked()
        .before_spawn(|command| {
            command.process_group(0);
            Ok(())
        })
        .start()
}

/// Reads to the end of output. A limit that no clock can hold is none.
fn listen(mut reader: PipeReader, deadline: Option<Instant>, most: usize) -> Result<Vec<u8>, Deaf> {
    let mut heard = Vec::new();
    let mut buffer = [0; 16 * 1024];
    loop {
        let left = deadline.map(|deadline| deadline.saturating_duration_since(clock::monotonic()));
        let left = left.and_then(|left| Timespec::try_from(left).ok());
        match poll(&mut [PollFd::new(&reader, PollFlags::IN)], left.as_ref()) {
            Ok(0) => return Err(Deaf::Late),
            Ok(_) => {}
            Err(Errno::INTR) => continue,
            Err(errno) => return Err(Deaf::Unreadable(errno.into())),
        }
        let read = reader.read(&mut buffer).map_err(Deaf::Unreadable)?;
        heard.extend_from_slice(buffer.get(..read).unwrap_or_default());
        if heard.len() > most {
            return Err(Deaf::Full);
        }
        if read == 0 {
            return Ok(heard);
        }
    }
}

/// Ends the program and what it started in its group. What left the group is not found; probes come from trusted rules.
fn end_group(handle: &duct::Handle) {
    for pid in handle.pids() {
        if let Some(pid) = i32::try_from(pid).ok().and_then(rustix::process::Pid::from_raw) {
            // The group may be gone already.
            rustix::process::kill_process_group(pid, rustix::process::Signal::KILL).unwrap_or_default();
        }
    }
    // Reaps the program; it is killed, so this does not wait.
    handle.wait().map(drop).unwrap_or_default();
}

fn end_of(status: ExitStatus) -> End {
    match (status.code(), status.signal()) {
        (Some(code), _) => End::Exited { code: u8::try_from(code).unwrap_or(u8::MAX) },
        (None, signal) => {
            End::Signaled { signal: signal.unwrap_or(libc::SIGKILL), core: status.core_dumped() }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn ask_shell(script: &str, limit: u64, most: usize) -> Result<Answer, AskError> {
        let argv = ["sh", "-c", script].map(OsString::from).into();
        let limit = Duration::from_millis(limit);
        ask(&Question { argv, environment: Vec::new(), limit, most })
    }

    #[test]
    fn variables_that_say_where_go_along() {
        let argv = ["sh", "-c", "echo \"$PLACE ${HOME-none}\""].map(OsString::from).into();
        let environment = vec![("PLACE".into(), Some("there".into())), ("HOME".into(), None)];
        let asked = Question { argv, environment, limit: Duration::from_secs(10), most: 1000 };
        assert_eq!(ask(&asked).unwrap().stdout, b"there none\n");
    }

    #[test]
    fn an_answer_is_whole_and_has_its_exit_code() {
        let answer = ask_shell("printf 'a\\nb'; echo hidden >&2; exit 3", 10_000, 3).unwrap();
        assert_eq!(answer, Answer { stdout: b"a\nb".to_vec(), end: End::Exited { code: 3 } });
        let killed = ask_shell("kill -TERM $$", 10_000, 0).unwrap();
        assert_eq!(killed.end, End::Signaled { signal: libc::SIGTERM, core: false });
        let large = ask_shell("head -c 300000 /dev/zero", 10_000, 300_000).unwrap();
        assert_eq!(large.stdout.len(), 300_000);
    }

    #[test]
    fn standard_input_is_empty() {
        assert_eq!(ask_shell("cat", 10_000, 10).unwrap().stdout, b"");
    }

    #[test]
    fn one_byte_too_many_is_no_answer() {
        assert!(matches!(ask_shell("echo abc", 10_000, 3), Err(AskError::TooLong { most: 3, .. })));
        assert!(matches!(ask_shell("yes", 10_000, 100_000), Err(AskError::TooLong { .. })));
    }

    #[test]
    fn a_late_answer_is_no_answer() {
        let began = clock::monotonic();
        // Silent with its output open, silent with it closed, and hidden behind a descendant that holds it open.
        for script in
            ["sleep 60", "exec >&-; sleep 60", "sleep 60 & exit 0", "while :; do echo; sleep 0.01; done"]
        {
            let asked = ask_shell(script, 200, 1_000_000);
            assert!(matches!(asked, Err(AskError::TimedOut { .. })), "{script}: {asked:?}");
        }
        assert!(began.elapsed() < Duration::from_secs(10));
    }

    #[test]
    fn what_a_late_program_started_is_ended_too() {
        let directory = tempfile::tempdir().unwrap();
        let file = directory.path().join("pid");
        let script = format!("sh -c 'echo $$ > {}; exec sleep 60' & wait", file.display());
        assert!(ask_shell(&script, 500, 10).is_err());
        let pid: i32 = std::fs::read_to_string(file).unwrap().trim().parse().unwrap();
        let pid = rustix::process::Pid::from_raw(pid).unwrap();
        for _ in 0..1000 {
            if rustix::process::test_kill_process(pid).is_err() {
                return;
            }
            std::thread::sleep(Duration::from_millis(5));
        }
        // A zombie of a container without an init also answers; only a living one is a fault.
        let stat = std::fs::read_to_string(format!("/proc/{}/stat", pid.as_raw_nonzero())).unwrap();
        assert!(stat.contains(") Z "), "{stat}");
    }

    #[test]
    fn errors_say_what_was_not_done() {
        let limit = Duration::from_secs(1);
        let question = |argv| Question { argv, environment: Vec::new(), limit, most: 1 };
        assert_eq!(ask(&question(Vec::new())), Err(AskError::NoProgram));
        let missing = ask(&question(vec!["no-such-program".into()])).unwrap_err().to_string();
        assert_eq!(
            missing,
            "cannot start the probe `no-such-program`: no such file or directory; nothing was asked"
        );
    }
}
