//! What people do to a log, and what `verify` answers (threats, "Getting at the record").

use super::*;

/// A log of exactly 50 records, of every kind that one honest segment holds.
fn fifty() -> (Place, Vec<u8>) {
    let place = Place::new();
    let journal = place.journal();
    (0..10).for_each(|_| drop(act(&journal, "kubectl")));
    drop(open(&journal, intent("its gate dies")).unwrap());
    act(&journal, "buries it");
    ["plain", "\u{202e}\n\"}}", "<torn>", "{\"h\":\"", ""].iter().for_each(|odd| drop(deny(&journal, odd)));
    (0..10).for_each(|_| drop(act(&journal, "kubectl")));
    assert_whole(&place.dir, 50);
    let bytes = fs::read(place.segment()).unwrap();
    (place, bytes)
}

fn line_of(bytes: &[u8], at: usize) -> u64 {
    bytes[..at].iter().filter(|byte| **byte == b'\n').count() as u64
}

/// Flips one byte at a time; the answer must be `tampered` and name the record the byte belongs to.
fn flip_each(place: &Place, bytes: &[u8], flips: impl Iterator<Item = (usize, u8)>) {
    let mut changed = bytes.to_vec();
    let mut count = 0;
    let ends: Vec<_> = memchr::memchr_iter(b'\n', bytes).collect();
    for (at, byte) in flips.filter(|(at, byte)| bytes[*at] != *byte) {
        changed[at] = byte;
        replace(&place.segment(), &changed);
        let fault = assert_tampered(&place.dir, ends.partition_point(|end| *end < at) as u64);
        assert_eq!(fault.line, fault.seq + 1);
        changed[at] = bytes[at];
        count += 1;
    }
    assert!(count > 0);
    replace(&place.segment(), bytes);
}

#[test]
fn every_flipped_byte_of_fifty_records_is_tampering_and_names_the_record() {
    let (place, bytes) = fifty();
    flip_each(&place, &bytes, (0..bytes.len()).map(|at| (at, bytes[at] ^ 1)));
}

#[test]
fn a_byte_turned_into_a_newline_or_back_is_tampering_too() {
    let (place, bytes) = fifty();
    flip_each(&place, &bytes, (0..bytes.len()).map(|at| (at, b'\n')));
    let newline = bytes.len() - 1;
    flip_each(&place, &bytes, (0..=255).map(|byte| (newline, byte)));
    let last = bytes[..newline].iter().rposition(|byte| *byte == b'\n').unwrap() + 1;
    flip_each(
        &place,
        &bytes,
        (last..newline).flat_map(|at| [0x02, 0x08, 0x20, 0x80, 0xff].map(|mask| (at, bytes[at] ^ mask))),
    );
}

/// One python process flips every byte, so that the test takes seconds.
const PYTHON: &str = r"
import runpy, sys, pathlib
verify = runpy.run_path(sys.argv[1])['verify']
log = pathlib.Path(sys.argv[2]); file = log / ('0' * 16 + '.jsonl'); whole = file.read_bytes()
head = whole[6:70].decode()
assert verify(log, head)[0] == 0, verify(log, head)
for at, byte in enumerate(whole):
    record = whole[:at].count(b'\n')
    for new in ({byte ^ 1, 10} if record > 47 else {byte ^ 1}) - {byte}:
        file.write_bytes(whole[:at] + bytes([new]) + whole[at + 1:])
        said = verify(log, head)
        assert said == (1, f'tampered: record {record}'), (at, new, said)
file.write_bytes(whole)
";

#[test]
fn the_python_verifier_agrees_on_every_flipped_byte() {
    if !has("python3", "the_python_verifier_agrees_on_every_flipped_byte") {
        return;
    }
    let (place, _) = fifty();
    let mut python = command("python3");
    let done = python.args(["-c", PYTHON]).arg(python_verifier()).arg(&place.dir).output().unwrap();
    assert!(done.status.success(), "{}", String::from_utf8_lossy(&done.stderr));
}

/// What an attacker does to whole lines.
fn edit(bytes: &[u8], change: impl FnOnce(&mut Vec<&[u8]>)) -> Vec<u8> {
    let mut lines: Vec<_> = bytes.split_inclusive(|byte| *byte == b'\n').collect();
    change(&mut lines);
    lines.concat()
}

