//! Looks at the machine for `doctor`.
//!
//! In: what other rooms know. Out: an [`Installation`]. Never: writes, waits or starts a process; opening `/dev/tty` and
//! closing it again is the boldest thing done here.

use super::{
    Actor, Approvals, Element, Feature, Installation, Layer, Presence, Program, Standing, Volume, Writer,
};
use rustix::fs::{Mode, OFlags};
use std::collections::BTreeMap;
use std::ffi::{OsStr, OsString};
use std::path::{Path, PathBuf};

/// What only other rooms can say.
#[derive(Clone, Debug)]
pub struct Asked<'a> {
    /// The gate's own environment.
    pub env: &'a BTreeMap<OsString, OsString>,
    /// The log directory that would be used.
    pub log: PathBuf,
    /// The layers of rules and what became of them.
    pub layers: Vec<Layer>,
    /// Who is taken to be asking.
    pub actor: Actor,
    /// The names of the programs that packs know.
    pub programs: Vec<String>,
    /// Who approves, and where requests wait.
    pub approvals: Approvals,
}

/// Fills an [`Installation`] with what can be seen of this machine.
#[must_use]
pub fn look(asked: Asked<'_>) -> Installation {
    let get = |name: &str| asked.env.get(OsStr::new(name));
    let path: Vec<PathBuf> =
        get("PATH").map(|path| std::env::split_paths(path).collect()).unwrap_or_default();
    let home = get("HOME").filter(|home| !home.is_empty()).map(PathBuf::from);
    Installation {
        asker: asker(),
        gate: rustix::process::geteuid().as_raw(),
        log_standing: Standing::of(&asked.log),
        volume: Volume::of(&asked.log),
        log: asked.log,
        layers: asked.layers,
        actor: asked.actor,
        terminal: terminal(),
        kernel: kernel(),
        home_standing: home.as_deref().map_or(Standing::Missing, Standing::behind),
        home,
        programs: asked.programs.into_iter().map(|name| program(&path, name)).collect(),
        ssh_keygen: program(&path, "ssh-keygen".to_owned()),
        ssh_add: program(&path, "ssh-add".to_owned()),
        approvals: asked.approvals,
        path: path.into_iter().map(element).collect(),
        variables: asked.env.keys().filter_map(|name| name.to_str().map(str::to_owned)).collect(),
    }
}

fn asker() -> Writer {
    let mut groups: Vec<u32> = rustix::process::getgroups()
        .unwrap_or_default()
        .into_iter()
        .map(rustix::process::Gid::as_raw)
        .collect();
    groups.push(rustix::process::getgid().as_raw());
    Writer { uid: rustix::process::getuid().as_raw(), groups }
}

/// Asked as the prompt will ask: `/dev/tty` exists everywhere and opens only where there is a controlling terminal.
fn terminal() -> Presence {
    let flags = OFlags::RDWR | OFlags::NOCTTY | OFlags::CLOEXEC | OFlags::NONBLOCK;
    match rustix::fs::open("/dev/tty", flags, Mode::empty()) {
        Ok(_opened) => Presence::Present,
        Err(_) => Presence::Missing,
    }
}

const OFD: (&str, &str) =
    ("open file description locks", "two gates in one process could both append to the log");
const SUBREAPER: (&str, &str) =
    ("child subreaper", "a timeout cannot end grandchildren that left their parent");
const EXECVEAT: (&str, &str) =
    ("execveat", "the executable is started by path, so it could be swapped between the hash and the start");

/// The kernel's release decides where asking would need a trial run (versions from the manual pages).
#[cfg(target_os = "linux")]
fn kernel() -> Vec<Feature> {
    let release = rustix::system::uname().release().to_string_lossy().into_owned();
    let since = |(name, without), wanted: (u32, u32)| {
        let presence = match version(&release) {
            Some(version) if version >= wanted => Presence::Present,
            Some(_) => Presence::Missing,
            None => Presence::Unknown,
        };
        Feature { name, presence, without }
    };
    let subreaper = match rustix::process::child_subreaper() {
        Ok(_) => Presence::Present,
        // A sandbox may refuse what the kernel has; to the gate that is the same.
        Err(_) => Presence::Missing,
    };
    vec![
        since(OFD, (3, 15)),
        Feature { name: SUBREAPER.0, presence: subreaper, without: SUBREAPER.1 },
        since(EXECVEAT, (3, 19)),
    ]
}

/// Other systems have none of the three; the rooms that use them document what they do instead.
#[cfg(not(target_os = "linux"))]
fn kernel() -> Vec<Feature> {
    [OFD, SUBREAPER, EXECVEAT]
        .map(|(name, without)| Feature { name, presence: Presence::Missing, without })
        .to_vec()
}

/// `6.18.44-fc-v669` as (6, 18).
#[cfg(any(target_os = "linux", test))]
pub(super) fn version(release: &str) -> Option<(u32, u32)> {
    let mut numbers = release.split(|letter: char| !letter.is_ascii_digit()).map(str::parse);
    match (numbers.next(), numbers.next()) {
        (Some(Ok(major)), Some(Ok(minor))) => Some((major, minor)),
        _ => None,
    }
}

fn element(text: PathBuf) -> Element {
    // An empty element is looked at as what it means, though examine warns of it whatever stands there.
    let directory = if text.as_os_str().is_empty() { Path::new(".") } else { &text };
    let standing = Standing::behind(directory);
    Element { text, standing }
}

/// The first place in PATH, absolute elements only: where a relative one leads is not this program's home.
fn program(path: &[PathBuf], name: String) -> Program {
    let executable = |file: &PathBuf| match Standing::behind(file) {
        Standing::There(attributes) => {
            attributes.mode & 0o111 != 0 && attributes.directory == Presence::Missing
        }
        Standing::Missing | Standing::Hidden { .. } => false,
    };
    let found = path
        .iter()
        .filter(|element| element.is_absolute())
        .map(|element| element.join(&name))
        .find(executable);
    Program { name, found }
}
