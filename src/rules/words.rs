//! The words of an example: blanks, single and double quotes, and nothing else that a shell would do.

use std::ffi::OsString;

/// Splits an example. `Err` names what an example may not hold.
pub(crate) fn split(text: &str) -> Result<Vec<OsString>, String> {
    let mut words = Vec::new();
    let mut word: Option<String> = None;
    let mut quote: Option<char> = None;
    for c in text.chars() {
        match (quote, c) {
            (Some(open), _) if c == open => quote = None,
            (Some(_), _) => word.get_or_insert_default().push(c),
            (None, '\'' | '"') => {
                quote = Some(c);
                word.get_or_insert_default();
            }
            (None, ' ' | '\t' | '\n') => words.extend(word.take().map(OsString::from)),
            (None, '$' | '`' | '\\' | ';' | '&' | '|' | '(' | ')' | '#') => {
                return Err(format!("`{c}` means something to a shell; an example is one argv, so quote it"));
            }
            (None, _) => word.get_or_insert_default().push(c),
        }
    }
    if quote.is_some() {
        return Err("a quote is never closed".to_owned());
    }
    words.extend(word.map(OsString::from));
    if words.is_empty() { Err("the example is empty".to_owned()) } else { Ok(words) }
}

#[cfg(test)]
mod tests {
    use super::split;

    #[test]
    fn quotes_hold_words_together_and_shell_syntax_is_refused() {
        assert_eq!(
            split("git commit -m 'a  b' \"c'd\" ''").unwrap(),
            ["git", "commit", "-m", "a  b", "c'd", ""]
        );
        for bad in ["a; b", "a $x", "a 'b", "", "  ", "a | b", "a `b`", "a \\b"] {
            assert!(split(bad).is_err(), "{bad}");
        }
    }
}
