//! `remgate log`: show and verify.

use super::{Form, Unshown, columns};
use crate::cli::{Log, LogShow, LogVerify};
use crate::clock;
use crate::house::{self, House};
use crate::journal::{self, Checkpoint, Ending, Entry, Filter, Integrity, ReadError, Record};
use crate::report::{self, Out, log as page};
use crate::stop::{OWN_FAILURE, Stop};
use anyhow::Context;
use chrono::{DateTime, Duration as Span, NaiveDate, Utc};
use serde_json::json;
use std::path::{Path, PathBuf};
use std::time::Duration;

/// What `log verify` answers where the log cannot be read.
const UNREADABLE: u8 = 2;
/// Between two looks of `--follow`.
const LOOK_AGAIN: Duration = Duration::from_millis(250);

pub(super) fn log(verb: &Log) -> Result<u8, Unshown> {
    let house = House::look().map_err(Stop::from)?;
    let directory = house.log().map_err(Stop::from)?;
    match verb {
        Log::Show(options) if options.follow => follow(options, &directory),
        Log::Show(options) => show(options, &directory),
        Log::Verify(options) => verify(options, &directory),
    }
}

fn filter(options: &LogShow) -> Result<Filter, Unshown> {
    let when = |text: &Option<String>| text.as_deref().map(time).transpose();
    if let Some(verdict) = &options.verdict
        && crate::decide::Verdict::from_word(verdict).is_none()
    {
        let help = vec!["run, confirm, two-person or deny".to_owned()];
        return Err(Unshown::Usage(format!("`{}` is no verdict", report::sanitize::text(verdict)), help));
    }
    Ok(Filter {
        since: when(&options.since)?,
        until: when(&options.until)?,
        actor: options.actor.clone(),
        tool: options.tool.clone(),
        verdict: options.verdict.clone(),
        id: options.id.clone(),
        last: options.last,
    })
}

/// A time, a day, or an age like `2h`.
fn time(text: &str) -> Result<DateTime<Utc>, Unshown> {
    if let Ok(time) = DateTime::parse_from_rfc3339(text) {
        return Ok(time.with_timezone(&Utc));
    }
    if let Some(start) = text.parse::<NaiveDate>().ok().and_then(|day| day.and_hms_opt(0, 0, 0)) {
        return Ok(start.and_utc());
    }
    let age = crate::cli::duration(text).ok().and_then(|age| Span::from_std(age).ok());
    age.and_then(|age| clock::now().checked_sub_signed(age)).ok_or_else(|| {
        let help = vec!["like 2026-11-21T08:00:00Z, 2026-11-21 (UTC), or 2h for two hours ago".to_owned()];
        Unshown::Usage(format!("`{}` is no time", report::sanitize::text(text)), help)
    })
}

/// The error's own words hold its cause already; as a chain it would be told twice.
fn unreadable(error: impl std::fmt::Display) -> Unshown {
    Unshown::Other(anyhow::anyhow!("{error}"), UNREADABLE)
}

fn show(options: &LogShow, directory: &Path) -> Result<u8, Unshown> {
    let filter = filter(options)?;
    let mut out = Out::stdout();
    if !house::exists(directory) {
        // Not an error before the first call. `verify` does not shrug so: there a log that is gone cannot be read.
        if !options.json {
            let place = report::sanitize::text(directory.as_os_str().as_encoded_bytes());
            out.line(format!("nothing is on record yet: `{place}` does not exist"))?;
        }
        out.finish()?;
        return Ok(0);
    }
    let damaged = if options.json && options.last.is_some() {
        let listing = journal::entries(directory, &filter).map_err(unreadable)?;
        records_of(&listing.entries).into_iter().try_for_each(|record| out.line(&record.value))?;
        listing.damaged
    } else if options.json {
        all_records(directory, &filter, &mut out)?
    } else {
        let listing = journal::entries(directory, &filter).map_err(unreadable)?;
        out.line(page::table(&listing.entries, columns()).trim_end())?;
        listing.damaged
    };
    out.finish()?;
    for error in &damaged {
        report::error(error, &["`remgate log verify` says what is wrong".to_owned()]);
    }
    Ok(if damaged.is_empty() { 0 } else { 1 })
}

