//! A raw word as text, where it is the same in every run.

/// The word without its quotes; `None` where it has an expansion or a pattern. Only for names of programs: what another
/// parser cut out as a word is taken as it cut it.
pub(crate) fn literal(raw: &str) -> Option<String> {
    let mut text = String::new();
    let mut chars = raw.chars().peekable();
    let mut quote = None;
    while let Some(c) = chars.next() {
        match (quote, c) {
            (Some('\''), '\'') | (Some('"'), '"') => quote = None,
            (Some('\''), c) => text.push(c),
            (None, '\'' | '"') => quote = Some(c),
            // At the end of a word it stands for itself: `world$`.
            (_, '$') if chars.peek().is_none() => text.push('$'),
            // `[` and `[[` are commands; a pattern has more.
            (None, '[') if raw.trim_matches('[').is_empty() => text.push('['),
            (_, '$' | '`') | (None, '*' | '?' | '[' | '{' | '~') => return None,
            (None, '\\') => text.extend(chars.next()),
            // Between double quotes a backslash quotes only what is special there.
            (Some(_), '\\') => match chars.next_if(|c| "$`\"\\\n".contains(*c)) {
                Some(special) => text.push(special),
                None => text.push('\\'),
            },
            (_, c) => text.push(c),
        }
    }
    quote.is_none().then_some(text)
}

#[test]
fn only_words_that_are_the_same_in_every_run_are_literal() {
    for (raw, expected) in [
        ("ls", Some("ls")),
        ("l\\s", Some("ls")),
        ("'a b'c", Some("a bc")),
        ("\"a\\$\\b\"", Some("a$\\b")),
        ("$", Some("$")),
        ("[", Some("[")),
        ("[[", Some("[[")),
        ("$x", None),
        ("\"$x\"", None),
        ("`x`", None),
        ("l*", None),
        ("[l]s", None),
        ("'a", None),
    ] {
        assert_eq!(literal(raw).as_deref(), expected, "{raw}");
    }
}
