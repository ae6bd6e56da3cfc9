//! Tools that do something of their own and start another program when an option says so.
//!
//! Without such an option they are `NotAWrapper`, for their packs to judge. With one they are judged as commands, and what
//! is started with them. Sources: tar(1) 1.34, rsync(1) 3.2, scp(1) and sftp(1) of OpenSSH 9.2, rg(1) 13, zip(1) 3.0,
//! ip(8) 6.1, wget(1) 1.21, nmap(1) 7.93, openssl(1) 3.0, sort(1) and split(1) 9.1.

use super::Words;
use super::hosts::{harmless_option, may_be_option};
use super::reader::{Syntax, Why, certain, read, why};
use super::unwrapped::{Added, Inside, Itself, Step, Unwrapped, argv};
use crate::command::shell::Dialect;
use std::ffi::OsStr;
use std::os::unix::ffi::OsStrExt;

/// One option found in a command line that is otherwise not read.
pub(super) struct Found<'w> {
    /// The letter, or the whole long name that it begins.
    pub(super) name: &'w str,
    pub(super) value: Option<&'w OsStr>,
}

/// What to look for: an open world, in which every other option is somebody else's business.
pub(super) struct Lookout {
    /// Letters that are looked for; each takes a value if it is in `values`.
    pub(super) short: &'static str,
    /// Letters with a value, so that a cluster is cut in the right place.
    pub(super) values: &'static str,
    /// Letters with a value that is only ever joined: `mysql -psecret`.
    pub(super) joined: &'static str,
    /// Long names that are looked for, `=` behind those with a value. Every beginning of one counts.
    pub(super) long: &'static [&'static str],
    /// Long names that are the beginning of one of those and yet something else.
    pub(super) other: &'static [&'static str],
}

impl Lookout {
    pub(super) fn find<'w>(&self, words: &'w Words) -> Result<Vec<Found<'w>>, Why>
    where
        Self: 'w,
    {
        let mut found = Vec::new();
        let mut at = 1;
        while at < words.len() {
            let Some(word) = words.get(at) else { break };
            let here = at;
            at = at.saturating_add(1);
            if !may_be_option(words, here) {
                continue;
            }
            if words.loose(here).is_some() {
                return Err(Why {
                    reason: format!(
                        "`{}` may turn out to be an option that starts a program",
                        word.display()
                    ),
                    instead: "begin it with ./, or put -- in front of it",
                });
            }
            match word.as_bytes() {
                b"--" => break,
                b"-" => {}
                [b'-', b'-', long @ ..] => at = self.long(words, long, at, &mut found)?,
                [_, cluster @ ..] => at = self.cluster(words, cluster, at, &mut found)?,
                [] => {}
            }
        }
        Ok(found)
    }

    fn long<'w>(
        &self,
        words: &'w Words,
        long: &'w [u8],
        at: usize,
        found: &mut Vec<Found<'w>>,
    ) -> Result<usize, Why>
    where
        Self: 'w,
    {
        let equals = long.iter().position(|byte| *byte == b'=');
        let name = long.get(..equals.unwrap_or(long.len())).unwrap_or_default();
        let same = |known: &&&'static str| known.trim_end_matches('=').as_bytes().starts_with(name);
        let harmless = self.other.iter().any(|other| other.as_bytes() == name);
        let Some(known) = self.long.iter().find(same).filter(|_| !harmless && !name.is_empty()) else {
            return Ok(at);
        };
        let bare = known.trim_end_matches('=');
        if let Some(equals) = equals {
            let value = long.get(equals.saturating_add(1)..).unwrap_or_default();
            found.push(Found { name: bare, value: Some(OsStr::from_bytes(value)) });
        } else if bare.len() == known.len() {
            found.push(Found { name: bare, value: None });
        } else {
            found.push(Found { name: bare, value: certain(words, at)? });
            return Ok(at.saturating_add(1));
        }
        Ok(at)
    }

    fn cluster<'w>(
        &self,
        words: &'w Words,
        cluster: &'w [u8],
        at: usize,
        found: &mut Vec<Found<'w>>,
    ) -> Result<usize, Why>
    where
        Self: 'w,
    {
        for (place, letter) in cluster.iter().enumerate() {
            if self.joined.as_bytes().contains(letter) {
                return Ok(at);
            }
            let wanted = self.short.as_bytes().iter().position(|short| short == letter);
            let name = wanted.and_then(|wanted| self.short.get(wanted..wanted.saturating_add(1)));
            if !self.values.as_bytes().contains(letter) {
                found.extend(name.map(|name| Found { name, value: None }));
                continue;
            }
            let joined = cluster.get(place.saturating_add(1)..).filter(|rest| !rest.is_empty());
            let Some(name) = name else {
                // The value of another option, whatever it is.
                return Ok(if joined.is_some() { at } else { at.saturating_add(1) });
            };
            let value = joined.map(OsStr::from_bytes);
            found.push(Found { name, value: if value.is_some() { value } else { certain(words, at)? } });
            return Ok(if value.is_some() { at } else { at.saturating_add(1) });
        }
        Ok(at)
    }
}

