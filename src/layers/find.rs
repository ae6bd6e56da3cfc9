//! Finds the rule files that count, in the order in which they are judged, and opens each.
//!
//! In: the three places. Out: open files with their layer and what they may do. Never: reads their text, or skips a
//! file it cannot open.
//!
//! A name counts in the system and user directories when it ends in `.toml` and does not start with a dot.
//! `rules.toml~`, `.rules.toml.swp`, `#rules.toml#`, `rules.toml.bak` and `README` therefore do not, while a
//! directory called `old.toml` is an error: it was meant for something.

use super::error::{Believed, LayerError};
use super::walk::{self, Opened, Want};
use crate::rules::{Layer, Trust};
use rustix::fs::{Dir, Mode, OFlags, openat};
use std::ffi::{OsStr, OsString};
use std::fs::{File, Metadata};
use std::os::unix::ffi::{OsStrExt, OsStringExt};
use std::path::{Path, PathBuf};

/// Rule files that one layer may have. Each is held open until it is read, and the usual limit is 1,024 files.
pub const FILES: usize = 256;

/// The name of a project's rules.
const PROJECT: &str = ".remgate.toml";

/// Where to look. [`Places::of`] fills it safely.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Places {
    /// The system layer's directory, `/etc/remgate`. Root alone may own it.
    pub system: PathBuf,
    /// The user layer's directory: `$XDG_CONFIG_HOME/remgate`, else `$HOME/.config/remgate`, else the account's.
    pub user: Option<PathBuf>,
    /// The account's own `~/.config/remgate`, where the environment names another one.
    pub account: Option<PathBuf>,
    /// Where the search for a project file starts: the working directory.
    pub project_from: PathBuf,
}

impl Places {
    /// The places of a call. `account_home` comes from the account database, the other two from the environment.
    ///
    /// The environment says where the user's rules are, as the XDG base directory specification wants it. It may not
    /// make rules vanish, though: `XDG_CONFIG_HOME=/nowhere remgate ...` would drop every rule that tightens. So the
    /// account's own directory is read as well, whatever the environment says. A relative `XDG_CONFIG_HOME` is
    /// ignored, as the specification asks. What must hold against the user's own agents belongs into the system
    /// layer, which no variable moves, with `[policy] user-rules = "tighten-only"`.
    #[must_use]
    pub fn of(
        account_home: Option<&Path>,
        xdg_config_home: Option<&OsStr>,
        home: Option<&OsStr>,
        project_from: &Path,
    ) -> Self {
        let rules = |config: &Path| config.join("remgate");
        let own = account_home.filter(|home| home.is_absolute()).map(|home| rules(&home.join(".config")));
        let xdg = xdg_config_home.map(Path::new).filter(|path| path.is_absolute()).map(rules);
        let home = home.map(Path::new).filter(|path| path.is_absolute());
        let named = xdg.or_else(|| home.map(|path| rules(&path.join(".config"))));
        let user = named.or_else(|| own.clone());
        let account = own.filter(|path| Some(path) != user.as_ref());
        let system = PathBuf::from("/etc/remgate");
        Self { system, user, account, project_from: project_from.to_owned() }
    }
}

/// One rule file that counts, opened and checked. Reading it reads what was checked.
#[derive(Debug)]
pub struct Found {
    pub(super) path: PathBuf,
    pub(super) layer: Layer,
    pub(super) trust: Trust,
    pub(super) why: Option<String>,
    pub(super) file: File,
    pub(super) meta: Metadata,
}

impl Found {
    /// Its path as looked up, links not resolved.
    #[must_use]
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// Its layer.
    #[must_use]
    pub fn layer(&self) -> Layer {
        self.layer
    }

    /// What it may do.
    #[must_use]
    pub fn trust(&self) -> Trust {
        self.trust
    }

    /// Why it may only tighten although its layer may loosen; for `explain` and `doctor`.
    #[must_use]
    pub fn why_only_tighten(&self) -> Option<&str> {
        self.why.as_deref()
    }
}

/// Finds and opens every rule file: system files by name, user files by name, then every project file upward.
///
/// # Errors
/// A place that exists and cannot be listed, opened or believed. A place that does not exist is no layer.
pub fn find(places: &Places) -> Result<Vec<Found>, LayerError> {
    let user = Believed::RootOr(rustix::process::geteuid().as_raw());
    let mut found = directory(&places.system, Layer::System, Believed::Root)?;
    for path in places.account.iter().chain(&places.user) {
        found.extend(directory(path, Layer::User, user)?);
    }
    found.extend(project(&places.project_from)?);
    Ok(found)
}

