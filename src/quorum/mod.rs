//! Who approved a request, and what is still missing (design section 9).
//!
//! In: the exact bytes of a request, votes, the roster of approvers, and the time. Out: a [`Tally`], in which every
//! vote either counts or is void for a named reason. Never: a clock, a process, or the disk (only [`roster`] reads
//! it, and only [`Saving`] writes it), and never a lenient reading: where `ssh-keygen -Y verify` shrugs (an option it does not know, a wildcard
//! instead of a name, a hardware key that nobody touched), this room refuses. So whatever counts here is confirmed by
//! `ssh-keygen -Y verify -f approvers -I NAME -n remgate` too, but not everything the other way round.
//!
//! | file | what it does |
//! |---|---|
//! | `signature` | one armored signature over some bytes: whose key, and was it touched |
//! | `compute` | the arithmetic, left to crates |
//! | `key` | which public keys are good enough |
//! | `line`, `roster` | the approvers, their groups, revoked keys |
//! | `place`, `read` | where these files are, and reading them |
//! | `vote` | the texts that approvers hand over |
//! | `tally` | counting people |
//! | `survey` | what is wrong with the lists, and who can write them |
//! | `edit`, `save` | adding and removing people, so that nothing else changes |

mod compute;
mod edit;
mod key;
mod line;
mod place;
mod read;
mod roster;
mod save;
mod signature;
mod survey;
mod tally;
#[cfg(test)]
mod tests;
mod vote;
mod wire;

pub use edit::{Added, Addition, EditError, Removed, add, remove};
pub use key::{Key, KeyError, KeyId, Kind};
pub use line::{Validity, Zone};
pub use place::{APPROVERS, GROUPS, Place, REVOKED, places};
pub use read::{RosterError, files, roster, texts};
pub use roster::{Demanded, Listed, Member, Problem, Requester, Revoked, Roster, Texts, Unlisted};
pub use save::{SaveError, Saving};
pub use signature::{MAX_ARMORED, NAMESPACE, SignatureError, Signed, Touch, check};
pub use survey::{Survey, survey};
pub use tally::{Approval, Ballot, Missing, Tally, Void, Why, reviewed, tally};
pub use vote::{MAX_VOTE, Statement, StatementKind, Vote, VoteError, statement};
