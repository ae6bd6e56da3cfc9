//! Reading the list of approvers.
//!
//! In: the places of rule files. Out: a [`Roster`] from one of them, or none. Never: people from two places at once:
//! what the administrator lists in `/etc/remgate` no account may add to.

use super::place::{APPROVERS, GROUPS, Place, REVOKED, places};
use super::roster::{Problem, Roster, Texts};
use crate::layers::{self, LayerError, Places};
use std::path::{Path, PathBuf};

/// Why there is no roster although there should be one. Nobody counts then.
#[derive(Debug, thiserror::Error)]
pub enum RosterError {
    /// A file cannot be read, or not be believed.
    #[error("the list of approvers cannot be used: {0}")]
    Layer(#[from] LayerError),
    /// Lines that are not understood.
    #[error("{}; nobody counts as an approver until that is put right; nothing was run", told(.directory, .problems))]
    Problems {
        /// Where the files are.
        directory: PathBuf,
        /// All of them, at least one.
        problems: Vec<Problem>,
    },
}

fn told(directory: &Path, problems: &[Problem]) -> String {
    let first = problems.first().map(ToString::to_string).unwrap_or_default();
    let more = match problems.len() {
        0 | 1 => String::new(),
        all => format!(" (and {} more; see `remgate approver check`)", all.saturating_sub(1)),
    };
    format!("{}{}{first}{more}", directory.display(), std::path::MAIN_SEPARATOR)
}

/// The approvers in force, or `None` where no place lists any.
///
/// # Errors
/// A place has the file, and something is wrong with it.
pub fn roster(at: &Places) -> Result<Option<Roster>, RosterError> {
    for place in places(at) {
        if let Some(texts) = texts(&place)? {
            return Roster::of(&texts, place).map(Some);
        }
    }
    Ok(None)
}

/// The three files of a place, or `None` where it has no list. Groups alone list nobody.
///
/// # Errors
/// A file cannot be read, or not be believed.
pub fn texts(place: &Place) -> Result<Option<Texts>, LayerError> {
    let [approvers, groups, revoked] = files(place)?;
    let texts = |approvers| Texts {
        approvers,
        groups: groups.unwrap_or_default(),
        revoked: revoked.unwrap_or_default(),
    };
    Ok(approvers.map(texts))
}

/// The texts of the approvers, of their groups, and of revoked keys, each where there is such a file.
///
/// # Errors
/// A file cannot be read, or not be believed.
pub fn files(place: &Place) -> Result<[Option<String>; 3], LayerError> {
    let [approvers, groups, revoked] =
        layers::named(&place.directory, place.layer, [APPROVERS, GROUPS, REVOKED])?;
    let text = |file: Option<layers::Found>| match file {
        Some(file) => layers::read(&file).map(|file| Some(file.source.text)),
        None => Ok(None),
    };
    Ok([text(approvers)?, text(groups)?, text(revoked)?])
}

impl Roster {
    /// [`Roster::parse`], with all problems as one error.
    ///
    /// # Errors
    /// [`RosterError::Problems`].
    pub fn of(texts: &Texts, place: Place) -> Result<Roster, RosterError> {
        let directory = place.directory.clone();
        Roster::parse(texts, place).map_err(|problems| RosterError::Problems { directory, problems })
    }
}
