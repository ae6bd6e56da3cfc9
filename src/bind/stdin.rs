//! Standard input, read to its end before anybody is asked.
//!
//! In: descriptor 0. Out: [`Stdin`]: bytes that cannot change any more, or nothing at all with the reason. Never: input
//! that the approver's request does not hold. The command gets these bytes or `/dev/null`, never the gate's own
//! descriptor: what comes through a pipe or terminal after the approval was approved by nobody.

use super::sealed::{Draft, LARGEST};
use super::{BindError, Sealed, describe};
use crate::clock;
use crate::command;
use crate::judge::Judgement;
use rustix::event::{PollFd, PollFlags, Timespec, poll};
use rustix::fs::{FileType, Mode, OFlags};
use rustix::io::Errno;
use serde_json::{Value, json};
use std::fmt;
use std::ops::ControlFlow;
use std::os::fd::{BorrowedFd, OwnedFd};
use std::time::Duration;

/// What an approved command reads.
#[derive(Debug)]
pub enum Stdin {
    /// `/dev/null`.
    Nothing(Nothing),
    /// These bytes, then the end.
    Bytes(Sealed),
}

/// Why there is nothing to read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Nothing {
    /// It is `/dev/null`, or was closed.
    Null,
    /// It is a terminal: what will be typed there cannot be approved.
    Terminal,
    /// It ended before the first byte.
    Empty,
    /// Nothing came within [`SILENCE`], and nothing says that the command reads it.
    Silent,
}

impl fmt::Display for Nothing {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Nothing::Null => "standard input is /dev/null",
            Nothing::Terminal => {
                "standard input is a terminal, which cannot be approved; the command gets /dev/null"
            }
            Nothing::Empty => "standard input is empty",
            Nothing::Silent => "nothing came on standard input within 2 seconds; the command gets /dev/null",
        })
    }
}

/// How long to wait for the first byte.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Patience {
    /// [`SILENCE`]: agents and CI leave pipes open that nobody ever writes to, for commands that never read them.
    Short,
    /// Until the end: the command is known to read it.
    Endless,
}

impl Patience {
    /// Endless where a rule speaks of what the action reads, or a word says so: `-`, `/dev/stdin`.
    #[must_use]
    pub fn of(judgement: &Judgement) -> Self {
        let reads = judgement.commands.iter().any(|judged| {
            let inherits = judged.command.stdin == command::Stdin::Inherited;
            let patterns = judged.matched.iter().flat_map(|matched| &matched.rule.patterns);
            let captured = patterns.into_iter().any(|pattern| pattern.stdin.is_some());
            let named = |word: &std::ffi::OsString| {
                ["-", "/dev/stdin", "/dev/fd/0", "/proc/self/fd/0"].iter().any(|name| word == name)
                    || word.as_encoded_bytes().ends_with(b"=-")
            };
            inherits && (captured || judged.command.words.iter().skip(1).any(named))
        });
        if reads { Patience::Endless } else { Patience::Short }
    }
}

/// How long nothing may come where the command is not known to read.
pub const SILENCE: Duration = Duration::from_secs(2);
/// How often progress is told.
const TICK: Duration = Duration::from_secs(1);

/// What was read so far.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Captured {
    /// Bytes.
    pub bytes: u64,
    /// How long it took.
    pub waited: Duration,
}

/// Whether to wait on.
pub type Go = ControlFlow<()>;

impl Stdin {
    /// Reads the gate's own standard input. `progress` is called about every second while it waits or reads; breaking
    /// off is an error, because half a script is another script.
    ///
    /// A regular file is read from its current offset, which stays where it is: in `while read x; do remgate ...; done <
    /// list` the rest of the list is the loop's. What comes through a pipe is used up, as there is no other way to see it.
    ///
    /// # Errors
    /// [`BindError`]: too large, no kind of input that ends, or unreadable.
    pub fn capture(patience: Patience, progress: impl FnMut(Captured) -> Go) -> Result<Self, BindError> {
        // The library opens /dev/null on closed standard descriptors before `main`, so there is always one.
        Self::capture_from(rustix::stdio::stdin(), patience, progress)
    }

