//! `remgate approver`: who may approve.

use chrono::{DateTime, NaiveDate, Utc};
use clap::{Args, Subcommand, ValueHint};

/// Verbs about approvers.
#[derive(Clone, Debug, Subcommand)]
pub enum Approver {
    /// List a person with a key, and put them in groups.
    #[command(after_help = "\
Examples:
  remgate approver add alice --key alice.pub --group sre
  remgate approver add bob --key 'ssh-ed25519 AAAA... bob@desk'
  sudo remgate approver add carol --key carol.pub \\
      --valid-before 2027-01-01 --system

People are counted, not keys: give each person one name, and add every key under it.
A name like an account's (`alice`, `alice@example.com`) is taken for who runs there.")]
    Add(ApproverAdd),
    /// Show who is listed, with which keys, in which groups.
    #[command(
        after_help = "Examples:\n  remgate approver list\n  remgate approver list --json | jq -r '.people[].name'"
    )]
    List {
        /// Print JSON.
        #[arg(long)]
        json: bool,
    },
    /// Take a person off the list, or one of their keys.
    #[command(after_help = "\
Examples:
  remgate approver remove alice
  remgate approver remove alice \\
      --key SHA256:uNiVztksCsDhcc0u9e8BrrJXVGDooMsRuXTXCTjDgjI

What the person approved and what has not run yet no longer counts.")]
    Remove(ApproverRemove),
    /// Prove the list: every problem of its three files, and who can write them.
    #[command(after_help = "\
Example:
  remgate approver check --json | jq -r '.problems[]'

Exit codes:
  0   nothing is broken (warnings are possible)
  78  something is; nobody counts as an approver")]
    Check {
        /// Print JSON.
        #[arg(long)]
        json: bool,
    },
}

/// Options of `approver add`.
#[derive(Clone, Debug, Args)]
pub struct ApproverAdd {
    /// The person; one plain name, no pattern.
    pub name: String,
    /// The public key: a file (`alice.pub`), or its text.
    #[arg(long, value_name = "FILE|TEXT", value_hint = ValueHint::FilePath)]
    pub key: String,
    /// A group to put the person in, made when it is new; may be given several times.
    #[arg(long, value_name = "GROUP")]
    pub group: Vec<String>,
    /// From then on the key no longer counts: a day (`2027-01-01`, UTC) or a time (`2027-01-01T12:00:00Z`).
    #[arg(long, value_name = "TIME", value_parser = instant)]
    pub valid_before: Option<DateTime<Utc>>,
    /// Edit the system's list in /etc/remgate.
    #[arg(long)]
    pub system: bool,
}

/// Options of `approver remove`.
#[derive(Clone, Debug, Args)]
pub struct ApproverRemove {
    /// The person.
    pub name: String,
    /// Only the key with this fingerprint, as `approver list` shows it.
    #[arg(long, value_name = "FINGERPRINT")]
    pub key: Option<String>,
    /// Edit the system's list in /etc/remgate.
    #[arg(long)]
    pub system: bool,
}

fn instant(text: &str) -> Result<DateTime<Utc>, String> {
    let day = || text.parse::<NaiveDate>().ok()?.and_hms_opt(0, 0, 0).map(|start| start.and_utc());
    let time = DateTime::parse_from_rfc3339(text).ok().map(|time| time.with_timezone(&Utc));
    time.or_else(day)
        .ok_or_else(|| format!("`{text}` is no time like `2027-01-01` or `2027-01-01T12:00:00Z`"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times_are_days_or_instants() {
        let start = "2027-01-01T00:00:00Z".parse().unwrap();
        assert_eq!(instant("2027-01-01"), Ok(start));
        assert_eq!(instant("2027-01-01T02:00:00+02:00"), Ok(start));
        for wrong in ["", "tomorrow", "20270101", "2027-02-30", "2027-01-01T00:00:00"] {
            assert!(instant(wrong).is_err(), "{wrong}");
        }
    }
}
