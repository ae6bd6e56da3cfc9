//! Doubts that the program file, or what the caller's environment loads into it, is what the name says.
//!
//! In: a command, the environment, the disk. Out: one clause that says why a rule about the name may not make the
//! command known. Never: a doubt about what only the caller's own account could have put there - whoever owns the
//! account owns its `~/bin` too, and `doctor` calls such an installation advisory.

use crate::ambient::Environment;
use crate::command::{Command, EnvironmentEdit, Loose, Nature};
use crate::judge::{Surroundings, Whence};
use crate::run::{Custody, Executable, FoundBy, resolve, resolve_bash};
use crate::tools::Reading;
use std::ffi::{OsStr, OsString};
use std::os::unix::ffi::OsStrExt;
use std::os::unix::fs::MetadataExt;
use std::path::Path;

/// The first doubt about the command's program, its wrappers, or what is loaded into them.
pub(super) fn of(
    command: &Command,
    reading: Option<&Reading<'_>>,
    env: &Environment,
    cwd: &Path,
) -> Option<String> {
    let wrappers = command.wrappers.iter().filter_map(|taken| taken.words.first());
    let search = env.get(OsStr::new("PATH")).map(OsString::as_os_str);
    // The shell that reads a text is a program of the caller's PATH too.
    let shell = command.span.as_ref().and_then(|_| resolve_bash(search, cwd).ok());
    let shell = shell.and_then(|shell| file(OsStr::new("bash"), None, &shell));
    let mut programs = wrappers.chain(command.words.first());
    let found = |program: &OsString| file(program, reading, &resolve(program, search, cwd).ok()?);
    shell.or_else(|| programs.find_map(found)).or_else(|| loaded(env)).or_else(|| {
        let program = command.words.first().map(Path::new)?;
        steered(program.file_name()?.to_str()?, env)
    })
}

/// `kubectl --kubeconfig ./x get pods`: a file that the caller names may name a credential plugin, and that is code.
/// The account's own kubeconfig is believed, as its own programs are.
pub(super) fn plugin(
    command: &Command,
    reading: Option<&Reading<'_>>,
    place: &Surroundings,
) -> Option<String> {
    let credentials = place.fields.get("credentials")?;
    let starts = credentials.values.iter().any(|value| value.starts_with("exec"));
    let option = reading.is_some_and(|reading| reading.targets().contains_key("kubeconfig"));
    let variable = command.environment.iter().any(|edit| match edit {
        EnvironmentEdit::Set(name, _) | EnvironmentEdit::Unsure(name) => name == "KUBECONFIG",
        EnvironmentEdit::Unset(_) | EnvironmentEdit::Clear => false,
    });
    let named = option || variable;
    (starts && named)
        .then(|| format!("the kubeconfig it names starts a program ({})", credentials.values.join(", ")))
}

/// `cd "$x" && git push`: what a tool does depends on where it stands, and nobody knows where that is.
pub(super) fn directory(command: &Command, reading: Option<&Reading<'_>>, whence: &Whence) -> Option<String> {
    let Whence::Unknown(_) = whence else { return None };
    let reading = reading?;
    let relative = reading.operands.iter().any(|operand| !Path::new(operand.text).is_absolute());
    let depends = match reading.tool.ambient.as_deref() {
        Some("files") => relative || reading.operands.is_empty(),
        Some("directory" | "git-repository" | "terraform-workspace") => true,
        Some(_) | None => command.words.first().is_some_and(|word| word.as_bytes().starts_with(b".")),
    };
    depends.then(|| "the directory it starts in is known only when it runs".to_owned())
}

/// `sort *` where somebody has made a file called `-o`: the name becomes an option.
pub(super) fn option_files(command: &Command, cwd: &Path) -> Option<String> {
    let open = |loose: &Loose| loose.nature == Nature::Glob && loose.certain == 0;
    let (_, pattern, _) = command.words.all_loose().find(|(_, _, loose)| open(loose))?;
    let dashed = std::fs::read_dir(cwd)
        .ok()?
        .filter_map(Result::ok)
        .find(|entry| entry.file_name().as_bytes().first() == Some(&b'-'))?;
    let (pattern, name) = (pattern.display(), dashed.file_name());
    Some(format!("`{pattern}` finds the file `{}`, which reads like an option", name.display()))
}

/// `PATH=/tmp/x:$PATH remgate ls` runs `/tmp/x/ls`, of which no rule knows anything.
fn file(program: &OsStr, reading: Option<&Reading<'_>>, found: &Executable) -> Option<String> {
    let (name, provenance) = (program.display(), found.provenance());
    if provenance.found == FoundBy::RelativeSearch {
        return Some(format!("`{name}` would be found by a relative directory of PATH"));
    }
    if let Custody::Others { weakest } = &provenance.custody
        && !is_the_group_s(weakest)
    {
        return Some(format!("others can exchange `{name}`: `{}`", weakest.display()));
    }
    other_name(program, reading, found.path())
}

