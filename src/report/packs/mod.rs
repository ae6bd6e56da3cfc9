//! docs/packs.md: what the built-in packs know, for people to read.
//!
//! In: the packs, each with its own book. Out: one page of Markdown, the same every time. Never: anything of this
//! machine or its rule files; a rule or a program that is left out.

mod markdown;
mod operations;

use crate::packs::Pack;
use crate::rules::{Book, Condition, Glob, Kind, Part, Rule, Template, Undo};
use crate::tools::Tool;
use markdown::{cell, code, prose};

/// A pack and what it says.
#[derive(Debug)]
pub struct Section {
    /// The pack.
    pub pack: &'static Pack,
    /// The book that holds this pack alone.
    pub book: Book,
}

/// What a pack's head tells apart, as it is written there.
const LABELS: [&str; 4] = ["Knows:", "Knows too:", "Does not know:", "Sources:"];

/// The whole page.
#[must_use]
pub fn page(sections: &[Section]) -> String {
    let mut sections: Vec<&Section> = sections.iter().collect();
    sections.sort_by_key(|section| section.pack.name);
    let mut page = beginning(&sections);
    for section in &sections {
        let programs: Vec<&str> = section.book.tools().iter().map(|tool| tool.name.as_str()).collect();
        page.push_str(&format!("- [{0}](#{0}): {1}\n", section.pack.name, prose(&programs.join(", "))));
    }
    for section in &sections {
        page.push_str(&whole(section));
    }
    page
}

