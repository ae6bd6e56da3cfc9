//! The rule language (design section 5), row by row: what a pattern fits, what a file may not say, and where the
//! carets stand.
#![expect(
    clippy::string_slice,
    clippy::indexing_slicing,
    clippy::panic,
    reason = "a test that meets the unexpected shall fail"
)]

use remgate::command::{Action, Caller, SearchPath};
use remgate::decide::{Standing, Verdict};
use remgate::facts::{Scope, Tier};
use remgate::judge::{Bench, Field, Judgement, Surroundings, Whence, judge};
use remgate::rules::{Book, Code, Examples, Fit, Layer, Problem, SourceFile, Trust};
use std::collections::BTreeMap;
use std::ffi::OsString;
use std::os::unix::ffi::OsStringExt;

const TOOL: &str = r#"
[[tool]]
name      = "tool"
style     = "pflag"
operation = 2
value     = ["-n --namespace", "--context", "-l --selector", "--replicas", "-o --output"]
switch    = ["-A --all", "-f --force"]
optional  = ["--dry-run"]
neutral   = ["-o --output"]
target    = ["-n --namespace", "--context"]

[[tool]]
name   = "gnu"
value  = ["--name", "--namespace"]
switch = ["-r --recursive", "--force"]
"#;

fn file(text: &str, layer: Layer) -> SourceFile {
    let trust = if layer == Layer::Project { Trust::TightenOnly } else { Trust::Full };
    SourceFile { name: "t.toml".into(), text: text.into(), layer, trust }
}

/// A book of files in their order; the examples are not what these tests are about.
fn book(files: &[(&str, Layer)]) -> Book {
    let mut book = Book::new();
    for (text, layer) in files {
        book.add(&file(text, *layer), Examples::Checked)
            .unwrap_or_else(|problems| panic!("{text}\n{problems:#?}"));
    }
    book
}

fn rule(id: &str, rest: &str) -> String {
    format!("\n[[rule]]\nid = '{id}'\nwhy = 'w'\nexamples = ['tool x']\nnear-misses = ['tool y']\n{rest}\n")
}

fn words(text: &str) -> Vec<OsString> {
    text.split(' ').map(|word| OsString::from_vec(word.replace("EMPTY", "").into_bytes())).collect()
}

fn judged_action(
    book: &Book,
    action: &Action,
    fields: &[(&str, &str)],
    unreadable: Option<&str>,
) -> Judgement {
    let field = |value: &str| Field { values: vec![value.to_owned()], source: "test".to_owned() };
    let fields: BTreeMap<_, _> =
        fields.iter().map(|(key, value)| ((*key).to_owned(), field(value))).collect();
    let eyes = |_: &remgate::command::Command,
                _: Option<&remgate::tools::Reading<'_>>,
                _: &Whence,
                _: &[remgate::content::Wanted]| Surroundings {
        kind: "test".to_owned(),
        fields: fields.clone(),
        unreadable: unreadable.map(str::to_owned),
        ..Surroundings::default()
    };
    let search = SearchPath::new(None);
    judge(
        action,
        &Bench {
            book,
            caller: Caller { search: &search, variables: &BTreeMap::new() },
            cwd: "/home/me".into(),
            actor: "human",
            eyes: &eyes,
            assumed: None,
        },
    )
}

fn judged_at(
    book: &Book,
    argv: Vec<OsString>,
    fields: &[(&str, &str)],
    unreadable: Option<&str>,
) -> Judgement {
    judged_action(book, &Action::Argv(argv), fields, unreadable)
}

fn judged_text(book: &Book, text: &str) -> Judgement {
    judged_action(book, &Action::Shell(OsString::from(text).into()), &[], None)
}

fn judged(book: &Book, command: &str) -> Judgement {
    judged_at(book, words(command), &[("context", "dev")], None)
}

/// `name=a,b` for each capture of the rule `id`, or why it did not fit wholly.
fn captured(book: &Book, command: &str) -> String {
    let judgement = judged(book, command);
    let Some(matched) = judgement.commands[0].matched.iter().find(|m| m.fit == Fit::Whole) else {
        return "no".to_owned();
    };
    let text =
        |values: &Vec<OsString>| values.iter().map(|v| v.to_string_lossy()).collect::<Vec<_>>().join(",");
    matched
        .captures
        .iter()
        .map(|(name, values)| format!("{name}={}", text(values)))
        .collect::<Vec<_>>()
        .join(" ")
}

