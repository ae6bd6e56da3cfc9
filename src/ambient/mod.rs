//! Ambient targets: what a tool would act on when the command line does not say (design section 6).
//!
//! In: the environment and directory the tool will see, and the options on its command line that say where.
//! Out: one [`Ambient`], every value with the place it was found. Never: starts a process, opens a socket, runs a
//! credential plugin, follows what a tool only *might* do, or puts a password, key or token into a field.
//!
//! The danger here is a reading that differs from the tool's own: a gate that sees `dev` where kubectl sees `prod`
//! is worse than no gate. So wherever two readers of the same file are known to disagree (doubled keys, YAML 1.1
//! scalars, an INI line with a trailing comment), the answer is [`Status::Unreadable`], which makes tier and scope
//! unknown. `tests/ambient_against_tools.rs` compares each reader with the real tool.

mod aws;
mod conninfo;
mod docker;
mod error;
mod file;
mod git;
mod ini;
mod json;
mod kube;
mod postgres;
mod terraform;
pub(crate) mod tree;
pub(crate) mod yaml;

use std::collections::BTreeMap;
use std::ffi::{OsStr, OsString};
use std::fmt;
use std::path::{Path, PathBuf};

pub use error::Unreadable;
pub use file::text as read_text;

/// No honest name of a context, host or bucket is longer; what is would only fill the record.
const LONGEST_VALUE: usize = 1024;

/// What is read, by the word that a tool entry's `ambient = "..."` uses.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Kind {
    /// `kube-context`: cluster, server, namespace and user of kubectl and its kin.
    KubeContext,
    /// `aws-profile`: profile, account, region and endpoint of the AWS command line.
    AwsProfile,
    /// `terraform-workspace`: directory, workspace and backend.
    TerraformWorkspace,
    /// `docker-context`: the engine that docker talks to.
    DockerContext,
    /// `postgres`: host, port and database of every program that uses libpq.
    Postgres,
    /// `git-repository`: work tree, repository and branch.
    GitRepository,
}

impl Kind {
    /// Every kind.
    pub const ALL: &'static [Kind] = &[
        Kind::KubeContext,
        Kind::AwsProfile,
        Kind::TerraformWorkspace,
        Kind::DockerContext,
        Kind::Postgres,
        Kind::GitRepository,
    ];

    /// The word used in tool entries, logs and on screens.
    #[must_use]
    pub fn word(self) -> &'static str {
        match self {
            Kind::KubeContext => "kube-context",
            Kind::AwsProfile => "aws-profile",
            Kind::TerraformWorkspace => "terraform-workspace",
            Kind::DockerContext => "docker-context",
            Kind::Postgres => "postgres",
            Kind::GitRepository => "git-repository",
        }
    }

    /// The kind that `word` names.
    #[must_use]
    pub fn from_word(word: &str) -> Option<Kind> {
        Kind::ALL.iter().copied().find(|kind| kind.word() == word)
    }
}

impl fmt::Display for Kind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.word())
    }
}

/// Environment variables, by name.
pub type Environment = BTreeMap<OsString, OsString>;

/// The world as the tool will see it, after wrappers (`env X=1`, `env -C dir`) have had their say.
#[derive(Clone, Copy, Debug)]
pub struct World<'a> {
    /// The environment the tool will get.
    pub env: &'a Environment,
    /// The absolute directory the tool will start in.
    pub cwd: &'a Path,
    /// The home directory in the password database; `HOME` in `env` comes before it.
    pub home: Option<&'a Path>,
    /// What stands for `/` in fixed system paths: `/` itself, or a test's own directory.
    pub root: &'a Path,
}

impl World<'_> {
    /// A variable's bytes; set but empty is unset, as in every tool read here except libpq.
    fn raw(&self, name: &str) -> Option<&OsStr> {
        self.env.get(OsStr::new(name)).map(OsString::as_os_str).filter(|value| !value.is_empty())
    }

    /// A variable as text.
    fn text(&self, name: &str) -> Result<Option<String>, Unreadable> {
        self.raw(name).map(|value| text(value, || format!("${name}"))).transpose()
    }

    /// The home directory, absolute: `HOME`, else the password database.
    fn home(&self) -> Result<PathBuf, Unreadable> {
        match (self.env.get(OsStr::new("HOME")), self.home) {
            // A set but empty HOME means `/`, the current directory or an error, depending on the tool.
            (Some(home), _) if home.is_empty() => Err(Unreadable::NoHome),
            (Some(home), _) => Ok(self.cwd.join(home)),
            (None, Some(home)) => Ok(self.cwd.join(home)),
            (None, None) => Err(Unreadable::NoHome),
        }
    }

    /// A fixed system path such as `etc/pg_service.conf`, below [`World::root`].
    fn system(&self, path: &str) -> PathBuf {
        self.root.join(path)
    }
}

