//! What the length of the log costs: one append (flat is the goal) and one verification, from 10 to 1,000,000 records.
//!
//! `cargo bench --bench log-length [-- MAX]`. Times are medians; what counts are the ratios between the lines. The
//! directory is made in TMPDIR: put that on the disk whose fdatasync you want to measure.
#![expect(
    clippy::print_stdout,
    clippy::unwrap_used,
    reason = "a bench prints, and stops where something fails"
)]
#![expect(clippy::disallowed_methods, reason = "a bench reads the clock and compares itself with sha256sum")]
#![expect(clippy::indexing_slicing, reason = "a bench may stop")]

use remgate::journal::{ActionId, Denial, Intent, Journal, RecordHash, Redactor, verify};
use std::io::Write as _;
use std::path::Path;
use std::time::{Duration, Instant};

const SAMPLES: usize = 200;

fn main() {
    let max = std::env::args().filter_map(|word| word.parse().ok()).next_back().unwrap_or(1_000_000u64);
    println!(
        "{:>9} {:>9} {:>12} {:>7} {:>10} {:>9} {:>10}",
        "records", "MB", "append us", "ratio", "verify ms", "MB/s", "sha256sum"
    );
    let mut first = None;
    for records in
        [10, 100, 1_000, 10_000, 100_000, 1_000_000, 2_000_000].into_iter().filter(|records| *records <= max)
    {
        let dir = tempfile::tempdir().unwrap();
        let bytes = lengthen(dir.path(), records);
        let append = median(dir.path());
        let base = *first.get_or_insert(append);
        let started = Instant::now();
        let survey = verify(dir.path(), &[]).unwrap();
        let took = started.elapsed();
        assert_eq!(survey.survey().records, records + SAMPLES as u64);
        let speed = |took: Duration| bytes as f64 / 1e6 / took.as_secs_f64();
        println!(
            "{records:>9} {:>9.1} {:>12.1} {:>7.2} {:>10.1} {:>9.0} {:>10.0}",
            bytes as f64 / 1e6,
            append.as_secs_f64() * 1e6,
            append.as_secs_f64() / base.as_secs_f64(),
            took.as_secs_f64() * 1e3,
            speed(took),
            speed(sha256sum(dir.path())),
        );
    }
}

/// Writes a log of `records` records, 700 bytes each, as gates would have left it.
fn lengthen(dir: &Path, records: u64) -> u64 {
    let mut prev = RecordHash::ZERO.to_string();
    let (mut file, mut name, mut total, mut size) = (None, String::new(), 0u64, u64::MAX);
    for seq in 0..records {
        let (kind, fields) = match size >= 64 << 20 {
            true if seq == 0 => ("segment", format!(r#","log":"{}""#, "0".repeat(32))),
            true => ("segment", format!(r#","after":{{"head":"{prev}","segment":"{name}"}}"#)),
            false => ("denied", format!(r#","id":"0123456789ab","argv":["{}"]"#, "kubectl ".repeat(50))),
        };
        if kind == "segment" {
            name = format!("{seq:016}.jsonl");
            file = Some(std::io::BufWriter::new(std::fs::File::create(dir.join(&name)).unwrap()));
            size = 0;
        }
        let r = format!(
            r#"{{"v":1,"seq":{seq},"prev":"{prev}","type":"{kind}","time":"2026-01-01T00:00:00.000Z","open":[]{fields}}}"#
        );
        prev = RecordHash::of(r.as_bytes()).to_string();
        let line = format!("{{\"h\":\"{prev}\",\"r\":{r}}}\n");
        file.as_mut().unwrap().write_all(line.as_bytes()).unwrap();
        size += line.len() as u64;
        total += line.len() as u64;
    }
    file.unwrap().into_inner().unwrap().sync_all().unwrap();
    total
}

fn deny(journal: &Journal) {
    let intent = Intent {
        id: ActionId::random().unwrap(),
        at: remgate::clock::now(),
        body: serde_json::Map::from_iter([(
            "argv".to_owned(),
            serde_json::json!(["kubectl", "get", "pods"]),
        )]),
        secrets: Redactor::new(),
    };
    let denial = Denial { reason: "bench".to_owned(), by: "bench".to_owned(), exit_code: 77 };
    journal.deny(intent, denial).unwrap();
}

/// The median of opening the journal and appending one durable record.
fn median(dir: &Path) -> Duration {
    let mut samples: Vec<_> = (0..SAMPLES)
        .map(|_| {
            let started = Instant::now();
            deny(&Journal::at(dir).unwrap());
            started.elapsed()
        })
        .collect();
    samples.sort_unstable();
    samples[SAMPLES / 2]
}

/// What hashing the same bytes once takes elsewhere; the file list is the shell's, so that names stay out of it.
fn sha256sum(dir: &Path) -> Duration {
    let started = Instant::now();
    let done = std::process::Command::new("sh")
        .args(["-c", "sha256sum *.jsonl >/dev/null"])
        .current_dir(dir)
        .status();
    assert!(done.unwrap().success());
    started.elapsed()
}
