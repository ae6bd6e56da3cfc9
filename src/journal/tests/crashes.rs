//! What crashes, full disks and kills leave behind: never an honest log that looks tampered with, and never an
//! action without an end.

use super::*;

/// Every answer that a crash may lead to.
#[track_caller]
fn assert_honest(dir: &Path, what: &str) -> Vec<Gap> {
    match verify(dir, &[]).unwrap() {
        Integrity::Whole(_) => Vec::new(),
        Integrity::Partial { gaps, .. } => gaps,
        Integrity::Tampered { fault, .. } => panic!("{what}: {fault:?}"),
    }
}

/// Cuts the segment after every byte from `from` on, and appends; the log must be honest before and whole after.
fn tear_each(dir: &Path, segment: &Path, from: usize) {
    let whole = fs::read(segment).unwrap();
    for cut in from..whole.len() {
        replace(segment, &whole[..cut]);
        let gaps = assert_honest(dir, &format!("cut at {cut}"));
        let at_a_record = cut == 0 || whole[..cut].ends_with(b"\n");
        let torn = gaps.iter().any(|gap| matches!(gap, Gap::Torn { .. } | Gap::Empty));
        assert!(torn || at_a_record, "cut at {cut}: {gaps:?}");
        deny(&Journal::at(dir).unwrap(), "mends");
        let gaps = assert_honest(dir, &format!("mended after a cut at {cut}"));
        assert_eq!(gaps, [Gap::Unanchored], "cut at {cut}");
    }
    replace(segment, &whole);
}

fn last_line(bytes: &[u8]) -> usize {
    bytes[..bytes.len() - 1].iter().rposition(|byte| *byte == b'\n').map_or(0, |newline| newline + 1)
}

#[test]
fn a_torn_outcome_denial_or_first_record_is_mended_at_every_byte() {
    let place = Place::new();
    act(&place.journal(), "first");
    tear_each(&place.dir, &place.segment(), 0);
    deny(&place.journal(), "a nested body, whose beginnings look like ends: }}}");
    tear_each(&place.dir, &place.segment(), last_line(&fs::read(place.segment()).unwrap()));
}

#[test]
fn a_torn_segment_start_is_mended_at_every_byte() {
    let place = Place::new();
    let journal = place.journal().with_segment_limit(1);
    act(&journal, "fills the first segment");
    deny(&journal, "opens the second");
    let segments = store::segments(&journal.dir, &place.dir).unwrap();
    assert_eq!(segments.len(), 2);
    tear_each(&place.dir, &place.dir.join(store::segment_name(segments[1])), 0);
}

#[test]
fn a_mend_that_is_torn_itself_is_mended_again() {
    let place = Place::new();
    act(&place.journal(), "x");
    let whole = fs::read(place.segment()).unwrap();
    let start = last_line(&whole);
    for first in [start + 1, start + 40, start + 200, whole.len() - 2, whole.len() - 1] {
        replace(&place.segment(), &whole[..first]);
        deny(&place.journal(), "mends");
        let mended = fs::read(place.segment()).unwrap();
        assert!(mended.starts_with(&whole[..first]), "nothing is ever truncated");
        tear_each(&place.dir, &place.segment(), first);
    }
}

#[test]
fn the_python_verifier_agrees_on_torn_and_mended_logs() {
    if !has("python3", "the_python_verifier_agrees_on_torn_and_mended_logs") {
        return;
    }
    let place = Place::new();
    act(&place.journal(), "x");
    let whole = fs::read(place.segment()).unwrap();
    let anchor = String::from_utf8(whole[6..70].to_vec()).unwrap();
    let start = last_line(&whole);
    for cut in (start + 1..whole.len()).step_by(23).chain([whole.len() - 2, whole.len() - 1]) {
        replace(&place.segment(), &whole[..cut]);
        assert_eq!(python_says(&place.dir, Some(&anchor)), 3, "cut at {cut}");
        deny(&place.journal(), "mends");
        let mended = fs::read(place.segment()).unwrap();
        assert_eq!(python_says(&place.dir, Some(&anchor)), 0, "mended after a cut at {cut}");
        for again in [cut + 3, cut + 7, cut + 9] {
            replace(&place.segment(), &mended[..again.min(mended.len())]);
            assert_eq!(python_says(&place.dir, Some(&anchor)), 3, "cut at {cut}, then at {again}");
        }
    }
}