/// Opens files of a known name in the directory of a layer, all in the same directory, for what is no rule but must be
/// believed like one: the list of approvers. `None` for a file that is not there.
///
/// # Errors
/// As [`find`]; and unlike there, a doubt is never only a reason to tighten.
pub fn named<const N: usize>(
    directory: &Path,
    layer: Layer,
    names: [&str; N],
) -> Result<[Option<Found>; N], LayerError> {
    let believed = match layer {
        Layer::System | Layer::BuiltIn => Believed::Root,
        Layer::User | Layer::Project => Believed::RootOr(rustix::process::geteuid().as_raw()),
    };
    let mut found = [const { None }; N];
    let Some(mut opened) = walk::open(directory, Want::Directory, believed, layer)? else { return Ok(found) };
    let doubt = opened.doubt.take();
    for (slot, name) in found.iter_mut().zip(names) {
        let Some(file) = walk::open_in(&opened, OsStr::new(name), believed, layer)? else { continue };
        if let Some(refusal) = file.doubt {
            return Err(refusal);
        }
        let (path, trust) = (directory.join(name), Trust::Full);
        *slot = Some(Found { path, layer, trust, why: None, file: file.file, meta: file.meta });
    }
    // Who may write the system's directory may also have removed what was in it. Another account's directory that
    // holds none of the files is what root meets below `sudo` with a kept `HOME`, and no list at all.
    match doubt {
        Some(refusal) if layer == Layer::System || found.iter().any(Option::is_some) => Err(refusal),
        Some(_) | None => Ok(found),
    }
}

fn directory(path: &Path, layer: Layer, believed: Believed) -> Result<Vec<Found>, LayerError> {
    let Some(mut opened) = walk::open(path, Want::Directory, believed, layer)? else { return Ok(Vec::new()) };
    let (trust, why) = trust(opened.doubt.take(), layer)?;
    let mut found = Vec::new();
    for name in names(&opened, path)? {
        found.push(entry(&opened, path, &name, (layer, trust, why.clone()), believed)?);
    }
    Ok(found)
}

fn entry(
    directory: &Opened,
    path: &Path,
    name: &OsStr,
    (layer, trust_of_layer, why_of_layer): (Layer, Trust, Option<String>),
    believed: Believed,
) -> Result<Found, LayerError> {
    let path = path.join(name);
    // Gone between the listing and now: an editor replaces files by rename, so the name is there again at once.
    let opened = walk::open_in(directory, name, believed, layer)?
        .ok_or_else(|| LayerError::io("open", &path, rustix::io::Errno::NOENT))?;
    let (trust, why) = match trust_of_layer {
        Trust::Full => trust(opened.doubt, layer)?,
        Trust::TightenOnly => (trust_of_layer, why_of_layer),
    };
    if trust == Trust::TightenOnly && opened.links > 0 {
        return Err(LayerError::Link { path });
    }
    Ok(Found { path, layer, trust, why, file: opened.file, meta: opened.meta })
}

/// What a doubt means. For root, a user layer of another account is what `sudo` with a kept `HOME` looks like:
/// refusing would break every such call, believing would let that account write root's rules, so it may only
/// tighten, and says so. For everybody else a foreign file among their own is refused.
fn trust(doubt: Option<LayerError>, layer: Layer) -> Result<(Trust, Option<String>), LayerError> {
    match doubt {
        None => Ok((Trust::Full, None)),
        Some(LayerError::Owner { path, owner, .. })
            if layer == Layer::User && rustix::process::geteuid().is_root() =>
        {
            let why = format!("`{}` belongs to user id {owner}, and root runs the gate", path.display());
            Ok((Trust::TightenOnly, Some(why)))
        }
        Some(refusal) => Err(refusal),
    }
}

