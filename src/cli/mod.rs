//! The command line: what may be typed, with its help.
//!
//! In: the process's argv. Out: a [`Cli`]. Never: a decision - a bare prefix (`remgate kubectl ...`) is only rewritten
//! into `remgate run -- kubectl ...`, so that one definition serves both.

pub mod approvals;
mod approver;
mod prefix;
pub mod shell_name;

pub use approver::{Approver, ApproverAdd, ApproverRemove};
pub use prefix::parse;

use clap::{Args, Parser, Subcommand, ValueEnum, ValueHint};
use std::ffi::OsString;
use std::path::PathBuf;
use std::time::Duration;

/// The shape of the bare prefix, shown above the verbs.
const USAGE: &str = "remgate [OPTIONS] [--] PROGRAM [ARGUMENTS]...
       remgate VERB [OPTIONS]";

// Lines of examples stay below 70 columns: manual pages fill longer ones, and the columns are lost.
const EXAMPLES: &str = "\
Examples:
  remgate kubectl rollout restart deploy/web -n shop
      judge it, run it, keep a record
  remgate explain -- terraform destroy
      say what would happen, run nothing
  remgate --mode deny -- systemctl restart nginx
      in a script: never wait for anybody
  remgate -- log show
      run a program called `log`
  remgate log show
      show the record of what ran

A bare PROGRAM means `run`; options of `run` may stand before it.
Use `--` before a PROGRAM whose name is a verb.

Exit codes:
  the command's own, also when a signal ended it
  64   wrong usage; nothing ran
  75   an approval is needed and nobody gave it; nothing ran
  77   denied; nothing ran
  78   the rules have problems; nothing ran
  124  --timeout ended the command
  125  the gate failed; nothing ran
  126  the program cannot be executed
  127  the program was not found";

/// A gate in front of remediation commands: judge, ask, record, run, record.
#[derive(Clone, Debug, Parser)]
#[command(
    name = "remgate",
    version,
    override_usage = USAGE,
    after_help = EXAMPLES,
    disable_help_subcommand = true,
    arg_required_else_help = true,
    max_term_width = 100
)]
pub struct Cli {
    /// What to do.
    #[command(subcommand)]
    pub verb: Verb,
}

