//! `remgate rules`: check, test, show, coverage, init.

use super::cases::test;
use super::coverage::{Asked, coverage};
use super::prove::{given, layers_in_force, prove_all, show_problems};
use super::{Form, Unshown, look_of_stdout};
use crate::approve::{Overwrite, confirm_overwrite};
use crate::cli::Rules;
use crate::decide::{Row, Table};
use crate::house::House;
use crate::layers::init;
use crate::packs;
use crate::report::{Out, packs as page, sanitize};
use crate::rules::{Book, Examples, Kind, Rule};
use crate::stop::{BAD_RULES, OWN_FAILURE, Stop};
use anyhow::Context;
use serde_json::{Value, json};
use std::path::{Path, PathBuf};

pub(super) fn rules(verb: &Rules) -> Result<u8, Unshown> {
    match verb {
        Rules::Check { json, files } => check(files, if *json { Form::Json } else { Form::Text }),
        Rules::Show { markdown: true, .. } => show_packs(),
        Rules::Show { table: true, json, .. } => show_table(if *json { Form::Json } else { Form::Text }),
        Rules::Show { json, program, .. } => {
            show(program.as_deref(), if *json { Form::Json } else { Form::Text })
        }
        Rules::Test { json, files } => test(files, if *json { Form::Json } else { Form::Text }),
        Rules::Coverage { json, limit, file } => {
            coverage(&Asked { file, limit: *limit, form: if *json { Form::Json } else { Form::Text } })
        }
        Rules::Init { print: true, .. } => begin(Starter::Print),
        Rules::Init { force: true, .. } => begin(Starter::Overwrite),
        Rules::Init { .. } => begin(Starter::Write),
    }
}

/// Everything that is checked: the packs, then the layers or the given files.
fn check(files: &[PathBuf], form: Form) -> Result<u8, Unshown> {
    let all = prove_all(if files.is_empty() { layers_in_force()? } else { given(files)? });
    let mut out = Out::stdout();
    let refused = show_problems(&all, form, &mut out)?;
    out.finish()?;
    Ok(if refused == 0 { 0 } else { BAD_RULES })
}

/// Every rule in force, or those about one program.
fn show(program: Option<&str>, form: Form) -> Result<u8, Unshown> {
    let house = House::look().map_err(Stop::from)?;
    let programs = match program {
        Some(program) => vec![program.to_owned()],
        None => packs::names().map(str::to_owned).collect(),
    };
    let book = match program {
        Some(_) => house.law(&programs).map_err(Stop::from)?.book,
        None => house.whole_book().map_err(Stop::from)?,
    };
    let about = |rule: &&Rule| {
        let tool = program.and_then(|program| book.tool(program));
        program.is_none()
            || rule.patterns.iter().any(|pattern| tool.is_some_and(|tool| pattern.program == tool.name))
    };
    let rules: Vec<&Rule> = book.rules().iter().filter(about).collect();
    if let (Some(program), true) = (program, rules.is_empty()) {
        let help = vec![
            "`remgate rules show` lists every rule; a program without rules is unmatched: confirm".to_owned(),
        ];
        return Err(Unshown::Usage(format!("no rule is about `{program}`"), help));
    }
    let mut out = Out::stdout();
    for rule in rules {
        match form {
            Form::Json => out.line(rule_json(rule))?,
            Form::Text => out.line(rule_text(rule))?,
        }
    }
    out.finish()?;
    Ok(0)
}

fn rule_json(rule: &Rule) -> Value {
    json!({
        "id": rule.id.as_str(),
        "layer": rule.layer.to_string(),
        "kind": kind_word(rule.kind),
        "patterns": rule.written,
        "effect": rule.effects.iter().map(|effect| effect.word()).collect::<Value>(),
        "scope": rule.scope.map(crate::facts::Scope::word),
        "rollback": rule.undo.as_ref().map(|undo| undo.rollback().word()),
        "why": rule.why,
        "owner": rule.owner,
    })
}

fn kind_word(kind: Kind) -> &'static str {
    match kind {
        Kind::Match => "match",
        Kind::Any => "any",
    }
}

/// `kubernetes.rollout-restart  built-in` and its pattern and facts below.
fn rule_text(rule: &Rule) -> String {
    let look = look_of_stdout();
    let mut text = format!("{}  {}", look.strong(rule.id.as_str()), look.faint(&rule.layer.to_string()));
    for written in &rule.written {
        text.push_str(&format!("\n  {:<5} {}", kind_word(rule.kind), sanitize::text(written)));
    }
    let effects: Vec<&str> = rule.effects.iter().map(|effect| effect.word()).collect();
    let mut facts = Vec::new();
    if !effects.is_empty() {
        facts.push(effects.join(" and "));
    }
    facts.extend(rule.scope.map(|scope| format!("scope {scope}")));
    facts.extend(rule.tier.map(|tier| format!("tier {tier}")));
    facts.extend(rule.undo.as_ref().map(|undo| format!("rollback {}", undo.rollback())));
    if !facts.is_empty() {
        text.push_str(&format!("\n  facts {}", facts.join(", ")));
    }
    if let Some(why) = &rule.why {
        text.push_str(&format!("\n  why   {}", sanitize::text(why)));
    }
    text
}

