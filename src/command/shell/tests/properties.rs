//! What holds for every text.

use super::{bash, environment};
use crate::command::shell::{Dialect, Known, Others, parse};
use crate::command::{Certainty, Stdin};
use proptest::prelude::*;
use std::os::unix::ffi::OsStrExt;

/// Pieces that texts are made of: whatever begins, ends or goes on with something.
const PIECES: [&str; 68] = [
    " ",
    " ",
    " ",
    "\n",
    "\t",
    ";",
    "&",
    "|",
    "&&",
    "||",
    ";;",
    "(",
    ")",
    "((",
    "))",
    "{",
    "}",
    "{ ",
    "; }",
    "<",
    ">",
    ">>",
    "<<A\n",
    "\nA\n",
    "<<-'A'\n",
    "<<<",
    ">&",
    "2>&1",
    "'",
    "\"",
    "\\",
    "\\\n",
    "`",
    "$",
    "$(",
    "$((",
    "${",
    "${x:-",
    "$'",
    "$x",
    "${x}",
    "x=",
    "x+=",
    "x=(",
    "[[ ",
    " ]]",
    "[ ",
    " ]",
    "-v ",
    "-eq ",
    "if ",
    "then ",
    "else ",
    "fi ",
    "while ",
    "for i in ",
    "do ",
    "done ",
    "case x in ",
    "esac ",
    "export ",
    "cd ",
    "read ",
    "~",
    "*",
    "é",
    "l1 ",
    "#",
];

fn pieces() -> impl Strategy<Value = String> {
    prop::collection::vec(prop::sample::select(&PIECES[..]), 0..24).prop_map(|pieces| pieces.concat())
}

/// Every place that is told of a text lies in it, between two characters.
fn told_places_are_in(text: &str) -> Result<(), TestCaseError> {
    let variables = environment();
    for dialect in [Dialect::Bash, Dialect::Posix] {
        let known = Known { variables: &variables, others: Others::Unset };
        let mut places = Vec::new();
        match parse(text.as_bytes(), dialect, known) {
            Ok(commands) => {
                for command in commands {
                    prop_assert!(command.span.start <= command.span.end, "{text:?} {command:?}");
                    places.extend([command.span.start, command.span.end]);
                    places.extend(command.opaque.map(|refused| refused.offset));
                    for (at, word, loose) in command.words.all_loose() {
                        prop_assert!(loose.certain <= word.len(), "{text:?} {at} {word:?}");
                    }
                }
            }
            Err(refused) => places.push(refused.offset),
        }
        prop_assert!(places.iter().all(|at| text.is_char_boundary(*at)), "{text:?} {places:?}");
    }
    Ok(())
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, cases: 2_000, ..ProptestConfig::default() })]

    #[test]
    fn no_text_of_any_characters_makes_it_panic(text in "\\PC{0,60}") {
        told_places_are_in(&text)?;
    }

    #[test]
    fn no_text_of_shell_pieces_makes_it_panic(text in pieces()) {
        told_places_are_in(&text)?;
    }

    #[test]
    fn bytes_that_are_no_text_do_not_make_it_panic(text in prop::collection::vec(any::<u8>(), 0..40)) {
        let variables = environment();
        let known = Known { variables: &variables, others: Others::Unset };
        if let Err(refused) = parse(&text, Dialect::Bash, known) {
            prop_assert!(refused.offset <= text.len());
        }
    }

    #[test]
    fn quoted_words_are_exactly_themselves(words in prop::collection::vec("\\PC{0,12}", 1..6)) {
        let quoted: Vec<String> = words.iter().map(|word| format!("'{}'", word.replace('\'', "'\\''"))).collect();
        let read = bash(&format!("l1 {}", quoted.join(" "))).unwrap();
        prop_assert_eq!(read.len(), 1);
        prop_assert_eq!(read[0].words.are_certain(), Certainty::Exact);
        let found: Vec<&[u8]> = read[0].words.iter().skip(1).map(|word| word.as_bytes()).collect();
        prop_assert_eq!(found, words.iter().map(String::as_bytes).collect::<Vec<_>>());
    }

    #[test]
    fn escaped_words_are_exactly_themselves(words in prop::collection::vec("[ -~]{1,12}", 1..6)) {
        let escaped: Vec<String> =
            words.iter().map(|word| word.chars().flat_map(|c| ['\\', c]).collect()).collect();
        let read = bash(&format!("l1 {}", escaped.join(" "))).unwrap();
        let found: Vec<&[u8]> = read[0].words.iter().skip(1).map(|word| word.as_bytes()).collect();
        prop_assert_eq!(found, words.iter().map(String::as_bytes).collect::<Vec<_>>());
    }

    #[test]
    fn a_quoted_here_document_is_exactly_its_lines(lines in prop::collection::vec("\\PC{0,20}", 0..5)) {
        let body: String = lines.iter().map(|line| format!("{line}\n")).collect();
        let read = bash(&format!("l1 <<'END OF IT'\n{body}END OF IT\nl2")).unwrap();
        prop_assert_eq!(read.len(), 2);
        prop_assert_eq!(&read[0].stdin, &Stdin::Text(body.into_bytes()));
    }
}
