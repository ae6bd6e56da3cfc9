//! Commands inside commands: parsed texts, wrappers taken off, texts inside wrappers parsed again.
//!
//! In: an [`Action`]. Out: every command in it. Never: more than [`COMMANDS`] of them, or deeper than [`DEPTH`].

use super::shell::{self, Dialect, Known, Others, Simple};
use super::wrapper::{self, HandedOn, Inside, Itself, Step, Unwrapped};
use super::{Action, Command, EnvironmentEdit, Opaque, SearchPath, Stdin, TakenOff, Waiting, Words};
use std::collections::BTreeMap;
use std::ffi::{OsStr, OsString};
use std::ops::Range;
use std::os::unix::ffi::OsStrExt;
use std::path::PathBuf;

/// How many wrappers and texts may stand around one command. People use three; more is an attack on the reader.
const DEPTH: usize = 24;
/// How many commands one action may have. Beyond that nobody reads what they agree to.
const COMMANDS: usize = 2_000;

/// What reading depends on besides the action itself.
#[derive(Clone, Copy, Debug)]
pub struct Caller<'c> {
    /// Where programs come from.
    pub search: &'c SearchPath,
    /// The environment of the shell that reads the action.
    pub variables: &'c BTreeMap<OsString, OsString>,
}

impl Caller<'_> {
    /// The variables of the shell that the gate starts: all that there are.
    #[must_use]
    pub fn known(&self) -> Known<'_> {
        Known { variables: self.variables, others: Others::Unset }
    }
}

/// Reads an action into its commands; never none.
#[must_use]
pub fn read(action: &Action, caller: &Caller<'_>) -> Vec<Command> {
    let mut reader = Reader { caller, found: Vec::new() };
    match action {
        Action::Argv(argv) => reader.command(Context::outermost(None), argv.clone().into()),
        Action::Shell(shell) => reader.outermost(&shell.text),
    }
    if reader.found.is_empty() {
        // A comment, `x=1`: nothing is started.
        let span = match action {
            Action::Argv(_) => None,
            Action::Shell(shell) => Some(0..shell.text.len()),
        };
        reader.found.push(Context::outermost(span).command(Words::default(), None));
    }
    reader.found
}

/// What stands around a command.
#[derive(Clone)]
struct Context {
    wrappers: Vec<TakenOff>,
    environment: Vec<EnvironmentEdit>,
    redirections: Vec<super::Redirection>,
    stdin: Stdin,
    waiting: Waiting,
    directories: Vec<Option<PathBuf>>,
    span: Option<Range<usize>>,
    depth: usize,
}

impl Context {
    fn outermost(span: Option<Range<usize>>) -> Self {
        Self {
            wrappers: Vec::new(),
            environment: Vec::new(),
            redirections: Vec::new(),
            stdin: Stdin::Inherited,
            waiting: Waiting::Foreground,
            directories: vec![Some(PathBuf::new())],
            span,
            depth: 0,
        }
    }

    fn command(self, words: Words, opaque: Option<Opaque>) -> Command {
        Command {
            wrappers: self.wrappers,
            environment: self.environment,
            words,
            redirections: self.redirections,
            stdin: self.stdin,
            waiting: self.waiting,
            directories: self.directories,
            span: self.span,
            opaque,
        }
    }

    /// Where several commands read the same here-document, none is sure to get all of it.
    fn sharing_stdin(mut self) -> Self {
        if matches!(self.stdin, Stdin::Text(_) | Stdin::File(_)) {
            self.stdin = Stdin::Elsewhere;
        }
        self
    }

    /// One level further in.
    fn within(&self, unwrapped: &Unwrapped) -> Self {
        let mut inner = self.clone();
        inner.wrappers.push(unwrapped.taken.clone());
        inner.environment.extend(unwrapped.environment.iter().cloned());
        if unwrapped.stdin == HandedOn::Changed {
            inner.stdin = Stdin::Elsewhere;
        }
        inner.depth = inner.depth.saturating_add(1);
        inner
    }
}

/// The directories of a text that starts in any of the outer ones.
fn within(outer: &[Option<PathBuf>], inner: &[Option<PathBuf>]) -> Vec<Option<PathBuf>> {
    let both = outer.iter().flat_map(|from| {
        inner.iter().map(move |to| match (from, to) {
            (_, Some(to)) if to.is_absolute() => Some(to.clone()),
            (Some(from), Some(to)) => Some(from.join(to)),
            (None, _) | (_, None) => None,
        })
    });
    let mut all: Vec<Option<PathBuf>> = Vec::new();
    for directory in both {
        if !all.contains(&directory) {
            all.push(directory);
        }
    }
    all
}

struct Reader<'c> {
    caller: &'c Caller<'c>,
    found: Vec<Command>,
}