/// Package managers let an administrators' group write (`/usr/local` of Debian 11, Homebrew): that is no stranger.
fn is_the_group_s(place: &Path) -> bool {
    let us = rustix::process::geteuid().as_raw();
    place.symlink_metadata().is_ok_and(|meta| {
        meta.mode() & 0o002 == 0 && meta.mode() & 0o020 != 0 && (meta.uid() == 0 || meta.uid() == us)
    })
}

/// `~/bin/ls -> /bin/rm`: a link under one tool's name to another tool. The system's own links are believed
/// (`pkill -> pgrep`, `reboot -> systemctl`), and so is a link to what no pack describes (`busybox`, versions).
fn other_name(program: &OsStr, reading: Option<&Reading<'_>>, path: &Path) -> Option<String> {
    let called = Path::new(program).file_name()?.to_str()?;
    let system = ["/usr", "/bin", "/sbin"].iter().any(|directory| path.starts_with(directory));
    if system || !path.is_symlink() {
        return None;
    }
    let real = path.canonicalize().ok()?;
    let is = real.file_name()?.to_str()?;
    crate::packs::of(is)?;
    let same = is == called || reading.is_some_and(|reading| reading.tool.answers_to(is));
    (!same).then(|| format!("`{called}` is a link to `{}`", real.display()))
}

/// Where a preloaded library may come from without a doubt: root's own directories, as distributions use them.
const LIBRARIES: [&str; 5] = ["/lib/", "/lib64/", "/usr/lib/", "/usr/lib64/", "/usr/local/lib/"];

/// Libraries that the loader puts into every program: ld.so(8), dyld(1).
fn loaded(env: &Environment) -> Option<String> {
    env.iter().find_map(|(name, value)| {
        let entries = || value.as_bytes().split(|byte| *byte == b':');
        let strange = match name.to_str()? {
            "LD_PRELOAD" => {
                let entries = value.as_bytes().split(|byte| b": ".contains(byte));
                entries.filter(|entry| !entry.is_empty()).any(|entry| !is_the_system_s(entry))
            }
            "LD_AUDIT" | "DYLD_INSERT_LIBRARIES" => {
                entries().any(|entry| !entry.is_empty() && !is_the_system_s(entry))
            }
            // An empty entry is the working directory. Both separators count, as in ld.so.
            "LD_LIBRARY_PATH" => value.as_bytes().split(|byte| b":;".contains(byte)).any(is_open),
            "DYLD_LIBRARY_PATH" | "DYLD_FRAMEWORK_PATH" | "GCONV_PATH" => entries().any(is_open),
            _ => false,
        };
        (strange && !value.is_empty()).then(|| format!("`{}` loads code into every program", name.display()))
    })
}

fn is_the_system_s(entry: &[u8]) -> bool {
    let entry = String::from_utf8_lossy(entry);
    // A bare name is looked for in the system's directories, and in LD_LIBRARY_PATH, which is asked about by itself.
    !entry.contains("..") && (!entry.contains('/') || LIBRARIES.iter().any(|start| entry.starts_with(start)))
}

fn is_open(entry: &[u8]) -> bool {
    let path = Path::new(OsStr::from_bytes(entry));
    let strangers = |place: &Path| {
        place.symlink_metadata().is_ok_and(|meta| !meta.is_symlink() && meta.mode() & 0o002 != 0)
    };
    !path.is_absolute() || path.ancestors().any(strangers)
}

/// Variables that make one tool start another program whatever its words say: git(1), kubectl.
const STEERING: [(&str, &[&str]); 2] = [
    (
        "git",
        &[
            "GIT_CONFIG_COUNT",
            "GIT_CONFIG_GLOBAL",
            "GIT_CONFIG_PARAMETERS",
            "GIT_CONFIG_SYSTEM",
            "GIT_EXEC_PATH",
            "GIT_EXTERNAL_DIFF",
            "GIT_PROXY_COMMAND",
            "GIT_SSH",
            "GIT_SSH_COMMAND",
        ],
    ),
    ("kubectl", &["KUBECTL_EXTERNAL_DIFF"]),
];

/// Pagers run as soon as there is a terminal; one that is a plain name comes from PATH like any program.
const PAGERS: [(&str, &[&str]); 3] = [
    ("git", &["GIT_PAGER", "PAGER"]),
    ("systemctl", &["SYSTEMD_PAGER", "PAGER"]),
    ("journalctl", &["SYSTEMD_PAGER", "PAGER"]),
];

fn steered(tool: &str, env: &Environment) -> Option<String> {
    let of = |table: &'static [(&str, &[&str])]| {
        table.iter().filter(|(name, _)| *name == tool).flat_map(|(_, names)| names.iter().copied())
    };
    let value = |name: &&str| env.get(OsStr::new(name)).filter(|value| !value.is_empty());
    let steering = of(&STEERING)
        // `GIT_CONFIG_COUNT=0` and a configuration that is nowhere take code away.
        .find(|name| value(name).is_some_and(|value| value != "0" && value != "/dev/null"));
    let pager = of(&PAGERS).find(|name| value(name).is_some_and(|value| !is_plain_pager(value)));
    let name = steering.or(pager)?;
    Some(format!("`{name}` makes `{tool}` start another program"))
}

