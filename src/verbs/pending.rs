//! `remgate pending`: the requests that wait, or everything about one.

use super::{Unshown, carried, columns};
use crate::case::{count, moment};
use crate::cli::approvals::Pending as Options;
use crate::clock;
use crate::house::{House, boot_id};
use crate::inbox::{Inbox, InboxError};
use crate::journal::{Journal, Use};
use crate::quorum::{self, Roster, Tally};
use crate::report::pending::{self as page, Pending, State};
use crate::report::question::Screen;
use crate::report::{Out, sanitize};
use crate::request::{Moment, Request, timely};
use crate::stop::Stop;
use serde_json::Value;
use std::time::Duration;

/// Between two looks of `--watch`.
const LOOK_AGAIN: Duration = Duration::from_secs(1);

/// One request with its count.
struct Counted {
    request: Request,
    tally: Tally,
    state: State,
}

impl Counted {
    fn of(request: Request, place: &Place) -> Result<Self, Unshown> {
        let votes = place.inbox.votes(request.id()).map_err(Stop::from)?;
        Self::with(request, &votes, place)
    }

    /// One of many: a flood of votes on it must not take the others off the list.
    fn listed(request: Request, place: &Place) -> Result<Self, Unshown> {
        match place.inbox.votes(request.id()) {
            Err(InboxError::Crowded { .. }) => {
                let counted = Self::with(request, &[], place)?;
                // What is over by the log or the clock is over whoever floods it.
                let state = if counted.state == State::Waiting { State::Flooded } else { counted.state };
                Ok(Self { state, ..counted })
            }
            votes => Self::with(request, &votes.map_err(Stop::from)?, place),
        }
    }

    fn with(request: Request, votes: &[Vec<u8>], place: &Place) -> Result<Self, Unshown> {
        let tally = count(place.roster.as_ref(), &request, votes);
        let state = state(&request, &tally, &place.house, place.journal.as_ref())?;
        Ok(Self { request, tally, state })
    }

    fn shown(&self) -> Pending<'_> {
        Pending {
            request: self.request.fields(),
            state: self.state,
            have: self.tally.approvals.iter().map(|approval| approval.person.clone()).collect(),
            missing_people: self.tally.missing.people,
            missing_groups: self.tally.missing.groups.clone(),
        }
    }

    /// What became of each vote, one line each.
    fn votes(&self) -> Vec<String> {
        let approved =
            self.tally.approvals.iter().map(|by| format!("approved by {} ({})", by.person, by.key));
        let rejected =
            self.tally.rejections.iter().map(|(person, reason)| format!("rejected by {person}: {reason}"));
        let void = self.tally.void.iter().map(|void| format!("does not count: {}", void.why));
        approved.chain(rejected).chain(void).map(sanitize::text).collect()
    }
}

/// Where requests are, and what says how they stand.
struct Place {
    house: House,
    inbox: Box<dyn Inbox>,
    roster: Option<Roster>,
    /// This account's log, where there is one.
    journal: Option<Journal>,
}

impl Place {
    fn here() -> Result<Self, Unshown> {
        let house = House::look().map_err(Stop::from)?;
        let inbox = carried::inbox(&house)?;
        let roster = quorum::roster(&house.places).map_err(Stop::from)?;
        let journal = log_of(&house)?;
        Ok(Self { house, inbox, roster, journal })
    }

    fn counted(&self) -> Result<Vec<Counted>, Unshown> {
        let mut all = Vec::new();
        for id in self.inbox.list().map_err(Stop::from)? {
            // Whoever may write the inbox may put anything there; what is no request is not shown as one.
            if let Ok(request) = carried::stored(&id, self.inbox.as_ref()) {
                all.push(Counted::listed(request, self)?);
            }
        }
        all.sort_by_key(|counted| counted.request.created());
        Ok(all)
    }
}

/// This account's log, where there is one.
pub(super) fn log_of(house: &House) -> Result<Option<Journal>, Unshown> {
    let there = crate::house::exists(&house.log().map_err(Stop::from)?);
    Ok(there.then(|| house.journal()).transpose().map_err(Stop::from)?)
}

/// How a request stands, by its votes, the clocks, and the log of this account.
pub(super) fn state(
    request: &Request,
    tally: &Tally,
    house: &House,
    journal: Option<&Journal>,
) -> Result<State, Unshown> {
    if let (Some(journal), Ok(claim)) = (journal, request.claim()) {
        match journal.use_of(request.id(), &claim).map_err(Stop::from)? {
            Use::Spent(_) => return Ok(State::Used),
            Use::Rejected(_) => return Ok(State::Rejected),
            Use::Open | Use::Unknown => {}
        }
    }
    // What the machine counts since its start means something for its own requests alone.
    let here =
        request.text("host") == Some(house.host.as_str()) && request.text("boot") == boot_id().as_deref();
    let moment = if here { moment() } else { Moment { now: clock::now(), uptime_ms: None } };
    Ok(match timely(request, moment) {
        _ if !tally.rejections.is_empty() => State::Rejected,
        Err(_) => State::Expired,
        Ok(()) if tally.met() => State::Approved,
        Ok(()) => State::Waiting,
    })
}

pub(super) fn pending(options: &Options) -> Result<u8, Unshown> {
    let place = Place::here()?;
    match &options.id {
        Some(id) => one(id, &place, options),
        None if options.watch => watch(&place, options),
        None => {
            let mut out = Out::stdout();
            let counted = wanted(place.counted()?, options);
            if options.json {
                out.line(counted.iter().map(|counted| counted.shown().to_json()).collect::<Value>())?;
            } else {
                out.line(table(&counted).trim_end())?;
            }
            out.finish()?;
            Ok(0)
        }
    }
}

fn wanted(mut counted: Vec<Counted>, options: &Options) -> Vec<Counted> {
    counted.retain(|counted| {
        options.all || matches!(counted.state, State::Waiting | State::Approved | State::Flooded)
    });
    counted
}

fn table(counted: &[Counted]) -> String {
    let shown: Vec<Pending<'_>> = counted.iter().map(Counted::shown).collect();
    page::table(&shown, columns(), clock::now())
}

/// Draws the table whenever it changes, until somebody leaves.
fn watch(place: &Place, options: &Options) -> Result<u8, Unshown> {
    let look = super::look_of_stdout();
    loop {
        let text = table(&wanted(place.counted()?, options));
        let mut out = Out::stdout();
        out.line(look.whole_screen(text.trim_end()))?;
        out.finish()?;
        std::thread::sleep(LOOK_AGAIN);
    }
}

fn one(id: &str, place: &Place, options: &Options) -> Result<u8, Unshown> {
    let (request, _) = carried::request(id, place.inbox.as_ref())?;
    let counted = Counted::of(request, place)?;
    let mut out = Out::stdout();
    if options.json {
        out.line(counted.shown().to_json())?;
    } else {
        let columns = u16::try_from(columns()).unwrap_or(u16::MAX);
        let screen = Screen::new(columns, 0, super::look_of_stdout());
        let text = page::screen(&counted.shown(), &counted.votes(), &screen, clock::now());
        let text = text.map_err(|error| Stop::Shown(counted.request.id().clone(), error))?;
        out.line(text.trim_end())?;
    }
    out.finish()?;
    Ok(0)
}
