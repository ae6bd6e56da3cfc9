//! What an approval is worth here: who counts as an approver, who could put themselves on that list, where requests wait.
//!
//! In: the list and the inbox as their own rooms found them. Out: findings. Never: a look at either - [`Asked`] brings it
//! along - and never "approvals are safe" of a list that whoever asks can write.
//!
//! [`Asked`]: super::Asked

use super::{Finding, Installation, Level, Program, Standing, Topic, Writer};
use std::path::PathBuf;

/// The list of approvers and the inbox.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Approvals {
    /// Who may approve.
    pub approvers: Approvers,
    /// Where requests wait.
    pub mailbox: Mailbox,
}

/// The list of approvers that counts.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Approvers {
    /// None of these places has one.
    Nowhere {
        /// The files that were looked for.
        looked: Vec<PathBuf>,
    },
    /// There is one, and nobody counts.
    Broken {
        /// The quorum room's own words: the first problem.
        why: String,
    },
    /// It is in force.
    Listed(Listed),
}

/// A list of approvers in force.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Listed {
    /// The file.
    pub file: PathBuf,
    /// Its directory and its files, with how they stand.
    pub parts: Vec<(PathBuf, Standing)>,
    /// The people.
    pub people: Vec<Person>,
    /// Groups, with how many people are in each.
    pub groups: Vec<(String, usize)>,
}

/// One approver.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Person {
    /// The name.
    pub name: String,
    /// Keys that count now: neither revoked nor out of their time.
    pub keys: usize,
    /// Those of them that need a touch.
    pub touch: usize,
    /// Whether this is the account that asks.
    pub own: Own,
}

/// Whether an approver is the account that asks.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Own {
    /// By its name.
    Yes,
    /// Somebody else.
    No,
}

/// Where requests wait for votes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Mailbox {
    /// In the inbox that the machine's accounts share.
    Shared(PathBuf),
    /// In this account's own directory.
    Own(PathBuf),
    /// Nowhere: there is a shared inbox, and it cannot be used.
    Unusable {
        /// The inbox room's own words.
        why: String,
        /// And its advice.
        help: String,
    },
}

/// Everything about approvals.
pub(super) fn findings(installation: &Installation) -> Vec<Finding> {
    let mut findings = vec![
        program(&installation.ssh_keygen, "signs approvals", "approvals cannot be signed here"),
        program(&installation.ssh_add, "shows an ssh-agent's keys", "only `--key FILE` names a key here"),
    ];
    findings.extend(match &installation.approvals.approvers {
        Approvers::Nowhere { looked } => vec![nobody(looked)],
        Approvers::Broken { why } => vec![
            finding(Level::Fail, format!("nobody counts as an approver: {why}"))
                .help("`remgate approver check` shows every problem"),
        ],
        Approvers::Listed(listed) => list(listed, &installation.asker),
    });
    findings.push(mailbox(&installation.approvals.mailbox));
    findings
}

fn finding(level: Level, text: String) -> Finding {
    Finding::new(level, Topic::Approvals, text)
}

fn program(program: &Program, does: &str, without: &str) -> Finding {
    match &program.found {
        Some(path) => finding(Level::Ok, format!("`{}` {does}", path.display())),
        None => finding(Level::Note, format!("no {} in PATH: {without}", program.name))
            .help("install OpenSSH's client"),
    }
}

const ADD: &str = "remgate approver add NAME --key FILE.pub --system";

fn nobody(looked: &[PathBuf]) -> Finding {
    let looked: Vec<String> = looked.iter().map(|file| format!("`{}`", file.display())).collect();
    let text = format!(
        "nobody is listed as an approver, so that what needs two people is refused (looked for {})",
        looked.join(", ")
    );
    finding(Level::Note, text).help(ADD)
}

fn list(listed: &Listed, asker: &Writer) -> Vec<Finding> {
    let mut findings = vec![finding(Level::Ok, summary(listed))];
    findings.extend(writable(listed, asker));
    let counting: Vec<&Person> = listed.people.iter().filter(|person| person.keys > 0).collect();
    match counting.as_slice() {
        [] => findings.push(
            finding(Level::Fail, "nobody's key counts now: all are revoked or out of their time".to_owned())
                .help(ADD),
        ),
        [only] => findings.push(
            finding(
                Level::Note,
                format!("only {} can approve, so that what needs two people is refused", only.name),
            )
            .help(ADD),
        ),
        _ => {}
    }
    findings.extend(counting.iter().filter(|person| person.own == Own::Yes).map(|person| own(person)));
    findings
}

fn summary(listed: &Listed) -> String {
    let sum = |of: fn(&Person) -> usize| listed.people.iter().map(of).sum::<usize>();
    let counting = listed.people.iter().filter(|person| person.keys > 0).count();
    let (keys, touch) = (sum(|person| person.keys), sum(|person| person.touch));
    let mut text = format!(
        "`{}` lists {}, of whom {counting} can approve now, with {} ({touch} with touch)",
        listed.file.display(),
        number(listed.people.len(), "person", "people"),
        number(keys, "key", "keys"),
    );
    if !listed.groups.is_empty() {
        let groups: Vec<String> = listed.groups.iter().map(|(name, size)| format!("{name} {size}")).collect();
        text.push_str(&format!("; groups: {}", groups.join(", ")));
    }
    text
}

fn number(count: usize, one: &str, many: &str) -> String {
    format!("{count} {}", if count == 1 { one } else { many })
}

/// Whoever can write the list, or replace it in its directory, approves with a key made a moment ago.
fn writable(listed: &Listed, asker: &Writer) -> Option<Finding> {
    let open = |standing: &Standing| match standing {
        Standing::There(at) => asker.can_change(at),
        // A file that is not there is written by who may write its directory, which is a part of its own.
        Standing::Missing => false,
        Standing::Hidden { .. } => true,
    };
    let (path, _) = listed.parts.iter().find(|(_, standing)| open(standing))?;
    let why = match asker.uid {
        0 => "root asks, and root can list itself".to_owned(),
        _ => format!("whoever asks can change `{}`, and so list themselves", path.display()),
    };
    let help = match asker.uid {
        0 => "let an account that is not root ask",
        _ => ADD,
    };
    Some(finding(Level::Warn, format!("{why}: approvals are advisory")).help(help))
}

/// An agent of this account could use whatever key lies in it, but cannot touch a token.
fn own(person: &Person) -> Finding {
    let name = &person.name;
    match person.touch {
        0 => finding(
            Level::Note,
            format!("{name} is this account, and has no key with touch: what its agents ask, {name} cannot approve"),
        )
        .help("list a hardware key (`ssh-keygen -t ed25519-sk`), or let somebody else approve"),
        _ => finding(
            Level::Ok,
            format!("{name} is this account: what its agents ask, {name} approves with touch alone"),
        ),
    }
}

fn mailbox(mailbox: &Mailbox) -> Finding {
    match mailbox {
        Mailbox::Shared(path) => {
            finding(Level::Ok, format!("requests wait in `{}`, which this machine shares", path.display()))
        }
        Mailbox::Own(path) => finding(
            Level::Note,
            format!("requests wait in `{}`: other accounts take them as texts only", path.display()),
        )
        .help("`remgate doctor --setup` shows how accounts of this machine share an inbox"),
        Mailbox::Unusable { why, help } => finding(Level::Fail, why.clone()).help(help.as_str()),
    }
}
