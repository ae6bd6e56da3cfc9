//! Completion scripts and manual pages: committed, current, and accepted by the programs that read them.
#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]
#![expect(clippy::print_stdout, reason = "a skipped test says so")]
#![expect(clippy::disallowed_methods, reason = "starts the gate and the shells that read its scripts")]

use clap::CommandFactory;
use remgate::cli::Cli;
use remgate::rules::{Book, Examples};
use std::collections::BTreeSet;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};

/// Shell and file, as package managers want the file named.
const SCRIPTS: [(&str, &str); 6] = [
    ("bash", "remgate.bash"),
    ("zsh", "_remgate"),
    ("fish", "remgate.fish"),
    ("elvish", "remgate.elv"),
    ("powershell", "_remgate.ps1"),
    ("nushell", "remgate.nu"),
];

fn root() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR"))
}

/// A process with a home of its own, so that nobody's profile is read or written.
fn command(program: impl AsRef<std::ffi::OsStr>, home: &Path) -> Command {
    let mut command = Command::new(program);
    let path = std::env::var_os("PATH").unwrap_or_default();
    command.env_clear().env("PATH", path).env("HOME", home).env("TERM", "dumb").env("LC_ALL", "C.UTF-8");
    command
}

fn remgate(arguments: &[&str]) -> Output {
    let home = tempfile::tempdir().unwrap();
    let output = command(env!("CARGO_BIN_EXE_remgate"), home.path()).args(arguments).output().unwrap();
    assert!(output.status.success(), "{arguments:?}: {output:?}");
    output
}

/// Whether `program` is there. Where everything must be there, its absence fails the test.
fn installed(program: &str, test: &str) -> bool {
    let path = std::env::var_os("PATH").unwrap_or_default();
    let found = std::env::split_paths(&path).any(|directory| directory.join(program).is_file());
    if !found {
        assert!(std::env::var_os("REMGATE_REQUIRE_ALL").is_none(), "{test}: {program} is not installed");
        println!("SKIPPED {test}: {program} is not installed");
    }
    found
}

/// What a shell said, its complaints included: a script that loads prints none.
fn said(output: &Output) -> String {
    assert!(output.status.success(), "{output:?}");
    assert_eq!(String::from_utf8_lossy(&output.stderr), "");
    String::from_utf8(output.stdout.clone()).unwrap()
}

fn names(directory: &Path) -> BTreeSet<String> {
    let entries = std::fs::read_dir(directory).unwrap();
    entries.map(|entry| entry.unwrap().file_name().into_string().unwrap()).collect()
}

#[test]
fn completion_scripts_are_current() {
    for (shell, file) in SCRIPTS {
        let path = root().join("completions").join(file);
        let committed = std::fs::read(&path).unwrap_or_default();
        assert!(
            committed == remgate(&["completions", shell]).stdout,
            "stale; run: cargo run -q -- completions {shell} > completions/{file}"
        );
    }
    assert_eq!(
        names(&root().join("completions")),
        SCRIPTS.iter().map(|(_, file)| (*file).to_owned()).collect()
    );
}

#[test]
fn manual_pages_are_current() {
    let fresh = tempfile::tempdir().unwrap();
    remgate(&["man", fresh.path().to_str().unwrap()]);
    let regenerate = "stale; run: rm man/*.1; cargo run -q -- man man";
    assert_eq!(names(&root().join("man")), names(fresh.path()), "{regenerate}");
    for name in names(fresh.path()) {
        let committed = std::fs::read(root().join("man").join(&name)).unwrap();
        assert!(committed == std::fs::read(fresh.path().join(&name)).unwrap(), "{name}: {regenerate}");
    }
}

/// What the packs know, for people to read; it must name every rule and every program, and stay small enough to open.
#[test]
fn the_page_of_the_packs_is_current_and_whole() {
    let committed = std::fs::read_to_string(root().join("docs/packs.md")).unwrap_or_default();
    let fresh = String::from_utf8(remgate(&["rules", "show", "--markdown"]).stdout).unwrap();
    assert!(committed == fresh, "stale; run: cargo run -q -- rules show --markdown > docs/packs.md");
    let sections: BTreeSet<&str> = fresh.lines().filter_map(|line| line.strip_prefix("## ")).collect();
    assert_eq!(sections, remgate::packs::ALL.iter().map(|pack| pack.name).collect());
    for pack in remgate::packs::ALL {
        let (_, section) = fresh.split_once(&format!("\n## {}\n", pack.name)).unwrap();
        let section = section.split("\n## ").next().unwrap();
        let mut book = Book::new();
        book.add_pack(pack, Examples::Checked).unwrap();
        let rows: Vec<&str> = section.lines().filter(|line| line.starts_with("| `")).collect();
        assert_eq!(rows.len(), book.rules().len(), "{}", pack.name);
        for (row, rule) in rows.iter().zip(book.rules()) {
            assert!(row.ends_with(&format!(" | `{}` |", rule.id)), "{row}");
            assert_eq!(row.replace("\\|", "").matches('|').count(), 6, "{row}");
        }
        let (_, programs) = section.split_once("**Programs:** ").unwrap();
        let programs = programs.lines().next().unwrap().replace(['(', ')', ',', '\\'], " ");
        let programs: BTreeSet<&str> = programs.split_whitespace().collect();
        assert_eq!(programs, pack.programs().collect(), "{}", pack.name);
    }
    assert!(fresh.len() < 500_000, "{} bytes; show fewer words of each rule", fresh.len());
}

