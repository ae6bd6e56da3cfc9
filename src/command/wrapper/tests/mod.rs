//! The table, row by row: what is typed, and what is inside.
//!
//! Words are divided by blanks; `'...'` is one word. `$x` without quotes is a word of which nothing is known, `"a$x"` is
//! exactly one word whose beginning is known, `*` is a pattern. Expected: `SAME` - no wrapper here; `OPAQUE`; or what is
//! inside, divided by ` ; `: words as they are, `sh{TEXT}` and `bash{TEXT}`, `stdin`. A `+` in front says that the program
//! is judged as a command, too.

mod added;
mod hosts;
mod nested;
mod process;
mod runners;
mod shells;
mod tools;

use super::{Inside, Itself, Step, Unwrapped, index, take_off};
use crate::command::shell::Dialect;
use crate::command::word::{Count, Loose, Nature, Words};

/// The words of a row.
fn words(typed: &str) -> Words {
    let mut words = Words::default();
    let (mut text, mut loose, mut quote, mut begun) = (String::new(), None::<Loose>, None, false);
    for c in typed.chars().chain([' ']) {
        let mut mark = |count, nature| {
            loose.get_or_insert(Loose { certain: text.len(), count, nature });
        };
        match (c, quote) {
            (' ', None) => {
                if begun {
                    words.push(std::mem::take(&mut text).into(), loose.take());
                }
                begun = false;
                continue;
            }
            ('\'' | '"', None) => {
                (quote, begun) = (Some(c), true);
                continue;
            }
            (c, Some(open)) if c == open => {
                quote = None;
                continue;
            }
            ('$', None) => mark(Count::Any, Nature::Dynamic),
            ('$', Some('"')) => mark(Count::One, Nature::Dynamic),
            ('*', None) => mark(Count::Some, Nature::Glob),
            _ => {}
        }
        begun = true;
        text.push(c);
    }
    assert_eq!(quote, None, "{typed}");
    words
}

/// The words of a command, as a row would have them.
fn shown(words: &Words) -> String {
    let word = |(at, word): (usize, &std::ffi::OsString)| {
        let text = word.to_str().expect("text");
        match words.loose(at) {
            None => text.to_owned(),
            // What is certain, then a mark for how many words may come of it.
            Some(loose) => {
                let mark = match loose.count {
                    Count::One => "?",
                    Count::Some => "+",
                    Count::Any => "*",
                };
                format!("{}~{mark}", text.get(..loose.certain).expect("a prefix"))
            }
        }
    };
    words.iter().enumerate().map(word).collect::<Vec<_>>().join(" ")
}

fn inside(inside: &Inside) -> String {
    match inside {
        Inside::Argv(words) => shown(words),
        Inside::Text(text, Dialect::Bash) => format!("bash{{{}}}", text.display()),
        Inside::Text(text, Dialect::Posix) => format!("sh{{{}}}", text.display()),
        Inside::Stdin(_) => "stdin".to_owned(),
        Inside::Opaque(_) => "OPAQUE".to_owned(),
    }
}

fn taken(typed: &str) -> Step {
    let words = words(typed);
    let name = words.first().and_then(|word| word.to_str()).expect("a name").to_owned();
    take_off(&name, &words, super::Feed::Unknown)
}

fn off(typed: &str) -> Unwrapped {
    match taken(typed) {
        Step::Off(off) => *off,
        other @ (Step::NotAWrapper | Step::Opaque(_)) => panic!("{typed}: {other:?}"),
    }
}

/// What a row is compared with.
fn outcome(typed: &str) -> String {
    match taken(typed) {
        Step::NotAWrapper => "SAME".to_owned(),
        Step::Opaque(_) => "OPAQUE".to_owned(),
        Step::Off(off) => {
            let found = off.inside.iter().map(inside).collect::<Vec<_>>().join(" ; ");
            match off.itself {
                // Opaque, and judged besides.
                Itself::Command if found == "OPAQUE" => found,
                Itself::Command => format!("+ {found}"),
                Itself::Nothing => found,
            }
        }
    }
}

/// What is typed, and what is expected.
type Rows = &'static [(&'static str, &'static str)];

