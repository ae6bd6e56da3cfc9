//! Takes the examples out of the built-in packs for the binary.
//!
//! They are half of each pack's text, the tests hold every one of them against its rule, and `remgate rules check`
//! does so again with the whole text. What stands in front of every command parses the other half only.

use std::error::Error;
use std::fs;
use std::ops::Range;
use std::path::Path;
use toml::de::{DeTable, DeValue};

const PACKS: &str = "src/packs";

fn main() -> Result<(), Box<dyn Error>> {
    println!("cargo::rerun-if-changed={PACKS}");
    let out = std::env::var("OUT_DIR")?;
    for entry in fs::read_dir(PACKS)? {
        let path = entry?.path();
        if path.extension().is_some_and(|extension| extension == "toml") {
            let text = fs::read_to_string(&path)?;
            let name = path.file_name().ok_or("a file has a name")?;
            fs::write(Path::new(&out).join(name), without_examples(&text)?)?;
        }
    }
    Ok(())
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
