//! Rule layers on disk: which files count, whom they may be believed, and which of their entries a call needs.
//!
//! In: the places to look, the programs of one call, and the proof that `rules` gives of a set of files.
//! Out: the text of the entries that concern the call, each with its place and the digest of its whole file.
//! Never: decides what a rule means, loads part of a file that has a problem, or lets a file that anybody but root
//! or the user can change loosen anything. What cannot be read is an error, because a layer that goes missing takes
//! its tightening rules with it.

mod cut;
mod error;
mod find;
mod index;
pub mod init;
mod load;
mod read;
mod walk;

pub use cut::Kind;
pub use error::{Believed, LayerError};
pub use find::{FILES, Found, Places, find, named};
pub use load::{
    Concerns, FileConcerns, Index, LoadError, Loaded, Part, Prove, Refused, Selected, check, load,
};
pub use read::{Digest, MAX_BYTES, RuleFile, read};
