//! The stage: a home, a working directory and programs of its own, and nothing of the machine's but `/usr/bin`.
//!
//! It stands below the build directory and not in `/tmp`, because a directory that everybody may write is itself
//! something that the gate judges.

use serde_json::Value;
use std::ffi::OsStr;
use std::fs::Permissions;
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};

/// Where the machine's own programs are.
const SYSTEM: &str = "/usr/local/bin:/usr/bin:/bin";

/// A home with everything below it.
pub(crate) struct House {
    root: tempfile::TempDir,
}

/// What became of one call.
#[derive(Debug)]
pub(crate) struct Seen {
    /// The exit code, or 128 and the signal.
    pub(crate) code: i32,
    pub(crate) stdout: String,
    pub(crate) stderr: String,
}

impl House {
    pub(crate) fn new() -> Self {
        let root = tempfile::tempdir_in(env!("CARGO_TARGET_TMPDIR")).unwrap();
        std::fs::set_permissions(root.path(), Permissions::from_mode(0o755)).unwrap();
        let house = Self { root };
        for name in ["home", "bin", "work", "ran"] {
            house.directory(name);
        }
        house
    }

    /// A path below the stage.
    pub(crate) fn at(&self, name: impl AsRef<Path>) -> PathBuf {
        self.root.path().join(name)
    }

    pub(crate) fn directory(&self, name: impl AsRef<Path>) -> PathBuf {
        let path = self.at(name);
        std::fs::create_dir_all(&path).unwrap();
        std::fs::set_permissions(&path, Permissions::from_mode(0o755)).unwrap();
        path
    }

    pub(crate) fn write(&self, name: impl AsRef<Path>, text: impl AsRef<[u8]>) -> PathBuf {
        let path = self.at(name);
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        std::fs::write(&path, text).unwrap();
        path
    }

    /// An executable file.
    pub(crate) fn program(&self, name: impl AsRef<Path>, text: impl AsRef<[u8]>) -> PathBuf {
        let path = self.write(name, text);
        std::fs::set_permissions(&path, Permissions::from_mode(0o755)).unwrap();
        path
    }

    /// A program in PATH that does nothing but write down that it ran, and with what.
    pub(crate) fn fake(&self, name: &str) -> PathBuf {
        self.program(format!("bin/{name}"), self.fake_text(name, 0))
    }

    /// The text of such a program.
    pub(crate) fn fake_text(&self, name: &str, code: i32) -> String {
        let note = self.at("ran").join(name);
        format!("#!/bin/sh\nprintf '%s\\n' \"$*\" >> '{}'\nexit {code}\n", note.display())
    }

    /// How the fake program `name` was called, one line each time.
    pub(crate) fn ran(&self, name: &str) -> Vec<String> {
        let text = std::fs::read_to_string(self.at("ran").join(name)).unwrap_or_default();
        text.lines().map(str::to_owned).collect()
    }

    /// Whether any fake program was started.
    pub(crate) fn anything_ran(&self) -> bool {
        std::fs::read_dir(self.at("ran")).unwrap().next().is_some()
    }

    /// The user's rules.
    pub(crate) fn rules(&self, text: &str) {
        self.write("home/.config/remgate/rules.toml", text);
    }

    pub(crate) fn path_variable(&self) -> String {
        format!("{}:{SYSTEM}", self.at("bin").display())
    }

    /// The gate, not yet started.
    pub(crate) fn gate(&self) -> Command {
        self.clean(env!("CARGO_BIN_EXE_remgate"))
    }

    /// The gate as a shell starts it in the foreground: whoever runs the tests may ignore interrupts, and all they start.
    pub(crate) fn foreground_gate(&self) -> Command {
        let mut env = self.clean("env");
        env.args(["--default-signal=INT", env!("CARGO_BIN_EXE_remgate")]);
        env
    }

