//! Wrappers that run a command on every host that a query, a pattern or a list selects.
//!
//! In: the words of such a program. Out: the command that each host gets, with [`Added::ManyHosts`]. Never: a module or function
//! whose words are not a command or a shell's text, and no text that is a template on this host.
//!
//! Sources: pdsh(1) 2.34, parallel-ssh(1) 2.3, clush(1) 1.9, knife/lib/chef/knife/ssh.rb of Chef 18 and optparse of Ruby, salt(1)
//! 3006 and salt/modules/cmdmod.py, ansible(1) 2.17 and its modules command, shell and raw.

use super::Words;
use super::code::only_says;
use super::entry::text;
use super::hosts::session;
use super::reader::{Read, Syntax, Value, Why, certain, one, read, why};
use super::unwrapped::{Added, HandedOn, Inside, Step, Unwrapped};
use super::verb::no_verb;
use crate::command::shell::Dialect;
use std::ffi::{OsStr, OsString};
use std::os::unix::ffi::OsStrExt;

/// A wrapper that hands a command to many hosts.
fn many(name: &'static str, words: &Words, next: usize, place: String) -> Unwrapped {
    let off = Unwrapped::new(name, words, next).adding(&[Added::OtherHost, Added::ManyHosts]);
    off.at(Some(place)).stdin(HandedOn::Changed)
}

fn several(name: &'static str, words: &Words, next: usize, hosts: &[&Value]) -> Unwrapped {
    let hosts: Vec<String> = hosts.iter().map(|host| host.shown()).collect();
    let place = if hosts.is_empty() { "hosts from a file or group".to_owned() } else { hosts.join(",") };
    many(name, words, next, place)
}

/// Hosts that choose no module or program: `pdsh -w exec:h` chooses one as `-R` does.
fn plain_hosts(hosts: &[&Value]) -> Result<(), Why> {
    let plain = |byte: &u8| byte.is_ascii_alphanumeric() || b"-._,[]@".contains(byte);
    for host in hosts {
        if !host.known()?.as_bytes().iter().all(plain) {
            return Err(why("its hosts cannot be read"));
        }
    }
    Ok(())
}

/// pdsh(1). `-R exec` runs the command on this host, so modules (`-R`, `-M`) are left out.
pub(super) fn pdsh(words: &Words) -> Result<Step, Why> {
    let given = read(words, 1, &Syntax::first("ShVqbdl:t:u:f:w:x:Ng:X:aAiL", ""))?;
    if given.has(&["-h", "-V", "-q", "-L"]) {
        return Ok(Step::NotAWrapper);
    }
    let hosts: Vec<&Value> = given.values(&["-w"]).collect();
    plain_hosts(&hosts)?;
    let inside = text(words, given.next, Dialect::Posix)?.ok_or_else(session)?;
    Ok(several("pdsh", words, given.next, &hosts).holding([inside]))
}

/// parallel-ssh(1). What is handed to ssh (`-O`, `-x`, `-X`) or written (`-o`, `-e`) is left out.
pub(super) fn parallel_ssh(words: &Words) -> Result<Step, Why> {
    let syntax = Syntax::first(
        "h:H:l:p:t:vAg:iIP",
        "version help hosts= host= user= par= timeout= verbose askpass host-glob= inline inline-stdout send-input print",
    );
    let given = read(words, 1, &syntax)?;
    if given.has(&["--version", "--help"]) {
        return Ok(Step::NotAWrapper);
    }
    let hosts: Vec<&Value> = given.values(&["-H", "--host"]).collect();
    let inside = text(words, given.next, Dialect::Posix)?.ok_or_else(session)?;
    Ok(several("parallel-ssh", words, given.next, &hosts).holding([inside]))
}

/// clush(1). Left out: other workers and modes (`-R`, `-m`), ssh's options (`-o`), files that are copied or written.
pub(super) fn clush(words: &Words) -> Result<Step, Why> {
    let syntax = Syntax::first(
        "w:x:g:X:aGs:bBSLNPqvdnf:t:u:l:",
        "nodes= exclude= group= all groupsource= dshbak gatherall maxrc sort diff quiet verbose debug nostdin hostfile= \
         fanout= connect_timeout= command_timeout= user= color= pick= topology= line-mode version help",
    );
    let given = read(words, 1, &syntax)?;
    if given.has(&["-h", "--help", "--version"]) {
        return Ok(Step::NotAWrapper);
    }
    let hosts: Vec<&Value> = given.values(&["-w", "--nodes", "-g", "--group"]).collect();
    let inside = text(words, given.next, Dialect::Posix)?.ok_or_else(session)?;
    Ok(several("clush", words, given.next, &hosts).holding([inside]))
}

