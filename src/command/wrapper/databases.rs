//! Clients of databases: `NotAWrapper` where every statement that they get stands in sight, for rules to read.
//!
//! Sources: psql(1) 17, mysql(1) 8.4, mariadb(1) 11, sqlite3(1) 3.46, cockroach-sql 24.2. Each has a prompt, and commands of
//! its own that start programs; what comes on a pipe or from a terminal may hold them.

use super::hosts::may_be_option;
use super::reader::{Syntax, Value, Why, certain, read, unsure, why};
use super::tools::{Found, Lookout, starts};
use super::unwrapped::Step;
use super::{Feed, Words};
use std::ffi::OsStr;
use std::os::unix::ffi::OsStrExt;

fn from_nowhere(own: &str) -> Why {
    Why {
        reason: format!("reads commands, `{own}` among them, from standard input or a terminal"),
        instead: "give the statements as an option, as a file by name, or in a quoted here-document",
    }
}

/// What is fed to a client: known, or refused.
fn fed(feed: Feed<'_>, own: &str, text_is_fine: impl Fn(&str) -> Result<(), Why>) -> Result<Step, Why> {
    match feed {
        Feed::Unknown => Err(from_nowhere(own)),
        // What stands in it is for the eyes to read, and without them no rule makes it known.
        Feed::File => Ok(Step::NotAWrapper),
        Feed::Text(text) => text_is_fine(&String::from_utf8_lossy(text)).map(|()| Step::NotAWrapper),
    }
}

/// psql(1): `a:Abc:d:eEf:F:h:HlL:no:p:P:qR:sStT:U:v:VwWxXz?01`. Of a file only its name is known here.
pub(super) fn psql(words: &Words, feed: Feed<'_>) -> Result<Step, Why> {
    let syntax = Syntax::anywhere(
        "aAbc:d:eEf:F:h:HlL:no:p:P:qR:sStT:U:v:VwWxXz01",
        "echo-all no-align command= dbname= echo-queries echo-errors echo-hidden field-separator= field-separator-zero \
         file= host= html list log-file= no-readline single-transaction output= port= pset= quiet record-separator= \
         record-separator-zero single-step single-line tuples-only table-attr= username= set= variable= version \
         no-password password expanded no-psqlrc csv help",
    );
    let given = read(words, 1, &syntax)?;
    if given.has(&["-l", "--list", "-V", "--version", "--help"]) {
        return Ok(Step::NotAWrapper);
    }
    for output in given.values(&["-o", "--output", "-L", "--log-file"]) {
        if output.known()?.as_bytes().first() == Some(&b'|') {
            return Err(starts("-o"));
        }
    }
    given.values(&["-c", "--command"]).try_for_each(|text| statements(&text.known()?.to_string_lossy()))?;
    let files: Vec<&OsStr> = given.values(&["-f", "--file"]).map(Value::known).collect::<Result<_, _>>()?;
    let reads_on = files.iter().any(|file| *file == "-");
    match (reads_on, given.has(&["-c", "--command"]) || !files.is_empty()) {
        (false, true) => Ok(Step::NotAWrapper),
        (true, _) | (false, false) => fed(feed, "\\!", statements),
    }
}

/// SQL with commands of psql in it: of these only such as list something.
fn statements(text: &str) -> Result<(), Why> {
    let small = text.to_lowercase();
    // `COPY t TO PROGRAM 'sh'` runs on the server.
    if small.split(|c: char| !(c.is_alphanumeric() || c == '_')).any(|word| word == "program") {
        return Err(why("`COPY ... PROGRAM` starts a program on the server"));
    }
    for (at, _) in small.match_indices('\\') {
        let meta = small.get(at.saturating_add(1)..).unwrap_or_default();
        let line = meta.lines().next().unwrap_or_default();
        let name: String = meta.chars().take_while(|c| c.is_ascii_alphabetic()).collect();
        let lists = name.starts_with('d')
            || ["l", "x", "z", "conninfo", "timing", "encoding", "sf", "sv", "q", "g", "gx"]
                .contains(&name.as_str());
        let bare = !["g", "gx", "q"].contains(&name.as_str()) || line.trim() == name;
        let plain = line.chars().all(|c| c.is_alphanumeric() || " \t_.+*?\"-".contains(c));
        if !(lists && bare && plain) {
            return Err(why(format!("`\\{name}` may start a program")));
        }
    }
    Ok(())
}

const MYSQL: Lookout = Lookout {
    short: "e",
    values: "eDhPSu",
    joined: "p#T",
    long: &[
        "execute=",
        "pager=",
        "tee=",
        "plugin-dir=",
        "plugin_dir=",
        "default-auth=",
        "default_auth=",
        "defaults-file=",
        "defaults-extra-file=",
        "defaults_file=",
        "init-command=",
        "init_command=",
        "sandbox=",
    ],
    other: &["default-character-set", "p", "s"],
};

