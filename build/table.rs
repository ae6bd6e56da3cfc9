//! The decision table as Rust. A test compares it with what the rule language makes of the same file.

use std::error::Error;

/// `effect = "isolated"` becomes `subjects: vec![Subject::Effect(Effect::Isolated)]`, and so on.
pub(crate) fn as_rust(text: &str) -> Result<String, Box<dyn Error>> {
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
