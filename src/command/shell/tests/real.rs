//! Real shells under the same texts: what they start, where, and with which environment, must be what the parser says.
//!
//! In: every row of the tables whose text is followed. Out: nothing, or the rows that bash read otherwise. Never: the
//! network, the caller's home, or a program but those that leave a trace, in a directory that is thrown away.

use super::{attacks, posix, state, words};
use crate::command::shell::{Dialect, Known, Others, Simple, parse};
use crate::command::{Count, EnvironmentEdit, Words};
use std::collections::BTreeMap;
use std::ffi::{OsStr, OsString};
use std::os::unix::ffi::{OsStrExt, OsStringExt};
use std::os::unix::fs::{PermissionsExt, symlink};
use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};

type Variables = BTreeMap<OsString, OsString>;

/// Leaves a trace of words, directory and environment, in one write; after some of them it fails, so that loops end.
const PROGRAM: &str = r#"#!/bin/sh
here=${0%/*}
{
    printf '%s\0' "${0##*/}" "$#" "$@" "$(pwd -P)"
    /bin/cat /proc/$$/environ
    printf '\0'
} >"$here/trace.$$"
/bin/cat "$here/trace.$$" >>"$here/trace"
set -- "$here"/trace.*
[ "$#" -lt 12 ]
"#;

/// One program that a shell started.
#[derive(Debug)]
struct Started {
    argv: Vec<OsString>,
    directory: PathBuf,
    environment: Variables,
}

/// A place where texts run, made anew for each.
struct Ground {
    directory: tempfile::TempDir,
}

impl Ground {
    fn prepare() -> Self {
        let directory = tempfile::Builder::new().prefix("shell").tempdir().unwrap();
        let ground = Self { directory };
        let bin = ground.path().join("bin");
        std::fs::create_dir(&bin).unwrap();
        for name in ["l1", "l2", "l3", "l4", "l5", "plain"] {
            std::fs::write(bin.join(name), PROGRAM).unwrap();
            std::fs::set_permissions(bin.join(name), std::fs::Permissions::from_mode(0o755)).unwrap();
        }
        ground
    }

    /// As the kernel names it.
    fn path(&self) -> PathBuf {
        self.directory.path().canonicalize().unwrap()
    }

    fn start(&self) -> PathBuf {
        self.path().join("start")
    }

    fn variables(&self) -> Variables {
        let mut variables = super::environment();
        // The trace is made with programs of the system; texts find nothing but those that leave one.
        let path = format!("{}:/usr/bin:/bin", self.path().join("bin").display());
        variables.insert("PATH".into(), path.into());
        variables.insert("HOME".into(), self.path().join("home").into());
        variables
    }

    /// Runs a text, for two seconds at most, and reads what it started.
    fn run(&self, shell: &[&str], text: &str) -> (Vec<Started>, Output) {
        let start = self.start();
        let _ = std::fs::remove_dir_all(&start);
        for left in std::fs::read_dir(self.path().join("bin")).unwrap() {
            let left = left.unwrap();
            if left.file_name().as_bytes().starts_with(b"trace") {
                std::fs::remove_file(left.path()).unwrap();
            }
        }
        for directory in ["a/b/c", "b", "c", "d", "x/y", "y", "../home/x"] {
            std::fs::create_dir_all(start.join(directory)).unwrap();
        }
        symlink("../x/y", start.join("a/link")).unwrap();
        for file in ["a1", "b.c", "f"] {
            std::fs::write(start.join(file), "").unwrap();
        }
        let output = shell_command(shell)
            .arg(text)
            .env_clear()
            .envs(self.variables())
            .current_dir(&start)
            .stdin(Stdio::null())
            .output()
            .unwrap();
        (self.trace(), output)
    }

    fn trace(&self) -> Vec<Started> {
        let trace = std::fs::read(self.path().join("bin/trace")).unwrap_or_default();
        let mut items = trace.split(|byte| *byte == 0).map(|item| OsString::from_vec(item.to_vec()));
        let mut started = Vec::new();
        while let Some(program) = items.next().filter(|name| !name.is_empty()) {
            let number =
                |item: Option<OsString>| item.unwrap().to_str().unwrap().trim().parse::<usize>().unwrap();
            let words = number(items.next());
            let argv = std::iter::once(program).chain(items.by_ref().take(words)).collect();
            let directory = PathBuf::from(items.next().unwrap());
            let variables = items.by_ref().take_while(|variable| !variable.is_empty());
            let environment = variables.filter_map(|variable| crate::command::assignment::split(&variable));
            started.push(Started { argv, directory, environment: environment.collect() });
        }
        started
    }
}

