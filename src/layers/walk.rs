//! Opens a path one component at a time from `/`, and says whether anybody but the believed could have changed it.
//!
//! In: an absolute path, or a name in a directory already walked. Out: the open file or directory, and the first
//! doubt met on the way. Never: follows a link it did not read itself, or trusts a path twice looked up.
//!
//! `open` followed by `fstat` and a look at the parents by name would judge directories that the open may not have
//! gone through (a link swapped in between). Holding each directory while the next name is opened in it leaves
//! nothing to swap: what was checked is what was entered. The directories that lead to a link are checked like
//! those that lead to its target, since whoever may replace the link chooses the target.

use super::error::{Believed, LayerError};
use crate::rules::Layer;
use rustix::fs::{CWD, Mode, OFlags, openat, readlinkat};
use rustix::io::Errno;
use std::ffi::{OsStr, OsString};
use std::fs::{File, Metadata};
use std::os::fd::OwnedFd;
use std::os::unix::ffi::OsStringExt;
use std::os::unix::fs::{FileTypeExt, MetadataExt};
use std::path::{Component, Path, PathBuf};

/// As many links as Linux follows in one path (path_resolution(7)).
const LINKS: usize = 40;

/// How a directory on the way is opened. `O_PATH` needs no read permission: a home of mode 0711 can be walked.
#[cfg(target_os = "linux")]
const ENTER: OFlags = OFlags::PATH;
/// Elsewhere a directory on the way must be readable; one that is not is an error, never a guess.
#[cfg(not(target_os = "linux"))]
const ENTER: OFlags = OFlags::RDONLY;

/// What the last component must be.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Want {
    Directory,
    File,
}

/// What was reached.
#[derive(Debug)]
pub(super) struct Opened {
    pub(super) file: File,
    pub(super) meta: Metadata,
    /// Where it really lies, links resolved.
    pub(super) path: PathBuf,
    /// Links followed on the way.
    pub(super) links: usize,
    /// The first reason not to believe it.
    pub(super) doubt: Option<LayerError>,
}

/// Where a component was written: a missing name that a link points to is a broken link, not an absent layer.
#[derive(Clone, Copy)]
enum From {
    Caller,
    Link,
}

struct Walk {
    at: Opened,
    /// Components still to go, the next one last.
    rest: Vec<(OsString, From)>,
    believed: Believed,
    layer: Layer,
}

/// Opens an absolute path. `None`: a component that the caller named does not exist.
pub(super) fn open(
    path: &Path,
    want: Want,
    believed: Believed,
    layer: Layer,
) -> Result<Option<Opened>, LayerError> {
    if !path.is_absolute() {
        return Err(LayerError::Relative { path: path.to_owned() });
    }
    let mut walk = Walk { at: root(believed, layer)?, rest: Vec::new(), believed, layer };
    walk.queue(path, From::Caller);
    walk.rest.pop(); // the root is open already
    walk.go(want)
}

/// Opens a name in a directory already walked; its doubts are not repeated.
pub(super) fn open_in(
    directory: &Opened,
    name: &OsStr,
    believed: Believed,
    layer: Layer,
) -> Result<Option<Opened>, LayerError> {
    let file = directory.file.try_clone().map_err(|e| LayerError::io("open", &directory.path, e))?;
    let (meta, path) = (directory.meta.clone(), directory.path.clone());
    let at = Opened { file, meta, path, links: 0, doubt: None };
    Walk { at, rest: vec![(name.to_owned(), From::Caller)], believed, layer }.go(Want::File)
}

fn root(believed: Believed, layer: Layer) -> Result<Opened, LayerError> {
    let flags = ENTER | OFlags::DIRECTORY | OFlags::CLOEXEC;
    let fd = openat(CWD, "/", flags, Mode::empty()).map_err(|e| LayerError::io("open", "/", e))?;
    opened(File::from(fd), PathBuf::from("/"), 0, None, Leg::OnTheWay, (believed, layer))
}

fn opened(
    file: File,
    path: PathBuf,
    links: usize,
    doubt: Option<LayerError>,
    leg: Leg,
    (believed, layer): (Believed, Layer),
) -> Result<Opened, LayerError> {
    let meta = file.metadata().map_err(|e| LayerError::io("look at", &path, e))?;
    let doubt = doubt.or_else(|| doubts(&path, &meta, leg, believed, layer));
    Ok(Opened { file, meta, path, links, doubt })
}

/// Why the owner or mode of a file or directory cannot be believed. A POSIX ACL that lets somebody write shows in the
/// group bits. On the way, a sticky directory such as `/tmp` is believed: others may create names in it and not
/// replace ours, and a name that a stranger created is the stranger's and so refused one step later. The directory of
/// the rules itself gets no such excuse: there a stranger's file would be one more layer.
fn doubts(path: &Path, meta: &Metadata, leg: Leg, believed: Believed, layer: Layer) -> Option<LayerError> {
    if !believed.includes(meta.uid()) {
        return Some(LayerError::Owner { path: path.to_owned(), owner: meta.uid(), believed, layer });
    }
    let mode = meta.mode() & 0o7777;
    let passable = leg == Leg::OnTheWay && meta.is_dir() && mode & STICKY != 0;
    (mode & 0o022 != 0 && !passable).then(|| LayerError::Writable { path: path.to_owned(), mode, layer })
}