/// Every verb has its page, and every page is some verb's.
#[test]
fn there_is_one_manual_page_a_verb() {
    fn pages(command: &clap::Command, name: &str, into: &mut BTreeSet<String>) {
        into.insert(format!("{name}.1"));
        for verb in command.get_subcommands() {
            pages(verb, &format!("{name}-{}", verb.get_name()), into);
        }
    }
    let mut expected = BTreeSet::new();
    pages(&Cli::command(), "remgate", &mut expected);
    assert_eq!(names(&root().join("man")), expected);
}

#[test]
fn groff_has_nothing_to_say_about_the_manual_pages() {
    if !installed("groff", "groff_has_nothing_to_say_about_the_manual_pages") {
        return;
    }
    let home = tempfile::tempdir().unwrap();
    for name in names(&root().join("man")) {
        let mut groff = command("groff", home.path());
        let groff =
            groff.args(["-K", "utf8", "-man", "-Tutf8", "-ww", "-z"]).arg(root().join("man").join(&name));
        assert_eq!(said(&groff.output().unwrap()), "", "{name}");
    }
}

/// groff fills long lines, and then the columns of an example are lost: at 80 columns a page has 70 for text.
#[test]
fn lines_of_examples_stand_in_a_manual_page_as_written() {
    fn check(command: &clap::Command) {
        let help = command.get_after_help().map(ToString::to_string).unwrap_or_default();
        for line in help.lines().filter(|line| line.starts_with(' ')) {
            assert!(line.len() <= 70, "{}: {line}", command.get_name());
        }
        command.get_subcommands().for_each(check);
    }
    check(&Cli::command());
}

/// Asks bash as its line editor would.
#[test]
fn bash_completes_with_the_script() {
    if !installed("bash", "bash_completes_with_the_script") {
        return;
    }
    let home = tempfile::tempdir().unwrap();
    let ask = r#"
        source completions/remgate.bash
        [[ $(complete -p remgate) == *' -F _remgate '* ]] || exit 1
        ask() { COMP_WORDS=("$@") COMP_CWORD=$(($# - 1)); COMPREPLY=()
                _remgate remgate "${!#}" "${@: -2:1}"; echo "${COMPREPLY[*]}"; }
        ask remgate ru; ask remgate log v; ask remgate run --mode d
    "#;
    let mut bash = command("bash", home.path());
    let bash = bash.args(["--norc", "--noprofile", "-c", ask]).current_dir(root());
    assert_eq!(said(&bash.output().unwrap()), "run rules\nverify\ndeny\n");
}

#[test]
fn fish_completes_with_the_script() {
    if !installed("fish", "fish_completes_with_the_script") {
        return;
    }
    let home = tempfile::tempdir().unwrap();
    let ask = "source completions/remgate.fish
        for line in 'remgate ru' 'remgate log v' 'remgate run --mode d'
            complete --do-complete $line | string replace --regex '\\t.*' ''
        end";
    let mut fish = command("fish", home.path());
    let fish = fish.args(["--no-config", "--command", ask]).current_dir(root());
    let words: BTreeSet<String> = said(&fish.output().unwrap()).lines().map(str::to_owned).collect();
    for word in ["run", "rules", "verify", "deny"] {
        assert!(words.contains(word), "{word} is not among {words:?}");
    }
}

/// zsh completes only in a line editor; here the completion system must take the file for remgate, and load it whole.
#[test]
fn zsh_takes_the_script() {
    if !installed("zsh", "zsh_takes_the_script") {
        return;
    }
    let home = tempfile::tempdir().unwrap();
    let ask = "fpath=($PWD/completions $fpath); autoload -Uz compinit; compinit -u -D
        autoload +X _remgate && print -r -- ${_comps[remgate]} ${${(f)functions[_remgate]}[(I)*rules*]:+whole}";
    let mut zsh = command("zsh", home.path());
    let zsh = zsh.args(["-f", "-c", ask]).current_dir(root());
    assert_eq!(said(&zsh.output().unwrap()), "_remgate whole\n");
}
