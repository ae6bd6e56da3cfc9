//! Keeps the entries of proven files by program, so that a call reads a few of them instead of proving all.
//!
//! In: the identity of every file, and their entries sorted by program. Out: the entries of a few programs, exactly
//! as they were put in. Never: answers for files that changed, or from a file that somebody else may write or that a
//! crash left half-written; then there is no answer, and the files are proven again.
//!
//! Whoever may write this directory decides what the rules are. So it is believed only under the same conditions as
//! the rules themselves, and mode 0700 on top; like the log, it is the gate's own, and a redirect into it is an
//! attack on the gate.
//!
//! One file serves one set of rule files. Layout, integers little-endian:
//!
//! | bytes | what |
//! |---|---|
//! | 16 | magic |
//! | 4 | length of the head |
//! | 32 | sum of the head |
//! | ... | head, JSON: digests of the rule files, number of slots |
//! | 44 for each slot | span of its block: offset (8), length (4), sum (32) |
//! | ... | blocks, JSON |
//!
//! The block of slot 0 is the list of what every call needs. The block of another slot names the programs whose hash
//! falls there, each with the span of a block of its own. Kept in the slot itself, the rules of two other tools that
//! shared it made a call 1.6 times as dear (debug build, 5,000 rules against 10).
//!
//! Every sum covers the key and the block's place too. A page of zeros, as a power cut may leave it, therefore never
//! looks like a slot without rules: an empty slot has a block and a sum as well.

use super::cut::Kind;
use super::error::Believed;
use super::find::Found;
use super::read::Digest;
use super::walk::{self, Opened, Want};
use crate::rules::{Layer, Trust};
use rustix::fs::{AtFlags, Dir, Mode, OFlags, openat, renameat, unlinkat};
use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};
use sha2::{Digest as _, Sha256};
use std::collections::{BTreeMap, BTreeSet};
use std::ffi::OsString;
use std::fs::{DirBuilder, File};
use std::io::Write;
use std::os::unix::ffi::{OsStrExt, OsStringExt};
use std::os::unix::fs::{DirBuilderExt, FileExt, MetadataExt};
use std::path::{Path, PathBuf};

const MAGIC: [u8; 16] = *b"remgate index 1\n";
const FIXED: usize = 16 + 4 + 32;
const SLOT: usize = 8 + 4 + 32;

/// Bytes that a head may have: 513 files of 70 bytes fit well.
const MAX_HEAD: usize = 128 * 1024;

/// Bytes that a block may have: as many as all rule files of a full layer of usual size.
const MAX_BLOCK: usize = 64 * 1024 * 1024;

/// Sets of rule files kept. Each project with rules of its own makes one, and so does each edit.
const SETS: usize = 64;

/// One entry, as it stands in its file.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Piece {
    /// Number of the file in the order of the layers.
    pub(super) file: usize,
    pub(super) kind: Kind,
    /// First byte in the file.
    pub(super) at: usize,
    /// First line in the file, from 1.
    pub(super) line: usize,
    pub(super) text: String,
}

/// All entries of a proven set of files.
#[derive(Debug, Default)]
pub(super) struct Catalogue {
    pub(super) digests: Vec<Digest>,
    /// What every call needs.
    pub(super) always: Vec<Piece>,
    programs: BTreeMap<String, Vec<Piece>>,
}

impl Catalogue {
    pub(super) fn new(digests: Vec<Digest>) -> Self {
        Self { digests, ..Self::default() }
    }

    pub(super) fn file_under(&mut self, names: &BTreeSet<String>, piece: &Piece) {
        for name in names {
            self.programs.entry(name.clone()).or_default().push(piece.clone());
        }
    }

    /// What a call of these programs needs.
    pub(super) fn select(&self, programs: &[&str]) -> Vec<Piece> {
        let concerned = programs.iter().filter_map(|name| self.programs.get(*name)).flatten();
        self.always.iter().chain(concerned).cloned().collect()
    }
}

/// The identity of a set of rule files, and of the gate that proved it.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) struct Key(Digest);

