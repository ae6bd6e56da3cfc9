//! Proves `[[tool]]` entries, and adds to one what a later layer may add.

use super::entries::Entry;
use super::problem::{Code, Problem, nearest};
use super::proof::{Findings, each};
use super::raw::{RawSubcommand, RawTool, Spanned, Text, Texts};
use crate::command::{Influence, influence};
use crate::content::sql::Dialect;
use crate::tools::{
    Arity, Complete, Disclosure, Globals, Operations, OptionSpec, OptionsEnd, Role, Style, Subcommand, Tool,
};
use std::collections::HashMap;
use std::ffi::OsStr;
use std::ops::Range;

/// The option lists of one table, as typed.
struct Lists<'a> {
    switch: &'a Texts,
    optional: &'a Texts,
    value: &'a Texts,
    neutral: &'a Texts,
    target: &'a Texts,
    secret: &'a Texts,
}

/// Proves a tool entry.
pub(crate) fn tool(entry: &Entry<RawTool>, findings: &mut Findings<'_>) -> Tool {
    let raw = &entry.raw;
    let lists = Lists {
        switch: &raw.switch,
        optional: &raw.optional,
        value: &raw.value,
        neutral: &raw.neutral,
        target: &raw.target,
        secret: &raw.secret,
    };
    let dialects: Vec<&str> = Dialect::ALL.iter().map(|(word, _)| *word).collect();
    let styles: Vec<&str> = Style::ALL.iter().map(|(word, _)| *word).collect();
    let style = |word: &str| Style::ALL.iter().find(|(known, _)| *known == word).map(|(_, style)| *style);
    let globals = |word: &str| match word {
        "anywhere" => Some(Globals::Anywhere),
        "before" => Some(Globals::Before),
        _ => None,
    };
    let options = specs(&lists, &[], findings);
    let globals = word(raw.globals.as_ref(), "place for options", globals, &["anywhere", "before"], findings)
        .unwrap_or(Globals::Anywhere);
    // `git -p` is a switch and `git apply -p N` takes a value: what stands behind the operation is another option.
    let visible = match globals {
        Globals::Anywhere => options.as_slice(),
        Globals::Before => &[],
    };
    let subcommands = raw.subcommand.iter().map(|sub| subcommand(sub, visible, raw, findings)).collect();
    Tool {
        name: raw.name.get_ref().clone(),
        aliases: raw.aliases.iter().map(|alias| alias.get_ref().clone()).collect(),
        operation: raw.operation.as_ref().map_or(0, |count| usize::from(*count.get_ref())),
        style: word(raw.style.as_ref(), "style", style, &styles, findings).unwrap_or(Style::Gnu),
        globals,
        operations: operations(raw, findings),
        options,
        complete: complete(raw.complete),
        subcommands,
        variables: variables(&raw.variables, findings),
        ambient: raw.ambient.as_ref().map(|kind| kind.get_ref().clone()),
        dialect: word(raw.dialect.as_ref(), "dialect", Dialect::from_word, &dialects, findings),
    }
}

fn operations(raw: &RawTool, findings: &mut Findings<'_>) -> Operations {
    let read = |word: &str| (word == "listed").then_some(Operations::Listed);
    let listed = word(raw.operations.as_ref(), "word for `operations`", read, &["listed"], findings);
    listed.unwrap_or(Operations::Open)
}

/// Variables that change no fact. One that is known to change what programs do is a mistake.
fn variables(texts: &Texts, findings: &mut Findings<'_>) -> Vec<String> {
    for text in texts {
        let known = influence(OsStr::new(text.get_ref()));
        if known == Influence::Code || known == Influence::Place {
            let why = format!("`{}` does change what programs do, or where", text.get_ref());
            findings.push(Problem::new(Code::Shape, why, text.span(), "not without effect"));
        }
    }
    texts.iter().map(|text| text.get_ref().clone()).collect()
}

fn complete(says: bool) -> Complete {
    if says { Complete::Yes } else { Complete::No }
}

fn word<T>(
    text: Option<&Text>,
    what: &str,
    read: impl Fn(&str) -> Option<T>,
    known: &[&str],
    findings: &mut Findings<'_>,
) -> Option<T> {
    text.and_then(|text| findings.word(text.get_ref(), text.span(), what, read, known))
}

