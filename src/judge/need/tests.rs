//! Where probes look, what they hold, and when nobody can ask them: one row a command.

use super::{Inquiry, Need};
use crate::command::{Action, Caller, EnvironmentEdit, SearchPath};
use crate::decide::Verdict;
use crate::judge::{Bench, Judgement, Surroundings, judge};
use crate::packs;
use crate::rules::{Book, Examples, Layer, SourceFile, Trust};
use std::collections::BTreeMap;
use std::ffi::OsString;

const RULES: &str = r#"
[[tool]]
name      = "tool"
aliases   = ["t"]
style     = "pflag"
operation = 1
value     = ["-n --namespace", "--context", "-l --selector"]
switch    = ["--force", "--soft", "-A --all"]
neutral   = ["--soft"]
target    = ["-n", "--context"]
variables = ["TOOL_API"]

[[tool]]
name    = "sql"
dialect = "postgres"
value   = ["-c --command", "-h --host"]
switch  = ["-q"]
neutral = ["-q"]
target  = ["-h"]

[[rule]]
id          = "delete"
match       = ["tool delete <name>...", "tool delete --selector=<selector>"]
effect      = "none"
examples    = ["tool delete a"]
near-misses = ["tool get a"]

[[rule]]
id          = "by-selector"
any         = "tool delete --selector=<selector>"
probe       = "tool get --selector=<selector>"
max         = 3
examples    = ["tool delete -l a=b"]
near-misses = ["tool delete a"]

[[rule]]
id          = "get"
match       = "tool get [--selector=<selector>] [--all]"
effect      = "none"
examples    = ["tool get"]
near-misses = ["tool delete a"]

[[rule]]
id          = "by-name"
match       = "tool stop <name>"
effect      = "none"
probe       = "other 'ls  one' x=<name>"
examples    = ["tool stop a"]
near-misses = ["tool stop a b"]

[[rule]]
id          = "elsewhere"
match       = "tool halt <name>"
effect      = "none"
probe       = "tool get --context=prod"
examples    = ["tool halt a"]
near-misses = ["tool halt a b"]

[[rule]]
id          = "foolish"
match       = "tool purge <name>"
effect      = "isolated"
scope       = "one"
probe       = "tool purge <name>"
examples    = ["tool purge a"]
near-misses = ["tool purge a b"]

[[rule]]
id          = "as-root"
match       = "tool wipe <name>"
effect      = "none"
probe       = "sudo -u root tool get --selector=<name>"
examples    = ["tool wipe a"]
near-misses = ["tool wipe a b"]

[[rule]]
id          = "symptom"
match       = "tool start <name>"
effect      = "none"
trigger     = "tool get --selector=<name>"
examples    = ["tool start a"]
near-misses = ["tool start a b"]

[[rule]]
id          = "change"
match       = ["sql --command=<text:sql>", "sql < <text:sql>"]
where       = { text = ["update", "delete"] }
effect      = "none"
probe       = "sql -q -c 'BEGIN READ ONLY' -c <text.rows>"
max         = 2
examples    = ["sql -c 'delete from t where a = 1'"]
near-misses = ["sql -c 'select 1'"]
"#;

fn judged(command: &str) -> Judgement {
    let mut book = Book::new();
    for builtin in ["cd", "date"] {
        book.add_pack(packs::of(builtin).unwrap(), Examples::Checked).unwrap();
    }
    let (name, text) = ("t.toml".to_owned(), RULES.to_owned());
    let file = SourceFile { name, text, layer: Layer::User, trust: Trust::Full };
    book.add(&file, Examples::Checked).unwrap();
    let search = SearchPath::new(None);
    let variables = BTreeMap::from([("FREE".into(), "x".into())]);
    let bench = Bench {
        book: &book,
        caller: Caller { search: &search, variables: &variables },
        cwd: "/home/me".into(),
        actor: "human",
        eyes: &|_, _, _, _| Surroundings::default(),
        assumed: None,
    };
    judge(&Action::Shell(OsString::from(command).into()), &bench)
}

/// What is asked before a command, as a shell would take it, or why nothing can be; and the verdict.
fn asked(command: &str) -> (String, Verdict) {
    let judgement = judged(command);
    let needs = judgement.commands.iter().flat_map(|judged| &judged.needs);
    let queries = needs.map(|(need, _)| match need {
        Need::Trigger(query) | Need::Probe(query, _) => query.clone(),
        Need::Said(_) | Need::Approvers(_) => panic!("{need:?}"),
    });
    let queries: Vec<_> = queries.collect();
    assert_eq!(queries.len(), 1, "{command}: {judgement:?}");
    let text = match &queries[0] {
        Err(why) => format!("no: {why}"),
        Ok(Inquiry { argv, environment }) => {
            let edits = environment.iter().map(|edit| match edit {
                EnvironmentEdit::Set(name, value) => format!("{}={} ", name.display(), value.display()),
                EnvironmentEdit::Unset(name) => format!("-{} ", name.display()),
                EnvironmentEdit::Unsure(_) | EnvironmentEdit::Clear => panic!("{environment:?}"),
            });
            let words: Vec<_> = argv.iter().map(|word| word.to_string_lossy()).collect();
            edits.collect::<String>() + &words.join("|")
        }
    };
    (text, judgement.verdict)
}

#[track_caller]
fn check(rows: &[(&str, &str)]) {
    for (command, expected) in rows {
        let (found, verdict) = asked(command);
        match expected.strip_prefix("no: ") {
            None => assert_eq!((found.as_str(), verdict), (*expected, Verdict::Run), "{command}"),
            Some(why) => {
                assert!(found.starts_with("no: ") && found.contains(why), "{command}: {found}");
                assert!(verdict >= Verdict::TwoPerson, "{command}: {verdict:?}");
            }
        }
    }
}

