//! The order and spelling of options is the caller's; facts, verdict and rollback are not.
//!
//! Every example of every pack is read once, and then written anew in ways its tool reads alike: options moved to
//! other legal places, joined or not, long or short, abbreviated, bundled, with `--` before the operands.

use crate::stage::{Seen, config, judged, packs, shown};
use proptest::prelude::*;
use proptest::test_runner::{RngAlgorithm, TestRng};
use remgate::command::{Action, Caller, SearchPath, read};
use remgate::judge::Judgement;
use remgate::rules::Book;
use remgate::tools::{
    Arity, Given, Globals, OptionSpec, OptionsEnd, Reading, Style, Subcommand, Tool, Whole,
};
use std::collections::BTreeMap;
use std::ffi::{OsStr, OsString};

/// Every example of every pack, as words, with the id of its rule.
pub(crate) fn examples(field: &str) -> Vec<(String, Vec<OsString>)> {
    let mut all = Vec::new();
    for pack in remgate::packs::ALL {
        let file: toml::Table = pack.file().text.parse().expect("a pack is TOML");
        let rules = file.get("rule").and_then(|rules| rules.as_array()).cloned().unwrap_or_default();
        for rule in &rules {
            let examples = rule.get(field).and_then(|list| list.as_array()).cloned().unwrap_or_default();
            let id = rule["id"].as_str().expect("an id");
            all.extend(examples.iter().map(|text| (id.to_owned(), split(text.as_str().expect("text")))));
        }
    }
    assert!(all.len() > 100, "the packs have lost their examples");
    all
}

/// Words, with the two kinds of quotes that examples use.
fn split(text: &str) -> Vec<OsString> {
    let (mut words, mut word, mut quote) = (Vec::new(), None::<String>, None);
    for c in text.chars() {
        match (quote, c) {
            (Some(open), _) if c == open => quote = None,
            (None, '\'' | '"') => {
                quote = Some(c);
                word.get_or_insert_default();
            }
            (None, ' ') => words.extend(word.take().map(OsString::from)),
            (_, _) => word.get_or_insert_default().push(c),
        }
    }
    words.extend(word.map(OsString::from));
    words
}

/// A source of choices.
struct Dice(TestRng);

impl Dice {
    fn below(&mut self, count: usize) -> usize {
        usize::try_from(self.0.next_u64() % u64::try_from(count.max(1)).unwrap()).unwrap()
    }

    fn pick<'a, T>(&mut self, of: &'a [T]) -> &'a T {
        &of[self.below(of.len())]
    }

    /// True once in `n`.
    fn once_in(&mut self, n: usize) -> bool {
        self.below(n) == 0
    }
}

/// Where an option may stand, as the number of operands before it.
fn places(reading: &Reading<'_>, sub: Option<&Subcommand>, given: &Given<'_>) -> (usize, usize) {
    let tool = reading.tool;
    let operands = reading.operands.len();
    let same = |spec: &OptionSpec| spec.names.iter().any(|name| given.spec.names.contains(name));
    let global = tool.options.iter().any(|spec| spec.names == given.spec.names);
    let shadows: Vec<&OptionSpec> =
        tool.subcommands.iter().flat_map(|sub| &sub.options).filter(|spec| same(spec)).collect();
    // Before the verb the tool itself takes an option for whatever any of its verbs makes of it.
    let plain = global && shadows.iter().all(|spec| spec.arity == given.spec.arity);
    let typed_before = reading.operands.iter().filter(|operand| operand.index < given.index).count();
    let first = match tool.globals {
        Globals::Before if typed_before == 0 => return (0, 0),
        Globals::Before => reading.operation.max(1).min(operands),
        Globals::Anywhere if plain || tool.operation == 0 => 0,
        Globals::Anywhere => reading.operation.max(1).min(operands),
    };
    let ends_at_operand = sub.is_some_and(|sub| sub.options_end == OptionsEnd::AtOperand);
    let last = match tool.style {
        _ if ends_at_operand => reading.operation,
        Style::Posix | Style::Go => tool.operation.min(operands),
        Style::Gnu | Style::Pflag | Style::Keys | Style::Words => operands,
    };
    (first.min(last), last)
}

/// Every long name that may be meant where `sub` is in force.
fn long_names<'a>(tool: &'a Tool, sub: Option<&'a Subcommand>) -> Vec<(&'a str, &'a OptionSpec)> {
    let own = sub.map(|sub| sub.options.as_slice()).unwrap_or_default();
    let all = tool.subcommands.iter().flat_map(|sub| &sub.options).chain(own).chain(&tool.options);
    all.flat_map(|spec| spec.names.iter().map(move |name| (name.as_str(), spec))).collect()
}

