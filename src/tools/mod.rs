//! How one program reads its argv: a proven tool entry, and the reading of one command by it.
//!
//! In: a [`Tool`] (made by the rules room from a `[[tool]]` entry) and the words of a command. Out: a [`Reading`]:
//! operands, options by canonical name, and what could not be read. Never: an option whose arity is guessed.

mod reading;

pub use reading::{Given, Operand, Reading, Unknown, Whole};

use crate::content::sql::Dialect;

/// Whether an option takes a value.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Arity {
    /// Never: `--force`.
    Switch,
    /// Always, joined or as the next word: `-n shop`, `--namespace=shop`.
    Value,
    /// Only joined: `--color`, `--color=always`.
    Optional,
}

/// What an option means to rules.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Role {
    /// A rule must name it.
    Plain,
    /// Never changes a fact; every rule allows it.
    Neutral,
    /// Says where the command acts; every rule allows it, a rollback carries it along.
    Target,
}

/// Whether an option's value may be shown and stored.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Disclosure {
    /// It may.
    Open,
    /// It is a password, token or key.
    Secret,
}

/// One option with all its names.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct OptionSpec {
    /// Every name as typed: `-n`, `--namespace`. Never empty.
    pub names: Vec<String>,
    /// Whether it takes a value.
    pub arity: Arity,
    /// What it means to rules.
    pub role: Role,
    /// Whether its value is a secret.
    pub disclosure: Disclosure,
}

impl OptionSpec {
    /// The name that rules and screens use: the first long one, else the first.
    #[must_use]
    pub fn canonical(&self) -> &str {
        let long = self.names.iter().find(|name| name.starts_with("--"));
        long.or(self.names.first()).map_or("", String::as_str)
    }

    /// The canonical name without dashes, as `where` and ambient readings use it.
    #[must_use]
    pub fn key(&self) -> &str {
        self.canonical().trim_start_matches('-')
    }
}

/// How a family of programs reads options. Each style names the parser that defines it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Style {
    /// getopt_long(3): `-abc`, `-nVALUE`, `--name=VALUE`, unique prefixes of long names; options may follow operands.
    Gnu,
    /// getopt(3) as POSIX wants it: as `gnu`, but the first operand ends the options.
    Posix,
    /// Cobra's pflag: as `gnu`, but no prefixes, `-n=VALUE` means VALUE, and a switch may say `=true`.
    Pflag,
    /// Go's flag package: `-name` and `--name` are the same, nothing is joined, the first operand ends the options.
    Go,
    /// dd(1): options are `name=value` words without dashes.
    Keys,
    /// echo(1), test(1), expr(1): every word is an operand, whatever it looks like.
    Words,
}

impl Style {
    /// Every style with its word.
    pub const ALL: [(&'static str, Style); 6] = [
        ("gnu", Style::Gnu),
        ("posix", Style::Posix),
        ("pflag", Style::Pflag),
        ("go", Style::Go),
        ("keys", Style::Keys),
        ("words", Style::Words),
    ];

    fn prefixes(self) -> bool {
        matches!(self, Style::Gnu | Style::Posix)
    }

    fn bundles(self) -> bool {
        matches!(self, Style::Gnu | Style::Posix | Style::Pflag)
    }

    fn switch_values(self) -> bool {
        matches!(self, Style::Pflag | Style::Go)
    }

    fn operand_ends_options(self) -> bool {
        matches!(self, Style::Posix | Style::Go)
    }
}

/// Where the options of the tool itself (not of a subcommand) may stand.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Globals {
    /// Anywhere: kubectl, systemctl.
    Anywhere,
    /// Only before the operation; behind it the same letters mean something else: git, docker, terraform.
    Before,
}

/// Whether options may follow operands of a subcommand.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum OptionsEnd {
    /// As the tool's style says.
    AsStyle,
    /// The first operand ends them: what follows belongs to another program (`docker run IMAGE ls -l`).
    AtOperand,
}

