//! What rules want besides people: a reason, a ticket, a symptom that is there, a reach that is counted.
//!
//! In: a [`Case`]. Out: what probes found, which can only raise the verdict, or the first thing that is missing. Never: a
//! program that no trusted rule names, or one that is not on record.

use super::{Case, dossier};
use crate::approve::{self, Answer, Demand, Refusal, RefusalReason};
use crate::clock;
use crate::command::EnvironmentEdit;
use crate::decide::Verdict;
use crate::journal::{self, ActionId, End, Intent, Journal, Outcome};
use crate::judge::{Inquiry, Need};
use crate::report;
use crate::rules::Requirement;
use crate::run;
use crate::stop::Stop;
use std::time::Duration;

/// How long a probe may take.
const PROBE_LIMIT: Duration = Duration::from_secs(20);
/// How much a probe may print, in bytes.
const PROBE_OUTPUT: usize = 1024 * 1024;

impl Case {
    /// Asks the probes that rules name. Each is an action of its own on record, as nothing runs unseen.
    ///
    /// # Errors
    /// The record cannot be written.
    pub fn measure(&mut self, journal: &Journal) -> Result<(), Stop> {
        let needs: Vec<(Need, String)> =
            self.judgement.commands.iter().flat_map(|judged| judged.needs.iter().cloned()).collect();
        for (need, rule) in &needs {
            if let Need::Probe(Err(why), _) = need {
                self.measured.push(format!("the reach is not known: {why} (rule {rule})"));
            }
        }
        for (need, rule) in needs {
            // What is denied anyway is not worth a query.
            if self.verdict == Verdict::Deny || self.way()?.is_err() {
                return Ok(());
            }
            let Need::Probe(Ok(inquiry), max) = need else { continue };
            match self.probe(journal, &inquiry, &rule)? {
                Ok(lines) => {
                    let most = max.and_then(|max| usize::try_from(max).ok()).unwrap_or(usize::MAX);
                    self.measured.push(format!("{lines} objects (rule {rule})"));
                    if lines > most {
                        self.measured.push(format!("more than {most} objects need two people (rule {rule})"));
                        self.verdict = self.verdict.max(Verdict::TwoPerson);
                    }
                }
                Err(why) => {
                    self.measured.push(format!("{why} (rule {rule})"));
                    self.verdict = self.verdict.max(Verdict::TwoPerson);
                }
            }
        }
        Ok(())
    }

    /// Runs one probe, with intent and outcome, and counts its lines.
    fn probe(&self, journal: &Journal, inquiry: &Inquiry, rule: &str) -> Result<Result<usize, String>, Stop> {
        let Answer::Granted(grant) = approve::unasked(Demand::Nothing) else {
            return Ok(Err("the probe was not allowed".to_owned()));
        };
        let body = dossier::probe(self, inquiry, rule);
        let id = ActionId::random().map_err(Stop::NoId)?;
        let opened = journal::open(journal, Intent { id, at: clock::now(), body, secrets: self.secrets() })?;
        let began = clock::monotonic();
        let answer = run::ask(&question(inquiry));
        let end = match &answer {
            Ok(answer) => answer.end.clone(),
            Err(error) => End::NotStarted { exit_code: 125, reason: error.to_string() },
        };
        journal::close(journal, opened.finish(grant, Outcome { end, took: began.elapsed() }))?;
        Ok(match answer {
            Ok(run::Answer { stdout, end: End::Exited { code: 0 } }) => {
                Ok(stdout.split(|byte| *byte == b'\n').filter(|line| !line.is_empty()).count())
            }
            Ok(_) => Err(format!("the probe `{}` failed", report::sanitize::quote_words(&inquiry.argv))),
            Err(error) => Err(error.to_string()),
        })
    }

    /// The first requirement of a rule that is not met.
    pub(super) fn unmet(&self, journal: &Journal) -> Result<Option<Refusal>, Stop> {
        let missing =
            |text: String, remedy: &str| Some(Refusal::other(RefusalReason::Unmet, text, remedy.to_owned()));
        for (need, rule) in self.judgement.commands.iter().flat_map(|judged| &judged.needs) {
            let refusal = match need {
                Need::Said(Requirement::Reason) if self.call.reason.is_none() => missing(
                    format!("rule `{rule}` requires a reason"),
                    "add --reason 'WHY' before the command",
                ),
                Need::Said(Requirement::Ticket) if self.call.ticket.is_none() => {
                    missing(format!("rule `{rule}` requires a ticket"), "add --ticket ID before the command")
                }
                Need::Trigger(Err(why)) => missing(
                    format!("rule `{rule}` requires its symptom, and nobody can look for it: {why}"),
                    "write the command so that its rule can be filled in",
                ),
                Need::Trigger(Ok(inquiry)) => match self.probe(journal, inquiry, rule)? {
                    Ok(_) => None,
                    Err(why) => missing(
                        format!("rule `{rule}` requires its symptom, and {why}"),
                        "the stated problem is not there; look again before you mend",
                    ),
                },
                Need::Said(Requirement::Reason | Requirement::Ticket)
                | Need::Approvers(_)
                | Need::Probe(..) => None,
            };
            if refusal.is_some() {
                return Ok(refusal);
            }
        }
        Ok(None)
    }
}

/// An inquiry as it is asked.
fn question(inquiry: &Inquiry) -> run::Question {
    let edits = inquiry.environment.iter().filter_map(|edit| match edit {
        EnvironmentEdit::Set(name, value) => Some((name.clone(), Some(value.clone()))),
        EnvironmentEdit::Unset(name) => Some((name.clone(), None)),
        EnvironmentEdit::Unsure(_) | EnvironmentEdit::Clear => None, // no inquiry has them
    });
    run::Question {
        argv: inquiry.argv.clone(),
        environment: edits.collect(),
        limit: PROBE_LIMIT,
        most: PROBE_OUTPUT,
    }
}