/// One way to write one option; `None` where only the words as typed will do (`-20`, a value that is not UTF-8).
fn spelling(
    dice: &mut Dice,
    reading: &Reading<'_>,
    sub: Option<&Subcommand>,
    given: &Given<'_>,
) -> Option<Vec<String>> {
    let tool = reading.tool;
    let name = dice.pick(&given.spec.names).clone();
    if name == "-NUM" {
        return None;
    }
    let value = given.value.map(|value| value.to_str()).transpose_utf8()?;
    let long = name.starts_with("--");
    let letter = !long && name.len() == 2 && name.starts_with('-');
    let name = match (tool.style, long) {
        (Style::Gnu | Style::Posix, true) => abbreviated(dice, tool, sub, given.spec, name),
        (Style::Go, _) => format!("{}{}", dice.pick(&["-", "--"]), name.trim_start_matches('-')),
        (Style::Gnu | Style::Posix | Style::Pflag | Style::Keys | Style::Words, _) => name,
    };
    let joins = long || matches!(tool.style, Style::Go | Style::Keys);
    Some(match (given.spec.arity, value) {
        (Arity::Switch | Arity::Optional, None) => {
            let says = tool.style == Style::Pflag && given.spec.arity == Arity::Switch && (long || letter);
            if says && dice.once_in(4) { vec![format!("{name}=true")] } else { vec![name] }
        }
        (Arity::Switch, Some(_)) | (Arity::Value, None) => return None,
        (Arity::Optional, Some(value)) if joins => vec![format!("{name}={value}")],
        (Arity::Optional, Some(value)) if tool.style == Style::Pflag => vec![format!("{name}={value}")],
        (Arity::Optional, Some(value)) if letter && !value.is_empty() => vec![format!("{name}{value}")],
        (Arity::Optional, Some(_)) => return None,
        (Arity::Value, Some(value)) => {
            let mut ways = Vec::new();
            if tool.style != Style::Keys {
                ways.push(vec![name.clone(), value.to_owned()]);
            }
            if joins {
                ways.push(vec![format!("{name}={value}")]);
            }
            if letter && tool.style == Style::Pflag && !value.is_empty() {
                ways.push(vec![format!("{name}={value}")]);
            }
            let glued = format!("{name}{value}");
            let own_name = long_names(tool, sub).iter().any(|(known, _)| *known == glued);
            if letter && tool.style != Style::Go && !value.is_empty() && !value.starts_with('=') && !own_name
            {
                ways.push(vec![glued]);
            }
            dice.pick(&ways).clone()
        }
    })
}

/// A prefix that only this option has, now and then.
fn abbreviated(
    dice: &mut Dice,
    tool: &Tool,
    sub: Option<&Subcommand>,
    spec: &OptionSpec,
    name: String,
) -> String {
    let known = long_names(tool, sub);
    let short = 3 + dice.below(name.len() - 2);
    let prefix = &name[..short.min(name.len())];
    let others = known.iter().any(|(other, of)| other.starts_with(prefix) && of.names != spec.names);
    if others || prefix.len() < 3 || dice.once_in(2) { name } else { prefix.to_owned() }
}

trait TransposeUtf8<'a> {
    fn transpose_utf8(self) -> Option<Option<&'a str>>;
}

impl<'a> TransposeUtf8<'a> for Option<Option<&'a str>> {
    /// `None` for a value that is not UTF-8, `Some(None)` for no value.
    fn transpose_utf8(self) -> Option<Option<&'a str>> {
        match self {
            Some(None) => None,
            Some(Some(text)) => Some(Some(text)),
            None => Some(None),
        }
    }
}

