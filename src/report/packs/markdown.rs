//! Text that Markdown must not read as its own.
//!
//! In: text of a pack. Out: the same text, escaped for the page. Never: a character that is lost, or a `|` that would
//! begin another cell.

use crate::report::sanitize;

/// What begins or ends something in the middle of a paragraph or a cell.
const MARKS: &[char] = &['\\', '`', '*', '_', '<', '>', '[', ']', '|', '~', '$', '&'];

/// A code span in a cell.
pub(super) fn code(text: &str) -> String {
    // A span may hold backquotes where more of them stand around it; tables take `\|` as `|` in spans, too. A pattern
    // may hold a line break (`*\n*`), which would end the row.
    let text = sanitize::text(text).replace('|', "\\|");
    match text.contains('`') {
        true => format!("`` {text} ``"),
        false => format!("`{text}`"),
    }
}

/// A paragraph. What stands between backquotes stays code.
pub(super) fn prose(text: &str) -> String {
    written(text, str::to_owned)
}

/// Prose in a cell.
pub(super) fn cell(text: &str) -> String {
    let one_line = text.split_whitespace().collect::<Vec<_>>().join(" ");
    written(&one_line, |span| span.replace('|', "\\|"))
}

fn written(text: &str, code: impl Fn(&str) -> String) -> String {
    let parts: Vec<&str> = text.split('`').collect();
    // A backquote that no other one closes is one that is meant.
    if parts.len().is_multiple_of(2) {
        return escaped(text);
    }
    let part = |(at, part): (usize, &&str)| match at.is_multiple_of(2) {
        true => escaped(part),
        false => format!("`{}`", code(part)),
    };
    parts.iter().enumerate().map(part).collect()
}

fn escaped(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    let mut characters = text.chars().peekable();
    let mut before = ' ';
    while let Some(character) = characters.next() {
        let inside = before.is_alphanumeric() && characters.peek().is_some_and(|next| next.is_alphanumeric());
        // `pg_dump` is one word to every reader of Markdown.
        if MARKS.contains(&character) && !(character == '_' && inside) {
            out.push('\\');
        }
        out.push(character);
        before = character;
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_means_something_to_markdown_is_escaped_outside_code() {
        assert_eq!(
            prose("a_b _x_ *c* <d> [e] $f ~g~ &h; i|j"),
            "a_b \\_x\\_ \\*c\\* \\<d\\> \\[e\\] \\$f \\~g\\~ \\&h; i\\|j"
        );
        assert_eq!(prose("of `a_b|<c>` and _e"), "of `a_b|<c>` and \\_e");
        assert_eq!(prose("one ` alone_ \\"), "one \\` alone\\_ \\\\");
    }

    #[test]
    fn no_bar_begins_another_cell() {
        for text in ["a|b", "`a|b`", "`a|b", "\\`|`", "|"] {
            for cell in [cell(text), code(text)] {
                let bars = cell.replace("\\|", "").matches('|').count();
                assert_eq!(bars, 0, "{text}: {cell}");
            }
        }
        assert_eq!(cell("by hand: `a|b` and c|d"), "by hand: `a\\|b` and c\\|d");
        assert_eq!(code("a`b"), "`` a`b ``");
        assert_eq!([code("a\nb"), cell("a\n b")], ["`a\\nb`", "a b"]);
    }
}