impl Key {
    /// Change times cannot be set by a program, so a write followed by `touch -d` is still another identity.
    pub(super) fn of(found: &[Found], stamp: &str) -> Self {
        let mut hash = Sha256::new();
        let mut add = |bytes: &[u8]| {
            hash.update((bytes.len() as u64).to_le_bytes());
            hash.update(bytes);
        };
        add(env!("CARGO_PKG_VERSION").as_bytes());
        add(stamp.as_bytes());
        for Found { path, layer, trust, meta, .. } in found {
            add(path.as_os_str().as_bytes());
            add(&[layer_number(*layer), trust_number(*trust)]);
            for number in [meta.dev(), meta.ino(), meta.size()] {
                add(&number.to_le_bytes());
            }
            for time in [meta.mtime(), meta.mtime_nsec(), meta.ctime(), meta.ctime_nsec()] {
                add(&time.to_le_bytes());
            }
        }
        Self(Digest(hash.finalize().into()))
    }

    fn name(self) -> String {
        format!("{}.index", self.0)
    }

    /// The sum that a block of this set must have in its place.
    fn sum(self, place: Place<'_>, bytes: &[u8]) -> [u8; 32] {
        let (kind, number, name) = match place {
            Place::Head => (0_u8, 0, ""),
            Place::Slot(slot) => (1, slot, ""),
            Place::Program(name) => (2, name.len() as u64, name),
        };
        let hash =
            Sha256::new().chain_update(self.0.0).chain_update([kind]).chain_update(number.to_le_bytes());
        hash.chain_update(name).chain_update(bytes).finalize().into()
    }
}

/// What a block stands for. A block in the place of another would be whole, and wrong.
#[derive(Clone, Copy)]
enum Place<'a> {
    Head,
    Slot(u64),
    Program(&'a str),
}

fn layer_number(layer: Layer) -> u8 {
    match layer {
        Layer::BuiltIn => 0,
        Layer::System => 1,
        Layer::User => 2,
        Layer::Project => 3,
    }
}

fn trust_number(trust: Trust) -> u8 {
    match trust {
        Trust::Full => 0,
        Trust::TightenOnly => 1,
    }
}

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Head {
    digests: Vec<[u8; 32]>,
    slots: u64,
}

/// Where a block is, and its sum.
#[derive(Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Span {
    at: u64,
    length: u32,
    sum: [u8; 32],
}

impl Span {
    fn from_bytes(bytes: &[u8]) -> Option<Self> {
        let (at, rest) = bytes.split_first_chunk::<8>()?;
        let (length, sum) = rest.split_first_chunk::<4>()?;
        let (at, length) = (u64::from_le_bytes(*at), u32::from_le_bytes(*length));
        Some(Self { at, length, sum: sum.try_into().ok()? })
    }

    fn to_bytes(&self) -> [u8; SLOT] {
        let mut bytes = [0; SLOT];
        let parts = self.at.to_le_bytes().into_iter().chain(self.length.to_le_bytes()).chain(self.sum);
        for (byte, part) in bytes.iter_mut().zip(parts) {
            *byte = part;
        }
        bytes
    }
}

/// Slot 0 holds what every call needs.
const ALWAYS: u64 = 0;

fn slot_of(program: &str, slots: u64) -> u64 {
    let [a, b, c, d, ..] = Digest::of(program.as_bytes()).0;
    1 + u64::from(u32::from_le_bytes([a, b, c, d])) % slots.saturating_sub(1).max(1)
}

/// Where indexes are kept.
pub(super) struct Shelf {
    path: PathBuf,
}

impl Shelf {
    pub(super) fn at(state: &Path) -> Self {
        Self { path: state.join("rules") }
    }

    /// What was put in under this key for these programs, and the digests of the files.
    pub(super) fn take(
        &self,
        key: &Key,
        programs: &[&str],
        files: usize,
    ) -> Option<(Vec<Digest>, Vec<Piece>)> {
        let store = Store { file: own(&self.open()?, &key.name())?, key: *key };
        let (head, slots_at) = store.head()?;
        let mut pieces = store.slot::<Vec<Piece>>(slots_at, ALWAYS)?;
        for name in programs {
            let mut names = store.slot::<BTreeMap<String, Span>>(slots_at, slot_of(name, head.slots))?;
            if let Some(span) = names.remove(*name) {
                pieces.extend(store.block::<Vec<Piece>>(&span, Place::Program(name))?);
            }
        }
        let sound = head.digests.len() == files && pieces.iter().all(|piece| piece.file < files);
        sound.then(|| (head.digests.into_iter().map(Digest).collect(), pieces))
    }