#[test]
#[expect(clippy::too_many_lines, reason = "a table, one row a case")]
fn a_match_pattern_accounts_for_every_word() {
    for (pattern, rows) in [
        (
            "tool restart <name>",
            &[
                ("tool restart a", "name=a"),
                ("tool restart a b", "no"),
                ("tool restart", "no"),
                ("tool restart -o x a", "name=a"),
                ("tool restart a --force", "no"),
                ("tool restart a --what", "no"),
                ("tool restart -- -x", "name=-x"),
                ("tool -n s restart a", "name=a"),
                ("tool restart EMPTY", "name="),
                ("tool restart a=b", "name=a=b"),
            ][..],
        ),
        (
            "tool copy <src>... <dst>",
            &[("tool copy a b", "dst=b src=a"), ("tool copy a b c", "dst=c src=a,b"), ("tool copy a", "no")],
        ),
        (
            "tool copy [<src>...] <dst>",
            &[("tool copy a", "dst=a"), ("tool copy a b", "dst=b src=a"), ("tool copy", "no")],
        ),
        (
            "tool x [on|off] [<name>]",
            &[
                ("tool x", ""),
                ("tool x on", ""),
                ("tool x a", "name=a"),
                ("tool x off a", "name=a"),
                ("tool x a b", "no"),
            ],
        ),
        (
            "tool get|describe pod",
            &[("tool get pod", ""), ("tool describe pod", ""), ("tool list pod", "no")],
        ),
        (
            "tool scale <name> --replicas=<count>",
            &[
                ("tool scale a --replicas 3", "count=3 name=a"),
                ("tool scale a", "no"),
                ("tool --replicas=3 scale a", "count=3 name=a"),
                ("tool scale a --replicas=3 --replicas=0", "count=3,0 name=a"),
                ("tool scale a --replicas --force", "count=--force name=a"),
            ],
        ),
        (
            "tool stop <name> --replicas=1|2",
            &[
                ("tool stop a --replicas=1", "name=a"),
                ("tool stop a --replicas=3", "no"),
                ("tool stop a --replicas=1 --replicas=3", "no"),
            ],
        ),
        (
            "tool go [--dry-run=client|server] [--force]",
            &[
                ("tool go", ""),
                ("tool go --dry-run=client", ""),
                ("tool go --dry-run", "no"),
                ("tool go --dry-run=none", "no"),
                ("tool go -f", ""),
                ("tool go --force=true", ""),
                ("tool go --force=false", "no"),
            ],
        ),
    ] {
        let text = format!("{TOOL}{}", rule("r", &format!("match = '{pattern}'\neffect = 'none'")));
        let book = book(&[(&text, Layer::User)]);
        for (command, expected) in rows {
            assert_eq!(captured(&book, command), *expected, "{pattern}: {command}");
        }
    }
}

#[test]
fn where_wants_every_value_before_it_makes_anything_known() {
    let kind = |condition: &str, pattern: &str| {
        format!(
            "{TOOL}{}",
            rule("r", &format!("match = '{pattern}'\neffect = 'none'\nwhere = {{ {condition} }}"))
        )
    };
    for (condition, pattern, command, fit) in [
        ("path = ['/tmp/*']", "tool rm <path:file>...", "tool rm /tmp/a", Some(Fit::Whole)),
        ("path = ['/tmp/*']", "tool rm <path:file>...", "tool rm /tmp/../etc/passwd", None),
        ("path = ['/tmp/*']", "tool rm <path:file>...", "tool rm //tmp//a", Some(Fit::Whole)),
        ("path = ['/tmp/*']", "tool rm <path:file>...", "tool rm ../../tmp/a", Some(Fit::Whole)),
        ("path = ['/tmp/*']", "tool rm <path:file>...", "tool rm tmp/a", None),
        ("path = ['/tmp/*']", "tool rm <path:file>...", "tool rm /tmp/a /etc/b", Some(Fit::Partly)),
        ("path = ['/tmp/*']", "tool rm <path:path>...", "tool rm ../../tmp//a", Some(Fit::Whole)),
        ("path = ['/tmp/*']", "tool rm <path:path>...", "tool rm /tmp/../etc/passwd", None),
        ("path = ['/tmp/*']", "tool rm <path:path>...", "tool rm tmp/a", None),
        ("path = ['@/tmp/*']", "tool rm <path:data>...", "tool rm @/tmp/a", Some(Fit::Whole)),
        ("path = ['/tmp/*']", "tool rm <path:data>...", "tool rm @/tmp/a", None),
        ("namespace = ['dev-*']", "tool rm <path>", "tool rm a -n dev-1", Some(Fit::Whole)),
        ("namespace = ['dev-*']", "tool rm <path>", "tool rm a -n dev-1 -n prod", Some(Fit::Partly)),
        ("namespace = ['dev-*']", "tool rm <path>", "tool rm a", None),
        ("namespace = ['dev-*', '']", "tool rm <path>", "tool rm a --namespace=", Some(Fit::Partly)),
        ("count = ['0']", "tool scale <name> [--replicas=<count>]", "tool scale a", None),
        (
            "count = ['0']",
            "tool scale <name> [--replicas=<count>]",
            "tool scale a --replicas=0",
            Some(Fit::Whole),
        ),
        (
            "count = ['0']",
            "tool scale <name> [--replicas=<count>]",
            "tool scale a --replicas=0 --replicas=1",
            Some(Fit::Partly),
        ),
        ("actor = ['human']", "tool rm <path>", "tool rm a", Some(Fit::Whole)),
        ("actor = ['agent']", "tool rm <path>", "tool rm a", None),
    ] {
        let text = kind(condition, pattern);
        let book = book(&[(&text, Layer::User)]);
        let judgement = judged(&book, command);
        let found = judgement.commands[0].matched.first().map(|matched| matched.fit);
        assert_eq!(found, fit, "{condition}: {command}");
        assert_eq!(judgement.standing == Standing::Known, fit == Some(Fit::Whole), "{condition}: {command}");
    }
    // A place that cannot be read is no reason to call a command known, and every reason to raise.
    let book = book(&[(&kind("context = ['dev']", "tool rm <path>"), Layer::User)]);
    let judgement = judged_at(&book, words("tool rm a"), &[], Some("it is locked"));
    assert_eq!((judgement.standing, judgement.facts.tier().value), (Standing::Unmatched, Tier::Unknown));
}

