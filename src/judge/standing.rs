//! How well a command is known, and in words why not better.

use super::{Bench, Matched, Surroundings};
use crate::command::{Added, Command, EnvironmentEdit, Influence, Program, influence};
use crate::decide::Standing;
use crate::rules::{Fit, Kind, Trust};
use crate::tools::{Reading, Whole};
use std::ffi::OsStr;

/// Known only where a trusted rule accounts for every word of a program that is what its name says.
pub(super) fn of(
    command: &Command,
    program: Option<&Program<'_>>,
    reading: Option<&Reading<'_>>,
    matched: &[Matched],
    seen: &Surroundings,
    bench: &Bench<'_>,
) -> (Standing, Option<String>) {
    if let Some(opaque) = &command.opaque {
        return (Standing::Opaque, Some(opaque.reason.clone()));
    }
    let unmatched = |why: String| (Standing::Unmatched, Some(why));
    let Some(program) = program else { return unmatched("there is no program".to_owned()) };
    if let Some(why) = &program.foreign {
        return unmatched(why.clone());
    }
    if let Some(why) = strange_variable(command, reading).or_else(|| strange_wrapper(command)) {
        return unmatched(why);
    }
    if let Some(why) = &seen.doubt {
        return unmatched(why.clone());
    }
    if let Some(hidden) = seen.fields.get("hidden-options") {
        // TF_CLI_ARGS and its like add words that no command line shows.
        return unmatched(format!("options come from {}, which no command line shows", hidden.source));
    }
    let name = program.name.unwrap_or_default();
    let Some(reading) = reading else { return unmatched(format!("no entry describes the program `{name}`")) };
    if bench.book.only_tightens(reading.tool) {
        return unmatched(format!(
            "`{name}` is described only by a project file, which cannot make it known"
        ));
    }
    if reading.whole() == Whole::No {
        let why = reading.unknown.first().map(|unknown| unknown.why.clone());
        return unmatched(why.unwrap_or_else(|| "a word is not understood".to_owned()));
    }
    let known = matched.iter().any(|matched| {
        let Matched { rule, fit, .. } = matched;
        rule.kind == Kind::Match && rule.trust == Trust::Full && *fit == Fit::Whole
    });
    if known {
        return (Standing::Known, None);
    }
    // Rules may know every word, and still not what it is given.
    if let Some(why) = seen.contents.values().find_map(|contents| contents.why.as_deref()) {
        return unmatched(format!("what it is given cannot be told: {why}"));
    }
    let operation = reading.operation_words().join(" ");
    unmatched(match operation.is_empty() {
        true => format!("no rule accounts for every word of this `{name}` command"),
        false => format!("no rule accounts for every word of this `{name} {operation}` command"),
    })
}

/// Not known, for this reason.
pub(super) fn unmatched(why: String) -> (Standing, Option<String>) {
    (Standing::Unmatched, Some(why))
}

/// Behind some wrappers no rule can account for every word, or for the program.
fn strange_wrapper(command: &Command) -> Option<String> {
    command.wrappers.iter().find_map(|taken| {
        taken.adds.iter().find_map(|added| match added {
            // `chroot /etc cat /shadow`: neither the program nor any path is the one that rules speak about.
            Added::OtherRoot => {
                Some(format!("`{}` takes program and paths from another root directory", taken.name))
            }
            // `systemd-run rm -rf etc` starts in /, where it is not the caller's etc that goes.
            Added::OtherDirectory => Some(format!(
                "`{}` starts it in another directory, where relative paths are others",
                taken.name
            )),
            // `envdir ./d kubectl get pods` with a file d/KUBECONFIG or d/LD_PRELOAD.
            Added::OtherVariables => Some(format!("`{}` sets variables that nobody has seen", taken.name)),
            // `echo /etc/shadow | xargs cat`: read as words that may be anything.
            Added::StdinOperands => None,
            Added::OtherUser
            | Added::Interrupted
            | Added::OtherHost
            | Added::ManyHosts
            | Added::Credentials
            | Added::Container
            | Added::Detached => None,
        })
    })
}

/// `env FOO=1 tool` with a FOO nobody knows may change what the tool does.
fn strange_variable(command: &Command, reading: Option<&Reading<'_>>) -> Option<String> {
    let harmless = |name: &OsStr| {
        let known = reading.map(|reading| &reading.tool.variables);
        known.is_some_and(|known| known.iter().any(|known| name == known.as_str()))
    };
    command.environment.iter().find_map(|edit| match edit {
        EnvironmentEdit::Set(name, _) | EnvironmentEdit::Unset(name) | EnvironmentEdit::Unsure(name)
            if harmless(name) =>
        {
            None
        }
        EnvironmentEdit::Set(name, _) | EnvironmentEdit::Unset(name) => match influence(name) {
            Influence::Display | Influence::Place => None,
            Influence::Unknown | Influence::Code => {
                Some(format!("the variable `{}` may change what the program does", name.display()))
            }
        },
        EnvironmentEdit::Unsure(name) => (influence(name) != Influence::Display)
            .then(|| format!("the value of the variable `{}` is known only when it runs", name.display())),
        EnvironmentEdit::Clear => None,
    })
}
