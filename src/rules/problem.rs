//! What is wrong with a rule file, as data: a stable code, two places, a way out. Drawing is the report's work.

use std::fmt;
use std::ops::Range;

/// Where a rule file comes from, which decides what it may do.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Layer {
    /// Compiled into the binary.
    BuiltIn,
    /// `/etc/remgate/*.toml`.
    System,
    /// `$XDG_CONFIG_HOME/remgate/*.toml`.
    User,
    /// `.remgate.toml`, nearest upward from the working directory. May only tighten.
    Project,
}

/// Whether a file may loosen: make an unknown command known, or replace a rule.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Trust {
    /// May loosen and tighten.
    Full,
    /// May only tighten: project files, and user files where the system layer says so.
    TightenOnly,
}

/// Whether the examples of a file are held against its rules.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Examples {
    /// They are: whenever a file's text is new.
    Check,
    /// They were, for exactly this text: built-in packs (by the tests) and files in the index of checked files.
    Checked,
}

impl fmt::Display for Layer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(match self {
            Layer::BuiltIn => "built-in",
            Layer::System => "system",
            Layer::User => "user",
            Layer::Project => "project",
        })
    }
}

/// One rule file as read: the bytes that were checked are the bytes that are used.
#[derive(Clone, Debug)]
pub struct SourceFile {
    /// What to call it in messages: a path, or `kubectl.toml (built-in)`.
    pub name: String,
    /// Its whole text.
    pub text: String,
    /// Where it comes from.
    pub layer: Layer,
    /// What it may do.
    pub trust: Trust,
}

/// Stable codes, so that people can search for them. Documented in `docs/rules.md`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Code {
    /// The file is not TOML.
    Syntax,
    /// A value has the wrong type, or a required field is missing.
    Shape,
    /// A field or table that the language does not have.
    UnknownField,
    /// A word that is not one of a closed set (effect, scope, ...).
    UnknownWord,
    /// A pattern that cannot be read.
    Pattern,
    /// A pattern or entry names an option that the tool entry does not have.
    UnknownOption,
    /// A rule names a program that no tool entry describes.
    UnknownTool,
    /// Two entries claim the same name, id or option.
    Twice,
    /// An example that the rule does not match.
    Example,
    /// A near-miss that the rule does match.
    NearMiss,
    /// A rollback, `where` or `probe` names something the pattern does not capture.
    Capture,
    /// `replaces` names a rule that does not exist.
    Replaces,
    /// The file tries to loosen and may not.
    MayNotLoosen,
    /// The decision table has a cell without a verdict.
    NotTotal,
    /// A worse fact gets a kinder verdict.
    NotMonotone,
    /// Worth a look, and no reason to refuse the file.
    Advice,
}

impl Code {
    /// The code as printed, e.g. `R104`.
    #[must_use]
    pub fn id(self) -> &'static str {
        match self {
            Code::Syntax => "R100",
            Code::Shape => "R101",
            Code::UnknownField => "R102",
            Code::UnknownWord => "R103",
            Code::Pattern => "R104",
            Code::UnknownOption => "R105",
            Code::UnknownTool => "R106",
            Code::Twice => "R107",
            Code::Example => "R108",
            Code::NearMiss => "R109",
            Code::Capture => "R110",
            Code::Replaces => "R111",
            Code::MayNotLoosen => "R112",
            Code::NotTotal => "R120",
            Code::NotMonotone => "R121",
            Code::Advice => "R200",
        }
    }

    /// Whether a file with this problem may not be used.
    #[must_use]
    pub fn refuses(self) -> bool {
        self != Code::Advice
    }
}

/// One problem of one file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Problem {
    /// The stable code.
    pub code: Code,
    /// What is wrong, in one line: lower case, no full stop.
    pub text: String,
    /// Byte range in the file's text, and what to say under its carets.
    pub at: (Range<usize>, String),
    /// The other place that disagrees, in the same file.
    pub also: Option<(Range<usize>, String)>,
    /// What to do.
    pub help: Option<String>,
}

impl Problem {
    /// A problem at one place.
    pub fn new(code: Code, text: impl Into<String>, at: Range<usize>, label: impl Into<String>) -> Self {
        Self { code, text: text.into(), at: (at, label.into()), also: None, help: None }
    }

    /// Names the other place that disagrees.
    #[must_use]
    pub fn also(mut self, at: Range<usize>, label: impl Into<String>) -> Self {
        self.also = Some((at, label.into()));
        self
    }

    /// Says what to do.
    #[must_use]
    pub fn help(mut self, help: impl Into<String>) -> Self {
        self.help = Some(help.into());
        self
    }
}

/// The word of `known` that was probably meant by `typed`.
#[must_use]
pub fn nearest<'a>(typed: &str, known: impl IntoIterator<Item = &'a str>) -> Option<&'a str> {
    known
        .into_iter()
        .map(|word| (strsim::damerau_levenshtein(typed, word), word))
        .filter(|(distance, word)| *distance <= 1.max(word.len() / 3))
        .min()
        .map(|(_, word)| word)
}