    fn capture_from(
        input: BorrowedFd<'_>,
        patience: Patience,
        progress: impl FnMut(Captured) -> Go,
    ) -> Result<Self, BindError> {
        let stat = rustix::fs::fstat(input).map_err(unreadable)?;
        match FileType::from_raw_mode(stat.st_mode) {
            FileType::CharacterDevice if is_null(&stat) => Ok(Self::Nothing(Nothing::Null)),
            FileType::CharacterDevice if rustix::termios::isatty(input) => {
                Ok(Self::Nothing(Nothing::Terminal))
            }
            FileType::RegularFile => from_file(input),
            FileType::Fifo | FileType::Socket => Stream { input, patience, progress }.read(),
            FileType::CharacterDevice | FileType::BlockDevice => {
                Err(BindError::StdinKind { kind: "a device" })
            }
            FileType::Directory => Err(BindError::StdinKind { kind: "a directory" }),
            FileType::Symlink | FileType::Unknown => Err(BindError::StdinKind { kind: "no file" }),
        }
    }

    /// What was captured when the request was made.
    ///
    /// # Errors
    /// More than 64 MiB, or no copy could be made.
    pub fn from_bytes(bytes: &[u8]) -> Result<Self, BindError> {
        let mut draft = Draft::new()?;
        add(&mut draft, bytes)?;
        finished(draft)
    }

    /// A descriptor for the child's standard input.
    ///
    /// # Errors
    /// None could be made.
    pub fn descriptor(&self) -> Result<OwnedFd, BindError> {
        match self {
            Stdin::Nothing(_) => {
                rustix::fs::open("/dev/null", OFlags::RDONLY | OFlags::CLOEXEC, Mode::empty())
                    .map_err(|error| BindError::NoCopy { reason: describe(error) })
            }
            Stdin::Bytes(copy) => copy.descriptor(),
        }
    }

    /// For a request: `{"from":"null"}`, or `{"from":"bytes","sha256","bytes"}`.
    #[must_use]
    pub fn to_json(&self) -> Value {
        match self {
            Stdin::Nothing(_) => json!({ "from": "null" }),
            Stdin::Bytes(copy) => {
                json!({ "from": "bytes", "sha256": copy.sha256().to_string(), "bytes": copy.bytes() })
            }
        }
    }
}

#[cfg(target_os = "linux")]
fn is_null(stat: &rustix::fs::Stat) -> bool {
    // devices.txt of the kernel: 1 char is memory, 3 is null.
    (rustix::fs::major(stat.st_rdev), rustix::fs::minor(stat.st_rdev)) == (1, 3)
}

/// Fallback elsewhere: the numbers are the system's own business, the name is not.
#[cfg(not(target_os = "linux"))]
fn is_null(stat: &rustix::fs::Stat) -> bool {
    rustix::fs::stat("/dev/null").is_ok_and(|null| null.st_rdev == stat.st_rdev)
}

fn unreadable(error: Errno) -> BindError {
    BindError::StdinUnreadable { reason: describe(error) }
}

fn add(draft: &mut Draft, part: &[u8]) -> Result<(), BindError> {
    let all = draft.bytes().saturating_add(u64::try_from(part.len()).unwrap_or(u64::MAX));
    if all > LARGEST { Err(BindError::StdinTooLarge { limit: LARGEST }) } else { draft.write(part) }
}

fn finished(draft: Draft) -> Result<Stdin, BindError> {
    match draft.bytes() {
        0 => Ok(Stdin::Nothing(Nothing::Empty)),
        _ => draft.seal().map(Stdin::Bytes),
    }
}

fn from_file(input: BorrowedFd<'_>) -> Result<Stdin, BindError> {
    let mut offset = rustix::fs::seek(input, rustix::fs::SeekFrom::Current(0)).map_err(unreadable)?;
    let (mut draft, mut buffer) = (Draft::new()?, vec![0; 64 * 1024]);
    loop {
        let read = rustix::io::pread(input, buffer.as_mut_slice(), offset).map_err(unreadable)?;
        let Some(part) = buffer.get(..read).filter(|part| !part.is_empty()) else { return finished(draft) };
        add(&mut draft, part)?;
        offset = offset.saturating_add(u64::try_from(read).unwrap_or(u64::MAX));
    }
}

/// A pipe or socket.
struct Stream<'fd, P> {
    input: BorrowedFd<'fd>,
    patience: Patience,
    progress: P,
}

