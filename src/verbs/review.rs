//! `remgate review`: what ran without approval and was looked at by nobody since.

use super::approve::Booth;
use super::{Form, Unshown, carried};
use crate::case::reviewer;
use crate::cli::approvals::Review;
use crate::clock;
use crate::house::{self, House};
use crate::journal::{self, ActionId, Intent, Record, Redactor, Said};
use crate::quorum::StatementKind;
use crate::report::{Asking, Out, log as page};
use crate::stop::Stop;
use serde_json::{Map, Value, json};

/// Said where somebody only signs it off.
const NO_FINDING: &str = "looked at";

pub(super) fn review(options: &Review) -> Result<u8, Unshown> {
    let form = if options.json { Form::Json } else { Form::Text };
    match &options.request {
        Some(request) => sign_off(request, options, form),
        None => list(form),
    }
}

/// What this account's log owes. A review that arrived since is put on record first.
fn list(form: Form) -> Result<u8, Unshown> {
    let house = House::look().map_err(Stop::from)?;
    let log = house.log().map_err(Stop::from)?;
    let owed = if house::exists(&log) { journal::owed(&log).map_err(Stop::from)? } else { Vec::new() };
    let mut open: Vec<Record> = Vec::new();
    for record in owed {
        if !settled(&house, &record)? {
            open.push(record);
        }
    }
    let mut out = Out::stdout();
    match form {
        Form::Json => out.line(open.iter().map(|record| record.value.clone()).collect::<Value>())?,
        Form::Text if open.is_empty() => out.line("no review is owed")?,
        Form::Text => out.line(page::owed(&open, super::columns()).trim_end())?,
    }
    out.finish()?;
    Ok(0)
}

/// Whether somebody reviewed it, which is then on record.
fn settled(house: &House, record: &Record) -> Result<bool, Unshown> {
    let Some(id) = record.id().and_then(ActionId::parse) else { return Ok(false) };
    let inbox = carried::inbox(house)?;
    let Some(person) = reviewer(house, inbox.as_ref(), record)? else { return Ok(false) };
    let request = record.value.get("grant").and_then(|grant| grant.get("request")).cloned();
    let body = Map::from_iter([
        ("person".to_owned(), json!(person)),
        ("request".to_owned(), request.unwrap_or_default()),
    ]);
    let intent = Intent { id, at: clock::now(), body, secrets: Redactor::new() };
    let journal = house.journal().map_err(Stop::from)?;
    journal.say(Said::Reviewed, intent).map_err(Stop::from)?;
    Ok(true)
}

fn sign_off(request: &str, options: &Review, form: Form) -> Result<u8, Unshown> {
    let booth = Booth::enter(request)?;
    if booth.request.break_glass().is_none() {
        let help = vec!["`remgate review` lists what is owed".to_owned()];
        return Err(Unshown::Usage(format!("{} was not run without approval", booth.request.id()), help));
    }
    booth.ask(Asking::Review)?;
    let finding = options.finding.as_deref().unwrap_or(NO_FINDING);
    let vote = booth.state(StatementKind::Review, finding, options.key.as_deref())?;
    booth.cast(&vote, Said::Reviewed, form)
}