#[expect(clippy::disallowed_methods, reason = "what the parser says is held against real shells")]
fn shell_command(shell: &[&str]) -> Command {
    let mut command = Command::new("timeout");
    command.args(["-s", "KILL", "2"]).args(shell);
    command
}

/// Whether the programs are there; CI wants all of them.
fn installed(test: &str, programs: &[&str]) -> bool {
    let path = std::env::var_os("PATH").unwrap_or_default();
    let missing =
        programs.iter().find(|program| !std::env::split_paths(&path).any(|dir| dir.join(program).is_file()));
    if let Some(program) = missing {
        assert!(
            std::env::var_os("REMGATE_REQUIRE_ALL").is_none_or(|all| all != "1"),
            "{program} is not installed"
        );
        println!("SKIPPED {test}: {program} is not installed");
    }
    missing.is_none()
}

/// Whether these words can become that argv.
fn become_argv(words: &Words, at: usize, argv: &[OsString]) -> bool {
    let Some(word) = words.get(at) else { return argv.is_empty() };
    let Some(loose) = words.loose(at) else {
        return argv.first() == Some(word) && become_argv(words, at + 1, &argv[1..]);
    };
    let begins = argv.first().is_some_and(|argument| {
        let certain = word.as_bytes().get(..loose.certain).unwrap_or_default();
        argument.as_bytes().starts_with(certain)
    });
    let most = if begins { argv.len() } else { 0 };
    let mut counts = match loose.count {
        Count::One => 1..=most.min(1),
        Count::Some => 1..=most,
        Count::Any => 0..=most,
    };
    counts.any(|count| become_argv(words, at + 1, &argv[count..]))
}

/// Variables that every shell keeps for itself.
const OF_THE_SHELL: [&str; 4] = ["PWD", "OLDPWD", "SHLVL", "_"];

/// Whether a command says exactly this of the environment, or that it does not know.
fn says(command: &Simple, given: &Variables, found: &Variables) -> bool {
    let edited = command.environment.iter().filter_map(EnvironmentEdit::name);
    let names = given.keys().chain(found.keys()).map(OsString::as_os_str).chain(edited);
    names.filter(|name| !OF_THE_SHELL.iter().any(|own| name == own)).all(|name| {
        let mut expected = Some(given.get(name).cloned());
        for edit in command.environment.iter().filter(|edit| edit.name().is_none_or(|of| of == name)) {
            expected = match edit {
                EnvironmentEdit::Set(_, value) => Some(Some(value.clone())),
                EnvironmentEdit::Unset(_) | EnvironmentEdit::Clear => Some(None),
                EnvironmentEdit::Unsure(_) => None,
            };
        }
        expected.is_none_or(|expected| expected.as_ref() == found.get(name))
    })
}

/// What none of the commands explains; wrappers are not this room's.
fn unexplained(commands: &[Simple], started: &Started, ground: &Ground, others: Others) -> Option<String> {
    let given = ground.variables();
    let same = |directory: &Option<PathBuf>| {
        directory.as_ref().is_none_or(|path| {
            let from = ground.start().join(path);
            from.canonicalize().is_ok_and(|path| path == started.directory)
        })
    };
    let behind = |words: &Words| {
        let wrapper =
            |word: &OsString| ["command", "exec", "builtin", "-p", "-pp"].iter().any(|own| word == own);
        words.iter().take_while(|word| wrapper(word)).count()
    };
    let fitting: Vec<&Simple> = commands
        .iter()
        .filter(|simple| become_argv(&simple.words.from(behind(&simple.words)), 0, &started.argv))
        .collect();
    let told = |what: &str| Some(format!("{what}: {started:?}"));
    if fitting.is_empty() {
        return told("its words were not read");
    }
    let fitting: Vec<&Simple> =
        fitting.into_iter().filter(|simple| simple.directories.iter().any(same)).collect();
    if fitting.is_empty() {
        return told("its directory was not read");
    }
    // In a shell that nobody has seen, what is set may be exported or not.
    let said =
        others == Others::Unseen || fitting.iter().any(|simple| says(simple, &given, &started.environment));
    if said { None } else { told("its environment was not read") }
}

