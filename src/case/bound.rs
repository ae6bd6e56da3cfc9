//! Everything that an approval binds an action to, as it is now (design section 9).
//!
//! In: a [`Case`], and what was looked at in the world for it. Out: the fields of a request. Never: the value of a secret
//! variable - its salted commitment binds it as well.

use super::world::World;
use super::{Case, dossier};
use crate::command::{Action, binds};
use crate::house::{self, House};
use crate::journal::{Journal, JournalError, Redactor, SECRET_MARK, text};
use crate::judge::{Judged, Judgement};
use crate::quorum::Demanded;
use crate::report::judgement as report_judgement;
use crate::report::{Because, Row, RuleLine};
use serde_json::{Map, Value, json};
use std::collections::BTreeSet;
use std::ffi::{OsStr, OsString};
use std::os::unix::ffi::OsStrExt;

/// The fields of a request that say what is approved.
pub(super) fn fields(
    case: &Case,
    demanded: &Demanded,
    world: &World,
    journal: &Journal,
) -> Result<Map<String, Value>, JournalError> {
    let house = &case.house;
    let call = &case.call;
    let milliseconds = |limit: std::time::Duration| u64::try_from(limit.as_millis()).unwrap_or(u64::MAX);
    let mut fields = action(&call.action);
    let rest = json!({
        "demand": { "people": demanded.people, "groups": demanded.groups },
        "break_glass": call.approving.break_glass,
        "requester": dossier::actor(case),
        "uid": nix::unistd::geteuid().as_raw(),
        "reason": call.reason,
        "ticket": call.ticket,
        "timeout_ms": call.timeout.map(milliseconds),
        "host": house.host,
        "boot": house::boot_id(),
        "version": env!("CARGO_PKG_VERSION"),
        "executable": case.program,
        "variables": variables(case, house, journal)?,
        "values": values(case, house, journal)?,
        "rule_files": dossier::rule_files(case),
        "verdict": case.verdict.word(),
        "standing": report_judgement::standing_word(case.judgement.standing),
        "facts": report_judgement::facts(&case.judgement.facts),
        "measured": case.measured,
    });
    fields.extend(rest.as_object().cloned().unwrap_or_default());
    fields.extend(shown(case));
    fields.extend(world.to_json());
    fields.insert("commands".to_owned(), commands(&case.judgement));
    Ok(fields)
}

/// The words that will run, byte for byte.
fn action(action: &Action) -> Map<String, Value> {
    let words = |words: &[OsString]| words.iter().map(|word| text(word)).collect::<Value>();
    let fields = match action {
        Action::Argv(argv) => vec![("argv", words(argv))],
        Action::Shell(shell) => {
            let given: Vec<OsString> = shell.given().map(|(_, word)| word.to_owned()).collect();
            vec![
                ("shell", text(&shell.text)),
                ("shell_options", shell.option_words().into()),
                ("shell_parameters", words(&given)),
            ]
        }
    };
    fields.into_iter().map(|(name, value)| (name.to_owned(), value)).collect()
}

/// The variables that change what a program does or where; secrets among them as commitments under the log's key.
fn variables(case: &Case, house: &House, journal: &Journal) -> Result<Value, JournalError> {
    let bound = house.env.iter().filter(|(name, _)| binds(name));
    let bound = bound.map(|(name, value)| (name.to_string_lossy().into_owned(), value.as_os_str()));
    held(case, journal, bound, TOLD_BYTES)
}

/// The variables that the words themselves name, whatever they are called: of `rm -rf "$DIR"` the value is all that
/// matters, and a text that was approved with `DIR=/srv/old` must not run with another.
fn values(case: &Case, house: &House, journal: &Journal) -> Result<Value, JournalError> {
    let names = names(&case.call.action).into_iter();
    // Told however long they are: approvers are shown them.
    let named = names.filter_map(|name| house.variable(&name).map(|value| (name, value)));
    held(case, journal, named, usize::MAX)
}

/// A longer value of a variable that nobody named is committed to and not told, in bytes.
const TOLD_BYTES: usize = 1024;

