//! Words and texts inside words: taking wrappers off never panics, never goes on without end, and leaves a command.
#![no_main]

#[expect(dead_code, reason = "the other target reads texts")]
#[path = "../../tests/canary/bounds.rs"]
mod bounds;

use libfuzzer_sys::fuzz_target;
use remgate::command::Action;
use std::collections::BTreeMap;
use std::ffi::OsString;
use std::os::unix::ffi::OsStringExt;

fuzz_target!(|bytes: &[u8]| {
    // NUL ends a word, as in /proc/PID/cmdline.
    let argv = bytes.split(|byte| *byte == 0).map(|word| OsString::from_vec(word.to_vec())).collect();
    bounds::action_is_read_within_bounds(&Action::Argv(argv), &BTreeMap::new());
    let text: Vec<u8> = bytes.iter().map(|byte| if *byte == 0 { b' ' } else { *byte }).collect();
    bounds::action_is_read_within_bounds(&Action::Shell(OsString::from_vec(text).into()), &BTreeMap::new());
});
