//! Counts votes on one request.
//!
//! In: the roster, what is demanded, who asks, the request's bytes, the time, and votes in any order. Out: who counts,
//! who refused, which votes are void and why, and what is missing. Never: one person twice (two keys, two names of the
//! requester), a vote on other bytes, or an answer that depends on which vote came first.

use super::key::KeyId;
use super::roster::{Demanded, Requester, Roster, Unlisted};
use super::signature::{SignatureError, Signed, Touch, check};
use super::vote::{Statement, StatementKind, Vote};
use crate::actor::ActorKind;
use crate::bind::Digest;
use crate::journal::ActionId;
use chrono::{DateTime, Utc};
use std::cmp::Reverse;
use std::collections::{BTreeMap, BTreeSet};
use std::fmt;

/// What is voted on, and by which law.
#[derive(Clone, Copy, Debug)]
pub struct Ballot<'a> {
    /// Who may approve.
    pub roster: &'a Roster,
    /// What the verdict and the rules ask for.
    pub demanded: &'a Demanded,
    /// Who asks.
    pub requester: &'a Requester,
    /// The request's id.
    pub id: &'a ActionId,
    /// The request, byte for byte as it was stored.
    pub request: &'a [u8],
    /// The time by which keys must be valid.
    pub now: DateTime<Utc>,
}

/// One person's yes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Approval {
    /// Who.
    pub person: String,
    /// With which key.
    pub key: KeyId,
    /// Whether a hardware key was touched.
    pub touch: Touch,
    /// The vote's name.
    pub vote_sha256: String,
}

/// A vote that does not count.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Void {
    /// Whose it is, where a valid signature and the roster say so.
    pub who: Option<String>,
    /// The key that signed, where the signature holds.
    pub key: Option<KeyId>,
    /// Why it does not count.
    pub why: Why,
    /// The vote's name.
    pub vote_sha256: String,
}

/// Why a vote does not count.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Why {
    /// The signature does not hold.
    #[error("the signature is not accepted: {0}")]
    Signature(#[from] SignatureError),
    /// The key speaks for nobody.
    #[error("{0}")]
    Unlisted(#[from] Unlisted),
    /// Another vote of the same person counts already.
    #[error("{0} has approved already, and counts once")]
    Again(String),
    /// Another name of whoever asks counts already.
    #[error("{0} and {1} are both the one who asks, and count once")]
    SamePerson(String, String),
    /// An agent's own account: nothing shows a human.
    #[error(
        "{0} is the account that the {1} itself runs under; only a touched hardware key would show a human"
    )]
    OwnMachine(String, ActorKind),
    /// Whoever broke the glass cannot review it.
    #[error("{0} asked for it, so somebody else must review it")]
    OwnReview(String),
    /// A statement about another request.
    #[error("it is about another request ({0})")]
    OtherRequest(String),
    /// A statement that is not as the gate writes it.
    #[error("its statement is not as `remgate` writes it")]
    Statement,
    /// A review where an answer is asked for, or the other way round.
    #[error("it is a {0}, which is not what is asked for here")]
    OtherKind(&'static str),
}

/// What is still needed.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Missing {
    /// How many more people.
    pub people: u8,
    /// Groups that nobody has approved for.
    pub groups: Vec<String>,
}

impl fmt::Display for Missing {
    /// `1 more person`, `2 more people, one of dba`, `somebody of dba`.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let people = match self.people {
            0 => String::new(),
            1 => "1 more person".to_owned(),
            more => format!("{more} more people"),
        };
        let groups = self.groups.join(" and one of ");
        match (self.people, self.groups.is_empty()) {
            (0, true) => f.write_str("nobody"),
            (0, false) => write!(f, "one of {groups}"),
            (_, true) => f.write_str(&people),
            (_, false) => write!(f, "{people}, and one of {groups}"),
        }
    }
}

/// The count.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Tally {
    /// Who approved, each person once, by name.
    pub approvals: Vec<Approval>,
    /// Who refused and why, each person once, by name. One is enough.
    pub rejections: Vec<(String, String)>,
    /// What does not count.
    pub void: Vec<Void>,
    /// What is missing.
    pub missing: Missing,
}

impl Tally {
    /// Whether the demand is met: nobody refused, and nothing is missing.
    #[must_use]
    pub fn met(&self) -> bool {
        self.rejections.is_empty() && self.missing == Missing::default()
    }
}

/// Counts approvals and rejections.
#[must_use]
pub fn tally(ballot: &Ballot<'_>, votes: &[Vote]) -> Tally {
    let mut approvals = Vec::new();
    let mut rejections = BTreeMap::new();
    let mut void = Vec::new();
    for (name, vote) in by_name(votes) {
        let heard = match vote {
            Vote::Approval(signature) => {
                ballot.approval(signature, name).map(|approval| approvals.push(approval))
            }
            Vote::Rejection { statement, signature } => {
                ballot.stated(StatementKind::Rejection, statement, signature, name).map(|(approver, said)| {
                    rejections.entry(approver.person).or_insert(said.reason);
                })
            }
            Vote::Review { .. } => Err(Void::of(Why::OtherKind("review"), name)),
        };
        void.extend(heard.err());
    }
    let approvals = ballot.once_each(approvals, &mut void);
    let missing = ballot.missing(&approvals);
    void.sort_by(|one, other| one.vote_sha256.cmp(&other.vote_sha256));
    Tally { approvals, rejections: rejections.into_iter().collect(), void, missing }
}