    /// Any program in the environment of the stage.
    pub(crate) fn clean(&self, program: impl AsRef<OsStr>) -> Command {
        let mut command = Command::new(program);
        command
            .env_clear()
            .env("HOME", self.at("home"))
            .env("PATH", self.path_variable())
            .current_dir(self.at("work"))
            .stdin(Stdio::null());
        command
    }

    /// Calls the gate with words split at blanks.
    pub(crate) fn run(&self, words: &str) -> Seen {
        see(self.gate().args(words.split_whitespace()))
    }

    pub(crate) fn state(&self) -> PathBuf {
        self.at("home/.local/state/remgate")
    }

    /// Every record, through `log show --json`.
    pub(crate) fn records(&self) -> Vec<Value> {
        let seen = self.run("log show --json");
        assert_eq!(seen.code, 0, "{seen:?}");
        seen.stdout.lines().map(|line| serde_json::from_str(line).unwrap()).collect()
    }

    /// The records of one type.
    pub(crate) fn records_of(&self, kind: &str) -> Vec<Value> {
        self.records().into_iter().filter(|record| record["type"] == kind).collect()
    }

    /// What `log verify` answers; the chain of an honest gate is whole, only unanchored.
    pub(crate) fn verify(&self) -> i32 {
        self.run("log verify").code
    }

    /// Every byte below the state directory.
    pub(crate) fn state_bytes(&self) -> Vec<u8> {
        bytes_below(&self.state())
    }

    /// Names, sizes and contents of everything on the stage, to see that nothing changed.
    pub(crate) fn everything(&self) -> Vec<(PathBuf, Vec<u8>)> {
        let mut all = Vec::new();
        visit(self.root.path(), &mut |path| {
            all.push((
                path.to_owned(),
                if path.is_file() { std::fs::read(path).unwrap() } else { Vec::new() },
            ));
        });
        all.sort();
        all
    }
}

/// Runs to the end.
pub(crate) fn see(command: &mut Command) -> Seen {
    seen(&command.output().unwrap())
}

pub(crate) fn seen(output: &Output) -> Seen {
    use std::os::unix::process::ExitStatusExt;
    let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
    let code = output.status.code().unwrap_or_else(|| 128 + output.status.signal().unwrap());
    Seen { code, stdout: text(&output.stdout), stderr: text(&output.stderr) }
}

fn visit(directory: &Path, each: &mut impl FnMut(&Path)) {
    for entry in std::fs::read_dir(directory).unwrap() {
        let path = entry.unwrap().path();
        each(&path);
        if path.is_dir() && !path.is_symlink() {
            visit(&path, each);
        }
    }
}

fn bytes_below(directory: &Path) -> Vec<u8> {
    let mut bytes = Vec::new();
    visit(directory, &mut |path| {
        bytes.extend_from_slice(path.as_os_str().as_encoded_bytes());
        if path.is_file() {
            bytes.extend(std::fs::read(path).unwrap());
        }
    });
    bytes
}

/// Whether `text` stands anywhere in `bytes`.
pub(crate) fn holds(bytes: &[u8], text: &str) -> bool {
    memchr::memmem::find(bytes, text.as_bytes()).is_some()
}

/// Whether a program is installed; says so when it is not, and fails instead where everything must be tested.
pub(crate) fn installed(test: &str, program: &str) -> bool {
    let there = SYSTEM.split(':').any(|directory| Path::new(directory).join(program).is_file());
    there || skip(test, &format!("{program} is not installed"))
}

/// Whether the tests run as root; said where not.
pub(crate) fn root(test: &str) -> bool {
    rustix::process::geteuid().is_root() || skip(test, "it needs root")
}

/// Whether the tests run as an ordinary user, whom file modes bind.
pub(crate) fn skip(test: &str, why: &str) -> bool {
    println!("SKIPPED {test}: {why}");
    assert!(std::env::var_os("REMGATE_REQUIRE_ALL").is_none_or(|all| all != "1"), "{test}: {why}");
    false
}
