//! A rough split of shell text into words, for finding secrets only: nothing is judged by it.

/// The words of `text` as they are written, and as the shell reads them, quotes and backslashes taken off.
pub(super) fn split(text: &str) -> (Vec<String>, Vec<String>) {
    let (mut written, mut read) = (Vec::new(), Vec::new());
    let (mut raw, mut plain) = (String::new(), String::new());
    let mut quote = None;
    let mut chars = text.chars().peekable();
    while let Some(c) = chars.next() {
        let ends_word =
            quote.is_none() && (c.is_whitespace() || matches!(c, ';' | '|' | '&' | '(' | ')' | '<' | '>'));
        if ends_word {
            push(&mut written, &mut raw);
            push(&mut read, &mut plain);
            continue;
        }
        raw.push(c);
        match (quote, c) {
            (None, '\'' | '"') => quote = Some(c),
            (Some(open), c) if open == c => quote = None,
            (None | Some('"'), '\\') => {
                let escaped = chars.next();
                raw.extend(escaped);
                plain.extend(escaped);
            }
            _ => plain.push(c),
        }
    }
    push(&mut written, &mut raw);
    push(&mut read, &mut plain);
    (written, read)
}

fn push(words: &mut Vec<String>, word: &mut String) {
    if !word.is_empty() {
        words.push(std::mem::take(word));
    }
}
