//! The share of real lines that are understood, of those that bash itself takes.

use crate::corpora::{lines, read};
use std::collections::BTreeMap;
use std::io::Write;
use std::process::{Command, Stdio};

/// Whether bash finds the text well-formed. Nothing of it runs: `-n`.
fn is_valid(text: &str) -> bool {
    let mut bash = Command::new("bash");
    bash.args(["--noprofile", "--norc", "-n"]).stdin(Stdio::piped()).stdout(Stdio::null()).stderr(Stdio::null());
    let mut bash = bash.spawn().unwrap();
    // Not with -c: a line may begin with a dash.
    bash.stdin.take().unwrap().write_all(text.as_bytes()).unwrap();
    bash.wait().unwrap().success()
}

/// The lines that bash takes; it is asked 40,000 times, so by all processors.
fn valid(lines: &[String]) -> Vec<&str> {
    let threads = std::thread::available_parallelism().map_or(1, usize::from);
    std::thread::scope(|scope| {
        let check = |part| scope.spawn(move || part_of_valid(part));
        let threads: Vec<_> = lines.chunks(lines.len().div_ceil(threads)).map(check).collect();
        threads.into_iter().flat_map(|thread| thread.join().unwrap()).collect()
    })
}

fn part_of_valid(lines: &[String]) -> Vec<&str> {
    lines.iter().map(String::as_str).filter(|line| is_valid(line)).collect()
}

/// Asserts that at least so many of 1,000 lines that bash takes are understood, and prints why others are not.
fn at_least(test: &str, name: &str, thousandths: usize) {
    let Some(lines) = lines(test, name) else { return };
    let lines: Vec<_> = lines.into_iter().collect();
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
