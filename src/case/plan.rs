//! What will be started for a call, and how.

use super::Call;
use crate::command::{self, Action};
use crate::house::House;
use crate::run::{self, Limit, Plan, ResolveError};
use std::ffi::OsString;

/// Variables that make bash run something before, read its text otherwise, or find other programs and directories.
const SHELL_VARIABLES: [&str; 11] = [
    "BASHOPTS",
    "BASH_COMPAT",
    "BASH_ENV",
    "CDPATH",
    "ENV",
    "EXECIGNORE",
    "GLOBIGNORE",
    "IFS",
    "POSIXLY_CORRECT",
    "PS4",
    "SHELLOPTS",
];

/// What will be started: the argv itself, or for shell text a bash without any file or function of the caller's.
pub(super) fn plan(call: &Call, house: &House) -> Result<Plan, ResolveError> {
    let limit = call.timeout.map(|after| Limit { after, grace: Limit::GRACE });
    match &call.action {
        Action::Argv(argv) => {
            let mut words = argv.iter().cloned();
            let arg0 = words.next().unwrap_or_default();
            let executable = run::resolve(&arg0, house.variable("PATH"), &house.cwd)?;
            Ok(started(executable, arg0, words.collect(), Vec::new(), limit))
        }
        Action::Shell(shell) => {
            let functions =
                house.env.keys().filter(|name| name.as_encoded_bytes().starts_with(b"BASH_FUNC_"));
            let env_remove = SHELL_VARIABLES.iter().map(OsString::from).chain(functions.cloned()).collect();
            // What runs is what was parsed: one command whose words are all certain needs no second reader.
            let words = command::shell::single(&shell.text, house.caller().known());
            if let Some((arg0, args)) = words.as_deref().and_then(<[OsString]>::split_first) {
                let executable = run::resolve(arg0, house.variable("PATH"), &house.cwd)?;
                return Ok(started(executable, arg0.clone(), args.to_vec(), env_remove, limit));
            }
            let executable = run::resolve_bash(house.variable("PATH"), &house.cwd)?;
            Ok(started(executable, OsString::from("bash"), shell.arguments(), env_remove, limit))
        }
    }
}

/// A plan that hands nothing over yet.
fn started(
    executable: run::Executable,
    arg0: OsString,
    args: Vec<OsString>,
    env_remove: Vec<OsString>,
    limit: Option<Limit>,
) -> Plan {
    let (env_set, handed, recheck) = (Vec::new(), Vec::new(), Vec::new());
    Plan { executable, arg0, args, env_remove, env_set, limit, stdin: None, handed, recheck }
}
