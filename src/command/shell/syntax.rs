//! The tree of a shell text, named after the grammar of POSIX.1-2017, 2.10.
//!
//! In: nothing. Out: the types between `grammar.rs`, which makes them, and `unfold/`, which walks them. Never: a value -
//! a word here is still as typed, cut into its parts.

use std::borrow::Cow;
use std::ops::Range;

/// `list`: commands one after another.
pub(super) type List<'t> = Vec<Node<'t>>;

/// One command of a list, or several that belong together.
#[derive(Debug)]
pub(super) enum Node<'t> {
    Simple(SimpleCommand<'t>),
    /// `a | b`: each runs in a shell of its own, all but the first are fed by the one before.
    Pipeline(Vec<Node<'t>>),
    /// `a && b || c`: all but the first may be left out.
    AndOr(Vec<Node<'t>>),
    Background(Box<Node<'t>>),
    Subshell(List<'t>, Vec<Redirect<'t>>),
    /// `{ ...; }`
    Group(List<'t>, Vec<Redirect<'t>>),
    /// `if`: conditions and branches in the order of the text.
    If(Vec<List<'t>>, Vec<Redirect<'t>>),
    While(While<'t>),
    For(For<'t>),
    Case(Word<'t>, Vec<Arm<'t>>, Vec<Redirect<'t>>),
    /// `[[ ... ]]`: its words in order; operators are words too.
    Test(Vec<Word<'t>>, Vec<Redirect<'t>>),
    /// `NAME() BODY`
    Function(Box<Node<'t>>, Range<usize>),
    /// `(( ... ))`
    Arithmetic(Range<usize>, Vec<Redirect<'t>>),
}

/// `while`, `until`
#[derive(Debug)]
pub(super) struct While<'t> {
    pub(super) condition: List<'t>,
    pub(super) body: List<'t>,
    pub(super) redirects: Vec<Redirect<'t>>,
    pub(super) span: Range<usize>,
}

/// `for NAME in WORDS; do BODY; done`; `for ((...))` has no name.
#[derive(Debug)]
pub(super) struct For<'t> {
    pub(super) name: &'t [u8],
    /// `None` for `for x; do`, which goes through `"$@"`, and for arithmetic.
    pub(super) words: Option<Vec<Word<'t>>>,
    pub(super) body: List<'t>,
    pub(super) redirects: Vec<Redirect<'t>>,
    pub(super) span: Range<usize>,
}

/// `PATTERN | PATTERN) LIST ;;`
#[derive(Debug)]
pub(super) struct Arm<'t> {
    pub(super) patterns: Vec<Word<'t>>,
    pub(super) body: List<'t>,
}

/// `simple_command`
#[derive(Debug)]
pub(super) struct SimpleCommand<'t> {
    pub(super) assignments: Vec<Assignment<'t>>,
    pub(super) words: Vec<Word<'t>>,
    pub(super) redirects: Vec<Redirect<'t>>,
    pub(super) span: Range<usize>,
}

/// `NAME=VALUE`, `NAME+=VALUE`, `NAME=(...)`
#[derive(Debug)]
pub(super) struct Assignment<'t> {
    pub(super) name: &'t [u8],
    pub(super) value: Value<'t>,
}

/// What a variable is set to.
#[derive(Debug)]
pub(super) enum Value<'t> {
    Scalar(Word<'t>),
    /// An array, one of its elements, or more text behind the old: the value is not followed, its parts are.
    Other(Vec<Word<'t>>),
}

/// `io_redirect`
#[derive(Debug)]
pub(super) struct Redirect<'t> {
    pub(super) operator: RedirectOperator,
    pub(super) onto: Onto,
    pub(super) target: Word<'t>,
}

/// Which descriptor it changes: `sh 3<<EOF` reads its commands from somewhere else than the here-document.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Onto {
    Stdin,
    Other,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum RedirectOperator {
    /// `<`
    Less,
    /// `>`, `>|`, `<>`, `&>`
    Great,
    /// `>>`, `&>>`
    DoubleGreat,
    /// `<<`, `<<-`: the body is in the arena of documents at this place.
    Document(usize),
    /// `<<<`
    HereString,
    /// `2>&1`, `<&3`, `>&-`: no file.
    Duplicate,
}

/// The body of a here-document: parts as between double quotes, or one quoted text.
pub(super) type Document<'t> = Word<'t>;

/// One word as typed.
#[derive(Debug)]
pub(super) struct Word<'t> {
    pub(super) parts: Vec<Part<'t>>,
    pub(super) span: Range<usize>,
}

/// Whether quotes stand around a part: then nothing is split, and no pattern, brace or tilde is read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Quoting {
    Bare,
    Quoted,
}

#[derive(Debug)]
pub(super) enum Part<'t> {
    Text(Cow<'t, [u8]>, Quoting),
    /// `$x`, `${x}`
    Parameter(&'t [u8], Quoting),
    /// Any other expansion: its value is known only to the run. What stands inside of it is kept, because it runs.
    Expansion(Expansion<'t>, Quoting),
}

#[derive(Debug)]
pub(super) enum Expansion<'t> {
    /// `$( )`, backquotes, `<( )`, `>( )`
    Command(List<'t>, Form),
    /// `$(( ))`
    Arithmetic,
    /// `${x:-word}` and its like.
    Parameter(Modified<'t>),
    /// `$?`, `$#`, `$$`: a number.
    Number,
    /// `$@`, `${a[@]}`: as many words as it likes, also between quotes.
    Many,
    /// `$!`, `$*`, `$1`, `$-`: one value.
    One,
}

/// How a substitution shows in the word.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Form {
    /// Its output.
    Output,
    /// `/dev/fd/63`
    Path,
}

/// `${NAME operator word}`
#[derive(Debug)]
pub(super) struct Modified<'t> {
    pub(super) inside: Vec<Part<'t>>,
    /// `${a[@]...}`
    pub(super) many: bool,
}

/// An arithmetic expression: bash evaluates the value of every name in it as an expression again, so
/// `x='a[$(rm -rf /)]'; echo $((x))` would run rm. Every name must therefore be known to hold a number.
#[derive(Debug)]
pub(super) struct Arithmetic<'t> {
    pub(super) names: Vec<&'t [u8]>,
    pub(super) offset: usize,
}

/// A place in the text where a variable gets a value.
#[derive(Debug)]
pub(super) struct Assigned<'t> {
    pub(super) offset: usize,
    pub(super) name: &'t [u8],
    pub(super) to: To,
    pub(super) by: By,
}

/// What sets a variable.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum By {
    /// `NAME=value`
    Assignment,
    /// `for NAME`
    Loop,
    /// `${NAME:=value}`, `$((NAME++))`
    Expansion,
    /// `read NAME`
    Builtin,
    /// No variable: the name of such a builtin itself, which may also change directories or what is exported.
    Called,
}

/// What a variable is set to, as far as arithmetic cares.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum To {
    Number,
    Anything,
}
