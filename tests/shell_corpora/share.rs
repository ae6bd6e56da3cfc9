//! The share of real lines that are understood, of those that bash itself takes.

use crate::corpora::{lines, read};
use std::collections::{BTreeMap, BTreeSet};
use std::io::Write;
use std::process::{Command, Stdio};

/// Whether bash finds the text well-formed. Nothing of it runs: `-n`.
pub(crate) fn is_valid(text: &str) -> bool {
    let mut bash = Command::new("bash");
    bash.args(["--noprofile", "--norc", "-n"])
        .stdin(Stdio::piped())
        .stdout(Stdio::null())
        .stderr(Stdio::null());
    let mut bash = bash.spawn().unwrap();
    // Not with -c: a line may begin with a dash.
    bash.stdin.take().unwrap().write_all(text.as_bytes()).unwrap();
    bash.wait().unwrap().success()
}

/// The lines that bash takes. It is asked about one line at a time where it must be, since 40,000 starts take a minute:
/// lines that remgate reads have no quote, bracket or here-document left open, so bash takes a sheet of them only if it
/// takes each.
fn valid(lines: &BTreeSet<String>) -> Vec<&str> {
    let (read_here, refused): (Vec<&str>, Vec<&str>) =
        lines.iter().map(String::as_str).partition(|line| read(line).is_ok());
    let sheets = read_here.chunks(64).flat_map(|sheet| {
        let all = is_valid(&sheet.join("\n"));
        sheet.iter().copied().filter(move |line| all || is_valid(line))
    });
    sheets.chain(refused.into_iter().filter(|line| is_valid(line))).collect()
}

/// Asserts that at least so many of 1,000 lines that bash takes are understood, and prints why others are not.
fn at_least(test: &str, name: &str, thousandths: usize) {
    let Some(lines) = lines(test, name) else { return };
    let valid = valid(&lines);
    let mut refused: BTreeMap<&'static str, Vec<&str>> = BTreeMap::new();
    for line in &valid {
        if let Err(refusal) = read(line) {
            refused.entry(refusal.reason).or_default().push(line);
        }
    }
    let understood = valid.len() - refused.values().map(Vec::len).sum::<usize>();
    let share = understood * 1_000_000 / valid.len();
    println!("{name}: {} distinct lines, {} taken by `bash -n`", lines.len(), valid.len());
    println!("{name}: {understood} of them understood, {}.{:04} %", share / 10_000, share % 10_000);
    let mut reasons: Vec<_> = refused.into_iter().collect();
    reasons.sort_by_key(|(_, lines)| std::cmp::Reverse(lines.len()));
    for (reason, lines) in reasons {
        println!("{:>6} {reason}", lines.len());
        lines.iter().take(shown()).for_each(|line| println!("          {}", line.escape_debug()));
    }
    assert!(share >= thousandths * 1_000, "{name}: {share} millionths of the lines are understood");
}

/// How many lines of each kind are shown.
fn shown() -> usize {
    std::env::var("REMGATE_SHOWN").map_or(3, |text| text.parse().unwrap())
}

#[test]
fn share_of_nl2bash() {
    at_least("share_of_nl2bash", "nl2bash.jsonl", 990);
}

#[test]
fn share_of_tldr() {
    at_least("share_of_tldr", "tldr.jsonl", 999);
}

/// Runbooks have whole scripts among their lines, functions and here-documents that other lines end.
#[test]
fn share_of_runbooks() {
    at_least("share_of_runbooks", "runbooks-unlabelled.jsonl", 985);
}