/// Prints every record that the filter wants, as it is read: a log may be larger than the memory.
fn all_records(directory: &Path, filter: &Filter, out: &mut Out) -> Result<Vec<ReadError>, Unshown> {
    let mut failed = None;
    let mut damaged = Vec::new();
    journal::records(directory, filter, |item| match item {
        Ok(record) if failed.is_none() => failed = out.line(&record.value).err(),
        Ok(_) => {}
        Err(error) => damaged.push(error),
    })
    .map_err(unreadable)?;
    failed.map_or(Ok(damaged), |error| Err(error.into()))
}

/// The records of these actions, in the order of the log.
fn records_of(entries: &[Entry]) -> Vec<&Record> {
    let mut records: Vec<&Record> = entries
        .iter()
        .flat_map(|entry| {
            let end = match &entry.ending {
                Ending::Outcome(record) | Ending::Abandoned(record) => Some(record),
                Ending::Denied | Ending::Noted | Ending::Running | Ending::Orphaned => None,
            };
            std::iter::once(&entry.begin).chain(end)
        })
        .collect();
    records.sort_by_key(|record| record.seq);
    records
}

/// Prints what is there and then what comes, until the reader leaves or a signal ends it.
fn follow(options: &LogShow, directory: &Path) -> Result<u8, Unshown> {
    let mut follow = journal::follow(directory, &filter(options)?);
    loop {
        let listed = follow.poll().map_err(unreadable)?;
        let mut out = Out::stdout();
        for record in &listed.records {
            match options.json {
                true => out.line(&record.value)?,
                false => {
                    if let Some(line) = page::followed(record, columns()) {
                        out.line(line.trim_end())?;
                    }
                }
            }
        }
        out.finish()?;
        for error in &listed.damaged {
            report::error(error, &[]);
        }
        std::thread::sleep(LOOK_AGAIN);
    }
}

fn verify(options: &LogVerify, directory: &Path) -> Result<u8, Unshown> {
    let anchors = options.anchor.iter().map(anchor).collect::<Result<Vec<_>, _>>()?;
    let integrity = journal::verify(directory, &anchors).map_err(unreadable)?;
    let checkpoint = integrity.survey().checkpoint.as_ref();
    if let (Some(path), false) = (&options.checkpoint, matches!(integrity, Integrity::Tampered { .. })) {
        let text = checkpoint.map(ToString::to_string).context("the log is empty; no checkpoint was written");
        let written = text.and_then(|text| {
            std::fs::write(path, text)
                .with_context(|| format!("cannot write `{}`; no checkpoint was written", path.display()))
        });
        written.map_err(|error| Unshown::Other(error, OWN_FAILURE))?;
    }
    let mut out = Out::stdout();
    match if options.json { Form::Json } else { Form::Text } {
        Form::Text => out.line(page::verify(&integrity).trim_end())?,
        Form::Json => {
            let survey = integrity.survey();
            out.line(json!({
                "exit": integrity.exit_code(),
                "records": survey.records,
                "anchored": survey.anchored,
                "after_last_anchor": survey.records.saturating_sub(survey.anchored),
                "running": survey.running,
                "checkpoint": survey.checkpoint.as_ref().map(ToString::to_string),
                "text": page::verify(&integrity),
                "fault": match &integrity {
                    Integrity::Tampered { fault, .. } => json!({
                        "segment": fault.segment, "line": fault.line, "seq": fault.seq, "offset": fault.offset,
                        "what": fault.what.to_string(),
                    }),
                    Integrity::Whole(_) | Integrity::Partial { .. } => json!(null),
                },
            }))?;
        }
    }
    out.finish()?;
    Ok(integrity.exit_code())
}

fn anchor(path: &PathBuf) -> Result<Checkpoint, Unshown> {
    let text = std::fs::read_to_string(path)
        .with_context(|| format!("cannot read the anchor `{}`; the log was not verified", path.display()));
    let parsed = text.and_then(|text| {
        Checkpoint::parse(&text).with_context(|| format!("cannot use the anchor `{}`", path.display()))
    });
    parsed.map_err(|error| Unshown::Other(error, UNREADABLE))
}
