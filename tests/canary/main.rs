//! The canary: random hostile shell text, run by real bash where every program leaves a trace. Whatever ran must be among
//! the commands that remgate reads in the text, or the text must be refused (issue 3; threats.md, every family of
//! "Getting a command past the gate" that is a matter of syntax).
//!
//! - `REMGATE_CANARY=100000` sets how many texts (3,000 without it; CI has 20,000).
//! - `REMGATE_SEED=7` makes other texts. A failure prints seed and number; `REMGATE_CANARY_ONLY=number` runs that one.
//!
//! Only texts that are understood are run: what is refused asks two people and shows the whole text. A property that
//! refuses everything would hold too, so the share that is understood is part of what must hold.
#![expect(
    clippy::disallowed_methods,
    clippy::indexing_slicing,
    clippy::panic,
    clippy::print_stdout,
    clippy::unwrap_used,
    reason = "a test that meets the unexpected shall fail, starts processes to see what they do, and prints what it skips"
)]

mod bounds;
mod cover;
mod grammar;
mod ground;
mod hunt;
mod mutate;
mod random;
mod rows;
mod shapes;
mod shrink;
mod toys;
mod words;

/// A number from the environment.
fn setting(name: &str, otherwise: u64) -> u64 {
    std::env::var(name)
        .map_or(otherwise, |text| text.parse().unwrap_or_else(|_| panic!("{name} is not a number: {text}")))
}

/// Says why a test does not run, or fails where none may be skipped.
fn skip(test: &str, missing: ground::Missing) {
    assert!(std::env::var_os("REMGATE_REQUIRE_ALL").is_none(), "{test}: {missing} is not installed");
    println!("SKIPPED {test}: {missing} is not installed");
}

#[test]
fn whatever_bash_runs_was_read() {
    let hunt = hunt::Hunt {
        seed: setting("REMGATE_SEED", 20_261_121),
        texts: setting("REMGATE_CANARY", 3_000),
        only: std::env::var_os("REMGATE_CANARY_ONLY").map(|_| setting("REMGATE_CANARY_ONLY", 0)),
        most_failures: 10,
    };
    let tally = match hunt::hunt(&hunt, &hunt::as_the_gate_reads) {
        Ok(tally) => tally,
        Err(missing) => return skip("whatever_bash_runs_was_read", missing),
    };
    println!("{tally}");
    assert!(tally.failures.is_empty(), "{} texts lost something", tally.failures.len());
    if hunt.only.is_none() {
        tally.assert_it_means_something();
    }
}