#[test]
fn moved_doubled_and_missing_records_are_named() {
    let (place, bytes) = fifty();
    let rows: [(&str, Vec<u8>, u64); 6] = [
        ("deleted", edit(&bytes, |lines| lines.splice(20..=20, []).for_each(drop)), 20),
        ("the first deleted", edit(&bytes, |lines| lines.splice(0..=0, []).for_each(drop)), 0),
        ("doubled", edit(&bytes, |lines| lines.insert(20, lines[20])), 21),
        ("swapped", edit(&bytes, |lines| lines.swap(20, 30)), 20),
        ("an empty line", edit(&bytes, |lines| lines.insert(20, b"\n")), 20),
        ("a blank before", [b" ", &bytes[..]].concat(), 0),
    ];
    for (what, changed, seq) in rows {
        replace(&place.segment(), &changed);
        let fault = assert_tampered(&place.dir, seq);
        assert_eq!(fault.line, seq + 1, "{what}");
    }
}

/// Makes a line as a gate would, from forged content.
fn forged(seq: u64, prev: &str, rest: &str) -> String {
    let record = format!(r#"{{"v":1,"seq":{seq},"prev":"{prev}","type":{rest}}}"#);
    format!("{{\"h\":\"{}\",\"r\":{record}}}\n", RecordHash::of(record.as_bytes()))
}

#[test]
fn records_with_right_hashes_and_wrong_meaning_are_named() {
    let place = Place::new();
    drop(open(&place.journal(), intent("x")).unwrap());
    let honest = fs::read_to_string(place.segment()).unwrap();
    let prev = honest.lines().last().unwrap().get(6..70).unwrap().to_owned();
    let open_list = all_records(&place.dir)[1].value["open"].to_string();
    let id = all_records(&place.dir)[1].id().unwrap().to_owned();
    let time = r#""time":"2026-01-01T00:00:00.000Z""#;
    let torn = record::torn_note(b"").to_string();
    let rows = [
        (format!(r#""outcome",{time},"open":[],"id":"{id}","intent":0"#), Tampering::NotInFlight),
        (format!(r#""outcome",{time},"open":[],"id":"000000000000","intent":1"#), Tampering::NotInFlight),
        (
            format!(r#""outcome",{time},"open":{open_list},"id":"{id}","intent":1"#),
            Tampering::Line(Wrong::Open),
        ),
        (format!(r#""denied",{time},"open":[],"id":"{id}""#), Tampering::Line(Wrong::Open)),
        (format!(r#""denied",{time},"open":{open_list},"name":"{id}""#), Tampering::Line(Wrong::Shape)),
        (format!(r#""denied",{time},"open":{open_list},"id":"{id}","#), Tampering::Line(Wrong::Json)),
        (format!(r#""denied",{time},"open":{open_list},"id":"{id}","x":"é""#), Tampering::Line(Wrong::Ascii)),
        (format!(r#""granted",{time},"open":{open_list},"id":"{id}""#), Tampering::Line(Wrong::Shape)),
        (format!(r#""segment",{time},"open":{open_list},"log":"{prev}""#), Tampering::SegmentStart),
        (format!(r#""repair",{time},"open":{open_list},"torn":{{"bytes":1}}"#), Tampering::Torn),
    ];
    for (rest, what) in rows {
        replace(&place.segment(), format!("{honest}{}", forged(2, &prev, &rest)).as_bytes());
        assert_eq!(assert_tampered(&place.dir, 2).what, what, "{rest}");
    }
    let good = forged(2, &prev, &format!(r#""repair",{time},"open":{open_list},"torn":{torn}"#));
    replace(&place.segment(), format!("{honest}{good}").as_bytes());
    assert_eq!(
        place.verify().exit_code(),
        3,
        "the rows fail for their own reasons, not for this one's shape"
    );
    let other = forged(2, &"0".repeat(64), &format!(r#""repair",{time},"open":{open_list},"torn":{torn}"#));
    replace(&place.segment(), format!("{honest}{other}").as_bytes());
    assert_eq!(assert_tampered(&place.dir, 2).what, Tampering::Predecessor);
}

#[test]
fn only_an_anchor_sees_a_cut_a_rollback_and_a_rewrite() {
    let (place, bytes) = fifty();
    let anchor = checkpoint(&place.dir);
    let with_anchor = || verify(&place.dir, std::slice::from_ref(&anchor)).unwrap();
    assert_eq!(with_anchor().exit_code(), 0);

    replace(&place.segment(), &edit(&bytes, |lines| lines.truncate(40)));
    assert_eq!(place.verify().exit_code(), 3, "a cut at a record's end looks like an earlier day");
    let Integrity::Tampered { fault, .. } = with_anchor() else { panic!("cut") };
    assert_eq!((fault.what, fault.seq), (Tampering::Short(50), 40));

    act(&place.journal(), "goes on after a rollback");
    (0..10).for_each(|_| drop(act(&place.journal(), "and on")));
    let Integrity::Tampered { fault, .. } = with_anchor() else { panic!("rolled back") };
    assert_eq!((fault.what, fault.seq), (Tampering::Anchor(50), 49));

    let other = Place::new();
    (0..30).for_each(|_| drop(act(&other.journal(), "a whole new log")));
    let Integrity::Tampered { fault, .. } = verify(&other.dir, &[anchor]).unwrap() else {
        panic!("rewritten")
    };
    assert!(matches!(fault.what, Tampering::Origin(_)), "{fault:?}");
}

#[test]
fn anchored_and_whole_is_zero_and_counts_what_lies_behind_the_anchor() {
    let place = Place::new();
    let journal = place.journal();
    act(&journal, "x");
    let first = checkpoint(&place.dir);
    act(&journal, "y");
    let second = checkpoint(&place.dir);
    deny(&journal, "z");
    let whole = verify(&place.dir, &[second, first]).unwrap();
    let Integrity::Whole(survey) = &whole else { panic!("{whole:?}") };
    assert_eq!((whole.exit_code(), survey.records, survey.anchored), (0, 6, 5));
}

#[test]
fn a_missing_renamed_or_empty_segment_in_the_middle_is_tampering() {
    let build = || {
        let place = Place::new();
        let journal = place.journal().with_segment_limit(1500);
        (0..12).for_each(|_| drop(act(&journal, "x")));
        let segments = store::segments(&journal.dir, &place.dir).unwrap();
        assert!(segments.len() >= 4, "{segments:?}");
        (place, segments)
    };
    let (place, segments) = build();
    let path = |place: &Place, index: usize| place.dir.join(store::segment_name(segments[index]));
    assert_eq!(place.verify().exit_code(), 3);
    fs::remove_file(path(&place, 1)).unwrap();
    assert_eq!(assert_tampered(&place.dir, segments[1]).what, Tampering::SegmentName);
    let (place, _) = build();
    fs::remove_file(path(&place, 0)).unwrap();
    assert_eq!(assert_tampered(&place.dir, 0).what, Tampering::SegmentName);
    let (place, _) = build();
    fs::rename(path(&place, 2), place.dir.join(store::segment_name(segments[2] + 1))).unwrap();
    assert_eq!(assert_tampered(&place.dir, segments[2]).what, Tampering::SegmentName);
    let (place, _) = build();
    replace(&path(&place, 2), b"");
    assert_eq!(assert_tampered(&place.dir, segments[2]).what, Tampering::SegmentEnd);
    let (place, _) = build();
    let bytes = fs::read(path(&place, 1)).unwrap();
    replace(&path(&place, 1), &bytes[..bytes.len() - 3]);
    assert_eq!(assert_tampered(&place.dir, segments[2] - 1).what, Tampering::SegmentEnd);
}

#[test]
fn a_large_log_is_checked_on_several_threads_with_the_same_answers() {
    let place = Place::new();
    let journal = place.journal();
    let mut chain = Chain::fresh();
    deny(&journal, "x");
    let bytes = fs::read(place.segment()).unwrap();
    let last = bytes.split(|byte| *byte == b'\n').nth(1).unwrap();
    chain.next = 2;
    chain.head = RecordHash::from_hex(&last[6..70]).unwrap();
    let body = json!({ "argv": ["x".repeat(3000)] });
    while chain.lines.len() < 9 * 1024 * 1024 {
        chain
            .add(Kind::Denied, clock::now(), &[("id", json!("0123456789ab"))], body.as_object().unwrap())
            .unwrap();
    }
    let mut bytes = [bytes, chain.lines.clone()].concat();
    replace(&place.segment(), &bytes);
    assert_whole(&place.dir, chain.next);
    for at in [bytes.len() - 2000, bytes.len() / 2, 5] {
        let seq = line_of(&bytes, at);
        bytes[at] ^= 1;
        replace(&place.segment(), &bytes);
        let fault = assert_tampered(&place.dir, seq);
        let start = bytes[..at].iter().rposition(|byte| *byte == b'\n').map_or(0, |newline| newline + 1);
        assert_eq!(fault.offset, start as u64);
    }
}
