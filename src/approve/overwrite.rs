//! The small question before a file is replaced. It guards no approval, so dialoguer asks it.

use crate::report::style::GateTheme;
use crate::report::{Look, sanitize};
use console::Term;
use dialoguer::Input;
use std::os::unix::ffi::OsStrExt;
use std::path::Path;

/// Whether a file may be replaced.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Overwrite {
    /// Somebody typed `yes`.
    Yes,
    /// Anything else, or nobody there.
    No,
}

/// Asks on standard error whether the file at `path` may be replaced. Without a terminal the answer is no.
///
/// A typed line, not dialoguer's `Confirm`: that one hides the cursor, and Ctrl-C would leave it hidden.
#[must_use]
pub fn confirm_overwrite(path: &Path, look: Look) -> Overwrite {
    let prompt = format!("`{}` exists; type yes to replace it", sanitize::text(path.as_os_str().as_bytes()));
    let theme = GateTheme(look);
    let typed = Input::<String>::with_theme(&theme)
        .with_prompt(prompt)
        .allow_empty(true)
        .interact_on(&Term::stderr());
    match typed {
        Ok(typed) if typed.trim() == "yes" => Overwrite::Yes,
        Ok(_) | Err(_) => Overwrite::No,
    }
}