/// `knife ssh QUERY TEXT...`: options stand anywhere, and the words behind the query are joined. Left out: the configuration,
/// which is a Ruby program (`-c`), an editor (`--editor`).
pub(super) fn knife(words: &Words) -> Result<Step, Why> {
    let syntax = Syntax::anywhere(
        "a:C:G:H:P:Ai:mp:t:x:eE:F:s:k:u:VyzVhv",
        "attribute= concurrency= ssh-gateway= ssh-gateway-identity= prefix-attribute= ssh-password= forward-agent \
         ssh-identity-file= manual-list ssh-port= ssh-timeout= ssh-user= exit-on-error host-key-verify \
         no-host-key-verify pty no-pty require-pty no-require-pty environment= format= server-url= key= user= profile= \
         color no-color defaults local-mode verbose yes help version",
    );
    // Any other verb is for its pack, with options of its own.
    match certain(words, 1)?.map(OsStr::as_bytes) {
        None => return Ok(Step::NotAWrapper),
        Some([b'-', ..]) if no_verb(words, &["ssh"]) => return Ok(Step::NotAWrapper),
        Some(b"ssh" | [b'-', ..]) => {}
        Some(_) => return Ok(Step::NotAWrapper),
    }
    let given = read(words, 1, &syntax)?;
    let operands: Vec<usize> = given.operands.iter().copied().chain(given.next..words.len()).collect();
    let [verb, rest @ ..] = operands.as_slice() else { return Ok(Step::NotAWrapper) };
    if certain(words, *verb)?.is_none_or(|verb| verb != "ssh")
        || given.has(&["-h", "--help", "-v", "--version"])
    {
        return Ok(Step::NotAWrapper);
    }
    // `-P` takes the next word only where that is no option.
    let password =
        given.values(&["-P", "--ssh-password"]).any(|value| value.text.as_bytes().starts_with(b"-"));
    let [query, command @ ..] = rest else { return Err(session()) };
    let query = one(words, *query)?.ok_or_else(session)?;
    if password {
        return Err(why("`-P` may leave its value to the next word"));
    }
    let mut all: Vec<&OsStr> = Vec::new();
    for at in command {
        all.push(certain(words, *at)?.unwrap_or_default());
    }
    const SESSIONS: [&str; 5] = ["interactive", "screen", "tmux", "macterm", "cssh"];
    let terminal = |first: &OsStr| SESSIONS.iter().any(|session| first == *session);
    if all.first().is_none_or(|first| terminal(first)) {
        return Err(session());
    }
    let inside = Inside::Text(all.join(OsStr::new(" ")), Dialect::Posix);
    Ok(many("knife", words, words.len(), query.shown()).holding([inside]))
}

/// `salt TARGET cmd.run TEXT`. Minions run as root. What asks them and no more is for rules; every other function does
/// something of its own and is not read, nor is where answers are sent (`--return`).
pub(super) fn salt(words: &Words) -> Result<Step, Why> {
    if only_says(words, &["--version", "--help", "-h"]) {
        return Ok(Step::NotAWrapper);
    }
    let syntax = Syntax::anywhere(
        "vEGLNCISb:t:l:da:pqs",
        "verbose pcre grain list nodegroup compound pillar ipcidr batch= batch-size= timeout= log-level= out= output= \
         subset= async static summary no-color force-color state-output= state-verbose= progress show-timeout show-jid \
         gather-job-timeout= hide-timeout failhard batch-wait=",
    );
    let given = read(words, 1, &syntax)?;
    let operands: Vec<usize> = given.operands.iter().copied().chain(given.next..words.len()).collect();
    let [target, function, arguments @ ..] = operands.as_slice() else {
        return Err(why("names no function"));
    };
    let place = one(words, *target)?.ok_or_else(session)?.shown();
    let function = certain(words, *function)?.and_then(OsStr::to_str).unwrap_or_default();
    match function {
        "test.ping" | "test.version" | "grains.items" | "grains.item" | "grains.get" => {
            return Ok(Step::NotAWrapper);
        }
        "cmd.run" | "cmd.run_all" | "cmd.run_stdout" | "cmd.run_stderr" | "cmd.retcode" | "cmd.shell" => {}
        _ => return Err(why(format!("`{function}` does something on other hosts that is not read"))),
    }
    let mut off = many("salt", words, words.len(), place).adding(&[Added::OtherUser]);
    let mut command = None;
    for at in arguments {
        let argument = certain(words, *at)?.unwrap_or_default();
        match keyword(argument) {
            Some("runas" | "timeout") => {}
            Some("cwd") => off = off.adding(&[Added::OtherDirectory]),
            // `python_shell=False`, `env=...`, `template=jinja`, `shell=...`; and `A=1 rm x` is one for salt, too.
            Some(name) => return Err(why(format!("`{name}=` changes how the text is run"))),
            None if command.is_none() => command = Some(argument.to_owned()),
            None => return Err(why("takes exactly one text")),
        }
    }
    if given.has(&["--async"]) {
        off = off.adding(&[Added::Detached]);
    }
    let command = command.ok_or_else(|| why("names no command"))?;
    Ok(off.holding([Inside::Text(command, Dialect::Posix)]))
}