pub(super) fn starts(option: &str) -> Why {
    why(format!("`{option}` starts a program"))
}

const TAR: Lookout = Lookout {
    short: "IF",
    values: "IFbCfgHKLNTVX",
    joined: "",
    long: &[
        "use-compress-program=",
        "to-command=",
        "checkpoint-action=",
        "info-script=",
        "new-volume-script=",
        "rsh-command=",
        "rmt-command=",
    ],
    other: &["checkpoint"],
};

/// tar(1). Its texts are read by `sh -c`.
pub(super) fn tar(words: &Words) -> Result<Step, Why> {
    let modern = old_style(words)?;
    let words = modern.as_ref().unwrap_or(words);
    let mut inside = Vec::new();
    for Found { name, value } in TAR.find(words)? {
        let text = value.ok_or_else(|| why(format!("`{name}` has no value")))?;
        let text = match name {
            "checkpoint-action" => match action(text)? {
                Some(text) => text,
                None => continue,
            },
            "rsh-command" | "rmt-command" => return Err(starts(name)),
            _ => text,
        };
        inside.push(Inside::Text(text.to_owned(), Dialect::Posix));
    }
    Ok(Unwrapped::new("tar", words, words.len()).itself(Itself::Command).holding(inside))
}

/// What a checkpoint does: only `exec=` starts something.
fn action(text: &OsStr) -> Result<Option<&OsStr>, Why> {
    let bytes = text.as_bytes();
    if let Some(command) = bytes.strip_prefix(b"exec=") {
        return Ok(Some(OsStr::from_bytes(command)));
    }
    let harmless = [&b"dot"[..], b".", b"bell", b"echo", b"sleep=", b"totals", b"ttyout", b"wait="];
    match harmless.iter().any(|known| bytes.starts_with(known)) {
        true => Ok(None),
        false => Err(starts("--checkpoint-action")),
    }
}

/// `tar xIf zstd a.tar`: the letters first, then their values in order; here as they would be with dashes.
fn old_style(words: &Words) -> Result<Option<Words>, Why> {
    let Some(letters) = certain(words, 1)?.map(OsStr::as_bytes) else { return Ok(None) };
    if letters.starts_with(b"-") || !letters.iter().any(|letter| b"IF".contains(letter)) {
        return Ok(None);
    }
    let mut modern = words.between(0, 1);
    let mut next = 2;
    for letter in letters {
        modern.push(OsStr::from_bytes(&[b'-', *letter]).to_owned(), None);
        if TAR.values.as_bytes().contains(letter) {
            modern.push(words.get(next).cloned().unwrap_or_default(), words.loose(next).copied());
            next = next.saturating_add(1);
        }
    }
    for at in next..words.len() {
        modern.push(words.get(at).cloned().unwrap_or_default(), words.loose(at).copied());
    }
    Ok(Some(modern))
}

const RSYNC: Lookout = Lookout {
    short: "eM",
    values: "eMBTf@",
    joined: "",
    long: &[
        "rsh=",
        "rsync-path=",
        "remote-option=",
        "daemon",
        "config=",
        "copy-as=",
        "server",
        "early-input=",
    ],
    other: &[],
};