/// The packs as a page to read; it says nothing of this machine's rule files.
fn show_packs() -> Result<u8, Unshown> {
    let section = |pack: &'static packs::Pack| {
        let mut book = Book::new();
        let added = book.add_pack(pack, Examples::Checked);
        added.map_err(|_| anyhow::anyhow!("the built-in pack `{}` has problems", pack.name))?;
        Ok(page::Section { pack, book })
    };
    let sections: anyhow::Result<Vec<page::Section>> = packs::ALL.iter().map(section).collect();
    let sections = sections.map_err(|error| Unshown::Other(error, OWN_FAILURE))?;
    let mut out = Out::stdout();
    out.line(page::page(&sections).trim_end())?;
    out.finish()?;
    Ok(0)
}

/// The decision table in force, as rows in the order in which they are tried.
fn show_table(form: Form) -> Result<u8, Unshown> {
    let house = House::look().map_err(Stop::from)?;
    let table = house.law(&[]).map_err(Stop::from)?.book.table().clone();
    let mut out = Out::stdout();
    match form {
        Form::Json => {
            let cells = crate::decide::cells().map(|cell| {
                json!({
                    "effect": cell.subject.word(), "scope": cell.scope.word(), "tier": cell.tier.word(),
                    "rollback": cell.rollback.word(), "verdict": table.verdict(cell).word(),
                })
            });
            for cell in cells {
                out.line(cell)?;
            }
        }
        Form::Text => out.line(table_text(&table).trim_end())?,
    }
    out.finish()?;
    Ok(0)
}

fn table_text(table: &Table) -> String {
    let row = |row: &Row| {
        let any = |words: Vec<&str>| if words.is_empty() { "any".to_owned() } else { words.join("|") };
        [
            any(row.subjects.iter().map(|subject| subject.word()).collect()),
            any(row.scopes.iter().map(|scope| scope.word()).collect()),
            any(row.tiers.iter().map(|tier| tier.word()).collect()),
            any(row.rollbacks.iter().map(|rollback| rollback.word()).collect()),
            row.verdict.word().to_owned(),
        ]
    };
    let head = ["effect", "scope", "tier", "rollback", "verdict"].map(str::to_owned);
    let mut lines = vec![head];
    lines.extend(table.rows().iter().map(row));
    let mut text = aligned(&lines);
    text.push_str("Among the rows of one effect the first that fits counts; an action gets the strictest of its effects.\n");
    if !table.raising().is_empty() {
        text.push_str("\nRows that only raise:\n");
        text.push_str(&aligned(&table.raising().iter().map(row).collect::<Vec<_>>()));
    }
    text
}

fn aligned(lines: &[[String; 5]]) -> String {
    let mut widths = [0_usize; 5];
    for line in lines {
        for (width, cell) in widths.iter_mut().zip(line) {
            *width = (*width).max(cell.len());
        }
    }
    let draw = |line: &[String; 5]| {
        let cells: Vec<String> =
            line.iter().zip(widths).map(|(cell, width)| format!("{cell:<width$}")).collect();
        format!("{}\n", cells.join("  ").trim_end())
    };
    lines.iter().map(draw).collect()
}

/// What to do with the starter file.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Starter {
    Print,
    /// After a question where a file is there already.
    Write,
    Overwrite,
}

/// Writes or prints a starter file.
fn begin(starter: Starter) -> Result<u8, Unshown> {
    let house = House::look().map_err(Stop::from)?;
    let found: Vec<(&str, PathBuf)> =
        packs::names().filter_map(|name| Some((name, installed(&house, name)?))).collect();
    let tools: Vec<init::ToolFound<'_>> = found
        .iter()
        .map(|(program, path)| init::ToolFound {
            program,
            path,
            pack: packs::of(program).map(|pack| pack.name),
        })
        .collect();
    let context = house.sight().kube_context();
    let contexts: Vec<&str> = context.iter().map(String::as_str).collect();
    let text = init::init(&tools, &contexts);
    let mut out = Out::stdout();
    if starter == Starter::Print {
        out.line(text.trim_end())?;
        out.finish()?;
        return Ok(0);
    }
    let directory = house.places.user.clone().context("no home directory is known; nothing was written");
    let path = directory.map_err(|error| Unshown::Other(error, OWN_FAILURE))?.join("rules.toml");
    let existing = match crate::house::exists(&path) {
        false => init::Existing::Keep,
        true if starter == Starter::Overwrite => init::Existing::Replace,
        true => match confirm_overwrite(&path, look_of_stdout()) {
            Overwrite::Yes => init::Existing::Replace,
            Overwrite::No => {
                let help = vec!["--force overwrites it, --print only shows it".to_owned()];
                return Err(Unshown::Usage(
                    format!("`{}` exists; nothing was written", path.display()),
                    help,
                ));
            }
        },
    };
    init::write(&path, &text, existing).map_err(|error| Unshown::Other(error.into(), OWN_FAILURE))?;
    out.line(format!("written: {}", sanitize::text(path.display().to_string())))?;
    out.line("next: remgate rules check, and remgate explain -- COMMAND")?;
    out.finish()?;
    Ok(0)
}

/// Where a program is installed, if it is.
fn installed(house: &House, program: &str) -> Option<PathBuf> {
    crate::run::resolve(program.as_ref(), house.variable("PATH"), &house.cwd)
        .ok()
        .map(|executable| Path::to_path_buf(executable.path()))
}