/// What is taken out makes nothing known, and what is in doubt raises.
#[test]
fn where_not_takes_values_out() {
    let known = "effect = 'isolated'\nscope = 'one'\nrollback = 'unneeded'\n";
    let raises = "effect = 'data'\n";
    let (elsewhere, prod) = ("where-not.path = ['/dev/*', '/sys/*']", "where-not.namespace = 'prod*'");
    let but_one = "where.path = '/srv/*'\nwhere-not.path = '/srv/keep/*'";
    let (one, every) = ("tool rm <path:path>...", "tool rm <path>...");
    for (kind, pattern, condition, command, fit) in [
        ("match", one, elsewhere, "tool rm /srv/a", Some(Fit::Whole)),
        ("match", one, elsewhere, "tool rm a ../b", Some(Fit::Whole)),
        ("match", one, elsewhere, "tool rm /dev/sda", None),
        ("match", one, elsewhere, "tool rm /DEV/sda", None),
        ("match", one, elsewhere, "tool rm /srv/../dev/sda", None),
        ("match", one, elsewhere, "tool rm /srv/a /dev/sda", Some(Fit::Partly)),
        ("match", one, but_one, "tool rm /srv/a", Some(Fit::Whole)),
        ("match", one, but_one, "tool rm /srv/keep/a", None),
        ("match", one, but_one, "tool rm /home/a", None),
        ("match", one, but_one, "tool rm /srv/a /srv/keep/b", Some(Fit::Partly)),
        ("match", every, prod, "tool rm a -n dev", Some(Fit::Whole)),
        ("match", every, prod, "tool rm a -n prod-eu", None),
        ("match", every, prod, "tool rm a -n dev -n prod", Some(Fit::Partly)),
        // Nobody knows the namespace, so nobody knows that it is another one.
        ("match", every, prod, "tool rm a", None),
        ("any", one, elsewhere, "tool rm /srv/a", Some(Fit::Whole)),
        ("any", one, elsewhere, "tool rm /dev/sda", None),
        ("any", one, elsewhere, "tool rm /DEV/sda", Some(Fit::Whole)),
        ("any", one, elsewhere, "tool rm /dev/sda /srv/a", Some(Fit::Whole)),
        ("any", one, but_one, "tool rm /srv/keep/a", None),
        ("any", one, but_one, "tool rm /SRV/a", Some(Fit::Whole)),
        ("any", one, but_one, "tool rm /home/a", None),
        ("any", every, prod, "tool rm a -n prod", None),
        ("any", every, prod, "tool rm a -n prod -n dev", Some(Fit::Whole)),
    ] {
        let facts = if kind == "match" { known } else { raises };
        let text = format!("{TOOL}{}", rule("r", &format!("{kind} = '{pattern}'\n{facts}{condition}")));
        let book = book(&[(&text, Layer::User)]);
        let judgement = judged(&book, command);
        let found = judgement.commands[0].matched.first().map(|matched| matched.fit);
        assert_eq!(found, fit, "{kind} {condition}: {command}");
        let whole = kind == "match" && fit == Some(Fit::Whole);
        assert_eq!(judgement.standing == Standing::Known, whole, "{kind} {condition}: {command}");
    }
}

/// Of a word whose end only the run knows, the certain beginning decides, and where it does not, the doubt counts.
#[test]
fn where_not_of_a_word_known_by_its_beginning() {
    let known = "match = 'tool get <url>'\neffect = 'none'\n";
    let raises = "any = 'tool get <url>'\neffect = 'data'\n";
    let outside = "where.url = 'https://*'\nwhere-not.url = 'https://10.*'";
    for (body, command, speaks) in [
        (known, "tool get \"https://$HOST/\"", false),
        (known, "tool get \"https://shop.example/$X\"", true),
        (known, "tool get \"https://10.0.0.1/$X\"", false),
        (raises, "tool get \"https://$HOST/\"", true),
        (raises, "tool get \"https://shop.example/$X\"", true),
        (raises, "tool get \"https://10.0.0.1/$X\"", false),
        (raises, "tool get \"ftp://$HOST/\"", false),
    ] {
        let book = book(&[(&format!("{TOOL}{}", rule("r", &format!("{body}{outside}"))), Layer::User)]);
        let judgement = judged_text(&book, command);
        let spoke = match body == known {
            true => judgement.standing == Standing::Known,
            false => judgement.commands[0].matched.iter().any(|matched| matched.rule.id.to_string() == "r"),
        };
        assert_eq!(spoke, speaks, "{body}: {command}");
    }
}

/// Every word is accounted for, and still nobody can say what it would act on.
#[test]
fn a_place_that_cannot_be_read_raises_a_known_command() {
    let facts = "effect = 'isolated'\nscope = 'one'\nrollback = 'unneeded'";
    let live = "[[environment]]\nname = 'here'\ntier = 'development'\nmatch = { actor = ['human'] }\n";
    let text = format!("{TOOL}{}{live}", rule("r", &format!("match = 'tool rm <name>'\n{facts}")));
    let book = book(&[(&text, Layer::User)]);
    for (unreadable, verdict, scope, tier) in [
        (None, Verdict::Run, Scope::One, Tier::Development),
        (Some("it is locked"), Verdict::TwoPerson, Scope::Unknown, Tier::Unknown),
    ] {
        let judgement = judged_at(&book, words("tool rm a"), &[], unreadable);
        assert_eq!((judgement.standing, judgement.verdict), (Standing::Known, verdict));
        assert_eq!((judgement.facts.scope().value, judgement.facts.tier().value), (scope, tier));
    }
}

