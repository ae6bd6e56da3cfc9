//! What stands in the files that rules ask about.
//!
//! In: texts that the judge could not read by itself, and the directory the command starts in. Out: their [`Contents`].
//! Never: a file that no rule asks about, a fifo or device, more than [`LARGEST`] bytes of a file or [`BUDGET`] in all,
//! or what another user, host or container would see under the same name.

use crate::ambient::read_text;
use crate::command::{Added, Command, Stdin};
use crate::content::kustomization::{self, NAMES, Parts};
use crate::content::{Contents, Depth, Kind, Place, Wanted};
use crate::judge::Whence;
use std::cell::Cell;
use std::collections::{BTreeMap, BTreeSet};
use std::ffi::OsStr;
use std::path::{Path, PathBuf};

/// Of one file.
const LARGEST: u64 = 1 << 20;
/// Of all files of one command.
const BUDGET: u64 = 8 << 20;
/// Files and directories of one command.
const MOST: usize = 2_000;
/// Directories in directories, and kustomizations in kustomizations.
const DEEPEST: usize = 16;

/// Looks into what is wanted.
pub(super) fn of(command: &Command, whence: &Whence, wanted: &[Wanted]) -> BTreeMap<Wanted, Contents> {
    let reader = Reader { left: Cell::new(BUDGET), files: Cell::new(MOST) };
    let hidden = elsewhere(command);
    let look = |wanted: &Wanted| match (&hidden, path(wanted, command, whence)) {
        (Some(why), _) => Contents::unknown(why.clone()),
        (None, Found::Remote) => Contents::remote(),
        (None, Found::Nowhere(why)) => Contents::unknown(why),
        (None, Found::At(path)) => reader.contents(wanted, &path),
    };
    wanted.iter().map(|wanted| (wanted.clone(), look(wanted))).collect()
}

/// Why the file under a name here need not be the one that the command opens.
fn elsewhere(command: &Command) -> Option<String> {
    command.wrappers.iter().find_map(|taken| {
        let other = taken.adds.iter().any(|added| match added {
            Added::OtherUser
            | Added::OtherRoot
            | Added::OtherDirectory
            | Added::OtherHost
            | Added::ManyHosts
            | Added::Container => true,
            Added::StdinOperands
            | Added::Interrupted
            | Added::Detached
            | Added::Credentials
            | Added::OtherVariables => false,
        });
        other.then(|| format!("behind `{}` the file may be another one", taken.name))
    })
}

/// Where a text is to be looked for.
enum Found {
    At(PathBuf),
    Remote,
    Nowhere(String),
}

fn path(wanted: &Wanted, command: &Command, whence: &Whence) -> Found {
    let name = match (&wanted.place, &command.stdin) {
        (Place::Word(word), _) if word != "-" => word.as_os_str(),
        (Place::Word(_) | Place::Stdin, Stdin::File(file)) => match (file.first(), file.loose(0)) {
            (Some(name), None) => name.as_os_str(),
            (_, _) => return Found::Nowhere("the file's name is known only when it runs".to_owned()),
        },
        (Place::Word(_) | Place::Stdin, _) => {
            return Found::Nowhere("nobody knows what comes on standard input".to_owned());
        }
    };
    if is_remote(name, wanted.kind) {
        return Found::Remote;
    }
    match whence {
        _ if Path::new(name).is_absolute() => Found::At(PathBuf::from(name)),
        Whence::Known(directory) => Found::At(directory.join(name)),
        Whence::Unknown(_) => {
            Found::Nowhere("the directory it starts in is known only when it runs".to_owned())
        }
    }
}

/// `https://...`; for a kustomization also `github.com/x/y?ref=z` and `git@host:x`, as far as no such directory is here.
fn is_remote(name: &OsStr, kind: Kind) -> bool {
    let name = name.to_string_lossy();
    let url = name
        .split_once("://")
        .is_some_and(|(scheme, _)| scheme.chars().all(|c| c.is_ascii_alphanumeric() || c == '+'));
    match kind {
        Kind::Manifest => url,
        Kind::Kustomization => {
            url || name.contains("?ref=")
                || name.contains("::")
                || (name.contains('@') && name.contains(':'))
                || ["github.com/", "gitlab.com/", "bitbucket.org/"].iter().any(|host| name.starts_with(host))
        }
        Kind::Sql | Kind::SqlFile => false,
    }
}

/// Counts what it opens.
struct Reader {
    left: Cell<u64>,
    files: Cell<usize>,
}