/// Who has looked at what ran under break-glass. `requester` is whoever broke the glass.
#[must_use]
pub fn reviewed(ballot: &Ballot<'_>, votes: &[Vote]) -> Vec<Approval> {
    let reviews = by_name(votes).into_iter().filter_map(|(name, vote)| match vote {
        Vote::Review { statement, signature } => {
            let (review, _) = ballot.stated(StatementKind::Review, statement, signature, name).ok()?;
            (!ballot.requester.is(&review.person)).then_some(review)
        }
        Vote::Approval(_) | Vote::Rejection { .. } => None,
    });
    ballot.once_each(reviews.collect(), &mut Vec::new())
}

/// Votes by their names, so that the order in which they came decides nothing. The same text twice is one vote.
fn by_name(votes: &[Vote]) -> BTreeMap<String, &Vote> {
    votes.iter().map(|vote| (vote.sha256(), vote)).collect()
}

impl Void {
    fn of(why: impl Into<Why>, vote_sha256: String) -> Self {
        Self { who: None, key: None, why: why.into(), vote_sha256 }
    }

    fn by(approval: Approval, why: Why) -> Self {
        let Approval { person, key, vote_sha256, .. } = approval;
        Self { who: Some(person), key: Some(key), why, vote_sha256 }
    }
}

impl Ballot<'_> {
    fn approval(&self, signature: &str, name: String) -> Result<Approval, Void> {
        let approval = self.signed(signature, self.request, name)?;
        // Whatever an agent can read or reach under its own account, it can sign with. A finger it has not.
        let machine = self.requester.kind != ActorKind::Human;
        if machine && approval.touch == Touch::NotAsked && self.requester.is(&approval.person) {
            let why = Why::OwnMachine(approval.person.clone(), self.requester.kind);
            return Err(Void::by(approval, why));
        }
        Ok(approval)
    }

    /// A statement, and who makes it.
    fn stated(
        &self,
        kind: StatementKind,
        line: &str,
        signature: &str,
        name: String,
    ) -> Result<(Approval, Statement), Void> {
        let approver = self.signed(signature, line.as_bytes(), name)?;
        let Some(said) = Statement::parse(line) else { return Err(Void::by(approver, Why::Statement)) };
        if said.kind != kind {
            return Err(Void::by(approver, Why::OtherKind(said.kind.word())));
        }
        if said.id != *self.id || said.request_sha256 != Digest::of(self.request).to_string() {
            return Err(Void::by(approver, Why::OtherRequest(said.id.to_string())));
        }
        Ok((approver, said))
    }

    fn signed(&self, signature: &str, message: &[u8], name: String) -> Result<Approval, Void> {
        let Signed { key, touch } = match check(signature.as_bytes(), message) {
            Ok(signed) => signed,
            Err(error) => return Err(Void::of(error, name)),
        };
        match self.roster.person(&key, self.now) {
            Ok(person) => Ok(Approval { person: person.to_owned(), key, touch, vote_sha256: name }),
            Err(unlisted) => Err(Void {
                who: unlisted.person().map(str::to_owned),
                key: Some(key),
                why: unlisted.into(),
                vote_sha256: name,
            }),
        }
    }

    /// Keeps one approval of each person; all names of the requester are one person.
    fn once_each(&self, approvals: Vec<Approval>, void: &mut Vec<Void>) -> Vec<Approval> {
        let mut of_person: BTreeMap<Option<String>, Vec<Approval>> = BTreeMap::new();
        for approval in approvals {
            let other = (!self.requester.is(&approval.person)).then(|| approval.person.clone());
            of_person.entry(other).or_default().push(approval);
        }
        let mut kept = Vec::new();
        for mut of_one in of_person.into_values() {
            of_one.sort_by_key(|approval| self.rank(approval));
            let mut of_one = of_one.into_iter();
            let Some(best) = of_one.next() else { continue };
            void.extend(of_one.map(|again| {
                let why = if again.person == best.person {
                    Why::Again(best.person.clone())
                } else {
                    Why::SamePerson(best.person.clone(), again.person.clone())
                };
                Void::by(again, why)
            }));
            kept.push(best);
        }
        kept.sort_by(|one, other| one.person.cmp(&other.person));
        kept
    }

    /// Which of one person's approvals counts: the one that stands for most groups, a touched key before another,
    /// else the first by name.
    fn rank(&self, approval: &Approval) -> (Reverse<usize>, Reverse<Touch>, String) {
        let groups = &self.demanded.groups;
        let stands_for = groups.iter().filter(|group| self.roster.is_in(&approval.person, group)).count();
        (Reverse(stands_for), Reverse(approval.touch), approval.vote_sha256.clone())
    }

    fn missing(&self, approvals: &[Approval]) -> Missing {
        let have = u8::try_from(approvals.len()).unwrap_or(u8::MAX);
        let wanted: BTreeSet<&String> = self.demanded.groups.iter().collect();
        let stands =
            |group: &str| approvals.iter().any(|approval| self.roster.is_in(&approval.person, group));
        let groups = wanted.into_iter().filter(|group| !stands(group)).cloned().collect();
        Missing { people: self.demanded.people.max(1).saturating_sub(have), groups }
    }
}