    /// Keeps a proven set; the error is for `doctor`, the call goes on without.
    pub(super) fn put(&self, key: &Key, catalogue: &Catalogue) -> Result<(), String> {
        let failed = |what: &str, e: std::io::Error| format!("cannot {what} `{}`: {e}", self.path.display());
        let bytes = encode(*key, catalogue).map_err(|e| failed("lay out", e))?;
        DirBuilder::new().recursive(true).mode(0o700).create(&self.path).map_err(|e| failed("create", e))?;
        let Some(directory) = self.open() else {
            return Err(format!("`{}` can be written by others", self.path.display()));
        };
        prune(&directory);
        place(&directory, &key.name(), &bytes).map_err(|e| failed("write into", e))
    }

    /// The directory, if nobody else can write it or anything above it.
    fn open(&self) -> Option<Opened> {
        let user = rustix::process::geteuid().as_raw();
        let opened = walk::open(&self.path, Want::Directory, Believed::RootOr(user), Layer::User).ok()??;
        let private = opened.meta.uid() == user && opened.meta.mode() & 0o077 == 0;
        (private && opened.doubt.is_none()).then_some(opened)
    }
}

/// Opens an index file, if it is ours alone: not a link, a pipe, or a second name of something else.
fn own(directory: &Opened, name: &str) -> Option<File> {
    let flags = OFlags::RDONLY | OFlags::NOFOLLOW | OFlags::NONBLOCK | OFlags::NOCTTY | OFlags::CLOEXEC;
    let file = File::from(openat(&directory.file, name, flags, Mode::empty()).ok()?);
    let meta = file.metadata().ok()?;
    let ours = meta.uid() == rustix::process::geteuid().as_raw() && meta.mode() & 0o077 == 0;
    (ours && meta.is_file() && meta.nlink() == 1).then_some(file)
}

/// An open index file.
struct Store {
    file: File,
    key: Key,
}

impl Store {
    fn head(&self) -> Option<(Head, u64)> {
        let fixed = self.bytes(0, FIXED, FIXED)?;
        let (magic, rest) = fixed.split_first_chunk::<16>()?;
        let (length, sum) = rest.split_first_chunk::<4>()?;
        let length = u32::from_le_bytes(*length) as usize;
        let bytes = self.bytes(FIXED as u64, length, MAX_HEAD)?;
        if *magic != MAGIC || self.key.sum(Place::Head, &bytes) != *sum {
            return None;
        }
        Some((serde_json::from_slice(&bytes).ok()?, (FIXED + length) as u64))
    }

    fn slot<T: DeserializeOwned>(&self, slots_at: u64, slot: u64) -> Option<T> {
        let at = slots_at.checked_add(slot.checked_mul(SLOT as u64)?)?;
        self.block(&Span::from_bytes(&self.bytes(at, SLOT, SLOT)?)?, Place::Slot(slot))
    }

    fn block<T: DeserializeOwned>(&self, span: &Span, place: Place<'_>) -> Option<T> {
        let bytes = self.bytes(span.at, span.length as usize, MAX_BLOCK)?;
        (self.key.sum(place, &bytes) == span.sum).then(|| serde_json::from_slice(&bytes).ok()).flatten()
    }

    fn bytes(&self, at: u64, length: usize, most: usize) -> Option<Vec<u8>> {
        // A torn length must not become an allocation of 4 GiB, so it is held against the file's own size too.
        let end = at.checked_add(length as u64)?;
        if length > most || end > self.file.metadata().ok()?.len() {
            return None;
        }
        let mut bytes = vec![0; length];
        self.file.read_exact_at(&mut bytes, at).ok()?;
        Some(bytes)
    }
}

/// Blocks as they are laid one behind the other.
struct Blocks {
    key: Key,
    /// Where the first begins in the file.
    from: usize,
    bytes: Vec<u8>,
}

