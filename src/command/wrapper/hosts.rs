//! Wrappers that run a command on another host.
//!
//! Sources: ssh(1) and ssh.c of OpenSSH 9.2, mosh(1) 1.4, sshpass(1) 1.09, autossh(1) 1.4g, rsh(1) of netkit 0.17,
//! `vagrant ssh --help` 2.3, `gcloud compute ssh --help` 504, `fly ssh console --help`
//! 0.3, `aws ssm help` 2.15.

use super::Words;
use super::entry::{Entry, Mark, PLAIN, text};
use super::reader::{End, Read, Syntax, Value, Why, certain, one, read, why};
use super::unwrapped::{Added, HandedOn, Inside, Step, Unwrapped, argv};
use crate::command::shell::Dialect;
use std::ffi::OsStr;
use std::os::unix::ffi::OsStrExt;

const PER_HOST: &str = "name the command to run there, or run the gate on that host";

pub(super) fn session() -> Why {
    Why { reason: "opens a shell on another host".to_owned(), instead: PER_HOST }
}

/// ssh(1): `1246ab:c:e:fgi:kl:m:no:p:qstvxAB:CD:E:F:GI:J:KL:MNO:P:Q:R:S:TVw:W:XYy`. Left out: another configuration
/// (`-F`), a library that is loaded (`-I`), a log that is written (`-E`), a subsystem (`-s`), what evaluates the
/// configuration and prints it (`-G`), tunnels of whole networks (`-w`).
const SSH: Syntax<'static> = Syntax::first("1246ab:c:e:fgi:kl:m:no:p:qtvxAB:CD:J:KL:MNO:Q:R:S:TVW:XYy", "");

/// ssh_config(5) keywords that start nothing and name no other host. Their values may be anything.
const KEYWORDS: [&str; 35] = [
    "addressfamily",
    "batchmode",
    "bindaddress",
    "checkhostip",
    "ciphers",
    "compression",
    "connectionattempts",
    "connecttimeout",
    "controlmaster",
    "controlpath",
    "controlpersist",
    "exitonforwardfailure",
    "forwardagent",
    "gssapiauthentication",
    "hashknownhosts",
    "hostkeyalgorithms",
    "identitiesonly",
    "identityfile",
    "ipqos",
    "kbdinteractiveauthentication",
    "kexalgorithms",
    "loglevel",
    "macs",
    "numberofpasswordprompts",
    "passwordauthentication",
    "port",
    "preferredauthentications",
    "pubkeyacceptedalgorithms",
    "pubkeyacceptedkeytypes",
    "pubkeyauthentication",
    "requesttty",
    "serveralivecountmax",
    "serveraliveinterval",
    "stricthostkeychecking",
    "tcpkeepalive",
];

/// Whether `-o TEXT` of ssh, scp or sftp starts nothing.
pub(super) fn harmless_option(text: &OsStr) -> bool {
    let text = text.to_string_lossy().to_lowercase();
    let divider = |c: char| c == '=' || c.is_ascii_whitespace();
    let (key, value) = text.trim_start().split_once(divider).unwrap_or((&text, ""));
    let value = value.trim_start_matches(divider).trim();
    match key {
        // ssh writes these files.
        "userknownhostsfile" | "globalknownhostsfile" => value == "/dev/null",
        "user" => !value.contains(char::is_whitespace),
        key => KEYWORDS.contains(&key),
    }
}

fn harmless(given: &Read) -> Result<(), Why> {
    for option in given.values(&["-o"]) {
        let known = option.known()?;
        if !harmless_option(known) {
            // ProxyCommand, LocalCommand, KnownHostsCommand and Match exec start programs on this host.
            return Err(why(format!("`-o {}` is not in its table", known.display())));
        }
    }
    Ok(())
}

/// ssh(1): options, host, options again, and words that are joined for the shell of that host.
pub(super) fn ssh(words: &Words) -> Result<Step, Why> {
    let mut given = read(words, 1, &SSH)?;
    if given.has(&["-V", "-Q", "-O"]) {
        return Ok(Step::NotAWrapper);
    }
    let Some(host) = host(words, given.next)? else { return Ok(Step::NotAWrapper) };
    // ssh.c: `ssh host -p 22 uptime` reads options behind the host, too.
    let behind = read(words, given.next.saturating_add(1), &SSH)?;
    given.options.extend(behind.options);
    harmless(&given)?;
    let next = behind.next;
    let Some(inside) = text(words, next, Dialect::Posix)? else {
        // Only a tunnel.
        let tunnel = given.has(&["-N", "-W", "-O"]);
        return if tunnel { Ok(Step::NotAWrapper) } else { Err(session()) };
    };
    if given.has(&["-N", "-W"]) {
        return Err(why("a tunnel and a command exclude each other"));
    }
    let detached = given.has(&["-f"]);
    let off = remote("ssh", words, next, host);
    let off = if detached { off.adding(&[Added::Detached]) } else { off };
    let off = if detached || given.has(&["-n"]) { off.stdin(HandedOn::Changed) } else { off };
    Ok(off.holding([inside]))
}