#[test]
fn a_changed_byte_in_a_mended_tear_is_tampering() {
    let place = Place::new();
    act(&place.journal(), "x");
    let whole = fs::read(place.segment()).unwrap();
    replace(&place.segment(), &whole[..whole.len() - 90]);
    deny(&place.journal(), "mends");
    let mended = fs::read(place.segment()).unwrap();
    let start = last_line(&whole);
    for at in start..mended.len() {
        for byte in [mended[at] ^ 1, b'\n'].into_iter().filter(|byte| *byte != mended[at]) {
            let mut changed = mended.clone();
            changed[at] = byte;
            replace(&place.segment(), &changed);
            assert_eq!(place.verify().exit_code(), 1, "byte {at} to {byte}");
        }
    }
}

#[test]
fn a_tail_that_no_crash_leaves_is_not_appended_to() {
    let place = Place::new();
    act(&place.journal(), "x");
    let whole = fs::read(place.segment()).unwrap();
    let start = last_line(&whole);
    let mut flipped = whole.clone();
    flipped[start + 100] ^= 1;
    let rows = [
        flipped,
        [&whole[..], b"garbage"].concat(),
        [&whole[..], b"{\"h\":\"\n"].concat(),
        [&whole[..], b"\n"].concat(),
        [&whole[..], b"<torn>\n"].concat(),
        [&whole[..start], b"\0\0\0\0"].concat(),
        whole[..whole.len() - 1].iter().copied().chain([b'!']).collect(),
    ];
    for bytes in rows {
        replace(&place.segment(), &bytes);
        let error = open(&place.journal(), intent("x")).unwrap_err();
        assert!(matches!(error.problem, Problem::Damaged { .. }), "{error}");
        assert_eq!(fs::read(place.segment()).unwrap(), bytes);
        assert_eq!(place.verify().exit_code(), 1);
    }
}

#[test]
fn a_gate_that_dies_is_buried_by_the_next_one_whatever_that_records() {
    let place = Place::new();
    let journal = place.journal();
    let ids: Vec<_> =
        (0..3).map(|_| open(&journal, intent("x")).map(|opened| opened.id().to_owned()).unwrap()).collect();
    let alive = open(&journal, intent("alive")).unwrap();
    deny(&journal, "x");
    close(&journal, alive.finish(Grant::for_test(), exited(0))).unwrap();
    let abandoned: Vec<_> = all_records(&place.dir)
        .into_iter()
        .filter(|record| record.kind == Kind::Abandoned)
        .map(|record| record.id().unwrap().to_owned())
        .collect();
    assert_eq!(abandoned, ids);
    assert_whole(&place.dir, 1 + 3 + 3 + 1 + 1 + 1);
}

#[test]
fn a_removed_lock_file_costs_an_outcome_but_never_forks_the_chain() {
    let place = Place::new();
    let journal = place.journal();
    let opened = open(&journal, intent("x")).unwrap();
    fs::remove_file(place.dir.join(lock::NAME)).unwrap();
    deny(&journal, "cannot see the mark any more");
    let error = close(&journal, opened.finish(Grant::for_test(), exited(0))).unwrap_err();
    assert!(error.to_string().ends_with("; the command ended, but its outcome was not recorded"), "{error}");
    assert_eq!(place.kinds().last(), Some(&Kind::Denied));
    assert_whole(&place.dir, 4);
}