/// Every verb.
#[derive(Clone, Debug, Subcommand)]
pub enum Verb {
    /// Judge a command, ask who must be asked, run it, and record both.
    #[command(after_help = "\
Examples:
  remgate run -- kubectl -n shop rollout restart deploy/web
  remgate run --reason 'INC-42' --timeout 2m -- systemctl restart web
  remgate run --mode deny -- kubectl delete namespace prod
  remgate run --no-wait --json -- terraform apply plan.out
      leave a request for approval; `remgate resume ID` runs it later
  remgate run --approval alice.txt -- kubectl delete namespace prod
  remgate run --break-glass 'site is down' -- kubectl drain node-3

The command sees the same terminal, pipes, signals and exit codes as without the gate.")]
    Run(Run),
    /// Say how a command would be judged, and what would lower the verdict; run and record nothing.
    #[command(after_help = "\
Examples:
  remgate explain -- kubectl delete pod web-0 -n shop
  remgate explain --json -- rm -rf build | jq .verdict
  remgate explain --jsonl < commands.jsonl > judged.jsonl

With --jsonl every line of standard input is a JSON object with `command` (a shell text) or
`argv` (a list of words), and is answered with one line: `line`, its `id` if it has one, and
what --json shows, or `error`. Exit code 64 if a line named no command.")]
    Explain(Explain),
    /// Show the requests that wait for approval, or everything about one.
    #[command(after_help = "\
Examples:
  remgate pending
  remgate pending --watch
  remgate pending 7f3k2m9qv0ab
  remgate pending --json | jq -r '.[].id'")]
    Pending(approvals::Pending),
    /// Look at a request, and sign that it may run, once and exactly so.
    #[command(after_help = "\
Examples:
  remgate approve 7f3k2m9qv0ab
      shows it, wants a code typed, signs with a key of the ssh-agent
  remgate approve 7f3k2m9qv0ab --key ~/.ssh/id_ed25519_sk
  remgate approve -
      takes the text of `remgate request export` on another machine,
      and answers with a text
  remgate approve 7f3k2m9qv0ab --print
      the ssh-keygen command that signs;
      then --signature FILE takes what it made

The people that count are listed by `remgate approver list`.")]
    Approve(approvals::Approve),
    /// Refuse a request for good, signed.
    #[command(after_help = "Example:\n  remgate reject 7f3k2m9qv0ab --reason 'wrong cluster'")]
    Reject(approvals::Reject),
    /// Run what a request asked for, once it is approved; everything is judged and compared again before.
    #[command(after_help = "\
Examples:
  remgate resume 7f3k2m9qv0ab
  remgate resume 7f3k2m9qv0ab --approval alice.sig --approval bob.sig
  remgate resume 7f3k2m9qv0ab --no-wait || test $? -eq 75

What is not as it was approved is named, field by field, and nothing runs. An approval runs
a command once.")]
    Resume(approvals::Resume),
    /// Carry requests and approvals between machines.
    Request {
        /// What to do.
        #[command(subcommand)]
        verb: approvals::RequestVerb,
    },
    /// List the runs without approval (--break-glass) that are owed a review, or sign one off.
    #[command(after_help = "\
Examples:
  remgate review
  remgate review 7f3k2m9qv0ab --finding 'right call, see INC-42'

Somebody else than the one who ran it must review. Too many that are owed block the next.")]
    Review(approvals::Review),
    /// Check, show or begin rule files.
    Rules {
        /// What to do with them.
        #[command(subcommand)]
        verb: Rules,
    },
    /// Read or verify the record.
    Log {
        /// What to do with it.
        #[command(subcommand)]
        verb: Log,
    },
    /// Say who may approve: list people with their keys, take them off, prove the list.
    Approver {
        /// What to do with the list.
        #[command(subcommand)]
        verb: Approver,
    },
    /// Say how far this installation enforces, and what is wrong with it; or set up a shared inbox.
    #[command(after_help = "\
Examples:
  remgate doctor
  remgate doctor --json \\
      | jq '.findings[] | select(.level == \"fail\")'
  remgate doctor --setup
      print what makes an inbox that accounts of this machine share
  sudo remgate doctor --setup --apply --member alice --member bob
      calls them, one after the other, up to the first that fails

Exit codes:
  0   nothing fails; with --apply, everything is set up
  1   something fails
  77  --apply without root; nothing was changed")]
    Doctor(Doctor),
    /// Print the completion script of a shell.
    #[command(
        after_help = "Example:\n  remgate completions bash \\\n      > ~/.local/share/bash-completion/completions/remgate"
    )]
    Completions {
        /// The shell.
        shell: Shell,
    },
    /// Write the manual pages into a directory.
    #[command(after_help = "Example:\n  remgate man ~/.local/share/man/man1")]
    Man {
        /// An existing directory.
        #[arg(value_hint = ValueHint::DirPath)]
        directory: PathBuf,
    },
}

/// Options of `run`.
#[derive(Clone, Debug, Args)]
pub struct Run {
    /// How to meet a demand for a human; only a stricter mode than the detected one is accepted.
    #[arg(long, value_name = "MODE")]
    pub mode: Option<ModeWord>,
    /// End the command and everything it started after this long (`90s`, `5m`, `1h30m`).
    #[arg(long, value_name = "DURATION", value_parser = duration)]
    pub timeout: Option<Duration>,
    /// How long the question stays open, or approvals are waited for.
    #[arg(long, value_name = "DURATION", value_parser = duration, default_value = "5m")]
    pub ask_timeout: Duration,
    /// Why; kept in the record, and required by some rules.
    #[arg(long, value_name = "TEXT", value_parser = said)]
    pub reason: Option<String>,
    /// The incident or change this belongs to; kept in the record, and required by some rules.
    #[arg(long, value_name = "ID", value_parser = said)]
    pub ticket: Option<String>,
    /// Print the gate's own messages as JSON lines on standard error.
    #[arg(long)]
    pub json: bool,
    /// Write what became of the action as JSON lines to this file descriptor.
    #[arg(long, value_name = "N")]
    pub status_fd: Option<i32>,
    /// How approvals are had.
    #[command(flatten)]
    pub asking: approvals::Asking,
    /// What to run.
    #[command(flatten)]
    pub action: ActionArgs,
}

/// What to judge: one argv, or one shell text.
#[derive(Clone, Debug, Args)]
#[group(required = true, multiple = false)]
pub struct ActionArgs {
    /// A shell text; every command in it is judged.
    #[arg(short = 'c', value_name = "TEXT", allow_hyphen_values = true)]
    pub text: Option<OsString>,
    /// The command and its arguments.
    #[arg(value_name = "PROGRAM", trailing_var_arg = true)]
    #[arg(value_hint = ValueHint::CommandWithArguments)]
    pub command: Vec<OsString>,
}