fn subcommand(
    raw: &Spanned<RawSubcommand>,
    globals: &[OptionSpec],
    tool: &RawTool,
    findings: &mut Findings<'_>,
) -> Subcommand {
    let inner = raw.get_ref();
    let lists = Lists {
        switch: &inner.switch,
        optional: &inner.optional,
        value: &inner.value,
        neutral: &inner.neutral,
        target: &inner.target,
        secret: &inner.secret,
    };
    let most = tool.operation.as_ref().map_or(0, |count| usize::from(*count.get_ref()));
    let mut names = Vec::new();
    for (name, at) in each(&inner.name) {
        let words: Vec<String> = name.split_ascii_whitespace().map(str::to_owned).collect();
        if words.is_empty() || words.len() > most {
            let text =
                format!("`{name}` has {} words; `operation` of this tool says at most {most}", words.len());
            findings.push(
                Problem::new(Code::Shape, text, at, "too long").help("raise `operation` in the tool entry"),
            );
        }
        names.push(words);
    }
    let ends = |word: &str| match word {
        "operand" => Some(OptionsEnd::AtOperand),
        _ => None,
    };
    let options_end = word(inner.options_end.as_ref(), "end of options", ends, &["operand"], findings);
    Subcommand {
        names,
        options_end: options_end.unwrap_or(OptionsEnd::AsStyle),
        options: specs(&lists, globals, findings),
        complete: complete(inner.complete),
    }
}

/// An option spec under proof, with the place where it was typed.
struct Draft {
    spec: OptionSpec,
    at: Range<usize>,
}

/// The option specs of one table under proof, and which of them have a name. Some tools have thousands of options.
#[derive(Default)]
struct Drafts<'a> {
    all: Vec<Draft>,
    having: HashMap<&'a str, Vec<usize>>,
}

/// Builds the option table. `globals` are the tool's own options, which a subcommand's lists may refer to.
fn specs<'a>(lists: &Lists<'a>, globals: &'a [OptionSpec], findings: &mut Findings<'_>) -> Vec<OptionSpec> {
    let mut drafts = Drafts::default();
    for (arity, texts) in
        [(Arity::Switch, lists.switch), (Arity::Optional, lists.optional), (Arity::Value, lists.value)]
    {
        for text in texts {
            drafts.declare(text, arity, Role::Plain, findings);
        }
    }
    for text in lists.neutral {
        // The form of the design: an option that is only `neutral` takes a value.
        match drafts.refer(text, globals) {
            Some(draft) => draft.spec.role = Role::Neutral,
            None => drafts.declare(text, Arity::Value, Role::Neutral, findings),
        }
    }
    for text in lists.target {
        match drafts.refer(text, globals) {
            Some(draft) => draft.spec.role = Role::Target,
            None => drafts.undeclared(text, findings),
        }
    }
    for text in lists.secret {
        match drafts.refer(text, globals) {
            Some(draft) => draft.spec.disclosure = Disclosure::Secret,
            None => drafts.undeclared(text, findings),
        }
    }
    drafts.all.into_iter().map(|draft| draft.spec).collect()
}

impl<'a> Drafts<'a> {
    fn push(&mut self, draft: Draft, names: impl Iterator<Item = &'a str>) {
        for name in names {
            self.having.entry(name).or_default().push(self.all.len());
        }
        self.all.push(draft);
    }

    fn declare(&mut self, text: &'a Text, arity: Arity, role: Role, findings: &mut Findings<'_>) {
        let names = || text.get_ref().split_ascii_whitespace();
        if names().next().is_none() {
            findings.push(Problem::new(Code::Shape, "an option without a name", text.span(), ""));
            return;
        }
        let first = names().filter_map(|name| self.having.get(name)?.first()).min();
        if let Some(other) = first.and_then(|first| self.all.get(*first)) {
            let text_of = format!("the option `{}` is declared twice", other.spec.canonical());
            findings.push(
                Problem::new(Code::Twice, text_of, text.span(), "again here")
                    .also(other.at.clone(), "first here"),
            );
            return;
        }
        let spec = OptionSpec {
            names: names().map(str::to_owned).collect(),
            arity,
            role,
            disclosure: Disclosure::Open,
        };
        self.push(Draft { spec, at: text.span() }, names());
    }

