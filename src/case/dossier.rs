//! What goes on record about a case, and what a human is shown of it.
//!
//! In: a [`Case`]. Out: the body of its intent, the secrets in it, the rows of its question. Never: a word of a secret
//! without the journal knowing it, or a body that grows with a 2 MB argv.

use super::Case;
use crate::approve::{Grant, GrantKind};
use crate::command::{Action, EnvironmentEdit, Influence, influence};
use crate::decide::Verdict;
use crate::facts::Effect;
use crate::house::{self, House};
use crate::journal::{Redactor, SecretWord, field, text};
use crate::judge::{Inquiry, Judged, Judgement, Matched};
use crate::quorum::{Approval, Touch};
use crate::report::judgement as report_judgement;
use crate::report::{Row, RuleLine};
use crate::rules::{Fit, Kind, Undo};
use crate::run::{Custody, FoundBy, Plan};
use crate::tools::Disclosure;
use serde_json::{Map, Value, json};
use std::ffi::{OsStr, OsString};
use std::os::unix::ffi::{OsStrExt, OsStringExt};

/// An argv of more bytes is kept whole only as its first words and a commitment.
const ARGV_BYTES: usize = 8 * 1024;
/// So many of these words are kept.
const ARGV_WORDS: usize = 64;
/// Of a word longer than this only a commitment is kept.
const WORD_BYTES: usize = 1024;

/// The body of an intent or denial.
pub(super) fn intent(
    case: &Case,
    house: &House,
    grant: Option<&Grant>,
    secrets: &mut Redactor,
) -> Map<String, Value> {
    let mut body = Map::new();
    body.insert(field::ACTOR.to_owned(), actor(case));
    body.insert("mode".to_owned(), case.mode.word().into());
    match &case.call.action {
        Action::Argv(argv) => body.insert(field::ARGV.to_owned(), argv_value(argv, secrets)),
        Action::Shell(shell) => {
            body.insert("shell_options".to_owned(), shell.option_words().into());
            let given: Vec<OsString> = shell.given().map(|(_, word)| word.to_owned()).collect();
            body.insert("shell_parameters".to_owned(), argv_value(&given, secrets));
            body.insert(field::SHELL.to_owned(), long_value(&shell.text, ARGV_BYTES, secrets))
        }
    };
    let tools: Vec<&str> = case.judgement.commands.iter().filter_map(tool_of).collect();
    body.insert(field::TOOL.to_owned(), tools.into());
    body.insert("cwd".to_owned(), text(house.cwd.as_os_str()));
    body.insert("host".to_owned(), house.host.clone().into());
    body.insert("boot".to_owned(), house::boot_id().into());
    body.insert("pid".to_owned(), std::process::id().into());
    body.insert("uid".to_owned(), nix::unistd::geteuid().as_raw().into());
    body.insert("version".to_owned(), env!("CARGO_PKG_VERSION").into());
    body.insert("reason_given".to_owned(), case.call.reason.clone().into());
    body.insert("ticket".to_owned(), case.call.ticket.clone().into());
    body.insert("grant".to_owned(), grant.map(grant_value).into());
    body.extend(case.handed.clone());
    body.insert("executable".to_owned(), case.program.clone().into());
    body.insert("variables".to_owned(), variables(house, secrets));
    body.insert("rule_files".to_owned(), rule_files(case));
    body.insert("measured".to_owned(), case.measured.clone().into());
    let mut judgement = report_judgement::to_json(&case.judgement);
    judgement.insert(field::VERDICT.to_owned(), case.verdict.word().into());
    if size(&case.call.action) > ARGV_BYTES {
        judgement.remove("commands");
        judgement.insert("rules".to_owned(), rule_ids(&case.judgement));
    }
    body.extend(judgement);
    body
}

/// The body of a probe's intent.
pub(super) fn probe(case: &Case, inquiry: &Inquiry, rule: &str) -> Map<String, Value> {
    let argv = &inquiry.argv;
    let variables = inquiry.environment.iter().map(report_judgement::environment_edit);
    Map::from_iter([
        ("environment".to_owned(), variables.collect()),
        (field::ACTOR.to_owned(), actor(case)),
        (field::ARGV.to_owned(), argv.iter().map(|word| text(word)).collect()),
        (field::TOOL.to_owned(), argv.first().map(|word| text(word)).into_iter().collect()),
        (field::VERDICT.to_owned(), Verdict::Run.word().into()),
        ("probe_of".to_owned(), case.id.as_str().into()),
        ("rule".to_owned(), rule.into()),
    ])
}