/// Options of `explain`.
#[derive(Clone, Debug, Args)]
pub struct Explain {
    /// Print one JSON object.
    #[arg(long, conflicts_with = "jsonl")]
    pub json: bool,
    /// Explain every JSON line of standard input, one line each.
    #[arg(long, group = "ActionArgs")]
    pub jsonl: bool,
    /// What to explain.
    #[command(flatten)]
    pub action: ActionArgs,
}

/// How to print.
#[derive(Clone, Copy, Debug, Args)]
pub struct Output {
    /// Print JSON.
    #[arg(long)]
    pub json: bool,
}

/// Options of `doctor`.
#[derive(Clone, Debug, Args)]
pub struct Doctor {
    /// Print JSON.
    #[arg(long)]
    pub json: bool,
    /// Print the commands that set up what the accounts of this machine share, as a script; what is done is marked so.
    #[arg(long)]
    pub setup: bool,
    /// Call those commands; as root.
    #[arg(long, requires = "setup")]
    pub apply: bool,
    /// An account that asks or approves on this machine; may be given several times.
    #[arg(long, value_name = "USER", value_hint = ValueHint::Username, requires = "setup")]
    pub member: Vec<String>,
}

/// Verbs about rules.
#[derive(Clone, Debug, Subcommand)]
pub enum Rules {
    /// Prove every rule file, its examples, and every cell of the decision table.
    #[command(
        after_help = "Examples:\n  remgate rules check\n  remgate rules check new-rules.toml\n      as if it were a user file"
    )]
    Check {
        /// Print JSON.
        #[arg(long)]
        json: bool,
        /// Files to check as user files, instead of the layers in force.
        #[arg(value_hint = ValueHint::FilePath)]
        files: Vec<PathBuf>,
    },
    /// Show the rules in force, or the decision table.
    #[command(
        after_help = "Examples:\n  remgate rules show kubectl\n  remgate rules show --table\n  remgate rules show --markdown > packs.md"
    )]
    Show {
        /// Draw the decision table.
        #[arg(long)]
        table: bool,
        /// Print what the built-in packs know, as a page of Markdown.
        #[arg(long, conflicts_with_all = ["table", "json", "program"])]
        markdown: bool,
        /// Print JSON.
        #[arg(long)]
        json: bool,
        /// Only rules about this program.
        #[arg(value_hint = ValueHint::CommandName)]
        program: Option<String>,
    },
    /// Hold every example, every near-miss, and cases of your own against the rules.
    #[command(after_help = "\
Examples:
  remgate rules test
      the layers in force, and *.cases beside them
  remgate rules test shop.toml shop.cases
      as if shop.toml were the only user file
  remgate rules test shop.cases
      these cases, by the layers in force

A case names a command and what is expected of it; see docs/rules.md, `Cases`.

Exit codes:
  0   everything holds
  1   a case does not
  78  a file has problems")]
    Test {
        /// Print JSON.
        #[arg(long)]
        json: bool,
        /// Case files (*.cases), and rule files to use instead of the layers in force.
        #[arg(value_hint = ValueHint::FilePath)]
        files: Vec<PathBuf>,
    },
    /// Say which programs, operations and options of real commands no rule knows, most frequent first.
    #[command(after_help = "\
Examples:
  remgate rules coverage commands.jsonl
  jq -c '{command: .}' history.json | remgate rules coverage

Each line is a JSON object with `command` (a shell text) or `argv` (a list of words), as
`remgate explain --jsonl` takes them.")]
    Coverage {
        /// Print JSON.
        #[arg(long)]
        json: bool,
        /// How many rows of each list.
        #[arg(long, value_name = "N", default_value_t = 20)]
        limit: usize,
        /// JSON lines; `-` is standard input.
        #[arg(default_value = "-", value_hint = ValueHint::FilePath)]
        file: PathBuf,
    },
    /// Write a commented starter file from the tools found on this machine.
    #[command(
        after_help = "Examples:\n  remgate rules init           into the user's rule directory\n  remgate rules init --print   only show it"
    )]
    Init {
        /// Print it instead.
        #[arg(long)]
        print: bool,
        /// Overwrite an existing file.
        #[arg(long)]
        force: bool,
    },
}

/// Verbs about the record.
#[derive(Clone, Debug, Subcommand)]
pub enum Log {
    /// Show what ran, what did not, and who was asked.
    #[command(after_help = "\
Examples:
  remgate log show --since 2h --verdict confirm
  remgate log show --tool kubectl --json | jq .argv
  remgate log show --follow")]
    Show(LogShow),
    /// Verify the whole chain.
    #[command(after_help = "\
Examples:
  remgate log verify --checkpoint /mnt/elsewhere/remgate.checkpoint
  remgate log verify --anchor /mnt/elsewhere/remgate.checkpoint

Exit codes:
  0  whole and anchored
  1  tampered
  2  cannot be read
  3  whole, but unanchored, torn, orphaned or empty")]
    Verify(LogVerify),
}