/// Holds every row, and says all that do not hold at once.
fn hold(rows: Rows) {
    let wrong: Vec<String> = rows
        .iter()
        .filter_map(|(typed, expected)| {
            let found = outcome(typed);
            (found != *expected).then(|| format!("{typed}\n    expected {expected}\n    found    {found}"))
        })
        .collect();
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn the_index_is_sorted_and_every_name_is_found() {
    assert!(index::INDEX.is_sorted_by(|(a, _, _), (b, _, _)| a < b));
    for (name, _, _) in index::INDEX {
        assert_eq!(index::look_up(name).map(|(found, _, _)| *found), Some(name));
    }
}

#[test]
fn a_version_behind_a_name_is_no_other_program() {
    for (name, known) in [
        ("python3.11", Some("python")),
        ("python3", Some("python")),
        ("php8.2", Some("php")),
        ("gawk-5.1", Some("gawk")),
        ("sqlite3", Some("sqlite3")),
        ("lua5.4", Some("lua")),
        ("ls", None),
        ("3", None),
        ("7z", None),
        ("", None),
    ] {
        assert_eq!(index::look_up(name).map(|(found, _, _)| *found), known, "{name}");
    }
}

/// Every name, with an option that nothing has: a table that lets it through would let any arity through.
#[test]
fn an_unknown_option_is_never_taken_off() {
    // Programs whose other options are somebody else's business, and parts of a shell.
    let open = [
        "aws",
        "cockroach",
        "fd",
        "fdfind",
        "fly",
        "flyctl",
        "gcloud",
        "gtar",
        "ip",
        "nmap",
        "openssl",
        "rg",
        "rsync",
        "scp",
        "sort",
        "split",
        "tar",
        "vagrant",
        "wget",
        "zip",
        "busybox",
        "toybox",
        "docker",
        "podman",
        "nerdctl",
        "docker-compose",
        "podman-compose",
        "kubectl",
        "k",
        "oc",
    ];
    // `x` is a verb of mise and npm.
    let verb = |name: &str| !["mise", "npm"].contains(&name) && VERBS.iter().any(|(known, _)| *known == name);
    for name in super::names() {
        let found = outcome(&format!("{name} --zzz-unknown true x"));
        let expected = match name {
            // Its options are those of ssh, which is read next.
            "autossh" => "ssh --zzz-unknown true x",
            name if open.contains(&name) || verb(name) => "SAME",
            _ => "OPAQUE",
        };
        assert_eq!(found, expected, "{name}");
    }
}

/// Tools with one verb that starts others, and what stands between it and the command.
const VERBS: [(&str, &str); 32] = [
    ("asdf", "exec"),
    ("aws-sso", "exec"),
    ("aws-vault", "exec"),
    ("bundle", "exec"),
    ("bundler", "exec"),
    ("cephadm", "shell"),
    ("chamber", "exec"),
    ("conda", "run"),
    ("ctr", "tasks exec"),
    ("direnv", "exec"),
    ("doppler", "run"),
    ("gds", "aws"),
    ("k3s", "kubectl exec"),
    ("knife", "ssh"),
    ("mamba", "run"),
    ("microk8s", "kubectl exec"),
    ("minikube", "ssh"),
    ("mise", "exec"),
    ("nomad", "alloc exec"),
    ("npm", "exec"),
    ("op", "run"),
    ("pipenv", "run"),
    ("pnpm", "exec"),
    ("poetry", "run"),
    ("pyenv", "exec"),
    ("rbenv", "exec"),
    ("rke2", "kubectl exec"),
    ("saml2aws", "exec"),
    ("sops", "exec-env"),
    ("uv", "run"),
    ("virtctl", "ssh"),
    ("yarn", "exec"),
];

#[test]
fn an_unknown_option_around_a_verb_is_never_taken_off() {
    for (name, verb) in VERBS {
        let found = outcome(&format!("{name} {verb} --zzz-unknown true x"));
        // kubectl is read next.
        let expected =
            if verb.starts_with("kubectl") { "kubectl exec --zzz-unknown true x" } else { "OPAQUE" };
        assert_eq!(found, expected, "{name} {verb}");
        assert_eq!(outcome(&format!("{name} --zzz-unknown {verb} true x")), "OPAQUE", "{name} {verb}");
        assert_eq!(
            outcome(&format!("{name} {verb} $x true")),
            if verb.starts_with("kubectl") { "kubectl exec ~* true" } else { "OPAQUE" }
        );
    }
}

/// No words of one kind make any reader panic or loop.
#[test]
fn odd_words_are_survived() {
    for name in super::names() {
        for behind in [
            "",
            "-",
            "--",
            "-- -",
            "--=",
            "'' ''",
            "-\u{e9}",
            "--\u{e9}=x x",
            "$x",
            "\"$x\" y",
            "* y",
            "-- $x y",
            "\"-$x\" y",
        ] {
            outcome(&format!("{name} {behind}"));
        }
    }
}