/// `less -FRX`, `cat`, `delta --dark`: a name and options, nothing that a shell would take apart.
fn is_plain_pager(value: &OsStr) -> bool {
    let Some(text) = value.to_str() else { return false };
    let mut words = text.split(' ').filter(|word| !word.is_empty());
    let plain =
        |word: &str| word.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"-_=.,+".contains(&byte));
    words.next().is_none_or(|name| plain(name) && !name.starts_with('-'))
        && words.all(|word| plain(word) && word.starts_with('-'))
}

/// `kubectl deployment` is refused, unless somebody has put a `kubectl-deployment` into PATH.
pub(super) fn operation(reading: Option<&Reading<'_>>, env: &Environment) -> Option<String> {
    let reading = reading?;
    reading.refused.as_ref()?;
    let operation = reading.operands.first()?.text;
    let mut name = OsString::from(format!("{}-", reading.tool.name));
    // kubectl looks for `kubectl-a_b` where `a-b` is typed.
    name.push(operation.to_string_lossy().replace('-', "_"));
    let path = env.get(OsStr::new("PATH"))?;
    let found =
        std::env::split_paths(path).map(|directory| directory.join(&name)).find(|file| file.exists())?;
    Some(format!("`{}` makes it another program", found.display()))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::rules::Book;

    fn env(name: &str, value: &str) -> Environment {
        Environment::from([(OsString::from(name), OsString::from(value))])
    }

    #[test]
    fn libraries_from_anywhere_are_doubted() {
        for (name, value, doubt) in [
            ("LD_PRELOAD", "/home/u/x.so", true),
            ("LD_PRELOAD", "x/y.so", true),
            ("LD_PRELOAD", "/usr/lib/../../tmp/x.so", true),
            ("LD_PRELOAD", "/usr/lib/libjemalloc.so /tmp/x.so", true),
            ("LD_PRELOAD", "/usr/lib/x86_64-linux-gnu/libjemalloc.so.2", false),
            ("LD_PRELOAD", "libjemalloc.so.2", false),
            ("LD_PRELOAD", "", false),
            ("LD_AUDIT", "./a.so", true),
            ("LD_LIBRARY_PATH", "/usr/lib", false),
            ("LD_LIBRARY_PATH", "/usr/lib:", true),
            ("LD_LIBRARY_PATH", "/usr/lib;lib", true),
            ("LD_LIBRARY_PATH", "/tmp/x", true),
            ("LD_LIBRARY_PATH", "", false),
            ("LANG", "/tmp", false),
        ] {
            assert_eq!(loaded(&env(name, value)).is_some(), doubt, "{name}={value}");
        }
    }

    /// Without `$NS`, `kubectl -n $NS get pods` has the operation `pods`, which kubectl refuses - or finds a plugin for.
    #[test]
    fn a_plugin_makes_a_refused_operation_another_program() {
        let mut book = Book::new();
        assert!(book.add_pack_of("kubectl").is_ok());
        let words = ["kubectl", "-n", "get", "pods"].map(OsString::from).to_vec().into();
        let reading = Reading::of(book.tool("kubectl").unwrap(), &words);
        let directory = tempfile::tempdir().unwrap();
        let path = env("PATH", directory.path().to_str().unwrap());
        assert_eq!(operation(Some(&reading), &path), None);
        let plugin = directory.path().join("kubectl-pods");
        std::fs::write(&plugin, "").unwrap();
        let why = format!("`{}` makes it another program", plugin.display());
        assert_eq!(operation(Some(&reading), &path), Some(why));
    }

    #[test]
    fn variables_steer_only_their_own_tool() {
        for (tool, name, value, doubt) in [
            ("git", "GIT_SSH_COMMAND", "ssh -o ProxyCommand=x", true),
            ("ls", "GIT_SSH_COMMAND", "x", false),
            ("git", "GIT_CONFIG_COUNT", "1", true),
            ("git", "GIT_CONFIG_COUNT", "0", false),
            ("git", "GIT_CONFIG_GLOBAL", "/dev/null", false),
            ("git", "GIT_PAGER", "cat", false),
            ("git", "PAGER", "less -FRX", false),
            ("git", "PAGER", "sh -c x", true),
            ("git", "PAGER", "less;x", true),
            ("git", "PAGER", "./x", true),
            ("git", "GIT_PAGER", "", false),
            ("journalctl", "SYSTEMD_PAGER", "rm -rf /", true),
            ("kubectl", "KUBECTL_EXTERNAL_DIFF", "colordiff", true),
            ("kubectl", "PAGER", "./x", false),
        ] {
            assert_eq!(steered(tool, &env(name, value)).is_some(), doubt, "{tool} {name}={value}");
        }
    }
}
