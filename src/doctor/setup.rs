//! What several accounts of one machine share, and the commands that make it: the group, the inbox, the directory of the
//! system's rules and approvers.
//!
//! In: what stands on this machine ([`Ground::look`]). Out: [`Step`]s, each one command for root's shell, with what is
//! done already marked so. Never: a change - `run::step` makes one, on `--apply` - and never a command that mends the
//! owner or the mode of something in passing: what is there and is wrong has a step of its own.

use super::{Attributes, Presence, Standing};
use crate::inbox;
use crate::report::sanitize;
use std::path::{Path, PathBuf};

/// The group whose members put requests and votes into the shared inbox.
pub const GROUP: &str = "remgate";

/// The directory of the system's rules and of its list of approvers.
pub const RULES: &str = "/etc/remgate";

/// gid 0, which Linux calls `root` and macOS `wheel`.
#[cfg(not(target_os = "macos"))]
const ROOT_GROUP: &str = "root";
/// gid 0, which Linux calls `root` and macOS `wheel`.
#[cfg(target_os = "macos")]
const ROOT_GROUP: &str = "wheel";

/// How far a step is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum State {
    /// It is as the command would make it.
    Done,
    /// The command is to be called.
    ToDo,
    /// This account cannot see it; the command does no harm where it is done.
    Unseen {
        /// The system's words.
        cause: String,
    },
    /// Something else stands in the way, which nobody but a human should remove.
    Blocked {
        /// What, in one clause.
        why: String,
    },
}

impl State {
    /// The word used in JSON.
    #[must_use]
    pub fn word(&self) -> &'static str {
        match self {
            State::Done => "done",
            State::ToDo => "to do",
            State::Unseen { .. } => "unseen",
            State::Blocked { .. } => "blocked",
        }
    }

    /// What keeps it from being done or to do.
    #[must_use]
    pub fn note(&self) -> Option<&str> {
        match self {
            State::Done | State::ToDo => None,
            State::Unseen { cause: note } | State::Blocked { why: note } => Some(note),
        }
    }
}

/// One command.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Step {
    /// What it is for, in one line. Plain text.
    pub why: String,
    /// What root would type, in bash. Plain text.
    pub command: String,
    /// How far it is.
    pub state: State,
}

/// An account that is to be a member, and whether it is one.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Account {
    /// Its login name.
    pub name: String,
    /// Whether it is in the group.
    pub member: Presence,
}

/// What stands on this machine.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Ground {
    /// The gid of [`GROUP`].
    pub group: Option<u32>,
    /// The directories above those that are made, to be root's alone.
    pub above: Vec<(PathBuf, Standing)>,
    /// [`RULES`].
    pub rules: Standing,
    /// The directory of the inbox.
    pub home: Standing,
    /// The inbox.
    pub inbox: Standing,
    /// Its shards by name.
    pub shards: Vec<(String, Standing)>,
    /// Accounts that are to be members.
    pub accounts: Vec<Account>,
    /// The system's list of approvers.
    pub approvers: Presence,
}

/// Why it is not looked at.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum GroundError {
    /// A name that the account database does not have.
    #[error("there is no account `{}` on this machine; nothing was changed", sanitize::text(.0))]
    NoAccount(String),
    /// The account database does not answer.
    #[error("cannot look into the account database: {0}; nothing was changed")]
    NoDatabase(String),
}