/// Acts without end when it is started for that; otherwise there is nothing to test here.
#[test]
fn a_gate_to_be_killed() {
    let Some(dir) = std::env::var_os("REMGATE_TEST_KILLED") else { return };
    let journal = Journal::at(Path::new(&dir)).unwrap().with_segment_limit(4000);
    loop {
        act(&journal, "x");
    }
}

#[test]
fn kills_at_any_time_leave_an_honest_log() {
    let place = Place::new();
    let (mut abandoned, mut before) = (0, 0);
    for round in 0..25u64 {
        let mut gate =
            again("journal::tests::crashes::a_gate_to_be_killed", "REMGATE_TEST_KILLED", &place.dir)
                .stdout(std::process::Stdio::null())
                .spawn()
                .unwrap();
        while fs::metadata(place.segment()).is_err() {
            std::thread::sleep(Duration::from_millis(1));
        }
        std::thread::sleep(Duration::from_micros(5_000 + round * 1_733));
        gate.kill().unwrap();
        gate.wait().unwrap();
        assert_honest(&place.dir, "killed");
        deny(&place.journal(), "comes next");
        assert_eq!(assert_honest(&place.dir, "mended"), [Gap::Unanchored]);
        let kinds = place.kinds();
        assert!(kinds.len() > before);
        before = kinds.len();
        abandoned = kinds.iter().filter(|kind| **kind == Kind::Abandoned).count();
    }
    assert!(abandoned > 0, "no kill ever hit an action in flight: the test tests nothing");
}

/// A small file system that vanishes with the value.
struct SmallDisk(tempfile::TempDir);

impl SmallDisk {
    fn mount() -> Option<SmallDisk> {
        let at = tempfile::tempdir().unwrap();
        let mounted =
            command("mount").args(["-t", "tmpfs", "-o", "size=256k", "tmpfs"]).arg(at.path()).output();
        mounted.is_ok_and(|done| done.status.success()).then_some(SmallDisk(at))
    }

    /// Writes until nothing fits any more.
    fn fill(&self) -> PathBuf {
        let filler = self.0.path().join("filler");
        let mut file = fs::File::create(&filler).unwrap();
        while std::io::Write::write(&mut file, &[0; 4096]).is_ok() {}
        filler
    }
}

impl Drop for SmallDisk {
    fn drop(&mut self) {
        let done = command("umount").arg("-l").arg(self.0.path()).status();
        assert!(done.is_ok_and(|status| status.success()), "cannot unmount");
    }
}

#[test]
fn a_full_disk_takes_the_outcome_of_what_runs_and_starts_nothing_new() {
    let Some(disk) = SmallDisk::mount() else {
        return skip(
            "a_full_disk_takes_the_outcome_of_what_runs_and_starts_nothing_new",
            "only root can mount a small disk",
        );
    };
    let dir = disk.0.path().join("log");
    let journal = Journal::at(&dir).unwrap();
    let running: Vec<_> = (0..3).map(|_| open(&journal, intent("x")).unwrap()).collect();
    let filler = disk.fill();
    // What is set aside beyond the need of three outcomes still serves some new actions; then it ends.
    let mut refused = None;
    for _ in 0..500 {
        if let Err(error) =
            journal.deny(intent("x"), Denial { reason: String::new(), by: String::new(), exit_code: 77 })
        {
            refused = Some(error);
            break;
        }
    }
    let error = refused.expect("a full disk refuses in the end");
    assert!(
        matches!(&error.problem, Problem::Io { source, .. } if source.kind() == std::io::ErrorKind::StorageFull),
        "{error}"
    );
    assert!(open(&journal, intent("x")).unwrap_err().to_string().ends_with("; the command was not started"));
    for opened in running {
        let end = End::NotStarted { exit_code: 126, reason: "\u{1f600}".repeat(1000) };
        close(&journal, opened.finish(Grant::for_test(), Outcome { end, took: Duration::ZERO })).unwrap();
    }
    assert_eq!(assert_honest(&dir, "full disk"), [Gap::Unanchored]);
    fs::remove_file(filler).unwrap();
    act(&journal, "goes on");
    assert_eq!(assert_honest(&dir, "space again"), [Gap::Unanchored]);
}