fn remote(name: &'static str, words: &Words, next: usize, host: Value) -> Unwrapped {
    let place = Some(host.shown());
    Unwrapped::new(name, words, next).adding(&[Added::OtherHost]).at(place)
}

/// The host at a place; none where the words end.
fn host(words: &Words, at: usize) -> Result<Option<Value>, Why> {
    let Some(host) = one(words, at)? else { return Ok(None) };
    match host.text.as_bytes().first() {
        // `ssh -- -oProxyCommand=x`: old versions read it as an option.
        Some(b'-') | None => Err(why("its host cannot be read")),
        Some(_) => Ok(Some(host)),
    }
}

/// rsh(1), where it is not ssh under another name.
pub(super) fn rsh(words: &Words) -> Result<Step, Why> {
    let given = read(words, 1, &Syntax::first("46dl:n", ""))?;
    let Some(host) = host(words, given.next)? else { return Ok(Step::NotAWrapper) };
    let behind = read(words, given.next.saturating_add(1), &Syntax::first("46dl:n", ""))?;
    let inside = text(words, behind.next, Dialect::Posix)?.ok_or_else(session)?;
    Ok(remote("rsh", words, behind.next, host).stdin(HandedOn::Changed).holding([inside]))
}

/// mosh(1): hands the words on as they are. `--ssh`, `--client` and `--server` name programs and are left out.
pub(super) fn mosh(words: &Words) -> Result<Step, Why> {
    let syntax =
        Syntax::first("ano46p:", "predict= predict-overwrite family= port= no-ssh-pty no-init help version");
    let given = read(words, 1, &syntax)?;
    if given.has(&["--help", "--version"]) {
        return Ok(Step::NotAWrapper);
    }
    let Some(host) = host(words, given.next)? else { return Ok(Step::NotAWrapper) };
    let mut next = given.next.saturating_add(1);
    match certain(words, next)?.map(OsStr::as_bytes) {
        None => return Err(session()),
        Some(b"--") => next = next.saturating_add(1),
        // Options are read behind the host, too.
        Some([b'-', ..]) => {
            return Err(why("options stand behind its host; put `--` in front of the command"));
        }
        Some(_) if given.end == End::Dashes => {}
        Some(_) if (next..words.len()).any(|at| may_be_option(words, at)) => {
            return Err(why("options may stand among the words; put `--` in front of the command"));
        }
        Some(_) => {}
    }
    let inside = argv(words, next).ok_or_else(session)?;
    Ok(remote("mosh", words, next, host).holding([inside]))
}

/// Whether the word at a place begins with `-`, or may when it runs.
pub(super) fn may_be_option(words: &Words, at: usize) -> bool {
    let certain = words.loose(at).map_or(1, |loose| loose.certain);
    certain == 0 || words.get(at).is_some_and(|word| word.as_bytes().starts_with(b"-"))
}

/// sshpass(1): `+f:d:p:P:heV`, then the command.
pub(super) const SSHPASS: Entry = Entry {
    name: "sshpass",
    syntax: Syntax::first("f:d:p:P:heVv", ""),
    marks: &[("-h -V", Mark::Lookup)],
    ..PLAIN
};

/// autossh(1): `-M PORT`, `-f` and `-V` of its own in front, all else is for ssh.
pub(super) fn autossh(words: &Words) -> Result<Step, Why> {
    let mut next = 1;
    let mut detached = false;
    loop {
        match certain(words, next)?.map(OsStr::as_bytes) {
            Some(b"-V") | None => return Ok(Step::NotAWrapper),
            Some(b"-f") => detached = true,
            Some(b"-M") => next = next.saturating_add(1),
            Some([b'-', b'M', port @ ..]) if port.iter().all(|byte| b"0123456789:".contains(byte)) => {}
            Some(_) => break,
        }
        next = next.saturating_add(1);
    }
    let mut ssh = Words::default();
    ssh.push("ssh".into(), None);
    for at in next..words.len() {
        ssh.push(words.get(at).cloned().unwrap_or_default(), words.loose(at).copied());
    }
    let off = Unwrapped::new("autossh", words, next).adding(&[Added::Interrupted]);
    let off = if detached { off.adding(&[Added::Detached]) } else { off };
    Ok(off.holding([Inside::Argv(ssh)]))
}

/// `vagrant ssh [NAME] [-c TEXT]`; what stands behind `--` is for ssh.
pub(super) fn vagrant(words: &Words) -> Result<Step, Why> {
    if certain(words, 1)?.is_none_or(|verb| verb != "ssh") {
        return Ok(Step::NotAWrapper);
    }
    let given = read(
        words,
        2,
        &Syntax::anywhere("c:pth", "command= plain no-tty tty no-color machine-readable help"),
    )?;
    if given.has(&["-h", "--help"]) {
        return Ok(Step::NotAWrapper);
    }
    if given.next < words.len() || given.operands.len() > 1 {
        return Err(why("options for ssh stand behind `--`"));
    }
    with_text("vagrant", words, &given, &["-c", "--command"])
}