/// `S_ISVTX`: only the owner of a name may rename or remove it.
const STICKY: u32 = 0o1000;

/// Whether a place is where the path leads, or lies before it.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Leg {
    OnTheWay,
    End,
}

impl Walk {
    fn queue(&mut self, path: &Path, from: From) {
        let parts = path.components().rev().filter_map(|part| match part {
            Component::RootDir => Some(OsString::from("/")),
            Component::ParentDir => Some(OsString::from("..")),
            Component::Normal(name) => Some(name.to_owned()),
            Component::CurDir | Component::Prefix(_) => None,
        });
        self.rest.extend(parts.map(|part| (part, from)));
    }

    fn go(mut self, want: Want) -> Result<Option<Opened>, LayerError> {
        while let Some((name, from)) = self.rest.pop() {
            if name == "/" {
                let (links, doubt) = (self.at.links, self.at.doubt.take());
                let top = root(self.believed, self.layer)?;
                self.at = Opened { links, doubt: doubt.or(top.doubt), ..top };
                continue;
            }
            let last = self.rest.is_empty() && want == Want::File;
            match self.enter(&name, if last { Want::File } else { Want::Directory }) {
                Ok(fd) => self.step(File::from(fd), &name)?,
                Err(Errno::NOENT) if matches!(from, From::Caller) => return Ok(None),
                Err(errno) => self.follow(&name, errno)?,
            }
        }
        is(&self.at, want)?;
        Ok(Some(self.at))
    }

    /// Opens one name in the directory held. A link is never followed here: it fails with `ELOOP` or `ENOTDIR`.
    fn enter(&self, name: &OsStr, want: Want) -> Result<OwnedFd, Errno> {
        let flags = match want {
            Want::Directory => ENTER | OFlags::DIRECTORY,
            // Opening a pipe without O_NONBLOCK would wait for a writer for ever.
            Want::File => OFlags::RDONLY | OFlags::NONBLOCK | OFlags::NOCTTY,
        };
        openat(&self.at.file, name, flags | OFlags::NOFOLLOW | OFlags::CLOEXEC, Mode::empty())
    }

    /// Holds what was entered instead of the directory it was entered from.
    fn step(&mut self, file: File, name: &OsStr) -> Result<(), LayerError> {
        let mut path = self.at.path.clone();
        if name == ".." {
            path.pop();
        } else {
            path.push(name);
        }
        let (links, doubt) = (self.at.links, self.at.doubt.take());
        let leg = if self.rest.is_empty() { Leg::End } else { Leg::OnTheWay };
        self.at = opened(file, path, links, doubt, leg, (self.believed, self.layer))?;
        Ok(())
    }

    /// Reads the link that `enter` stumbled over and queues its target; anything else is the error it was.
    fn follow(&mut self, name: &OsStr, errno: Errno) -> Result<(), LayerError> {
        let path = self.at.path.join(name);
        let target = match errno {
            Errno::LOOP | Errno::NOTDIR => readlinkat(&self.at.file, name, Vec::new()),
            other => Err(other),
        };
        let target = target.map_err(|found| {
            // EINVAL: no link after all, so the first answer stands.
            LayerError::io("open", &path, if found == Errno::INVAL { errno } else { found })
        })?;
        if self.at.meta.mode() & 0o022 != 0 {
            // A link in `/tmp` may be anybody's, and its owner is not that of its target.
            let (path, mode) = (self.at.path.clone(), self.at.meta.mode() & 0o7777);
            let doubt = self.at.doubt.take();
            self.at.doubt = doubt.or(Some(LayerError::Writable { path, mode, layer: self.layer }));
        }
        self.at.links += 1;
        if self.at.links > LINKS {
            return Err(LayerError::io("open", path, Errno::LOOP));
        }
        self.queue(Path::new(&OsString::from_vec(target.into_bytes())), From::Link);
        Ok(())
    }
}

/// Whether the thing reached has the wanted type.
fn is(at: &Opened, want: Want) -> Result<(), LayerError> {
    let kind = at.meta.file_type();
    let (right, wanted) = match want {
        Want::Directory => (kind.is_dir(), "a directory"),
        Want::File => (kind.is_file(), "a regular file"),
    };
    if right {
        return Ok(());
    }
    let found = if kind.is_dir() {
        "a directory"
    } else if kind.is_fifo() {
        "a pipe"
    } else if kind.is_socket() {
        "a socket"
    } else if kind.is_char_device() || kind.is_block_device() {
        "a device"
    } else {
        "a file"
    };
    Err(LayerError::Type { path: at.path.clone(), found, wanted })
}

/// Takes over a file opened elsewhere: its type is checked, its owner only noted.
pub(super) fn adopt(
    file: File,
    path: PathBuf,
    believed: Believed,
    layer: Layer,
) -> Result<Opened, LayerError> {
    let opened = opened(file, path, 0, None, Leg::End, (believed, layer))?;
    is(&opened, Want::File)?;
    Ok(opened)
}
