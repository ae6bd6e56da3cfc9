//! Random rule files over a tool like kubectl, and random commands for it.

use proptest::prelude::*;
use proptest::sample::select;
use std::ffi::OsString;

/// The tool that all random rules speak about, as a trusted file describes it.
pub(crate) const TOOL: &str = r#"
[[tool]]
name      = "tool"
aliases   = ["t"]
style     = "pflag"
operation = 2
value     = ["-n --namespace", "--context", "-l --selector", "--replicas", "-o --output"]
switch    = ["-A --all", "-f --force", "-q --quiet"]
optional  = ["--dry-run"]
neutral   = ["-o --output", "-q --quiet"]
target    = ["-n --namespace", "--context"]
[[tool.subcommand]]
name   = "logs"
switch = ["-f --follow"]
[[tool.subcommand]]
name  = "apply"
value = ["-f --filename"]
"#;

const VERBS: [&str; 6] = ["get", "delete", "scale", "logs", "apply", "set image"];
const NOUNS: [&str; 5] = ["pod", "ns", "web", "prod", "shop"];
const EFFECTS: [&str; 9] =
    ["none", "isolated", "disclosure", "availability", "routing", "data", "secrets", "permissions", "audit"];
const SCOPES: [&str; 5] = ["one", "service", "environment", "fleet", "unknown"];
const TIERS: [&str; 4] = ["development", "staging", "production", "unknown"];
const VERDICTS: [&str; 4] = ["run", "confirm", "two-person", "deny"];

fn pattern() -> impl Strategy<Value = String> {
    let operand = prop_oneof![
        4 => select(NOUNS.as_slice()).prop_map(str::to_owned),
        2 => Just("pod|ns".to_owned()),
        4 => Just("<name>".to_owned()),
        2 => Just("<name>...".to_owned()),
        2 => Just("<first> <name>".to_owned()),
        2 => Just("<name>... <first>".to_owned()),
        2 => Just("[<name>]".to_owned()),
        1 => Just("<name:file>...".to_owned()),
        1 => Just("<name:path>...".to_owned()),
        1 => Just("<name:data>".to_owned()),
        2 => Just(String::new()),
    ];
    let option = select(vec![
        "--all",
        "--force",
        "--replicas=<count>",
        "--replicas=0",
        "--selector=<name>",
        "--dry-run=client|server",
    ]);
    let options = prop::collection::btree_map(option, any::<bool>(), 0..3);
    (select(VERBS.as_slice()), operand, options).prop_map(|(verb, operand, options)| {
        let clash = operand.contains("<name");
        let mut known: Vec<&str> = Vec::new();
        let mut text = format!("tool {verb} {operand}");
        for (option, optional) in options {
            let name = option.split('=').next().unwrap();
            let follow = verb == "logs" && name == "--force";
            if known.contains(&name) || follow || (clash && option.contains("<name>")) {
                continue;
            }
            known.push(name);
            text.push_str(&if optional { format!(" [{option}]") } else { format!(" {option}") });
        }
        text.trim_end().to_owned()
    })
}

/// `where`, with keys that every pattern has.
fn conditions() -> impl Strategy<Value = String> {
    let one = prop_oneof![
        select(vec!["prod", "shop", "p*", "*"]).prop_map(|glob| format!("namespace = ['{glob}']")),
        select(vec!["prod", "dev", "*-eu"]).prop_map(|glob| format!("context = ['{glob}']")),
        select(vec!["live", "play", "mine"]).prop_map(|name| format!("environment = ['{name}']")),
        select(vec!["human", "agent"]).prop_map(|kind| format!("actor = ['{kind}']")),
    ];
    let captured =
        select(vec!["prod", "web", "s*", "/home/me/*"]).prop_map(|glob| format!("name = ['{glob}']"));
    (prop::option::weighted(0.4, one), prop::option::weighted(0.3, captured))
        .prop_map(|(one, captured)| one.into_iter().chain(captured).collect::<Vec<_>>().join(", "))
}

