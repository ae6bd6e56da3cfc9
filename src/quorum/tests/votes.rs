//! Shapes of votes.

use super::*;
use proptest::prelude::*;

fn said(kind: StatementKind, reason: &str) -> String {
    statement(kind, &id(), &"0".repeat(64), reason, noon())
}

#[test]
fn votes_are_read_as_they_were_written() {
    let pair = Pair::ed25519(1);
    let approval = pair.approves(b"x");
    assert_eq!(Vote::parse(approval.to_text().as_bytes()), Ok(approval));
    for kind in [StatementKind::Rejection, StatementKind::Review] {
        let statement = said(kind, "no, \u{202e}it is\na trap");
        assert!(statement.trim_end().bytes().all(|byte| (b' '..=b'~').contains(&byte)), "{statement}");
        let signature = pair.sign(statement.as_bytes());
        let vote = match kind {
            StatementKind::Rejection => Vote::Rejection { statement, signature },
            StatementKind::Review => Vote::Review { statement, signature },
        };
        assert_eq!(Vote::parse(vote.to_text().as_bytes()), Ok(vote));
    }
}

#[test]
fn a_statement_is_one_sorted_line() {
    assert_eq!(
        said(StatementKind::Rejection, "no"),
        format!(
            "{{\"id\":\"7f3k2m9qv0ab\",\"reason\":\"no\",\"request\":\"{}\",\"time\":\"2026-11-21T12:00:00.000Z\",\"type\":\"rejection\",\"v\":1}}\n",
            "0".repeat(64)
        )
    );
}

/// Each could be signed, and would be a second spelling, or mean something to another reader.
#[test]
fn statements_have_one_spelling() {
    let right = said(StatementKind::Rejection, "no");
    assert!(Statement::parse(&right).is_some());
    let rows = [
        right.trim_end().to_owned(),
        right.replace("\"v\":1", "\"v\":2"),
        right.replace(":1}", ": 1}"),
        right.replace(":1}", ":1.0}"),
        right.replace("\"v\":1", "\"v\":1,\"w\":1"),
        right.replace("\"v\":1", "\"v\":1,\"v\":1"),
        right.replace("rejection", "approval"),
        right.replace("7f3k2m9qv0ab", "7F3K2M9QV0AB"),
        right.replace("7f3k2m9qv0ab", "../../etc/x"),
        right.replace(".000Z", "Z"),
        right.replace("\"no\"", "null"),
        right.replace("\"no\"", "\"\\u006eo\""),
        format!(" {right}"),
    ];
    for row in rows {
        assert_ne!(row, right);
        assert_eq!(Statement::parse(&row), None, "{row}");
        let vote = format!("{}\n{}", row.trim_end_matches('\n'), signature::armor(b"x"));
        if row.ends_with('\n') {
            assert_eq!(Vote::parse(vote.as_bytes()), Err(VoteError::Statement), "{row}");
        }
    }
}

#[test]
fn other_texts_are_no_votes() {
    let signature = Pair::ed25519(1).sign(b"x");
    for text in
        ["", "\n", "yes\n", "yes\nno\n", "{}", &format!("\n\n{signature}"), &signature.replace('\n', "\r\n")]
    {
        let error = Vote::parse(text.as_bytes()).unwrap_err();
        assert!(matches!(error, VoteError::Shape | VoteError::Statement), "{text:?}: {error:?}");
    }
    assert_eq!(Vote::parse(&[0xff, b'\n']), Err(VoteError::Shape));
    assert_eq!(Vote::parse(&vec![b'x'; MAX_VOTE + 1]), Err(VoteError::Long(MAX_VOTE + 1)));
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn any_reason_survives(reason in any::<String>()) {
        let line = said(StatementKind::Review, &reason);
        let read = Statement::parse(&line).expect("as written");
        prop_assert_eq!(read.reason, reason);
        prop_assert_eq!(line.matches('\n').count(), 1);
    }
}
