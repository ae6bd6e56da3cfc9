//! Why another parser sees other programs than remgate: one row a cause, each looked at by hand.

use crate::share::is_valid;
use std::collections::BTreeSet;
use std::fmt;

/// The parser that disagrees.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Who {
    Brush,
    Rable,
}

/// A cause, in words.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Reason(pub(crate) &'static str);

/// One disagreement.
pub(crate) struct Sight<'s> {
    pub(crate) who: Who,
    pub(crate) line: &'s str,
    pub(crate) ours: &'s BTreeSet<String>,
    /// `None` where the other parser does not take the text.
    pub(crate) theirs: Option<&'s BTreeSet<String>>,
}

impl fmt::Display for Sight<'_> {
    fn fmt(&self, to: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            to,
            "{:?}: {}\n    ours {:?}\n    theirs {:?}",
            self.who,
            self.line.escape_debug(),
            self.ours,
            self.theirs
        )
    }
}

impl Sight<'_> {
    /// The programs that remgate alone sees.
    fn ours_alone(&self) -> impl Iterator<Item = &str> {
        let seen = |name: &&String| self.theirs.is_some_and(|theirs| theirs.contains(*name));
        self.ours.iter().filter(move |name| !seen(name)).map(String::as_str)
    }

    /// Whether remgate sees this name, the other parser does not, and that is the only difference.
    fn differs_by(&self, name: &str) -> bool {
        self.ours_alone().eq([name])
    }
}

type Row = (&'static str, fn(&Sight<'_>) -> bool);

/// What either parser does otherwise, or remgate does on purpose. None of these rows explains a program that remgate does
/// not see.
const EITHER: [Row; 4] = [
    ("bash takes the text and it does not", |sight| sight.theirs.is_none() && is_valid(sight.line)),
    // A function may take the name of any program behind it, so its definition is one opaque command.
    ("a definition of a function is a command here", |sight| sight.differs_by("function")),
    // `[[ $x -eq integer ]]` runs what stands in the variable `integer`, so it is one opaque command.
    ("`[[` that evaluates names is a command here", |sight| sight.differs_by("[[")),
    ("the text that `trap` is given is read here", |sight| sight.ours.contains("trap")),
];

/// Where rable keeps text that bash runs as text.
const RABLE: [Row; 4] = [
    ("it keeps the operands of `[[ ]]` as text", |sight| substitution_behind(sight.line, "[[")),
    ("it keeps the body of a here-document as text", |sight| substitution_behind(sight.line, "<<")),
    ("it keeps the word of `${x:-word}` as text", |sight| substitution_behind(sight.line, "${")),
    ("it keeps a substitution in a substitution in a substitution as text", |sight| deepest(sight.line) >= 3),
];

/// The cause of a disagreement, if it is one that is known.
pub(crate) fn reason(sight: &Sight<'_>) -> Option<Reason> {
    if sight.theirs.is_some_and(|theirs| !theirs.is_subset(sight.ours)) {
        return None;
    }
    let rows = EITHER.iter().chain(if sight.who == Who::Rable { &RABLE[..] } else { &[] });
    rows.into_iter().find(|(_, holds)| holds(sight)).map(|(cause, _)| Reason(cause))
}

fn substitution_behind(line: &str, opening: &str) -> bool {
    line.split_once(opening).is_some_and(|(_, behind)| behind.contains("$(") || behind.contains('`'))
}

/// How deep `$( )` stand in one another, in lines without parentheses in quotes.
fn deepest(line: &str) -> usize {
    let (mut depth, mut deepest) = (0_usize, 0);
    let bytes = line.as_bytes();
    for (at, byte) in bytes.iter().enumerate() {
        match byte {
            b'(' if at > 0 && bytes[at - 1] == b'$' => depth += 1,
            b')' => depth = depth.saturating_sub(1),
            _ => {}
        }
        deepest = deepest.max(depth);
    }
    deepest
}

/// Rows that explain what they should not would make the comparison hollow.
#[test]
fn no_row_explains_a_lost_program() {
    let ours = BTreeSet::from(["echo".to_owned(), "trap".to_owned()]);
    for (theirs, line) in [
        (vec!["echo", "trap", "rm"], "trap 'rm' EXIT; echo ${x:-$(rm)}"),
        (vec!["rm"], "[[ $(rm) ]] <<E\n$(rm)\nE"),
    ] {
        let theirs: BTreeSet<_> = theirs.into_iter().map(str::to_owned).collect();
        for who in [Who::Brush, Who::Rable] {
            assert_eq!(reason(&Sight { who, line, ours: &ours, theirs: Some(&theirs) }), None, "{line}");
        }
    }
    let more = BTreeSet::from(["echo".to_owned()]);
    let sight = Sight {
        who: Who::Brush,
        line: "echo `l1`",
        ours: &BTreeSet::from(["echo".into(), "l1".into()]),
        theirs: Some(&more),
    };
    assert_eq!(reason(&sight), None, "a difference without a row was explained");
}
