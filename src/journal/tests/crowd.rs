//! Many gates at once.

use super::*;

const WRITERS: usize = 16;
const ACTIONS: usize = 100;

/// Acts a hundred times, two records each, when it is started for that.
#[test]
fn a_gate_in_the_crowd() {
    let Some(dir) = std::env::var_os("REMGATE_TEST_CROWD") else { return };
    let limit = std::env::var("REMGATE_TEST_LIMIT").map_or(u64::MAX, |limit| limit.parse().unwrap());
    let journal = Journal::at(Path::new(&dir)).unwrap().with_segment_limit(limit);
    (0..ACTIONS).for_each(|_| drop(act(&journal, "x")));
}

fn crowd(dir: &Path, limit: u64) {
    let gates: Vec<_> = (0..WRITERS)
        .map(|_| {
            again("journal::tests::crowd::a_gate_in_the_crowd", "REMGATE_TEST_CROWD", dir)
                .env("REMGATE_TEST_LIMIT", limit.to_string())
                .stdout(std::process::Stdio::null())
                .spawn()
                .unwrap()
        })
        .collect();
    for mut gate in gates {
        assert!(gate.wait().unwrap().success());
    }
}

fn assert_one_chain(dir: &Path) {
    let records = all_records(dir);
    let count = |kind| records.iter().filter(|record| record.kind == kind).count();
    assert_eq!(
        (count(Kind::Intent), count(Kind::Outcome), count(Kind::Abandoned)),
        (WRITERS * ACTIONS, WRITERS * ACTIONS, 0)
    );
    assert_eq!(count(Kind::Repair), 0, "nobody saw half a write");
    assert_whole(dir, records.len() as u64);
}

#[test]
fn sixteen_processes_with_two_hundred_records_each_make_one_chain() {
    let place = Place::new();
    crowd(&place.dir, u64::MAX);
    assert_one_chain(&place.dir);
    assert_eq!(all_records(&place.dir).len(), WRITERS * ACTIONS * 2 + 1);
}

#[test]
fn sixteen_processes_that_rotate_all_the_time_make_one_chain() {
    let place = Place::new();
    crowd(&place.dir, 20_000);
    assert_one_chain(&place.dir);
    let segments = store::segments(&place.journal().dir, &place.dir).unwrap();
    assert!(segments.len() > 20, "{}", segments.len());
}
