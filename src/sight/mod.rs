//! The judge's eyes: where a command would act, read from environment and disk.
//!
//! In: a command and its reading. Out: [`Surroundings`]. Never: a process, a socket, or half a target - what the tool
//! might see differently is unreadable.

mod contents;
mod doubt;

use crate::ambient::{self, Ambient, Asked, Environment, Kind, Status, World};
use crate::command::{Added, Command, EnvironmentEdit, Influence, Nature, TakenOff, influence};
use crate::content::Wanted;
use crate::judge::{Field, Surroundings, Whence};
use crate::rules::resolve;
use crate::tools::Reading;
use std::collections::BTreeMap;
use std::ffi::{OsStr, OsString};
use std::path::{Path, PathBuf};

/// What the eyes look at.
#[derive(Clone, Debug)]
pub struct Sight {
    /// The environment of the gate.
    pub env: Environment,
    /// The working directory.
    pub cwd: PathBuf,
    /// The account's home directory.
    pub home: Option<PathBuf>,
    /// This machine's name.
    pub host: String,
}

impl Sight {
    /// Looks for the place where `command` acts, and into the files that rules ask about.
    #[must_use]
    pub fn of(
        &self,
        command: &Command,
        reading: Option<&Reading<'_>>,
        whence: &Whence,
        wanted: &[Wanted],
    ) -> Surroundings {
        let contents = contents::of(command, whence, wanted);
        if let Some(place) = elsewhere(command, reading) {
            return Surroundings { contents, ..place };
        }
        Surroundings { contents, ..self.beside_contents(command, reading, whence) }
    }

    fn beside_contents(
        &self,
        command: &Command,
        reading: Option<&Reading<'_>>,
        whence: &Whence,
    ) -> Surroundings {
        if whence.directory() != self.cwd {
            let there = Self { cwd: whence.directory().to_owned(), ..self.clone() };
            let here = Whence::Known(there.cwd.clone());
            let whence = if matches!(whence, Whence::Known(_)) { &here } else { whence };
            return there.beside_contents(command, reading, whence);
        }
        let place = self.place(command, reading);
        let doubt = doubt::of(command, reading, &self.env, &self.cwd);
        let doubt = doubt.or_else(|| doubt::plugin(command, reading, &place));
        let doubt = doubt.or_else(|| doubt::directory(command, reading, whence));
        let doubt = doubt.or_else(|| doubt::option_files(command, &self.cwd));
        let doubt = doubt.or_else(|| doubt::operation(reading, &self.env));
        Surroundings { doubt, found: found(command, &self.cwd), ..place }
    }

    fn place(&self, command: &Command, reading: Option<&Reading<'_>>) -> Surroundings {
        let kind = reading.and_then(|reading| reading.tool.ambient.as_deref());
        match (kind, reading) {
            (None, _) | (_, None) => self.here(BTreeMap::new()),
            (Some("directory"), Some(_)) => {
                let cwd = self.cwd.to_string_lossy().into_owned();
                self.here(BTreeMap::from([(
                    "directory".to_owned(),
                    field(vec![cwd], "the working directory"),
                )]))
            }
            (Some("files"), Some(reading)) => self.files(command, reading),
            (Some(word), Some(reading)) => match Kind::from_word(word) {
                Some(kind) => self.target(kind, command, reading),
                None => {
                    unreadable(word, "the tool entry names a kind that this version cannot read".to_owned())
                }
            },
        }
    }

    /// The current kube context, for a starter file.
    #[must_use]
    pub fn kube_context(&self) -> Option<String> {
        let seen = self.look(Kind::KubeContext, &self.env, self.home.as_deref(), &Asked::default());
        seen.fields.get("context").and_then(|field| field.values.first().cloned())
    }

    fn here(&self, mut fields: BTreeMap<String, Field>) -> Surroundings {
        fields.insert("host".to_owned(), field(vec![self.host.clone()], "this machine"));
        Surroundings { kind: "host".to_owned(), fields, ..Surroundings::default() }
    }

