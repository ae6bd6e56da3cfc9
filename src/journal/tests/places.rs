//! Where a log may lie, and where it may not.

use super::*;
use std::os::unix::fs::{MetadataExt as _, PermissionsExt as _, symlink};

fn mode(path: &Path) -> u32 {
    fs::symlink_metadata(path).unwrap().mode() & 0o7777
}

fn chmod(path: &Path, mode: u32) {
    fs::set_permissions(path, fs::Permissions::from_mode(mode)).unwrap();
}

fn am_root() -> bool {
    rustix::process::geteuid().is_root()
}

#[test]
fn what_the_journal_makes_only_its_owner_can_read() {
    let place = Place::new();
    let mut intent = intent("x");
    intent.secrets.learn_value(b"hunter2");
    drop(open(&place.journal(), intent).unwrap());
    assert_eq!((mode(&place.dir), mode(place.dir.parent().unwrap())), (0o700, 0o700));
    let mut files: Vec<_> = fs::read_dir(&place.dir).unwrap().map(|entry| entry.unwrap().path()).collect();
    files.sort();
    assert_eq!(files.len(), 3, "{files:?}");
    for file in files {
        assert_eq!(mode(&file), 0o600, "{}", file.display());
    }
}

#[test]
fn a_link_in_place_of_the_directory_is_refused() {
    let place = Place::new();
    let real = place.dir.with_file_name("real");
    fs::create_dir_all(&real).unwrap();
    symlink(&real, &place.dir).unwrap();
    let error = Journal::at(&place.dir).unwrap_err();
    assert!(matches!(error.problem, Problem::Link(_)), "{error}");
    assert!(matches!(verify(&place.dir, &[]), Err(Unreadable(Problem::Link(_)))));
    fs::remove_dir(&real).unwrap();
    assert!(Journal::at(&place.dir).is_err(), "nor a link to nowhere");
    assert!(!real.exists());
}

#[test]
fn a_file_in_place_of_the_directory_is_refused() {
    let place = Place::new();
    fs::create_dir_all(place.dir.parent().unwrap()).unwrap();
    fs::write(&place.dir, "").unwrap();
    assert!(matches!(Journal::at(&place.dir).unwrap_err().problem, Problem::FileType { .. }));
}

#[test]
fn what_others_can_write_is_refused() {
    let place = Place::new();
    let journal = place.journal();
    act(&journal, "x");
    for bits in [0o720, 0o702, 0o777] {
        chmod(&place.dir, bits);
        let error = Journal::at(&place.dir).unwrap_err();
        assert!(matches!(error.problem, Problem::Writable { mode, .. } if mode == bits), "{error}");
    }
    chmod(&place.dir, 0o755);
    Journal::at(&place.dir).unwrap();
    chmod(&place.segment(), 0o660);
    assert!(matches!(open(&journal, intent("x")).unwrap_err().problem, Problem::Writable { .. }));
    chmod(&place.segment(), 0o644);
    act(&journal, "readable by others is the owner's choice");
}

#[test]
fn a_foreign_owner_is_refused() {
    if !am_root() {
        return skip("a_foreign_owner_is_refused", "only root can give a file away");
    }
    let place = Place::new();
    let journal = place.journal();
    act(&journal, "x");
    std::os::unix::fs::chown(place.segment(), Some(12345), None).unwrap();
    let error = open(&journal, intent("x")).unwrap_err();
    assert!(matches!(error.problem, Problem::Owner { owner: 12345, .. }), "{error}");
    std::os::unix::fs::chown(&place.dir, Some(12345), None).unwrap();
    assert!(matches!(Journal::at(&place.dir).unwrap_err().problem, Problem::Owner { owner: 12345, .. }));
}

#[test]
fn links_pipes_and_directories_in_place_of_files_are_refused() {
    for name in [store::segment_name(0), lock::NAME.to_owned()] {
        let place = Place::new();
        let journal = place.journal();
        let path = place.dir.join(&name);
        let elsewhere = place.dir.with_file_name("elsewhere");
        fs::write(&elsewhere, "").unwrap();
        symlink(&elsewhere, &path).unwrap();
        assert!(matches!(open(&journal, intent("x")).unwrap_err().problem, Problem::Link(_)), "{name}");
        assert_eq!(fs::metadata(&elsewhere).unwrap().len(), 0);
        fs::remove_file(&path).unwrap();
        fs::create_dir(&path).unwrap();
        assert!(open(&journal, intent("x")).is_err(), "{name}");
    }
    let place = Place::new();
    let journal = place.journal();
    rustix::fs::mknodat(
        rustix::fs::CWD,
        place.segment(),
        rustix::fs::FileType::Fifo,
        rustix::fs::Mode::RUSR | rustix::fs::Mode::WUSR,
        0,
    )
    .unwrap();
    assert!(matches!(open(&journal, intent("x")).unwrap_err().problem, Problem::FileType { .. }));
}

#[test]
fn a_directory_that_cannot_be_written_to_is_refused() {
    let place = Place::new();
    act(&place.journal(), "x");
    if am_root() {
        // Root ignores modes; a read-only mount does not ignore root.
        let mount =
            |options: &[&str]| command("mount").args(options).arg(&place.dir).arg(&place.dir).output();
        let mounted = mount(&["--bind"]).is_ok_and(|done| done.status.success())
            && mount(&["-o", "remount,bind,ro"]).is_ok_and(|done| done.status.success());
        if !mounted {
            return skip("a_directory_that_cannot_be_written_to_is_refused", "cannot mount here");
        }
    } else {
        chmod(&place.segment(), 0o400);
    }
    let error = Journal::at(&place.dir).and_then(|journal| open(&journal, intent("x")).map(drop));
    let verified = verify(&place.dir, &[]);
    if am_root() {
        assert!(command("umount").arg(&place.dir).status().unwrap().success());
    }
    let error = error.unwrap_err();
    assert!(error.to_string().ends_with("; the command was not started"), "{error}");
    assert_eq!(verified.unwrap().exit_code(), 3, "reading needs no right to write");
}

#[test]
fn a_directory_that_cannot_be_made_is_refused() {
    let place = Place::new();
    let file = place.dir.ancestors().nth(2).unwrap().join("file");
    fs::write(&file, "").unwrap();
    let error = Journal::at(&file.join("log")).unwrap_err();
    assert!(error.to_string().contains("is not a directory"), "{error}");
}

#[test]
fn a_copied_log_verifies_without_its_locks() {
    let place = Place::new();
    let journal = place.journal();
    act(&journal, "x");
    let opened = open(&journal, intent("still runs here")).unwrap();
    let copy = place.dir.with_file_name("copy");
    fs::create_dir(&copy).unwrap();
    fs::copy(place.segment(), copy.join(store::segment_name(0))).unwrap();
    let Integrity::Partial { gaps, .. } = verify(&copy, &[]).unwrap() else { panic!() };
    assert!(matches!(gaps[..], [Gap::Unanchored, Gap::Orphan { seq: 3, .. }]), "{gaps:?}");
    assert_whole(&place.dir, 4);
    drop(opened);
}

#[test]
fn nothing_and_empty_are_told_apart() {
    let place = Place::new();
    assert!(matches!(verify(&place.dir, &[]), Err(Unreadable(Problem::Io { .. }))));
    let journal = place.journal();
    assert!(matches!(place.verify(), Integrity::Partial { gaps, .. } if gaps == [Gap::Empty]));
    fs::write(place.dir.join("notes.jsonl"), "not a segment").unwrap();
    act(&journal, "x");
    assert_whole(&place.dir, 3);
}