impl Ground {
    /// Looks at this machine.
    ///
    /// # Errors
    /// There is no such account, or the account database does not answer.
    pub fn look(accounts: &[String]) -> Result<Self, GroundError> {
        let no_database = |errno: nix::Error| GroundError::NoDatabase(errno.desc().to_lowercase());
        let group = nix::unistd::Group::from_name(GROUP).map_err(no_database)?;
        let account = |name: &String| {
            let user = nix::unistd::User::from_name(name).map_err(no_database)?;
            let user = user.ok_or_else(|| GroundError::NoAccount(name.clone()))?;
            let is_member = group.as_ref().is_some_and(|it| it.gid == user.gid || it.mem.contains(name));
            let member = if is_member { Presence::Present } else { Presence::Missing };
            Ok(Account { name: name.clone(), member })
        };
        let (rules, inbox) = (Path::new(RULES), Path::new(inbox::SHARED));
        // `/var/lib/remgate` is made; what lies above it was there before.
        let above = rules.ancestors().skip(1).chain(inbox.ancestors().skip(2));
        let approvers = match Standing::of(&rules.join(crate::quorum::APPROVERS)) {
            Standing::There(_) => Presence::Present,
            Standing::Missing => Presence::Missing,
            Standing::Hidden { .. } => Presence::Unknown,
        };
        Ok(Self {
            group: group.as_ref().map(|group| group.gid.as_raw()),
            above: above.map(|path| (path.to_owned(), Standing::behind(path))).collect(),
            rules: Standing::of(rules),
            home: Standing::of(&home()),
            inbox: Standing::of(inbox),
            shards: inbox::shards().map(|name| (name.clone(), Standing::of(&inbox.join(name)))).collect(),
            accounts: accounts.iter().map(account).collect::<Result<_, _>>()?,
            approvers,
        })
    }
}

fn home() -> PathBuf {
    Path::new(inbox::SHARED).parent().map(Path::to_owned).unwrap_or_default()
}

/// Everything that is to be done, in its order, what is done already included.
#[must_use]
pub fn plan(ground: &Ground) -> Vec<Step> {
    let root = |mode| Wanted { group: Group::Any, mode };
    let shared = |mode| Wanted { group: Group::Shared(ground.group), mode };
    let mut steps = blocked_above(ground);
    steps.push(group(ground));
    steps.extend(directory(
        RULES,
        &ground.rules,
        root(0o755),
        "rules and approvers that only root can change",
    ));
    steps.extend(directory(
        &home().display().to_string(),
        &ground.home,
        root(0o755),
        "where the shared inbox is",
    ));
    steps.extend(directory(
        inbox::SHARED,
        &ground.inbox,
        shared(0o750),
        "the shared inbox, which only root can add directories to",
    ));
    steps.extend(shards(&ground.shards, shared(0o3770)));
    steps.extend(ground.accounts.iter().map(member));
    steps
}

/// What nobody but a human can decide, as commands to choose from: who takes part, and who approves.
#[must_use]
pub fn advice(ground: &Ground) -> Vec<Step> {
    let advise = |why: &str, command: &str| Step {
        why: why.to_owned(),
        command: command.to_owned(),
        state: State::ToDo,
    };
    let mut advice = Vec::new();
    if ground.accounts.is_empty() {
        advice.push(advise(
            "for each account that asks or approves here; it counts from its next login (or give --member USER)",
            &membership("USER"),
        ));
    }
    if ground.approvers != Presence::Present {
        // An empty list would mean that nobody counts, so that none is made here.
        advice.push(advise(
            "for each person who approves on this machine; from the first one on, no other list counts",
            "remgate approver add NAME --key FILE.pub --system",
        ));
    }
    advice
}

/// The directories above are nobody's to mend from here, and what is made below them is worth as much as they are.
fn blocked_above(ground: &Ground) -> Vec<Step> {
    let wrong = |(path, standing): &(PathBuf, Standing)| {
        let shown = sanitize::quote_word(path);
        let why = match standing {
            Standing::There(at) if at.owner != 0 => format!("{shown} belongs to uid {}", at.owner),
            Standing::There(at) if at.mode & 0o022 != 0 && at.mode & 0o1000 == 0 => {
                format!("others than root can write {shown} (mode {:04o})", at.mode)
            }
            Standing::There(_) => return None,
            Standing::Missing => format!("{shown} does not exist"),
            Standing::Hidden { cause } => format!("{shown} cannot be looked at: {cause}"),
        };
        let purpose = "whoever can write above the shared directories can exchange them".to_owned();
        Some(Step { why: purpose, command: format!("ls -ld {shown}"), state: State::Blocked { why } })
    };
    let mut steps: Vec<Step> = ground.above.iter().filter_map(wrong).collect();
    // `/` lies above both.
    steps.dedup();
    steps
}

