//! The wrapper table: programs whose own words end where another command begins.
//!
//! Taken off by table, never by guesswork: an option that is not listed makes the command opaque, because a wrong
//! arity would hide the program (`sudo -C 3 rm` against `sudo -n rm`). Abbreviated long options are not listed and
//! so opaque too.

use super::assignment::{EnvironmentEdit, Influence, influence, split};
use super::shell::Dialect;
use super::{Opaque, TakenOff, Words};
use std::ffi::{OsStr, OsString};

/// What a wrapper adds to the facts of the command behind it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Added {
    /// It runs as another user, root unless told otherwise.
    OtherUser,
    /// It sees another root directory.
    OtherRoot,
    /// More operands come from standard input, so its reach is not known.
    StdinOperands,
    /// It may be started again or cut short.
    Interrupted,
    /// It runs on another host.
    OtherHost,
    /// It runs in a container, pod, chroot-like namespace or virtual machine that exists already or is made for it.
    Container,
    /// It goes on after the wrapper has ended.
    Detached,
}

/// What stands between a wrapper's options and the command.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Between {
    Nothing,
    /// So many words that belong to the wrapper (a duration, a mask, a directory).
    Positionals(usize),
    /// `NAME=value` words.
    Assignments,
}

struct Entry {
    name: &'static str,
    /// Short options without a value, as one string of letters.
    switches: &'static str,
    /// Short options with a value.
    values: &'static str,
    long_switches: &'static [&'static str],
    long_values: &'static [&'static str],
    between: Between,
    adds: &'static [Added],
}

/// Sources: sudo(8) 1.9.13, doas(1) 6.8.2, coreutils 9.1 (env nice nohup timeout stdbuf chroot), util-linux 2.38
/// (ionice setsid taskset chrt), time(1) 1.9, findutils 4.9 (xargs). Options that start a shell, an editor, another
/// host or another directory (`sudo -i -s -e -h -D`, `env -S -C`) are left out on purpose and so opaque.
const WRAPPERS: [Entry; 14] = [
    Entry {
        name: "sudo",
        switches: "ABEHknPS",
        values: "Cgpu",
        long_switches: &[
            "--askpass",
            "--bell",
            "--non-interactive",
            "--preserve-groups",
            "--set-home",
            "--stdin",
        ],
        long_values: &["--close-from", "--group", "--prompt", "--user"],
        between: Between::Assignments,
        adds: &[Added::OtherUser],
    },
    Entry {
        name: "doas",
        switches: "n",
        values: "u",
        long_switches: &[],
        long_values: &[],
        between: Between::Nothing,
        adds: &[Added::OtherUser],
    },
    Entry {
        name: "env",
        switches: "i0v",
        values: "u",
        long_switches: &["--ignore-environment", "--null", "--debug"],
        long_values: &["--unset"],
        between: Between::Assignments,
        adds: &[],
    },
    Entry {
        name: "nice",
        switches: "",
        values: "n",
        long_switches: &[],
        long_values: &["--adjustment"],
        between: Between::Nothing,
        adds: &[],
    },
    Entry {
        name: "ionice",
        switches: "t",
        values: "cn",
        long_switches: &["--ignore"],
        long_values: &["--class", "--classdata"],
        between: Between::Nothing,
        adds: &[],
    },
    Entry {
        name: "chrt",
        switches: "abfioR",
        values: "TPD",
        long_switches: &["--all-tasks", "--batch", "--fifo", "--idle", "--other", "--reset-on-fork"],
        long_values: &["--sched-runtime", "--sched-period", "--sched-deadline"],
        between: Between::Positionals(1),
        adds: &[],
    },
    Entry {
        name: "nohup",
        switches: "",
        values: "",
        long_switches: &[],
        long_values: &[],
        between: Between::Nothing,
        adds: &[],
    },
    Entry {
        name: "timeout",
        switches: "v",
        values: "ks",
        long_switches: &["--foreground", "--preserve-status", "--verbose"],
        long_values: &["--kill-after", "--signal"],
        between: Between::Positionals(1),
        adds: &[Added::Interrupted],
    },
    Entry {
        name: "stdbuf",
        switches: "",
        values: "ieo",
        long_switches: &[],
        long_values: &["--input", "--output", "--error"],
        between: Between::Nothing,
        adds: &[],
    },
    Entry {
        name: "setsid",
        switches: "cfw",
        values: "",
        long_switches: &["--ctty", "--fork", "--wait"],
        long_values: &[],
        between: Between::Nothing,
        adds: &[],
    },
    Entry {
        name: "time",
        switches: "pqv",
        values: "",
        long_switches: &["--portability", "--quiet", "--verbose"],
        long_values: &[],
        between: Between::Nothing,
        adds: &[],
    },
    Entry {
        name: "chroot",
        switches: "",
        values: "",
        long_switches: &["--skip-chdir"],
        long_values: &["--groups", "--userspec"],
        between: Between::Positionals(1),
        adds: &[Added::OtherRoot, Added::OtherUser],
    },
    Entry {
        name: "taskset",
        switches: "ac",
        values: "",
        long_switches: &["--all-tasks", "--cpu-list"],
        long_values: &[],
        between: Between::Positionals(1),
        adds: &[],
    },
    Entry {
        name: "xargs",
        switches: "0rtx",
        values: "adEILnPs",
        long_switches: &["--null", "--no-run-if-empty", "--verbose", "--exit"],
        long_values: &[
            "--arg-file",
            "--delimiter",
            "--max-args",
            "--max-chars",
            "--max-lines",
            "--max-procs",
        ],
        between: Between::Nothing,
        adds: &[Added::StdinOperands],
    },
];

