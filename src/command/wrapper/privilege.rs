//! Wrappers that run a command as another user or as a unit of the system.
//!
//! Sources: sudo 1.9.13 (sudo(8), parse_args.c), doas(1) 6.8.2, util-linux 2.38.1 (su(1), runuser(1), su-common.c),
//! shadow 4.13 (sg(1), newgrp.c), pkexec(1) 122, systemd-run(1) and machinectl(1) 252, gosu(1) 1.14.

use super::entry::{Between, Entry, Mark, PLAIN, assignments, set, shell};
use super::reader::{End, Read, Syntax, Value, Why, behind, certain, one, read, why};
use super::unwrapped::{Added, HandedOn, Inside, Step, Unwrapped, argv};
use super::{EnvironmentEdit, Words};
use crate::command::shell::Dialect;
use std::ffi::{OsStr, OsString};
use std::os::unix::ffi::{OsStrExt, OsStringExt};

/// doas(1): `+C:Lnsu:`; `-s` starts a shell and is left out, `-C` only checks a configuration.
pub(super) const DOAS: Entry = Entry {
    name: "doas",
    syntax: Syntax::first("C:Lnu:", ""),
    marks: &[("-C -L", Mark::Lookup)],
    adds: &[Added::OtherUser],
    ..PLAIN
};

/// gosu(1): `gosu USER[:GROUP] COMMAND`.
pub(super) const GOSU: Entry =
    Entry { name: "gosu", between: Between::Positionals(1), adds: &[Added::OtherUser], ..PLAIN };

/// su-exec: as gosu, without options.
pub(super) const SU_EXEC: Entry = Entry {
    name: "su-exec",
    syntax: Syntax::first("", ""),
    between: Between::Positionals(1),
    adds: &[Added::OtherUser],
    ..PLAIN
};

/// sudo(8): `+Aa:BbC:c:D:Eeg:Hh::iKklNnPp:R:r:SsT:t:U:u:Vv`. Left out: an editor (`-e`), another host (`-h`) or directory
/// (`-D`), BSD's `-a` and `-c`. `-k` in front of a command still runs it.
const SUDO: Syntax<'static> = Syntax::first(
    "ABbC:Eg:HiKklNnPp:R:r:SsT:t:U:u:Vv",
    "askpass background bell close-from= preserve-env? group= set-home login remove-timestamp reset-timestamp list \
     no-update non-interactive preserve-groups prompt= chroot= role= stdin shell command-timeout= type= \
     other-user= user= version validate help",
);

/// What sudo read: options and assignments may stand in any order.
struct Sudo {
    options: Read,
    environment: Vec<EnvironmentEdit>,
}

impl Sudo {
    fn read(words: &Words) -> Result<Self, Why> {
        let mut sudo = Self { options: read(words, 1, &SUDO)?, environment: Vec::new() };
        // `sudo A=1 -u root rm`: only `--` ends both.
        while sudo.options.end == End::Operand {
            let (set, next) = assignments(words, sudo.options.next)?;
            if set.is_empty() {
                break;
            }
            sudo.environment.extend(set);
            let more = read(words, next, &SUDO)?;
            sudo.options.options.extend(more.options);
            sudo.options = Read { options: sudo.options.options, ..more };
        }
        Ok(sudo)
    }
}

/// sudo(8).
pub(super) fn sudo(words: &Words) -> Result<Step, Why> {
    let Sudo { options: given, environment } = Sudo::read(words)?;
    let lookups = [
        "-l",
        "--list",
        "-v",
        "--validate",
        "-V",
        "--version",
        "-K",
        "--remove-timestamp",
        "--help",
        "-U",
        "--other-user",
    ];
    if given.has(&lookups) {
        return Ok(Step::NotAWrapper);
    }
    let login = given.has(&["-i", "--login"]);
    let mut off = Unwrapped::new("sudo", words, given.next).adding(&[Added::OtherUser]).changing(environment);
    for (names, added) in [
        (["-b", "--background"], Added::Detached),
        (["-R", "--chroot"], Added::OtherRoot),
        (["-T", "--command-timeout"], Added::Interrupted),
        (["-i", "--login"], Added::OtherDirectory),
    ] {
        if given.has(&names) {
            off = off.adding(&[added]);
        }
    }
    if given.has(&["-S", "--stdin"]) {
        off = off.stdin(HandedOn::Changed);
    }
    if !login && !given.has(&["-s", "--shell"]) {
        return Ok(off.holding(argv(words, given.next)));
    }
    let text = escaped(words, given.next)?.ok_or_else(shell)?;
    Ok(off.holding([Inside::Text(text, Dialect::Posix)]))
}

/// What sudo hands to a shell with `-s` and `-i`: every byte escaped but letters, digits, `_`, `-` and `$`.
fn escaped(words: &Words, from: usize) -> Result<Option<OsString>, Why> {
    let mut text = Vec::new();
    for at in from..words.len() {
        let word = certain(words, at)?.unwrap_or_default();
        if at > from {
            text.push(b' ');
        }
        for byte in word.as_bytes() {
            if !byte.is_ascii_alphanumeric() && !b"_-$".contains(byte) {
                text.push(b'\\');
            }
            text.push(*byte);
        }
    }
    Ok((from < words.len()).then(|| OsString::from_vec(text)))
}

