//! The pieces of a pattern's text, before anybody asks what a tool makes of them.
//!
//! In: the text. Out: its tokens, each with its place and whether it must be there. Never: knowledge of any tool, so
//! that `build.rs` can file patterns under their words with the very text of this file.

/// Whether a part must be there.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Presence {
    /// It must.
    Required,
    /// It may.
    Optional,
}

/// What is wrong with a pattern.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Flaw {
    /// Which kind.
    pub(crate) kind: FlawKind,
    /// What is wrong, in one line.
    pub(crate) text: String,
    /// The byte range within the pattern's text.
    pub(crate) at: std::ops::Range<usize>,
    /// A word that was probably meant.
    pub(crate) nearest: Option<String>,
}

/// The kinds of [`Flaw`].
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum FlawKind {
    /// The text does not follow the pattern language.
    Grammar,
    /// The tool has no such option.
    UnknownOption,
}

/// One blank-separated piece of a pattern, with its place.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Token<'a> {
    pub(crate) text: &'a str,
    pub(crate) at: usize,
    pub(crate) presence: Presence,
}

impl Token<'_> {
    pub(crate) fn flaw(&self, text: String) -> Flaw {
        Flaw {
            kind: FlawKind::Grammar,
            text,
            at: self.at..self.at.saturating_add(self.text.len()),
            nearest: None,
        }
    }
}

/// The programs that a pattern names: its first word, split at `|`.
pub(crate) fn programs(text: &str) -> impl Iterator<Item = &str> {
    text.split_ascii_whitespace().next().unwrap_or_default().split('|')
}

/// Splits at blanks; `[` and `]` may stand at the ends of tokens and make what is between them optional.
pub(crate) fn tokens(text: &str) -> Result<Vec<Token<'_>>, Flaw> {
    let mut tokens = Vec::new();
    let mut presence = Presence::Required;
    let mut at = 0_usize;
    for piece in text.split(' ') {
        let start = at;
        at = at.saturating_add(piece.len()).saturating_add(1);
        if piece.is_empty() {
            continue;
        }
        let opens = piece.strip_prefix('[');
        let inner = opens.unwrap_or(piece);
        let (inner, closes) = match inner.strip_suffix(']') {
            Some(inner) => (inner, true),
            None => (inner, false),
        };
        let token = Token { text: inner, at: start.saturating_add(usize::from(opens.is_some())), presence };
        if opens.is_some() {
            if presence == Presence::Optional {
                return Err(
                    token.flaw("`[` inside `[`: write the optional parts one after the other".to_owned())
                );
            }
            presence = Presence::Optional;
        }
        if inner.is_empty() {
            return Err(token.flaw("an optional part with nothing in it".to_owned()));
        }
        tokens.push(Token { presence, ..token });
        if closes {
            if presence == Presence::Required {
                return Err(token.flaw("`]` without `[`".to_owned()));
            }
            presence = Presence::Required;
        }
    }
    match (tokens.last(), presence) {
        (None, _) => Err(Flaw {
            kind: FlawKind::Grammar,
            text: "the pattern is empty".to_owned(),
            at: 0..text.len(),
            nearest: None,
        }),
        (Some(last), Presence::Optional) => Err(last.flaw("`[` is never closed".to_owned())),
        (Some(_), Presence::Required) => Ok(tokens),
    }
}