/// mysql(1) and mariadb(1): `-e`, or what is fed to them, and in it none of the commands that the client has of its own.
pub(super) fn mysql(words: &Words, feed: Feed<'_>) -> Result<Step, Why> {
    let says = ["--version", "-V", "--help", "-?"];
    if words.len() == 2 && words.iter().skip(1).any(|word| says.iter().any(|says| word == says)) {
        return Ok(Step::NotAWrapper);
    }
    let found = MYSQL.find(words)?;
    for Found { name, value } in &found {
        if !["e", "execute"].contains(name) {
            return Err(starts(name));
        }
        without_commands(&value.unwrap_or_default().to_string_lossy())?;
    }
    match found.is_empty() {
        true => fed(feed, "system", without_commands),
        false => Ok(Step::NotAWrapper),
    }
}

/// SQL for mysql(1). `\G` and `\g` end a statement; every other backslash may be a command.
fn without_commands(text: &str) -> Result<(), Why> {
    const OWN: [&str; 6] = ["system", "source", "pager", "tee", "edit", "delimiter"];
    let text = text.to_lowercase();
    let word = text.split(|c: char| !(c.is_alphanumeric() || c == '_')).find(|word| OWN.contains(word));
    match (word, text.replace("\\g", "").contains('\\')) {
        (Some(word), _) => Err(starts(word)),
        (None, true) => Err(starts("\\!")),
        (None, false) => Ok(()),
    }
}

/// sqlite3(1): `DATABASE SQL`, or what is fed to it, and in it no command with a dot that does more than list.
pub(super) fn sqlite3(words: &Words, feed: Feed<'_>) -> Result<Step, Why> {
    const SWITCHES: [&[u8]; 18] = [
        b"-header",
        b"-noheader",
        b"-csv",
        b"-json",
        b"-line",
        b"-list",
        b"-column",
        b"-table",
        b"-box",
        b"-markdown",
        b"-quote",
        b"-tabs",
        b"-html",
        b"-readonly",
        b"-batch",
        b"-bail",
        b"-safe",
        b"-version",
    ];
    let mut operands = Vec::new();
    for at in 1..words.len() {
        let word = words.get(at).map_or(OsStr::new(""), AsRef::as_ref);
        match (words.loose(at), word.as_bytes()) {
            (Some(_), _) if may_be_option(words, at) => {
                return Err(unsure(word, "may turn out to be an option"));
            }
            (None, option) if option.starts_with(b"-") => {
                let bare =
                    if option.starts_with(b"--") { option.get(1..).unwrap_or_default() } else { option };
                if !SWITCHES.contains(&bare) {
                    return Err(why(format!("the option `{}` is not in its table", word.display())));
                }
                if bare == b"-version" {
                    return Ok(Step::NotAWrapper);
                }
            }
            _ => operands.push(at),
        }
    }
    let texts = operands.get(1..).unwrap_or_default();
    for at in texts {
        without_dots(&certain(words, *at)?.unwrap_or_default().to_string_lossy())?;
    }
    match texts.is_empty() {
        true => fed(feed, ".shell", without_dots),
        false => Ok(Step::NotAWrapper),
    }
}

fn without_dots(text: &str) -> Result<(), Why> {
    const LISTS: [&str; 9] = [
        ".tables",
        ".schema",
        ".fullschema",
        ".indexes",
        ".indices",
        ".databases",
        ".dump",
        ".headers",
        ".mode",
    ];
    let text = text.to_lowercase();
    let plain = |line: &str| line.chars().skip(1).all(|c| c.is_ascii_alphanumeric() || " _.%*-".contains(c));
    let lists = |line: &str| {
        line.split_ascii_whitespace().next().is_some_and(|name| LISTS.contains(&name)) && plain(line)
    };
    let dot = text.lines().map(str::trim).any(|line| line.starts_with('.') && !lists(line));
    let calls = ["edit(", "load_extension", "writefile", "readfile"].iter().any(|name| text.contains(name));
    match dot || calls {
        true => Err(why("its text has a command or function that starts programs or writes files")),
        false => Ok(()),
    }
}

const COCKROACH: Lookout = Lookout {
    short: "ef",
    values: "efdsup",
    joined: "",
    long: &["execute=", "file=", "set=", "watch="],
    other: &[],
};

/// `cockroach sql`: its shell has `\!` and `\|` as psql has. Its other verbs start nothing.
pub(super) fn cockroach(words: &Words, feed: Feed<'_>) -> Result<Step, Why> {
    if !words.iter().skip(1).any(|word| word == "sql" || word == "demo") {
        return Ok(Step::NotAWrapper);
    }
    let found = COCKROACH.find(words)?;
    let mut given = false;
    for Found { name, value } in &found {
        let value = value.unwrap_or_default();
        match *name {
            "e" | "execute" => statements(&value.to_string_lossy())?,
            "f" | "file" if value != "-" => {}
            "watch" => continue,
            _ => return Err(starts(name)),
        }
        given = true;
    }
    match given {
        true => Ok(Step::NotAWrapper),
        false => fed(feed, "\\!", statements),
    }
}
