//! Proving rule files, for `remgate rules check` and `remgate rules test`.
//!
//! In: the files that were named, or the layers in force. Out: each with its problems, and these drawn. Never: an exit
//! code.

use super::{Form, Unshown, look_of_stdout};
use crate::house::{House, prove};
use crate::packs;
use crate::report::{Colour, Out, problem};
use crate::rules::{Book, Examples, Layer, Problem, SourceFile, Trust};
use crate::stop::{BAD_RULES, Stop};
use anyhow::Context;
use serde_json::{Value, json};
use std::path::PathBuf;

/// The packs and these files, each with its problems.
pub(super) fn prove_all(sources: Vec<SourceFile>) -> Vec<(SourceFile, Vec<Problem>)> {
    let mut all: Vec<(SourceFile, Vec<Problem>)> = packs::ALL.iter().map(check_pack).collect();
    let (proof, advice) = prove(&sources);
    let problems = proof.err().unwrap_or(advice);
    all.extend(sources.into_iter().zip(problems));
    all
}

/// Draws every problem, and says how many refuse their file.
pub(super) fn show_problems(
    all: &[(SourceFile, Vec<Problem>)],
    form: Form,
    out: &mut Out,
) -> Result<usize, Unshown> {
    let refused =
        all.iter().flat_map(|(_, problems)| problems).filter(|problem| problem.code.refuses()).count();
    match form {
        Form::Json => {
            let problems = all.iter().flat_map(|(file, problems)| {
                let array = problem::problems_json(file, problems);
                array.as_array().cloned().unwrap_or_default()
            });
            out.line(
                json!({ "files": all.len(), "refused": refused, "problems": problems.collect::<Value>() }),
            )?;
        }
        Form::Text => {
            let colour = match look_of_stdout().colour {
                Colour::On => problem::Colour::Ansi,
                Colour::Off => problem::Colour::Plain,
            };
            for (file, problems) in all.iter().filter(|(_, problems)| !problems.is_empty()) {
                out.line(problem::draw(file, problems, colour).trim_end())?;
            }
            let cells = crate::decide::cells().count();
            let files = all.len();
            out.line(match refused {
                0 => format!("{files} files proven with their examples; {cells} cells of the table are total and monotone"),
                _ => format!("{refused} problems in {files} files; nothing will run with them"),
            })?;
        }
    }
    Ok(refused)
}

fn check_pack(pack: &'static packs::Pack) -> (SourceFile, Vec<Problem>) {
    let added = Book::new().add_pack(pack, Examples::Check);
    (pack.file(), added.err().unwrap_or_default())
}

/// The files of the layers in force.
pub(super) fn layers_in_force() -> Result<Vec<SourceFile>, Unshown> {
    let house = House::look().map_err(Stop::from)?;
    Ok(house.files().map_err(Stop::from)?)
}

/// These files, as if they were the user's.
pub(super) fn given(files: &[PathBuf]) -> Result<Vec<SourceFile>, Unshown> {
    let source = |path: &PathBuf| {
        let text = std::fs::read_to_string(path)
            .with_context(|| format!("cannot read `{}`", path.display()))
            .map_err(|error| Unshown::Other(error, BAD_RULES))?;
        Ok(SourceFile { name: path.display().to_string(), text, layer: Layer::User, trust: Trust::Full })
    };
    files.iter().map(source).collect()
}