#[cfg(not(target_os = "macos"))]
const MAKE_GROUP: &str = "groupadd --system remgate";
/// Directory Services have no system groups; members are added to this one as to any.
#[cfg(target_os = "macos")]
const MAKE_GROUP: &str = "dseditgroup -o create remgate";

#[cfg(not(target_os = "macos"))]
fn membership(account: &str) -> String {
    format!("usermod -aG {GROUP} {account}")
}

#[cfg(target_os = "macos")]
fn membership(account: &str) -> String {
    format!("dseditgroup -o edit -a {account} -t user {GROUP}")
}

fn group(ground: &Ground) -> Step {
    let state = if ground.group.is_some() { State::Done } else { State::ToDo };
    let why = "the group of everybody who asks or approves on this machine".to_owned();
    Step { why, command: MAKE_GROUP.to_owned(), state }
}

fn member(account: &Account) -> Step {
    let state = match account.member {
        Presence::Present => State::Done,
        Presence::Missing | Presence::Unknown => State::ToDo,
    };
    let name = sanitize::quote_word(&account.name);
    let why = format!("{name} asks or approves here; it counts from the next login");
    Step { why, command: membership(&name), state }
}

/// How a directory is to stand. It is always to belong to root.
#[derive(Clone, Copy, Debug)]
struct Wanted {
    group: Group,
    mode: u32,
}

/// The group that a directory is to have.
#[derive(Clone, Copy, Debug)]
enum Group {
    /// It does not matter, since it may do no more than everybody.
    Any,
    /// [`GROUP`], by its gid once it exists.
    Shared(Option<u32>),
}

/// What is wrong with something that is there.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Wrong {
    Kind,
    Owner,
    Mode,
}

impl Wanted {
    /// Set-user-ID and set-group-ID mean nothing, or no harm, on a directory that only root writes, and a numeric chmod
    /// does not take them off; where they are wanted they are looked for.
    fn mode_is_right(self, mode: u32) -> bool {
        let seen = 0o1777 | self.mode;
        mode & seen == self.mode
    }

    fn faults(self, at: &Attributes) -> Vec<Wrong> {
        if at.directory != Presence::Present {
            return vec![Wrong::Kind];
        }
        let group_is_right = match self.group {
            Group::Any => true,
            Group::Shared(gid) => gid == Some(at.group),
        };
        let owner = (at.owner != 0 || !group_is_right).then_some(Wrong::Owner);
        owner.into_iter().chain((!self.mode_is_right(at.mode)).then_some(Wrong::Mode)).collect()
    }

    fn group_name(self) -> &'static str {
        match self.group {
            Group::Any => ROOT_GROUP,
            Group::Shared(_) => GROUP,
        }
    }

    fn make(self, path: &str) -> String {
        format!("install -d -o root -g {} -m {:04o} {path}", self.group_name(), self.mode)
    }

    fn give(self, path: &str) -> String {
        format!("chown root:{} {path}", self.group_name())
    }

    fn open(self, path: &str) -> String {
        format!("chmod {:04o} {path}", self.mode)
    }
}

fn directory(path: &str, standing: &Standing, wanted: Wanted, why: &str) -> Vec<Step> {
    let step = |why: &str, command, state| Step { why: why.to_owned(), command, state };
    let make = |state| step(why, wanted.make(path), state);
    let at = match standing {
        Standing::Missing => return vec![make(State::ToDo)],
        Standing::Hidden { cause } => return vec![make(State::Unseen { cause: cause.clone() })],
        Standing::There(at) => at,
    };
    let faults = wanted.faults(at);
    if faults.contains(&Wrong::Kind) {
        let kind = if at.link == Presence::Present { "a symbolic link" } else { "no directory" };
        return vec![make(State::Blocked { why: format!("`{path}` is {kind}") })];
    }
    let mut steps = vec![make(State::Done)];
    if faults.contains(&Wrong::Owner) {
        let why = format!("{path} belongs to uid {} and gid {}", at.owner, at.group);
        steps.push(step(&why, wanted.give(path), State::ToDo));
    }
    if faults.contains(&Wrong::Mode) {
        let why = format!("{path} has mode {:04o}", at.mode);
        steps.push(step(&why, wanted.open(path), State::ToDo));
    }
    steps
}

