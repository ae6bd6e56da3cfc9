//! What was found is what runs: exchanged and rewritten files.

use crate::stage::{gate, output, program, trial};
use libtest_mimic::Trial;
use std::path::Path;

pub(crate) fn trials() -> Vec<Trial> {
    vec![
        trial("identity::a_native_program_runs_though_a_link_to_it_was_exchanged", swapped_link),
        trial("identity::a_native_program_runs_though_its_directory_was_exchanged", swapped_directory),
        trial("identity::a_native_program_whose_name_was_given_to_another_is_refused", renamed_over),
        trial("identity::a_rewritten_native_program_is_refused", rewritten_native),
        trial("identity::a_rewrite_with_the_old_times_put_back_is_refused", rewritten_with_old_times),
        trial("identity::an_exchanged_script_is_refused", swapped_script),
        trial("identity::a_rewritten_script_is_refused", rewritten_script),
        trial("identity::a_removed_script_is_refused", removed_script),
        trial("identity::a_touched_mode_is_refused", changed_mode),
    ]
}

/// Runs `name` in `directory` with `between` happening after it was found.
fn run(directory: &Path, name: &str, between: &str) -> (Option<i32>, String, String) {
    let between = format!("cd {} && {between}", directory.display());
    let done = output(gate(&["--between", &between]).args([name, "original"]).current_dir(directory));
    let text = |bytes| String::from_utf8(bytes).unwrap();
    (done.status.code(), text(done.stdout), text(done.stderr))
}

fn refused(directory: &Path, name: &str, between: &str) {
    let (code, stdout, stderr) = run(directory, name, between);
    assert_eq!((code, stdout.as_str()), (Some(125), ""), "{between}");
    assert!(stderr.contains("was changed after it was judged; the command was not started"), "{stderr}");
}

fn native() -> tempfile::TempDir {
    let directory = tempfile::tempdir().unwrap();
    std::fs::copy("/bin/echo", directory.path().join("tool")).unwrap();
    std::fs::copy("/bin/false", directory.path().join("evil")).unwrap();
    directory
}

fn script() -> tempfile::TempDir {
    let directory = tempfile::tempdir().unwrap();
    program(&directory.path().join("tool"), "#!/bin/sh\necho $1\n");
    program(&directory.path().join("evil"), "#!/bin/sh\necho evil\n");
    directory
}

/// The proof that the stories below are about the swap and nothing else.
fn unharmed(directory: &Path) {
    assert_eq!(run(directory, "./tool", "true").0, Some(0));
}

/// By way of a link, whose exchange leaves no trace on the file that was found.
fn swapped_link() {
    let directory = native();
    unharmed(directory.path());
    std::os::unix::fs::symlink("tool", directory.path().join("link")).unwrap();
    let (code, stdout, _) = run(directory.path(), "./link", "ln -sfn evil link");
    assert_eq!((code, stdout.as_str()), (Some(0), "original\n"));
}

/// A rename over the name takes a link off the original, and that changes its change time: refused rather than run.
fn renamed_over() {
    refused(native().path(), "./tool", "mv -f evil tool");
}

fn swapped_directory() {
    let directory = native();
    let sub = directory.path().join("sub");
    std::fs::create_dir(&sub).unwrap();
    std::fs::rename(directory.path().join("tool"), sub.join("tool")).unwrap();
    let between = "mv sub aside && mkdir sub && cp evil sub/tool";
    let (code, stdout, _) = run(directory.path(), "sub/tool", between);
    assert_eq!((code, stdout.as_str()), (Some(0), "original\n"));
}

fn rewritten_native() {
    let directory = native();
    unharmed(directory.path());
    refused(directory.path(), "./tool", "cat evil > tool");
}

fn rewritten_with_old_times() {
    let directory = native();
    refused(directory.path(), "./tool", "touch -r tool times && cat evil > tool && touch -r times tool");
}

fn swapped_script() {
    let directory = script();
    unharmed(directory.path());
    refused(directory.path(), "./tool", "mv evil tool");
}

fn rewritten_script() {
    refused(script().path(), "./tool", "cat evil > tool");
}

fn removed_script() {
    refused(script().path(), "./tool", "rm tool");
}

fn changed_mode() {
    refused(native().path(), "./tool", "chmod u+s tool");
}
