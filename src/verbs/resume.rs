//! `remgate resume`: runs what a request asked for, once it is approved.

use super::{carried, mode, pass, unheard};
use crate::case::{Approving, Call, DEFAULT_LIFETIME, Patience, StdinFrom};
use crate::cli::approvals::Resume;
use crate::house::House;
use crate::journal::ActionId;
use crate::report::{Messages, Voice, sanitize};
use crate::request::Request;
use crate::stop::{OWN_FAILURE, Stop};
use crate::verbs::Unshown;
use anyhow::Context;
use std::process::ExitCode;

pub(super) fn resume(options: &Resume) -> ExitCode {
    let messages = if options.json { Messages::Json } else { Messages::Text };
    let voice = Voice { messages, status_fd: options.status_fd };
    match call(options, voice) {
        Ok(call) => pass(&call),
        Err(unshown) => unheard(unshown, voice),
    }
}

/// The call that the request was made by, in the directory that it was made in.
fn call(options: &Resume, voice: Voice) -> Result<Call, Unshown> {
    let Some(id) = ActionId::parse(&options.id) else {
        let text = format!("`{}` is no id of a request", sanitize::text(&options.id));
        return Err(Unshown::Usage(text, vec!["`remgate pending` lists them".to_owned()]));
    };
    let house = House::look().map_err(Stop::from)?;
    let inbox = carried::inbox(&house)?;
    let votes = options.approval.iter().map(|text| carried::vote(text)).collect::<Result<Vec<_>, _>>()?;
    let request = carried::stored(&id, inbox.as_ref())?;
    carried::deliver(&votes, &id, inbox.as_ref())?;
    enter(&request)?;
    let patience = if options.no_wait { Patience::Leave } else { Patience::Wait };
    Ok(Call {
        action: request.action().map_err(|error| Stop::Request(id, error))?,
        mode: options.mode.map(mode),
        timeout: request.timeout(),
        ask_timeout: options.ask_timeout,
        reason: request.text("reason").map(str::to_owned),
        ticket: request.text("ticket").map(str::to_owned),
        approving: Approving {
            request: Some(Box::new(request)),
            patience,
            stdin: StdinFrom::Request,
            ..Approving::waiting(DEFAULT_LIFETIME)
        },
        voice,
    })
}

/// Goes to the directory of the request, whatever stands there now: that it is the same one is looked at later.
fn enter(request: &Request) -> Result<(), Unshown> {
    let Some(directory) = request.directory() else { return Ok(()) };
    let shown = sanitize::text(directory.as_os_str().as_encoded_bytes());
    std::env::set_current_dir(&directory)
        .with_context(|| {
            format!("cannot enter `{shown}`, where the request was made; the command was not started")
        })
        .map_err(|error| Unshown::Other(error, OWN_FAILURE))
}