/// Without the option that nobody knows, the command is denied; with it, it must not be a mere `confirm`.
#[test]
fn what_is_not_understood_takes_no_raise_away() {
    let text = format!(
        "{TOOL}{}{}{}",
        rule(
            "closed",
            "match = 'tool delete ns <name>'\neffect = 'audit'\nscope = 'one'\nwhere = { name = ['prod'] }"
        ),
        rule(
            "open",
            "any = 'tool push <remote> <ref>'\neffect = 'audit'\nscope = 'one'\nwhere = { ref = ['main'] }"
        ),
        rule("all", "any = 'tool --all'\neffect = 'audit'"),
    ) + &rule(
        "long",
        "any = 'gnu --namespace=<name>'\neffect = 'audit'\nwhere = { name = ['prod'] }",
    );
    let book = book(&[(&text, Layer::User)]);
    for command in [
        "tool delete ns prod",
        "tool delete ns prod --what",
        "tool delete ns --what prod",
        "tool delete ns shop prod",
        "tool delete ns prod --force",
        "sudo --what tool delete ns prod",
        "ssh host tool delete ns prod",
        "tool push origin main",
        "tool push --what origin main",
        "tool push -Z x origin main",
        "tool get x --all",
        "tool get x -Af",
        "tool get x -AZ",
        "tool get x --all=maybe",
        "gnu --namespace=prod",
        "gnu --na=prod",
    ] {
        assert_eq!(judged(&book, command).verdict, Verdict::Deny, "{command}");
    }
    let why = judged(&book, "tool get x --what").commands[0].standing.1.clone();
    assert!(why.as_deref().unwrap_or("").contains("`--what` is not known"), "{why:?}");
    // What the rule would ask for is asked, whether or not the program is the tool of its name.
    let foreign =
        format!("{TOOL}{}", rule("r", "match = 'tool wipe <name>'\neffect = 'data'\nscope = 'one'"));
    let foreign = self::book(&[(&foreign, Layer::User)]);
    for (command, verdict) in [
        ("./tool wipe x", Verdict::TwoPerson),
        ("./tool wipe x --what", Verdict::TwoPerson),
        ("xargs tool wipe x", Verdict::TwoPerson),
        ("xargs tool wipe x --what", Verdict::TwoPerson),
    ] {
        assert_eq!(judged(&foreign, command).verdict, verdict, "{command}");
    }
    let not_utf8 = vec!["tool".into(), "get".into(), OsString::from_vec(b"--all=\xff".to_vec())];
    assert_eq!(judged_at(&book, not_utf8, &[], None).verdict, Verdict::Deny);
    for command in ["tool delete ns shop", "tool push origin topic", "tool delete ns shop --what"] {
        assert_ne!(judged(&book, command).verdict, Verdict::Deny, "{command}");
    }
}

/// The same name as a trusted environment, the same place, a kinder tier: nothing a project file says makes it so.
#[test]
fn a_project_file_cannot_call_a_place_a_sandbox() {
    let trusted = format!(
        "{TOOL}{}{}[[environment]]\nname = 'live'\ntier = 'production'\nmatch = {{ context = ['prod'] }}\n",
        rule(
            "play",
            "match = 'tool rm <name>'\neffect = 'isolated'\nscope = 'one'\nrollback = 'unneeded'\nwhere = { environment = ['sandbox'] }"
        ),
        rule(
            "live",
            "match = 'tool kill <name>'\neffect = 'audit'\nscope = 'one'\nwhere = { environment = ['live'] }"
        ),
    );
    let project = "[[environment]]\nname = 'sandbox'\ntier = 'development'\nmatch = { context = ['*'] }\n";
    let (before, after) =
        (book(&[(&trusted, Layer::User)]), book(&[(&trusted, Layer::User), (project, Layer::Project)]));
    // Where no trusted entry speaks, the project's is the only one, and still does not count.
    let elsewhere = judged_at(&after, words("tool rm a"), &[("context", "elsewhere")], None);
    assert_eq!((elsewhere.standing, elsewhere.facts.tier().value), (Standing::Unmatched, Tier::Unknown));
    for (command, least) in [("tool rm a", Verdict::Confirm), ("tool kill a", Verdict::Deny)] {
        for book in [&before, &after] {
            let judgement = judged_at(book, words(command), &[("context", "prod")], None);
            assert!(judgement.verdict >= least, "{command}: {}", judgement.verdict);
            assert_eq!(judgement.facts.tier().value, Tier::Production);
        }
    }
}

/// The project file's own tool entry says that `--context` is a place. A table can be kinder in development, so that
/// must not make the tier known.
#[test]
fn a_tool_entry_of_a_project_file_makes_no_place_kinder() {
    let trusted = "[[environment]]\nname = 'dev'\ntier = 'development'\nmatch = { context = ['dev'] }\n";
    let project = format!(
        "[[tool]]\nname = 'own'\nvalue = ['--context']\ntarget = ['--context']\n{}",
        rule("own", "match = 'own <word>'\neffect = 'none'")
    );
    let (before, after) =
        (book(&[(trusted, Layer::User)]), book(&[(trusted, Layer::User), (&project, Layer::Project)]));
    let tier = |book: &Book| judged_at(book, words("own x --context dev"), &[], None).facts.tier().value;
    assert_eq!((tier(&before), tier(&after)), (Tier::Unknown, Tier::Unknown));
    let after = judged_at(&after, words("own x --context dev"), &[], None);
    let (standing, why) = &after.commands[0].standing;
    assert_eq!(*standing, Standing::Unmatched, "a project file made a program known");
    assert!(why.as_deref().unwrap_or("").contains("described only by a project file"), "{why:?}");
}