impl<P: FnMut(Captured) -> Go> Stream<'_, P> {
    fn read(mut self) -> Result<Stdin, BindError> {
        let (mut draft, mut buffer) = (Draft::new()?, vec![0; 64 * 1024]);
        let began = clock::monotonic();
        let mut told = Duration::ZERO;
        loop {
            let came = self.wait()?;
            let waited = began.elapsed();
            // A stream that never pauses must not keep anybody from being told, or from breaking off.
            if waited.saturating_sub(told) >= TICK {
                told = waited;
                if (self.progress)(Captured { bytes: draft.bytes(), waited }).is_break() {
                    return Err(BindError::StdinNeverEnded);
                }
            }
            match came {
                Came::Nothing if draft.bytes() == 0 && self.gives_up(waited) => {
                    return Ok(Stdin::Nothing(Nothing::Silent));
                }
                Came::Nothing => continue,
                Came::Something => {}
            }
            let read = match rustix::io::read(self.input, buffer.as_mut_slice()) {
                // Whoever gave us the descriptor may have made it non-blocking, and another reader was faster.
                Err(Errno::AGAIN | Errno::INTR) => continue,
                other => other.map_err(unreadable)?,
            };
            let Some(part) = buffer.get(..read).filter(|part| !part.is_empty()) else {
                return finished(draft);
            };
            add(&mut draft, part)?;
        }
    }

    fn gives_up(&self, waited: Duration) -> bool {
        match self.patience {
            Patience::Short => waited >= SILENCE,
            Patience::Endless => false,
        }
    }

    /// Waits at most a tick.
    fn wait(&self) -> Result<Came, BindError> {
        let mut fds = [PollFd::from_borrowed_fd(self.input, PollFlags::IN)];
        let tick = Timespec { tv_sec: TICK.as_secs().try_into().unwrap_or(1), tv_nsec: 0 };
        match poll(&mut fds, Some(&tick)) {
            Ok(0) | Err(Errno::INTR) => Ok(Came::Nothing),
            // An end or an error counts as something: the read tells which.
            Ok(_) => Ok(Came::Something),
            Err(error) => Err(unreadable(error)),
        }
    }
}

/// Whether a read would give an answer.
enum Came {
    Something,
    Nothing,
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::fs::File;
    use std::io::{Read, Seek, SeekFrom, Write};
    use std::os::fd::AsFd;
    use std::time::Instant;

    const CONTINUE: Go = ControlFlow::Continue(());

    fn capture(input: impl AsFd, patience: Patience) -> Result<Stdin, BindError> {
        Stdin::capture_from(input.as_fd(), patience, |_| CONTINUE)
    }

    fn nothing(result: Result<Stdin, BindError>) -> Nothing {
        match result.unwrap() {
            Stdin::Nothing(why) => why,
            Stdin::Bytes(copy) => panic!("{} bytes", copy.bytes()),
        }
    }

    fn bytes(result: Result<Stdin, BindError>) -> Vec<u8> {
        let mut bytes = Vec::new();
        File::from(result.unwrap().descriptor().unwrap()).read_to_end(&mut bytes).unwrap();
        bytes
    }

    fn file(content: &[u8]) -> File {
        let mut file = tempfile::tempfile().unwrap();
        file.write_all(content).unwrap();
        file.rewind().unwrap();
        file
    }

    #[test]
    fn what_holds_nothing_is_nothing() {
        assert_eq!(nothing(capture(File::open("/dev/null").unwrap(), Patience::Endless)), Nothing::Null);
        assert_eq!(nothing(capture(file(b""), Patience::Endless)), Nothing::Empty);
        let (reader, writer) = std::io::pipe().unwrap();
        drop(writer);
        assert_eq!(nothing(capture(reader, Patience::Endless)), Nothing::Empty);
        let terminal = rustix::pty::openpt(rustix::pty::OpenptFlags::RDWR).unwrap();
        assert_eq!(nothing(capture(terminal, Patience::Endless)), Nothing::Terminal);
        assert_eq!(bytes(Ok(Stdin::Nothing(Nothing::Silent))), b"", "the child reads /dev/null");
    }

    #[test]
    fn a_file_is_read_from_where_it_stands_and_left_there() {
        let mut list = file(b"first\nsecond\n");
        list.seek(SeekFrom::Start(6)).unwrap();
        assert_eq!(bytes(capture(&list, Patience::Short)), b"second\n");
        assert_eq!(list.stream_position().unwrap(), 6, "the rest is the loop's");
        list.seek(SeekFrom::Start(600)).unwrap();
        assert_eq!(nothing(capture(&list, Patience::Short)), Nothing::Empty);
    }