    /// The draft that `text` names, by any of its names; a global option is copied so that the subcommand can change
    /// it.
    fn refer(&mut self, text: &Text, globals: &'a [OptionSpec]) -> Option<&mut Draft> {
        let named = |spec: &OptionSpec| {
            text.get_ref().split_ascii_whitespace().all(|name| spec.names.iter().any(|n| n == name))
        };
        let name = text.get_ref().split_ascii_whitespace().next()?;
        let known = self.having.get(name).into_iter().flatten();
        let known = known.copied().find(|at| self.all.get(*at).is_some_and(|draft| named(&draft.spec)));
        if let Some(at) = known {
            return self.all.get_mut(at);
        }
        let global = globals.iter().find(|spec| named(spec))?;
        let draft = Draft { spec: global.clone(), at: text.span() };
        self.push(draft, global.names.iter().map(String::as_str));
        self.all.last_mut()
    }

    fn undeclared(&self, text: &Text, findings: &mut Findings<'_>) {
        let name = text.get_ref();
        let problem =
            Problem::new(Code::UnknownOption, format!("no option `{name}` is declared"), text.span(), "");
        let known = self.all.iter().flat_map(|draft| draft.spec.names.iter().map(String::as_str));
        findings.push(match nearest(name, known) {
            Some(near) => problem.help(format!("did you mean `{near}`?")),
            None => problem.help("list it in `value`, `switch` or `optional` too"),
        });
    }
}

/// Adds `more` to the entry `tool` of an earlier layer: new options and subcommands, nothing that changes how a word
/// was read before. Returns what it may not change.
///
/// Rules of earlier layers stand on how their commands are read. An entry that made `--rec` an option of its own
/// would take `rm --rec x` away from the rule about `--recursive`, without naming any rule in `replaces`.
pub(crate) fn extend(tool: &mut Tool, more: Tool) -> Vec<String> {
    let mut refused = Vec::new();
    if (more.style, more.globals) != (tool.style, tool.globals)
        && (more.style, more.globals) != (Style::Gnu, Globals::Anywhere)
    {
        refused.push("how the tool reads options is already described".to_owned());
    }
    if let (Some(known), Some(kind)) = (&tool.ambient, &more.ambient)
        && known != kind
    {
        refused.push(format!("its ambient target is already `{known}`"));
    }
    if more.dialect.is_some() && more.dialect != tool.dialect {
        // Another one would cut the same text into other statements.
        refused.push("whose SQL it takes is already described".to_owned());
    }
    if more.operation > tool.operation && matches!(tool.style, Style::Posix | Style::Go) {
        // Options end behind so many operands.
        refused.push(format!("at most {} words name its operation", tool.operation));
    }
    if !tool.answers_to(&more.name) {
        refused.push(format!("one of its names is an alias of `{}` here", more.name));
    }
    let known = tool.clone();
    add(&mut tool.options, more.options, &known, &mut refused);
    for sub in more.subcommands {
        for name in &sub.names {
            subcommand_of(tool, name, &sub, &known, &mut refused);
        }
    }
    tool.aliases.extend(more.aliases);
    tool.variables.extend(more.variables);
    tool.operation = tool.operation.max(more.operation);
    refused
}

/// Adds the options of one operation, each of a list of names on its own: `name = ["logs", "new"]` may name one
/// that is known and one that is not.
fn subcommand_of(
    tool: &mut Tool,
    name: &[String],
    sub: &Subcommand,
    known: &Tool,
    refused: &mut Vec<String>,
) {
    let own: Vec<OptionSpec> = sub.options.iter().map(|spec| as_global(spec, known, refused)).collect();
    if let Some(same) = tool.subcommands.iter_mut().find(|other| other.names.iter().any(|n| n == name)) {
        add(&mut same.options, own, known, refused);
        return;
    }
    let words: Vec<&str> = name.iter().map(String::as_str).collect();
    if let Some((_, shorter)) = known.subcommand(&words) {
        // The longest name counts, so the options of the shorter one would be forgotten.
        let shorter = shorter.names.iter().map(|words| words.join(" ")).collect::<Vec<_>>().join(", ");
        refused.push(format!("the options of `{}` are described with `{shorter}`", name.join(" ")));
        return;
    }
    if sub.options_end == OptionsEnd::AtOperand && known.globals == Globals::Anywhere {
        // Behind the first operand `--all-namespaces` would become a mere word.
        refused.push(format!("options may follow the operands of `{}`", name.join(" ")));
        return;
    }
    let mut options = Vec::new();
    add(&mut options, own, known, refused);
    tool.subcommands.push(Subcommand {
        names: vec![name.to_vec()],
        options_end: sub.options_end,
        options,
        complete: Complete::No,
    });
}