const WRITE_OUT: &str = "give the command's own words: remgate -- PROGRAM ARGUMENTS";
const PER_HOST: &str = "run the gate on that host";

/// Programs whose arguments are code, or a command in a form that this table cannot take apart.
const OPAQUE: [(&[&str], &str, &str); 7] = [
    (
        &["sh", "bash", "dash", "zsh", "ksh", "mksh", "ash", "fish", "csh", "tcsh", "rbash"],
        "runs shell text",
        WRITE_OUT,
    ),
    (
        &[
            "su", "runuser", "script", "watch", "flock", "parallel", "expect", "at", "batch", "eval", "exec",
            "command",
        ],
        "runs a command given as text",
        WRITE_OUT,
    ),
    (
        &["ssh", "mosh", "rsh", "sshpass", "autossh", "pssh", "pdsh", "machinectl"],
        "runs a command on another host",
        PER_HOST,
    ),
    (
        &["nsenter", "unshare", "systemd-run", "ip-netns", "firejail", "bwrap", "setpriv", "capsh", "pkexec"],
        "runs a command in another namespace or as another unit",
        WRITE_OUT,
    ),
    (&["busybox", "toybox"], "is many programs in one", "call the program by its own name"),
    (
        &[
            "python", "python2", "python3", "perl", "ruby", "node", "nodejs", "deno", "bun", "php", "lua",
            "tclsh", "Rscript",
        ],
        "runs code that is not read",
        "use a command whose rule is known, or add a rule for a reviewed script",
    ),
    (
        &["awk", "gawk", "mawk", "nawk", "gdb", "strace", "ltrace", "perf"],
        "can start programs from its arguments",
        WRITE_OUT,
    ),
];

/// What one look at the first word gives.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Step {
    /// The program is what it is.
    NotAWrapper,
    /// Something is inside that cannot be known.
    Opaque(Opaque),
    /// These commands are inside.
    Off(Box<Unwrapped>),
}

/// A wrapper taken apart.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Unwrapped {
    /// What was taken off.
    pub taken: TakenOff,
    /// What it changes in the environment of the commands inside.
    pub environment: Vec<EnvironmentEdit>,
    /// Whether the program does something of its own.
    pub itself: Itself,
    /// The commands inside; none where only an interactive shell would start.
    pub inside: Vec<Inside>,
}

/// Whether a program that starts others is also a command of its own.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Itself {
    /// It only starts what is inside: `sudo`, `timeout`.
    Nothing,
    /// It does something besides, and its whole argv is judged as a command too: `find -delete -exec`, `tar -I`.
    Command,
}

/// One command inside a wrapper.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Inside {
    /// Words that are started as they are.
    Argv(Words),
    /// Text that a shell reads.
    Text(OsString, Dialect),
}

