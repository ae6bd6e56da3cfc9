//! Many executors, one approval.

use super::stage::{approved_restart, can_sign, told, two_people};
use crate::house::see;

const EXECUTORS: usize = 20;

#[test]
fn of_twenty_executors_one_starts() {
    if !can_sign("of_twenty_executors_one_starts") {
        return;
    }
    let (house, alice, _) = two_people();
    for round in 0..3 {
        let id = approved_restart(&house, &alice);
        let before = house.ran("kubectl").len();
        let codes: Vec<i32> = std::thread::scope(|scope| {
            let call = || see(house.gate().args(["resume", &id, "--no-wait"])).code;
            let threads: Vec<_> = (0..EXECUTORS).map(|_| scope.spawn(call)).collect();
            threads.into_iter().map(|thread| thread.join().unwrap()).collect()
        });
        assert_eq!(house.ran("kubectl").len(), before + 1, "round {round}: {codes:?}");
        assert_eq!(codes.iter().filter(|code| **code == 0).count(), 1, "{codes:?}");
        assert!(codes.iter().all(|code| [0, 77].contains(code)), "{codes:?}");
        let types = told(&house, &id);
        assert_eq!(types.iter().filter(|kind| *kind == "intent").count(), 1);
        // One more denial: of the call that asked.
        assert_eq!(
            types.iter().filter(|kind| *kind == "denied").count(),
            EXECUTORS,
            "every loser is on record"
        );
    }
    assert_eq!(house.verify(), 3);
}
