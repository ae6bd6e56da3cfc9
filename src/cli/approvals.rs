//! The verbs around approvals.

use super::{ModeWord, duration, said};
use clap::{Args, Subcommand, ValueHint};
use std::path::PathBuf;
use std::time::Duration;

/// How approvals of a new action are had.
#[derive(Clone, Debug, Args)]
pub struct Asking {
    /// Do not wait for approvals: leave a request, print its id, and exit 75.
    #[arg(long)]
    pub no_wait: bool,
    /// An approval of the request that this same command left before: its text, a file, or `-` for standard input; may
    /// be given several times.
    #[arg(long, value_name = "TEXT|FILE")]
    pub approval: Vec<String>,
    /// How long a new request can be approved and used, at most 7d.
    #[arg(long, value_name = "DURATION", value_parser = lifetime, default_value = "1h")]
    pub expires: Duration,
    /// Run it without the people it takes, and owe a review; for a human at a terminal, never against `deny`.
    #[arg(long, value_name = "REASON", value_parser = said, conflicts_with_all = ["no_wait", "approval"])]
    pub break_glass: Option<String>,
    /// The key that signs for --break-glass, instead of one from the ssh-agent.
    #[arg(long, value_name = "FILE", value_hint = ValueHint::FilePath, requires = "break_glass")]
    pub key: Option<PathBuf>,
}

/// A request that lives for ever is an approval that somebody forgot.
fn lifetime(text: &str) -> Result<Duration, String> {
    let lifetime = duration(text)?;
    let most = Duration::from_secs(7 * 86_400);
    if lifetime > most { Err("a request lives 7 days at most".to_owned()) } else { Ok(lifetime) }
}

/// Options of `pending`.
#[derive(Clone, Debug, Args)]
pub struct Pending {
    /// Show everything about this request.
    pub id: Option<String>,
    /// Keep the table on the screen, and draw it anew as it changes.
    #[arg(long, conflicts_with_all = ["json", "id"])]
    pub watch: bool,
    /// List requests that were used, rejected or have expired, too.
    #[arg(long, conflicts_with = "id")]
    pub all: bool,
    /// Print JSON.
    #[arg(long)]
    pub json: bool,
}

/// Options of `approve`.
#[derive(Clone, Debug, Args)]
pub struct Approve {
    /// The request: its id, the text of `remgate request export`, a file that holds it, or `-` for standard input.
    #[arg(value_name = "ID|TEXT|FILE|-")]
    pub request: String,
    /// Sign with this key instead of one from the ssh-agent; a public key stands for the private one in the agent.
    #[arg(long, value_name = "FILE", value_hint = ValueHint::FilePath)]
    pub key: Option<PathBuf>,
    /// Sign nothing; print the `ssh-keygen` command that does, with the key of --key where there is one.
    #[arg(long)]
    pub print: bool,
    /// Take a signature that was made elsewhere, by the command that --print shows.
    #[arg(long, value_name = "FILE", value_hint = ValueHint::FilePath, conflicts_with_all = ["key", "print"])]
    pub signature: Option<PathBuf>,
    /// Print JSON.
    #[arg(long)]
    pub json: bool,
}

/// Options of `reject`.
#[derive(Clone, Debug, Args)]
pub struct Reject {
    /// The request: its id, the text of `remgate request export`, a file that holds it, or `-` for standard input.
    #[arg(value_name = "ID|TEXT|FILE|-")]
    pub request: String,
    /// Why; whoever asked is told.
    #[arg(long, value_name = "TEXT", value_parser = said)]
    pub reason: String,
    /// Sign with this key instead of one from the ssh-agent.
    #[arg(long, value_name = "FILE", value_hint = ValueHint::FilePath)]
    pub key: Option<PathBuf>,
    /// Print JSON.
    #[arg(long)]
    pub json: bool,
}

/// Options of `resume`.
#[derive(Clone, Debug, Args)]
pub struct Resume {
    /// The request, as `run` or `pending` showed it.
    pub id: String,
    /// How to meet a demand for a human; only a stricter mode than the detected one is accepted.
    #[arg(long, value_name = "MODE")]
    pub mode: Option<ModeWord>,
    /// Do not wait for approvals: exit 75 where they are not there yet.
    #[arg(long)]
    pub no_wait: bool,
    /// How long to wait for approvals.
    #[arg(long, value_name = "DURATION", value_parser = duration, default_value = "5m")]
    pub ask_timeout: Duration,
    /// An approval that was given elsewhere: its text, a file (also a bare signature), or `-` for standard input; may be
    /// given several times.
    #[arg(long, value_name = "TEXT|FILE")]
    pub approval: Vec<String>,
    /// Print the gate's own messages as JSON lines on standard error.
    #[arg(long)]
    pub json: bool,
    /// Write what became of the action as JSON lines to this file descriptor.
    #[arg(long, value_name = "N")]
    pub status_fd: Option<i32>,
}

/// Verbs about requests as texts.
#[derive(Clone, Debug, Subcommand)]
pub enum RequestVerb {
    /// Print a request as one text that travels by chat or mail, for `remgate approve` elsewhere.
    #[command(after_help = "\
Examples:
  remgate request export 7f3k2m9qv0ab
  remgate request export 7f3k2m9qv0ab --qr
  ssh db-1 remgate request export 7f3k2m9qv0ab \\
      | remgate approve - \\
      | ssh db-1 remgate request import -
      on the approver's machine; it asks at the terminal there

It holds the whole command. Where that names a secret, so does the text.")]
    Export {
        /// The request.
        id: String,
        /// Draw it as a QR code.
        #[arg(long)]
        qr: bool,
    },
    /// Print the exact bytes that approvers sign.
    #[command(after_help = "\
Example:
  remgate request show 7f3k2m9qv0ab \\
      | ssh-keygen -Y verify -n remgate -I alice -s alice.sig \\
            -f ~/.config/remgate/approvers")]
    Show {
        /// The request: its id, its text, a file that holds it, or `-` for standard input.
        #[arg(value_name = "ID|TEXT|FILE|-")]
        request: String,
    },
    /// Take an approval, rejection or review that was given elsewhere into the inbox of this machine.
    #[command(after_help = "Example:\n  remgate request import 'remgate-vote-1:7f3k2m9qv0ab:...'")]
    Import {
        /// The text, a file that holds it, or `-`.
        #[arg(value_name = "TEXT|FILE|-")]
        vote: String,
    },
}

/// Options of `review`.
#[derive(Clone, Debug, Args)]
pub struct Review {
    /// The run to review: its id, its text, a file, or `-` for standard input; without it, what is owed is listed.
    #[arg(value_name = "ID|TEXT|FILE|-")]
    pub request: Option<String>,
    /// What came of the review; it is signed with it.
    #[arg(long, value_name = "TEXT", value_parser = said, requires = "request")]
    pub finding: Option<String>,
    /// Sign with this key instead of one from the ssh-agent.
    #[arg(long, value_name = "FILE", value_hint = ValueHint::FilePath, requires = "request")]
    pub key: Option<PathBuf>,
    /// Print JSON.
    #[arg(long)]
    pub json: bool,
}
