//! Prepares the built-in rules, so that what stands in front of every command does not parse them.
//!
//! Packs: in a compact form, of which a call reads what its words can concern. The decision table: as Rust.
#![expect(clippy::print_stdout, reason = "cargo reads what a build script prints")]

mod pack;
mod table;

// The text of the rules room itself, so that both sides of the compact form are one.
#[path = "../src/rules/form.rs"]
mod form;
#[path = "../src/rules/raw.rs"]
#[expect(
    dead_code,
    reason = "packs have no environments, table rows and policy, and are written, not proven"
)]
mod raw;
#[path = "../src/rules/token.rs"]
#[expect(dead_code, unreachable_pub, reason = "a flaw of a pattern is shown by the tests, with its place")]
mod token;

use std::collections::BTreeMap;
use std::error::Error;
use std::fmt::Write;
use std::fs;
use std::path::{Path, PathBuf};

const PACKS: &str = "src/packs";
const TABLE: &str = "src/decide/table.toml";

fn main() -> Result<(), Box<dyn Error>> {
    println!("cargo::rerun-if-changed=build");
    for file in ["form", "raw", "token"] {
        println!("cargo::rerun-if-changed=src/rules/{file}.rs");
    }
    println!("cargo::rerun-if-changed={PACKS}");
    println!("cargo::rerun-if-changed={TABLE}");
    let out = PathBuf::from(std::env::var("OUT_DIR")?);
    fs::write(out.join("table.rs"), table::as_rust(&fs::read_to_string(TABLE)?)?)?;
    let mut files: Vec<PathBuf> =
        fs::read_dir(PACKS)?.map(|entry| entry.map(|entry| entry.path())).collect::<Result<_, _>>()?;
    files.retain(|path| path.extension().is_some_and(|extension| extension == "toml"));
    files.sort();
    let (mut rows, mut wrong) = (String::new(), Vec::new());
    let mut names: BTreeMap<String, (usize, String)> = BTreeMap::new();
    for (number, path) in files.iter().enumerate() {
        let name = path.file_stem().and_then(|stem| stem.to_str()).ok_or("a pack has a name")?;
        let programs = match one_pack(name, path, &out) {
            Ok(programs) => programs,
            Err(error) => {
                wrong.push(format!("`{name}.toml`: {error}"));
                continue;
            }
        };
        writeln!(
            rows,
            "Pack {{ name: {name:?}, names: {:?}, whole: include_str!({:?}), \
             compact: include_bytes!(concat!(env!(\"OUT_DIR\"), \"/{name}.pack\")) }},",
            programs.join(" "),
            path.canonicalize()?
        )?;
        for program in programs {
            if let Some((_, other)) = names.insert(program.clone(), (number, name.to_owned())) {
                wrong.push(format!("`{name}.toml`: `{program}` is described in `{other}.toml` already"));
            }
        }
    }
    if !wrong.is_empty() {
        return Err(wrong.join("; ").into());
    }
    fs::write(out.join("packs.rs"), format!("&[\n{rows}]"))?;
    let lines = names.iter().map(|(name, (number, _))| format!("{name} {number}\n"));
    fs::write(out.join("names"), lines.collect::<String>())?;
    Ok(())
}

/// Writes one pack's compact form; gives the programs that its entries describe.
fn one_pack(name: &str, path: &Path, out: &Path) -> Result<Vec<String>, Box<dyn Error>> {
    let file = pack::File::read(&fs::read_to_string(path)?)?;
    let programs = file.programs();
    fs::write(out.join(format!("{name}.pack")), pack::compact(file)?)?;
    Ok(programs)
}
