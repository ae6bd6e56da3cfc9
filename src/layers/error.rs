//! Why a layer cannot be used. Every text names the path, what was found, and the way out.

use crate::rules::Layer;
use std::io;
use std::path::PathBuf;

/// A layer that cannot be used; the gate ends with exit code 78 and runs nothing.
#[derive(Debug, thiserror::Error)]
pub enum LayerError {
    /// Somebody else owns a rule file or a directory above it, and could change it at any time.
    #[error(
        "`{}` belongs to user id {owner}, and the {layer} layer believes only {believed}; \
         run `chown {} {}` or move the rules; nothing was run",
        .path.display(), .believed.account(), .path.display()
    )]
    Owner {
        /// The file, or the directory above it.
        path: PathBuf,
        /// The user id found.
        owner: u32,
        /// Whose files the layer believes.
        believed: Believed,
        /// The layer that needs it.
        layer: Layer,
    },
    /// Group or others may write a rule file or a directory above it.
    #[error(
        "`{}` has mode {mode:04o}, so other accounts could change the {layer} layer; \
         run `chmod go-w {}`; nothing was run",
        .path.display(), .path.display()
    )]
    Writable {
        /// The file, or the directory above it.
        path: PathBuf,
        /// Its permission bits.
        mode: u32,
        /// The layer that needs it.
        layer: Layer,
    },
    /// A directory, pipe, socket or device where a rule file should be, or a file where a directory should be.
    #[error("`{}` is {found}, not {wanted}; move it away or rename it; nothing was run", .path.display())]
    Type {
        /// What was opened.
        path: PathBuf,
        /// Its type.
        found: &'static str,
        /// The type needed.
        wanted: &'static str,
    },
    /// A link where only a plain file is taken.
    #[error(
        "`{}` is a symbolic link, and rules that may only tighten are not read through links; \
         put the rules themselves there; nothing was run",
        .path.display()
    )]
    Link {
        /// The link.
        path: PathBuf,
    },
    /// More bytes than a rule file may have.
    #[error("`{}` is larger than {limit} bytes; split it; nothing was run", .path.display())]
    Large {
        /// The file.
        path: PathBuf,
        /// The bound in bytes.
        limit: u64,
    },
    /// More files than a layer may have.
    #[error("`{}` holds more than {limit} rule files; join some; nothing was run", .path.display())]
    Many {
        /// The directory.
        path: PathBuf,
        /// The bound.
        limit: usize,
    },
    /// Bytes that are not text.
    #[error("`{}` is not UTF-8 at byte {offset} (line {line}); save it as UTF-8; nothing was run", .path.display())]
    Encoding {
        /// The file.
        path: PathBuf,
        /// First byte that is not UTF-8, from 0.
        offset: usize,
        /// Its line, from 1.
        line: usize,
    },
    /// Somebody wrote to the file while it was read.
    #[error("`{}` changed while it was read; run the command again; nothing was run", .path.display())]
    Changed {
        /// The file.
        path: PathBuf,
    },
    /// A place that depends on the working directory cannot be checked up to the root.
    #[error("`{}` is not an absolute path; name the rules from `/`; nothing was run", .path.display())]
    Relative {
        /// The path given.
        path: PathBuf,
    },
    /// The system refused.
    #[error(
        "cannot {doing} `{}`: {source}; rules that cannot be read could forbid the command, so nothing was run",
        .path.display()
    )]
    Io {
        /// What was tried: `open`, `list`, `read`, ...
        doing: &'static str,
        /// On what.
        path: PathBuf,
        /// What the system said.
        source: io::Error,
    },
}

impl LayerError {
    pub(super) fn io(doing: &'static str, path: impl Into<PathBuf>, source: impl Into<io::Error>) -> Self {
        LayerError::Io { doing, path: path.into(), source: source.into() }
    }
}

/// Whose files and directories a layer believes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Believed {
    /// Root alone: the system layer binds every account, so no single account may own it.
    Root,
    /// Root, or this user id.
    RootOr(u32),
}

impl Believed {
    /// Whether an owner is believed.
    pub(super) fn includes(self, owner: u32) -> bool {
        match self {
            Believed::Root => owner == 0,
            Believed::RootOr(user) => owner == 0 || owner == user,
        }
    }

    /// The account to hand the file to, as chown takes it.
    fn account(self) -> u32 {
        match self {
            Believed::Root => 0,
            Believed::RootOr(user) => user,
        }
    }
}

impl std::fmt::Display for Believed {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Believed::Root | Believed::RootOr(0) => f.write_str("root"),
            Believed::RootOr(user) => write!(f, "root and user id {user}"),
        }
    }
}