impl Blocks {
    fn add(&mut self, place: Place<'_>, value: &impl Serialize) -> std::io::Result<Span> {
        let body = serde_json::to_vec(value)?;
        let at = (self.from + self.bytes.len()) as u64;
        let length = u32::from_le_bytes(length(&body, MAX_BLOCK)?);
        self.bytes.extend(&body);
        Ok(Span { at, length, sum: self.key.sum(place, &body) })
    }
}

/// The bytes of an index file.
fn encode(key: Key, catalogue: &Catalogue) -> std::io::Result<Vec<u8>> {
    let count = 1 + catalogue.programs.len().max(1).next_power_of_two();
    let slots = count as u64;
    let digests = catalogue.digests.iter().map(|digest| digest.0).collect();
    let head = serde_json::to_vec(&Head { digests, slots })?;
    let mut blocks = Blocks { key, from: FIXED + head.len() + SLOT * count, bytes: Vec::new() };
    let mut names = vec![BTreeMap::new(); count];
    for (program, pieces) in &catalogue.programs {
        let span = blocks.add(Place::Program(program), pieces)?;
        let slot = usize::try_from(slot_of(program, slots)).ok().and_then(|slot| names.get_mut(slot));
        if let Some(names) = slot {
            names.insert(program, span);
        }
    }
    let mut table = Vec::with_capacity(SLOT * count);
    for (slot, names) in (ALWAYS..).zip(&names) {
        let span = match slot {
            ALWAYS => blocks.add(Place::Slot(slot), &catalogue.always)?,
            _ => blocks.add(Place::Slot(slot), names)?,
        };
        table.extend(span.to_bytes());
    }
    let length = length(&head, MAX_HEAD)?;
    let sum = key.sum(Place::Head, &head);
    Ok([&MAGIC[..], &length, &sum, &head, &table, &blocks.bytes].concat())
}

fn length(bytes: &[u8], most: usize) -> std::io::Result<[u8; 4]> {
    let fits = u32::try_from(bytes.len()).ok().filter(|_| bytes.len() <= most);
    fits.map(u32::to_le_bytes).ok_or_else(|| std::io::Error::from(std::io::ErrorKind::FileTooLarge))
}

/// Writes beside and renames: a reader sees the old file, the new one or none. The data is made durable before the
/// name, for a power cut would else leave the name with zeros behind it.
fn place(directory: &Opened, name: &str, bytes: &[u8]) -> std::io::Result<()> {
    let beside = format!(".{name}.{:016x}", getrandom::u64().map_err(std::io::Error::other)?);
    let flags = OFlags::WRONLY | OFlags::CREATE | OFlags::EXCL | OFlags::NOFOLLOW | OFlags::CLOEXEC;
    let mut file = File::from(openat(&directory.file, beside.as_str(), flags, Mode::RUSR | Mode::WUSR)?);
    let written = file.write_all(bytes).and_then(|()| file.sync_data());
    let renamed =
        written.and_then(|()| Ok(renameat(&directory.file, beside.as_str(), &directory.file, name)?));
    if renamed.is_err() {
        // Nothing more can be done about a leftover than `prune` will do.
        let _ = unlinkat(&directory.file, beside.as_str(), AtFlags::empty());
    }
    renamed
}

/// Drops the oldest files, leftovers included, so that a project that changes its rules every minute fills no disk.
fn prune(directory: &Opened) {
    let flags = OFlags::RDONLY | OFlags::DIRECTORY | OFlags::CLOEXEC;
    let Ok(list) = openat(&directory.file, ".", flags, Mode::empty()).and_then(Dir::new) else { return };
    let mut files = list
        .filter_map(|entry| Some(OsString::from_vec(entry.ok()?.file_name().to_bytes().to_vec())))
        .filter_map(|name| {
            let stat = rustix::fs::statat(&directory.file, &name, AtFlags::SYMLINK_NOFOLLOW).ok()?;
            (name != "." && name != "..").then_some(((stat.st_mtime, stat.st_mtime_nsec), name))
        })
        .collect::<Vec<_>>();
    files.sort_unstable();
    for (_, name) in files.iter().take((files.len() + 1).saturating_sub(SETS)) {
        let _ = unlinkat(&directory.file, name, AtFlags::empty());
    }
}
