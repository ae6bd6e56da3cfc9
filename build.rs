//! Prepares the built-in rules, so that what stands in front of every command parses less of them.
//!
//! Packs: without their examples, which are half of each text; the tests hold every example against its rule, and
//! `remgate rules check` does so again with the whole text. The decision table: as Rust, which a test compares with
//! what the rule language makes of the same file.

use std::error::Error;
use std::fs;
use std::ops::Range;
use std::path::Path;
use toml::de::{DeTable, DeValue};

const PACKS: &str = "src/packs";
const TABLE: &str = "src/decide/table.toml";

fn main() -> Result<(), Box<dyn Error>> {
    println!("cargo::rerun-if-changed={PACKS}");
    println!("cargo::rerun-if-changed={TABLE}");
    let out = std::env::var("OUT_DIR")?;
    fs::write(Path::new(&out).join("table.rs"), table_as_rust(&fs::read_to_string(TABLE)?)?)?;
    let mut packs = Vec::new();
    for entry in fs::read_dir(PACKS)? {
        let path = entry?.path();
        if path.extension().is_some_and(|extension| extension == "toml") {
            let text = fs::read_to_string(&path)?;
            let name = path.file_stem().and_then(|stem| stem.to_str()).ok_or("a pack has a name")?;
            fs::write(Path::new(&out).join(format!("{name}.toml")), without_examples(&text)?)?;
            packs.push(pack_as_rust(name, &path.canonicalize()?, &text)?);
        }
    }
    packs.sort();
    fs::write(Path::new(&out).join("packs.rs"), format!("&[\n{}]", packs.concat()))?;
    Ok(())
}

/// One row of `packs::ALL`: the file, the same without examples, and the programs that its entries describe.
fn pack_as_rust(name: &str, path: &Path, text: &str) -> Result<String, Box<dyn Error>> {
    let document: toml::Table = text.parse().map_err(|error| format!("`{name}.toml`: {error}"))?;
    let tools = document.get("tool").and_then(toml::Value::as_array).into_iter().flatten();
    let names = tools.flat_map(|tool| {
        let aliases = tool.get("aliases").and_then(toml::Value::as_array).into_iter().flatten();
        tool.get("name").into_iter().chain(aliases).filter_map(toml::Value::as_str)
    });
    let names: Vec<&str> = names.collect();
    Ok(format!(
        "Pack {{ name: {name:?}, programs: &{names:?}, whole: include_str!({path:?}), \
         lean: include_str!(concat!(env!(\"OUT_DIR\"), \"/{name}.toml\")) }},\n"
    ))
}

fn without_examples(text: &str) -> Result<String, Box<dyn Error>> {
    let document = DeTable::parse(text)?;
    let mut cuts: Vec<Range<usize>> = Vec::new();
    let rules = document.get_ref().get("rule").map(|rules| rules.get_ref());
    for rule in rules.and_then(DeValue::as_array).into_iter().flatten() {
        for (key, value) in rule.get_ref().as_table().into_iter().flatten() {
            if ["examples", "near-misses"].contains(&key.get_ref().as_ref()) {
                cuts.push(key.span().start..value.span().end);
            }
        }
    }
    cuts.sort_by_key(|cut| cut.start);
    let mut kept = String::with_capacity(text.len());
    let mut at = 0;
    for cut in cuts {
        kept.push_str(text.get(at..cut.start).ok_or("spans are in order")?);
        at = cut.end;
    }
    kept.push_str(text.get(at..).ok_or("spans are in the text")?);
    // Prose is for people who read the file, not for the parser.
    let lines = kept.lines().filter(|line| !line.trim_start().starts_with('#') && !line.trim().is_empty());
    Ok(lines.map(|line| format!("{line}\n")).collect())
}

/// `effect = "isolated"` becomes `subjects: vec![Subject::Effect(Effect::Isolated)]`, and so on.
fn table_as_rust(text: &str) -> Result<String, Box<dyn Error>> {
    let document: toml::Table = text.parse()?;
    let rows = document.get("decide").and_then(toml::Value::as_array).ok_or("the table has rows")?;
    let mut code = String::from("vec![\n");
    for row in rows {
        let words = |key: &str| match row.get(key) {
            None => Vec::new(),
            Some(toml::Value::Array(words)) => {
                words.iter().filter_map(toml::Value::as_str).map(variant).collect()
            }
            Some(word) => word.as_str().map(variant).into_iter().collect(),
        };
        let list = |key: &str, path: &str| {
            let values: Vec<String> = words(key).iter().map(|word| format!("{path}::{word}")).collect();
            format!("vec![{}]", values.join(", "))
        };
        let subjects: Vec<String> = words("effect")
            .iter()
            .map(|word| match word.as_str() {
                "Unmatched" | "Opaque" => format!("Subject::{word}"),
                effect => format!("Subject::Effect(Effect::{effect})"),
            })
            .collect();
        code.push_str(&format!(
            "Row {{ subjects: vec![{}], scopes: {}, tiers: {}, rollbacks: {}, verdict: Verdict::{} }},\n",
            subjects.join(", "),
            list("scope", "Scope"),
            list("tier", "Tier"),
            list("rollback", "Rollback"),
            words("verdict").first().ok_or("a row has a verdict")?,
        ));
    }
    code.push(']');
    Ok(code)
}

/// `two-person` is `TwoPerson`.
fn variant(word: &str) -> String {
    let part = |part: &str| {
        part.chars()
            .next()
            .map(|c| c.to_ascii_uppercase())
            .into_iter()
            .chain(part.chars().skip(1))
            .collect::<String>()
    };
    word.split('-').map(part).collect()
}