/// One `[[rule]]`; `id` makes it unique. `kinds` says whether it may be a `match` rule.
pub(crate) fn rule(id: String, kinds: &'static [&'static str]) -> impl Strategy<Value = String> {
    let facts = (
        prop::collection::btree_set(select(EFFECTS.as_slice()), 1..3),
        select(SCOPES.as_slice()),
        prop::option::weighted(0.2, select(TIERS.as_slice())),
        select(vec!["none", "unneeded", "manual: by hand", "tool scale <name>", ""]),
        prop::option::weighted(0.1, 1_u8..4),
    );
    (select(kinds), pattern(), conditions(), facts).prop_map(move |(kind, pattern, conditions, facts)| {
        let (effects, scope, tier, rollback, approvals) = facts;
        let effects = effects.iter().map(|effect| format!("'{effect}'")).collect::<Vec<_>>().join(", ");
        let captures = pattern.contains("<name>") || pattern.contains("<name:");
        let mut text = format!(
            "\n[[rule]]\nid = '{id}'\n{kind} = '{pattern}'\neffect = [{effects}]\nscope = '{scope}'\n"
        );
        let kept: Vec<&str> = conditions
            .split(", ")
            .filter(|c| !c.is_empty() && (captures || !c.starts_with("name")))
            .collect();
        if !kept.is_empty() {
            text.push_str(&format!("where = {{ {} }}\n", kept.join(", ")));
        }
        if let Some(tier) = tier {
            text.push_str(&format!("tier = '{tier}'\n"));
        }
        if !rollback.is_empty() && (captures || !rollback.contains('<')) {
            text.push_str(&format!("rollback = '{rollback}'\n"));
        }
        if let Some(approvals) = approvals {
            text.push_str(&format!("approvals = {approvals}\n"));
        }
        // The examples are not asked (`Examples::Checked`), and still a rule must have some.
        text.push_str("why = 'w'\nexamples = ['tool x']\nnear-misses = ['tool y']\n");
        text
    })
}

/// Several rules.
pub(crate) fn rules(
    prefix: &'static str,
    kinds: &'static [&'static str],
    count: std::ops::Range<usize>,
) -> impl Strategy<Value = Vec<String>> {
    count.prop_flat_map(move |count| {
        (0..count).map(|n| rule(format!("{prefix}.r{n}"), kinds).boxed()).collect::<Vec<_>>()
    })
}

/// `[[environment]]` entries.
pub(crate) fn environments(count: std::ops::Range<usize>) -> impl Strategy<Value = String> {
    let place = select(vec![
        "context = ['*']",
        "context = ['prod*']",
        "namespace = ['p*']",
        "namespace = ['shop']",
        "context = ['dev'], namespace = ['*']",
        "host = ['h']",
    ]);
    let one = (select(vec!["live", "play", "mine"]), select(TIERS.as_slice()), place).prop_map(
        |(name, tier, place)| {
            format!("\n[[environment]]\nname = '{name}'\ntier = '{tier}'\nmatch = {{ {place} }}\n")
        },
    );
    prop::collection::vec(one, count).prop_map(|all| all.concat())
}

/// `[[decide]]` rows as a project file has them: an upper corner of the table, for one effect or all of them.
fn decides() -> impl Strategy<Value = String> {
    let one =
        (prop::option::of(1..EFFECTS.len()), 0..SCOPES.len(), 0..TIERS.len(), select(VERDICTS.as_slice()))
            .prop_map(|(effect, scope, tier, verdict)| {
                let list = |words: &[&str]| {
                    words.iter().map(|word| format!("'{word}'")).collect::<Vec<_>>().join(", ")
                };
                let effects = match effect {
                    Some(effect) => list(&[EFFECTS[effect]]),
                    None => format!("{}, 'unmatched', 'opaque'", list(&EFFECTS)),
                };
                format!(
                    "\n[[decide]]\neffect = [{effects}]\nscope = [{}]\ntier = [{}]\nverdict = '{verdict}'\n",
                    list(&SCOPES[scope..]),
                    list(&TIERS[tier..])
                )
            });
    prop::collection::vec(one, 0..3).prop_map(|all| all.concat())
}