#[test]
fn a_project_file_only_tightens() {
    let trusted =
        format!("{TOOL}{}", rule("base", "match = 'tool rm <name>'\neffect = 'data'\nscope = 'one'"));
    for (text, code) in [
        (rule("p", "match = 'tool rm <name>'\neffect = 'none'\nreplaces = ['base']"), Code::MayNotLoosen),
        ("[[tool]]\nname = 'tool'\nneutral = ['--all']\n".to_owned(), Code::MayNotLoosen),
        ("[[tool]]\nname = 'other'\naliases = ['tool']\n".to_owned(), Code::MayNotLoosen),
        ("[[tool]]\nname = 'other'\naliases = ['kubectl']\n".to_owned(), Code::MayNotLoosen),
        ("[policy]\nuser-rules = 'full'\n".to_owned(), Code::MayNotLoosen),
        // A clone that brings a rule along must not have the gate start what it likes.
        (rule("p", "any = 'tool rm'\ntrigger = '/tmp/evil'"), Code::MayNotLoosen),
        (rule("p", "any = 'tool rm <name>'\nprobe = 'sh evil <name>'\nmax = 1"), Code::MayNotLoosen),
        (rule("base", "any = 'tool rm'\neffect = 'audit'"), Code::Twice),
    ] {
        let mut book = book(&[(&trusted, Layer::User)]);
        let problems = book.add(&file(&text, Layer::Project), Examples::Check).expect_err(&text);
        assert!(problems.iter().any(|problem| problem.code == code), "{text}\n{problems:#?}");
        assert_eq!(book.rules().len(), 1, "a refused file added something");
    }
    // A rule of its own is one more voice, and makes nothing known.
    let kind = rule("p", "match = 'tool get <name>'\neffect = 'none'")
        + &rule("q", "any = 'tool rm'\neffect = 'audit'");
    let both = book(&[(&trusted, Layer::User), (&kind, Layer::Project)]);
    assert_eq!(judged(&both, "tool get x").standing, Standing::Unmatched);
    assert_eq!(judged(&both, "tool rm x").verdict, Verdict::Deny);
}

#[test]
fn the_system_layer_can_forbid_the_user_layer_to_loosen() {
    let policy = format!("{TOOL}[policy]\nuser-rules = 'tighten-only'\n");
    let kind = rule("u", "match = 'tool get <name>'\neffect = 'none'");
    let free = book(&[(TOOL, Layer::System), (&kind, Layer::User)]);
    let bound = book(&[
        (&policy, Layer::System),
        ("[policy]\nuser-rules = 'full'\n", Layer::System),
        (&kind, Layer::User),
    ]);
    assert_eq!(judged(&free, "tool get x").standing, Standing::Known);
    assert_eq!(judged(&bound, "tool get x").standing, Standing::Unmatched);
    let mut bound = bound;
    let decide = "[[decide]]\neffect = 'audit'\nverdict = 'confirm'\n";
    bound.add(&file(decide, Layer::User), Examples::Checked).expect("a row that raises nothing");
    assert_eq!(bound.table().flaws(), []);
    assert!(
        bound
            .add(
                &file(&rule("v", "match = 'tool a'\neffect = 'none'\nreplaces = ['u']"), Layer::User),
                Examples::Checked
            )
            .is_err()
    );
    assert!(bound.add(&file("[policy]\nuser-rules = 'full'\n", Layer::User), Examples::Checked).is_err());
}

/// A later entry may teach new words and must not change what earlier rules stand on.
#[test]
fn a_later_tool_entry_adds_and_never_changes() {
    let pack = "[[tool]]\nname = 'rmm'\nswitch = ['-r --recursive', '-f', '-2']\nvalue = ['--to']\n\
                [[tool]]\nname = 'kube'\nstyle = 'pflag'\noperation = 2\nswitch = ['--all', '-f']\nvalue = ['-n --namespace']\ntarget = ['-n']\n\
                [[tool.subcommand]]\nname = 'roll'\nvalue = ['--to']\n\
                [[tool]]\nname = 'tf'\nstyle = 'go'\nglobals = 'before'\noperation = 1\nvalue = ['-chdir']\n";
    for (entry, may) in [
        ("name = 'rmm'\nswitch = ['--verbose', '-v']", true),
        ("name = 'rmm'\nneutral = ['--speed']", true),
        ("name = 'rmm'\nswitch = ['-r']", true),
        ("name = 'rmm'\nsecret = ['--to']\nvalue = ['--to']", true),
        ("name = 'rmm'\nneutral = ['-r']\nswitch = ['-r']", false),
        ("name = 'rmm'\nvalue = ['-r']", false),
        ("name = 'rmm'\nswitch = ['--rec']", false),
        ("name = 'rmm'\nswitch = ['-rf']", false),
        ("name = 'rmm'\nswitch = ['-NUM']", false),
        ("name = 'rmm'\nstyle = 'posix'", false),
        ("name = 'other'\naliases = ['rmm']", false),
        ("name = 'tf'\nswitch = ['--chdir']", false),
        ("name = 'tf'\noperation = 2", false),
        ("name = 'kube'\noperation = 2\n[[tool.subcommand]]\nname = 'new'\nswitch = ['--x']", true),
        ("name = 'kube'\noperation = 2\n[[tool.subcommand]]\nname = ['roll', 'new']\nswitch = ['--x']", true),
        ("name = 'kube'\noperation = 2\n[[tool.subcommand]]\nname = 'new'\nvalue = ['--all']", false),
        ("name = 'kube'\noperation = 2\n[[tool.subcommand]]\nname = 'roll'\nvalue = ['--all']", false),
        (
            "name = 'kube'\noperation = 2\n[[tool.subcommand]]\nname = 'new'\nswitch = ['--all']\nneutral = ['--all']",
            false,
        ),
        ("name = 'kube'\noperation = 2\n[[tool.subcommand]]\nname = 'roll back'\nswitch = ['--x']", false),
        ("name = 'kube'\noperation = 2\n[[tool.subcommand]]\nname = 'new'\noptions-end = 'operand'", false),
    ] {
        let mut book = book(&[(pack, Layer::System)]);
        let added = book.add(&file(&format!("[[tool]]\n{entry}\n"), Layer::User), Examples::Checked);
        assert_eq!(added.is_ok(), may, "{entry}\n{added:#?}");
        if let Err(problems) = added {
            assert!(problems.iter().all(|problem| problem.code == Code::Twice), "{entry}\n{problems:#?}");
        }
    }
    // What both names of a list may mean now, and the global that a subcommand repeats under one name keeps both.
    let more = "[[tool]]\nname = 'kube'\noperation = 2\n[[tool.subcommand]]\nname = ['roll', 'new']\nswitch = ['--x', '-f']\nvalue = ['-n']\n";
    let book = book(&[(pack, Layer::System), (more, Layer::User)]);
    let tool = book.tool("kube").unwrap();
    for operation in ["roll", "new"] {
        assert!(tool.option(&[operation], "--x").is_some(), "{operation}");
        assert_eq!(tool.option(&[operation], "-n").unwrap().canonical(), "--namespace", "{operation}");
    }
    assert!(tool.option(&["roll"], "--to").is_some());
}

