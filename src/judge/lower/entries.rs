//! Entries for rule files, as advice: what to add, and where only people know what to write.

use crate::decide::Standing;
use crate::facts::{Effect, Scope};
use crate::judge::Surroundings;
use crate::tools::{Reading, Role, Style, Whole};
use std::collections::BTreeMap;
use std::fmt::Write;

/// The field of the place that names it best: what the command line says comes before what the eyes saw.
pub(super) fn place(
    seen: &Surroundings,
    targets: &BTreeMap<String, Vec<String>>,
) -> Option<(&'static str, String)> {
    let keys =
        ["context", "profile", "project", "workspace", "account", "server", "namespace", "host", "directory"];
    keys.into_iter().find_map(|key| {
        let seen = seen.fields.get(key).map(|field| &field.values);
        let [value] = targets.get(key).or(seen)?.as_slice() else { return None };
        // What a glob would read otherwise is better said by people.
        let plain = !value.is_empty() && !value.contains(['*', '?']) && !value.contains(char::is_control);
        plain.then_some((key, value.clone()))
    })
}

pub(super) fn environment(key: &str, value: &str) -> String {
    format!(
        "[[environment]]\nname = \"FILL-IN\"\ntier = \"development\"\nmatch = {{ {key} = {} }}\n",
        quoted(value)
    )
}

fn quoted(text: &str) -> String {
    toml::Value::String(text.to_owned()).to_string()
}

/// Whether a rule could make the command known: its words are understood, and nothing else stands in the way.
pub(super) fn can_be_known(standing: &(Standing, Option<String>), reading: &Reading<'_>) -> bool {
    let why = standing.1.as_deref().unwrap_or_default();
    reading.whole() == Whole::Yes && why.starts_with("no rule accounts for every word")
}

/// A rule that accounts for every word; `None` where the pattern language cannot, or where a word is not certain.
pub(super) fn rule(
    reading: &Reading<'_>,
    effects: &[Effect],
    scope: Scope,
    replaced: &[&str],
) -> Option<String> {
    if reading.whole() == Whole::No || !reading.loose.is_empty() || reading.tool.style == Style::Keys {
        return None;
    }
    // Of an operation that the entry does not list no rule may speak.
    reading.refused.is_none().then_some(())?;
    let mut pattern = reading.tool.name.clone();
    let operation = if reading.tool.operation == 0 { 0 } else { reading.operation.max(1) };
    for (at, operand) in reading.operands.iter().enumerate() {
        let word = operand.text.to_str()?;
        let literal =
            at < operation && word.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"-_.".contains(&byte));
        let _ = match literal && !word.starts_with('-') {
            true => write!(pattern, " {word}"),
            false => write!(pattern, " <word-{at}>"),
        };
    }
    let mut named: Vec<&str> = Vec::new();
    for given in reading.options.iter().filter(|given| given.spec.role == Role::Plain) {
        let name = given.spec.canonical();
        if named.contains(&name) {
            continue;
        }
        // `git -c x log` and `git log -c` are two options, of which a pattern can name one.
        if reading.tool.option(&reading.operation_words(), name) != Some(given.spec) {
            return None;
        }
        named.push(name);
        let _ = match given.value {
            Some(_) => write!(pattern, " {name}=<value-{}>", named.len()),
            None => write!(pattern, " {name}"),
        };
    }
    let words: Option<Vec<&str>> = reading.words.iter().map(|word| word.to_str()).collect();
    let words = words?;
    if words.iter().any(|word| word.contains(['\'', '\n']) || word.is_empty()) {
        return None;
    }
    let plain =
        |word: &&str| word.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"-_./:=@,+%".contains(&byte));
    let quote = |word: &&str| if plain(word) { (*word).to_owned() } else { format!("'{word}'") };
    let example = words.iter().map(quote).collect::<Vec<_>>().join(" ");
    let effects: Vec<String> = effects.iter().map(|effect| quoted(effect.word())).collect();
    let replaced: Vec<String> = replaced.iter().map(|id| quoted(id)).collect();
    let mut text = format!("[[rule]]\nid = \"local.FILL-IN\"\nmatch = {}\n", quoted(&pattern));
    let _ = write!(text, "effect = [{}]\nscope = \"{}\"\n", effects.join(", "), scope.word());
    text.push_str(
        "rollback = \"FILL IN: the command that undoes it\"\nwhy = \"FILL IN\"\nowner = \"FILL IN\"\n",
    );
    if !replaced.is_empty() {
        let _ = writeln!(text, "replaces = [{}]", replaced.join(", "));
    }
    let _ = write!(
        text,
        "examples = [{}]\nnear-misses = [{}]\n",
        quoted(&example),
        quoted(&format!("{example} another"))
    );
    Some(text)
}