/// Whether the entry lists every operation that the program has.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Operations {
    /// It may have others.
    Open,
    /// It refuses any other, unless a program `TOOL-OPERATION` (a plugin) is installed.
    Listed,
}

/// Whether a table lists every option that the program has.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Complete {
    /// It may have others.
    No,
    /// It has no others, and operands only ever add to what it does.
    Yes,
}

/// The options of one or several operations.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Subcommand {
    /// The operations, each as its words: `["rollout", "restart"]`.
    pub names: Vec<Vec<String>>,
    /// Where their options end.
    pub options_end: OptionsEnd,
    /// Their options; they shadow the tool's own.
    pub options: Vec<OptionSpec>,
    /// Whether these and the tool's own are all there are.
    pub complete: Complete,
}

/// The options that may stand behind one operation: its own first, then the tool's.
#[derive(Clone, Copy, Debug)]
pub struct Behind<'a> {
    own: &'a [OptionSpec],
    tool: &'a [OptionSpec],
}

impl<'a> Behind<'a> {
    /// The option that `name` means, exactly.
    #[must_use]
    pub fn option(&self, name: &str) -> Option<&'a OptionSpec> {
        self.own.iter().chain(self.tool).find(|spec| spec.names.iter().any(|known| known == name))
    }

    /// Every name of every option.
    pub fn names(&self) -> impl Iterator<Item = &'a str> + use<'a> {
        self.own.iter().chain(self.tool).flat_map(|spec| spec.names.iter().map(String::as_str))
    }
}

/// A proven `[[tool]]` entry.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Tool {
    /// The program's name.
    pub name: String,
    /// Other names of the same program.
    pub aliases: Vec<String>,
    /// At most this many leading words name the operation.
    pub operation: usize,
    /// How it reads options.
    pub style: Style,
    /// Where its own options may stand.
    pub globals: Globals,
    /// Whether every operation is listed.
    pub operations: Operations,
    /// Options of every operation.
    pub options: Vec<OptionSpec>,
    /// Whether these are all there are, behind operations without a table of their own.
    pub complete: Complete,
    /// Options of some operations.
    pub subcommands: Vec<Subcommand>,
    /// Environment variables that it reads and that never change a fact.
    pub variables: Vec<String>,
    /// The kind of ambient target it acts on when the command line does not say.
    pub ambient: Option<String>,
    /// Whose SQL its `:sql` captures hold.
    pub dialect: Option<Dialect>,
}

impl Tool {
    /// Whether `program` is this tool.
    #[must_use]
    pub fn answers_to(&self, program: &str) -> bool {
        self.name == program || self.aliases.iter().any(|alias| alias == program)
    }

    /// The option that `name` (exactly) means behind the operation `words`, for the rules room.
    #[must_use]
    pub fn option(&self, words: &[&str], name: &str) -> Option<&OptionSpec> {
        self.behind(words).option(name)
    }

    /// Whether `word` begins an operation that the entry lists.
    #[must_use]
    pub fn lists_operation(&self, word: &str) -> bool {
        let listed = self.subcommands.iter().flat_map(|sub| &sub.names);
        listed.filter_map(|name| name.first()).any(|name| name == word)
    }

    /// The options that may stand behind the operation `words`.
    #[must_use]
    pub fn behind(&self, words: &[&str]) -> Behind<'_> {
        let own = self.subcommand(words).map(|(_, sub)| sub.options.as_slice()).unwrap_or_default();
        Behind { own, tool: &self.options }
    }

    /// The subcommand whose name is the longest prefix of `words`.
    #[must_use]
    pub fn subcommand(&self, words: &[&str]) -> Option<(usize, &Subcommand)> {
        let fits = |name: &Vec<String>| {
            name.len() <= words.len() && name.iter().zip(words).all(|(known, typed)| known == typed)
        };
        let candidates =
            self.subcommands.iter().flat_map(|sub| sub.names.iter().map(move |name| (name, sub)));
        candidates
            .filter(|(name, _)| fits(name))
            .max_by_key(|(name, _)| name.len())
            .map(|(name, sub)| (name.len(), sub))
    }
}
