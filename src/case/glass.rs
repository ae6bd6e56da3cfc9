//! Breaking the glass: one human runs what takes more people, signs for it, and owes a review (design section 9).
//!
//! In: a [`Case`] with a reason. Out: a grant that the log will show as a debt. Never: for a machine, against `deny`, or
//! while too many such debts are open.

use super::petition::{Probes, moment, reviewer};
use super::world::World;
use super::{Case, Count, Sought};
use crate::actor::{ActorKind, Mode};
use crate::approve::{self, Grant, Refusal, RefusalReason, Signer};
use crate::inbox::Inbox;
use crate::journal::{self, Journal};
use crate::quorum::{self, Touch, Vote};
use crate::report::{Asking, Question};
use crate::request::{Request, timely};
use crate::rules::ConfirmBy;
use crate::stop::Stop;

impl Case {
    /// Asks the human at the terminal alone.
    ///
    /// # Errors
    /// The record, the list of approvers or the world cannot be read, or nothing was signed.
    pub(super) fn break_glass(&mut self, journal: &Journal) -> Result<Sought, Stop> {
        if let Some(refusal) = self.glass_is_shut(journal)? {
            return Ok(Sought::Refused(refusal));
        }
        let inbox = self.house.inbox()?;
        let world = World::look(self)?;
        let request = self.ask(journal, inbox.as_ref(), &world)?;
        // The same id, for the question and for the look at everything again.
        self.call.approving.request = Some(Box::new(request.clone()));
        let reason = self.call.approving.break_glass.clone().unwrap_or_default();
        let question = Question::of_request(request.fields(), Asking::BreakGlass { reason })
            .map_err(|error| Stop::Shown(self.id.clone(), error))?;
        let question = Question { time_limit: self.call.ask_timeout, ..question };
        if let Err(reason) = approve::ask(&question, &self.actor, &self.terminal()) {
            let refusal = Refusal::new(reason, self.demand(), &self.actor, self.mode);
            return Ok(Sought::Refused(refusal));
        }
        let grant = match self.signed_for(inbox.as_ref(), &request)? {
            Ok(grant) => grant,
            Err(refusal) => return Ok(Sought::Refused(refusal)),
        };
        Ok(match self.unchanged(journal, Probes::Again, request.fields(), world)? {
            Ok(plan) => Sought::Granted(grant, Box::new(plan)),
            Err(refusal) => Sought::Refused(refusal),
        })
    }

    /// Why the glass may not be broken: nobody there who could owe a review, or too many owed already.
    fn glass_is_shut(&self, journal: &Journal) -> Result<Option<Refusal>, Stop> {
        if self.actor.kind != ActorKind::Human || self.mode != Mode::Interactive {
            let text = format!("--break-glass is for a human at a terminal, and this is {}", self.actor);
            let remedy = "have a human run it; an agent asks for approval".to_owned();
            return Ok(Some(Refusal::other(RefusalReason::NotHuman, text, remedy)));
        }
        let owed = journal::owed(journal.path())?;
        let inbox = self.house.inbox()?;
        let mut open = Vec::new();
        for record in owed {
            let Some(id) = record.id().and_then(journal::ActionId::parse) else { continue };
            if reviewer(&self.house, inbox.as_ref(), &record)?.is_none() {
                open.push(id.to_string());
            }
        }
        let limit = usize::from(self.policy.owed_at_most());
        if open.len() < limit {
            return Ok(None);
        }
        let text = match open.is_empty() {
            true => "this machine allows no run without approval".to_owned(),
            false => format!("{} runs without approval are owed a review: {}", open.len(), open.join(", ")),
        };
        let remedy = "somebody else reviews them: `remgate review`; or ask for approval".to_owned();
        Ok(Some(Refusal::other(RefusalReason::Owed, text, remedy)))
    }

    /// The signature of whoever breaks the glass: somebody on the list, so that the debt has a name.
    fn signed_for(&self, inbox: &dyn Inbox, request: &Request) -> Result<Result<Grant, Refusal>, Stop> {
        let roster = quorum::roster(&self.house.places)?;
        let key = self.call.approving.key.as_deref();
        let signer = Signer::choose(key, &self.house.state()?, roster.as_ref(), self.terminal().look())?;
        let vote = Vote::Approval(signer.sign(request.bytes())?);
        let bytes = vote.to_text().into_bytes();
        if let Err(late) = timely(request, moment()) {
            let remedy = "run it again".to_owned();
            return Ok(Err(Refusal::other(RefusalReason::Untimely, late.to_string(), remedy)));
        }
        let tally = super::count(roster.as_ref(), request, std::slice::from_ref(&bytes));
        // Where a terminal is no proof of a human, a key that anybody at it can use is none either.
        let touched = tally.approvals.iter().all(|approval| approval.touch == Touch::Shown);
        if self.policy.confirm == ConfirmBy::Signature && !touched {
            let text = "this machine believes in no terminal, so --break-glass takes a hardware key's touch"
                .to_owned();
            let remedy = "sign with a key of type sk-ssh-ed25519@openssh.com: `--key FILE`".to_owned();
            return Ok(Err(Refusal::other(RefusalReason::Unsigned, text, remedy)));
        }
        inbox.vote(request.id(), &bytes)?;
        // It goes without the others' yes, and not against somebody's no.
        if let Count::Refused(refusal) = self.votes(inbox, request)? {
            return Ok(Err(refusal));
        }
        Ok(Grant::broken_glass(&tally, request).ok_or_else(|| {
            let why =
                tally.void.first().map_or_else(|| "it is nobody's".to_owned(), |void| void.why.to_string());
            let text = format!("the signature does not count: {why}");
            let remedy = "sign with a key of the list: `remgate approver list`".to_owned();
            Refusal::other(RefusalReason::Unsigned, text, remedy)
        }))
    }
}