/// The same command in other words.
fn rewritten(dice: &mut Dice, reading: &Reading<'_>) -> Vec<OsString> {
    let tool = reading.tool;
    let leading: Vec<&str> =
        reading.operands.iter().take(reading.operation).filter_map(|o| o.text.to_str()).collect();
    let sub = tool.subcommand(&leading).map(|(_, sub)| sub);
    let mut slots: Vec<Vec<Vec<OsString>>> = vec![Vec::new(); reading.operands.len() + 1];
    let mut done: Vec<usize> = Vec::new();
    let mut latest = 0;
    for given in &reading.options {
        if done.contains(&given.index) {
            continue; // a bundle that is kept as typed
        }
        let (first, last) = places(reading, sub, given);
        let bundle: Vec<&Given<'_>> =
            reading.options.iter().filter(|other| other.index == given.index).collect();
        let option = match spelling(dice, reading, sub, given) {
            Some(words) => words.into_iter().map(OsString::from).collect(),
            None => {
                done.push(given.index);
                let indexes = bundle.iter().flat_map(|g| std::iter::once(g.index).chain(g.value_index));
                let mut indexes: Vec<usize> = indexes.collect();
                indexes.dedup();
                indexes.into_iter().map(|index| reading.words[index].clone()).collect::<Vec<_>>()
            }
        };
        // Two of one name keep their order: `--selector=a --selector=b` need not mean what `b a` means.
        let twice = reading.options.iter().filter(|o| o.spec.names == given.spec.names).count() > 1;
        let slot = if twice { last } else { first + dice.below(last - first + 1) };
        let within = if twice { slots[slot].len() } else { dice.below(slots[slot].len() + 1) };
        slots[slot].insert(within, option);
        latest = latest.max(slot);
    }
    let dashed = |text: &OsStr| match tool.style {
        Style::Words => false,
        Style::Keys => text.as_encoded_bytes().contains(&b'='),
        Style::Gnu | Style::Posix | Style::Pflag | Style::Go => {
            text.len() > 1 && text.as_encoded_bytes().starts_with(b"-")
        }
    };
    let first_dashed = reading.operands.iter().position(|operand| dashed(operand.text));
    let ends = match (sub.map(|sub| sub.options_end), tool.style) {
        (Some(OptionsEnd::AtOperand), _) => Some(reading.operation),
        (_, Style::Posix | Style::Go) => Some(tool.operation),
        (_, Style::Gnu | Style::Pflag | Style::Keys) => None,
        (_, Style::Words) => Some(0),
    };
    // `--` stands behind every option, before the first operand that looks like one, and where options still count.
    let already = ends.is_some_and(|ends| first_dashed.is_some_and(|first| first > ends));
    let needed = first_dashed.is_some() && !already;
    let lowest = latest.max(reading.operation.max(usize::from(tool.operation > 0)));
    let highest = first_dashed.unwrap_or(reading.operands.len()).min(ends.unwrap_or(usize::MAX));
    let wanted = !matches!(tool.style, Style::Words | Style::Keys) && dice.once_in(4);
    if needed {
        // Everything that stands behind the first dashed operand moves before it.
        let at = highest;
        let behind: Vec<_> = slots.drain(at + 1..).flatten().collect();
        slots[at].extend(behind);
        slots.resize(reading.operands.len() + 1, Vec::new());
        return assembled(dice, reading, slots, Some(at));
    }
    let dashes = (wanted && lowest <= highest && !already).then(|| lowest + dice.below(highest - lowest + 1));
    assembled(dice, reading, slots, dashes)
}

fn assembled(
    dice: &mut Dice,
    reading: &Reading<'_>,
    slots: Vec<Vec<Vec<OsString>>>,
    dashes: Option<usize>,
) -> Vec<OsString> {
    let mut words = vec![reading.words[0].clone()];
    for (at, options) in slots.into_iter().enumerate() {
        words.extend(bundled(dice, reading, options));
        if dashes == Some(at) {
            words.push("--".into());
        }
        words.extend(reading.operands.get(at).map(|operand| operand.text.to_owned()));
    }
    words
}

/// Joins neighbouring one-letter switches into one word, now and then.
fn bundled(dice: &mut Dice, reading: &Reading<'_>, options: Vec<Vec<OsString>>) -> Vec<OsString> {
    let tool = reading.tool;
    let mut words: Vec<OsString> = Vec::new();
    let joins = matches!(tool.style, Style::Gnu | Style::Posix | Style::Pflag);
    let mut bundle = false;
    for option in options {
        let switch = match (option.as_slice(), joins) {
            ([word], true) => {
                word.to_str().filter(|text| text.len() == 2 && !text.ends_with('-')).map(str::to_owned)
            }
            _ => None,
        };
        let letter = switch.filter(|name| {
            let switches = reading.options.iter().filter(|given| given.spec.names.contains(name));
            switches.clone().count() > 0
                && switches.into_iter().all(|given| given.spec.arity == Arity::Switch)
        });
        match (letter, words.last_mut().filter(|_| bundle)) {
            (Some(name), Some(last)) if dice.once_in(2) => {
                let joined = format!("{}{}", last.to_str().unwrap(), &name[1..]);
                let own = long_names(tool, None).iter().any(|(known, _)| *known == joined);
                if own { words.push(name.into()) } else { *last = joined.into() }
            }
            (Some(name), _) => {
                words.push(name.into());
                bundle = true;
            }
            (None, _) => {
                words.extend(option);
                bundle = false;
            }
        }
    }
    words
}