/// Options on the command line that say where, by canonical long name without dashes (`context`, `chdir`), each with
/// its values in order. A short option without a long name goes by its letter (`C` for `git -C`).
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Asked {
    /// The options.
    pub options: BTreeMap<String, Vec<String>>,
}

impl Asked {
    /// All values of an option, in order.
    fn all(&self, name: &str) -> &[String] {
        self.options.get(name).map_or(&[], Vec::as_slice)
    }

    /// The value that counts where the last one wins; an empty value says nothing.
    fn last(&self, name: &str) -> Option<&str> {
        self.all(name).last().map(String::as_str).filter(|value| !value.is_empty())
    }

    /// The value of an option that its tool takes once.
    fn only(&self, name: &str) -> Result<Option<&str>, Unreadable> {
        match self.all(name) {
            [] => Ok(None),
            [one] => Ok(Some(one.as_str()).filter(|value| !value.is_empty())),
            [first, .., last] => Err(Unreadable::disagree(format!("--{name}"), first, last)),
        }
    }

    /// Whether the option was given at all, with or without a value.
    fn given(&self, name: &str) -> bool {
        self.options.contains_key(name)
    }
}

/// One value and where it was found.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Field {
    /// The value. Untrusted: sanitize before it is shown.
    pub value: String,
    /// `--context`, `$AWS_PROFILE`, or `/home/a/.kube/config current-context`. Untrusted too: paths are in it.
    pub source: String,
}

/// How the reading went.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Status {
    /// The fields are what the tool will act on.
    Read,
    /// Nothing is configured: the tool will fail or act on its fixed default, which the fields then name.
    Absent,
    /// What the tool will act on cannot be told; tier and scope are unknown, and there are no fields.
    Unreadable {
        /// Why, with the file or variable at fault.
        reason: Unreadable,
    },
}

impl fmt::Display for Status {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Status::Read => f.write_str("read"),
            Status::Absent => f.write_str("absent"),
            Status::Unreadable { reason } => write!(f, "unreadable: {reason}; the target is unknown"),
        }
    }
}

/// What a tool would act on.
///
/// | kind | fields, each only where known |
/// |---|---|
/// | `kube-context` | context cluster server namespace user credentials proxy hidden-options |
/// | `aws-profile` | profile region account role credentials access-key source-profile endpoint endpoint-* |
/// | `terraform-workspace` | directory workspace backend backend-* hidden-options |
/// | `docker-context` | context host place |
/// | `postgres` | host host-name port database user service place startup-file hidden-options |
/// | `git-repository` | directory repository branch hidden-options |
///
/// `place` is `this-host` where the target is a default local socket, and is missing everywhere else: a loopback
/// address or a socket elsewhere can be one end of a tunnel into production. `hidden-options` names what adds
/// options that no command line shows; whoever judges must treat the command as not fully known.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Ambient {
    /// What was read.
    pub kind: Kind,
    /// How the reading went.
    pub status: Status,
    /// What was found, by name.
    pub fields: BTreeMap<String, Field>,
}

impl Ambient {
    /// The value of one field.
    #[must_use]
    pub fn value(&self, field: &str) -> Option<&str> {
        self.fields.get(field).map(|field| field.value.as_str())
    }
}

/// Whether anything was configured.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Presence {
    Read,
    Absent,
}

/// Collects what one reader finds.
#[derive(Debug, Default)]
struct Fields(BTreeMap<String, Field>);

impl Fields {
    fn set(
        &mut self,
        name: impl Into<String>,
        value: impl Into<String>,
        source: impl Into<String>,
    ) -> Result<(), Unreadable> {
        let (name, value) = (name.into(), value.into());
        if value.len() > LONGEST_VALUE {
            return Err(Unreadable::TooLong { name, bytes: value.len() });
        }
        self.0.insert(name, Field { value, source: source.into() });
        Ok(())
    }
}