/// An option of a subcommand that shadows one of the tool's own stays what it was, under all its names.
fn as_global(spec: &OptionSpec, known: &Tool, refused: &mut Vec<String>) -> OptionSpec {
    let global = known.options.iter().find(|global| global.names.iter().any(|n| spec.names.contains(n)));
    let Some(global) = global.filter(|_| known.globals == Globals::Anywhere) else { return spec.clone() };
    if !says_again(global, spec) {
        refused.push(format!("the option `{}` is already described otherwise", global.canonical()));
    }
    OptionSpec { disclosure: disclosure(global, spec), ..global.clone() }
}

/// Saying again what is known is harmless; a secret may be added, nothing else may change.
fn says_again(known: &OptionSpec, spec: &OptionSpec) -> bool {
    known.arity == spec.arity && (known.role == spec.role || spec.role == Role::Plain)
}

fn disclosure(known: &OptionSpec, spec: &OptionSpec) -> Disclosure {
    match (known.disclosure, spec.disclosure) {
        (Disclosure::Open, Disclosure::Open) => Disclosure::Open,
        (Disclosure::Secret, _) | (_, Disclosure::Secret) => Disclosure::Secret,
    }
}

fn add(options: &mut Vec<OptionSpec>, more: Vec<OptionSpec>, tool: &Tool, refused: &mut Vec<String>) {
    for spec in more {
        match options.iter_mut().find(|known| known.names.iter().any(|name| spec.names.contains(name))) {
            Some(known) if says_again(known, &spec) => known.disclosure = disclosure(known, &spec),
            Some(known) => {
                refused.push(format!("the option `{}` is already described otherwise", known.canonical()))
            }
            None => match spec.names.iter().find_map(|name| Some((name, taken(tool, options, name)?))) {
                Some((name, by)) => refused.push(format!("`{name}` is already read as `{by}`")),
                None => options.push(spec),
            },
        }
    }
}

/// What the new name `name` meant before, where it was no name of its own: an abbreviation, joined short options, a
/// number, or the same letters with another count of dashes.
fn taken(tool: &Tool, options: &[OptionSpec], name: &str) -> Option<String> {
    let specs = tool.subcommands.iter().flat_map(|sub| &sub.options).chain(&tool.options).chain(options);
    let mut names = specs.flat_map(|spec| &spec.names);
    let letters = name.strip_prefix('-').filter(|rest| rest.len() > 1 && !rest.starts_with('-'));
    let first = letters.and_then(|letters| letters.chars().next());
    let before = |known: &&String| {
        if *known == name {
            return false; // an option of another operation, or a global that this one repeats
        }
        match tool.style {
            Style::Go => known.trim_start_matches('-') == name.trim_start_matches('-'),
            Style::Keys | Style::Words => false,
            Style::Gnu | Style::Posix if name.starts_with("--") => known.starts_with(name),
            Style::Gnu | Style::Posix | Style::Pflag => match (first, name) {
                (Some(_), "-NUM") => known.strip_prefix('-').is_some_and(|n| n.parse::<u32>().is_ok()),
                (Some(first), _) => {
                    known.strip_prefix('-').is_some_and(|n| n.chars().eq([first]))
                        || (*known == "-NUM" && first.is_ascii_digit())
                }
                (None, _) => false,
            },
        }
    };
    names.find(before).cloned()
}

#[cfg(test)]
mod tests {
    use crate::rules::{Book, Examples, Layer, SourceFile, Trust};
    use crate::tools::Arity;

    /// With the global's arity, `apply -p 1` would be a switch and an operand, and `apply -p rm` would hide a word.
    #[test]
    fn an_option_behind_the_operation_does_not_take_after_a_global_that_stands_only_before() {
        for (globals, arity) in [("before", Arity::Value), ("anywhere", Arity::Switch)] {
            let text = format!(
                "[[tool]]\nname = 'made-up'\noperation = 1\nglobals = '{globals}'\nswitch = ['-p --paginate']\n\
                 [[tool.subcommand]]\nname = 'apply'\nneutral = ['-p']\n"
            );
            let (layer, trust) = (Layer::BuiltIn, Trust::Full);
            let file = SourceFile { name: "made-up.toml".to_owned(), text, layer, trust };
            let mut book = Book::new();
            book.add(&file, Examples::Check).unwrap();
            let tool = book.tool("made-up").unwrap();
            assert_eq!(tool.option(&["apply"], "-p").unwrap().arity, arity, "{globals}");
        }
    }
}
