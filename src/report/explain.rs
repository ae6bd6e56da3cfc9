//! `explain` for people: how each command was read, what is known about it, and what would lower the verdict.
//!
//! In: a [`Judgement`]. Out: text for a screen of any width, every untrusted byte escaped. Never: printing.

use super::judgement::{added_word, standing_word};
use super::sanitize::{quote_words, text};
use super::{Look, wrap};
use crate::decide::Verdict;
use crate::facts::{Facts, Rollback};
use crate::judge::{Judged, Judgement, Matched, Need, ToolRead};
use crate::rules::{Fit, Requirement, Undo};
use crate::tools::Role;
use std::ffi::OsString;

/// Columns of a label.
const LABEL: usize = 11;

/// Draws a judgement for a screen of `columns`.
#[must_use]
pub fn draw(judgement: &Judgement, look: Look, columns: usize) -> String {
    let mut page = Page { look, columns: columns.clamp(40, 120), lines: Vec::new() };
    page.verdict(judgement);
    for (at, judged) in judgement.commands.iter().enumerate() {
        if judgement.commands.len() > 1 {
            page.line(&format!("command {} of {}", at.saturating_add(1), judgement.commands.len()));
        }
        page.command(judged);
    }
    page.lines.iter().map(|line| format!("{}\n", line.trim_end())).collect()
}

struct Page {
    look: Look,
    columns: usize,
    lines: Vec<String>,
}

impl Page {
    fn line(&mut self, line: &str) {
        self.lines.push(line.to_owned());
    }

    /// A labelled row; what does not fit goes on below its beginning. `value` must be safe already.
    fn row(&mut self, label: &str, value: &str) {
        let width = self.columns.saturating_sub(LABEL);
        for (at, piece) in wrap::prose(value, width).iter().enumerate() {
            let label = if at == 0 { label } else { "" };
            self.lines.push(format!("{}{piece}", self.look.faint(&format!("{label:<LABEL$}"))));
        }
    }

    fn verdict(&mut self, judgement: &Judgement) {
        let word = judgement.verdict.word();
        let painted = match judgement.verdict {
            Verdict::Run => self.look.good(word),
            Verdict::Confirm | Verdict::TwoPerson => self.look.strong(word),
            Verdict::Deny => self.look.bad(word),
        };
        let demand = judgement.verdict.demand();
        self.lines.push(format!("{}{painted}: {demand}", self.look.faint(&format!("{:<LABEL$}", "verdict"))));
    }

    fn command(&mut self, judged: &Judged) {
        self.row("command", &quote_words(&judged.command.words));
        for taken in &judged.command.wrappers {
            let adds: Vec<&str> = taken.adds.iter().map(|added| added_word(*added)).collect();
            let adds = if adds.is_empty() { String::new() } else { format!(" ({})", adds.join(", ")) };
            self.row("taken off", &format!("{}{adds}", quote_words(&taken.words)));
        }
        if let Some(read) = &judged.read {
            self.reading(read);
        }
        self.place(judged);
        self.standing(judged);
        for matched in &judged.matched {
            self.rule(matched);
        }
        self.facts(&judged.facts);
        self.rollback(judged);
        for (need, id) in &judged.needs {
            self.row("needs", &format!("{} (rule {id})", need_text(need)));
        }
        for lower in &judged.lower {
            let change = text(&lower.change);
            self.row("lower", &format!("{} -> {}", change, lower.verdict));
        }
    }

    fn reading(&mut self, read: &ToolRead) {
        let operation = read.operation.join(" ");
        self.row("tool", &text(format!("{} {operation}", read.tool).trim()));
        let count = read.operation.len();
        let operands: &[OsString] = read.operands.get(count..).unwrap_or_default();
        if !operands.is_empty() {
            self.row("operands", &quote_words(operands));
        }
        if !read.options.is_empty() {
            let options: Vec<String> = read.options.iter().map(option_text).collect();
            self.row("options", &options.join(", "));
        }
        for unknown in &read.unknown {
            self.row("unknown", &text(unknown));
        }
    }

    fn place(&mut self, judged: &Judged) {
        let seen = &judged.surroundings;
        for (key, field) in &seen.fields {
            self.row(
                "place",
                &format!("{} {} ({})", text(key), text(field.values.join(", ")), text(&field.source)),
            );
        }
        if let Some(why) = &seen.unreadable {
            self.row("place", &format!("{} cannot be read: {}", text(&seen.kind), text(why)));
        }
        if !judged.environments.is_empty() {
            self.row("place", &format!("environment {}", text(judged.environments.join(", "))));
        }
    }

    fn standing(&mut self, judged: &Judged) {
        let word = standing_word(judged.standing.0);
        match &judged.standing.1 {
            Some(why) => self.row("standing", &format!("{word}: {}", text(why))),
            None => self.row("standing", &format!("{word}: a rule accounts for every word")),
        }
    }

    fn rule(&mut self, matched: &Matched) {
        let rule = &matched.rule;
        let why = rule.why.as_deref().map(|why| format!(": {}", text(why))).unwrap_or_default();
        let owner = rule.owner.as_deref().map(|owner| format!(", owner {}", text(owner))).unwrap_or_default();
        let fit = match matched.fit {
            Fit::Whole => "",
            Fit::Partly => ", for some of the values",
            Fit::Resembles => ", would match with fewer words",
        };
        self.row("rule", &format!("{} ({}{owner}{fit}){why}", rule.id, rule.layer));
    }

    fn facts(&mut self, facts: &Facts) {
        for (effect, source) in facts.effects() {
            self.row("effect", &format!("{effect} ({})", text(source.to_string())));
        }
        let scope = facts.scope();
        self.row("scope", &format!("{} ({})", scope.value, text(scope.source.to_string())));
        let tier = facts.tier();
        self.row("tier", &format!("{} ({})", tier.value, text(tier.source.to_string())));
        let rollback = facts.rollback();
        self.row("rollback", &format!("{} ({})", rollback.value, text(rollback.source.to_string())));
    }

    fn rollback(&mut self, judged: &Judged) {
        for matched in &judged.matched {
            match (&matched.rule.undo, &matched.rollback) {
                (_, Some(argv)) => self.row("undo", &quote_words(argv)),
                (Some(Undo::Instruction(instruction)), None) => self.row("undo", &text(instruction)),
                (Some(Undo::Unneeded | Undo::Impossible | Undo::Command(_)) | None, None) => {}
            }
        }
        if judged.facts.rollback().value == Rollback::None
            && judged.matched.iter().any(|m| m.rollback.is_some())
        {
            self.row("", "(not the whole way back: another rule says so)");
        }
    }
}

fn option_text(option: &crate::judge::OptionRead) -> String {
    let role = match option.role {
        Role::Plain => "",
        Role::Neutral => " (neutral)",
        Role::Target => " (where)",
    };
    match &option.value {
        Some(value) => format!("{}={}{role}", option.name, quote_words(std::slice::from_ref(value))),
        None => format!("{}{role}", option.name),
    }
}

fn need_text(need: &Need) -> String {
    match need {
        Need::Said(Requirement::Reason) => "--reason TEXT".to_owned(),
        Need::Said(Requirement::Ticket) => "--ticket ID".to_owned(),
        Need::Approvers(groups) => format!("approval by {}", text(groups.join(" and "))),
        Need::Trigger(argv) => format!("`{}` to succeed first", quote_words(argv)),
        Need::Probe(argv, Some(max)) => format!("`{}` to list at most {max} objects", quote_words(argv)),
        Need::Probe(argv, None) => format!("`{}` to list what is affected", quote_words(argv)),
    }
}
