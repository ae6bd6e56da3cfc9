//! One file a verb: from parsed options to the rooms, and to an exit code.
//!
//! In: the process's argv. Out: its exit code. Never: judging, asking, recording or running in here.

mod approve;
mod approver;
mod carried;
mod cases;
mod coverage;
mod doctor;
mod explain;
mod generate;
mod log;
mod many;
mod pending;
mod prove;
mod request;
mod resume;
mod review;
mod rules;
mod setup;
mod shell;

use crate::actor::Mode;
use crate::case::{Approving, Call, Patience};
use crate::cli::approvals::Asking;
use crate::cli::{self, ActionArgs, Explain, ModeWord, Run, Verb};
use crate::command::Action;
use crate::house::House;
use crate::inbox::Kept;
use crate::journal::{ActionId, Closed, End};
use crate::layers::LoadError;
use crate::report::{self, Look, Messages, OutError, Voice, problem};
use crate::stop::{self, Stop};
use crate::{actor, gate, run};
use serde_json::json;
use std::ffi::OsString;
use std::process::ExitCode;

/// Everything the program does, from argv to exit code.
#[must_use]
pub fn main(argv: Vec<OsString>) -> ExitCode {
    if cli::shell_name::is_shell_name(&argv) {
        return shell::shell(argv.get(1..).unwrap_or_default());
    }
    let cli = match cli::parse(argv) {
        Ok(cli) => cli,
        Err(error) => return usage(&error),
    };
    match cli.verb {
        Verb::Run(options) => run_verb(options),
        Verb::Explain(options) => shown(explain::explain(&options)),
        Verb::Pending(options) => shown(pending::pending(&options)),
        Verb::Approve(options) => shown(approve::approve(&options)),
        Verb::Reject(options) => shown(approve::reject(&options)),
        Verb::Resume(options) => resume::resume(&options),
        Verb::Request { verb } => shown(request::request(&verb)),
        Verb::Review(options) => shown(review::review(&options)),
        Verb::Rules { verb } => shown(rules::rules(&verb)),
        Verb::Log { verb } => shown(log::log(&verb)),
        Verb::Approver { verb } => shown(approver::approver(&verb)),
        Verb::Doctor(options) if options.setup => shown(setup::setup(&options)),
        Verb::Doctor(options) => shown(doctor::doctor(&options)),
        Verb::Completions { shell } => shown(generate::completions(shell)),
        Verb::Man { directory } => shown(generate::man(&directory)),
    }
}

/// Help and version are answers; everything else that clap says is wrong usage.
fn usage(error: &clap::Error) -> ExitCode {
    // A reader who left is no reason to complain.
    let _ = error.print();
    let asked = [clap::error::ErrorKind::DisplayHelp, clap::error::ErrorKind::DisplayVersion];
    if asked.contains(&error.kind()) { ExitCode::SUCCESS } else { ExitCode::from(stop::USAGE) }
}

