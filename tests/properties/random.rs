//! Promises 3 and 4 for random rule files and random commands.

use crate::language::{TOOL, base, command, environments, project, rules, seen};
use crate::permute::examples;
use crate::stage::{Seen, config, judged, judged_text, packs, shown, with};
use proptest::prelude::*;
use remgate::decide::{Standing, Verdict};
use remgate::facts::{Effect, Facts, Rollback, Scope, Source, Sourced, Tier};
use remgate::judge::Judgement;
use remgate::rules::{Book, Layer};
use std::ffi::OsString;

/// Behind the program, where its own words begin.
fn first(words: &[OsString]) -> usize {
    let names = ["tool", "t", "own", "./tool"];
    1 + words.iter().position(|word| names.iter().any(|name| word == *name)).unwrap()
}

/// Where a word more is a word of its own: not before the program, and not as the value of an option.
fn free(words: &[OsString]) -> Vec<usize> {
    let takes = ["-n", "--context", "--selector", "-f", "-qf", "--replicas", "-nA="];
    (first(words)..=words.len())
        .filter(|at| !takes.iter().any(|option| words[at - 1] == *option))
        .filter(|at| !words[..*at].iter().any(|word| word == "--"))
        .collect()
}

/// As a shell text, each word in quotes but the one that has its own.
fn typed(words: &[OsString]) -> String {
    let quoted = |word: &OsString| match word.to_str().unwrap() {
        own if own.starts_with('"') => own.to_owned(),
        word => format!("'{word}'"),
    };
    words.iter().map(quoted).collect::<Vec<_>>().join(" ")
}

fn empty() -> Book {
    Book::new()
}

/// The book of a trusted file with the tool, rules and environments.
fn trusted(rules: &[String], environments: &str) -> Book {
    let text = format!("{TOOL}{}{environments}", rules.concat());
    with(&empty(), &text, Layer::System).unwrap_or_else(|problems| panic!("{text}\n{problems:#?}"))
}

fn effects(facts: &Facts) -> Vec<Effect> {
    facts.effects().map(|(effect, _)| effect).filter(|effect| *effect != Effect::None).collect()
}

/// Whether `worse` is at least as severe on every axis.
fn covers(worse: &Facts, milder: &Facts) -> bool {
    effects(milder).iter().all(|effect| effects(worse).contains(effect))
        && worse.scope().value >= milder.scope().value
        && worse.tier().value >= milder.tier().value
        && worse.rollback().value >= milder.rollback().value
}

fn rule_ids(judgement: &Judgement) -> Vec<String> {
    judgement.commands.iter().flat_map(|judged| &judged.matched).map(|m| m.rule.id.to_string()).collect()
}