/// Acts once when it is started for that, and says what came of it.
#[test]
fn a_gate_to_be_traced() {
    let Some(dir) = std::env::var_os("REMGATE_TEST_TRACED") else { return };
    let journal = Journal::at(Path::new(&dir)).unwrap();
    match open(&journal, intent("x")) {
        Ok(opened) => match close(&journal, opened.finish(Grant::for_test(), exited(0))) {
            Ok(_) => println!("SAID recorded"),
            Err(error) => println!("SAID {error}"),
        },
        Err(error) => println!("SAID {error}"),
    }
}

/// Runs that gate under strace; gives what it said and the trace.
fn traced(dir: &Path, options: &[&str]) -> (String, String) {
    let gate = again("journal::tests::crashes::a_gate_to_be_traced", "REMGATE_TEST_TRACED", dir);
    let trace = dir.with_file_name("trace");
    let mut strace = command("strace");
    strace.args(["-f", "-y", "-o"]).arg(&trace).args(options).arg(gate.get_program()).args(gate.get_args());
    let output = strace.env("REMGATE_TEST_TRACED", dir).output().unwrap();
    let said = String::from_utf8(output.stdout).unwrap();
    let said = said.lines().find_map(|line| line.split_once("SAID ")).map(|(_, said)| said.to_owned());
    (said.unwrap_or_default(), fs::read_to_string(&trace).unwrap())
}

#[test]
fn each_record_is_one_write_and_one_sync_before_the_next_step() {
    let test = "each_record_is_one_write_and_one_sync_before_the_next_step";
    if !has("strace", test) {
        return;
    }
    let place = Place::new();
    act(&place.journal(), "makes the segment");
    let (said, trace) = traced(&place.dir, &["-e", "trace=write,fdatasync"]);
    assert_eq!(said, "recorded");
    let steps: Vec<_> = trace
        .lines()
        .filter(|line| line.contains(".jsonl>"))
        .map(|line| line.contains("fdatasync"))
        .collect();
    assert_eq!(steps, [false, true, false, true], "{trace}");
}

#[test]
fn a_failed_sync_write_or_lock_starts_nothing_and_leaves_an_honest_log() {
    let test = "a_failed_sync_write_or_lock_starts_nothing_and_leaves_an_honest_log";
    if !has("strace", test) {
        return;
    }
    for (inject, said_so) in [
        ("fdatasync:error=EIO:when=1", "what was written may be lost; the command was not started"),
        ("fdatasync:error=EIO:when=2", "; the command ended, but its outcome was not recorded"),
        ("fallocate:error=ENOSPC:when=1", "; the command was not started"),
        ("pread64:error=EIO:when=1", "; the command was not started"),
    ] {
        let place = Place::new();
        act(&place.journal(), "x");
        // An allocation that is used up already, so that the gate must ask for more.
        let bytes = fs::read(place.segment()).unwrap();
        fs::remove_file(place.segment()).unwrap();
        fs::write(place.segment(), bytes).unwrap();
        std::fs::set_permissions(place.segment(), std::os::unix::fs::PermissionsExt::from_mode(0o600))
            .unwrap();
        let call = inject.split(':').next().unwrap();
        let trace = format!("trace={call}");
        let path = place.segment();
        let (said, trace) = traced(
            &place.dir,
            &["-e", &trace, "-e", &format!("inject={inject}"), "-P", path.to_str().unwrap()],
        );
        assert!(said.ends_with(said_so), "{inject}: {said}\n{trace}");
        assert_honest(&place.dir, inject);
        deny(&place.journal(), "next");
        assert_eq!(assert_honest(&place.dir, inject), [Gap::Unanchored]);
    }
}
