//! Asking people who are elsewhere: a stored request, their votes, and the look at everything again before the start
//! (design section 9).
//!
//! In: a [`Case`] whose demand takes signatures. Out: a grant and what may be started with it, or why not. Never: a start
//! with anything but what was approved - whatever is not as it was is named, field by field.

use super::world::World;
use super::{Case, Patience, Sought, bound, told};
use crate::actor::Mode;
use crate::approve::{Grant, Refusal, RefusalReason, Waited, wait};
use crate::bind::BindError;
use crate::clock;
use crate::house::House;
use crate::inbox::Inbox;
use crate::journal::{ActionId, Journal, Record, Use};
use crate::quorum::{self, Approval, Ballot, Demanded, Missing, Requester, Roster, Tally, Vote, tally};
use crate::request::{Lifetime, Moment, Request, between, timely};
use crate::run::Plan;
use crate::stop::Stop;
use chrono::TimeDelta;
use serde_json::{Map, Value, json};
use std::collections::BTreeSet;
use std::time::Duration;

/// What the votes on a request come to.
#[derive(Debug)]
pub enum Count {
    /// Not enough yet.
    Lacking(Tally),
    /// The people it takes agreed.
    Met(Tally),
    /// Somebody refused.
    Refused(Refusal),
}

/// What probes found before people were asked.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Probes {
    /// They are asked again: since then minutes went by, or days.
    Again,
    /// They are not: whoever answered at the terminal saw it a moment ago.
    Believed,
}

impl Case {
    /// Who has to agree, as rules and verdict say.
    #[must_use]
    pub fn demanded(&self) -> Demanded {
        super::demanded(&self.judgement, self.verdict)
    }

    /// Who asks, as approvers are counted.
    #[must_use]
    pub fn requester(&self) -> Requester {
        let actor = &self.actor;
        Requester { kind: actor.kind, name: actor.name.clone(), account: actor.account.clone() }
    }

    /// Finds or makes the request, waits for its approval as long as it may, and looks at everything again.
    ///
    /// # Errors
    /// The record, the inbox, the list of approvers or the world cannot be read.
    pub(super) fn petition(&mut self, journal: &Journal) -> Result<Sought, Stop> {
        let inbox = self.house.inbox()?;
        let given = self.call.approving.request.clone();
        let (request, world) = match given {
            Some(request) => {
                if let Some(refusal) = used(journal, &request)? {
                    // Who refused it, and why, stands in the vote, as long as that is there.
                    return Ok(Sought::Refused(
                        match (refusal.reason(), self.votes(inbox.as_ref(), &request)?) {
                            (RefusalReason::Rejected, Count::Refused(told)) => told,
                            (_, Count::Refused(_) | Count::Met(_) | Count::Lacking(_)) => refusal,
                        },
                    ));
                }
                let world = World::of_request(self, &request)?;
                (*request, world)
            }
            None => {
                let world = World::look(self)?;
                let request = self.ask(journal, inbox.as_ref(), &world)?;
                let lacking = self.lacking(&self.demanded())?;
                told::requested(self, &request, &[world.withheld(), lacking]);
                (request, world)
            }
        };
        match self.await_votes(inbox.as_ref(), &request)? {
            Waited::Found(Count::Refused(refusal)) => Ok(Sought::Refused(refusal)),
            Waited::Found(Count::Met(_)) => self.resume(journal, inbox.as_ref(), &request, world),
            Waited::Found(Count::Lacking(tally)) => {
                Ok(Sought::Refused(self.pending(&request, &tally, "is pending")))
            }
            Waited::InVain => {
                let tally = self.count(inbox.as_ref(), &request)?;
                Ok(Sought::Refused(self.pending(&request, &tally, "did not come in time")))
            }
            Waited::Left(_) => {
                let tally = self.count(inbox.as_ref(), &request)?;
                Ok(Sought::Refused(self.pending(&request, &tally, "was not waited for")))
            }
        }
    }