fn tool_of(judged: &Judged) -> Option<&str> {
    let read = judged.read.as_ref().map(|read| read.tool.as_str());
    read.or_else(|| {
        judged.command.words.first().and_then(|word| word.to_str()).filter(|word| word.len() < WORD_BYTES)
    })
}

fn rule_ids(judgement: &Judgement) -> Value {
    judgement
        .commands
        .iter()
        .flat_map(|judged| &judged.matched)
        .map(|matched| matched.rule.id.as_str())
        .collect()
}

pub(super) fn actor(case: &Case) -> Value {
    let actor = &case.actor;
    json!({ "kind": actor.kind.word(), "name": actor.name, "account": actor.account, "evidence": actor.evidence })
}

fn grant_value(grant: &Grant) -> Value {
    match grant.kind() {
        GrantKind::NotNeeded => json!({ "how": "not-needed" }),
        GrantKind::Confirmed { by } => json!({ "how": "confirmed", "by": by }),
        GrantKind::Approved { by, claim } => json!({
            "how": "approved", "request": claim.sha256, "by": by.iter().map(approval).collect::<Value>(),
        }),
        GrantKind::BrokenGlass { by, reason, claim } => json!({
            "how": "break-glass", "request": claim.sha256, "by": [approval(by)], "why": reason,
        }),
    }
}

/// The rule files in force.
pub(super) fn rule_files(case: &Case) -> Value {
    let files = case.rule_files.iter();
    files.map(|(name, layer, digest)| json!({ "name": name, "layer": layer, "sha256": digest })).collect()
}

/// Who approved, with which key, and the digest of the vote as it is stored.
fn approval(approval: &Approval) -> Value {
    json!({
        "person": approval.person,
        "key": approval.key.to_string(),
        "touch": approval.touch == Touch::Shown,
        "vote": approval.vote_sha256,
    })
}

/// The file that will be started.
pub(super) fn executable(plan: &Plan, digest: &str) -> Value {
    let executable = &plan.executable;
    let identity = executable.identity();
    let provenance = executable.provenance();
    let found = match provenance.found {
        FoundBy::Slash => "path",
        FoundBy::Search => "search",
        FoundBy::RelativeSearch => "relative-search",
    };
    let custody = match &provenance.custody {
        Custody::Root => json!("root"),
        Custody::Owner => json!("owner"),
        Custody::Others { weakest } => json!({ "weakest": text(weakest.as_os_str()) }),
    };
    json!({
        "path": text(executable.path().as_os_str()),
        "dev": identity.dev,
        "ino": identity.ino,
        "size": identity.size,
        "sha256": digest,
        "found": found,
        "custody": custody,
    })
}

/// Variables of the gate's environment that change where or what a program does.
pub(super) fn variables(house: &House, secrets: &mut Redactor) -> Value {
    let mut kept = Map::new();
    for (name, value) in &house.env {
        match influence(name) {
            Influence::Place | Influence::Code => {
                // PGPASSWORD says where only to those who know it, and a proxy's URL may hold a password.
                let word = [name.as_bytes(), b"=", value.as_bytes()].concat();
                secrets.learn(&[OsString::from_vec(word)], &[]);
                kept.insert(name.to_string_lossy().into_owned(), long_value(value, WORD_BYTES, secrets));
            }
            Influence::Display | Influence::Unknown => {}
        }
    }
    Value::Object(kept)
}

fn size(action: &Action) -> usize {
    match action {
        Action::Argv(argv) => argv.iter().map(|word| word.len()).sum(),
        Action::Shell(shell) => shell.size(),
    }
}

/// An argv, shortened where it is huge. What is left out is told to the redactor as one secret, so that the record
/// holds a salted commitment to it: neither the words nor a hash that could be guessed against.
fn argv_value(argv: &[OsString], secrets: &mut Redactor) -> Value {
    if argv.iter().map(|word| word.len()).sum::<usize>() <= ARGV_BYTES {
        return argv.iter().map(|word| text(word)).collect();
    }
    let (head, tail) = argv.split_at_checked(ARGV_WORDS).unwrap_or((argv, &[]));
    let mut words: Vec<Value> = head.iter().map(|word| long_value(word, WORD_BYTES, secrets)).collect();
    if !tail.is_empty() {
        // No word can hold a NUL, so the joined value stands nowhere else in the record.
        let mut joined = OsString::from("\0");
        joined.push(tail.join(OsStr::from_bytes(b"\0")));
        words.push(json!(format!("... {} more words, {} bytes:", tail.len(), joined.len())));
        words.push(long_value(&joined, 0, secrets));
    }
    words.into()
}

