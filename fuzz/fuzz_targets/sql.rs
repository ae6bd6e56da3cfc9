//! SQL as a client gets it: every text has classes, and one that is only read holds no word that writes.
#![no_main]

use libfuzzer_sys::fuzz_target;
use remgate::content::sql::{CLASSES, Dialect, classes};

fuzz_target!(|bytes: &[u8]| {
    let [first, text @ ..] = bytes else { return };
    let (_, dialect) = Dialect::ALL[usize::from(*first) % Dialect::ALL.len()];
    let found = classes(text, dialect);
    assert!(!found.classes.is_empty());
    assert!(found.classes.iter().all(|class| CLASSES.contains(&class.as_str())));
    // Without quotes and comments there is no place where such a word could be data.
    let quoted = text.iter().any(|byte| b"'\"`$-/#.".contains(byte));
    let small = text.to_ascii_lowercase();
    let words = small.split(|byte| !(byte.is_ascii_alphanumeric() || *byte == b'_' || *byte == b'.'));
    let writes = words.into_iter().any(|word| [&b"insert"[..], b"delete", b"drop", b"into", b"alter"].contains(&word));
    assert!(quoted || !writes || !found.classes.contains("read") || found.classes.len() > 1);
});
