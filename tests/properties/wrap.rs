//! Wrapping a command, giving it another environment, or calling it by another path never lowers its verdict.

use crate::permute::examples;
use crate::stage::{Seen, config, judged, packs, shown, words};
use proptest::prelude::*;
use remgate::command::{Action, Caller, SearchPath, read};
use std::collections::BTreeMap;
use std::ffi::OsString;
use std::sync::LazyLock;

/// Each wrapper of the table, in the forms people type; all of these come off.
const TAKEN_OFF: [&str; 26] = [
    "sudo",
    "sudo -n -u root",
    "sudo --user=root A=1",
    "doas",
    "doas -u www",
    "env",
    "env -i",
    "env A=1 B=2",
    "env KUBECONFIG=/x TF_WORKSPACE=w",
    "env LANG=C",
    "env -u HOME",
    "nice",
    "nice -n 5",
    "ionice -c2",
    "chrt -b 0",
    "nohup",
    "timeout 5",
    "timeout -s9 -k 5 10",
    "stdbuf -oL",
    "setsid -w",
    "time -p",
    "chroot /mnt",
    "taskset -c 0",
    "xargs",
    "xargs -0 -n 1",
    "/usr/bin/sudo --",
];

/// What cannot be taken off: opaque, and no kinder for it.
const OPAQUE: [&str; 14] = [
    "sudo -i",
    "sudo --no-such-option",
    "sudo -D /srv",
    "env -S",
    "env LD_PRELOAD=/x.so",
    "timeout --no-such-option 5",
    "nice -5",
    "ssh host",
    "nsenter -t 1 -m",
    "busybox",
    "./sudo",
    "/tmp/env",
    "su - root -c",
    "command",
];

/// Everything that the packs' examples and near-misses say, which is where they are interesting.
static COMMANDS: LazyLock<Vec<Vec<OsString>>> = LazyLock::new(|| {
    examples("examples").into_iter().chain(examples("near-misses")).map(|(_, argv)| argv).collect()
});

/// A new wrapper in the table must be added here too.
#[test]
fn every_wrapper_of_the_table_is_tried() {
    let table = include_str!("../../src/command/wrapper/mod.rs");
    let table = table.split("const OPAQUE").next().unwrap();
    let named = table.lines().filter_map(|line| line.trim().strip_prefix("name: \"")?.strip_suffix("\","));
    let mut count = 0;
    for name in named {
        count += 1;
        assert!(TAKEN_OFF.iter().any(|form| form.split(' ').next() == Some(name)), "`{name}` is not tried");
    }
    assert_eq!(count, 14, "the table's form has changed");
    let search = SearchPath::new(None);
    let caller = Caller { search: &search, variables: &BTreeMap::new() };
    for form in TAKEN_OFF {
        let argv = [words(form), words("true x")].concat();
        let command = read(&Action::Argv(argv), &caller).remove(0);
        assert_eq!((command.opaque, command.words), (None, words("true x").into()), "{form}");
    }
    for form in OPAQUE {
        let argv = [words(form), words("true x")].concat();
        assert!(read(&Action::Argv(argv), &caller)[0].opaque.is_some(), "{form}");
    }
}

proptest! {
    #![proptest_config(config())]

    #[test]
    fn wrapping_never_lowers_a_verdict(
        which in any::<proptest::sample::Index>(),
        wrappers in prop::collection::vec(prop::sample::select(TAKEN_OFF.as_slice()), 0..4),
        opaque in prop::option::weighted(0.3, prop::sample::select(OPAQUE.as_slice())),
        path in prop::sample::select(vec!["", "", "/usr/bin/", "./", "/tmp/", "../"]),
        unreadable in any::<bool>(),
    ) {
        thread_local!(static BOOK: remgate::rules::Book = packs());
        BOOK.with(|book| {
            let command = &COMMANDS[which.index(COMMANDS.len())];
            let seen = Seen { fields: vec![("context", "c"), ("directory", "/home/me")], unreadable };
            let plain = judged(book, command, &seen);
            let mut inner = command.clone();
            // Only programs: `/tmp/env` is another program than env, and tried as a wrapper.
            let mut program = OsString::from(path);
            program.push(&inner[0]);
            inner[0] = program;
            let wrapped: Vec<OsString> =
                wrappers.iter().chain(&opaque).flat_map(|form| words(form)).chain(inner).collect();
            let judgement = judged(book, &wrapped, &seen);
            prop_assert!(
                judgement.verdict >= plain.verdict,
                "{}: {}\n{}: {}", shown(command), plain.verdict, shown(&wrapped), judgement.verdict
            );
            let order = (plain.facts.scope().value, plain.facts.tier().value, plain.facts.rollback().value);
            let now = (judgement.facts.scope().value, judgement.facts.tier().value, judgement.facts.rollback().value);
            if opaque.is_none() {
                prop_assert!(now.0 >= order.0 && now.1 >= order.1 && now.2 >= order.2, "{}", shown(&wrapped));
                // What a rule would ask of a command that it does not make known is in the verdict, not in the facts.
                if judgement.standing == remgate::decide::Standing::Known {
                    let effects = |j: &remgate::judge::Judgement| j.facts.effects().map(|(e, _)| e).collect::<Vec<_>>();
                    let kept = effects(&judgement);
                    let lost = effects(&plain).into_iter().find(|e| *e != remgate::facts::Effect::None && !kept.contains(e));
                    prop_assert_eq!(lost, None, "{}", shown(&wrapped));
                }
            }
            Ok(())
        })?;
    }
}