    /// Refuses to run by its request what nobody has to agree to any more: then the rules or the place are others than when
    /// people were asked. Run by that id it would outlive a rejection, run again and again, and get another standard input.
    ///
    /// # Errors
    /// As [`Case::petition`].
    pub(super) fn freed(&mut self, journal: &Journal, request: &Request) -> Result<Sought, Stop> {
        if let Some(refusal) = used(journal, request)? {
            return Ok(Sought::Refused(refusal));
        }
        if let Count::Refused(refusal) = self.votes(self.house.inbox()?.as_ref(), request)? {
            return Ok(Sought::Refused(refusal));
        }
        let world = World::of_request(self, request)?;
        let unchanged = self.unchanged(journal, Probes::Again, request.fields(), world)?;
        let freed = || drifted(vec!["nobody has to agree to it any more".to_owned()]);
        Ok(Sought::Refused(unchanged.err().unwrap_or_else(freed)))
    }

    /// Makes the request: on record first, then in the inbox, so that nobody approves what no log knows.
    pub(super) fn ask(&self, journal: &Journal, inbox: &dyn Inbox, world: &World) -> Result<Request, Stop> {
        let demanded = self.demanded();
        let bound = bound::fields(self, &demanded, world, journal)?;
        let lives = TimeDelta::from_std(self.call.approving.lives).unwrap_or(TimeDelta::days(1));
        let created = clock::now();
        let life = Lifetime { created, expires: created + lives, uptime_ms: crate::bind::uptime_ms() };
        let mut intent = self.intent(None);
        intent.body.extend([
            ("people".to_owned(), json!(demanded.people)),
            ("groups".to_owned(), json!(demanded.groups)),
            ("expires".to_owned(), json!(life.expires.to_rfc3339_opts(chrono::SecondsFormat::Millis, true))),
        ]);
        let request = journal.request(intent, |bookmark| {
            let request = Request::compose(&self.id, &bound, life, bookmark)?;
            Ok((request.sha256(), request))
        })?;
        world.keep(&self.id, &self.house)?;
        inbox.put(&self.id, request.bytes())?;
        Ok(request)
    }

    /// Counts votes until they suffice, somebody refuses, or it is not worth waiting any more.
    fn await_votes(&self, inbox: &dyn Inbox, request: &Request) -> Result<Waited<Count>, Stop> {
        // A job never waits for anyone, however it was called.
        let patience = if self.mode == Mode::Deny { Patience::Leave } else { self.call.approving.patience };
        let limit = match patience {
            Patience::Wait => self.call.ask_timeout,
            Patience::Leave => Duration::ZERO,
        };
        let mut line = told::Line::new(self);
        let waited = wait(limit, |left| {
            let count = self.votes(inbox, request)?;
            Ok::<_, Stop>(match (count, patience) {
                (Count::Lacking(tally), Patience::Wait) => {
                    line.tell(request, &tally, left);
                    None
                }
                (count, _) => Some(count),
            })
        });
        match &waited {
            Ok(Waited::Found(Count::Met(tally))) => line.met(tally),
            Ok(_) | Err(_) => line.end(),
        }
        waited
    }

    /// What the votes come to now.
    pub(super) fn votes(&self, inbox: &dyn Inbox, request: &Request) -> Result<Count, Stop> {
        if let Err(late) = timely(request, moment()) {
            let text = late.to_string();
            return Ok(Count::Refused(Refusal::other(
                RefusalReason::Untimely,
                text,
                "run the command again for a new request".to_owned(),
            )));
        }
        let tally = self.count(inbox, request)?;
        if let Some((person, reason)) = tally.rejections.first() {
            let text = format!("{person} refused the request: {reason}");
            let remedy = "talk to them; another command is another request".to_owned();
            return Ok(Count::Refused(Refusal::other(RefusalReason::Rejected, text, remedy)));
        }
        Ok(if tally.met() { Count::Met(tally) } else { Count::Lacking(tally) })
    }

    /// Counts the votes in the inbox by the list of approvers as it is now.
    fn count(&self, inbox: &dyn Inbox, request: &Request) -> Result<Tally, Stop> {
        let votes = inbox.votes(request.id())?;
        let roster = quorum::roster(&self.house.places)?;
        Ok(count(roster.as_ref(), request, &votes))
    }

