//! The words of an example: blanks, single and double quotes, `<<< TEXT` or `< FILE` at the end, and nothing else that a
//! shell would do. The words of a command that a rule names: blanks and quotes.

use crate::command::Stdin;
use std::ffi::OsString;

/// Splits an example into its argv and what it reads. `Err` names what an example may not hold.
pub(crate) fn split(text: &str) -> Result<(Vec<OsString>, Stdin), String> {
    let words = words(text, &SHELL)?;
    let (argv, stdin) = match words.as_slice() {
        [argv @ .., Word::Bare(sign), given] if sign == "<<<" => {
            (argv, Stdin::Text(given.text().into_bytes()))
        }
        [argv @ .., Word::Bare(sign), given] if sign == "<" => {
            (argv, Stdin::File(vec![given.text().into()].into()))
        }
        argv => (argv, Stdin::Inherited),
    };
    match argv.is_empty() {
        true => Err("the example is empty".to_owned()),
        false => Ok((argv.iter().map(|word| word.text().into()).collect(), stdin)),
    }
}

/// What means something to a shell outside of quotes.
const SHELL: [char; 9] = ['$', '`', '\\', ';', '&', '|', '(', ')', '#'];

/// The words of a text, in which nothing but quotes means anything.
pub(crate) fn quoted(text: &str) -> Result<Vec<String>, String> {
    Ok(words(text, &[])?.iter().map(Word::text).collect())
}

/// A word of an example.
#[derive(Clone, Debug)]
enum Word {
    /// Without quotes.
    Bare(String),
    /// With a quote in it.
    Quoted(String),
}

impl Word {
    fn text(&self) -> String {
        match self {
            Word::Bare(text) | Word::Quoted(text) => text.clone(),
        }
    }

    fn push(&mut self, c: char) {
        match self {
            Word::Bare(text) | Word::Quoted(text) => text.push(c),
        }
    }
}

fn words(text: &str, forbidden: &[char]) -> Result<Vec<Word>, String> {
    let mut words = Vec::new();
    let mut word: Option<Word> = None;
    let mut quote: Option<char> = None;
    for c in text.chars() {
        match (quote, c) {
            (Some(open), _) if c == open => quote = None,
            (Some(_), _) => word.get_or_insert_with(|| Word::Quoted(String::new())).push(c),
            (None, '\'' | '"') => {
                quote = Some(c);
                word = Some(Word::Quoted(word.take().map(|word| word.text()).unwrap_or_default()));
            }
            (None, ' ' | '\t' | '\n' | '\r') => words.extend(word.take()),
            (None, c) if forbidden.contains(&c) => {
                return Err(format!("`{c}` means something to a shell; an example is one argv, so quote it"));
            }
            (None, _) => word.get_or_insert_with(|| Word::Bare(String::new())).push(c),
        }
    }
    if quote.is_some() {
        return Err("a quote is never closed".to_owned());
    }
    words.extend(word);
    Ok(words)
}

#[cfg(test)]
mod tests {
    use super::{Stdin, split};

    #[test]
    fn quotes_hold_words_together_and_shell_syntax_is_refused() {
        assert_eq!(
            split("git commit -m 'a  b' \"c'd\" ''").unwrap().0,
            ["git", "commit", "-m", "a  b", "c'd", ""]
        );
        for bad in ["a; b", "a $x", "a 'b", "", "  ", "a | b", "a `b`", "a \\b"] {
            assert!(split(bad).is_err(), "{bad}");
        }
    }

    #[test]
    fn what_an_example_reads_stands_at_its_end() {
        let text = |text: &str| split(text).unwrap();
        let psql = vec![std::ffi::OsString::from("psql")];
        assert_eq!(text("psql <<< 'select 1 < 2'"), (psql.clone(), Stdin::Text(b"select 1 < 2".to_vec())));
        assert_eq!(text("psql < a.sql"), (psql, Stdin::File(vec!["a.sql".into()].into())));
        for inherited in ["psql -c 'a < b'", "psql '<' x", "psql < a b"] {
            assert_eq!(text(inherited).1, Stdin::Inherited, "{inherited}");
        }
    }
}
