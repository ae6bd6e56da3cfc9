//! What reading one real shell line costs, against brush-parser in the same run.
//!
//! `REMGATE_CORPORA=directory cargo bench --bench parse-line` (the directory is `../shared/corpora` without it). A table of
//! quantiles over all lines comes first: the design wants a median under 2 us and a 99th percentile under 20 us. Times
//! differ between machines; what counts are the ratios. Then divan measures lines of the usual shapes alone.
#![expect(
    clippy::print_stdout,
    clippy::unwrap_used,
    reason = "a bench prints, and stops where something fails"
)]
#![expect(clippy::disallowed_methods, reason = "a bench reads the clock")]
#![expect(clippy::indexing_slicing, reason = "a bench may stop")]

use brush_parser::{Parser, ParserOptions};
use divan::{Bencher, black_box};
use remgate::command::shell::{Dialect, Known, Others, parse};
use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

/// Shapes of real lines, for when no corpus is at hand.
const SHAPES: [&str; 5] = [
    "kubectl -n shop get pods -o wide",
    "systemctl restart nginx && curl -fsS localhost/health || journalctl -u nginx -n 50",
    "find . -type f -name '*.log' -mtime +7 -print0 2>/dev/null | xargs -0 -n 1 gzip -9",
    "for pod in $(kubectl get pods -o name | grep web); do kubectl logs \"$pod\" --tail=10; done",
    "set -euo pipefail\ncd /srv/app # the release\nif [ -f \"$LOCK\" ]; then echo \"busy since $(cat \"$LOCK\")\" >&2; exit 1; fi",
];

fn main() {
    let beside = || Path::new(env!("CARGO_MANIFEST_DIR")).join("../shared/corpora");
    let corpora = std::env::var_os("REMGATE_CORPORA").map_or_else(beside, PathBuf::from);
    for name in ["nl2bash.jsonl", "tldr.jsonl", "runbooks-unlabelled.jsonl"] {
        let file = corpora.join(name);
        match std::fs::read_to_string(&file) {
            Ok(text) => distribution(name, &lines(&text)),
            Err(_) => println!("SKIPPED {name}: there is no {}", file.display()),
        }
    }
    divan::main();
}

fn lines(text: &str) -> Vec<String> {
    let command = |line: &str| {
        let line: serde_json::Value = serde_json::from_str(line).unwrap();
        line["command"].as_str().unwrap().to_owned()
    };
    text.lines().map(command).collect()
}

fn ours(line: &str) {
    let variables = BTreeMap::new();
    let known = Known { variables: &variables, others: Others::Unseen };
    let _ = black_box(parse(black_box(line).as_bytes(), Dialect::Bash, known));
}

/// Its tree only: it parses words when a shell expands them, so it does less than what it is compared with.
fn brush(line: &str) {
    let _ = black_box(Parser::new(black_box(line).as_bytes(), &ParserOptions::default()).parse_program());
}

/// Quantiles over all lines; of each line the fastest of seven, since what else the machine does is not measured here.
fn distribution(name: &str, lines: &[String]) {
    const QUANTILES: [(&str, usize); 5] =
        [("median", 500), ("p90", 900), ("p99", 990), ("p99.9", 999), ("worst", 1_000)];
    let [ours, brush] = [ours as fn(&str), brush].map(|reader| sorted_times(reader, lines));
    println!("{name}: {} lines", lines.len());
    println!("{:>8} {:>12} {:>12} {:>8}", "", "remgate us", "brush us", "ratio");
    for (quantile, thousandths) in QUANTILES {
        let at = ((lines.len() * thousandths) / 1_000).min(lines.len() - 1);
        let [ours, brush] = [&ours, &brush].map(|times| times[at].as_nanos() as f64 / 1e3);
        println!("{quantile:>8} {ours:>12.2} {brush:>12.2} {:>8.2}", ours / brush);
    }
}

fn sorted_times(reader: fn(&str), lines: &[String]) -> Vec<Duration> {
    let time = |line: &String| {
        let once = |_| {
            let started = Instant::now();
            reader(line);
            started.elapsed()
        };
        (0..7).map(once).min().unwrap()
    };
    let mut times: Vec<_> = lines.iter().map(time).collect();
    times.sort_unstable();
    times
}

#[divan::bench(args = SHAPES)]
fn remgate(bencher: Bencher<'_, '_>, line: &str) {
    bencher.bench(|| ours(line));
}

#[divan::bench(args = SHAPES)]
fn brush_parser(bencher: Bencher<'_, '_>, line: &str) {
    bencher.bench(|| brush(line));
}
