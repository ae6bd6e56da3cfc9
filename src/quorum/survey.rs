//! Looks over the lists of approvers as an administrator would: what is broken, what surprises, who can write them.
//!
//! In: the places, and the account that would ask for approvals. Out: a [`Survey`]. Never: a change.

use super::line::Zone;
use super::place::{APPROVERS, GROUPS, Place, REVOKED, places};
use super::read::{RosterError, files};
use super::roster::{Member, Roster, Texts};
use crate::layers::Places;
use crate::rules::Layer;
use chrono::{DateTime, Utc};

/// What was found.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Survey {
    /// The place that counts.
    pub place: Option<Place>,
    /// Who is listed there, where nothing is broken.
    pub roster: Option<Roster>,
    /// Who may write the list, as words.
    pub writers: Option<String>,
    /// What makes it useless.
    pub problems: Vec<String>,
    /// What works and may not be meant so.
    pub warnings: Vec<String>,
}

/// Looks at every place. `account` and `uid` are those of whoever would ask.
#[must_use]
pub fn survey(at: &Places, account: &str, uid: u32, now: DateTime<Utc>) -> Survey {
    let mut survey = Survey::default();
    for place in places(at) {
        match files(&place) {
            Err(error) => {
                survey.problems.push(error.to_string());
                survey.place.get_or_insert(place);
            }
            Ok([Some(_), _, _]) if survey.place.is_some() => {
                let ignored = place.file(APPROVERS);
                survey.warnings.push(format!(
                    "`{}` does not count: one list counts alone; remove it, or move its people",
                    ignored.display()
                ));
            }
            Ok([Some(approvers), groups, revoked]) => {
                let (groups, revoked) = (groups.unwrap_or_default(), revoked.unwrap_or_default());
                survey.read(&Texts { approvers, groups, revoked }, place.clone(), now);
                survey.says_who_writes(&place, account, uid);
                survey.place = Some(place);
            }
            Ok([None, groups, revoked]) => {
                for (name, _) in
                    [(GROUPS, groups), (REVOKED, revoked)].iter().filter(|(_, text)| text.is_some())
                {
                    let (file, list) = (place.file(name), place.file(APPROVERS));
                    survey.warnings.push(format!(
                        "`{}` means nothing without `{}` beside it",
                        file.display(),
                        list.display()
                    ));
                }
            }
        }
    }
    survey
}

impl Survey {
    fn read(&mut self, texts: &Texts, place: Place, now: DateTime<Utc>) {
        match Roster::of(texts, place) {
            Ok(roster) => {
                self.warnings.extend(surprises(&roster, now));
                self.roster = Some(roster);
            }
            Err(RosterError::Layer(error)) => self.problems.push(error.to_string()),
            Err(RosterError::Problems { directory, problems }) => self.problems.extend(
                problems
                    .iter()
                    .map(|problem| format!("{}{}{problem}", directory.display(), std::path::MAIN_SEPARATOR)),
            ),
        }
    }

    /// The walk that opened the files has proven that nobody else can.
    fn says_who_writes(&mut self, place: &Place, account: &str, uid: u32) {
        let own = match place.layer {
            Layer::System | Layer::BuiltIn => uid == 0,
            Layer::User | Layer::Project => true,
        };
        self.writers = Some(if own && uid != 0 { format!("root and {account}") } else { "root".to_owned() });
        if own {
            self.warnings.push(format!(
                "{account} can write the list, and so can everything that {account} starts, agents too; \
                 a list in /etc/remgate (--system) and agents under other accounts keep it out of their hands"
            ));
        }
    }
}

/// What is allowed and may not be meant so.
fn surprises(roster: &Roster, now: DateTime<Utc>) -> Vec<String> {
    let mut found = Vec::new();
    let counts = |member: &&Member| member.keys.iter().any(|key| key.counts(&member.name, now).is_ok());
    for member in roster.people() {
        for listed in &member.keys {
            if let Err(why) = listed.counts(&member.name, now) {
                found.push(format!("line {} of {APPROVERS} counts for nothing now: {why}", listed.line));
            }
            if listed.validity.zone == Zone::Local {
                found.push(format!(
                    "line {} of {APPROVERS} has a time without `Z`; it is read as in the time zone in which the key \
                     counts least, up to 14 hours less than `ssh-keygen` reads; write it in UTC, with `Z`",
                    listed.line
                ));
            }
        }
    }
    let usable = roster.people().iter().filter(counts).count();
    match usable {
        0 => found.push("nobody listed has a key that counts now, so nothing can be approved".to_owned()),
        1 => found.push("only one person can approve now, so what needs two people cannot run".to_owned()),
        _ => {}
    }
    let usable_in =
        |group: &str| roster.people().iter().filter(counts).any(|member| roster.is_in(&member.name, group));
    for group in roster.groups().keys().filter(|group| !usable_in(group)) {
        found.push(format!("nobody in the group `{group}` can approve now"));
    }
    found
}
