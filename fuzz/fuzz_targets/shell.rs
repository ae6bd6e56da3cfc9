//! Shell text: the parser never panics, never points outside the text, and ends.
#![no_main]

#[expect(dead_code, reason = "the other target reads actions")]
#[path = "../../tests/canary/bounds.rs"]
mod bounds;

use libfuzzer_sys::fuzz_target;
use std::collections::BTreeMap;

fuzz_target!(|text: &[u8]| {
    let values = [("A", "plain"), ("N", "3"), ("W", "two words"), ("G", "*"), ("E", ""), ("HOME", "/root"), ("LANG", "C.UTF-8")];
    let variables = BTreeMap::from(values.map(|(name, value)| (name.into(), value.into())));
    bounds::text_is_read_within_bounds(text, &variables);
});