    /// The people it takes agreed: is it still what they agreed to, and do they still count?
    fn resume(
        &mut self,
        journal: &Journal,
        inbox: &dyn Inbox,
        request: &Request,
        world: World,
    ) -> Result<Sought, Stop> {
        let plan = match self.unchanged(journal, Probes::Again, request.fields(), world)? {
            Ok(plan) => plan,
            Err(refusal) => return Ok(Sought::Refused(refusal)),
        };
        // Last of all, and by the list as it is now: somebody may have been taken off it meanwhile.
        let tally = match self.votes(inbox, request)? {
            Count::Met(tally) | Count::Lacking(tally) => tally,
            Count::Refused(refusal) => return Ok(Sought::Refused(refusal)),
        };
        Ok(match Grant::approved(&tally, request) {
            Some(grant) => Sought::Granted(grant, Box::new(plan)),
            None => Sought::Refused(self.pending(request, &tally, "does not suffice any more")),
        })
    }

    /// What may be started, if all that was agreed to is as it was; else the refusal that names what is not.
    ///
    /// # Errors
    /// The rules, the record or the world cannot be read.
    pub(super) fn unchanged(
        &mut self,
        journal: &Journal,
        probes: Probes,
        agreed_to: &Map<String, Value>,
        world: World,
    ) -> Result<Result<Plan, Refusal>, Stop> {
        let mut now = Self::hear(&self.call, &self.house)?;
        now.id = self.id.clone();
        match probes {
            Probes::Again => now.measure(journal)?,
            Probes::Believed => {
                now.measured.clone_from(&self.measured);
                now.verdict = now.verdict.max(self.verdict);
            }
        }
        let world = match world.again(&now) {
            Ok(world) => world,
            Err(Stop::Bind(error @ (BindError::OtherDirectory { .. } | BindError::Drifted { .. }))) => {
                return Ok(Err(drifted(vec![
                    error.to_string().replace("; the command was not started", ""),
                ])));
            }
            Err(stop) => return Err(stop),
        };
        let found = bound::fields(&now, &now.demanded(), &world, journal)?;
        let drift: Vec<String> = between(agreed_to, &found).iter().map(ToString::to_string).collect();
        if !drift.is_empty() {
            return Ok(Err(drifted(drift)));
        }
        let unmet = match probes {
            Probes::Again => now.unmet(journal)?,
            Probes::Believed => None,
        };
        if let Some(refusal) = unmet {
            return Ok(Err(refusal));
        }
        self.handed = world.told();
        match now.plan {
            Ok(plan) => Ok(Ok(world.given_to(plan, &self.call.action)?)),
            Err(error) => Ok(Err(super::no_program(&error))),
        }
    }

    /// The refusal of a call whose request stays open.
    fn pending(&self, request: &Request, tally: &Tally, how: &str) -> Refusal {
        let id = request.id();
        let lacks = tally.missing.to_string();
        let text = format!("the approval of request {id} {how}; it lacks {lacks}");
        let remedy = format!(
            "an approver calls `remgate approve {id}`; then `remgate resume {id}` runs it, until {}",
            request.expires().format("%H:%M UTC")
        );
        Refusal::other(RefusalReason::Unapproved, text, remedy).with_details(passed_over(tally, id))
    }
}

/// So many votes that do not count are told of.
const VOID_TOLD: usize = 3;

/// Why votes do not count, each once: whoever brought an approval along would wait for it in vain.
fn passed_over(tally: &Tally, id: &ActionId) -> Vec<String> {
    let told: BTreeSet<String> =
        tally.void.iter().map(|void| format!("a vote does not count: {}", void.why)).collect();
    let more = told.len().saturating_sub(VOID_TOLD);
    let more = (more > 0).then(|| format!("and {more} more; `remgate pending {id}` shows them"));
    told.into_iter().take(VOID_TOLD).chain(more).collect()
}

/// Counts stored votes. Without a list of approvers nobody counts.
#[must_use]
pub fn count(roster: Option<&Roster>, request: &Request, votes: &[Vec<u8>]) -> Tally {
    // Both are there in every request that could be read.
    let (Ok(demanded), Ok(requester)) = (request.demanded(), request.requester()) else {
        return nobody(u8::MAX, Vec::new());
    };
    let Some(roster) = roster else { return nobody(demanded.people, demanded.groups) };
    tally(&ballot(roster, request, &demanded, &requester), &readable(votes))
}