/// How to read the page, and how much there is.
fn beginning(sections: &[&Section]) -> String {
    let tools: usize = sections.iter().map(|section| section.book.tools().len()).sum();
    let names: usize = sections.iter().map(|section| section.pack.programs().count()).sum();
    let rules: usize = sections.iter().map(|section| section.book.rules().len()).sum();
    format!(
        "# Packs

What remgate knows before anybody writes a rule. This page is made from `src/packs/*.toml`; after a change there,
`cargo run -q -- rules show --markdown > docs/packs.md` makes it anew, and until then a test fails.

**{} packs, {} programs with {} names, {} rules.**

A section says what its pack knows and does not, and lists its rules:

- **operations**: the words that a command begins with. `a|b` is one of them, `[a]` may be absent; options stand there only where
  the rule asks for them. The words behind, and other options, are left out, so that two rows can show the same; *where* says
  what such a word must be, and *unless* with which options a rule does not speak.
- **effect**, **scope**, **rollback**: the facts, as [decisions](decide.md#facts) explains them; of what is declared the inverse command,
  of what is manual the instruction. With a `+`, the rule looks for its words anywhere in a command and only raises. Facts that
  a rule leaves open are empty.
- **rule**: its name. `remgate rules show PROGRAM` prints it whole.

Every rule that matches contributes, and the most severe fact on each axis holds. A command is known only where some rule without a
`+` accounts for every word of it; anything else needs a human: [rules](rules.md#patterns).

",
        sections.len(),
        thousands(tools),
        thousands(names),
        thousands(rules)
    )
}

/// `12,345`.
fn thousands(number: usize) -> String {
    match (number / 1000, number % 1000) {
        (0, rest) => rest.to_string(),
        (thousands_before, rest) => format!("{},{rest:03}", thousands(thousands_before)),
    }
}

fn whole(section: &Section) -> String {
    let mut text = format!("\n## {}\n\n", section.pack.name);
    for paragraph in head(section.pack) {
        text.push_str(&format!("{paragraph}\n\n"));
    }
    let programs: Vec<String> = section.book.tools().iter().map(program).collect();
    text.push_str(&format!("**Programs:** {}\n\n", prose(&programs.join(", "))));
    text.push_str("| operations | effect | scope | rollback | rule |\n|---|---|---|---|---|\n");
    section.book.rules().iter().for_each(|rule| text.push_str(&row(rule)));
    text
}

/// The comment at the head of a pack as paragraphs: one of its own for each thing that it tells apart.
fn head(pack: &Pack) -> Vec<String> {
    let mut paragraphs: Vec<(&str, Vec<&str>)> = vec![("", Vec::new())];
    for line in pack.head() {
        if line.is_empty() {
            paragraphs.push(("", Vec::new()));
        }
        let mut rest = line;
        while let Some((at, label)) = first_label(rest) {
            let (before, after) = rest.split_at_checked(at).unwrap_or((rest, ""));
            if let Some((_, text)) = paragraphs.last_mut() {
                text.push(before.trim());
            }
            paragraphs.push((label, Vec::new()));
            rest = after.strip_prefix(label).unwrap_or_default();
        }
        if let Some((_, text)) = paragraphs.last_mut() {
            text.push(rest.trim());
        }
    }
    let shown = paragraphs.into_iter().filter_map(|(label, mut lines)| {
        lines.retain(|line| !line.is_empty());
        let text = prose(&lines.join(" "));
        match (label, text.is_empty()) {
            ("", true) => None,
            ("", false) => Some(text),
            (label, _) => Some(format!("**{label}** {text}")),
        }
    });
    shown.collect()
}

/// The first label in a line, where a sentence may begin.
fn first_label(line: &str) -> Option<(usize, &'static str)> {
    let found = LABELS.into_iter().filter_map(|label| {
        let mut places = line.match_indices(label).map(|(at, _)| at);
        let begins =
            |at: &usize| line.get(..*at).is_some_and(|before| before.is_empty() || before.ends_with(' '));
        Some((places.find(begins)?, label))
    });
    found.min()
}

/// `kubectl (k, oc)`.
fn program(tool: &Tool) -> String {
    match tool.aliases.as_slice() {
        [] => tool.name.clone(),
        aliases => format!("{} ({})", tool.name, aliases.join(", ")),
    }
}

fn row(rule: &Rule) -> String {
    let mut operations = operations::cell(rule);
    if !rule.conditions.is_empty() {
        let asked: Vec<String> = rule.conditions.iter().map(asked).collect();
        operations.push_str(&format!("; *where* {}", asked.join("; ")));
    }
    if !rule.exceptions.is_empty() {
        operations.push_str(&format!("; *unless* {}", exceptions(rule)));
    }
    let effects: Vec<&str> = rule.effects.iter().map(|effect| effect.word()).collect();
    let effect = match rule.kind {
        Kind::Match => effects.join(", "),
        Kind::Any => format!("+ {}", effects.join(", ")),
    };
    let reach: Vec<String> = rule
        .scope
        .map(|scope| scope.word().to_owned())
        .into_iter()
        .chain(rule.tier.map(|tier| format!("tier {tier}")))
        .collect();
    let undo = rule.undo.as_ref().map_or_else(String::new, undo);
    let cells = [operations, effect, reach.join(", "), undo, format!("`{}`", rule.id)];
    format!("| {} |\n", cells.each_ref().map(|cell| cell.trim()).join(" | "))
}

/// The options of `unless`. Each exception is a pattern of the rule with one option more.
fn exceptions(rule: &Rule) -> String {
    let own: Vec<&String> =
        rule.patterns.iter().flat_map(|pattern| &pattern.options).map(|o| &o.name).collect();
    let mut names: Vec<&String> = Vec::new();
    for option in rule.exceptions.iter().flat_map(|pattern| &pattern.options) {
        if !own.contains(&&option.name) && !names.contains(&&option.name) {
            names.push(&option.name);
        }
    }
    names.into_iter().map(|name| code(name)).collect::<Vec<_>>().join(", ")
}

/// What one of the words must look like.
const MOST_VALUES: usize = 2;

/// ``kind: `node`, `secret` and 12 more``.
fn asked(condition: &Condition) -> String {
    let key = &condition.key;
    let anything = condition.globs.iter().all(|glob| glob.text() == "*");
    match (anything, condition.but.is_empty()) {
        (_, true) => format!("{key}: {}", some(&condition.globs)),
        (true, false) => format!("{key}: not {}", some(&condition.but)),
        (false, false) => format!("{key}: {}, not {}", some(&condition.globs), some(&condition.but)),
    }
}

fn some(globs: &[Glob]) -> String {
    let value = |glob: &Glob| code(if glob.text().is_empty() { "''" } else { glob.text() });
    let shown: Vec<String> = globs.iter().take(MOST_VALUES).map(value).collect();
    let more = match globs.len().saturating_sub(MOST_VALUES) {
        0 => String::new(),
        more => format!(" and {more} more"),
    };
    format!("{}{more}", shown.join(", "))
}

fn undo(undo: &Undo) -> String {
    match undo {
        Undo::Unneeded | Undo::Impossible => undo.rollback().word().to_owned(),
        Undo::Command(inverse) => code(&typed(inverse)),
        Undo::Instruction(text) => format!("manual: {}", cell(text)),
    }
}

/// A template as it was written.
fn typed(template: &Template) -> String {
    let part = |part: &Part| match part {
        Part::Text(text) => text.clone(),
        Part::Capture(name) => format!("<{name}>"),
    };
    let words = template.words.iter().map(|word| word.iter().map(part).collect::<String>());
    words.collect::<Vec<_>>().join(" ")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::rules::{Examples, Layer, SourceFile, Trust};

    fn rules(text: &str) -> Vec<Rule> {
        let tool = "[[tool]]\nname = 't'\nswitch = ['-f --force', '--help']\nvalue = ['-k --kind']\n";
        let text = format!("{tool}{text}");
        let file = SourceFile { name: "x".to_owned(), text, layer: Layer::User, trust: Trust::Full };
        let mut book = Book::new();
        book.add(&file, Examples::Check).unwrap();
        book.rules().to_vec()
    }

    #[test]
    fn a_row_says_what_the_rule_says() {
        let rules = rules(
            "[[rule]]\nid = 'a.b'\nmatch = 't <x> [-f]'\nwhere = { x = ['a', 'b*', 'c|d', 'e'] }\neffect = ['data', 'routing']\n\
             scope = 'one'\nrollback = 't undo <x>'\nexamples = ['t a']\nnear-misses = ['t x']\n\
             [[rule]]\nid = 'c'\nany = ['t -k <k>', 't -f']\nunless = ['--help']\nscope = 'fleet'\ntier = 'production'\n\
             [[rule]]\nid = 'e'\nany = 't <x>'\nwhere-not = { x = ['a*', 'b'] }\neffect = 'audit'\n\
             [[rule]]\nid = 'f'\nany = 't <x>'\nwhere.x = 'a*'\nwhere-not.x = 'ab'\neffect = 'audit'\n\
             [[rule]]\nid = 'd'\nany = 't x'\neffect = 'audit'\nrollback = 'manual: ask `a|b`, or <c>'\n",
        );
        let rows: Vec<String> = rules.iter().map(row).collect();
        assert_eq!(
            rows.concat(),
            "| `t`; *where* x: `a`, `b*` and 2 more | data, routing | one | `t undo <x>` | `a.b` |\n\
             | `t --kind\\|--force`; *unless* `--help` | + | fleet, tier production |  | `c` |\n\
             | `t`; *where* x: not `a*`, `b` | + audit |  |  | `e` |\n\
             | `t`; *where* x: `a*`, not `ab` | + audit |  |  | `f` |\n\
             | `t x` | + audit |  | manual: ask `a\\|b`, or \\<c\\> | `d` |\n"
        );
    }

    #[test]
    fn numbers_are_grouped() {
        let grouped = [0, 999, 1_000, 12_034, 1_000_000].map(thousands);
        assert_eq!(grouped, ["0", "999", "1,000", "12,034", "1,000,000"]);
    }

    #[test]
    fn a_label_begins_a_paragraph_where_a_sentence_may_begin() {
        assert_eq!(first_label("compose 2. Does not know: what"), Some((11, "Does not know:")));
        assert_eq!(first_label("Knows too: x"), Some((0, "Knows too:")));
        assert_eq!(first_label("Sources: y. Knows: z"), Some((0, "Sources:")));
        assert_eq!(first_label("what it Knows, and unKnows: all"), None);
    }

    #[test]
    fn every_head_is_told_apart() {
        for pack in crate::packs::ALL {
            let head = head(pack);
            let knows = head.iter().filter(|paragraph| paragraph.starts_with("**Knows:** ")).count();
            assert_eq!(knows, 1, "{}: {head:?}", pack.name);
            let untold = |paragraph: &&String| {
                !paragraph.starts_with("**") && LABELS.iter().any(|label| paragraph.contains(label))
            };
            assert_eq!(head.iter().find(untold), None, "{}", pack.name);
        }
    }
}
