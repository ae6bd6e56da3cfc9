//! The data files: one family each, one row per idea. What is typed is checked here, once, for all of them.
//!
//! In: the text of `tests/attacks/NAME.toml`. Out: a [`Family`] whose rows say exactly one call and one expectation.
//! Never: a row with a field that nothing reads, two rows with one name, a row that says twice what is called.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde::Deserialize;
use std::collections::BTreeMap;
use std::collections::BTreeSet;
use std::ffi::OsString;
use std::os::unix::ffi::{OsStrExt, OsStringExt};
use std::path::{Path, PathBuf};

/// One data file.
pub(crate) struct Family {
    pub(crate) name: String,
    /// Programs in PATH that only write down that they ran.
    pub(crate) fakes: Vec<String>,
    pub(crate) rows: Vec<Row>,
}

/// One call and what must come of it.
pub(crate) struct Row {
    pub(crate) id: String,
    pub(crate) call: Call,
    pub(crate) expected: Expected,
    pub(crate) env: BTreeMap<String, String>,
    /// Made beforehand, by path from the working directory. Those that begin with `#!` can be executed.
    pub(crate) files: BTreeMap<String, String>,
    pub(crate) stdin: String,
}

/// What the gate is called with.
pub(crate) enum Call {
    /// `-c TEXT`
    Text(OsString),
    /// `-- WORD...`
    Argv(Vec<OsString>),
    /// A whole command line of the gate's own.
    Gate(Vec<OsString>),
}

/// What must come of it.
pub(crate) enum Expected {
    /// Nothing runs; the proof says how it is known that something would have.
    Stopped(Proof),
    /// It may run, since the gate took away what made it an attack; nothing else may come of it.
    Disarmed(Proof),
    /// It runs, ends with 0, and prints this where that is said.
    Runs(Option<String>),
    /// Harmless, and stopped all the same for the reason given: to be moved when that falls away.
    StoppedToday,
    /// No part of it is opaque, and these are the programs, in the order of the text.
    Understood(Vec<String>),
    /// A habit that is opaque all the same for the reason given: to be moved when that falls away.
    OpaqueToday,
}

/// How it is known that an attack would have worked.
pub(crate) enum Proof {
    /// It is carried out without the gate, with these programs of the machine.
    Without(Vec<String>),
    /// It is not, for the reason given in the row.
    Told,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct RawFamily {
    what: String,
    #[serde(default)]
    fakes: Vec<String>,
    row: Vec<RawRow>,
}

/// A row as typed. Exactly one of `text`, `text-b64`, `argv`, `gate`, `big`.
#[derive(Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
struct RawRow {
    id: String,
    /// What is new about it.
    because: String,
    text: Option<String>,
    text_b64: Option<String>,
    argv: Option<Vec<String>>,
    gate: Option<Vec<String>>,
    big: Option<Big>,
    #[serde(default)]
    env: BTreeMap<String, String>,
    #[serde(default)]
    files: BTreeMap<String, String>,
    #[serde(default)]
    stdin: String,
    /// Why it cannot be carried out without the gate: then nothing shows that it works.
    needs: Option<String>,
    /// Programs of the machine that it needs without the gate.
    #[serde(default)]
    requires: Vec<String>,
    /// What the gate takes away, so that it may run.
    disarmed: Option<String>,
    #[serde(default)]
    runs: bool,
    stdout: Option<String>,
    /// Why a harmless row is stopped today.
    stopped_today: Option<String>,
    #[serde(default)]
    understood: bool,
    /// Why a habit is opaque today.
    opaque_today: Option<String>,
    #[serde(default)]
    programs: Vec<String>,
}

/// Something long: `head`, `unit` so many times, `tail`. In an argv each unit is a word of its own.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Big {
    #[serde(default)]
    head: String,
    unit: String,
    /// The unit is itself so many times this.
    #[serde(default = "one")]
    width: usize,
    times: usize,
    #[serde(default)]
    tail: String,
    #[serde(rename = "as", default)]
    shape: Shape,
}

fn one() -> usize {
    1
}

#[derive(Deserialize, Default)]
#[serde(rename_all = "kebab-case")]
enum Shape {
    #[default]
    Text,
    Argv,
}