impl Reader {
    fn contents(&self, wanted: &Wanted, path: &Path) -> Contents {
        match wanted.kind {
            Kind::Sql | Kind::SqlFile => self.file(wanted, path),
            Kind::Manifest if path.is_dir() => self.directory(wanted, path, 0),
            Kind::Manifest => self.file(wanted, path),
            Kind::Kustomization => {
                let mut seen = BTreeSet::new();
                self.kustomization(wanted, path, &mut seen).unwrap_or_else(|doubt| doubt)
            }
        }
    }

    fn file(&self, wanted: &Wanted, path: &Path) -> Contents {
        match self.text(path) {
            Ok(text) => wanted.classes_of(text.as_bytes()),
            Err(why) => Contents::unknown(why),
        }
    }

    fn text(&self, path: &Path) -> Result<String, String> {
        let files = self.files.get().checked_sub(1).ok_or("it names too many files")?;
        self.files.set(files);
        let limit = LARGEST.min(self.left.get());
        let text = read_text(path, limit)?;
        self.left.set(self.left.get().saturating_sub(text.len().try_into().unwrap_or(u64::MAX)));
        Ok(text)
    }

    /// Every manifest of a directory, as kubectl takes them: by their endings, and below only with `-R`.
    fn directory(&self, wanted: &Wanted, path: &Path, depth: usize) -> Contents {
        if depth > DEEPEST {
            return Contents::unknown("its directories are too deep");
        }
        let entries = match path.read_dir() {
            Ok(entries) => entries.take(MOST.saturating_add(1)).collect::<Result<Vec<_>, _>>(),
            Err(error) => Err(error),
        };
        let Ok(entries) = entries else { return Contents::unknown("the directory cannot be read") };
        if entries.len() > MOST {
            return Contents::unknown("the directory has too many entries");
        }
        let mut all = Contents::default();
        for entry in entries {
            let path = entry.path();
            let known =
                path.extension().is_some_and(|end| ["json", "yaml", "yml"].iter().any(|known| end == *known));
            if path.is_dir() {
                // kubectl does not follow links to directories below the one that is named.
                if wanted.depth == Depth::Recursive && !path.is_symlink() {
                    all.join(self.directory(wanted, &path, depth.saturating_add(1)));
                }
            } else if known {
                all.join(self.file(wanted, &path));
            }
        }
        match (all.classes.is_empty(), depth) {
            (true, 0) => Contents::unknown("no manifest in the directory"),
            (_, _) => only_unknown(all),
        }
    }

    /// A kustomization and everything that it takes in. `Err` is the answer where it cannot be followed.
    fn kustomization(
        &self,
        wanted: &Wanted,
        directory: &Path,
        seen: &mut BTreeSet<PathBuf>,
    ) -> Result<Contents, Contents> {
        let real = directory.canonicalize().map_err(|_| Contents::unknown("the directory cannot be read"))?;
        if seen.len() >= DEEPEST.saturating_mul(8) || !seen.insert(real.clone()) {
            return Err(Contents::unreadable("a kustomization that is taken in twice"));
        }
        let here: Vec<PathBuf> =
            NAMES.iter().map(|name| real.join(name)).filter(|path| path.exists()).collect();
        let [file] = here.as_slice() else {
            return Err(Contents::unknown("no single kustomization file in the directory"));
        };
        let text = self.text(file).map_err(Contents::unknown)?;
        let Parts { resources, patches, classes } =
            kustomization::read(text.as_bytes()).map_err(Contents::unreadable)?;
        let mut all = Contents::known(classes);
        for patch in patches {
            let text = self.text(&real.join(patch)).map_err(Contents::unknown)?;
            all.join(Contents::known(
                kustomization::patch_classes(text.as_bytes()).map_err(Contents::unreadable)?,
            ));
        }
        for resource in resources {
            let path = real.join(&resource);
            if is_remote(OsStr::new(&resource), Kind::Kustomization) && !path.exists() {
                all.join(Contents::remote());
            } else if path.is_dir() {
                all.join(self.kustomization(wanted, &path, seen)?);
            } else {
                let manifest = Wanted { kind: Kind::Manifest, ..wanted.clone() };
                all.join(self.file(&manifest, &path));
            }
        }
        match all.classes.is_empty() {
            true => Err(Contents::unreadable("a kustomization of nothing")),
            false => Ok(only_unknown(all)),
        }
    }
}

/// A set of files of which one could not be had is not had: `unknown` never stands beside other classes.
fn only_unknown(all: Contents) -> Contents {
    match all.classes.contains(crate::content::UNKNOWN) {
        true => Contents::unknown(all.why.unwrap_or_else(|| "a file of it cannot be read".to_owned())),
        false => all,
    }
}