/// Why a verb that only shows something could not.
#[derive(Debug, thiserror::Error)]
pub(crate) enum Unshown {
    /// As when running.
    #[error(transparent)]
    Stop(#[from] Stop),
    /// Standard output.
    #[error(transparent)]
    Out(#[from] OutError),
    /// What the caller typed.
    #[error("{0}")]
    Usage(String, Vec<String>),
    /// What the gate will not do, with what to do instead and its exit code.
    #[error("{0}")]
    Refused(String, Vec<String>, u8),
    /// Anything else, with its exit code.
    #[error("{0:#}")]
    Other(anyhow::Error, u8),
}

fn shown(result: Result<u8, Unshown>) -> ExitCode {
    match result {
        Ok(code) => ExitCode::from(code),
        Err(Unshown::Out(error @ OutError::ReaderLeft)) => ExitCode::from(error.exit_code()),
        Err(Unshown::Out(error)) => {
            report::error(&error, &[]);
            ExitCode::from(error.exit_code())
        }
        Err(Unshown::Usage(text, help)) => {
            report::error(text, &help);
            ExitCode::from(stop::USAGE)
        }
        Err(Unshown::Refused(text, help, code)) => {
            report::error(text, &help);
            ExitCode::from(code)
        }
        Err(Unshown::Other(error, code)) => {
            report::error(format!("{error:#}"), &[]);
            ExitCode::from(code)
        }
        Err(Unshown::Stop(stop)) => stopped(&stop, Voice { messages: Messages::Text, status_fd: None }),
    }
}

/// Tells why an action was not even heard. A machine is told as a machine, on whichever channel it listens.
fn unheard(unshown: Unshown, voice: Voice) -> ExitCode {
    let (message, help, exit) = match &unshown {
        Unshown::Stop(stop) => return stopped(stop, voice),
        Unshown::Out(_) => return shown(Err(unshown)),
        Unshown::Usage(text, help) => (text.clone(), help.clone(), stop::USAGE),
        Unshown::Refused(text, help, code) => (text.clone(), help.clone(), *code),
        Unshown::Other(error, code) => (format!("{error:#}"), Vec::new(), *code),
    };
    tell_stopped(&message, &help, exit, voice);
    match voice.messages {
        Messages::Json => ExitCode::from(exit),
        Messages::Text => shown(Err(unshown)),
    }
}

fn run_verb(options: Run) -> ExitCode {
    let messages = if options.json { Messages::Json } else { Messages::Text };
    let voice = Voice { messages, status_fd: options.status_fd };
    let action = match action(options.action) {
        Ok(action) => action,
        Err(unshown) => return unheard(unshown, voice),
    };
    let approving = match approving(options.asking) {
        Ok(approving) => approving,
        Err(unshown) => return unheard(unshown, voice),
    };
    let call = Call {
        approving,
        action,
        mode: options.mode.map(mode),
        timeout: options.timeout,
        ask_timeout: options.ask_timeout,
        reason: options.reason,
        ticket: options.ticket,
        voice,
    };
    if call.mode == Some(Mode::Explain) {
        return shown(explain::show(&call.action, if options.json { Form::Json } else { Form::Text }));
    }
    pass(&call)
}

/// How the call has its approvals; those that it brings along are put into the inbox.
fn approving(asking: Asking) -> Result<Approving, Unshown> {
    let Asking { no_wait, approval, expires, break_glass, key } = asking;
    let votes = approval.iter().map(|text| carried::vote(text)).collect::<Result<Vec<_>, _>>()?;
    let patience = if no_wait { Patience::Leave } else { Patience::Wait };
    let approving = Approving { patience, break_glass, key, ..Approving::waiting(expires) };
    if votes.is_empty() {
        return Ok(approving);
    }
    let Some(id) = votes.iter().find_map(|(id, _)| id.clone()) else {
        let help = vec!["`remgate resume ID --approval FILE` takes it".to_owned()];
        return Err(Unshown::Usage("a bare signature does not say which request it is on".to_owned(), help));
    };
    let house = House::look().map_err(Stop::from)?;
    let inbox = carried::inbox(&house)?;
    let request = carried::stored(&id, inbox.as_ref())?;
    carried::deliver(&votes, &id, inbox.as_ref())?;
    Ok(Approving { request: Some(Box::new(request)), ..approving })
}

/// Takes a call through the gate, and ends as it ended.
fn pass(call: &Call) -> ExitCode {
    let house = match House::look().map_err(Stop::from) {
        Ok(house) => house,
        Err(stop) => return stopped(&stop, call.voice),
    };
    match gate::pass(call, &house) {
        Ok(closed) => {
            forget_kept(&closed, &house);
            run::end_like(closed.outcome())
        }
        Err(stop) => {
            let code = stopped(&stop, call.voice);
            // It ran, so its own end is the answer; the message above says what is missing.
            if let Stop::Unrecorded(_, outcome) = stop { run::end_like(&outcome) } else { code }
        }
    }
}

/// What was kept of standard input for a request that ran is of no use any more; it may hold secrets.
fn forget_kept(closed: &Closed, house: &House) {
    let started = !matches!(closed.outcome().end, End::NotStarted { .. });
    let id = ActionId::parse(closed.id()).filter(|_| started);
    if let (Some(id), Ok(state)) = (id, house.state()) {
        Kept::in_state(&state).forget(&id);
    }
}

/// In which form a verb shows something.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Form {
    Text,
    Json,
}

impl Form {
    pub(crate) fn of(output: crate::cli::Output) -> Self {
        if output.json { Form::Json } else { Form::Text }
    }
}

/// What to judge, from what was typed.
fn action(args: ActionArgs) -> Result<Action, Unshown> {
    match (args.text, args.command) {
        (Some(text), _) => Ok(Action::Shell(text.into())),
        (None, argv) if argv.is_empty() => Err(Unshown::Usage(
            "no command to run; nothing was started".to_owned(),
            vec!["remgate -- PROGRAM ARGUMENTS, or remgate -c TEXT".to_owned()],
        )),
        (None, argv) => Ok(Action::Argv(argv)),
    }
}

fn mode(word: ModeWord) -> Mode {
    match word {
        ModeWord::Interactive => Mode::Interactive,
        ModeWord::Wait => Mode::Wait,
        ModeWord::Deny => Mode::Deny,
        ModeWord::Explain => Mode::Explain,
    }
}

/// The event that says that nothing was judged.
fn tell_stopped(message: &str, help: &[String], exit: u8, voice: Voice) {
    voice.event(
        &json!({ "event": "stopped", "message": message, "help": help, "exit": exit, "from": "gate" }),
    );
}

/// Tells why nothing began.
fn stopped(stop: &Stop, voice: Voice) -> ExitCode {
    tell_stopped(&stop.to_string(), &stop.help(), stop.exit_code(), voice);
    if voice.messages == Messages::Json {
        return ExitCode::from(stop.exit_code());
    }
    if let Stop::Rules(error) = stop
        && let LoadError::Problems(refused) = error.as_ref()
    {
        let colour = match look_of_stderr().colour {
            report::Colour::On => problem::Colour::Ansi,
            report::Colour::Off => problem::Colour::Plain,
        };
        for file in refused {
            report::error_text(&problem::draw(&file.file, &file.problems, colour));
        }
    }
    report::error(report::sanitize::text(stop.to_string()), &stop.help());
    ExitCode::from(stop.exit_code())
}

/// How things look on standard output.
pub(crate) fn look_of_stdout() -> Look {
    look(&std::io::stdout())
}

fn look_of_stderr() -> Look {
    look(&std::io::stderr())
}

fn look(output: &impl std::io::IsTerminal) -> Look {
    let presence = if output.is_terminal() { actor::Presence::Present } else { actor::Presence::Absent };
    Look::choose(|name| std::env::var_os(name), presence)
}

/// Columns and rows of the terminal; without one as many as anybody may have.
pub(crate) fn screen_size() -> (usize, usize) {
    let size = console::Term::stdout().size_checked();
    size.map_or((usize::MAX, usize::MAX), |(rows, columns)| (usize::from(columns), usize::from(rows)))
}

/// Columns of the terminal, 80 where there is none.
pub(crate) fn columns() -> usize {
    console::Term::stdout().size_checked().map_or(80, |(_, columns)| usize::from(columns))
}

/// What `explain` was asked.
pub(crate) fn explained(options: &Explain) -> Result<Action, Unshown> {
    action(options.action.clone())
}