    #[test]
    fn pipes_and_sockets_are_read_to_their_end() {
        let (reader, mut writer) = std::io::pipe().unwrap();
        let long: Vec<u8> = (0..=255).cycle().take(1_000_000).collect();
        let sent = long.clone();
        let thread = std::thread::spawn(move || writer.write_all(&sent).unwrap());
        assert!(bytes(capture(reader, Patience::Short)) == long);
        thread.join().unwrap();
        let (ours, mut theirs) = std::os::unix::net::UnixStream::pair().unwrap();
        ours.set_nonblocking(true).unwrap();
        let thread = std::thread::spawn(move || {
            theirs.write_all(b"one ").unwrap();
            std::thread::sleep(Duration::from_millis(50));
            theirs.write_all(b"two").unwrap();
        });
        assert_eq!(bytes(capture(ours, Patience::Short)), b"one two");
        thread.join().unwrap();
    }

    #[test]
    fn a_silent_pipe_is_given_up_unless_the_command_reads_it() {
        let (reader, writer) = std::io::pipe().unwrap();
        #[expect(clippy::disallowed_methods, reason = "a test measures how long it took")]
        let began = Instant::now();
        assert_eq!(nothing(capture(&reader, Patience::Short)), Nothing::Silent);
        assert!(began.elapsed() >= SILENCE && began.elapsed() < SILENCE * 3);
        let late = std::thread::spawn(move || {
            let mut writer = writer;
            std::thread::sleep(SILENCE + Duration::from_millis(500));
            writer.write_all(b"late").unwrap();
        });
        assert_eq!(bytes(capture(reader, Patience::Endless)), b"late");
        late.join().unwrap();
    }

    /// What has begun cannot be cut: only the person who waits ends it.
    #[test]
    fn a_pipe_that_never_closes_is_waited_for_until_somebody_breaks_off() {
        let (reader, mut writer) = std::io::pipe().unwrap();
        writer.write_all(b"begun").unwrap();
        let mut seen = Vec::new();
        let stopped = Stdin::capture_from(reader.as_fd(), Patience::Short, |captured| {
            seen.push(captured.bytes);
            if seen.len() == 3 { ControlFlow::Break(()) } else { CONTINUE }
        });
        assert!(matches!(stopped, Err(BindError::StdinNeverEnded)));
        assert_eq!(seen, [5, 5, 5]);
    }

    #[test]
    fn sixty_five_mebibytes_are_too_much_and_sixty_four_are_not() {
        let whole = file(b"");
        whole.set_len(LARGEST).unwrap();
        assert!(
            matches!(capture(&whole, Patience::Short), Ok(Stdin::Bytes(copy)) if copy.bytes() == LARGEST)
        );
        whole.set_len(LARGEST + 1).unwrap();
        let error = capture(&whole, Patience::Short).unwrap_err();
        assert!(error.to_string().ends_with("; the command was not started"), "{error}");
        assert!(matches!(error, BindError::StdinTooLarge { limit: LARGEST }));
        let (reader, mut writer) = std::io::pipe().unwrap();
        let flood = std::thread::spawn(move || while writer.write_all(&[0; 65536]).is_ok() {});
        let refused = capture(&reader, Patience::Short);
        drop(reader);
        flood.join().unwrap();
        assert!(matches!(refused, Err(BindError::StdinTooLarge { .. })));
    }

    #[test]
    fn devices_and_directories_are_refused() {
        for (path, kind) in [("/dev/zero", "a device"), ("/dev/urandom", "a device"), ("/", "a directory")] {
            let refused = capture(File::open(path).unwrap(), Patience::Endless);
            assert!(matches!(refused, Err(BindError::StdinKind { kind: said }) if said == kind), "{path}");
        }
        let write_only = std::fs::OpenOptions::new().write(true).open("/dev/full").unwrap();
        assert!(capture(write_only, Patience::Short).is_err());
    }

    #[test]
    fn stored_bytes_come_back_with_the_same_description() {
        let first = capture(file(b"select 1;\n"), Patience::Short).unwrap();
        let Stdin::Bytes(copy) = &first else { panic!("{first:?}") };
        let again = Stdin::from_bytes(&copy.to_vec().unwrap()).unwrap();
        assert_eq!(again.to_json(), first.to_json());
        assert_eq!(first.to_json()["bytes"], 10);
        assert_eq!(Stdin::from_bytes(b"").unwrap().to_json(), json!({ "from": "null" }));
    }
}