/// rsync(1): `-e` names the program that reaches the other host; ssh with options that start nothing is what it is anyway.
pub(super) fn rsync(words: &Words) -> Result<Step, Why> {
    for Found { name, value } in RSYNC.find(words)? {
        let value = value.unwrap_or_default();
        match name {
            "e" | "rsh" => remote_shell(value)?,
            "rsync-path" if ["rsync", "sudo rsync", "/usr/bin/rsync"].iter().any(|known| value == *known) => {
            }
            _ => return Err(starts(name)),
        }
    }
    Ok(Step::NotAWrapper)
}

fn remote_shell(text: &OsStr) -> Result<(), Why> {
    let plain = |byte: &u8| byte.is_ascii_alphanumeric() || b" _./=:,@%+-".contains(byte);
    if !text.as_bytes().iter().all(plain) {
        return Err(why("`-e` has characters that rsync reads in its own way"));
    }
    let parts = text.as_bytes().split(|byte| *byte == b' ').filter(|part| !part.is_empty());
    let words: Words = parts.map(|part| OsStr::from_bytes(part).to_owned()).collect::<Vec<_>>().into();
    let ssh = words.first().is_some_and(|program| program == "ssh");
    let given = read(&words, 1, &Syntax::first("46ac:Ci:J:kl:m:o:p:qTvxA", ""))?;
    let harmless = given.values(&["-o"]).all(|option| harmless_option(&option.text));
    match ssh && harmless && given.next >= words.len() {
        true => Ok(()),
        false => Err(starts("-e")),
    }
}

const SCP: Lookout = Lookout { short: "SoDF", values: "cDFiJloPSX", joined: "", long: &[], other: &[] };

/// scp(1).
pub(super) fn scp(words: &Words) -> Result<Step, Why> {
    for Found { name, value } in SCP.find(words)? {
        if name != "o" || !harmless_option(value.unwrap_or_default()) {
            return Err(why(format!(
                "`-{name} {}` may start a program",
                value.unwrap_or_default().display()
            )));
        }
    }
    Ok(Step::NotAWrapper)
}

const RG: Lookout = Lookout {
    short: "",
    values: "ABCefgjMmrtTE",
    joined: "",
    long: &["pre=", "hostname-bin="],
    other: &["p", "h", "ho", "host"],
};

/// rg(1): `--pre` starts a program for every file.
pub(super) fn rg(words: &Words) -> Result<Step, Why> {
    refuse(&RG, words)
}

fn refuse(lookout: &Lookout, words: &Words) -> Result<Step, Why> {
    match lookout.find(words)?.first() {
        Some(found) => Err(starts(found.name)),
        None => Ok(Step::NotAWrapper),
    }
}

/// zip(1): `-TT` and `--unzip-command` name the program that tests the archive.
pub(super) fn zip(words: &Words) -> Result<Step, Why> {
    let long = Lookout {
        short: "",
        values: "",
        joined: "",
        long: &["unzip-command="],
        other: &["u", "un", "unz", "unzip"],
    };
    if words.iter().any(|word| word.as_bytes().starts_with(b"-") && word.to_string_lossy().contains("TT")) {
        return Err(starts("-TT"));
    }
    refuse(&long, words)
}

/// wget(1): `-e` is a line of its configuration, which may name an askpass program.
pub(super) fn wget(words: &Words) -> Result<Step, Why> {
    let lookout = Lookout {
        short: "e",
        values: "aABDeIiloOPQtTUXwR",
        joined: "",
        long: &["use-askpass=", "execute=", "config="],
        other: &["use-server-timestamps"],
    };
    for Found { name, value } in lookout.find(words)? {
        let robots = value.is_some_and(|value| value == "robots=off");
        if !(robots && ["e", "execute"].contains(&name)) {
            return Err(starts(name));
        }
    }
    Ok(Step::NotAWrapper)
}

