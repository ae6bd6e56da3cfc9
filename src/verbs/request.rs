//! `remgate request`: requests and votes as texts.

use super::Unshown;
use super::{carried, pending};
use crate::cli::approvals::RequestVerb;
use crate::house::House;
use crate::journal::ActionId;
use crate::report::pending::State;
use crate::report::{self, Out, qr, sanitize};
use crate::request::pack_request;
use crate::stop::{Stop, USAGE};

pub(super) fn request(verb: &RequestVerb) -> Result<u8, Unshown> {
    let house = House::look().map_err(Stop::from)?;
    match verb {
        RequestVerb::Export { id, qr } => export(id, if *qr { Shape::Picture } else { Shape::Text }, &house),
        RequestVerb::Show { request } => show(request, &house),
        RequestVerb::Import { vote } => import(vote, &house),
    }
}

/// As what a request is printed.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Shape {
    Text,
    Picture,
}

fn export(id: &str, shape: Shape, house: &House) -> Result<u8, Unshown> {
    let inbox = carried::inbox(house)?;
    let (request, _) = carried::request(id, inbox.as_ref())?;
    let text = pack_request(&request);
    let mut out = Out::stdout();
    match shape {
        Shape::Text => out.line(text)?,
        Shape::Picture => {
            let (columns, rows) = super::screen_size();
            let drawn = qr::draw(&text, super::look_of_stdout().colour, columns, rows).map_err(|error| {
                let help = vec!["without `--qr` it is a text".to_owned()];
                Unshown::Refused(error.to_string(), help, USAGE)
            })?;
            out.line(drawn.trim_end())?;
        }
    }
    out.finish()?;
    Ok(0)
}

fn show(argument: &str, house: &House) -> Result<u8, Unshown> {
    let inbox = carried::inbox(house)?;
    let (request, _) = carried::request(argument, inbox.as_ref())?;
    let mut out = Out::stdout();
    // Printable ASCII with one newline, as everything that a request is made of.
    out.line(String::from_utf8_lossy(request.bytes()).trim_end())?;
    out.finish()?;
    Ok(0)
}

fn import(argument: &str, house: &House) -> Result<u8, Unshown> {
    let inbox = carried::inbox(house)?;
    let (id, vote) = carried::vote(argument)?;
    let Some(id): Option<ActionId> = id else {
        let help = vec![
            "`remgate approve ID --signature FILE` or `remgate resume ID --approval FILE` takes it"
                .to_owned(),
        ];
        return Err(Unshown::Usage("a bare signature does not say which request it is on".to_owned(), help));
    };
    let request = carried::stored(&id, inbox.as_ref())?;
    carried::deliver(&[(Some(id.clone()), vote)], &id, inbox.as_ref())?;
    let votes = inbox.votes(&id).map_err(Stop::from)?;
    let roster = crate::quorum::roster(&house.places).map_err(Stop::from)?;
    let tally = crate::case::count(roster.as_ref(), &request, &votes);
    let mut out = Out::stdout();
    let state = match pending::state(&request, &tally, house, pending::log_of(house)?.as_ref())? {
        State::Approved => format!("it can run: `remgate resume {id}`"),
        State::Waiting => format!("it lacks {}", tally.missing),
        State::Rejected => "it was rejected, and will not run".to_owned(),
        State::Used => "it was used already".to_owned(),
        State::Expired => "it has expired".to_owned(),
        State::Flooded => "it has too many votes".to_owned(),
    };
    out.line(format!("took a vote on {id}; {state}"))?;
    out.finish()?;
    for void in &tally.void {
        let help = vec!["`remgate approver list` shows who counts".to_owned()];
        report::error(sanitize::text(format!("a vote does not count: {}", void.why)), &help);
    }
    Ok(0)
}