    /// Operands are paths: the directory in force is every one of them, not the one the caller stands in.
    fn files(&self, command: &Command, reading: &Reading<'_>) -> Surroundings {
        if command.wrappers.iter().any(|taken| taken.adds.contains(&Added::OtherRoot)) {
            return unreadable("files", "the command sees another root directory".to_owned());
        }
        let paths = reading.operands.iter().map(|operand| self.real(operand.text)).collect();
        self.here(BTreeMap::from([("directory".to_owned(), field(paths, "the operands"))]))
    }

    /// The path behind links, as far as it exists: `rm link/x` acts where the link leads.
    fn real(&self, word: &OsStr) -> String {
        let path = PathBuf::from(resolve(&self.cwd, word));
        let mut missing: Vec<OsString> = Vec::new();
        let mut present: &Path = &path;
        loop {
            if let Ok(mut real) = present.canonicalize() {
                real.extend(missing.iter().rev());
                return real.to_string_lossy().into_owned();
            }
            match (present.parent(), present.file_name()) {
                (Some(parent), Some(name)) => {
                    missing.push(name.to_owned());
                    present = parent;
                }
                (None, _) | (_, None) => return path.to_string_lossy().into_owned(),
            }
        }
    }

    fn target(&self, kind: Kind, command: &Command, reading: &Reading<'_>) -> Surroundings {
        let unsure = command.environment.iter().find_map(|edit| match edit {
            EnvironmentEdit::Unsure(name) if influence(name) == Influence::Place => Some(name),
            EnvironmentEdit::Unsure(_)
            | EnvironmentEdit::Set(..)
            | EnvironmentEdit::Unset(_)
            | EnvironmentEdit::Clear => None,
        });
        if let Some(name) = unsure {
            let why = format!("the value of `{}` is known only when it runs", name.display());
            return unreadable(kind.word(), why);
        }
        if let Some(why) = unseen(command) {
            return unreadable(kind.word(), why);
        }
        let mut asked = Asked { options: reading.targets() };
        if kind == Kind::Postgres && reading.tool.name == "psql" {
            if reading.operands.iter().any(|operand| reading.looseness(operand.text).is_some()) {
                return unreadable(kind.word(), "its database is known only when it runs".to_owned());
            }
            connection_operands(&mut asked, reading);
        }
        let edited = edited(&self.env, &command.environment);
        let seen = self.look(kind, &edited, self.home.as_deref(), &asked);
        let other_user = command.wrappers.iter().any(|taken| taken.adds.contains(&Added::OtherUser));
        if !other_user {
            return seen;
        }
        // sudo drops most variables or keeps them, as its own configuration says; only where both give the same
        // target is it known. Its target user is root unless told otherwise, and `-u` is not followed further.
        let dropped = edited_from_nothing(&command.environment);
        let root = self.look(kind, &dropped, Some(Path::new("/root")), &asked);
        if root.fields_agree(&seen) {
            return seen;
        }
        unreadable(kind.word(), "the command runs as another user, whose target may differ".to_owned())
    }

    fn look(&self, kind: Kind, env: &Environment, home: Option<&Path>, asked: &Asked) -> Surroundings {
        let world = World { env, cwd: &self.cwd, home, root: Path::new("/") };
        self.surroundings(ambient::read(kind, &world, asked))
    }

    fn surroundings(&self, read: Ambient) -> Surroundings {
        let this_host = read.value("place") == Some("this-host");
        let fields = read.fields.into_iter();
        let mut fields: BTreeMap<String, Field> =
            fields.map(|(key, found)| (key, field(vec![found.value], &found.source))).collect();
        if this_host {
            fields.insert("host".to_owned(), field(vec![self.host.clone()], "this machine"));
        }
        let unreadable = match read.status {
            Status::Read | Status::Absent => None,
            Status::Unreadable { reason } => Some(reason.to_string()),
        };
        Surroundings { kind: read.kind.word().to_owned(), fields, unreadable, ..Surroundings::default() }
    }
}

