//! The gate as a shell: `remgate-sh -c TEXT`.
//!
//! In: the words behind the name. Out: the text's own exit code, or the gate's. Never: a mode, time limit or reason - a
//! program that starts a shell has no place to say any, and a variable that did could soften what the rules ask.

use super::{Unshown, pass, shown};
use crate::case::{Approving, Call, DEFAULT_LIFETIME};
use crate::cli::shell_name::{self, Wanted};
use crate::command::Action;
use crate::report::question::DEFAULT_TIME_LIMIT;
use crate::report::{Messages, Out, Voice, sanitize};
use std::ffi::OsString;
use std::process::ExitCode;

pub(super) fn shell(words: &[OsString]) -> ExitCode {
    match shell_name::read(words) {
        Ok(Wanted::Text(text)) => pass(&Call {
            action: Action::Shell(text),
            mode: None,
            timeout: None,
            ask_timeout: DEFAULT_TIME_LIMIT,
            reason: None,
            ticket: None,
            approving: Approving::waiting(DEFAULT_LIFETIME),
            voice: Voice { messages: Messages::Text, status_fd: None },
        }),
        Ok(Wanted::Help) => shown(answer(shell_name::HELP)),
        // Programs that ask a shell for its version look for a name they know; this one is honest.
        Ok(Wanted::Version) => shown(answer(concat!("remgate-sh ", env!("CARGO_PKG_VERSION")))),
        Err(refused) => {
            let help = vec![sanitize::text(refused.help())];
            shown(Err(Unshown::Usage(sanitize::text(refused.to_string()), help)))
        }
    }
}

fn answer(text: &str) -> Result<u8, Unshown> {
    let mut out = Out::stdout();
    out.line(text)?;
    out.finish()?;
    Ok(0)
}