/// Takes the wrapper `name` apart; `words` are its whole argv, the wrapper itself first.
#[must_use]
pub fn take_off(name: &str, words: &Words) -> Step {
    let opaque = |reason, instead| Step::Opaque(Opaque { reason, instead, offset: None });
    if let Some((_, does, instead)) = OPAQUE.iter().find(|(names, _, _)| names.contains(&versionless(name))) {
        return opaque(format!("`{name}` {does}"), instead);
    }
    let Some(entry) = WRAPPERS.iter().find(|entry| entry.name == name) else { return Step::NotAWrapper };
    let mut reader = Reader { entry, words, next: 1, environment: Vec::new() };
    match reader.options().and_then(|()| reader.between()) {
        Err(reason) => opaque(format!("`{name}`: {reason}"), WRITE_OUT),
        Ok(()) => {
            let taken = TakenOff {
                name: entry.name,
                words: words.between(0, reader.next).to_vec(),
                adds: entry.adds.to_vec(),
                place: None,
            };
            let inside = vec![Inside::Argv(words.from(reader.next))];
            let environment = reader.environment;
            Step::Off(Box::new(Unwrapped { taken, environment, itself: Itself::Nothing, inside }))
        }
    }
}

/// Opaque where a program that is not the system's own has a wrapper's name.
#[must_use]
pub(super) fn looks_like(name: &str) -> Option<Opaque> {
    let wraps = WRAPPERS.iter().any(|entry| entry.name == name)
        || OPAQUE.iter().any(|(names, _, _)| names.contains(&versionless(name)));
    wraps.then(|| Opaque {
        reason: format!("a program named `{name}` from outside PATH may run anything"),
        instead: "call the program by its name alone",
        offset: None,
    })
}

/// `python3.11` is python3's name with a version.
fn versionless(name: &str) -> &str {
    match name.split_once('.') {
        Some((stem, version)) if version.bytes().all(|b| b.is_ascii_digit() || b == b'.') => stem,
        _ => name,
    }
}

struct Reader<'a> {
    entry: &'static Entry,
    words: &'a [OsString],
    next: usize,
    environment: Vec<EnvironmentEdit>,
}

impl Reader<'_> {
    fn word(&self) -> Option<&OsStr> {
        self.words.get(self.next).map(OsString::as_os_str)
    }

    /// Reads options up to the first word that is none.
    fn options(&mut self) -> Result<(), String> {
        while let Some(word) = self.word() {
            let Some(text) = word.to_str() else { return Ok(()) };
            if text == "--" {
                self.next = self.next.saturating_add(1);
                return Ok(());
            }
            if !text.starts_with('-') {
                return Ok(());
            }
            let text = text.to_owned();
            self.next = self.next.saturating_add(1);
            if text.starts_with("--") { self.long(&text)? } else { self.short(&text)? }
        }
        Ok(())
    }

    fn long(&mut self, text: &str) -> Result<(), String> {
        let (name, value) = match text.split_once('=') {
            Some((name, value)) => (name, Some(OsString::from(value))),
            None => (text, None),
        };
        if self.entry.long_values.contains(&name) {
            let value = self.value(name, value)?;
            self.note(name, value)
        } else if self.entry.long_switches.contains(&name) && value.is_none() {
            self.note(name, OsString::new())
        } else {
            Err(format!("the option `{name}` is not known"))
        }
    }

    fn short(&mut self, text: &str) -> Result<(), String> {
        let mut letters = text.chars().skip(1);
        if text == "-" && self.entry.name != "env" {
            return Err("`-` is not known".to_owned());
        }
        if text == "-" {
            return self.note("-i", OsString::new()); // env(1): a mere - implies -i
        }
        while let Some(letter) = letters.next() {
            let name = format!("-{letter}");
            if self.entry.values.contains(letter) {
                let joined: String = letters.collect();
                let value = self.value(&name, (!joined.is_empty()).then(|| OsString::from(joined)))?;
                return self.note(&name, value);
            }
            if !self.entry.switches.contains(letter) {
                return Err(format!("the option `{name}` is not known"));
            }
            self.note(&name, OsString::new())?;
        }
        Ok(())
    }

    /// The value of an option: joined, or the next word.
    fn value(&mut self, name: &str, joined: Option<OsString>) -> Result<OsString, String> {
        if let Some(value) = joined {
            return Ok(value);
        }
        let value =
            self.word().map(OsStr::to_owned).ok_or_else(|| format!("the option `{name}` has no value"))?;
        self.next = self.next.saturating_add(1);
        Ok(value)
    }

    /// Options that change the environment of the command.
    fn note(&mut self, option: &str, value: OsString) -> Result<(), String> {
        match (self.entry.name, option) {
            ("env", "-i" | "--ignore-environment") => self.environment.push(EnvironmentEdit::Clear),
            ("env", "-u" | "--unset") => self.environment.push(EnvironmentEdit::Unset(value)),
            _ => {}
        }
        Ok(())
    }

    fn between(&mut self) -> Result<(), String> {
        match self.entry.between {
            Between::Nothing => Ok(()),
            Between::Positionals(count) => {
                self.next = self.next.saturating_add(count);
                Ok(())
            }
            Between::Assignments => self.assignments(),
        }
    }

    fn assignments(&mut self) -> Result<(), String> {
        while let Some((name, value)) = self.word().and_then(split) {
            if influence(&name) == Influence::Code {
                // `env LD_PRELOAD=./x.so ls` runs x.so, whatever ls does.
                return Err(format!("`{}` changes what the program runs", name.display()));
            }
            self.next = self.next.saturating_add(1);
            self.environment.push(EnvironmentEdit::Set(name, value));
        }
        // env(1) takes every word with `=` as an assignment; a name we cannot read must not pass as the program.
        match self.word() {
            Some(word) if word.as_encoded_bytes().contains(&b'=') => {
                Err("an assignment's name cannot be read".to_owned())
            }
            _ => Ok(()),
        }
    }
}