pub(super) fn with_text(
    name: &'static str,
    words: &Words,
    given: &Read,
    option: &[&str],
) -> Result<Step, Why> {
    let host =
        given.operands.last().and_then(|at| words.get(*at)).map(|host| host.to_string_lossy().into_owned());
    let command = given.once(option)?.ok_or_else(session)?.known()?;
    let off = Unwrapped::new(name, words, words.len()).adding(&[Added::OtherHost]);
    Ok(off.at(host).holding([Inside::Text(command.to_owned(), Dialect::Posix)]))
}

/// `gcloud compute ssh [USER@]INSTANCE --command=TEXT`. Words behind `--` are for ssh, as is `--ssh-flag`.
pub(super) fn gcloud(words: &Words) -> Result<Step, Why> {
    let syntax = Syntax::anywhere(
        "qh",
        "command= zone= project= account= configuration= region= ssh-key-expiration= ssh-key-expire-after= \
         ssh-key-file= strict-host-key-checking= verbosity= format= worker= container= dest-group= network= \
         impersonate-service-account= internal-ip tunnel-through-iap no-tunnel-through-iap plain quiet force-key-file-overwrite \
         no-user-output-enabled troubleshoot dry-run help",
    );
    // The verb may stand behind options, so its words are looked for first.
    let plain: Vec<&OsStr> = words.iter().map(AsRef::as_ref).skip(1).collect();
    let place = |word: &str| plain.iter().position(|given| *given == word);
    let compute = place("compute").or_else(|| place("tpu-vm")).or_else(|| place("cloud-shell"));
    let verb = ["ssh", "scp"].iter().any(|verb| place(verb) > compute);
    if compute.is_none() || !verb {
        return Ok(Step::NotAWrapper);
    }
    let given = read(words, 1, &syntax)?;
    let operands: Vec<&OsStr> =
        given.operands.iter().filter_map(|at| words.get(*at).map(AsRef::as_ref)).collect();
    match operands.as_slice() {
        [compute, ssh, _] if *compute == "compute" && *ssh == "ssh" && given.next >= words.len() => {
            with_text("gcloud", words, &given, &["--command"])
        }
        _ => Err(why("only `gcloud compute ssh INSTANCE --command TEXT` is read")),
    }
}

/// `fly ssh console -C TEXT`: fly splits the text itself, and starts it without a shell.
pub(super) fn fly(words: &Words) -> Result<Step, Why> {
    let syntax = Syntax::anywhere(
        "C:a:c:g:ho:r:st:u:A",
        "command= app= config= container= group= machine= org= region= select user= address= pty help",
    );
    if words.iter().all(|word| word != "ssh") {
        return Ok(Step::NotAWrapper);
    }
    let given = read(words, 1, &syntax)?;
    let operands: Vec<&OsStr> =
        given.operands.iter().filter_map(|at| words.get(*at).map(AsRef::as_ref)).collect();
    match operands.as_slice() {
        [ssh, console] if *ssh == "ssh" && *console == "console" && given.next >= words.len() => {
            let app = given.once(&["-a", "--app"])?.map(Value::shown);
            let command = given.once(&["-C", "--command"])?.ok_or_else(session)?.known()?;
            let plain = |byte: &u8| byte.is_ascii_alphanumeric() || b" _./=:,@%+-".contains(byte);
            if !command.as_bytes().iter().all(plain) {
                return Err(why("the text of -C has characters that it reads in its own way"));
            }
            let off = Unwrapped::new("fly", words, words.len()).adding(&[Added::OtherHost]);
            Ok(off.at(app).holding([Inside::Text(command.to_owned(), Dialect::Posix)]))
        }
        [ssh, ..] if *ssh == "ssh" => Err(why("only `fly ssh console -C TEXT` is read")),
        _ => Ok(Step::NotAWrapper),
    }
}

/// `aws ssm send-command` and `start-session`, `aws ecs execute-command`: what runs there is a document or a session.
pub(super) fn aws(words: &Words) -> Result<Step, Why> {
    const VERBS: [(&str, &str); 5] = [
        ("ssm", "send-command"),
        ("ssm", "start-session"),
        ("ssm", "start-automation-execution"),
        ("ssm", "create-association"),
        ("ecs", "execute-command"),
    ];
    let place = |name: &str| words.iter().position(|word| word == name);
    match VERBS.iter().find(|(service, verb)| place(service).is_some() && place(verb) > place(service)) {
        Some((service, verb)) => Err(Why {
            reason: format!("`{service} {verb}` runs what a document says on other hosts"),
            instead: PER_HOST,
        }),
        None => Ok(Step::NotAWrapper),
    }
}
