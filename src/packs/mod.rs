//! Built-in rule files, one a tool family. Each says at its head what it knows and what it does not.

use crate::rules::{Layer, SourceFile, Trust};

/// One built-in file.
#[derive(Clone, Copy, Debug)]
pub struct Pack {
    /// Its name, as messages show it.
    pub name: &'static str,
    /// Every program name and alias that it describes. The tests hold this against the file.
    pub programs: &'static [&'static str],
    /// The file as it stands in the source, examples and all.
    whole: &'static str,
    /// The same without examples and prose, as `build.rs` cuts it: what a call parses.
    lean: &'static str,
}

/// `pack!("git", ["git"])` is `git.toml`.
macro_rules! pack {
    ($name:literal, $programs:expr) => {
        Pack {
            name: $name,
            programs: &$programs,
            whole: include_str!(concat!($name, ".toml")),
            lean: include_str!(concat!(env!("OUT_DIR"), "/", $name, ".toml")),
        }
    };
}

impl Pack {
    /// The whole pack, whose examples can be held against its rules.
    #[must_use]
    pub fn file(&self) -> SourceFile {
        self.source(self.whole)
    }

    /// The pack as a call reads it: the same entries without their examples.
    #[must_use]
    pub fn lean(&self) -> SourceFile {
        self.source(self.lean)
    }

    fn source(&self, text: &str) -> SourceFile {
        SourceFile {
            name: format!("{}.toml (built-in)", self.name),
            text: text.to_owned(),
            layer: Layer::BuiltIn,
            trust: Trust::Full,
        }
    }
}

/// Every pack.
pub const ALL: &[Pack] = &[
    pack!("docker", ["docker"]),
    pack!("kubectl", ["kubectl", "k", "oc"]),
    pack!("constant", ["true", "false", "echo"]),
    pack!(
        "shell",
        [
            "cd",
            ":",
            "alias",
            "bind",
            "break",
            "complete",
            "compopt",
            "continue",
            "declare",
            "dirs",
            "enable",
            "exit",
            "export",
            "hash",
            "jobs",
            "local",
            "mapfile",
            "popd",
            "pushd",
            "read",
            "readarray",
            "readonly",
            "return",
            "set",
            "shift",
            "shopt",
            "times",
            "trap",
            "typeset",
            "umask",
            "unalias",
            "unset",
            "wait",
        ]
    ),
    pack!("words", ["printf", "test", "[", "expr", "seq", "sleep", "basename", "dirname", "pwd",]),
    pack!("list", ["ls", "dir", "vdir", "stat", "du", "file", "realpath", "readlink", "which", "type"]),
    pack!(
        "read",
        [
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
        ]
    ),
    pack!(
        "text",
        [
            "grep", "egrep", "fgrep", "sort", "uniq", "cut", "tr", "paste", "join", "comm", "diff", "cmp",
            "column",
        ]
    ),
    pack!("json", ["jq", "yq", "less", "more"]),
    pack!(
        "host",
        [
            "df", "free", "uptime", "w", "who", "whoami", "id", "groups", "uname", "hostname", "date",
            "printenv", "ps", "top", "vmstat", "iostat", "lsof", "ss", "netstat", "dmesg", "last", "lastb",
            "lsblk", "lscpu", "nproc", "mount",
        ]
    ),
    pack!("processes", ["pgrep", "kill", "pkill", "killall"]),
    pack!(
        "files",
        [
            "rm", "rmdir", "mv", "cp", "install", "ln", "mkdir", "touch", "mktemp", "truncate", "shred",
            "tee", "dd", "chmod", "chown", "chgrp", "sync",
        ]
    ),
    pack!("systemctl", ["systemctl"]),
    pack!("journalctl", ["journalctl"]),
    pack!("git", ["git"]),
    pack!("remgate", ["remgate"]),
    pack!("terraform", ["terraform", "tofu"]),
    pack!("web", ["curl", "wget"]),
    pack!("stream", ["awk", "gawk", "mawk", "nawk", "sed", "gsed", "find", "gfind"]),
    pack!(
        "network",
        [
            "dig",
            "nslookup",
            "host",
            "ping",
            "ping6",
            "traceroute",
            "traceroute6",
            "tracepath",
            "mtr",
            "nc",
            "netcat",
            "ncat",
            "tcpdump",
            "ip",
        ]
    ),
    pack!(
        "firewall",
        ["iptables", "ip6tables", "iptables-save", "ip6tables-save", "nft", "ufw", "firewall-cmd"]
    ),
    pack!("packages", ["apt", "apt-get", "apt-cache", "dpkg", "dpkg-query", "rpm", "dnf", "yum"]),
    pack!(
        "machine",
        [
            "service", "crontab", "umount", "blkid", "findmnt", "sysctl", "swapon", "swapoff", "useradd",
            "usermod", "userdel", "groupadd", "groupdel", "groupmod", "gpasswd", "passwd", "chpasswd",
            "chage", "getent", "auditctl"
        ]
    ),
    pack!("crypto", ["openssl", "ssh-keygen", "ssh-add", "gpg", "gpg2"]),
    pack!("archive", ["tar", "gtar", "gzip", "gunzip", "zcat", "unzip", "rsync", "scp"]),
    pack!(
        "brokers",
        [
            "rabbitmqctl",
            "rabbitmq-diagnostics",
            "ceph",
            "rbd",
            "patronictl",
            "gitlab-patronictl",
            "gitlab-ctl",
            "redis-cli"
        ]
    ),
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