/// Runs every text that is followed, and tells what was not read. Nothing leaves the machine, and nothing runs for ever.
fn differing(tables: &[&[(&str, &str)]], shell: &[&str], dialect: Dialect) -> (Vec<String>, usize) {
    let ground = Ground::prepare();
    let variables = ground.variables();
    let none = Variables::new();
    let known = match dialect {
        Dialect::Bash => Known { variables: &variables, others: Others::Unset },
        Dialect::Posix => Known { variables: &none, others: Others::Unseen },
    };
    let (mut differing, mut count) = (Vec::new(), 0);
    for (text, _) in tables.iter().flat_map(|table| table.iter()) {
        let Ok(commands) = parse(text.as_bytes(), dialect, known) else { continue };
        let left_out = ["/dev/tcp", "((;;))", "eval"].iter().any(|part| text.contains(part));
        if left_out || commands.iter().any(|simple| simple.opaque.is_some()) {
            continue;
        }
        let (started, _) = ground.run(shell, text);
        count += started.len();
        let lost =
            started.iter().filter_map(|started| unexplained(&commands, started, &ground, known.others));
        differing.extend(lost.map(|lost| format!("{text:?}: {lost}")));
    }
    (differing, count)
}

#[test]
fn bash_starts_what_was_read_where_it_was_read() {
    if !installed("bash_starts_what_was_read_where_it_was_read", &["bash", "timeout", "env", "tr"]) {
        return;
    }
    let tables: Vec<&[(&str, &str)]> =
        words::TABLES.into_iter().chain(state::TABLES).chain([attacks::ROWS]).collect();
    let (differing, count) =
        differing(&tables, &["bash", "--noprofile", "--norc", "-c", "--"], Dialect::Bash);
    assert!(differing.is_empty(), "{}", differing.join("\n"));
    assert!(count > 400, "only {count} programs were started: the ground is broken");
}

#[test]
fn dash_starts_what_was_read_for_any_posix_shell() {
    if !installed("dash_starts_what_was_read_for_any_posix_shell", &["dash", "timeout", "env", "tr"]) {
        return;
    }
    // Whatever is followed for `sh` although it stands in a table for bash is read for dash as well.
    let tables: Vec<&[(&str, &str)]> = words::TABLES
        .into_iter()
        .chain(state::TABLES)
        .chain([posix::FOLLOWED, attacks::POSIX, attacks::ROWS])
        .collect();
    let (differing, count) = differing(&tables, &["dash", "-c"], Dialect::Posix);
    assert!(differing.is_empty(), "{}", differing.join("\n"));
    assert!(count > 200, "only {count} programs were started: the ground is broken");
}

/// What bash makes of words behind `printf '%s\0'`.
fn printed(words: &str) -> Vec<Vec<u8>> {
    let directory = tempfile::tempdir().unwrap();
    let output = shell_command(&["bash", "--noprofile", "--norc", "-c", "--"])
        .arg(format!("printf '%s\\0' {words}"))
        .env_clear()
        .env("PATH", "/usr/bin:/bin")
        .current_dir(directory.path())
        .output()
        .unwrap();
    assert!(output.status.success(), "{words}: {}", String::from_utf8_lossy(&output.stderr));
    let text = output.stdout.strip_suffix(b"\0").unwrap();
    text.split(|byte| *byte == 0).map(<[u8]>::to_vec).collect()
}

/// The words behind the first, where all of them are certain.
fn read(words: &str) -> Option<Vec<Vec<u8>>> {
    let variables = Variables::new();
    let known = Known { variables: &variables, others: Others::Unset };
    let commands = parse(format!("l1 {words}").as_bytes(), Dialect::Bash, known).unwrap();
    let words = &commands[0].words;
    let certain = words.all_loose().next().is_none();
    certain.then(|| words.iter().skip(1).map(|word| word.as_bytes().to_vec()).collect())
}

