//! `remgate rules coverage`: what people really run and no rule knows.

use super::many::{Court, each_line};
use super::{Form, Unshown};
use crate::case::Advice;
use crate::judge::coverage::{Counts, Coverage};
use crate::report::{Out, sanitize};
use crate::stop::{OWN_FAILURE, USAGE};
use anyhow::Context;
use serde_json::{Value, json};
use std::fs::File;
use std::io::{BufRead, BufReader};
use std::path::Path;

/// What was asked.
pub(super) struct Asked<'a> {
    /// JSON lines; `-` is standard input.
    pub(super) file: &'a Path,
    /// How many rows of each list.
    pub(super) limit: usize,
    pub(super) form: Form,
}

pub(super) fn coverage(asked: &Asked<'_>) -> Result<u8, Unshown> {
    let court = Court::open()?;
    let mut coverage = Coverage::default();
    let (mut lines, mut wrong) = (0_usize, Vec::new());
    each_line(open(asked.file)?, |line| {
        lines = lines.saturating_add(1);
        match line.action {
            Ok(action) => coverage.add(&court.judge(&action, Advice::Unwanted), &court.caller()),
            Err(error) => wrong.push(format!("line {}: {error}", line.number)),
        }
        Ok(())
    })?;
    let mut out = Out::stdout();
    match asked.form {
        Form::Json => out.line(as_json(&coverage, lines, &wrong))?,
        Form::Text => as_text(&coverage, lines, &wrong, asked.limit, &mut out)?,
    }
    out.finish()?;
    Ok(if wrong.is_empty() { 0 } else { USAGE })
}

fn open(path: &Path) -> Result<Box<dyn BufRead>, Unshown> {
    if path == Path::new("-") {
        return Ok(Box::new(std::io::stdin().lock()));
    }
    let file = File::open(path).with_context(|| format!("cannot read `{}`", path.display()));
    Ok(Box::new(BufReader::new(file.map_err(|error| Unshown::Other(error, OWN_FAILURE))?)))
}

fn as_json(coverage: &Coverage, lines: usize, wrong: &[String]) -> Value {
    json!({
        "lines": lines, "wrong": wrong, "commands": coverage.commands(),
        "described": coverage.described, "ruled": coverage.ruled, "read": coverage.read,
        "programs": coverage.programs, "operations": coverage.operations, "words": coverage.words,
        "opaque": coverage.opaque,
    })
}

fn as_text(
    coverage: &Coverage,
    lines: usize,
    wrong: &[String],
    limit: usize,
    out: &mut Out,
) -> Result<(), Unshown> {
    let commands = coverage.commands();
    let unknown: usize = coverage.programs.values().sum();
    out.line(format!("{lines} lines, {commands} commands"))?;
    let known = commands.saturating_sub(unknown);
    out.line(format!("{}  have a program that an entry describes, or are opaque", share(known, commands)))?;
    let described = coverage.described;
    out.line(format!(
        "{}  of described programs: a rule speaks of the operation",
        share(coverage.ruled, described)
    ))?;
    out.line(format!("{}  of described programs: every word is explained", share(coverage.read, described)))?;
    let lists = [
        ("programs that no entry describes", &coverage.programs),
        ("operations that no rule speaks of", &coverage.operations),
        ("words that no entry explains", &coverage.words),
        ("opaque", &coverage.opaque),
    ];
    for (title, counts) in lists.into_iter().filter(|(_, counts)| !counts.is_empty()) {
        list(title, counts, limit, out)?;
    }
    for line in wrong.iter().take(limit) {
        out.line(format!("not read: {}", sanitize::text(line)))?;
    }
    Ok(())
}

/// The most frequent first, equal ones by name.
fn list(title: &str, counts: &Counts, limit: usize, out: &mut Out) -> Result<(), Unshown> {
    let mut rows: Vec<(&String, &usize)> = counts.iter().collect();
    rows.sort_by_key(|(name, count)| (std::cmp::Reverse(**count), *name));
    out.line(format!("\n{title}: {} in {}", counts.len(), counts.values().sum::<usize>()))?;
    for (name, count) in rows.iter().take(limit) {
        out.line(format!("{count:>7}  {}", sanitize::text(name)))?;
    }
    if rows.len() > limit {
        out.line(format!("         and {} more; --limit shows them", rows.len().saturating_sub(limit)))?;
    }
    Ok(())
}

/// `95.3 %`, rounded down: what is not whole is never called 100 %.
fn share(part: usize, of: usize) -> String {
    let thousandths = part.saturating_mul(1000).checked_div(of).unwrap_or(1000);
    format!("{:>5}.{} %", thousandths / 10, thousandths % 10)
}