/// Variables as a request holds them. A value in which a secret stands is committed to as a whole, and so is one that looks
/// as if: where the secret is `old`, `/srv/<secret:1:...>` would stand for `/srv/old` and for a path of that very name. One of
/// more than `most` bytes is committed to as well.
fn held<'h>(
    case: &Case,
    journal: &Journal,
    variables: impl Iterator<Item = (String, &'h OsStr)>,
    most: usize,
) -> Result<Value, JournalError> {
    let variables: Vec<(String, &OsStr)> = variables.collect();
    let mut secrets = Redactor::new();
    for (name, value) in &variables {
        let mut word = OsString::from(format!("{name}="));
        word.push(value);
        secrets.learn(&[word], &[]);
    }
    let whole: Vec<Value> = variables.iter().map(|(_, value)| text(value)).collect();
    let told = scrubbed(case, journal, &secrets, whole.clone())?;
    let mut held = Map::new();
    for (at, ((name, value), whole)) in variables.into_iter().zip(whole).enumerate() {
        let marked = memchr::memmem::find(value.as_bytes(), SECRET_MARK.as_bytes()).is_some();
        if told.get(at) == Some(&whole) && !marked && value.len() <= most {
            held.insert(name, whole);
            continue;
        }
        let mut secret = Redactor::new();
        secret.learn_value(value.as_bytes());
        let committed = scrubbed(case, journal, &secret, vec![whole])?;
        held.insert(name, committed.into_iter().next().unwrap_or_default());
    }
    Ok(held.into())
}

/// Values as the log would tell them, in their order: its key is read once for all of them.
fn scrubbed(
    case: &Case,
    journal: &Journal,
    secrets: &Redactor,
    values: Vec<Value>,
) -> Result<Vec<Value>, JournalError> {
    let field = Map::from_iter([("values".to_owned(), values.into())]);
    let mut scrubbed = journal.without_secrets(&case.id, secrets, field)?;
    Ok(match scrubbed.remove("values") {
        Some(Value::Array(values)) => values,
        Some(_) | None => Vec::new(),
    })
}

/// Every stretch of the words that could be the name of a variable: with `$`, or without as in `printenv DIR | xargs rm`.
fn names(action: &Action) -> BTreeSet<String> {
    let words: Vec<&OsStr> = match action {
        Action::Argv(argv) => argv.iter().map(OsString::as_os_str).collect(),
        Action::Shell(shell) => {
            let given = shell.given().map(|(_, word)| word);
            std::iter::once(shell.text.as_os_str()).chain(given).collect()
        }
    };
    let letter = |byte: u8| byte.is_ascii_alphanumeric() || byte == b'_';
    let pieces = words.iter().flat_map(|word| word.as_bytes().split(move |byte| !letter(*byte)));
    let names = pieces.filter_map(|piece| std::str::from_utf8(piece).ok());
    names.filter(|name| !name.is_empty() && !OF_EACH_SHELL.contains(name)).map(str::to_owned).collect()
}

/// Variables that every shell sets to something else.
const OF_EACH_SHELL: [&str; 2] = ["_", "SHLVL"];

/// What approvers are shown besides, so that they see it where no rule and no tool of this machine is.
fn shown(case: &Case) -> Map<String, Value> {
    let question = case.question();
    let place =
        |row: &Row| json!({ "label": row.label, "value": row.value, "note": row.note, "source": row.source });
    let rule = |line: &RuleLine| json!({ "id": line.id, "why": line.why });
    let because = Because::of(&case.judgement, case.verdict).map(|because| because.to_string());
    let undo = question.undo.as_ref().map(|words| words.iter().map(|word| text(word)).collect::<Value>());
    Map::from_iter([
        ("because".to_owned(), because.into()),
        ("places".to_owned(), question.places.iter().map(place).collect()),
        ("rules".to_owned(), question.rules.iter().map(rule).collect()),
        ("undo".to_owned(), undo.into()),
    ])
}

/// Where each command acts, and which rules know it: what has changed where one of them is not as it was.
fn commands(judgement: &Judgement) -> Value {
    let command = |judged: &Judged| {
        let rules: Vec<&str> = judged.matched.iter().map(|matched| matched.rule.id.as_str()).collect();
        json!({
            "program": judged.command.words.first().map(|word| text(word)),
            "target": report_judgement::target(&judged.surroundings),
            "environments": judged.environments,
            "rules": rules,
            "verdict": judged.verdict.word(),
        })
    };
    judgement.commands.iter().map(command).collect()
}