#[test]
fn a_replaced_rule_is_gone_once_and_for_all() {
    let base = format!("{TOOL}{}", rule("base", "any = 'tool rm'\neffect = 'audit'"));
    let user = rule("mine", "match = 'tool rm <name>'\neffect = 'none'\nreplaces = ['base']");
    let mut book = book(&[(&base, Layer::System), (&user, Layer::User)]);
    assert_eq!(judged(&book, "tool rm x").verdict, Verdict::Run);
    for (text, code) in [
        (rule("base", "any = 'tool rm'\neffect = 'audit'"), Code::Twice),
        (rule("self", "any = 'tool rm'\neffect = 'audit'\nreplaces = ['self']"), Code::Replaces),
        (rule("next", "any = 'tool rm'\neffect = 'audit'\nreplaces = ['bse']"), Code::Replaces),
    ] {
        let problems = book.add(&file(&text, Layer::User), Examples::Check).expect_err(&text);
        assert!(codes(&problems).contains(&code), "{text}\n{problems:#?}");
    }
    assert_eq!(judged(&book, "tool rm x").verdict, Verdict::Run);
}

/// The gate starts probes itself: what a caller typed must not become an option of one, nor of a rollback.
#[test]
fn a_captured_word_never_becomes_an_option() {
    let text = format!(
        "{TOOL}{}",
        rule(
            "r",
            "match = 'tool restart <name>...'\neffect = 'isolated'\nscope = 'one'\nrollback = 'tool undo <name>'\nprobe = 'tool list <name>'"
        )
    );
    let book = book(&[(&text, Layer::User)]);
    let good = judged(&book, "tool restart a -n shop");
    let argv = |judgement: &Judgement| judgement.commands[0].matched[0].rollback.clone();
    assert_eq!(argv(&good), Some(words("tool -n shop undo a")));
    assert_eq!(good.verdict, Verdict::Run);
    let bad = judged(&book, "tool restart -- --context=empty");
    assert_eq!(argv(&bad), None);
    let needs = format!("{:?}", bad.commands[0].needs);
    assert_eq!(needs, r#"[(Probe(Err("the words of the command do not fit into it"), None), "r")]"#);
    assert!(bad.verdict > Verdict::Run);
}

/// A bundle holds more than where; the rollback takes only that.
#[test]
fn a_rollback_takes_where_along_and_nothing_else() {
    let rest = "match = 'tool restart <name> [--force]'\neffect = 'isolated'\nscope = 'one'\nrollback = 'tool undo <name>'";
    let book = book(&[(&format!("{TOOL}{}", rule("r", rest)), Layer::User)]);
    for (command, undo) in [
        ("tool restart a -fn shop", "tool --namespace shop undo a"),
        ("tool restart a -fnshop", "tool --namespace shop undo a"),
        ("tool restart a -f -n shop", "tool -n shop undo a"),
        ("sudo -n tool --context=c restart a", "sudo -n tool --context=c undo a"),
    ] {
        assert_eq!(judged(&book, command).commands[0].matched[0].rollback, Some(words(undo)), "{command}");
    }
}

#[test]
fn wrappers_that_add_words_or_move_the_root_make_nothing_known() {
    let text = format!("{TOOL}{}", rule("r", "match = 'tool get <name>...'\neffect = 'none'"));
    let book = book(&[(&text, Layer::User)]);
    for (command, verdict) in [
        ("tool get x", Verdict::Run),
        ("sudo tool get x", Verdict::Run),
        ("timeout 5 nice tool get x", Verdict::Run),
        ("xargs tool get x", Verdict::Confirm),
        ("chroot /mnt tool get x", Verdict::Confirm),
    ] {
        assert_eq!(judged(&book, command).verdict, verdict, "{command}");
    }
}

/// pflag(3): a letter that may stand alone takes no value from its bundle.
#[test]
fn an_optional_value_is_not_taken_from_a_bundle_by_pflag() {
    let text =
        "[[tool]]\nname = 'tool'\nstyle = 'pflag'\noptional = ['-q --quiet']\nswitch = ['-x --explode']\n";
    let text = format!("{text}{}", rule("r", "any = 'tool --explode'\neffect = 'audit'"));
    let book = book(&[(&text, Layer::User)]);
    for (command, verdict) in [
        ("tool -qx", Verdict::Deny),
        ("tool -q -x", Verdict::Deny),
        ("tool -xq", Verdict::Deny),
        ("tool -q=x", Verdict::Confirm),
    ] {
        assert_eq!(judged(&book, command).verdict, verdict, "{command}");
    }
}

/// What is wrong, where, and which word was probably meant: one file for each.
#[test]
#[expect(clippy::too_many_lines, reason = "a table, one row a case")]
fn every_problem_has_its_code_and_its_place() {
    let short = "[[tool]]\nname = 'lite'\ndialect = 'sqlite'\n[[tool]]\nname = 'tool'\noperation = 1\nswitch = ['--all']\n";
    for (text, code, marked, help) in [
        ("[[rule\n".to_owned(), Code::Syntax, "", ""),
        ("rule = 3\n".to_owned(), Code::Shape, "3", "[[rule]]"),
        ("[[rule]]\nid = 3\n".to_owned(), Code::Shape, "3", ""),
        (rule("a", ""), Code::Shape, "[[rule]]", "match ="),
        (rule("A b", "match = 'tool x'\neffect = 'none'"), Code::Shape, "'A b'", "small letters"),
        (rule("a", "match = 'tool x'\neffect = 'none'\nmax = 3"), Code::Shape, "3", ""),
        (
            rule("a", "match = 'tool x'\neffect = 'none'\nrollback = 'proven'"),
            Code::Shape,
            "'proven'",
            "inverse",
        ),
        ("[[rulee]]\n".to_owned(), Code::UnknownField, "rulee", "did you mean `rule`?"),
        (
            rule("a", "match = 'tool x <y>'\neffect = 'none'\nwhere-not.yy = 'z'"),
            Code::UnknownWord,
            "yy",
            "did you mean `y`?",
        ),
        (rule("a", "matchh = 'x'"), Code::UnknownField, "matchh", "did you mean `match`?"),
        (
            "[[tool]]\nname = 'x'\n[[tool.subcommand]]\nname = []\nvalu = 3\n".to_owned(),
            Code::UnknownField,
            "valu",
            "did you mean `value`?",
        ),
        (
            "[[environment]]\nname = 'x'\ntier = 'staging'\nmatch = {}\nteir = 3\n".to_owned(),
            Code::UnknownField,
            "teir",
            "did you mean `tier`?",
        ),
        (
            "[[decide]]\neffect = 'none'\nverdict = 'run'\nscop = 3\n".to_owned(),
            Code::UnknownField,
            "scop",
            "did you mean `scope`?",
        ),
        (
            "[policy]\nuser-rule = 'full'\n".to_owned(),
            Code::UnknownField,
            "user-rule",
            "did you mean `user-rules`?",
        ),
        (
            rule("a", "match = 'tool x'\neffect = 'isolatd'\nscope = 'one'"),
            Code::UnknownWord,
            "'isolatd'",
            "did you mean `isolated`?",
        ),
        (
            rule("a", "match = 'tool x'\neffect = ['none', 'dta']"),
            Code::UnknownWord,
            "'dta'",
            "did you mean `data`?",
        ),
        (
            rule("a", "match = 'tool x <name>'\neffect = 'none'\nwhere = { nam = 'x' }"),
            Code::UnknownWord,
            "nam",
            "did you mean `name`?",
        ),
        (rule("a", "match = 'tool <a> <a>'\neffect = 'none'"), Code::Pattern, "tool <a> <a>", ""),
        (rule("a", "match = 'tool <a>... <b>...'\neffect = 'none'"), Code::Pattern, "tool <a>... <b>...", ""),
        (rule("a", "match = 'tool <a'\neffect = 'none'"), Code::Pattern, "<a", ""),
        (rule("a", "match = 'tool x...'\neffect = 'none'"), Code::Pattern, "x...", ""),
        (rule("a", "match = 'tool [x'\neffect = 'none'"), Code::Pattern, "x", ""),
        (rule("a", "match = 'tool x]'\neffect = 'none'"), Code::Pattern, "x", ""),
        (rule("a", "match = 'tool <a:dir>'\neffect = 'none'"), Code::Pattern, "<a:dir>", ""),
        (rule("a", "match = 'tool --all=x'\neffect = 'none'"), Code::Pattern, "--all=x", ""),
        (
            rule("a", &format!("match = 'tool{}'\neffect = 'none'", " [<x>]".repeat(100))),
            Code::Pattern,
            "<x>",
            "",
        ),
        (
            rule("a", "match = 'tool x --al'\neffect = 'none'"),
            Code::UnknownOption,
            "--al",
            "did you mean `--all`?",
        ),
        (
            "[[tool]]\nname = 'x'\nswitch = ['--force']\ntarget = ['--forc']\n".to_owned(),
            Code::UnknownOption,
            "'--forc'",
            "did you mean `--force`?",
        ),
        (
            rule("a", "match = 'kubctl get'\neffect = 'none'"),
            Code::UnknownTool,
            "'kubctl get'",
            "did you mean `kubectl`?",
        ),
        (
            rule("a", "match = 'tool x'\neffect = 'none'\nrollback = 'tool <nme>'")
                .replace("tool x'\neffect", "tool <name>'\neffect"),
            Code::Capture,
            "'tool <nme>'",
            "did you mean `<name>`?",
        ),
        (
            rule("a", "match = 'tool x <name>'\neffect = 'none'\ntrigger = 'tool <name.rows>'"),
            Code::Capture,
            "'tool <name.rows>'",
            "in a `probe`, as a word of its own",
        ),
        (
            rule("a", "match = 'tool x <name>'\neffect = 'none'\nprobe = 'tool <name.rows>'\nmax = 1"),
            Code::Capture,
            "'tool <name.rows>'",
            "<NAME:sql>",
        ),
        (
            rule("a", "match = 'lite <q:sql>'\neffect = 'none'\nrollback = 'lite <q.rows>'"),
            Code::Capture,
            "'lite <q.rows>'",
            "in a `probe`",
        ),
        (
            rule(
                "a",
                "match = ['lite <q:sql>', 'lite x <q>']\neffect = 'none'\nprobe = 'lite <q.rows>'\nmax = 1",
            ),
            Code::Capture,
            "'lite <q.rows>'",
            "of every pattern",
        ),
        (
            rule("a", "match = 'lite <q:sql>'\neffect = 'none'\nprobe = 'lite x<q.rows>'\nmax = 1"),
            Code::Capture,
            "'lite x<q.rows>'",
            "a word of its own",
        ),
        (
            rule("a", "match = 'lite <q:sql>'\neffect = 'none'\nprobe = 'lite <q.rows>'"),
            Code::Shape,
            "'lite <q.rows>'",
            "max = 100",
        ),
        (
            rule("a", "match = 'tool x <name>'\neffect = 'none'\nprobe = '<name> x'"),
            Code::Shape,
            "'<name> x'",
            "",
        ),
        (rule("a", "match = 'tool x'\neffect = 'none'\nprobe = 'tool \"x'"), Code::Shape, "'tool \"x'", ""),
        (rule("a", "match = 'tool x'\neffect = 'none'\nreplaces = ['b']"), Code::Replaces, "'b'", ""),
        ("[[tool]]\nname = 'x'\nswitch = ['--a']\nvalue = ['--a']\n".to_owned(), Code::Twice, "'--a'", ""),
    ] {
        let text = if text.starts_with("rule =") { text } else { format!("{short}{text}") };
        let problems = Book::new().add(&file(&text, Layer::User), Examples::Checked).expect_err(&text);
        let found = problems
            .iter()
            .find(|p| p.code == code && text.get(p.at.0.clone()).is_some_and(|at| at.starts_with(marked)));
        let found = found.unwrap_or_else(|| panic!("{code:?} at `{marked}`\n{text}\n{problems:#?}"));
        assert!(found.help.as_deref().unwrap_or("").contains(help), "{found:#?}");
        let capital = found.text.starts_with(|c: char| c.is_ascii_uppercase());
        assert!(!capital && !found.text.ends_with('.'), "{}", found.text);
    }
}

/// Both places of a disagreement, by line and column, and every problem of the file at once.
#[test]
fn problems_come_all_at_once_and_name_both_places() {
    let text = "[[tool]]\nname = 'tool'\nswitch = ['--all']\n\
                [[rule]]\nid = 'a'\nmatch = 'tool <x>'\neffect = 'none'\nexamples = ['tool --all x']\nnear-misses = ['tool y']\n\
                [[rule]]\nid = 'a'\nmatch = 'tool x'\nany = 'tool'\n\
                [[rule]]\nid = 'a'\nany = 'tool --all'\neffect = 'nope'\n";
    let problems = Book::new().add(&file(text, Layer::User), Examples::Check).unwrap_err();
    let place = |at: usize| {
        let before = &text[..at];
        (
            before.lines().count() + usize::from(before.ends_with('\n')),
            at - before.rfind('\n').map_or(0, |n| n + 1) + 1,
        )
    };
    let told: Vec<_> = problems
        .iter()
        .map(|p| (p.code, place(p.at.0.start), p.also.as_ref().map(|(at, _)| place(at.start))))
        .collect();
    assert_eq!(
        told,
        [
            (Code::Example, (8, 13), Some((6, 9))),
            (Code::NearMiss, (9, 16), Some((6, 9))),
            (Code::Shape, (13, 7), Some((12, 9))),
            (Code::Advice, (15, 6), None),
            (Code::Advice, (15, 6), None),
            (Code::Twice, (15, 6), Some((5, 6))),
            (Code::UnknownWord, (17, 10), None),
        ],
        "{problems:#?}"
    );
}

fn codes(problems: &[Problem]) -> Vec<Code> {
    problems.iter().map(|problem| problem.code).collect()
}

/// A file that somebody made to break the reader is refused, and soon.
#[test]
fn hostile_files_are_refused() {
    for (name, text) in [
        ("deep arrays", format!("x = {}{}", "[".repeat(50_000), "]".repeat(50_000))),
        ("deep tables", format!("[{}a]", "a.".repeat(50_000))),
        ("a long pattern", rule("a", &format!("any = 'tool {}'\neffect = 'none'", "[<x>] ".repeat(50_000)))),
        ("not TOML", "\u{0}".repeat(100_000)),
    ] {
        let text = format!("{TOOL}{text}");
        let problems = Book::new().add(&file(&text, Layer::Project), Examples::Check).expect_err(name);
        assert!(!codes(&problems).is_empty(), "{name}");
    }
}

/// Ten times the words, about ten times the work: for optional parts, for `...` in the middle, for words that no
/// option explains, and for wrappers that cannot be taken off.
#[test]
fn judging_takes_time_in_proportion_to_the_words() {
    let optional = (0..30).map(|n| format!("[<o{n}>]")).collect::<Vec<_>>().join(" ");
    let choice = "[a|b] ".repeat(40);
    let text = format!(
        "{TOOL}{}{}{}{}",
        rule("optional", &format!("match = 'tool x {optional} end'\neffect = 'none'")),
        rule("choice", &format!("match = 'tool x {}'\neffect = 'none'", choice.trim_end())),
        rule(
            "middle",
            "match = 'tool x <many>... <last>'\neffect = 'data'\nscope = 'one'\nwhere = { many = ['*a*b*'] }"
        ),
        rule("any", "any = 'tool y --all --selector=<z>'\neffect = 'data'"),
    );
    let book = book(&[(&text, Layer::User)]);
    for (first, filler) in [("tool x", "a"), ("tool y", "--what"), ("tool x", "-AZ"), ("ssh h", "kubectl")] {
        let time = |count: usize| {
            let mut argv = words(first);
            argv.extend(std::iter::repeat_n(OsString::from(filler), count));
            let start = remgate::clock::now();
            let judgement = judged_at(&book, argv, &[], None);
            assert_ne!(judgement.verdict, Verdict::Run);
            (remgate::clock::now() - start).num_microseconds().unwrap()
        };
        time(100);
        let (few, many) = (time(10_000), time(100_000));
        // Ten times, with room for a busy machine; a hundred times is what a square would take.
        assert!(many < few.max(20_000) * 40, "{first} {filler}...: {few} µs became {many} µs");
    }
}
