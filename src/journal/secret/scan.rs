//! Finds the secrets in a list of words.

use super::{Redactor, names, positions, shapes};

/// What a value is when it says where the secret is and not what it is.
const REFERENCES: [&str; 8] = ["${", "$(", "file:", "env:", "fd:", "op://", "vault:", "arn:aws:"];

/// Values that would turn the whole record into commitments, and hide nothing.
const PLAIN: [&str; 12] = ["true", "false", "yes", "no", "on", "off", "0", "1", "-", "null", "none", "stdin"];

/// Learns from words that stand in a row, as in argv.
pub(super) fn words(words: &[String], redactor: &mut Redactor) {
    for (at, word) in words.iter().enumerate() {
        self::word(word, redactor);
        if let Some(next) = words.get(at + 1).filter(|next| !next.starts_with('-'))
            && word.starts_with('-')
            && !word.contains('=')
            && names::is_secret(word)
        {
            learn(next, redactor);
        }
    }
    positions::secrets(words).into_iter().for_each(|secret| learn(secret, redactor));
}

fn word(word: &str, redactor: &mut Redactor) {
    shapes::tokens(word).for_each(|token| learn(token, redactor));
    userinfo(word, redactor);
    authorization(word, redactor);
    // `--header=X-Api-Key: value` and `-HX-Api-Key: value` are headers behind an option.
    let joined = word.strip_prefix("--").and_then(|option| option.split_once('=')).map(|(_, value)| value);
    let joined = joined.or_else(|| word.strip_prefix("-H"));
    for line in word.lines().chain(joined.into_iter().flat_map(str::lines)) {
        header(line, redactor);
    }
    word.match_indices('=').for_each(|(at, _)| assignment(word, at, redactor));
    word.match_indices(':').for_each(|(at, _)| json_member(word, at, redactor));
}

/// `NAME=value`, `--option=value`, `--set a=1,db.password=value`, `?token=value&...`, `Password=value;...`.
fn assignment(word: &str, equals: usize, redactor: &mut Redactor) {
    let (Some(before), Some(value)) = (word.get(..equals), word.get(equals + 1..)) else { return };
    let name = trailing_name(before);
    if !names::is_secret(name) {
        return;
    }
    // At the start of a word the value may hold any character; further in, a separator ends it.
    let leads = before.len() == name.len();
    let ends = |(at, c): (usize, char)| {
        let more = value.get(at + c.len_utf8()..).unwrap_or_default();
        matches!(c, ',' | '&' | ';') && (!leads || is_assignment(more))
            || !leads && (c.is_whitespace() || matches!(c, '"' | '\''))
    };
    let opening = value.chars().next().filter(|c| !leads && matches!(c, '"' | '\''));
    let closing = opening.and_then(|quote| value.get(1..)?.find(quote).map(|at| at + 1));
    let end = closing
        .or_else(|| value.char_indices().find(|at| ends(*at)).map(|(at, _)| at))
        .unwrap_or(value.len());
    learn(value.get(..end).unwrap_or(value), redactor);
}

/// The name right before a separator.
fn trailing_name(before: &str) -> &str {
    let keeps = |c: char| c.is_ascii_alphanumeric() || matches!(c, '_' | '-' | '.' | '/');
    let start =
        before.rfind(|c| !keeps(c)).and_then(|at| Some(at + before.get(at..)?.chars().next()?.len_utf8()));
    before.get(start.unwrap_or(0)..).unwrap_or_default()
}

fn is_assignment(text: &str) -> bool {
    text.split_once('=').is_some_and(|(name, _)| !name.is_empty() && trailing_name(name) == name)
}

/// `"password": "value"`, with any spaces.
fn json_member(word: &str, colon: usize, redactor: &mut Redactor) {
    let name = word.get(..colon).and_then(|before| before.trim_end().strip_suffix('"')).map(trailing_name);
    let value = word.get(colon + 1..).and_then(|after| after.trim_start().strip_prefix('"'));
    if let (Some(name), Some(value)) = (name, value)
        && names::is_secret(name)
    {
        let mut escaped = false;
        let end = value.find(|c| {
            let closes = c == '"' && !escaped;
            escaped = c == '\\' && !escaped;
            closes
        });
        learn(value.get(..end.unwrap_or(value.len())).unwrap_or_default(), redactor);
    }
}

/// `X-Api-Key: value`, alone in its line. A sentence such as `token: handle expiry` has spaces and is none.
fn header(line: &str, redactor: &mut Redactor) {
    let Some((name, value)) = line.trim().trim_start_matches(['"', '\'']).split_once(':') else { return };
    let value = value.trim().trim_end_matches(['"', '\'']);
    let one = !value.contains(char::is_whitespace) || name.eq_ignore_ascii_case("cookie");
    if names::is_secret(name) && one && !value.starts_with("//") && trailing_name(name) == name {
        learn(value, redactor);
    }
}

/// `Authorization: <scheme> <credentials>`, and `Bearer <token>` anywhere.
fn authorization(word: &str, redactor: &mut Redactor) {
    let lower = word.to_ascii_lowercase();
    for (at, name) in lower.match_indices("authorization:") {
        let value = word.get(at + name.len()..).unwrap_or_default().trim_start();
        let line = value.split(['\n', '"', '\'']).next().unwrap_or_default().trim();
        learn(line.split_once(' ').map_or(line, |(_, credentials)| credentials), redactor);
    }
    for (at, name) in lower.match_indices("bearer ") {
        let value = word.get(at + name.len()..).unwrap_or_default();
        let token =
            value.split(|c: char| c.is_whitespace() || matches!(c, '"' | '\'')).next().unwrap_or_default();
        // `bearer authentication` is prose; tokens have digits.
        if token.len() >= 8 && token.bytes().any(|byte| byte.is_ascii_digit()) {
            learn(token, redactor);
        }
    }
}

/// `scheme://user:password@host`, and `scheme://token@host` where the name is too long for a user's.
fn userinfo(word: &str, redactor: &mut Redactor) {
    const LONGEST_USER: usize = 20;
    for (at, slashes) in word.match_indices("://") {
        let rest = word.get(at + slashes.len()..).unwrap_or_default();
        let authority =
            rest.split(|c: char| c.is_whitespace() || matches!(c, '/' | '?' | '#' | '"' | '\'')).next();
        let Some((user, _)) = authority.and_then(|authority| authority.rsplit_once('@')) else { continue };
        match user.split_once(':') {
            Some((_, password)) => learn(password, redactor),
            None if user.len() >= LONGEST_USER => learn(user, redactor),
            None => {}
        }
    }
}

/// Learns a value, and the same without the quotes around it, unless it only refers to a secret.
fn learn(value: &str, redactor: &mut Redactor) {
    let bare = value.trim_matches(['"', '\'']);
    let harmless = bare.is_empty()
        || PLAIN.contains(&bare.to_ascii_lowercase().as_str())
        || REFERENCES.iter().any(|start| bare.starts_with(start))
        || is_variable(bare)
        || (bare.starts_with('<') && bare.ends_with('>'));
    if !harmless {
        redactor.learn_value(bare.as_bytes());
    }
}

/// `$PGPASSWORD`, as the text of a shell command has it. `$ecret` is no variable that anybody would export.
fn is_variable(value: &str) -> bool {
    let name = value.strip_prefix('$').unwrap_or_default();
    !name.is_empty()
        && name.bytes().all(|byte| byte.is_ascii_uppercase() || byte.is_ascii_digit() || byte == b'_')
}