/// The names that count, sorted by their bytes.
fn names(directory: &Opened, path: &Path) -> Result<Vec<OsString>, LayerError> {
    let list = |e: rustix::io::Errno| LayerError::io("list", path, e);
    let flags = OFlags::RDONLY | OFlags::DIRECTORY | OFlags::CLOEXEC;
    let fd = openat(&directory.file, ".", flags, Mode::empty()).map_err(list)?;
    let mut names = Vec::new();
    for entry in Dir::new(fd).map_err(list)? {
        let name = OsString::from_vec(entry.map_err(list)?.file_name().to_bytes().to_vec());
        if counts(&name) {
            names.push(name);
        }
        if names.len() > FILES {
            return Err(LayerError::Many { path: path.to_owned(), limit: FILES });
        }
    }
    names.sort_unstable();
    Ok(names)
}

fn counts(name: &OsStr) -> bool {
    let bytes = name.as_bytes();
    bytes.ends_with(b".toml") && !bytes.starts_with(b".")
}

/// Every project file upward, the outermost first: an empty file dropped in a nearer directory must not take away what
/// one further up tightens. The search goes on through mount points and past the home directory up to `/`:
/// stopping early could only lose rules that tighten. A stranger's file in `/tmp` can therefore make calls below
/// `/tmp` stricter, never kinder.
///
/// The file itself may not be a link: `.remgate.toml -> /etc/shadow` in a cloned repository would have its lines
/// quoted in an error message, into a CI log or an agent's transcript. The directories above may be links.
fn project(from: &Path) -> Result<Vec<Found>, LayerError> {
    if !from.is_absolute() {
        return Err(LayerError::Relative { path: from.to_owned() });
    }
    let nobody = Believed::Root; // no owner is asked for, so the doubts are not looked at
    let mut found = Vec::new();
    for directory in from.ancestors() {
        let path = directory.join(PROJECT);
        let flags = OFlags::RDONLY | OFlags::NONBLOCK | OFlags::NOCTTY | OFlags::NOFOLLOW | OFlags::CLOEXEC;
        match rustix::fs::open(&path, flags, Mode::empty()) {
            Ok(fd) => {
                let opened = walk::adopt(File::from(fd), path.clone(), nobody, Layer::Project)?;
                let (trust, why) = (Trust::TightenOnly, None);
                let (file, meta) = (opened.file, opened.meta);
                found.push(Found { path, layer: Layer::Project, trust, why, file, meta });
            }
            Err(rustix::io::Errno::NOENT) => {}
            Err(rustix::io::Errno::LOOP) => return Err(LayerError::Link { path }),
            Err(errno) => return Err(LayerError::io("open", path, errno)),
        }
    }
    found.reverse();
    Ok(found)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_plain_toml_names_count() {
        for name in ["rules.toml", "10-site.toml", "#.toml", "a b.toml"] {
            assert!(counts(OsStr::new(name)), "{name}");
        }
        for name in [
            ".rules.toml",
            ".rules.toml.swp",
            "rules.toml~",
            "#rules.toml#",
            "rules.toml.bak",
            "toml",
            "rules.TOML",
        ] {
            assert!(!counts(OsStr::new(name)), "{name}");
        }
        assert!(counts(OsStr::from_bytes(b"\xff.toml")), "a name that is not UTF-8 must not hide its rules");
    }

    fn of(
        account: Option<&str>,
        xdg: Option<&str>,
        home: Option<&str>,
    ) -> (Option<PathBuf>, Option<PathBuf>) {
        let places =
            Places::of(account.map(Path::new), xdg.map(OsStr::new), home.map(OsStr::new), Path::new("/w"));
        (places.user, places.account)
    }

    #[test]
    fn the_environment_adds_a_place_and_takes_none_away() {
        let own = Some(PathBuf::from("/home/u/.config/remgate"));
        let place = |path: &str| Some(PathBuf::from(path));
        assert_eq!(of(Some("/home/u"), None, Some("/home/u")), (own.clone(), None));
        assert_eq!(of(Some("/home/u"), Some("/home/u/.config"), Some("/x")), (own.clone(), None));
        assert_eq!(of(Some("/home/u"), Some("/else"), None), (place("/else/remgate"), own.clone()));
        assert_eq!(of(Some("/home/u"), None, Some("/else")), (place("/else/.config/remgate"), own.clone()));
        assert_eq!(of(Some("/home/u"), Some("relative"), None), (own, None));
        assert_eq!(of(None, None, Some("/home/u")), (place("/home/u/.config/remgate"), None));
        assert_eq!(of(None, None, None), (None, None));
    }
}