#[cfg(test)]
mod tests {
    use crate::command::{Action, Caller, Command, SearchPath, read};
    use std::collections::BTreeMap;

    fn command(text: &str) -> Command {
        let argv = text.split(' ').map(Into::into).collect();
        let caller = Caller { search: &SearchPath::new(None), variables: &BTreeMap::new() };
        read(&Action::Argv(argv), &caller).remove(0)
    }

    #[test]
    fn wrappers_come_off_to_the_command_inside() {
        for (typed, inside) in [
            ("sudo rm -rf /x", "rm -rf /x"),
            ("sudo -n -u root rm x", "rm x"),
            ("sudo -nu root rm x", "rm x"),
            ("sudo -uroot A=1 rm x", "rm x"),
            ("sudo --user=root -- rm x", "rm x"),
            ("env -i A=1 KUBECONFIG=/x kubectl get pods", "kubectl get pods"),
            ("env - rm x", "rm x"),
            ("env -u HOME rm x", "rm x"),
            ("nice -n 5 ionice -c2 rm x", "rm x"),
            ("timeout -s9 -k 5 10 rm x", "rm x"),
            ("timeout --signal=KILL 10 rm x", "rm x"),
            ("nohup setsid -w stdbuf -oL rm x", "rm x"),
            ("xargs -0 -n 1 rm -f", "rm -f"),
            ("taskset -c 0 rm x", "rm x"),
            ("chroot /mnt rm x", "rm x"),
            ("time -p rm x", "rm x"),
        ] {
            let command = command(typed);
            assert_eq!(command.opaque, None, "{typed}");
            assert_eq!(command.words.join(std::ffi::OsStr::new(" ")), inside, "{typed}");
        }
    }

    #[test]
    fn what_the_table_does_not_have_is_opaque() {
        for typed in [
            "sudo -i rm x",
            "sudo -s rm x",
            "sudo -D / rm x",
            "sudo --us=root rm x",
            "sudo -e /etc/sudoers",
            "sudo -u",
            "sudo",
            "env",
            "env -S rm",
            "env LD_PRELOAD=x ls",
            "env PATH=/tmp ls",
            "env GIT_SSH_COMMAND=x git fetch",
            "env A.B=1 ls",
            "timeout",
            "timeout 5",
            "sh -c ls",
            "bash x.sh",
            "ssh h ls",
            "python3 -c x",
            "python3.11 x",
            "busybox rm -rf /",
            "flock /l rm x",
            "watch ls",
            "su -c ls",
            "/bin/sh -c ls",
            "nice -5 rm x",
            "xargs -i rm",
            "xargs",
            "find_is_not_here_but_strace ls",
            "awk BEGIN{system()}",
        ] {
            let opaque = command(typed).opaque.is_some();
            assert_eq!(opaque, !typed.starts_with("find_"), "{typed}");
        }
    }

    #[test]
    fn wrappers_do_not_nest_without_end() {
        assert!(command(&format!("{}ls", "nice ".repeat(30))).opaque.is_some());
        assert!(command(&format!("{}ls", "nice ".repeat(20))).opaque.is_none());
    }
}