/// Where the data files are.
pub(crate) fn directory() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/attacks")
}

/// Reads the data file of this name. `fill` puts the stage's paths in place of `@V` and the like.
pub(crate) fn family(name: &str, fill: &dyn Fn(&str) -> String) -> Family {
    let path = directory().join(format!("{name}.toml"));
    let text = std::fs::read_to_string(&path).unwrap_or_else(|error| panic!("{}: {error}", path.display()));
    let raw: RawFamily = toml::from_str(&text).unwrap_or_else(|error| panic!("{}: {error}", path.display()));
    assert!(!raw.what.is_empty(), "{name} does not say what it is");
    let mut ids = BTreeSet::new();
    for row in &raw.row {
        let plain = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '-';
        assert!(row.id.chars().all(plain) && !row.because.is_empty(), "{name}: `{}` is badly named", row.id);
        assert!(ids.insert(row.id.clone()), "{name}: `{}` is there twice", row.id);
    }
    let rows = raw.row.into_iter().map(|row| proven(name, row, fill)).collect();
    Family { name: name.to_owned(), fakes: raw.fakes, rows }
}

fn proven(family: &str, raw: RawRow, fill: &dyn Fn(&str) -> String) -> Row {
    let id = format!("{family}/{}", raw.id);
    let expected = expected(&id, &raw);
    let filled =
        |map: BTreeMap<String, String>| map.into_iter().map(|(name, value)| (name, fill(&value))).collect();
    let words = |words: Vec<String>| words.iter().map(|word| fill(word).into()).collect();
    let call = match (raw.text, raw.text_b64, raw.argv, raw.gate, raw.big) {
        (Some(text), None, None, None, None) => Call::Text(fill(&text).into()),
        (None, Some(coded), None, None, None) => {
            Call::Text(OsString::from_vec(STANDARD.decode(coded).unwrap()))
        }
        (None, None, Some(argv), None, None) => Call::Argv(words(argv)),
        (None, None, None, Some(line), None) => Call::Gate(words(line)),
        (None, None, None, None, Some(big)) => long(&big, fill),
        _ => panic!("{id}: exactly one of text, text-b64, argv, gate, big"),
    };
    if let Call::Text(text) = &call {
        assert!(!text.as_bytes().contains(&0), "{id}: an argument cannot hold NUL");
    }
    Row { id, call, expected, env: filled(raw.env), files: filled(raw.files), stdin: fill(&raw.stdin) }
}

fn long(big: &Big, fill: &dyn Fn(&str) -> String) -> Call {
    let unit = big.unit.repeat(big.width);
    match big.shape {
        Shape::Text => {
            let text = format!("{}{}{}", big.head, unit.repeat(big.times), big.tail);
            Call::Text(fill(&text).into())
        }
        Shape::Argv => {
            let units = std::iter::repeat_n(unit.as_str(), big.times);
            let words = big.head.split(' ').chain(units).chain(big.tail.split(' '));
            Call::Argv(words.filter(|word| !word.is_empty()).map(|word| fill(word).into()).collect())
        }
    }
}

fn expected(id: &str, raw: &RawRow) -> Expected {
    let proof = || match &raw.needs {
        Some(_) => Proof::Told,
        None => Proof::Without(raw.requires.clone()),
    };
    assert!(raw.runs || raw.stdout.is_none(), "{id}: only what runs prints");
    assert_eq!(
        raw.understood && raw.opaque_today.is_none(),
        !raw.programs.is_empty(),
        "{id}: what is understood names its programs"
    );
    match (&raw.disarmed, raw.runs, &raw.stopped_today, raw.understood) {
        (None, false, None, false) => Expected::Stopped(proof()),
        (Some(_), false, None, false) => Expected::Disarmed(proof()),
        (None, true, None, false) => Expected::Runs(raw.stdout.clone()),
        (None, false, Some(_), false) => Expected::StoppedToday,
        (None, false, None, true) if raw.opaque_today.is_some() => Expected::OpaqueToday,
        (None, false, None, true) => Expected::Understood(raw.programs.clone()),
        _ => panic!("{id}: at most one of disarmed, runs, stopped-today, understood"),
    }
}
