//! Many gates at once, one log.

use crate::house::{House, see};
use std::collections::BTreeSet;

const GATES: usize = 16;
const CALLS: usize = 20;

#[test]
fn sixteen_gates_at_once_make_one_whole_chain() {
    let house = House::new();
    std::thread::scope(|scope| {
        for gate in 0..GATES {
            let house = &house;
            scope.spawn(move || {
                for call in 0..CALLS {
                    let word = format!("{gate}/{call}");
                    let seen = see(house.gate().args(["--", "echo", &word]));
                    assert_eq!((seen.code, seen.stdout), (0, format!("{word}\n")), "{}", seen.stderr);
                }
            });
        }
    });
    assert_eq!(house.verify(), 3);
    let records = house.records();
    let sequence: Vec<u64> = records.iter().map(|record| record["seq"].as_u64().unwrap()).collect();
    assert_eq!(sequence, (0..records.len() as u64).collect::<Vec<_>>(), "one chain without a gap");
    let words: BTreeSet<&str> = records
        .iter()
        .filter(|record| record["type"] == "intent")
        .map(|record| record["argv"][1].as_str().unwrap())
        .collect();
    assert_eq!(words.len(), GATES * CALLS, "every call has its intent");
    for (kind, expected) in [("outcome", GATES * CALLS), ("segment", 1), ("abandoned", 0), ("repair", 0)] {
        assert_eq!(records.iter().filter(|record| record["type"] == kind).count(), expected, "{kind}");
    }
}
