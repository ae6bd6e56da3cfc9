//! `remgate completions` and `remgate man`: made from the one definition of the command line.

use super::Unshown;
use crate::cli::{Cli, Shell};
use crate::report::Out;
use anyhow::Context;
use clap::CommandFactory;
use std::path::Path;

/// The completion script of a shell.
pub(super) fn completions(shell: Shell) -> Result<u8, Unshown> {
    let mut out = Out::stdout();
    out.line(completion_script(shell).trim_end())?;
    out.finish()?;
    Ok(0)
}

fn completion_script(shell: Shell) -> String {
    use clap_complete::Shell as Known;
    let mut script = Vec::new();
    let mut command = Cli::command();
    let mut generate = |known: Known| clap_complete::generate(known, &mut command, "remgate", &mut script);
    match shell {
        Shell::Bash => generate(Known::Bash),
        Shell::Zsh => generate(Known::Zsh),
        Shell::Fish => generate(Known::Fish),
        Shell::Elvish => generate(Known::Elvish),
        Shell::Powershell => generate(Known::PowerShell),
        Shell::Nushell => {
            clap_complete::generate(clap_complete_nushell::Nushell, &mut command, "remgate", &mut script);
        }
    }
    String::from_utf8_lossy(&script).into_owned()
}

/// The manual pages, one a verb, into a directory that exists.
pub(super) fn man(directory: &Path) -> Result<u8, Unshown> {
    let mut out = Out::stdout();
    // clap's own generator names a nested verb's page `remgate-log-show.1`, as git does.
    clap_mangen::generate_to(Cli::command(), directory)
        .with_context(|| format!("cannot write the manual pages into `{}`", directory.display()))
        .map_err(|error| Unshown::Other(error, crate::stop::OWN_FAILURE))?;
    out.line(format!("manual pages written to {}", directory.display()))?;
    out.finish()?;
    Ok(0)
}
