//! One file a verb: from parsed options to the rooms, and to an exit code.
//!
//! In: the process's argv. Out: its exit code. Never: judging, asking, recording or running in here.

mod approver;
mod cases;
mod coverage;
mod doctor;
mod explain;
mod generate;
mod log;
mod many;
mod rules;
mod shell;

use crate::actor::Mode;
use crate::case::Call;
use crate::cli::{self, ActionArgs, Explain, ModeWord, Run, Verb};
use crate::command::Action;
use crate::house::House;
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
        Verb::Rules { verb } => shown(rules::rules(&verb)),
        Verb::Log { verb } => shown(log::log(&verb)),
        Verb::Approver { verb } => shown(approver::approver(&verb)),
        Verb::Doctor(output) => shown(doctor::doctor(output)),
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
        Err(Unshown::Other(error, code)) => {
            report::error(format!("{error:#}"), &[]);
            ExitCode::from(code)
        }
        Err(Unshown::Stop(stop)) => stopped(&stop, Messages::Text),
    }
}

fn run_verb(options: Run) -> ExitCode {
    let action = match action(options.action) {
        Ok(action) => action,
        Err(unshown) => return shown(Err(unshown)),
    };
    let messages = if options.json { Messages::Json } else { Messages::Text };
    let call = Call {
        action,
        mode: options.mode.map(mode),
        timeout: options.timeout,
        ask_timeout: options.ask_timeout,
        reason: options.reason,
        ticket: options.ticket,
        voice: Voice { messages, status_fd: options.status_fd },
    };
    if call.mode == Some(Mode::Explain) {
        return shown(explain::show(&call.action, if options.json { Form::Json } else { Form::Text }));
    }
    pass(&call)
}

/// Takes a call through the gate, and ends as it ended.
fn pass(call: &Call) -> ExitCode {
    let passed = House::look().map_err(Stop::from).and_then(|house| gate::pass(call, &house));
    match passed {
        Ok(closed) => run::end_like(closed.outcome()),
        Err(stop) => {
            let code = stopped(&stop, call.voice.messages);
            // It ran, so its own end is the answer; the message above says what is missing.
            if let Stop::Unrecorded(_, outcome) = stop { run::end_like(&outcome) } else { code }
        }
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

/// Tells why nothing began.
fn stopped(stop: &Stop, messages: Messages) -> ExitCode {
    if messages == Messages::Json {
        let event = json!({
            "event": "stopped", "message": stop.to_string(), "help": stop.help(), "exit": stop.exit_code(), "from": "gate",
        });
        report::error_line(&event);
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

/// Columns of the terminal, 80 where there is none.
pub(crate) fn columns() -> usize {
    console::Term::stdout().size_checked().map_or(80, |(_, columns)| usize::from(columns))
}

/// What `explain` was asked.
pub(crate) fn explained(options: &Explain) -> Result<Action, Unshown> {
    action(options.action.clone())
}