proptest! {
    #![proptest_config(config())]

    #[test]
    fn a_project_file_never_lowers_a_verdict(
        (rules, environments) in base(), project in project(), commands in prop::collection::vec(command(), 4), seen in seen(),
    ) {
        let before = trusted(&rules, &environments);
        let after = with(&before, &project, Layer::Project)
            .map_err(|problems| TestCaseError::reject(format!("{problems:?}")))?;
        for words in commands {
            let (was, is) = (judged(&before, &words, &seen), judged(&after, &words, &seen));
            prop_assert!(is.verdict >= was.verdict, "{}: {} became {}\n{project}", shown(&words), was.verdict, is.verdict);
            prop_assert!(is.standing >= was.standing, "{}\n{project}", shown(&words));
            prop_assert!(covers(&is.facts, &was.facts), "{}\n{:#?}\n{:#?}", shown(&words), was.facts, is.facts);
        }
    }

    #[test]
    fn an_any_rule_of_any_layer_never_lowers_a_verdict(
        (rules, environments) in base(), more in rules("more", &["any"], 1..4),
        commands in prop::collection::vec(command(), 4), seen in seen(),
        layer in prop::sample::select(vec![Layer::BuiltIn, Layer::System, Layer::User, Layer::Project]),
    ) {
        let before = trusted(&rules, &environments);
        let after = with(&before, &more.concat(), layer).unwrap();
        for words in commands {
            let (was, is) = (judged(&before, &words, &seen), judged(&after, &words, &seen));
            prop_assert!(is.verdict >= was.verdict, "{}: {} became {}\n{}", shown(&words), was.verdict, is.verdict, more.concat());
            prop_assert!(covers(&is.facts, &was.facts), "{}", shown(&words));
        }
    }

    /// What a trusted file lowers was unmatched, named in `replaces`, or had a tier that no trusted file knew.
    #[test]
    fn a_trusted_file_lowers_only_what_was_unknown_or_replaced(
        (rules, environments) in base(), more in rules("user", &["match", "any"], 1..4), places in environments(0..2),
        replaced in prop::option::weighted(0.3, any::<prop::sample::Index>()),
        commands in prop::collection::vec(command(), 4), seen in seen(),
    ) {
        let before = trusted(&rules, &environments);
        let replaced = replaced.map(|at| format!("base.r{}", at.index(rules.len())));
        let mut more = more;
        if let Some(id) = &replaced {
            more[0].push_str(&format!("replaces = ['{id}']\n"));
        }
        let text = format!("{}{places}", more.concat());
        let after = with(&before, &text, Layer::User).unwrap();
        for words in commands {
            let (was, is) = (judged(&before, &words, &seen), judged(&after, &words, &seen));
            if is.verdict >= was.verdict {
                continue;
            }
            let named = replaced.as_ref().is_some_and(|id| rule_ids(&was).contains(id));
            let unmatched = was.standing == Standing::Unmatched;
            let unknown = was.facts.tier().value == Tier::Unknown;
            prop_assert!(named || unmatched || unknown, "{}: {} became {}\n{text}", shown(&words), was.verdict, is.verdict);
            // What is not understood is taken to change something, and no rule said so.
            if !named && !unmatched {
                let lost = effects(&was.facts).into_iter().find(|effect| !effects(&is.facts).contains(effect));
                prop_assert_eq!(lost, None, "{}\n{}", shown(&words), text);
            }
        }
    }

    #[test]
    fn a_word_that_nobody_knows_never_lowers_a_verdict_and_never_runs(
        (rules, environments) in base(), project in project(), words in command(), seen in seen(), at in any::<prop::sample::Index>(),
        unknown in prop::sample::select(vec!["--unknown", "--unknown=x", "-Z", "--al", "--all=maybe", "-qZ"]),
    ) {
        let book = with(&trusted(&rules, &environments), &project, Layer::Project)
            .map_err(|problems| TestCaseError::reject(format!("{problems:?}")))?;
        let was = judged(&book, &words, &seen);
        let mut more = words.clone();
        let free = free(&words);
        prop_assume!(!free.is_empty());
        more.insert(free[at.index(free.len())], OsString::from(unknown));
        let is = judged(&book, &more, &seen);
        prop_assert_ne!(is.verdict, Verdict::Run, "{}", shown(&more));
        prop_assert!(is.verdict >= was.verdict, "{}: {}\n{}: {}\n{}", shown(&words), was.verdict, shown(&more), is.verdict, rules.concat() + &project);
    }

    /// The same in a shell text, beside a word that only the run knows.
    #[test]
    fn a_word_that_nobody_knows_hides_no_word_that_only_the_run_knows(
        (rules, environments) in base(), words in command(), seen in seen(),
        at in any::<prop::sample::Index>(), later in any::<prop::sample::Index>(),
        unknown in prop::sample::select(vec!["--unknown", "--unknown=x", "-Z", "--all=maybe"]),
    ) {
        let book = trusted(&rules, &environments);
        let first = first(&words);
        prop_assume!(first < words.len());
        let mut words = words;
        let loose = first + later.index(words.len() - first);
        // No quotes are put around this one.
        words[loose] = OsString::from("\"$later\"");
        let free = free(&words);
        prop_assume!(!free.is_empty());
        let mut more = words.clone();
        more.insert(free[at.index(free.len())], OsString::from(unknown));
        let (was, is) = (typed(&words), typed(&more));
        let (before, after) = (judged_text(&book, &was, &seen), judged_text(&book, &is, &seen));
        prop_assert!(after.verdict >= before.verdict, "{was}: {}\n{is}: {}\n{}", before.verdict, after.verdict, rules.concat());
    }

    #[test]
    fn the_order_of_rules_never_shows(
        (rules, environments) in base(), words in command(), seen in seen(), seed in any::<prop::sample::Index>(),
    ) {
        let straight = judged(&trusted(&rules, &environments), &words, &seen);
        let mut turned = rules.clone();
        turned.rotate_left(seed.index(rules.len()));
        turned.reverse();
        let turned = judged(&trusted(&turned, &environments), &words, &seen);
        prop_assert_eq!(&straight.facts, &turned.facts);
        prop_assert_eq!(straight.verdict, turned.verdict);
        let sorted = |judgement: &Judgement| { let mut ids = rule_ids(judgement); ids.sort(); ids };
        prop_assert_eq!(sorted(&straight), sorted(&turned));
    }

    /// Files of one layer that do not speak about each other.
    #[test]
    fn the_order_of_files_never_shows(
        one in rules("one", &["match", "any"], 1..4), two in rules("two", &["match", "any"], 1..4),
        places in environments(0..2), words in command(), seen in seen(),
    ) {
        let tool = trusted(&[], "");
        let (one, two) = (one.concat() + &places, two.concat());
        let in_order = |a: &str, b: &str| with(&with(&tool, a, Layer::User).unwrap(), b, Layer::User).unwrap();
        let (first, second) = (judged(&in_order(&one, &two), &words, &seen), judged(&in_order(&two, &one), &words, &seen));
        prop_assert_eq!(&first.facts, &second.facts);
        prop_assert_eq!(first.verdict, second.verdict);
    }

    #[test]
    fn judging_twice_gives_the_same_and_an_action_is_no_milder_than_its_commands(
        (rules, environments) in base(), words in command(), seen in seen(),
    ) {
        let book = trusted(&rules, &environments);
        let (one, two) = (judged(&book, &words, &seen), judged(&book, &words, &seen));
        prop_assert_eq!(format!("{one:?}"), format!("{two:?}"));
        for command in &one.commands {
            prop_assert!(covers(&one.facts, &command.facts));
            prop_assert!(one.verdict >= command.verdict && one.standing >= command.standing.0);
        }
    }

    #[test]
    fn join_is_associative_commutative_and_idempotent(a in facts(), b in facts(), c in facts()) {
        let join = |a: &Facts, b: &Facts| { let mut joined = a.clone(); joined.join(b.clone()); joined };
        prop_assert_eq!(join(&a, &b), join(&b, &a));
        prop_assert_eq!(join(&a, &a), a.clone());
        prop_assert_eq!(join(&join(&a, &b), &c), join(&a, &join(&b, &c)));
        prop_assert!(covers(&join(&a, &b), &a) && covers(&join(&a, &b), &b));
    }

    /// More words on what changes something: never `run` where the example did not run.
    #[test]
    fn more_words_on_an_example_never_make_it_run(
        which in any::<prop::sample::Index>(), at in any::<prop::sample::Index>(),
        word in prop_oneof![
            prop::sample::select(vec!["--no-such-option", "-\u{e9}", "--help=x", "--dry-run=none", "--yes"])
                .prop_map(str::to_owned),
            "--?[a-z=.-]{1,12}",
        ],
    ) {
        thread_local!(static BOOK: (Book, Vec<Vec<OsString>>) =
            (packs(), examples("examples").into_iter().map(|(_, argv)| argv).collect()));
        BOOK.with(|(book, all)| {
            let words = &all[which.index(all.len())];
            let seen = Seen { fields: vec![("context", "c")], unreadable: false };
            let was = judged(book, words, &seen);
            let mut more = words.clone();
            // At the end, where it can be no value of an option and no other verb.
            let _ = at;
            more.push(OsString::from(&word));
            let is = judged(book, &more, &seen);
            // A selector is a narrower command: `rollout restart deployment -l app=web` is not every deployment.
            prop_assume!(!word.starts_with("-l") && !word.starts_with("--selector"));
            let asks_for_help = word == "--help" || word == "-h" || word == "--version";
            prop_assert!(
                is.verdict != Verdict::Run || was.verdict == Verdict::Run || asks_for_help,
                "{}: {}\n{}: {}", shown(words), was.verdict, shown(&more), is.verdict
            );
            Ok(())
        })?;
    }
}

/// Facts with random values and sources.
fn facts() -> impl Strategy<Value = Facts> {
    let source = prop::sample::select(vec![
        Source::Rule("a".into()),
        Source::Rule("b".into()),
        Source::Environment("e".into()),
        Source::Wrapper("w".into()),
        Source::Shape("s".into()),
        Source::Unsaid("u"),
    ]);
    let effects = prop::collection::vec((prop::sample::select(Effect::ALL), source.clone()), 1..4);
    let axes = (
        prop::sample::select(Scope::ALL),
        prop::sample::select(Tier::ALL),
        prop::sample::select(Rollback::ALL),
    );
    (effects, axes, prop::array::uniform3(source)).prop_map(
        |(effects, (scope, tier, rollback), [a, b, c])| {
            let mut effects = effects.into_iter().map(|(effect, source)| Sourced::new(effect, source));
            let mut facts = Facts::new(
                effects.next().unwrap(),
                Sourced::new(scope, a),
                Sourced::new(tier, b),
                Sourced::new(rollback, c),
            );
            effects.for_each(|effect| facts.raise_effect(effect));
            facts
        },
    )
}