/// A word, or where it is too long a commitment to it.
fn long_value(word: &OsStr, most: usize, secrets: &mut Redactor) -> Value {
    if word.len() > most {
        // The marker alone becomes the text; the redactor replaces the whole string by its commitment.
        let lossless = word.to_str().map_or_else(|| OsString::from_vec(hex(word.as_bytes())), OsString::from);
        secrets.learn_value(lossless.as_bytes());
        return text(&lossless);
    }
    text(word)
}

fn hex(bytes: &[u8]) -> Vec<u8> {
    bytes.iter().flat_map(|byte| format!("{byte:02x}").into_bytes()).collect()
}

/// Every secret of an action: where tool entries say so, and whatever looks like one.
pub(super) fn secrets(action: &Action, judgement: &Judgement) -> Redactor {
    let mut secrets = Redactor::new();
    match action {
        Action::Argv(argv) => secrets.learn(argv, &[]),
        Action::Shell(shell) => {
            secrets.learn_text(&shell.text.to_string_lossy());
            let given: Vec<OsString> = shell.given().map(|(_, word)| word.to_owned()).collect();
            secrets.learn(&given, &[]);
        }
    }
    for judged in &judgement.commands {
        let words = &judged.command.words;
        secrets.learn(words, &known_secrets(judged));
        for edit in &judged.command.environment {
            if let EnvironmentEdit::Set(name, value) = edit {
                let word = [name.as_bytes(), b"=", value.as_bytes()].concat();
                secrets.learn(&[OsString::from_vec(word)], &[]);
            }
        }
    }
    secrets
}

/// Option values that the tool entry calls secret.
fn known_secrets(judged: &Judged) -> Vec<SecretWord> {
    let options = judged.read.iter().flat_map(|read| &read.options);
    let secret = options.filter(|option| option.disclosure == Disclosure::Secret);
    secret
        .filter_map(|option| {
            let word = *option.places.last()?;
            let value = option.value.as_ref()?;
            let whole = judged.command.words.get(word)?;
            Some(SecretWord { word, from: whole.len().checked_sub(value.len())? })
        })
        .collect()
}

/// Where the action acts, as rows of the question.
pub(super) fn places(judgement: &Judgement, measured: &[String]) -> Vec<Row> {
    let row =
        |value: String, note: String, source: String| Row { label: "place".to_owned(), value, note, source };
    let mut rows: Vec<Row> = Vec::new();
    for judged in &judgement.commands {
        let seen = &judged.surroundings;
        for (key, field) in &seen.fields {
            rows.push(row(key.clone(), field.values.join(", "), field.source.clone()));
        }
        if let Some(why) = &seen.unreadable {
            rows.push(row("unknown".to_owned(), format!("{}: {why}", seen.kind), String::new()));
        }
        for taken in &judged.command.wrappers {
            let adds: Vec<&str> =
                taken.adds.iter().map(|added| report_judgement::added_word(*added)).collect();
            if !adds.is_empty() {
                rows.push(row(taken.name.to_owned(), adds.join(", "), String::new()));
            }
        }
    }
    let mut told: Vec<Row> = Vec::new();
    for row in rows {
        // Ten commands of one text act on the same host.
        if !told.contains(&row) {
            told.push(row);
        }
    }
    let mut rows = told;
    rows.extend(measured.iter().map(|found| Row {
        label: "measured".to_owned(),
        value: String::new(),
        note: found.clone(),
        source: String::new(),
    }));
    rows
}

/// The rules that took part, and why a command is not known where it is not.
pub(super) fn rule_lines(judgement: &Judgement) -> Vec<RuleLine> {
    let mut lines = Vec::new();
    for judged in &judgement.commands {
        if let Some(why) = &judged.standing.1 {
            let id = report_judgement::standing_word(judged.standing.0).to_owned();
            lines.push(RuleLine { id, why: why.clone() });
        }
        // Of several commands, those that change nothing need no reason.
        let says = |matched: &&Matched| {
            judgement.commands.len() == 1 || matched.rule.effects.iter().any(|effect| *effect != Effect::None)
        };
        for matched in judged.matched.iter().filter(says) {
            let otherwise = match (matched.fit, matched.rule.kind) {
                (Fit::Whole, Kind::Match) => "accounts for every word",
                (Fit::Partly, _) => "holds for some of the values",
                (Fit::Resembles, _) => "would match with fewer words",
                (Fit::Whole, Kind::Any) => "raises",
            };
            let why = matched.rule.why.clone().unwrap_or_else(|| otherwise.to_owned());
            let id = matched.rule.id.to_string();
            lines.push(RuleLine { id: id.clone(), why });
            if let Some(Undo::Instruction(instruction)) = &matched.rule.undo {
                lines.push(RuleLine { id, why: format!("to undo it by hand: {instruction}") });
            }
        }
    }
    lines
}
