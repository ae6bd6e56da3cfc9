//! What holds for every text.

use super::super::{CLASSES, Dialect, classes};
use proptest::prelude::*;

const DIALECTS: [Dialect; 5] =
    [Dialect::Postgres, Dialect::MySql, Dialect::Sqlite, Dialect::ClickHouse, Dialect::Generic];

/// Words that write, wherever they stand outside of quotes and comments.
const WRITES: [&str; 15] = [
    "insert",
    "update",
    "delete",
    "merge",
    "truncate t",
    "drop",
    "alter",
    "create",
    "grant",
    "revoke",
    "into",
    "outfile",
    "dumpfile",
    "f(1)",
    "pg_terminate_backend(1)",
];

/// Whatever a query is made of, quotes and comments among it.
const PIECES: [&str; 54] = [
    "a",
    "t",
    "x.y",
    "1",
    "2.5",
    "'s'",
    "'it''s'",
    "\"q\"",
    "*",
    "=",
    "<>",
    "+",
    "-",
    "||",
    "::int",
    "->>",
    "(",
    ")",
    ",",
    "from t",
    "where a = 1",
    "and",
    "or",
    "not",
    "in (1, 2)",
    "is null",
    "like 'x%'",
    "between 1 and 2",
    "group by a",
    "having count(*) > 1",
    "order by 1",
    "limit 5",
    "union all",
    "except",
    "select",
    "select 1",
    "values (1)",
    "as b",
    "join u using (id)",
    "on a = b",
    "left join v on true",
    "lateral (select 1) l",
    "with w as (select 1)",
    "case when a then b else c end",
    "exists (select 1)",
    "now()",
    "count(distinct a)",
    "/* delete */",
    "/* ' */",
    "-- x\n",
    "-- '\n",
    "over (partition by a)",
    "$$ drop $$",
    "for each",
];

fn any_dialect() -> impl Strategy<Value = Dialect> {
    prop::sample::select(&DIALECTS[..])
}

fn pieces() -> impl Strategy<Value = Vec<String>> {
    prop::collection::vec(prop::sample::select(&PIECES[..]).prop_map(str::to_owned), 0..10)
}

fn in_some_case(word: &'static str) -> impl Strategy<Value = String> {
    prop::collection::vec(any::<bool>(), word.len()).prop_map(move |upper| {
        let letters = word.chars().zip(upper);
        letters.map(|(c, upper)| if upper { c.to_ascii_uppercase() } else { c }).collect()
    })
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, cases: 4_000, ..ProptestConfig::default() })]

    #[test]
    fn a_word_that_writes_is_never_read(
        before in pieces(),
        word in prop::sample::select(&WRITES[..]).prop_flat_map(in_some_case),
        after in pieces(),
        dialect in any_dialect(),
    ) {
        let text = format!("select {} {word} {}", before.join(" "), after.join(" "));
        let found = classes(text.as_bytes(), dialect);
        prop_assert!(!found.classes.contains("read"), "{text}: {found:?}");
        let text = format!("with a as ({word} {} returning *) select {} from a", before.join(" "), after.join(" "));
        let found = classes(text.as_bytes(), dialect);
        prop_assert!(!found.classes.contains("read"), "{text}: {found:?}");
    }

    /// The other way round: what stands in quotes and comments raises nothing.
    #[test]
    fn a_word_in_quotes_is_data(word in prop::sample::select(&WRITES[..]).prop_flat_map(in_some_case), dialect in any_dialect()) {
        let text = format!("select '{word}; {word}' /* {word}; */ from t where a = 'x {word} y' -- ; {word}");
        let found = classes(text.as_bytes(), dialect);
        prop_assert_eq!(found.classes.iter().map(String::as_str).collect::<Vec<_>>(), ["read"], "{}", text);
    }

    /// A statement more never takes a class away.
    #[test]
    fn more_text_is_never_kinder(first in pieces(), second in pieces(), dialect in any_dialect()) {
        let one = format!("select {}", first.join(" "));
        let alone = classes(one.as_bytes(), dialect);
        let both = classes(format!("{one}\n;\n{}", second.join(" ")).as_bytes(), dialect);
        prop_assert!(both.classes.contains("unreadable") || alone.classes.is_subset(&both.classes), "{one}: {alone:?} {both:?}");
    }

    #[test]
    fn every_text_has_known_classes(text in ".{0,60}|[-a-z'\"`$\\\\/*;(){}\\[\\]:.,0-9 \n#@|&]{0,80}", dialect in any_dialect()) {
        let found = classes(text.as_bytes(), dialect);
        prop_assert!(!found.classes.is_empty());
        prop_assert!(found.classes.iter().all(|class| CLASSES.contains(&class.as_str())), "{found:?}");
    }
}