#[test]
fn braces_are_written_out_as_bash_does() {
    if !installed("braces_are_written_out_as_bash_does", &["bash", "timeout"]) {
        return;
    }
    let told = [
        "{a,b}",
        "x{a,b}",
        "{a,b}y",
        "x{a,b}y",
        "{a,b}{c,d}",
        "{a,b}{c,d}{e,f}",
        "{a,{b,c}}",
        "{{a,b},c}",
        "{{a,b},{c,d}}",
        "a{b{c,d}e,f}g",
        "{,a}",
        "{a,}",
        "x{,y}",
        "x{,}",
        "x{,,}y",
        "{1..3}",
        "{3..1}",
        "{1..1}",
        "{0..3}",
        "{01..3}",
        "{1..03}",
        "{08..11}",
        "{000..2}",
        "{00..1}",
        "{9..11}",
        "{009..011}",
        "{a..e}",
        "{e..a}",
        "{a..a}",
        "x{1..2}{a..b}y",
        "{1..2},{3..4}",
        "{a,1..3}",
        "{1..3,a}",
        "{{1..3},a}",
        "{}",
        "x{}y",
        "{a}",
        "{1}",
        "{a,b",
        "a,b}",
        "'{a,b}'",
        "\"{a,b}\"",
        "\\{a,b}",
        "{a\\,b,c}",
        "{a,b\\}",
        "{'a,b',c}",
        "{\"a b\",c}",
        "{a,'b c'}",
        "{a,b}'{c,d}'",
        "'x'{a,b}",
        "\"$\"{a,b}",
        "\\${a,b}",
        "{a,b}=c",
        "-{a,b}",
        "--x={a,b}",
        "{a:b,c@d}",
        "{/a,/b}/c",
        "./{a,b}.c",
        "{é,ü}",
        "{10..12}",
        "{100..98}",
        "{{a}",
    ];
    for word in told {
        assert_eq!(read(word), Some(printed(word)), "{word}");
    }
    // Not told: whatever bash makes of it, the word is loose.
    for word in [
        "{1..5..2}",
        "{A..C}",
        "{a..C}",
        "{-2..2}",
        "{1..a}",
        "{a..1}",
        "{1..999}",
        "{a,b}}",
        "{{a,b}",
        "{a,b}{",
        "{''..a}",
        "{a,b}''",
        "x={a,b}",
        "{a,{b}",
        "{{{a,b}}}",
        "}{a,b}",
    ] {
        assert_eq!(read(word), None, "{word} -> {:?}", printed(word).len());
    }
}

#[test]
fn quotes_are_taken_off_as_bash_does() {
    if !installed("quotes_are_taken_off_as_bash_does", &["bash", "timeout"]) {
        return;
    }
    for word in [
        "a\\bc",
        "'a\\bc'",
        "\"a\\bc\"",
        "\"a\\\\c\"",
        "\"a\\\"c\"",
        "\"\\$a\\`\"",
        "a''b",
        "''",
        "\"\"",
        "'a'\"b\"c\\d",
        "\\'",
        "\\\"",
        "\\\\",
        "'\"'",
        "\"'\"",
        "$",
        "a$",
        "$.",
        "\"$\"",
        "a\\\nb",
        "\"a\\\nb\"",
        "'a\\\nb'",
        "a#b",
        "\\#",
        "\"#\"",
        "\\~",
        "'~'",
        "a~",
        "\"é\"",
        "\\é",
        "'\u{202e}'",
        "$'a'",
        "$'\\a\\b\\e\\E\\f\\n\\r\\t\\v'",
        "$'\\\\\\'\\\"\\?'",
        "$'\\x41\\x4a\\x4A\\x9'",
        "$'\\101\\1012\\7\\77\\377'",
        "$'\\x411'",
        "$'a\\0'b",
        "$'\\{\\}'",
        "$'\\.\\*\\+\\[\\]\\(\\)\\^\\$\\&\\;\\!\\-\\/'",
        "x$'y'z",
        "$'a''b'",
        "$'é'",
        "\"$'a'\"",
        "a\\",
    ] {
        assert_eq!(read(word), Some(printed(word)), "{word}");
    }
}

#[test]
fn every_builtin_of_bash_is_known() {
    if !installed("every_builtin_of_bash_is_known", &["bash", "timeout"]) {
        return;
    }
    let output =
        shell_command(&["bash", "--noprofile", "--norc", "-c", "--"]).arg("compgen -b").output().unwrap();
    let names: Vec<&[u8]> =
        output.stdout.split(|byte| *byte == b'\n').filter(|name| !name.is_empty()).collect();
    assert!(names.len() > 50, "{names:?}");
    for name in names {
        let known = crate::command::shell::builtin::is_builtin(name);
        assert!(known, "{} would be started as a program", Path::new(OsStr::from_bytes(name)).display());
    }
}