/// Reads what `kind` of tool would act on in `world`, given the options `asked` for.
///
/// It always answers: a file that is missing is [`Status::Absent`] where the tool does without it, and everything
/// that keeps the target from being known is [`Status::Unreadable`].
#[must_use]
pub fn read(kind: Kind, world: &World<'_>, asked: &Asked) -> Ambient {
    let reading = match kind {
        Kind::KubeContext => kube::read(world, asked),
        Kind::AwsProfile => aws::read(world, asked),
        Kind::TerraformWorkspace => terraform::read(world, asked),
        Kind::DockerContext => docker::read(world, asked),
        Kind::Postgres => postgres::read(world, asked),
        Kind::GitRepository => git::read(world, asked),
    };
    match reading {
        Ok((Presence::Read, fields)) => Ambient { kind, status: Status::Read, fields: fields.0 },
        Ok((Presence::Absent, fields)) => Ambient { kind, status: Status::Absent, fields: fields.0 },
        // Half of a target could match a kind environment entry, so nothing of it is kept.
        Err(reason) => Ambient { kind, status: Status::Unreadable { reason }, fields: BTreeMap::new() },
    }
}

/// One difference between two readings.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Drift {
    /// `kind`, `status`, or the name of a field.
    pub field: String,
    /// What it was, with its source; nothing where it was missing.
    pub before: Option<String>,
    /// What it is now.
    pub after: Option<String>,
}

/// The first difference between two readings, if there is one: `None` exactly when they are equal.
///
/// The same value from another source counts too: what was approved was read from somewhere else.
#[must_use]
pub fn drift(before: &Ambient, after: &Ambient) -> Option<Drift> {
    let scalar = |field: &str, before: String, after: String| {
        (before != after).then(|| Drift { field: field.to_owned(), before: Some(before), after: Some(after) })
    };
    let shown = |field: &Field| format!("{} ({})", field.value, field.source);
    let mut names: Vec<&String> = before.fields.keys().chain(after.fields.keys()).collect();
    names.sort();
    scalar("kind", before.kind.to_string(), after.kind.to_string())
        .or_else(|| scalar("status", before.status.to_string(), after.status.to_string()))
        .or_else(|| {
            let name = names.into_iter().find(|name| before.fields.get(*name) != after.fields.get(*name))?;
            let (before, after) = (before.fields.get(name), after.fields.get(name));
            Some(Drift { field: name.clone(), before: before.map(shown), after: after.map(shown) })
        })
}

/// Text that must be UTF-8; `what` names the variable or path for the complaint.
fn text(value: &OsStr, what: impl FnOnce() -> String) -> Result<String, Unreadable> {
    value.to_str().map(str::to_owned).ok_or_else(|| Unreadable::NotText { what: what() })
}

/// A path as a field's value.
fn path_text(path: &Path) -> Result<String, Unreadable> {
    text(path.as_os_str(), || path.display().to_string())
}

/// `base/path` without `.` and doubled slashes, and with `..` taken off where the kernel would agree: only below a
/// directory that is no symbolic link.
fn resolve(base: &Path, path: &Path) -> PathBuf {
    let joined = base.join(path);
    joined.canonicalize().unwrap_or_else(|_missing| joined.components().collect())
}

/// An address without the password, query and fragment that may hide in it: `ssh://user:pw@h/x?token=1` becomes
/// `ssh://user@h/x`.
fn without_secrets(url: &str) -> String {
    let url = url.split(['?', '#']).next().unwrap_or(url);
    let (scheme, rest) = match url.split_once("://") {
        Some((scheme, rest)) => (format!("{scheme}://"), rest),
        None => (String::new(), url),
    };
    let (authority, path) = match rest.find('/') {
        Some(slash) => rest.split_at(slash),
        None => (rest, ""),
    };
    match authority.rsplit_once('@') {
        Some((login, host)) => {
            let user = login.split(':').next().unwrap_or(login);
            format!("{scheme}{user}@{host}{path}")
        }
        None => format!("{scheme}{authority}{path}"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_password_survives_in_an_address() {
        for (url, shown) in [
            ("ssh://user:pw@h/x?token=1", "ssh://user@h/x"),
            ("tcp://h:2375", "tcp://h:2375"),
            ("https://a:b@c:d@h:6443#x", "https://a@h:6443"),
            ("user:pw@h", "user@h"),
            ("unix:///var/run/docker.sock", "unix:///var/run/docker.sock"),
            ("https://h/a@b:c", "https://h/a@b:c"),
        ] {
            assert_eq!(without_secrets(url), shown);
        }
    }

    #[test]
    fn every_kind_has_its_own_word() {
        for kind in Kind::ALL {
            assert_eq!(Kind::from_word(kind.word()), Some(*kind));
        }
        assert_eq!(Kind::from_word("kube"), None);
    }
}
