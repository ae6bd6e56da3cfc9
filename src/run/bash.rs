//! The bash that runs a shell text.
//!
//! In: the caller's PATH. Out: the first `bash` in it that is not the gate. Never: the gate itself.

use super::{Executable, ResolveError, resolve};
use std::ffi::OsStr;
use std::os::unix::fs::MetadataExt;
use std::path::Path;

/// Finds it, as [`resolve`] does. For programs that start no other shell than `bash` or `sh`, a directory of links to
/// the gate by these names stands in front of PATH; taken for bash, the gate would start itself for ever, with a record
/// each time.
///
/// # Errors
/// [`ResolveError`]: there is none besides the gate.
pub fn resolve_bash(search: Option<&OsStr>, cwd: &Path) -> Result<Executable, ResolveError> {
    let name = OsStr::new("bash");
    let first = resolve(name, search, cwd)?;
    if !is_the_gate(&first) {
        return Ok(first);
    }
    let directories = search.map(std::env::split_paths).into_iter().flatten();
    let mut others = directories
        .filter_map(|directory| resolve(name, Some(directory.as_os_str()), cwd).ok())
        .filter(|found| !is_the_gate(found));
    others.next().ok_or_else(|| ResolveError::NotExecutable {
        program: "bash".to_owned(),
        reason: format!("{} is remgate itself, and PATH has no other", first.path().display()),
    })
}

/// Whether a file is the one that this process runs. Where that cannot be told it is not: then the worst is a loop that
/// leaves a record at every turn.
fn is_the_gate(executable: &Executable) -> bool {
    let own = std::env::current_exe().and_then(std::fs::metadata);
    let identity = executable.identity();
    own.is_ok_and(|own| (own.dev(), own.ino()) == (identity.dev, identity.ino))
}