/// nmap(1): scripts are Lua.
pub(super) fn nmap(words: &Words) -> Result<Step, Why> {
    let named = |word: &OsStr| {
        let bare = word.as_bytes().strip_prefix(b"-").unwrap_or_default();
        let bare = bare.strip_prefix(b"-").unwrap_or(bare);
        [&b"script"[..], b"datadir", b"servicedb", b"interactive"].iter().any(|known| bare.starts_with(known))
    };
    match words.iter().any(|word| named(word)) {
        true => Err(starts("--script")),
        false => refuse(
            &Lookout { short: "", values: "", joined: "", long: &["script=", "datadir="], other: &["d"] },
            words,
        ),
    }
}

/// sort(1) and split(1) of coreutils.
pub(super) fn sort(words: &Words) -> Result<Step, Why> {
    refuse(
        &Lookout { short: "", values: "kotST", joined: "", long: &["compress-program="], other: &["c"] },
        words,
    )
}

/// split(1): `--filter` is text for a shell.
pub(super) fn split(words: &Words) -> Result<Step, Why> {
    let lookout = Lookout { short: "", values: "abClnt", joined: "", long: &["filter="], other: &[] };
    let found = lookout.find(words)?;
    let texts = found.iter().filter_map(|found| found.value);
    let inside: Vec<Inside> = texts.map(|text| Inside::Text(text.to_owned(), Dialect::Posix)).collect();
    Ok(Unwrapped::new("split", words, words.len()).itself(Itself::Command).holding(inside))
}

/// openssl(1): engines and providers are libraries that it loads.
pub(super) fn openssl(words: &Words) -> Result<Step, Why> {
    let loads = |word: &OsStr| {
        let bare = word.as_bytes().strip_prefix(b"-").unwrap_or(word.as_bytes());
        let bare = bare.strip_prefix(b"-").unwrap_or(bare);
        ["engine", "provider", "provider-path", "config"].iter().any(|known| bare == known.as_bytes())
    };
    match words.len() < 2 || words.iter().skip(1).any(|word| loads(word)) {
        true => Err(why("may load libraries of the caller's choice, or read commands")),
        false => Ok(Step::NotAWrapper),
    }
}

/// ip(8): `ip netns exec NAME COMMAND` and `ip vrf exec NAME COMMAND`. A batch may hold either.
pub(super) fn ip(words: &Words) -> Result<Step, Why> {
    let mut at = 1;
    let mut batch = false;
    while let Some(word) = certain(words, at)? {
        let [b'-', name @ ..] = word.as_bytes() else { break };
        let name = name.strip_prefix(b"-").unwrap_or(name);
        at = at.saturating_add(1);
        batch |= name.first() == Some(&b'b') && !b"brief".starts_with(name) && name != b"br";
        batch |= name == b"b";
        let value = [&b"family"[..], b"netns", b"rcvbuf", b"loops", b"batch"];
        let short = [&b"f"[..], b"n", b"rc", b"l", b"b"];
        let listed =
            value.iter().zip(short).any(|(long, least)| long.starts_with(name) && name.starts_with(least));
        at = if listed { at.saturating_add(1) } else { at };
    }
    if batch {
        return Err(why("a batch may start programs"));
    }
    let word = |at: usize| certain(words, at).map(|word| word.map(OsStr::as_bytes).unwrap_or_default());
    let object = word(at)?;
    let verb = word(at.saturating_add(1))?;
    let namespace = (object.len() >= 3 && b"netns".starts_with(object))
        || (!object.is_empty() && b"vrf".starts_with(object));
    if !namespace || verb.is_empty() || !b"exec".starts_with(verb) {
        return Ok(Step::NotAWrapper);
    }
    if verb != b"exec" {
        return Err(why("`exec` is abbreviated"));
    }
    let place = super::reader::one(words, at.saturating_add(2))?.map(|place| place.shown());
    let next = at.saturating_add(3);
    let inside = argv(words, next).ok_or_else(|| why("names no command"))?;
    let off = Unwrapped::new("ip", words, next).adding(&[Added::Container, Added::OtherUser]).at(place);
    Ok(off.holding([inside]))
}
