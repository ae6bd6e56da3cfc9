//! A machine of its own: bubblewrap with `/etc` and `/var` that belong to the stage, real accounts, real root.
//!
//! In: who calls what. Out: the command, in the cage. Never: a command of root's on the machine that runs the tests -
//! everything but the stage is read-only in there, and a hole in the cage fails the test before anything is set up.

use crate::house::{House, Seen, installed, root, see, skip};
use std::fs::Permissions;
use std::os::unix::fs::{PermissionsExt, chown};
use std::path::{Path, PathBuf};
use std::process::Command;

/// What `groupadd` and the account database read.
const COPIED: [&str; 6] = ["group", "gshadow", "passwd", "shadow", "login.defs", "nsswitch.conf"];

/// Accounts of the machine, with their user ids. Ids that no distribution gives away.
pub(super) const ALICE: (&str, u32) = ("alice", 50_001);
pub(super) const BOB: (&str, u32) = ("bob", 50_002);
pub(super) const CAROL: (&str, u32) = ("carol", 50_003);

pub(super) struct Machine {
    pub(super) house: House,
}

impl Machine {
    /// A machine with three accounts and nothing set up; `None`, and said so, where this one cannot hold it.
    pub(super) fn new(test: &str) -> Option<Self> {
        let programs = ["bwrap", "setpriv"].iter().all(|program| installed(test, program));
        let shadow = ["groupadd", "usermod"].iter().all(|program| {
            Path::new("/usr/sbin").join(program).is_file()
                || skip(test, &format!("{program} is not installed"))
        });
        if !(root(test) && programs && shadow) {
            return None;
        }
        let machine = Self { house: House::new() };
        let gate = Path::new(env!("CARGO_BIN_EXE_remgate"));
        let mut above = gate.ancestors().skip(1).filter(|directory| !directory.starts_with("/tmp"));
        if let Some(shut) = above.find(|directory| {
            std::fs::metadata(directory).is_ok_and(|found| found.permissions().mode() & 0o001 == 0)
        }) {
            println!("SKIPPED {test}: no other account may enter `{}`", shut.display());
            return None;
        }
        machine.furnish();
        let probed = machine.root("touch /usr/escaped /var/inside");
        assert!(!Path::new("/usr/escaped").exists(), "the cage has a hole");
        if !machine.path("/var/inside").exists() {
            // No package can provide it: the kernel or a container around forbids namespaces.
            println!("SKIPPED {test}: bwrap does not work here: {}", probed.stderr);
            return None;
        }
        Some(machine)
    }

    fn furnish(&self) {
        let house = &self.house;
        for name in ["machine/etc", "machine/var/lib", "homes"] {
            house.directory(name);
        }
        for name in COPIED {
            let from = Path::new("/etc").join(name);
            if from.exists() {
                std::fs::copy(&from, self.path("/etc").join(name)).unwrap();
            }
        }
        let passwd = self.path("/etc/passwd");
        let mut accounts = std::fs::read_to_string(&passwd).unwrap();
        for (name, id) in [ALICE, BOB, CAROL] {
            let home = house.directory(format!("homes/{name}"));
            chown(&home, Some(id), Some(id)).unwrap();
            accounts.push_str(&format!("{name}:x:{id}:{id}::{}:/bin/sh\n", home.display()));
        }
        std::fs::write(passwd, accounts).unwrap();
        // Whoever runs a fake program notes it down there.
        std::fs::set_permissions(house.at("ran"), Permissions::from_mode(0o777)).unwrap();
    }

    /// Where a path of the machine is outside of it: below `/etc` or `/var`.
    pub(super) fn path(&self, path: &str) -> PathBuf {
        self.house.at(format!("machine{path}"))
    }

    /// The cage, with the words of what runs in it still to come.
    fn cage(&self) -> Command {
        let (house, etc, var) = (self.house.at(""), self.path("/etc"), self.path("/var"));
        let mut command = self.house.clean("/usr/bin/bwrap");
        command.args([
            "--die-with-parent",
            "--new-session",
            "--unshare-pid",
            "--unshare-net",
            "--unshare-ipc",
        ]);
        // Root's own commands give files away and become others; nothing else of root's is needed.
        command.args(["--cap-drop", "ALL"]);
        for capability in ["CHOWN", "DAC_OVERRIDE", "FOWNER", "FSETID", "SETUID", "SETGID"] {
            command.args(["--cap-add", &format!("CAP_{capability}")]);
        }
        command.args(["--ro-bind", "/", "/", "--dev", "/dev", "--proc", "/proc", "--tmpfs", "/tmp"]);
        // A clone that was built in /tmp has its gate there, and every account goes there.
        let gate = env!("CARGO_BIN_EXE_remgate");
        let mut above: Vec<&Path> = Path::new(gate).ancestors().chain(house.ancestors()).skip(1).collect();
        above.sort();
        for directory in above.into_iter().filter(|at| at.starts_with("/tmp") && *at != Path::new("/tmp")) {
            if directory != Path::new(gate) && !directory.starts_with(&house) {
                command.args(["--perms", "0755", "--dir"]).arg(directory);
            }
        }
        command.args(["--tmpfs", "/run"]).arg("--bind").args([&house, &house]);
        command.args(["--ro-bind", gate, gate]);
        command.arg("--bind").arg(etc).arg("/etc").arg("--bind").arg(var).arg("/var");
        command.arg("--chdir").arg(self.house.at("work")).arg("--");
        command
    }

    /// A shell text by root.
    pub(super) fn root(&self, text: &str) -> Seen {
        see(self.cage().args(["/bin/bash", "-c", text]))
    }

    /// The gate, called by root.
    pub(super) fn gate(&self, words: &str) -> Seen {
        see(self.cage().arg(env!("CARGO_BIN_EXE_remgate")).args(words.split_whitespace()))
    }

    /// The cage as an account sees it after a login: its home, its groups, no capability.
    fn login(&self, (name, id): (&str, u32)) -> Command {
        let mut command = self.cage();
        command.env("HOME", self.house.at("homes").join(name));
        let ids = [format!("--reuid={id}"), format!("--regid={id}")];
        command.arg("setpriv").args(ids).args(["--init-groups", "--no-new-privs"]);
        command
    }

    /// A shell text by an account.
    pub(super) fn account(&self, account: (&str, u32), text: &str) -> Seen {
        see(self.login(account).args(["/bin/bash", "-c", text]))
    }

    /// The gate, called by an account.
    pub(super) fn gate_of(&self, account: (&str, u32), words: &[&str]) -> Seen {
        see(self.login(account).arg(env!("CARGO_BIN_EXE_remgate")).args(words))
    }

    /// The machine with its inbox, alice and bob in the group.
    pub(super) fn set_up(test: &str) -> Option<Self> {
        let machine = Self::new(test)?;
        let seen = machine.gate("doctor --setup --apply --member alice --member bob");
        assert_eq!(seen.code, 0, "{seen:?}");
        Some(machine)
    }
}