/// A project file: everything it may try.
pub(crate) fn project() -> impl Strategy<Value = String> {
    let own_tool = select(vec![
        "",
        "[[tool]]\nname = 'own'\noperation = 1\nvalue = ['--context', '-n --namespace']\ntarget = ['--context', '-n']\nambient = 'kube-context'\n\
         [[rule]]\nid = 'project.own'\nmatch = 'own <word>...'\neffect = 'none'\nexamples = ['own x']\nnear-misses = ['own']\n",
    ]);
    (rules("project", &["match", "any"], 0..5), environments(0..3), decides(), own_tool).prop_map(
        |(rules, environments, decides, tool)| format!("{tool}{}{environments}{decides}", rules.concat()),
    )
}

/// The words of one command: mostly sensible, sometimes not.
pub(crate) fn command() -> impl Strategy<Value = Vec<OsString>> {
    let word = prop_oneof![
        5 => select(NOUNS.as_slice()).prop_map(|w| vec![w.to_owned()]),
        1 => select(vec!["", "-", "--", "a=b", "../x", "*", "delete", "\u{e9}"]).prop_map(|w| vec![w.to_owned()]),
        5 => select(vec![
            "--all", "-A", "--force", "-qf", "--replicas=0", "--replicas=3", "-n=prod", "-nshop", "--namespace=",
            "--dry-run", "--dry-run=client", "--all=true", "-l=web", "--output=json", "--context=dev", "--context=prod",
        ]).prop_map(|w| vec![w.to_owned()]),
        2 => (select(vec!["-n", "--context", "--selector", "-f", "--replicas"]), select(vec!["prod", "shop", "dev", "0", "", "--all"]))
            .prop_map(|(o, v)| vec![o.to_owned(), v.to_owned()]),
        1 => select(vec!["--unknown", "-Z", "--all=false", "--names", "-nA="]).prop_map(|w| vec![w.to_owned()]),
    ];
    let program = prop_oneof![8 => Just("tool"), 1 => Just("t"), 1 => Just("own"), 1 => Just("./tool"), 1 => Just("sudo tool"), 1 => Just("xargs tool")];
    (
        program,
        select(VERBS.as_slice()),
        prop::collection::vec(word, 0..5),
        any::<prop::sample::Index>(),
        0..4_u8,
    )
        .prop_map(|(program, verb, words, at, early)| {
            let mut all: Vec<String> = program.split(' ').map(str::to_owned).collect();
            let mut rest: Vec<Vec<String>> = words;
            let verb: Vec<String> = verb.split(' ').map(str::to_owned).collect();
            let place = if early == 0 { at.index(rest.len() + 1) } else { 0 };
            rest.insert(place, verb);
            all.extend(rest.into_iter().flatten());
            all.into_iter().map(OsString::from).collect()
        })
}

/// A rule of the built-in kind's own shape for every verb, so that most commands are known at first.
pub(crate) fn base() -> impl Strategy<Value = (Vec<String>, String)> {
    (rules("base", &["match", "match", "any"], 2..8), environments(0..3))
}

/// What the eyes see.
pub(crate) fn seen() -> impl Strategy<Value = crate::stage::Seen> {
    let context = select(vec!["dev", "prod", "prod-eu"]);
    let namespace = select(vec!["shop", "prod", "default"]);
    (context, namespace, prop::bool::weighted(0.15)).prop_map(|(context, namespace, unreadable)| {
        let fields = if unreadable {
            vec![]
        } else {
            vec![("context", context), ("namespace", namespace), ("host", "h")]
        };
        crate::stage::Seen { fields, unreadable }
    })
}