/// su(1) and, without `-u`, runuser(1): `c:fg:G:lmpP:s:u:hVw:`, the user, and `-c TEXT` for that user's shell.
const SU: Syntax<'static> = Syntax::anywhere(
    "c:fg:G:lmpPs:u:hVw:",
    "command= session-command= fast login preserve-environment pty shell= group= supp-group= \
     whitelist-environment= user= help version",
);

/// su(1).
pub(super) fn su(words: &Words) -> Result<Step, Why> {
    let given = read(words, 1, &SU)?;
    if given.has(&["-u", "--user"]) {
        return Err(why("`-u` is not an option of su"));
    }
    by_shell("su", words, &given)
}

/// runuser(1). With `-u` it starts the words behind; its options are read among them up to `--`.
pub(super) fn runuser(words: &Words) -> Result<Step, Why> {
    let given = read(words, 1, &SU)?;
    if !given.has(&["-u", "--user"]) {
        return by_shell("runuser", words, &given);
    }
    if given.has(&["-c", "--command", "--session-command", "-s", "--shell", "-l", "--login", "-f", "--fast"])
    {
        return Err(why("`-u` and options for a shell exclude each other"));
    }
    let begin = behind(&given, words, 0)?;
    Ok(Unwrapped::new("runuser", words, begin).adding(&[Added::OtherUser]).holding(argv(words, begin)))
}

fn by_shell(name: &'static str, words: &Words, given: &Read) -> Result<Step, Why> {
    // Among other words, `su - root x -V` that is, it would hide them: whether su or x gets the -V depends on getopt.
    if words.len() == 2 && given.has(&["-h", "--help", "-V", "--version"]) {
        return Ok(Step::NotAWrapper);
    }
    let mut operands: Vec<usize> = given.operands.iter().copied().chain(given.next..words.len()).collect();
    let dash = operands.first().is_some_and(|at| words.get(*at).is_some_and(|word| word == "-"));
    if dash {
        operands.remove(0);
    }
    let users = operands.iter().map(|at| one(words, *at)).collect::<Result<Vec<_>, _>>()?;
    if users.len() > 1 || (given.end == End::Dashes && given.next < words.len()) {
        return Err(why("words behind the user are options and scripts of that user's shell"));
    }
    let command = given.once(&["-c", "--command", "--session-command"])?.ok_or_else(shell)?;
    let shell = given.once(&["-s", "--shell"])?.map(Value::known).transpose()?;
    let inside = Inside::Text(command.known()?.to_owned(), dialect(shell)?);
    let off = Unwrapped::new(name, words, words.len()).adding(&[Added::OtherUser]);
    let off = if dash || given.has(&["-l", "--login"]) { off.adding(&[Added::OtherDirectory]) } else { off };
    Ok(off.holding([inside]))
}

/// The dialect of a shell given by path; without one it is what the user database says, and no more than POSIX is certain.
fn dialect(shell: Option<&OsStr>) -> Result<Dialect, Why> {
    let Some(shell) = shell else { return Ok(Dialect::Posix) };
    match shell.as_bytes() {
        b"/bin/bash" | b"/usr/bin/bash" => Ok(Dialect::Bash),
        b"/bin/sh" | b"/usr/bin/sh" | b"/bin/dash" | b"/usr/bin/dash" | b"/bin/ash" => Ok(Dialect::Posix),
        _ => Err(why(format!("`{}` is not a shell that can be read", shell.display()))),
    }
}

/// sg(1): `sg [-] GROUP [[-c] TEXT]`, without options of its own.
pub(super) fn sg(words: &Words) -> Result<Step, Why> {
    let mut known = Vec::new();
    for at in 1..words.len() {
        known.push(certain(words, at)?.unwrap_or_default());
    }
    let behind = match known.as_slice() {
        [dash, rest @ ..] if *dash == "-" => rest,
        all => all,
    };
    let text = match behind {
        [_, dash_c, text] if *dash_c == "-c" => *text,
        [_, text] if !text.as_bytes().starts_with(b"-") => *text,
        [] | [_] => return Err(shell()),
        _ => return Err(why("more than a group and one text")),
    };
    let off = Unwrapped::new("sg", words, words.len()).adding(&[Added::OtherUser]);
    Ok(off.holding([Inside::Text(text.to_owned(), Dialect::Posix)]))
}

/// newgrp(1) only ever starts a shell.
pub(super) fn newgrp(_: &Words) -> Result<Step, Why> {
    Err(shell())
}

