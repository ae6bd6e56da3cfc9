//! The bare prefix: `remgate kubectl get pods` is `remgate run -- kubectl get pods`.

use super::{Cli, Run, Verb};
use clap::{Args, FromArgMatches, Parser, Subcommand};
use std::ffi::{OsStr, OsString};

/// Reads the command line.
///
/// `run` stands in front of every command that anybody runs, so it is read by its own definition alone, at a third of
/// the cost of building every verb's; whatever is wrong with it is then told with the whole.
///
/// # Errors
/// What clap says of it; help and version come this way too.
pub fn parse(argv: Vec<OsString>) -> Result<Cli, clap::Error> {
    let argv = with_verb(argv);
    if let Some((_, [verb, options @ ..])) = argv.split_first()
        && verb == "run"
    {
        let run = Run::augment_args(clap::Command::new("run").no_binary_name(true));
        let read = run.try_get_matches_from(options).and_then(|matches| Run::from_arg_matches(&matches));
        if let Ok(run) = read {
            return Ok(Cli { verb: Verb::Run(run) });
        }
    }
    Cli::try_parse_from(argv)
}

/// Puts the verb first, and `run` where none was typed.
///
/// Options before the verb belong to it: `remgate --mode deny -- x` is `remgate run --mode deny -- x`, and
/// `remgate --json explain x` is `remgate explain --json x`. What cannot be read is left for clap to complain about.
fn with_verb(argv: Vec<OsString>) -> Vec<OsString> {
    let Some((name, words)) = argv.split_first() else { return argv };
    let takes_value = |option: &str| {
        let run = Run::augment_args(clap::Command::new("run"));
        run.get_arguments().any(|arg| {
            let long = arg.get_long().is_some_and(|long| option.strip_prefix("--") == Some(long));
            let short = arg
                .get_short()
                .is_some_and(|short| option.strip_prefix('-') == Some(short.to_string().as_str()));
            (long || short) && arg.get_action().takes_values()
        })
    };
    match first_word(words, takes_value) {
        First::Word(at) => {
            let (options, rest) = words.split_at_checked(at).unwrap_or((words, &[]));
            let typed = rest.first().and_then(|word| word.to_str()).filter(|word| Verb::has_subcommand(word));
            match typed {
                Some(verb) => join(name, verb, options, rest.get(1..).unwrap_or_default()),
                None => {
                    let mut run = options.to_vec();
                    run.push("--".into());
                    join(name, "run", &run, rest)
                }
            }
        }
        First::DoubleDash | First::Text => join(name, "run", words, &[]),
        First::Nothing => argv,
    }
}

fn join(name: &OsStr, verb: &str, options: &[OsString], rest: &[OsString]) -> Vec<OsString> {
    let mut argv = vec![name.to_owned(), verb.into()];
    argv.extend(options.iter().chain(rest).cloned());
    argv
}

/// What stands first behind the options.
enum First {
    Word(usize),
    DoubleDash,
    Text,
    Nothing,
}

fn first_word(words: &[OsString], takes_value: impl Fn(&str) -> bool) -> First {
    let mut at = 0_usize;
    while let Some(word) = words.get(at) {
        let Some(text) = word.to_str() else { return First::Word(at) };
        match text {
            "--" => return First::DoubleDash,
            "-h" | "--help" | "-V" | "--version" => return First::Nothing,
            _ if text.starts_with("-c") => return First::Text,
            _ if !text.starts_with('-') || text == "-" => return First::Word(at),
            _ => {}
        }
        at = at.saturating_add(if takes_value(text) { 2 } else { 1 });
    }
    First::Nothing
}

#[cfg(test)]
mod tests {
    use super::with_verb;

    #[test]
    fn a_bare_prefix_becomes_run() {
        for (typed, read) in [
            ("kubectl get pods -A", "run -- kubectl get pods -A"),
            ("-- log show", "run -- log show"),
            ("log show", "log show"),
            ("--mode deny -- kubectl x", "run --mode deny -- kubectl x"),
            ("--mode deny kubectl x", "run --mode deny -- kubectl x"),
            ("--mode=deny kubectl --mode x", "run --mode=deny -- kubectl --mode x"),
            ("--json explain -- ls", "explain --json -- ls"),
            ("-c ls", "run -c ls"),
            ("--mode deny -c ls", "run --mode deny -c ls"),
            ("run -- ls", "run -- ls"),
            ("--help", "--help"),
            ("--json", "--json"),
            ("--mode log show", "run --mode log -- show"),
            ("-x ls", "run -x -- ls"),
        ] {
            let argv = std::iter::once("remgate").chain(typed.split(' ')).map(Into::into).collect();
            let read: Vec<std::ffi::OsString> =
                std::iter::once("remgate").chain(read.split(' ')).map(Into::into).collect();
            assert_eq!(with_verb(argv), read, "{typed}");
        }
    }
}