fn ballot<'a>(
    roster: &'a Roster,
    request: &'a Request,
    demanded: &'a Demanded,
    requester: &'a Requester,
) -> Ballot<'a> {
    Ballot { roster, demanded, requester, id: request.id(), request: request.bytes(), now: clock::now() }
}

/// The votes among what lies in the inbox.
fn readable(votes: &[Vec<u8>]) -> Vec<Vote> {
    votes.iter().filter_map(|vote| Vote::parse(vote).ok()).collect()
}

fn nobody(people: u8, groups: Vec<String>) -> Tally {
    let missing = Missing { people, groups };
    Tally { approvals: Vec::new(), rejections: Vec::new(), void: Vec::new(), missing }
}

/// Now, on the machine that made the request.
#[must_use]
pub fn moment() -> Moment {
    Moment { now: clock::now(), uptime_ms: Some(crate::bind::uptime_ms()) }
}

/// Whether the log says that the request was used, or does not know it.
fn used(journal: &Journal, request: &Request) -> Result<Option<Refusal>, Stop> {
    let claim = request.claim().map_err(|error| Stop::Request(request.id().clone(), error))?;
    let (reason, text) = match journal.use_of(request.id(), &claim)? {
        Use::Open => return Ok(None),
        Use::Spent(seq) => (
            RefusalReason::Used,
            format!("request {} was used already, by record {seq} of the log", request.id()),
        ),
        Use::Rejected(seq) => (
            RefusalReason::Rejected,
            format!("request {} was refused by an approver, as record {seq} of the log says", request.id()),
        ),
        Use::Unknown => (
            RefusalReason::Used,
            format!("this log does not know request {}, or knows it with other content", request.id()),
        ),
    };
    let remedy = "run the command again for a new request".to_owned();
    Ok(Some(Refusal::other(reason, text, remedy)))
}

/// The refusal that names what is not as it was approved.
fn drifted(what: Vec<String>) -> Refusal {
    let text = "it is not what was approved".to_owned();
    let remedy = "run the command again, to be approved as it is now".to_owned();
    Refusal::other(RefusalReason::Drifted, text, remedy).with_details(what)
}

/// Who reviewed the run without approval that a record tells of, as far as the inbox knows.
///
/// # Errors
/// The inbox or the list of approvers cannot be read.
pub fn reviewer(house: &House, inbox: &dyn Inbox, owed: &Record) -> Result<Option<String>, Stop> {
    let Some(id) = owed.id().and_then(ActionId::parse) else { return Ok(None) };
    let (Some(bytes), Some(roster)) = (inbox.request(&id)?, quorum::roster(&house.places)?) else {
        return Ok(None);
    };
    let request = Request::parse(bytes).map_err(|error| Stop::Request(id.clone(), error))?;
    // Whoever owes the review could put something harmless there under its id.
    let ran = owed.value.get("grant").and_then(|grant| grant.get("request")?.as_str());
    if ran != Some(request.sha256().as_str()) {
        return Ok(None);
    }
    Ok(reviews(&roster, &request, &inbox.votes(&id)?).into_iter().next().map(|approval| approval.person))
}

/// The reviews that count of a run without approval: those of people who did not sign for it.
#[must_use]
pub fn reviews(roster: &Roster, request: &Request, votes: &[Vec<u8>]) -> Vec<Approval> {
    let (Ok(demanded), Ok(requester)) = (request.demanded(), request.requester()) else { return Vec::new() };
    let (ballot, votes) = (ballot(roster, request, &demanded, &requester), readable(votes));
    // Whoever broke the glass signed the request itself, under whatever name.
    let broke: Vec<String> =
        tally(&ballot, &votes).approvals.into_iter().map(|approval| approval.person).collect();
    let mut reviews = quorum::reviewed(&ballot, &votes);
    reviews.retain(|review| !broke.contains(&review.person));
    reviews
}
