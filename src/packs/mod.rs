//! Built-in rule files, one a tool family. Each says at its head what it knows and what it does not.

use crate::rules::{Layer, SourceFile, Trust};

/// One built-in file.
#[derive(Clone, Copy, Debug)]
pub struct Pack {
    /// Its name, as messages show it.
    pub name: &'static str,
    /// Every program name and alias that it describes. The tests hold this against the file.
    pub programs: &'static [&'static str],
    text: &'static str,
}

impl Pack {
    /// The pack as a rule file.
    #[must_use]
    pub fn file(&self) -> SourceFile {
        SourceFile {
            name: format!("{}.toml (built-in)", self.name),
            text: self.text.to_owned(),
            layer: Layer::BuiltIn,
            trust: Trust::Full,
        }
    }
}

/// Every pack.
pub const ALL: &[Pack] = &[
    Pack { name: "kubectl", programs: &["kubectl", "k", "oc"], text: include_str!("kubectl.toml") },
    Pack {
        name: "words",
        programs: &[
            "true", "false", "echo", "printf", "test", "[", "expr", "seq", "sleep", "basename", "dirname",
            "pwd",
        ],
        text: include_str!("words.toml"),
    },
    Pack {
        name: "list",
        programs: &["ls", "dir", "vdir", "stat", "du", "file", "realpath", "readlink", "which", "type"],
        text: include_str!("list.toml"),
    },
    Pack {
        name: "read",
        programs: &[
            "cat",
            "head",
            "tail",
            "wc",
            "tac",
            "nl",
            "rev",
            "od",
            "xxd",
            "hexdump",
            "hd",
            "strings",
            "cksum",
            "sha256sum",
            "md5sum",
            "sha1sum",
            "sha224sum",
            "sha384sum",
            "sha512sum",
        ],
        text: include_str!("read.toml"),
    },
    Pack {
        name: "text",
        programs: &[
            "grep", "egrep", "fgrep", "sort", "uniq", "cut", "tr", "paste", "join", "comm", "diff", "cmp",
            "column",
        ],
        text: include_str!("text.toml"),
    },
    Pack { name: "json", programs: &["jq", "yq", "less", "more"], text: include_str!("json.toml") },
    Pack {
        name: "host",
        programs: &[
            "df", "free", "uptime", "w", "who", "whoami", "id", "groups", "uname", "hostname", "date",
            "printenv", "ps", "top", "vmstat", "iostat", "lsof", "ss", "netstat", "dmesg", "last", "lastb",
            "lsblk", "lscpu", "nproc", "mount",
        ],
        text: include_str!("host.toml"),
    },
    Pack {
        name: "processes",
        programs: &["pgrep", "kill", "pkill", "killall"],
        text: include_str!("processes.toml"),
    },
    Pack {
        name: "files",
        programs: &[
            "rm", "rmdir", "mv", "cp", "install", "ln", "mkdir", "touch", "mktemp", "truncate", "shred",
            "tee", "dd", "chmod", "chown", "chgrp", "sync",
        ],
        text: include_str!("files.toml"),
    },
    Pack { name: "systemctl", programs: &["systemctl"], text: include_str!("systemctl.toml") },
    Pack { name: "journalctl", programs: &["journalctl"], text: include_str!("journalctl.toml") },
    Pack { name: "git", programs: &["git"], text: include_str!("git.toml") },
    Pack { name: "remgate", programs: &["remgate"], text: include_str!("remgate.toml") },
];

/// The pack that describes `program`.
#[must_use]
pub fn of(program: &str) -> Option<&'static Pack> {
    ALL.iter().find(|pack| pack.programs.contains(&program))
}

/// Every program name that a pack describes.
pub fn names() -> impl Iterator<Item = &'static str> {
    ALL.iter().flat_map(|pack| pack.programs.iter().copied())
}