impl Reader<'_> {
    fn opaque(&mut self, context: Context, words: Words, opaque: Opaque) {
        self.found.push(context.command(words, Some(opaque)));
    }

    /// The action's own text: what cannot be followed in it has a place.
    fn outermost(&mut self, text: &OsStr) {
        match shell::parse(text.as_bytes(), Dialect::Bash, self.caller.known()) {
            Ok(simples) => {
                for simple in simples {
                    let context = Context::outermost(Some(simple.span.clone()));
                    self.simple(context, simple);
                }
            }
            Err(refused) => {
                let opaque = Opaque {
                    reason: refused.reason.to_owned(),
                    instead: refused.instead,
                    offset: Some(refused.offset),
                };
                self.opaque(Context::outermost(None), vec![text.to_owned()].into(), opaque);
            }
        }
    }

    fn simple(&mut self, mut context: Context, simple: Simple) {
        context.environment.extend(simple.environment);
        context.redirections.extend(simple.redirections);
        // `curl x | sh -c 'psql'` and `sh -c 'rm x' &`: what is said around the text holds inside of it too.
        if simple.stdin != Stdin::Inherited {
            context.stdin = simple.stdin;
        }
        if simple.waiting == Waiting::Background {
            context.waiting = Waiting::Background;
        }
        context.directories = within(&context.directories, &simple.directories);
        let Some(refused) = simple.opaque else { return self.command(context, simple.words) };
        let offset = Some(refused.offset).filter(|_| context.depth == 0);
        let opaque = Opaque { reason: refused.reason.to_owned(), instead: refused.instead, offset };
        self.opaque(context, simple.words, opaque);
    }

    /// One command: its wrapper comes off, and what is inside is read in turn.
    fn command(&mut self, context: Context, words: Words) {
        let Some(program) = words.first() else {
            return self.found.push(context.command(words, None));
        };
        if words.loose(0).is_some() {
            let opaque = Opaque {
                reason: "the program's name is known only when it runs".to_owned(),
                instead: "write the program's name itself",
                offset: None,
            };
            return self.opaque(context, words, opaque);
        }
        let program = self.caller.search.program(program);
        let Some(name) = program.name else { return self.found.push(context.command(words, None)) };
        let step = match program.foreign {
            Some(_) => wrapper::looks_like(name, &words),
            None => wrapper::take_off(name, &words, wrapper::Feed::of(&context.stdin)),
        };
        match step {
            Step::NotAWrapper => self.found.push(context.command(words, None)),
            Step::Opaque(opaque) => self.opaque(context, words, opaque),
            Step::Off(unwrapped) => self.unwrapped(&context, &words, *unwrapped),
        }
    }

    fn unwrapped(&mut self, context: &Context, words: &Words, unwrapped: Unwrapped) {
        if unwrapped.itself == Itself::Command {
            self.found.push(context.clone().command(words.clone(), None));
        }
        let mut inner = context.within(&unwrapped);
        let alone = match unwrapped.inside.as_slice() {
            [Inside::Argv(inside)] => words.ends_with(inside) && unwrapped.itself == Itself::Nothing,
            _ => false,
        };
        if let (false, Some(taken)) = (alone, inner.wrappers.last_mut()) {
            taken.given = super::Given::Text;
        }
        if inner.depth > DEPTH || self.found.len() > COMMANDS {
            let opaque = Opaque {
                reason: format!("more than {DEPTH} wrappers or {COMMANDS} commands stand in one action"),
                instead: "drop the wrappers that do nothing, or split the action",
                offset: None,
            };
            return self.opaque(inner, words.clone(), opaque);
        }
        let inner = if unwrapped.inside.len() > 1 || unwrapped.itself == Itself::Command {
            inner.sharing_stdin()
        } else {
            inner
        };
        for inside in unwrapped.inside {
            match inside {
                Inside::Argv(words) if words.is_empty() => {
                    let opaque = Opaque {
                        reason: "the wrappers leave no command".to_owned(),
                        instead: "name the command to run",
                        offset: None,
                    };
                    self.opaque(inner.clone(), words, opaque);
                }
                Inside::Argv(words) => self.command(inner.clone(), words),
                Inside::Text(text, dialect) => self.text(&inner, &text, dialect, Whence::Operand),
                Inside::Stdin(dialect) => self.stdin(&inner, words, dialect),
                Inside::Opaque(opaque) => self.opaque(inner.clone(), words.clone(), opaque),
            }
        }
    }

    /// A shell that reads commands from standard input: text where that is a here-document.
    fn stdin(&mut self, context: &Context, words: &Words, dialect: Dialect) {
        match &context.stdin {
            Stdin::Text(text) => {
                // The commands of the text read the same stream as the shell that reads the text.
                let fed = Context { stdin: Stdin::Elsewhere, ..context.clone() };
                self.text(&fed, OsStr::from_bytes(text), dialect, Whence::Stdin);
            }
            Stdin::Inherited | Stdin::Elsewhere | Stdin::File(_) => {
                let opaque = Opaque {
                    reason: "a shell reads its commands from standard input".to_owned(),
                    instead: "give the commands with -c",
                    offset: None,
                };
                self.opaque(context.clone(), words.clone(), opaque);
            }
        }
    }

    /// Text inside a wrapper. Its variables are those of a shell that nobody sees.
    fn text(&mut self, context: &Context, text: &OsStr, dialect: Dialect, whence: Whence) {
        let known = Known { variables: &BTreeMap::new(), others: Others::Unseen };
        let opaque = match shell::parse(text.as_bytes(), dialect, known) {
            Ok(simples) if whence == Whence::Stdin && shell::may_be_cut(text.as_bytes(), &simples) => {
                Opaque {
                    reason: "a command may read on in the text that its shell reads".to_owned(),
                    instead: "give the commands with -c, or `</dev/null` to each",
                    offset: None,
                }
            }
            Ok(simples) => {
                let alone = simples.len() == 1;
                let context = if alone { context.clone() } else { context.clone().sharing_stdin() };
                return simples.into_iter().for_each(|simple| self.simple(context.clone(), simple));
            }
            Err(refused) => Opaque {
                reason: format!("{} in the text that is handed on", refused.reason),
                instead: refused.instead,
                offset: None,
            },
        };
        self.opaque(context.clone(), vec![text.to_owned()].into(), opaque);
    }
}

/// Where a shell reads its text.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Whence {
    /// Behind `-c`.
    Operand,
    /// In its standard input.
    Stdin,
}