/// The shards together: a thousand steps would be read by nobody.
fn shards(shards: &[(String, Standing)], wanted: Wanted) -> Vec<Step> {
    let mut found = Shards::default();
    for (name, standing) in shards {
        found.sort(name, standing, wanted);
    }
    let why = "its shards: members put files there (set-group-id), and nobody takes away another's (sticky)";
    let step = |why: &str, command, state| Step { why: why.to_owned(), command, state };
    let all: Vec<&str> = shards.iter().map(|(name, _)| name.as_str()).collect();
    let make = |names: &[&str], state| step(why, wanted.make(&paths(names)), state);
    let mut steps = match (&found.hidden, found.blocked, found.missing.as_slice()) {
        (Some(cause), _, _) => return vec![make(&all, State::Unseen { cause: cause.clone() })],
        (None, Some(name), _) => {
            let why = format!("`{}/{name}` is no directory", inbox::SHARED);
            return vec![make(&all, State::Blocked { why })];
        }
        (None, None, []) => vec![make(&all, State::Done)],
        // Only those: install would also mend the others without a word.
        (None, None, missing) => vec![make(missing, State::ToDo)],
    };
    if !found.owner.is_empty() {
        let why = format!("{} of the shards belong to somebody else", found.owner.len());
        steps.push(step(&why, wanted.give(&paths(&found.owner)), State::ToDo));
    }
    if !found.mode.is_empty() {
        let why = format!("{} of the shards have another mode", found.mode.len());
        steps.push(step(&why, wanted.open(&paths(&found.mode)), State::ToDo));
    }
    steps
}

/// Names of shards by how they stand.
#[derive(Default)]
struct Shards<'a> {
    missing: Vec<&'a str>,
    owner: Vec<&'a str>,
    mode: Vec<&'a str>,
    /// The first that is no directory.
    blocked: Option<&'a str>,
    /// Why one cannot be looked at.
    hidden: Option<String>,
}

impl<'a> Shards<'a> {
    fn sort(&mut self, name: &'a str, standing: &Standing, wanted: Wanted) {
        let at = match standing {
            Standing::Missing => return self.missing.push(name),
            Standing::Hidden { cause } => {
                self.hidden.get_or_insert_with(|| cause.clone());
                return;
            }
            Standing::There(at) => at,
        };
        for fault in wanted.faults(at) {
            match fault {
                Wrong::Kind => {
                    self.blocked.get_or_insert(name);
                }
                Wrong::Owner => self.owner.push(name),
                Wrong::Mode => self.mode.push(name),
            }
        }
    }
}

/// Shards as one word that bash expands.
fn paths(names: &[&str]) -> String {
    let all = inbox::SHARDS.len() * inbox::SHARDS.len();
    let names = match names {
        [one] => (*one).to_owned(),
        names if names.len() == all => letters().repeat(2),
        names => format!("{{{}}}", names.join(",")),
    };
    format!("{}/{names}", inbox::SHARED)
}

/// Every letter of a shard's name, in bash's braces: `{{0..9},{a..h},j,k,m,n,{p..t},{v..z}}`.
fn letters() -> String {
    let letters: Vec<char> = inbox::SHARDS.chars().collect();
    let follows = |one: &char, next: &char| u32::from(*one) + 1 == u32::from(*next);
    let runs = letters.chunk_by(follows).map(|run| match run {
        [first, _, .., last] => format!("{{{first}..{last}}}"),
        few => few.iter().map(char::to_string).collect::<Vec<_>>().join(","),
    });
    format!("{{{}}}", runs.collect::<Vec<_>>().join(","))
}

#[cfg(test)]
mod tests;