#[test]
fn a_probe_looks_where_the_command_acts() {
    check(&[
        ("tool delete -l a=b", "tool|get|--selector=a=b"),
        ("tool delete -n shop --selector a=b --context=dev", "tool|-n|shop|--context=dev|get|--selector=a=b"),
        ("t delete --soft -l a=b", "tool|get|--selector=a=b"),
        ("timeout 5 nice tool delete -l a=b", "tool|get|--selector=a=b"),
        ("KUBECONFIG=k tool delete -l a=b", "KUBECONFIG=k tool|get|--selector=a=b"),
        ("env -u PGHOST TOOL_API=3 LANG=C tool delete -l a=b", "-PGHOST TOOL_API=3 tool|get|--selector=a=b"),
        ("export PGHOST=db1; tool delete -l a=b", "PGHOST=db1 tool|get|--selector=a=b"),
        ("tool stop web", "other|ls  one|x=web"),
        ("sudo -u root tool wipe a", "sudo|-u|root|tool|get|--selector=a"),
    ]);
}

#[test]
fn a_probe_that_could_look_elsewhere_asks_two_people() {
    check(&[
        // What the rule does not account for may reach further.
        ("tool delete -l a=b --all", "no: does not account for every word"),
        ("tool delete -l a=b more", "no: does not account for every word"),
        ("tool delete -l a=b --no-such", "no: does not account for every word"),
        // Two selectors, of which kubectl and its like use the last.
        ("tool delete -l a=b -l c=d", "no: do not fit"),
        // Known only when it runs.
        ("tool delete -l \"$X\"", "no: known only when it runs"),
        ("tool delete -l \"a=$(date)\"", "no: "),
        ("tool delete -l a=b -n \"$(date)\"", "no: "),
        ("cd \"$X\" && tool delete -l a=b", "no: "),
        ("cd /srv && tool delete -l a=b", "no: it may start in another directory"),
        // Other users, hosts, containers, roots, and words from elsewhere.
        ("sudo tool delete -l a=b", "no: `sudo` takes the command elsewhere"),
        ("sudo -u postgres tool wipe a", "no: takes the command elsewhere"),
        ("ssh db1 tool delete -l a=b", "no: "),
        ("chroot /mnt tool delete -l a=b", "no: "),
        ("docker exec c tool delete -l a=b", "no: "),
        ("xargs tool delete -l a=b", "no: "),
        // Variables that could change anything.
        ("PATH=/tmp tool delete -l a=b", "no: the variables in front"),
        ("LD_PRELOAD=x tool delete -l a=b", "no: the variables in front"),
        ("env -i tool delete -l a=b", "no: the variables in front"),
        ("PGHOST=x sudo -u root tool wipe a", "no: variables and another user"),
        ("./tool delete -l a=b", "no: is not one of the directories of PATH"),
        // A place of the rule's own, and one that another tool knows nothing of.
        ("tool halt a", "no: its `context` is not the command's"),
        ("tool --context=dev halt a", "no: its `context` is not the command's"),
        ("tool stop web -n shop", "no: knows nothing of `--namespace`"),
        ("tool purge a", "no: the probe itself would change something (rule `foolish`)"),
    ]);
    assert_eq!(asked("tool --context=prod halt a").0, "tool|--context=prod|get|--context=prod");
}

/// `label --all x=1 && delete -l x=1` would be counted before anything has that label.
#[test]
fn nothing_is_counted_beside_another_change() {
    let beside = "no: another command beside it may change what is there";
    check(&[
        ("unheard-of && tool delete -l a=b", beside),
        ("tool delete -l a=b; unheard-of", beside),
        ("tool get; tool delete -l a=b; tool get --all", "tool|get|--selector=a=b"),
    ]);
}

#[test]
fn rows_are_counted_by_a_query_of_the_gates_own() {
    let begin = "sql|-q|-c|BEGIN READ ONLY|-c|";
    let query = "SELECT 1 FROM orders WHERE state = 'stuck' LIMIT 3";
    for (command, expected) in [
        ("sql -c \"delete from orders where state='stuck'\"", format!("{begin}{query}")),
        ("sql <<< \"delete from orders where state='stuck'\"", format!("{begin}{query}")),
        (
            "sql -h db1 -qc \"update orders set state = '' where state = 'stuck';\"",
            format!("sql|-h|db1|-q|-c|BEGIN READ ONLY|-c|{query}"),
        ),
        ("sql -c 'delete from orders where f(a) = 1'", "no: its rows cannot be counted".to_owned()),
        ("sql -c 'begin; delete from orders where a = 1'", "no: its rows cannot be counted".to_owned()),
        ("sql -c 'delete from orders where a = 1 -- all'", "no: a comment or backslash".to_owned()),
        ("sql -c 'delete from t where a = 1' -c 'delete from t where b = 1'", "no: several texts".to_owned()),
        ("sql -c \"delete from t where a = $FREE\"", format!("{begin}SELECT 1 FROM t WHERE a = x LIMIT 3")),
    ] {
        check(&[(command, &expected)]);
    }
}

/// Where the symptom shows is for the rule to know; asked of the same tool, it is asked in the same place.
#[test]
fn a_trigger_goes_along_too() {
    let rows = [
        ("tool start web -n shop", "tool|-n|shop|get|--selector=web"),
        ("sudo tool start web", "no: `sudo` takes the command elsewhere"),
        ("tool start \"$X\"", "no: known only when it runs"),
    ];
    for (command, expected) in rows {
        let found = asked(command).0;
        assert!(
            expected.strip_prefix("no: ").map_or(found == expected, |why| found.contains(why)),
            "{command}: {found}"
        );
    }
}
