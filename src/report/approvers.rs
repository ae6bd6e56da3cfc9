//! The list of approvers as a table and as JSON, and what is wrong with it.
//!
//! In: a roster, or a survey. Out: text and JSON. Never: a name or path that did not go through `sanitize`.

use super::sanitize;
use crate::quorum::{Listed, Member, Place, Roster, Survey, Touch};
use chrono::{DateTime, SecondsFormat, Utc};
use serde_json::{Value, json};
use std::fmt::Write as _;

/// One line for each key, under its person.
#[must_use]
pub fn table(roster: &Roster, now: DateTime<Utc>) -> String {
    let mut rows = vec![["PERSON", "GROUPS", "KEY", "TYPE", "COUNTS"].map(str::to_owned)];
    for member in roster.people() {
        for (nth, listed) in member.keys.iter().enumerate() {
            let first = |text: String| if nth == 0 { text } else { String::new() };
            rows.push([
                first(member.name.clone()),
                first(groups_of(roster, member).join(", ")),
                listed.key.id().to_string(),
                listed.key.kind().to_string(),
                counts(listed, member, now),
            ]);
        }
    }
    let mut text = String::new();
    let width =
        |column: usize| rows.iter().filter_map(|row| row.get(column)).map(String::len).max().unwrap_or(0);
    let widths: Vec<usize> = (0..5).map(width).collect();
    for row in &rows {
        let cells = row.iter().zip(&widths).map(|(cell, width)| format!("{cell:<width$}"));
        text.push_str(cells.collect::<Vec<_>>().join("  ").trim_end());
        text.push('\n');
    }
    let _ = writeln!(text, "from {}", path(roster.place()));
    text
}

fn counts(listed: &Listed, member: &Member, now: DateTime<Utc>) -> String {
    match (listed.counts(&member.name, now), listed.validity.before) {
        (Ok(()), None) => "yes".to_owned(),
        (Ok(()), Some(before)) => format!("until {}", time(before)),
        (Err(why), _) => format!("no: {why}"),
    }
}

fn groups_of<'a>(roster: &'a Roster, member: &Member) -> Vec<&'a str> {
    let of = roster.groups().iter().filter(|(_, members)| members.contains(&member.name));
    of.map(|(group, _)| group.as_str()).collect()
}

fn time(at: DateTime<Utc>) -> String {
    at.to_rfc3339_opts(SecondsFormat::Secs, true)
}

/// Where a list is, safe to show.
#[must_use]
pub fn path(place: &Place) -> String {
    sanitize::text(place.directory.as_os_str().as_encoded_bytes())
}

/// The list as JSON.
#[must_use]
pub fn list_json(roster: &Roster, now: DateTime<Utc>) -> Value {
    let key = |member: &Member, listed: &Listed| {
        json!({
            "fingerprint": listed.key.id().as_str(), "type": listed.key.kind().word(),
            "touch": if listed.key.kind().has_touch() { touch_word(Touch::Shown) } else { touch_word(Touch::NotAsked) },
            "valid_after": listed.validity.after.map(time), "valid_before": listed.validity.before.map(time),
            "counts": listed.counts(&member.name, now).is_ok(),
            "why_not": listed.counts(&member.name, now).err().map(|why| why.to_string()),
            "line": listed.line,
        })
    };
    let person = |member: &Member| {
        json!({
            "name": member.name, "groups": groups_of(roster, member),
            "keys": member.keys.iter().map(|listed| key(member, listed)).collect::<Value>(),
        })
    };
    json!({
        "directory": path(roster.place()), "layer": roster.place().layer.to_string(),
        "people": roster.people().iter().map(person).collect::<Value>(), "groups": roster.groups(),
    })
}

/// The word for a touch in JSON.
#[must_use]
pub fn touch_word(touch: Touch) -> &'static str {
    match touch {
        Touch::Shown => "shown",
        Touch::NotAsked => "not-asked",
    }
}

/// What a survey found, a line each.
#[must_use]
pub fn survey(survey: &Survey) -> String {
    let mut text = String::new();
    for problem in &survey.problems {
        let _ = writeln!(text, "broken   {}", sanitize::text(problem));
    }
    for warning in &survey.warnings {
        let _ = writeln!(text, "warning  {}", sanitize::text(warning));
    }
    let place = survey.place.as_ref().map(path).unwrap_or_default();
    text.push_str(&match (&survey.place, &survey.roster) {
        (None, _) => {
            "nobody is listed: there is no list of approvers; `remgate approver add` begins one\n".to_owned()
        }
        (Some(_), None) => format!("the list in {place} cannot be used, so nobody counts as an approver\n"),
        (Some(_), Some(roster)) => format!(
            "{place}: people: {}, groups: {}; only {} can write it\n",
            roster.people().len(),
            roster.groups().len(),
            sanitize::text(survey.writers.as_deref().unwrap_or("root")),
        ),
    });
    text
}

/// The same as JSON.
#[must_use]
pub fn survey_json(survey: &Survey) -> Value {
    json!({
        "directory": survey.place.as_ref().map(path),
        "people": survey.roster.as_ref().map(|roster| roster.people().len()),
        "written_by": survey.writers, "problems": survey.problems, "warnings": survey.warnings,
    })
}
