//! Where texts run: an empty directory, an unprivileged user, limits, and a PATH that holds only [programs that leave a
//! trace](../ground_program.rs) and the few wrappers that start them.

use remgate::command::ShellText;
use std::collections::BTreeMap;
use std::ffi::{OsStr, OsString};
use std::io::{Read, Write};
use std::os::unix::ffi::{OsStrExt, OsStringExt};
use std::os::unix::fs::{PermissionsExt, symlink};
use std::path::{Path, PathBuf};
use std::process::{Child, ChildStdin, ChildStdout, Command, Stdio};

/// Names that leave a trace. Beside plain ones: words that bash reads as syntax, builtins or assignments unless quoted,
/// and numbers that it reads as descriptors. Those in `f` fail. None is a wrapper's name: what `\time l1` starts is l1.
pub(crate) const PROGRAMS: [&str; 40] = [
    "l1",
    "l2",
    "l3",
    "l4",
    "l5",
    "l6",
    "f1",
    "f2",
    "l-1",
    "l.1",
    "l+",
    "l:1",
    "l@",
    "1",
    "2",
    "if",
    "then",
    "do",
    "done",
    "fi",
    "esac",
    "!",
    "{",
    "}",
    "[[",
    "case",
    "function",
    "in",
    "a=b",
    "echo",
    "test",
    "[",
    "printf",
    "w",
    "-n",
    "*",
    "~",
    "#l",
    "l1;l2",
    "two words",
];

/// Programs of the system that start the program they are given.
const WRAPPERS: [&str; 7] = ["env", "nice", "nohup", "setsid", "timeout", "xargs", "find"];

/// One program that ran.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Executed {
    /// Its file's name in PATH: what really ran, whatever it was told that its name is.
    pub(crate) program: OsString,
    /// Its words; the first is what it was told that its name is.
    pub(crate) argv: Vec<OsString>,
    /// Its environment.
    pub(crate) environment: BTreeMap<OsString, OsString>,
}

/// What one text did.
#[derive(Clone, Debug)]
pub(crate) struct Ran {
    /// `ended`, or how it was ended.
    pub(crate) ended: String,
    /// What it started, in no order.
    pub(crate) executed: Vec<Executed>,
    /// The files it made in its directory.
    pub(crate) files: Vec<OsString>,
}

/// One place where texts run, one at a time.
pub(crate) struct Ground {
    directory: tempfile::TempDir,
    bash: PathBuf,
    worker: Worker,
    runs: u32,
}

/// The process that starts bash.
struct Worker {
    process: Child,
    input: ChildStdin,
    output: ChildStdout,
}

/// A worker is let go after so many texts: the limit of CPU seconds holds for itself too.
const RUNS: u32 = 2_000;

impl Worker {
    fn start(directory: &Path, bash: &Path) -> Result<Self, Missing> {
        let mut command = unprivileged(directory)?;
        let mut process = command.arg(directory.join("worker")).arg(bash).spawn().unwrap();
        let (input, output) = (process.stdin.take().unwrap(), process.stdout.take().unwrap());
        Ok(Self { process, input, output })
    }
}

impl Drop for Worker {
    fn drop(&mut self) {
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}

/// Why nothing can be run here: the program that is missing.
pub(crate) type Missing = &'static str;

impl Ground {
    /// Prepares a directory and a worker in it.
    pub(crate) fn prepare() -> Result<Self, Missing> {
        let bash = which("bash").ok_or("bash")?;
        let directory = tempfile::Builder::new().prefix("canary").tempdir().unwrap();
        let (path, bin) = (directory.path().to_owned(), directory.path().join("bin"));
        std::fs::create_dir(&bin).unwrap();
        compile(&path.join("traced"))?;
        for name in PROGRAMS {
            std::fs::hard_link(path.join("traced"), bin.join(name)).unwrap();
        }
        std::fs::rename(path.join("traced"), path.join("worker")).unwrap();
        for name in WRAPPERS {
            symlink(which(name).ok_or(name)?, bin.join(name)).unwrap();
        }
        std::fs::set_permissions(&path, std::fs::Permissions::from_mode(0o755)).unwrap();
        let worker = Worker::start(&path, &bash)?;
        Ok(Self { directory, bash, worker, runs: 0 })
    }

    /// The PATH of texts.
    pub(crate) fn path(&self) -> PathBuf {
        self.directory.path().join("bin")
    }