/// The name of `NAME=VALUE`, as salt and ansible would see one.
fn keyword(argument: &OsStr) -> Option<&str> {
    let (name, _) = argument.to_str()?.split_once('=')?;
    let letter = |c: char| c.is_ascii_alphanumeric() || "_.-".contains(c);
    (!name.is_empty() && name.chars().all(letter)).then_some(name)
}

/// ansible(1). Left out: variables (`-e`), connections and modules of other kinds (`-c`, `-M`, `--ssh-extra-args`), all of which
/// may start programs of this host.
const ANSIBLE: Syntax<'static> = Syntax::anywhere(
    "m:a:i:l:u:bKkf:t:ovCDB:P:T:h",
    "module-name= args= inventory= limit= user= become ask-become-pass ask-pass become-user= forks= tree= one-line verbose \
     check diff background= poll= timeout= private-key= key-file= list-hosts task-timeout= help version",
);

/// `ansible PATTERN [-m command|shell|raw] -a TEXT`. ansible.cfg of the working directory counts as ansible's own packs count it.
pub(super) fn ansible(words: &Words) -> Result<Step, Why> {
    if only_says(words, &["--version", "--help", "-h"]) {
        return Ok(Step::NotAWrapper);
    }
    let given = read(words, 1, &ANSIBLE)?;
    if given.has(&["--list-hosts", "--help", "-h", "--version"]) {
        return Ok(Step::NotAWrapper);
    }
    let (1, true) = (given.operands.len(), given.next >= words.len()) else {
        return Err(why("takes exactly one pattern"));
    };
    let module = given.once(&["-m", "--module-name"])?.map(Value::known).transpose()?;
    let module = module.map_or("command", |module| module.to_str().unwrap_or_default());
    let module = module.strip_prefix("ansible.builtin.").unwrap_or(module);
    let module = match module {
        "ping" | "setup" | "debug" | "gather_facts" => return Ok(Step::NotAWrapper),
        "command" => Module::Command,
        "shell" => Module::Shell,
        "raw" => Module::Raw,
        _ => {
            return Err(why(format!("the module `{module}` does something on other hosts that is not read")));
        }
    };
    let text = given.once(&["-a", "--args"])?.ok_or_else(|| why("names no command"))?.known()?;
    let text = module.text(text)?;
    inventories(&given)?;
    let place = given.operands.first().map(|at| one(words, *at)).transpose()?.flatten();
    let place = place.map_or_else(String::new, |place| place.shown());
    let mut off = many("ansible", words, words.len(), place);
    if given.has(&["-b", "--become", "--become-user"]) {
        off = off.adding(&[Added::OtherUser]);
    }
    if given.has(&["-B", "--background"]) {
        off = off.adding(&[Added::Detached]);
    }
    // It writes a file for each host.
    let writes = given.has(&["-t", "--tree"]);
    let off = if writes { off.itself(super::Itself::Command) } else { off };
    Ok(off.holding([Inside::Text(text, Dialect::Posix)]))
}

/// An inventory that can be executed is a program of this host; of a list or a name that is data nobody says so.
fn inventories(given: &Read) -> Result<(), Why> {
    const DATA: [&str; 9] =
        [".ini", ".yml", ".yaml", ".cfg", ".json", "hosts", "inventory", "inventories/", ","];
    for inventory in given.values(&["-i", "--inventory"]) {
        let name = inventory.known()?.to_string_lossy().into_owned();
        if !name.contains(',') && !DATA.iter().any(|end| name.ends_with(end)) {
            return Err(why(format!("the inventory `{name}` may be a program")));
        }
    }
    Ok(())
}

/// A module of ansible whose argument is a command.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Module {
    Command,
    Shell,
    Raw,
}

impl Module {
    /// What the module hands to a shell of the other host.
    fn text(self, text: &OsStr) -> Result<OsString, Why> {
        let shown = text.to_string_lossy();
        if ["{{", "{%", "{#"].iter().any(|template| shown.contains(template)) {
            // `{{ lookup('pipe', 'rm x') }}` runs on this host.
            return Err(why("a template is filled in on this host, and may start programs"));
        }
        if shown.split_ascii_whitespace().any(|word| keyword(OsStr::new(word)).is_some()) {
            // `chdir=/x`, `executable=/bin/x`, wherever they stand.
            return Err(why("a `NAME=VALUE` among the words may be the module's own"));
        }
        let plain = |byte: &u8| byte.is_ascii_alphanumeric() || b" _./:,@%+-".contains(byte);
        match self {
            Module::Command if !text.as_bytes().iter().all(plain) => {
                Err(why("the text has characters that the module reads in its own way"))
            }
            Module::Command | Module::Shell | Module::Raw => Ok(text.to_owned()),
        }
    }
}
