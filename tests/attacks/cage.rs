//! The cage: a row is really carried out, so nothing it says may reach outside the house.
//!
//! In: a program to run on a stage. Out: the command that runs it with the whole machine read-only, the house alone
//! writable, no network, no other process in sight, no capability. Never: an attack outside of it.
//!
//! A `cd` that fails in front of `rm -rf *` deletes the tree that the tests stand in; no care in writing rows is a
//! protection against that, and the first draft of these rows did empty a file that was not theirs.

use crate::house::installed;
use crate::stage::Stage;
use std::ffi::OsStr;
use std::path::Path;
use std::process::Command;

/// Seconds after which a row has hung. An honest row takes a few milliseconds.
const LIMIT: &str = "20";

/// What the machine offers to keep a row in.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Cage {
    /// Bubblewrap works here.
    Shut,
    /// It does not: attacks are not carried out at all, and the gate is tried as its users start it.
    Missing,
}

impl Cage {
    /// Looks whether a row can be kept in, by doing it once; says so where not.
    pub(crate) fn find(test: &str, stage: &Stage) -> Self {
        if !installed(test, "bwrap") {
            return Self::Missing;
        }
        let outside = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/attacks/escaped");
        let mut probe = Self::Shut.command(stage, "/bin/sh".as_ref());
        // Remounting is what a root with capabilities would get out by.
        probe.args(["-c", "mount -o remount,rw /; touch \"$0\"; touch inside"]).arg(&outside);
        let probed = probe.output().unwrap();
        assert!(!outside.exists(), "the cage has a hole: {} was written", outside.display());
        if stage.house.at("work/inside").exists() {
            stage.mend();
            return Self::Shut;
        }
        // No package can provide it: the kernel or a container around forbids namespaces.
        println!("SKIPPED {test}: bwrap does not work here: {}", String::from_utf8_lossy(&probed.stderr));
        Self::Missing
    }

    /// The cage for the gate itself. Only root's: for other accounts it is made of a user namespace, in which root's
    /// files belong to nobody, and a gate that sees that trusts no directory and refuses all rows for that reason.
    pub(crate) fn for_the_gate(self) -> Self {
        if rustix::process::geteuid().is_root() { self } else { Self::Missing }
    }

    /// A program on the stage, in the environment of the stage, for so many seconds. What hangs is let through.
    pub(crate) fn command(self, stage: &Stage, program: &OsStr) -> Command {
        // By their paths: a row may have put something else into PATH.
        let mut command = stage.house.clean("/usr/bin/timeout");
        command.args(["--kill-after=1", LIMIT]);
        if self == Self::Missing {
            command.arg(program);
            return command;
        }
        let house = stage.house.at("");
        let built = Path::new(env!("CARGO_BIN_EXE_remgate")).parent().unwrap();
        command.args(["/usr/bin/bwrap", "--die-with-parent", "--new-session", "--cap-drop", "ALL"]);
        command.args(["--unshare-pid", "--unshare-net", "--unshare-ipc", "--unshare-uts"]);
        command.args([
            "--ro-bind",
            "/",
            "/",
            "--dev",
            "/dev",
            "--proc",
            "/proc",
            "--tmpfs",
            "/tmp",
            "--ro-bind",
        ]);
        command.args([built, built]).arg("--bind").args([&house, &house]);
        command.arg("--chdir").arg(stage.house.at("work")).arg("--").arg(program);
        command
    }
}