/// A rollback without the order of its words: read by its own tool where that has an entry.
fn undo(book: &Book, argv: &[OsString]) -> Vec<String> {
    let command = read(
        &Action::Argv(argv.to_vec()),
        &Caller { search: &SearchPath::new(None), variables: &BTreeMap::new() },
    )
    .remove(0);
    let tool = command.words.first().and_then(|word| word.to_str()).and_then(|name| book.tool(name));
    let Some(tool) = tool else { return argv.iter().map(|word| format!("{word:?}")).collect() };
    let reading = Reading::new(tool, &command.words);
    assert_eq!(reading.whole(), Whole::Yes, "the rollback {} cannot be read", shown(argv));
    let mut options: Vec<String> =
        reading.options.iter().map(|given| format!("{} {:?}", given.spec.canonical(), given.value)).collect();
    options.sort();
    let operands = reading.operands.iter().map(|operand| format!("{:?}", operand.text));
    operands.chain(options).collect()
}

/// What must not change.
fn essence(book: &Book, judgement: &Judgement) -> String {
    let mut lines = vec![format!("{:?} {:?} {:#?}", judgement.verdict, judgement.standing, judgement.facts)];
    for judged in &judgement.commands {
        for matched in &judged.matched {
            let mut captures: Vec<String> =
                matched.captures.iter().map(|(name, values)| format!("{name}={values:?}")).collect();
            captures.sort();
            lines.push(format!("{} {:?} {captures:?}", matched.rule.id, matched.fit));
            lines.extend(matched.rollback.as_deref().map(|argv| format!("{:?}", undo(book, argv))));
        }
        // Advice names what was typed, so it is another for `-xf` than for `-x -f`.
        lines.push(format!("{:?}", judged.needs));
    }
    lines.join("\n")
}

/// Each example in as many ways as a few throws of the dice give.
#[test]
fn permuted_options_never_change_facts_verdict_or_rollback() {
    let book = packs();
    let seen = Seen { fields: vec![("context", "c"), ("namespace", "n"), ("host", "h")], unreadable: false };
    let mut dice = Dice(TestRng::deterministic_rng(RngAlgorithm::ChaCha));
    let throws = (config().cases / 100).max(8);
    let mut changed = 0_usize;
    let mut wrong: Vec<String> = Vec::new();
    let all = examples("examples");
    for (id, argv) in &all {
        let command = read(
            &Action::Argv(argv.clone()),
            &Caller { search: &SearchPath::new(None), variables: &BTreeMap::new() },
        );
        // Behind `kubectl debug ... --` stands a command of its own: there `--` cannot be moved or left out.
        let [command] = command.as_slice() else { continue };
        if command.opaque.is_some() {
            continue;
        }
        let program = command.words[0].to_str().unwrap();
        let tool = book.tool(program).unwrap();
        let reading = Reading::new(tool, &command.words);
        if reading.whole() == Whole::No {
            continue; // an example of an `any` rule with an unknown option: there is no other way to write it
        }
        let before: Vec<OsString> = argv[..argv.len() - command.words.len()].to_vec();
        let original = essence(&book, &judged(&book, argv, &seen));
        for _ in 0..throws {
            let written = [before.clone(), rewritten(&mut dice, &reading)].concat();
            changed += usize::from(written != *argv);
            let judgement = judged(&book, &written, &seen);
            // Where a command begins behind `docker run` is told by fewer spellings than docker takes; the others are opaque.
            // And `--` in front of the last operand of `kubectl debug` makes a command of it.
            let hidden = judgement.commands.len() > 1
                || judgement.commands.iter().any(|judged| judged.command.opaque.is_some());
            if hidden && judgement.verdict >= judged(&book, argv, &seen).verdict {
                continue;
            }
            let now = essence(&book, &judgement);
            if now != original {
                wrong.push(format!("{id}\n  {}\n  {}\n{original}\n---\n{now}", shown(argv), shown(&written)));
                break;
            }
        }
    }
    assert!(changed > all.len(), "the generator permutes nothing: {changed} of {}", all.len());
    let shown = wrong.iter().take(6).cloned().collect::<Vec<_>>().join("\n\n");
    assert!(wrong.is_empty(), "{} of {} examples changed:\n{shown}", wrong.len(), all.len());
}
