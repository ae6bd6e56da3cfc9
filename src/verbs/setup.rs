//! `remgate doctor --setup`: what the accounts of this machine share, as commands, and with `--apply` done.
//!
//! What is printed is a script for bash: everything but the commands that are to do is a comment, so that
//! `remgate doctor --setup | sudo bash -e` and `--apply` come to the same.

use super::{Form, Unshown, look_of_stdout};
use crate::cli::{self, Output};
use crate::doctor::setup::{self, Ground, GroundError, State, Step};
use crate::report::{Look, Out, sanitize};
use crate::run;
use crate::stop::{OWN_FAILURE, USAGE};
use serde_json::{Value, json};

/// Something failed, or stands in the way.
const FAILED: u8 = 1;
/// `sysexits.h` EX_NOPERM.
const NOT_ROOT: u8 = 77;

pub(super) fn setup(options: &cli::Doctor) -> Result<u8, Unshown> {
    if options.apply {
        return apply(options);
    }
    let ground = look(options)?;
    let (steps, advice) = (setup::plan(&ground), setup::advice(&ground));
    let mut out = Out::stdout();
    match form(options) {
        Form::Json => out.line(json!({ "steps": all_json(&steps), "advice": all_json(&advice) }))?,
        Form::Text => script(&steps, &advice, look_of_stdout(), &mut out)?,
    }
    out.finish()?;
    let blocked = steps.iter().any(|step| matches!(step.state, State::Blocked { .. }));
    Ok(if blocked { FAILED } else { 0 })
}

fn form(options: &cli::Doctor) -> Form {
    Form::of(Output { json: options.json })
}

fn look(options: &cli::Doctor) -> Result<Ground, Unshown> {
    Ground::look(&options.member).map_err(|error| {
        let code = match error {
            GroundError::NoAccount(_) => USAGE,
            GroundError::NoDatabase(_) => OWN_FAILURE,
        };
        Unshown::Refused(error.to_string(), Vec::new(), code)
    })
}

fn all_json(steps: &[Step]) -> Value {
    let each = |step: &Step| {
        json!({
            "state": step.state.word(), "why": step.why, "command": step.command, "note": step.state.note(),
        })
    };
    steps.iter().map(each).collect()
}

fn script(steps: &[Step], advice: &[Step], look: Look, out: &mut Out) -> Result<(), Unshown> {
    let left = steps.iter().filter(|step| step.state != State::Done).count();
    let head = match left {
        0 => "# Everything is set up.".to_owned(),
        _ => format!("# {left} to do, as root, in bash; or at once: sudo remgate doctor --setup --apply"),
    };
    out.line(look.faint(&head))?;
    for step in steps {
        let comment = |text: String| look.faint(&format!("# {}", sanitize::text(text)));
        let (why, command) = (&step.why, &step.command);
        out.line("")?;
        match &step.state {
            State::Done => {
                out.line(comment(format!("{why} (done)")))?;
                out.line(comment(command.clone()))?;
            }
            State::ToDo => {
                out.line(comment(why.clone()))?;
                out.line(sanitize::text(command))?;
            }
            State::Unseen { cause } => {
                out.line(comment(format!("{why} (this account cannot look: {cause}; it may be done)")))?;
                out.line(sanitize::text(command))?;
            }
            State::Blocked { why: stands } => {
                out.line(comment(format!("{why} - NOT POSSIBLE: {stands}")))?;
                out.line(comment(command.clone()))?;
            }
        }
    }
    if !advice.is_empty() {
        out.line(look.faint("\n# What only people can decide:"))?;
    }
    for step in advice {
        out.line(look.faint(&format!("#   {}", step.command)))?;
        out.line(look.faint(&format!("#       {}", step.why)))?;
    }
    Ok(())
}

/// What became of `--apply`.
struct Applied {
    commands: Vec<String>,
    failed: Option<String>,
    left: Vec<Step>,
}

fn apply(options: &cli::Doctor) -> Result<u8, Unshown> {
    // Both: a gate that is set-user-ID root must not do this for whoever calls it.
    if !(rustix::process::getuid().is_root() && rustix::process::geteuid().is_root()) {
        let text = "only root can set up what accounts share; nothing was changed".to_owned();
        let help = vec!["call it as root: sudo remgate doctor --setup --apply".to_owned()];
        return Err(Unshown::Refused(text, help, NOT_ROOT));
    }
    let mut out = Out::stdout();
    let applied = carry_out(options, &mut out)?;
    if form(options) == Form::Json {
        out.line(json!({
            "applied": applied.commands, "failed": applied.failed, "steps": all_json(&applied.left),
        }))?;
    }
    out.finish()?;
    let Some(why) = applied.failed else { return Ok(0) };
    let count = applied.commands.len();
    let text = format!("{why}; {count} done before it, and nothing after it");
    let help = vec!["`remgate doctor --setup` shows what is left".to_owned()];
    Err(Unshown::Refused(text, help, FAILED))
}

/// Does the first step that is not done, and looks again, until all are. The look between keeps a step from being taken
/// on what stood there before the one that shut others out: a link in place of a shard, say.
fn carry_out(options: &cli::Doctor, out: &mut Out) -> Result<Applied, Unshown> {
    let mut commands: Vec<String> = Vec::new();
    loop {
        let ground = look(options)?;
        let steps = setup::plan(&ground);
        let ended = |failed, commands, left| Ok(Applied { commands, failed, left });
        let Some(step) = steps.iter().find(|step| step.state != State::Done) else {
            if form(options) == Form::Text {
                let all = if commands.is_empty() {
                    "everything was set up already"
                } else {
                    "everything is set up"
                };
                out.line(all)?;
                for step in setup::advice(&ground) {
                    out.line(format!("next: {}\n      {}", step.command, step.why))?;
                }
            }
            return ended(None, commands, steps);
        };
        if let Err(why) = take(step, &commands) {
            return ended(Some(sanitize::text(why)), commands, steps);
        }
        if form(options) == Form::Text {
            out.line(format!("done: {}", sanitize::text(&step.command)))?;
            out.flush()?;
        }
        commands.push(step.command.clone());
    }
}

fn take(step: &Step, before: &[String]) -> Result<(), String> {
    let command = &step.command;
    match &step.state {
        State::Done => return Ok(()),
        State::Blocked { why } => return Err(format!("`{command}` is not possible: {why}")),
        State::Unseen { cause } => {
            return Err(format!("whether `{command}` is done cannot be seen: {cause}"));
        }
        State::ToDo => {}
    }
    if before.contains(command) {
        return Err(format!("`{command}` ended well and changed nothing"));
    }
    run::step(command).map_err(|error| format!("`{command}` failed: {error}"))
}