/// psql(1) takes its first operand for the database or a connection string, and the next for the user, as far as options
/// do not say so: `psql postgres://prod/shop` acts there, whatever PGHOST says.
fn connection_operands(asked: &mut Asked, reading: &Reading<'_>) {
    let free = ["dbname", "username"].into_iter().filter(|key| !asked.options.contains_key(*key));
    let free: Vec<&str> = free.collect();
    for (key, operand) in free.into_iter().zip(&reading.operands) {
        asked.options.insert(key.to_owned(), vec![operand.text.to_string_lossy().into_owned()]);
    }
}

/// More names than this are not looked at.
const NAMES: usize = 1_000;

/// What patterns in the last part of a path find now. Names that begin with a dot are found as well, since only what
/// raises is asked about them.
fn found(command: &Command, cwd: &Path) -> BTreeMap<String, Vec<String>> {
    let patterns = command.words.all_loose().filter(|(_, _, loose)| loose.nature == Nature::Glob);
    let found = patterns.filter_map(|(_, word, _)| {
        let text = word.to_str()?;
        let (directory, name) = text.rsplit_once('/').map_or(("", text), |(before, name)| (before, name));
        if directory.contains(['*', '?', '[']) || name.contains('[') {
            return None;
        }
        let directory = match text.starts_with('/') && directory.is_empty() {
            true => PathBuf::from("/"),
            false => cwd.join(directory),
        };
        let pattern = wildmatch::WildMatch::new(name);
        let entries = directory.read_dir().into_iter().flatten().filter_map(Result::ok);
        let all: Vec<OsString> = entries.map(|entry| entry.file_name()).take(NAMES).collect();
        let names = all.iter().filter(|name| pattern.matches(&name.to_string_lossy()));
        let names = names.map(|name| resolve(&directory, name)).collect();
        (all.len() < NAMES).then(|| (text.to_owned(), names))
    });
    found.collect()
}

/// The place behind `ssh` or `kubectl exec`: nothing of this machine says anything about it.
fn elsewhere(command: &Command, reading: Option<&Reading<'_>>) -> Option<Surroundings> {
    let far = |taken: &&TakenOff| {
        taken.adds.iter().any(|added| matches!(added, Added::OtherHost | Added::Container))
    };
    let taken = command.wrappers.iter().rev().find(far)?;
    let mut fields = BTreeMap::new();
    let kind = if taken.adds.contains(&Added::OtherHost) { "host" } else { "container" };
    if let Some(place) = &taken.place {
        let (kind, places) = match taken.adds.contains(&Added::ManyHosts) {
            true => hosts(place),
            false => (kind, vec![place.clone()]),
        };
        fields.insert(kind.to_owned(), field(places, taken.name));
    }
    // Which cluster or account a tool talks to is written in files of that place.
    let talks = reading.and_then(|reading| reading.tool.ambient.as_deref()).and_then(Kind::from_word);
    let unreadable = talks.map(|_| format!("behind `{}` only that place knows where it acts", taken.name));
    Some(Surroundings { kind: kind.to_owned(), fields, unreadable, ..Surroundings::default() })
}

/// The hosts of a list, each by itself: `dev1,prod1` is not covered by an entry for `dev*`. Of a query or a pattern nobody
/// knows the hosts, so it is shown and no entry for a host covers it.
fn hosts(place: &str) -> (&'static str, Vec<String>) {
    let plain = |c: char| c.is_ascii_alphanumeric() || "-._@,".contains(c);
    match place.chars().all(plain) {
        true => ("host", place.split(',').map(str::to_owned).collect()),
        false => ("hosts", vec![place.to_owned()]),
    }
}

