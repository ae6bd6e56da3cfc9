//! Where approvers may be listed.
//!
//! In: the places of rule files. Out: a [`Place`] each. Never: a file that is read.

use crate::layers::Places;
use crate::rules::Layer;
use std::path::PathBuf;

/// The list of approvers, in OpenSSH's `allowed_signers` format.
pub const APPROVERS: &str = "approvers";
/// Their groups.
pub const GROUPS: &str = "approvers.groups";
/// Keys that count no more.
pub const REVOKED: &str = "approvers.revoked";

/// A directory that may hold the three files.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Place {
    /// The directory.
    pub directory: PathBuf,
    /// Whose layer it is, which says who may own it.
    pub layer: Layer,
}

impl Place {
    /// The path of one of the files.
    #[must_use]
    pub fn file(&self, name: &str) -> PathBuf {
        self.directory.join(name)
    }
}

/// Where approvers may be listed; the first place that has the file is the only one that counts.
///
/// The account's own directory comes before the one that the environment names: `XDG_CONFIG_HOME=/tmp/x remgate ...`
/// would bring its own approvers along.
#[must_use]
pub fn places(places: &Places) -> Vec<Place> {
    let user = places.account.iter().chain(&places.user);
    let user = user.map(|directory| Place { directory: directory.clone(), layer: Layer::User });
    let system = Place { directory: places.system.clone(), layer: Layer::System };
    std::iter::once(system).chain(user).collect()
}