/// Options of `log show`.
#[derive(Clone, Debug, Args)]
pub struct LogShow {
    /// From then on: a time (`2026-11-21T08:00:00Z`), a day (`2026-11-21`) or an age (`2h`).
    #[arg(long, value_name = "WHEN")]
    pub since: Option<String>,
    /// Up to then.
    #[arg(long, value_name = "WHEN")]
    pub until: Option<String>,
    /// Only this actor: a login name, `human`, `agent` or `ci`.
    #[arg(long)]
    pub actor: Option<String>,
    /// Only this tool.
    #[arg(long)]
    pub tool: Option<String>,
    /// Only this verdict: run, confirm, two-person or deny.
    #[arg(long)]
    pub verdict: Option<String>,
    /// Only this action.
    #[arg(long)]
    pub id: Option<String>,
    /// Only the latest N actions.
    #[arg(long, value_name = "N")]
    pub last: Option<usize>,
    /// Print the records as JSON lines.
    #[arg(long)]
    pub json: bool,
    /// Keep printing as records arrive.
    #[arg(long, short)]
    pub follow: bool,
}

/// Options of `log verify`.
#[derive(Clone, Debug, Args)]
pub struct LogVerify {
    /// A checkpoint kept elsewhere that the log must contain; may be given several times.
    #[arg(long, value_name = "FILE", value_hint = ValueHint::FilePath)]
    pub anchor: Vec<PathBuf>,
    /// Write the checkpoint of the log as it is now.
    #[arg(long, value_name = "FILE", value_hint = ValueHint::FilePath)]
    pub checkpoint: Option<PathBuf>,
    /// Print JSON.
    #[arg(long)]
    pub json: bool,
}

/// Modes, from lenient to strict.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum ModeWord {
    /// Ask at the terminal.
    Interactive,
    /// Wait for approvals from elsewhere.
    Wait,
    /// Refuse what needs a human.
    Deny,
    /// Only say what would happen.
    Explain,
}

/// Shells with a completion script.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
#[expect(missing_docs, reason = "the names of shells")]
pub enum Shell {
    Bash,
    Zsh,
    Fish,
    Elvish,
    Powershell,
    Nushell,
}

/// Words that say something: `--reason ''` would meet a rule's demand for a reason and give none.
fn said(text: &str) -> Result<String, String> {
    match text.trim() {
        "" => Err("it says nothing".to_owned()),
        text => Ok(text.to_owned()),
    }
}

/// Reads `90s`, `5m`, `1h30m`, or a bare number of seconds.
pub(crate) fn duration(text: &str) -> Result<Duration, String> {
    let wrong = || format!("`{text}` is not a duration like `90s`, `5m` or `1h30m`");
    let mut total = Duration::ZERO;
    let mut rest = text;
    while !rest.is_empty() {
        let digits = rest.len().saturating_sub(rest.trim_start_matches(|c: char| c.is_ascii_digit()).len());
        let (number, unit) = rest.split_at_checked(digits).ok_or_else(wrong)?;
        let number: u64 = number.parse().map_err(|_| wrong())?;
        let letters = unit.find(|c: char| c.is_ascii_digit()).unwrap_or(unit.len());
        let (unit, later) = unit.split_at_checked(letters).ok_or_else(wrong)?;
        let seconds = match unit {
            "" | "s" => 1,
            "m" => 60,
            "h" => 3_600,
            "d" => 86_400,
            _ => return Err(wrong()),
        };
        let part = number.checked_mul(seconds).map(Duration::from_secs).ok_or_else(wrong)?;
        total = total.checked_add(part).ok_or_else(wrong)?;
        rest = later;
    }
    if total.is_zero() { Err(format!("`{text}` is no time at all")) } else { Ok(total) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_command_line_is_well_formed() {
        use clap::CommandFactory;
        Cli::command().debug_assert();
    }

    #[test]
    fn durations() {
        assert_eq!(duration("1h30m"), Ok(Duration::from_secs(5400)));
        assert_eq!(duration("90"), Ok(Duration::from_secs(90)));
        for wrong in ["", "0", "m", "5x", "-1s", "99999999999999999999", "18446744073709551615d", "1.5h"] {
            assert!(duration(wrong).is_err(), "{wrong}");
        }
    }
}
