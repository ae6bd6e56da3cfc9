//! The gate: judge, ask, record, run, record. This file tells the order and nothing else; the rooms hold the rest.
//!
//! In: one call. Out: a [`Closed`] - an action whose story is whole on disk - or the [`Stop`] that kept it from
//! beginning. Never: a start without a durable intent, or a start without an outcome.

use crate::case::{Call, Case, Sought};
use crate::house::House;
use crate::journal::{self, Begun, Closed};
use crate::notice;
use crate::run;
use crate::stop::Stop;

/// Takes one action through the gate.
///
/// # Errors
/// [`Stop`]: bad usage, bad rules, or a record that cannot be written. Nothing was started.
pub fn pass(call: &Call, house: &House) -> Result<Closed, Stop> {
    let mut case = Case::hear(call, house)?; // command, tools, rules, facts, decide
    let journal = house.journal()?;
    case.measure(&journal)?; // read-only probes that rules ask for; they only raise
    match case.seek(&journal)? {
        Sought::Refused(refusal) => {
            let closed = journal.deny(case.intent(None), case.denial(&refusal))?;
            notice::refused(&case, &refusal);
            Ok(closed)
        }
        Sought::Granted(grant, plan) => {
            let opened = match journal::begin(&journal, case.intent(Some(&grant)), &grant)? {
                Begun::Opened(opened) => opened,
                Begun::Spent(closed) => {
                    notice::ended(&case, &closed); // another gate was faster with the same approval
                    return Ok(closed);
                }
            };
            notice::begins(&case);
            let finished = run::run(opened, grant, &plan);
            let outcome = finished.outcome().clone();
            let closed =
                journal::close(&journal, finished).map_err(|error| Stop::Unrecorded(error, outcome))?;
            notice::ended(&case, &closed);
            Ok(closed)
        }
    }
}
