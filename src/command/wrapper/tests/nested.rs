//! Wrappers inside wrappers, as the reader of an action takes them off.

use crate::command::{Action, Caller, Command, SearchPath, read};
use std::collections::BTreeMap;
use std::ffi::OsStr;

fn commands(text: &str) -> Vec<Command> {
    let argv = text.split(' ').map(Into::into).collect();
    let caller = Caller { search: &SearchPath::new(None), variables: &BTreeMap::new() };
    read(&Action::Argv(argv), &caller)
}

#[test]
fn wrappers_come_off_to_the_innermost() {
    for (typed, inside) in [
        ("nice -n 5 ionice -c2 rm x", "rm x"),
        ("nohup setsid -w stdbuf -oL rm x", "rm x"),
        ("sudo -n env -S rm x", "rm x"),
        ("sudo -u a env A=1 timeout 5 kubectl exec web -- nice rm x", "rm x"),
        ("busybox timeout 5 rm x", "rm x"),
        ("/usr/bin/sudo /bin/nice rm x", "rm x"),
    ] {
        let found = commands(typed);
        assert_eq!(found.len(), 1, "{typed}");
        assert_eq!(found[0].opaque, None, "{typed}");
        assert_eq!(found[0].words.join(OsStr::new(" ")), inside, "{typed}");
    }
}

/// `./env rm x` must not be kinder than `env rm x`.
#[test]
fn a_wrapper_from_elsewhere_is_opaque() {
    for typed in [
        "./env rm x",
        "/tmp/sudo rm x",
        "./find . -delete",
        "/tmp/git status",
        "sudo ./nice rm x",
        "./python3.11",
    ] {
        assert!(commands(typed).iter().any(|command| command.opaque.is_some()), "{typed}");
    }
}

/// A rule that denies `git filter-branch` must see it, although nobody knows what it starts.
#[test]
fn a_tool_is_judged_besides_what_it_starts() {
    let found = commands("git filter-branch --tree-filter x HEAD");
    assert_eq!(found.len(), 2);
    assert!(found[0].opaque.is_none() && found[0].wrappers.is_empty());
    assert!(found[1].opaque.is_some());
    let found = commands("find . -delete -exec rm {} ;");
    assert_eq!(found[0].words.first().map(|word| word.as_os_str()), Some(OsStr::new("find")));
    assert_eq!(found[1].words.first().map(|word| word.as_os_str()), Some(OsStr::new("rm")));
}

#[test]
fn a_shell_that_reads_what_nobody_saw_is_opaque() {
    assert!(commands("sh")[0].opaque.is_some());
    assert!(commands("ssh h sudo bash -s")[0].opaque.is_some());
}

#[test]
fn wrappers_do_not_nest_without_end() {
    assert!(commands(&format!("{}ls", "nice ".repeat(30)))[0].opaque.is_some());
    assert!(commands(&format!("{}ls", "nice ".repeat(20)))[0].opaque.is_none());
    assert!(commands(&format!("{}ls", "env -S env ".repeat(30)))[0].opaque.is_some());
}
