//! What an approval binds of the world besides words and rules: directory, standard input, files.
//!
//! In: a [`Case`]. Out: a [`World`] that can be written into a request, looked at again, and given to a plan. Never: a
//! second reading of standard input - what was read for the request is what the command gets.

use super::{Case, StdinFrom, told};
use crate::bind::{self, Directory, Files, Nothing, Started, Stdin};
use crate::command::Action;
use crate::house::House;
use crate::inbox::Kept;
use crate::journal::ActionId;
use crate::request::Request;
use crate::run::Plan;
use crate::stop::Stop;
use serde_json::{Map, Value, json};
use std::ffi::OsString;

/// More is on no standard input that can be approved, in bytes.
const STDIN_BYTES: u64 = 64 << 20;

/// The world as an action finds it.
#[derive(Debug)]
pub(super) struct World {
    directory: Directory,
    /// None of it where a human is asked at the terminal: the command reads it as it comes.
    stdin: Option<Stdin>,
    files: Files,
}

impl World {
    /// Looks around, and reads standard input to its end.
    pub(super) fn look(case: &Case) -> Result<Self, Stop> {
        let patience = bind::Patience::of(&case.judgement);
        let stdin = Stdin::capture(patience, |captured| told::reading(case, captured))?;
        Self::with(case, Some(stdin))
    }

    /// Looks around, and leaves standard input to the command.
    pub(super) fn around(case: &Case) -> Result<Self, Stop> {
        Self::with(case, None)
    }

    /// Looks around for a request that was made before. Whoever calls `resume` has another standard input; the command
    /// gets the one that was approved.
    pub(super) fn of_request(case: &Case, request: &Request) -> Result<Self, Stop> {
        if case.call.approving.stdin == StdinFrom::Call {
            return Self::look(case);
        }
        let kept = Kept::in_state(&case.house.state()?);
        let bytes = kept.read(request.id(), STDIN_BYTES)?.unwrap_or_default();
        Self::with(case, Some(Stdin::from_bytes(&bytes)?))
    }

    fn with(case: &Case, stdin: Option<Stdin>) -> Result<Self, Stop> {
        let directory = Directory::current(&case.house.cwd)?;
        Ok(Self { directory, stdin, files: files(case)? })
    }

    /// Looks around again, with the same standard input.
    pub(super) fn again(self, case: &Case) -> Result<Self, Stop> {
        Self::with(case, self.stdin)
    }

    /// What whoever asks should know of its standard input: that the command will not get what they may mean it to.
    pub(super) fn withheld(&self) -> Option<String> {
        match &self.stdin {
            Some(Stdin::Nothing(why @ (Nothing::Terminal | Nothing::Silent))) => Some(why.to_string()),
            Some(Stdin::Nothing(Nothing::Null | Nothing::Empty) | Stdin::Bytes(_)) | None => None,
        }
    }

    /// The fields of a request.
    pub(super) fn to_json(&self) -> Map<String, Value> {
        let fields = json!({
            "cwd": self.directory.to_json(),
            "stdin": self.stdin.as_ref().map(Stdin::to_json),
            "files": self.files.to_json(),
            "unbound": self.files.unbound_to_json(),
        });
        fields.as_object().cloned().unwrap_or_default()
    }

    /// Keeps standard input for whoever resumes the request.
    pub(super) fn keep(&self, id: &ActionId, house: &House) -> Result<(), Stop> {
        match &self.stdin {
            Some(Stdin::Nothing(_)) | None => Ok(()),
            Some(Stdin::Bytes(bytes)) => {
                let kept = Kept::in_state(&house.state()?);
                Ok(kept.keep(id, &bytes.to_vec()?)?)
            }
        }
    }

    /// What is handed over, for the record: standard input, and each file with how it is held.
    pub(super) fn told(&self) -> Map<String, Value> {
        let mut fields = self.to_json();
        fields.retain(|name, value| ["stdin", "files"].contains(&name.as_str()) && !value.is_null());
        fields
    }

    /// Hands the approved bytes to what will be started; what it opens by name is compared once more before.
    pub(super) fn given_to(&self, plan: Plan, action: &Action) -> Result<Plan, Stop> {
        let stdin = self.stdin.as_ref().map(Stdin::descriptor).transpose()?;
        let handed = self.files.hand_over(&argv(&plan, action).unwrap_or_default())?;
        Ok(Plan { stdin, handed, recheck: self.files.to_recheck(), ..plan })
    }
}

/// The files that the words of an action name.
fn files(case: &Case) -> Result<Files, Stop> {
    let argv = case.plan.as_ref().ok().and_then(|plan| argv(plan, &case.call.action));
    let started = argv.as_deref().map_or(Started::Bash, Started::Argv);
    Ok(Files::look(&case.judgement, started, &case.house.cwd)?)
}

/// The words that are started; `None` where bash reads a text.
fn argv(plan: &Plan, action: &Action) -> Option<Vec<OsString>> {
    match action {
        Action::Shell(shell) if plan.args == shell.arguments() => None,
        Action::Argv(_) | Action::Shell(_) => {
            Some(std::iter::once(&plan.arg0).chain(&plan.args).cloned().collect())
        }
    }
}