/// pkexec(1): goes to the user's home directory unless told otherwise.
pub(super) fn pkexec(words: &Words) -> Result<Step, Why> {
    let given = read(words, 1, &Syntax::first("u:", "user= disable-internal-agent keep-cwd help version"))?;
    if given.has(&["--help", "--version"]) {
        return Ok(Step::NotAWrapper);
    }
    if given.next >= words.len() {
        return Err(shell());
    }
    let off = Unwrapped::new("pkexec", words, given.next).adding(&[Added::OtherUser]);
    let off = if given.has(&["--keep-cwd"]) { off } else { off.adding(&[Added::OtherDirectory]) };
    Ok(off.holding(argv(words, given.next)))
}

/// systemd-run(1): `+hrH:M:E:p:tPqGdSu:`. Left out: properties but for limits, another directory, a shell, units that start
/// it at a path or socket.
const SYSTEMD_RUN: Syntax<'static> = Syntax::first(
    "hrH:M:E:p:tPqGdu:",
    "help version no-ask-password user system host= machine= scope unit= property= description= slice= \
     slice-inherit no-block remain-after-exit wait send-sighup service-type= uid= gid= nice= same-dir setenv= pty \
     pipe quiet collect on-active= on-boot= on-startup= on-unit-active= on-unit-inactive= on-calendar= \
     on-timezone-change on-clock-change",
);

/// Unit properties that bound what a command uses and start nothing (systemd.resource-control(5), systemd.exec(5)).
const LIMITS: [&str; 12] = [
    "CPUQuota",
    "CPUWeight",
    "IOWeight",
    "LimitNOFILE",
    "MemoryHigh",
    "MemoryMax",
    "MemorySwapMax",
    "Nice",
    "OOMScoreAdjust",
    "RuntimeMaxSec",
    "TasksMax",
    "TimeoutStopSec",
];

/// systemd-run(1).
pub(super) fn systemd_run(words: &Words) -> Result<Step, Why> {
    let given = read(words, 1, &SYSTEMD_RUN)?;
    if given.has(&["-h", "--help", "--version"]) {
        return Ok(Step::NotAWrapper);
    }
    for property in given.values(&["-p", "--property"]) {
        let text = property.known()?.to_string_lossy();
        let name = text.split('=').next().unwrap_or_default();
        if !LIMITS.contains(&name) {
            return Err(why(format!("the property `{name}` may change what is started")));
        }
    }
    let sets = given.values(&["-E", "--setenv"]).map(set).collect::<Result<Vec<_>, _>>()?;
    let scope = given.has(&["--scope"]);
    let timer = given.options.iter().any(|option| option.name.starts_with("--on-"));
    let waits = given.has(&["--wait", "--pty", "-t", "--pipe", "-P"]) || scope;
    let mut off = Unwrapped::new("systemd-run", words, given.next).changing(sets);
    for (added, holds) in [
        (Added::Detached, timer || !waits),
        (Added::OtherUser, !(scope || given.has(&["--user"])) || given.has(&["--uid"])),
        (Added::OtherDirectory, !(scope || given.has(&["-d", "--same-dir"]))),
        (Added::OtherHost, given.has(&["-H", "--host"])),
        (Added::Container, given.has(&["-M", "--machine"])),
    ] {
        if holds {
            off = off.adding(&[added]);
        }
    }
    let place = given.once(&["-H", "--host", "-M", "--machine"])?.map(Value::shown);
    let stdin = if scope || given.has(&["--pty", "-t", "--pipe", "-P"]) {
        HandedOn::Whole
    } else {
        HandedOn::Changed
    };
    Ok(off.at(place).stdin(stdin).holding(argv(words, given.next)))
}

/// machinectl(1): `shell [[USER@]MACHINE [PROGRAM ...]]` is read, and its other verbs are left to rules but for those that
/// give a terminal.
pub(super) fn machinectl(words: &Words) -> Result<Step, Why> {
    let syntax = Syntax::first(
        "hH:M:p:qals:E:n:o:",
        "help version no-pager no-legend no-ask-password host= machine= property= quiet all value full \
         kill-whom= signal= uid= setenv= read-only mkdir lines= max-addresses= output= verify= force",
    );
    let given = read(words, 1, &syntax)?;
    match certain(words, given.next)?.map(OsStr::as_bytes) {
        Some(b"shell") => {}
        Some(b"login") => return Err(shell()),
        Some(_) | None => return Ok(Step::NotAWrapper),
    }
    // Options may stand behind the verb as well, but not behind the machine.
    let behind = read(words, given.next.saturating_add(1), &syntax)?;
    let machine = one(words, behind.next)?.map(|value| value.shown());
    let next = behind.next.saturating_add(1);
    if next >= words.len() {
        return Err(shell());
    }
    let all = || given.values(&["-E", "--setenv"]).chain(behind.values(&["-E", "--setenv"]));
    let sets = all().map(set).collect::<Result<Vec<_>, _>>()?;
    let host = given.has(&["-H", "--host"]) || behind.has(&["-H", "--host"]);
    let mut off = Unwrapped::new("machinectl", words, next)
        .adding(&[Added::Container, Added::OtherUser, Added::OtherDirectory])
        .changing(sets)
        .at(machine);
    if host {
        off = off.adding(&[Added::OtherHost]);
    }
    Ok(off.holding(argv(words, next)))
}