/// Why wrappers leave the target unknown.
fn unseen(command: &Command) -> Option<String> {
    let adds = |added: Added| command.wrappers.iter().find(|taken| taken.adds.contains(&added));
    if let Some(taken) = adds(Added::OtherVariables) {
        return Some(format!("`{}` sets variables that nobody has seen", taken.name));
    }
    let profile = |edit: &&EnvironmentEdit| {
        edit.name().is_some_and(|name| name == "AWS_PROFILE" || name == "AWS_DEFAULT_PROFILE")
    };
    let profiles = command.environment.iter().filter(profile).count();
    adds(Added::Credentials).filter(|_| profiles > 1).map(|taken| {
        format!("`{}` hands on the credentials of one profile, and another one is named", taken.name)
    })
}

impl Surroundings {
    /// Whether two readings name the same target, whatever file or variable said so.
    fn fields_agree(&self, other: &Self) -> bool {
        let values = |seen: &Self| {
            seen.fields.iter().map(|(k, field)| (k.clone(), field.values.clone())).collect::<Vec<_>>()
        };
        self.unreadable.is_none() && other.unreadable.is_none() && values(self) == values(other)
    }
}

fn field(values: Vec<String>, source: &str) -> Field {
    Field { values, source: source.to_owned() }
}

fn unreadable(kind: &str, why: String) -> Surroundings {
    Surroundings { kind: kind.to_owned(), unreadable: Some(why), ..Surroundings::default() }
}

fn edited_from_nothing(edits: &[EnvironmentEdit]) -> Environment {
    edited(&Environment::new(), edits)
}

fn edited(env: &Environment, edits: &[EnvironmentEdit]) -> Environment {
    let mut env = env.clone();
    for edit in edits {
        match edit {
            EnvironmentEdit::Set(name, value) => {
                env.insert(name.clone(), value.clone());
            }
            EnvironmentEdit::Unset(name) => {
                env.remove(name);
            }
            // Whoever asks about a place has asked about these first.
            EnvironmentEdit::Unsure(_) => {}
            EnvironmentEdit::Clear => env.clear(),
        }
    }
    env
}

#[cfg(test)]
mod tests {
    use super::{elsewhere, hosts, unseen};
    use crate::command::{Action, Caller, Command, SearchPath, read};
    use std::collections::BTreeMap;

    fn command(text: &str) -> Command {
        let caller = Caller { search: &SearchPath::new(None), variables: &BTreeMap::new() };
        let argv = text.split(' ').map(Into::into).collect();
        read(&Action::Argv(argv), &caller).remove(0)
    }

    /// An entry for `dev*` must not cover `dev1,prod1`.
    #[test]
    fn each_host_of_a_list_counts_and_a_query_is_no_host() {
        assert_eq!(hosts("dev1,prod1"), ("host", vec!["dev1".to_owned(), "prod1".to_owned()]));
        for query in ["dev[1-9]", "roles:dev", "*", "dev1 prod1", "hosts from a file or group", "dev1:prod1"]
        {
            assert_eq!(hosts(query), ("hosts", vec![query.to_owned()]));
        }
        let seen = elsewhere(&command("pdsh -w dev1,prod1 uptime"), None).expect("another host");
        let found = seen.fields.get("host").map(|field| field.values.clone());
        assert_eq!(found, Some(vec!["dev1".to_owned(), "prod1".to_owned()]));
        let seen = elsewhere(&command("clush -a uptime"), None).expect("other hosts");
        assert!(!seen.fields.contains_key("host"));
    }

    /// With keys in its environment the aws command line does not look at `AWS_PROFILE`.
    #[test]
    fn a_profile_behind_credentials_leaves_the_target_unknown() {
        assert_eq!(unseen(&command("aws-vault exec prod -- aws s3 ls")), None);
        assert!(unseen(&command("aws-vault exec prod -- env AWS_PROFILE=dev aws s3 ls")).is_some());
        assert!(unseen(&command("aws-vault exec prod -- env AWS_DEFAULT_PROFILE=dev aws s3 ls")).is_some());
        assert!(unseen(&command("chamber exec app -- kubectl get pods")).is_some());
        assert_eq!(unseen(&command("env AWS_PROFILE=dev aws s3 ls")), None);
    }
}