    /// Runs a text with nothing but this environment, with the very words that the gate would give to bash.
    pub(crate) fn run(&mut self, text: &[u8], environment: &BTreeMap<OsString, OsString>) -> Ran {
        self.runs += 1;
        if self.runs.is_multiple_of(RUNS) {
            self.worker = Worker::start(self.directory.path(), &self.bash).unwrap();
        }
        let words = ShellText::from(OsStr::from_bytes(text).to_owned()).arguments();
        let mut items = vec![words.len().to_string().into_bytes()];
        items.extend(words.into_iter().map(OsString::into_vec));
        items.extend(environment.iter().map(|(k, v)| [k.as_bytes(), b"=", v.as_bytes()].concat()));
        self.worker.input.write_all(&frame(&items)).unwrap();
        let mut answer = read_frame(&mut self.worker.output).unwrap().into_iter();
        let ended = String::from_utf8(answer.next().unwrap()).unwrap();
        assert_ne!(ended, "not started", "bash could not be started with {:?}", OsStr::from_bytes(text));
        let mut log = &answer.next().unwrap()[..];
        let executed = std::iter::from_fn(|| read_frame(&mut log).map(executed)).collect();
        assert!(log.is_empty(), "the log is torn");
        Ran { ended, executed, files: answer.map(OsString::from_vec).collect() }
    }
}

fn executed(items: Vec<Vec<u8>>) -> Executed {
    let mut items = items.into_iter().map(OsString::from_vec);
    let program = items.next().unwrap();
    let count = items.next().unwrap().to_str().unwrap().parse().unwrap();
    let argv = items.by_ref().take(count).collect();
    let environment = items
        .map(|variable| {
            let bytes = variable.as_bytes();
            let equals = memchr::memchr(b'=', bytes).unwrap();
            (
                OsStr::from_bytes(&bytes[..equals]).to_owned(),
                OsStr::from_bytes(&bytes[equals + 1..]).to_owned(),
            )
        })
        .collect();
    Executed { program, argv, environment }
}

fn frame(items: &[Vec<u8>]) -> Vec<u8> {
    let length = |bytes: &[u8]| u32::try_from(bytes.len()).unwrap().to_le_bytes();
    let mut bytes = u32::try_from(items.len()).unwrap().to_le_bytes().to_vec();
    for item in items {
        bytes.extend(length(item));
        bytes.extend(item);
    }
    bytes
}

fn read_frame(input: &mut impl Read) -> Option<Vec<Vec<u8>>> {
    let number = |input: &mut dyn Read| {
        let mut bytes = [0; 4];
        input.read_exact(&mut bytes).ok().map(|()| u32::from_le_bytes(bytes))
    };
    let count = number(input)?;
    let item = |_| {
        let mut bytes = vec![0; usize::try_from(number(input)?).unwrap()];
        input.read_exact(&mut bytes).ok().map(|()| bytes)
    };
    (0..count).map(item).collect()
}

fn which(program: &str) -> Option<PathBuf> {
    let path = std::env::var_os("PATH")?;
    std::env::split_paths(&path).map(|dir| dir.join(program)).find(|file| file.is_file())
}

/// A Rust toolchain has just built this test; the program uses nothing else.
fn compile(to: &Path) -> Result<(), Missing> {
    let rustc = std::env::var_os("RUSTC").map(PathBuf::from).or_else(|| which("rustc")).ok_or("rustc")?;
    let source = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/canary/ground_program.rs");
    let mut command = Command::new(rustc);
    command
        .args(["--edition", "2024", "-O", "-C", "panic=abort", "-C", "strip=symbols", "-o"])
        .arg(to)
        .arg(source);
    assert!(command.status().unwrap().success(), "the program for the ground does not compile");
    Ok(())
}

/// As root: `nobody`, with few processes. Else as the user that tests run as. Limits hold for each process: 10 s of
/// processor time, files of 1 MB, 2 GB of address space.
fn unprivileged(directory: &Path) -> Result<Command, Missing> {
    let root = rustix::process::geteuid().is_root();
    let mut limits = "ulimit -t 10 -f 1024 -v 2000000 -c 0".to_owned();
    let mut drop = String::new();
    if root {
        const NOBODY: u32 = 65_534;
        which("setpriv").ok_or("setpriv")?;
        std::os::unix::fs::chown(directory, Some(NOBODY), Some(NOBODY)).unwrap();
        limits.push_str(" -u 400");
        drop = format!(
            "setpriv --reuid={NOBODY} --regid={NOBODY} --clear-groups --no-new-privs --inh-caps=-all"
        );
    }
    let mut command = Command::new("bash");
    command.args(["--noprofile", "--norc", "-c", &format!(r#"{limits} && exec {drop} "$@""#), "bash"]);
    command.current_dir(directory).stdin(Stdio::piped()).stdout(Stdio::piped());
    Ok(command)
}
