//! The starter file of `rules init`: comments that teach, and examples that work once their `#` is taken away.
//!
//! In: the tools and kube contexts found on the machine. Out: the text, and a file that is never overwritten unasked.
//! Never: a rule that is active as written, so that a fresh file changes no verdict.

use std::fmt::Write as _;
use std::fs::{DirBuilder, OpenOptions};
use std::io::Write as _;
use std::os::unix::fs::{DirBuilderExt, OpenOptionsExt};
use std::path::{Path, PathBuf};

/// A program found on this machine.
#[derive(Clone, Copy, Debug)]
pub struct ToolFound<'a> {
    /// Its name, as people type it.
    pub program: &'a str,
    /// Where it is.
    pub path: &'a Path,
    /// The built-in pack that reads it.
    pub pack: Option<&'a str>,
}

/// Whether a file that is there may be replaced.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Existing {
    /// It stays, and the call fails.
    Keep,
    /// It is replaced in one step.
    Replace,
}

/// Why no starter file was written.
#[derive(Debug, thiserror::Error)]
pub enum InitError {
    /// A file is there.
    #[error("`{}` exists; pass `--force` to replace it; nothing was written", .0.display())]
    Exists(PathBuf),
    /// The system refused.
    #[error("cannot {doing} `{}`: {source}; no starter file was written", .path.display())]
    Io {
        /// What was tried.
        doing: &'static str,
        /// On what.
        path: PathBuf,
        /// What the system said.
        source: std::io::Error,
    },
}

const HEAD: &str = "\
# Rules of this account for remgate.
#
# Nothing here is active yet. Prose stands behind `# `; an example behind `#` alone. To use an example, take the `#`
# away from its lines and change what is between the quotes. Then:
#
#   remgate rules check                 proves every file, its examples and its near-misses
#   remgate explain -- COMMAND ...      shows what a command would touch, which rules match, and the verdict
#   remgate rules show                  lists all rules in force and where each comes from
#
# A `match` rule describes a whole command, every word and option, and makes it known. An `any` rule looks for its
# words anywhere and can only raise a verdict. If any file has a problem, remgate runs nothing until it is mended.
# This file must belong to you or root, and nobody else may write to it (`chmod go-w`).
";

const ENVIRONMENTS: &str = "
# Which places are production? Unknown places are judged like the worst. Names may hold `*`.
";

/// Known tools and an example that tightens what their pack says. `any` rules, so that none can loosen by mistake.
const EXAMPLES: &[(&str, &str, &str, &str, &str)] = &[
    ("kubectl", "kubectl drain", "availability", "kubectl drain node-1", "kubectl get nodes"),
    (
        "systemctl",
        "systemctl stop",
        "availability",
        "systemctl stop postgresql",
        "systemctl status postgresql",
    ),
    ("docker", "docker rm", "data", "docker rm db", "docker ps"),
    ("terraform", "terraform destroy", "data", "terraform destroy", "terraform plan"),
    ("git", "git push", "data", "git push origin main", "git status"),
];

/// The starter file's text.
#[must_use]
pub fn init(tools: &[ToolFound<'_>], kube_contexts: &[&str]) -> String {
    let mut text = HEAD.to_owned();
    environments(&mut text, kube_contexts);
    let mut rest = Vec::new();
    for tool in tools {
        match (tool.pack, EXAMPLES.iter().find(|example| example.0 == tool.program)) {
            (Some(pack), Some(example)) => tighten(&mut text, tool, pack, example),
            (Some(pack), None) => rest.push(format!("{} ({pack})", comment(tool.program))),
            (None, _) => describe(&mut text, tool),
        }
    }
    if !rest.is_empty() {
        let _ = writeln!(text, "\n# Also found, and read by a built-in pack: {}.", rest.join(", "));
    }
    text
}

fn environments(text: &mut String, contexts: &[&str]) {
    text.push_str(ENVIRONMENTS);
    for context in contexts {
        let (tier, name) = (guess(context), quoted(context));
        let _ = write!(
            text,
            "#[[environment]]\n#name = {name}\n#tier = \"{tier}\"\n#match = {{ context = {name} }}\n\n"
        );
    }
    text.push_str("#[[environment]]\n#name = \"shop-production\"\n#tier = \"production\"\n");
    text.push_str("#match = { namespace = [\"prod-*\", \"shop\"], host = \"*.prod.example.com\" }\n");
}

/// A guess for a commented example that a person reads before using it. The unclear is production.
fn guess(context: &str) -> &'static str {
    let context = context.to_lowercase();
    let has = |words: &[&str]| words.iter().any(|word| context.contains(word));
    if has(&["prod", "live"]) {
        "production"
    } else if has(&["stag", "uat"]) {
        "staging"
    } else if has(&["dev", "test", "kind-", "minikube", "k3d-", "docker-desktop"]) {
        "development"
    } else {
        "production"
    }
}

fn tighten(text: &mut String, tool: &ToolFound<'_>, pack: &str, example: &(&str, &str, &str, &str, &str)) {
    let (program, any, effect, matching, other) = example;
    let path = comment(&tool.path.display().to_string());
    let _ = write!(
        text,
        "
# {program} is {path}; the pack `{}` reads it. This raises what the pack says:
#[[rule]]
#id = \"site.{}\"
#any = \"{any}\"
#effect = \"{effect}\"
#scope = \"environment\"
#why = \"say here what depends on it\"
#examples = [\"{matching}\"]
#near-misses = [\"{other}\"]
",
        comment(pack),
        any.replace(' ', "."),
    );
}

/// A tool without a pack gets a tool entry and one rule that is safe to switch on.
fn describe(text: &mut String, tool: &ToolFound<'_>) {
    let path = comment(&tool.path.display().to_string());
    let program = tool.program;
    let plain = |one: char| one.is_ascii_alphanumeric() || "-_.+".contains(one);
    if program.is_empty() || !program.chars().all(plain) || program.starts_with(['-', '.']) {
        let _ = writeln!(text, "\n# {path}: a name with signs of the rule language; no example for it.");
        return;
    }
    let id = program.replace(['_', '.', '+'], "-").to_lowercase();
    let _ = write!(
        text,
        "
# {program} is {path}; no pack reads it yet, so every call asks. This makes one harmless call known:
#[[tool]]
#name = \"{program}\"
#switch = [\"--version\", \"--help\"]
#
#[[rule]]
#id = \"site.{id}.version\"
#match = \"{program} --version\"
#effect = \"none\"
#scope = \"one\"
#rollback = \"unneeded\"
#why = \"prints its version and leaves nothing to undo\"
#examples = [\"{program} --version\"]
#near-misses = [\"{program} --help\"]
",
    );
}

/// A TOML string on one line. JSON's escapes are TOML's too; only DEL, which JSON leaves as it is, TOML forbids.
fn quoted(text: &str) -> String {
    serde_json::Value::from(text).to_string().replace('\u{7f}', "\\u007f")
}

/// Text that stays within its comment line: a path with a newline would else go on as a rule.
fn comment(text: &str) -> String {
    text.chars().map(|one| if one.is_control() { char::REPLACEMENT_CHARACTER } else { one }).collect()
}

/// Writes a starter file of mode 0600; directories that are missing get mode 0700.
///
/// # Errors
/// The file is there and may not be replaced, or the system refuses.
pub fn write(path: &Path, text: &str, existing: Existing) -> Result<(), InitError> {
    let failed = |doing, e| InitError::Io { doing, path: path.to_owned(), source: e };
    let directory = path.parent().unwrap_or(Path::new("/"));
    DirBuilder::new()
        .recursive(true)
        .mode(0o700)
        .create(directory)
        .map_err(|e| failed("create the directory of", e))?;
    match existing {
        Existing::Keep => fill(path, text).map_err(|e| {
            if e.kind() == std::io::ErrorKind::AlreadyExists {
                return InitError::Exists(path.to_owned());
            }
            failed("write", e)
        }),
        // Beside and renamed: a reader, or a full disk, never meets half a file.
        Existing::Replace => {
            let nonce = getrandom::u64().map_err(|e| failed("name", std::io::Error::other(e)))?;
            let beside = directory.join(format!(".remgate-init-{nonce:016x}"));
            let written = fill(&beside, text).and_then(|()| std::fs::rename(&beside, path));
            written.map_err(|e| {
                let _ = std::fs::remove_file(&beside);
                failed("replace", e)
            })
        }
    }
}

/// Creates a file that must not be there; O_EXCL does not follow a link either.
fn fill(path: &Path, text: &str) -> std::io::Result<()> {
    let mut file = OpenOptions::new().write(true).create_new(true).mode(0o600).open(path)?;
    file.write_all(text.as_bytes()).and_then(|()| file.sync_all())
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::os::unix::fs::{PermissionsExt, symlink};
    use toml::{Table, Value};

    fn tools() -> Vec<ToolFound<'static>> {
        let tool = |program, pack| ToolFound { program, path: Path::new("/usr/bin/x"), pack };
        vec![
            tool("kubectl", Some("kubectl")),
            tool("systemctl", Some("systemctl")),
            tool("docker", Some("docker")),
            tool("terraform", Some("terraform")),
            tool("git", Some("git")),
            tool("ls", Some("readers")),
            tool("ansible-playbook", None),
            tool("pg_ctl", None),
            tool("we ird\n[[rule]]\n\"", None),
        ]
    }

    /// Takes the `#` from the example lines, as the file's head tells people to.
    fn uncommented(text: &str) -> String {
        let line = |line: &str| match line.strip_prefix('#') {
            Some(example) if !example.starts_with(' ') => format!("{example}\n"),
            _ => format!("{line}\n"),
        };
        text.lines().map(line).collect()
    }

    #[test]
    fn as_written_nothing_is_active() {
        let text = init(&tools(), &["kind-a", "x\n[[rule]]\nid='evil'\u{7f}"]);
        assert!(toml::from_str::<Table>(&text).expect("valid").is_empty(), "{text}");
        assert!(text.lines().all(|line| line.is_empty() || line.starts_with('#')), "{text}");
        for command in ["remgate rules check", "remgate explain -- ", "remgate rules show"] {
            assert!(text.contains(command), "{command}");
        }
    }

    #[test]
    fn every_example_works_once_uncommented() {
        let contexts = ["prod-eu", "staging", "kind-a", "we\"ird\\", "x\n[[rule]]\nid='evil'"];
        let text = uncommented(&init(&tools(), &contexts));
        let table = toml::from_str::<Table>(&text).expect("valid");
        let array = |key: &str| table[key].as_array().expect("array").clone();
        assert_eq!(array("environment").len(), contexts.len() + 1);
        assert_eq!(array("environment")[4]["name"].as_str(), Some("x\n[[rule]]\nid='evil'"));
        assert_eq!(array("tool").len(), 2);
        assert_eq!(array("rule").len(), 7, "{text}");
        for rule in array("rule") {
            let words = |key: &str| rule[key].as_array().expect("list")[0].as_str().expect("text").to_owned();
            let pattern = rule.get("match").or(rule.get("any")).and_then(Value::as_str).expect("pattern");
            let has = |command: &str| pattern.split(' ').all(|word| command.split(' ').any(|w| w == word));
            assert!(has(&words("examples")), "{rule}");
            assert!(!has(&words("near-misses")), "{rule}");
        }
    }

    #[test]
    fn a_context_that_is_not_clearly_harmless_is_production() {
        for (context, tier) in [
            ("kind-local", "development"),
            ("gke_shop-staging_eu", "staging"),
            ("prod-devices", "production"),
            ("preprod", "production"),
            ("shop", "production"),
        ] {
            assert_eq!(guess(context), tier, "{context}");
        }
    }

    #[test]
    fn a_file_is_never_overwritten_unasked() {
        let place = tempfile::tempdir().expect("directory");
        let path = place.path().join("new/remgate/site.toml");
        write(&path, "one", Existing::Keep).expect("written");
        let mode = |path: &Path| path.metadata().expect("is there").permissions().mode() & 0o777;
        assert_eq!((mode(&path), mode(path.parent().expect("parent"))), (0o600, 0o700));
        let error = write(&path, "two", Existing::Keep).expect_err("is there");
        assert!(matches!(error, InitError::Exists(_)), "{error}");
        assert!(error.to_string().ends_with("nothing was written"), "{error}");
        assert_eq!(std::fs::read_to_string(&path).expect("text"), "one");
        write(&path, "two", Existing::Replace).expect("replaced");
        assert_eq!(std::fs::read_to_string(&path).expect("text"), "two");
        assert_eq!(std::fs::read_dir(path.parent().expect("parent")).expect("list").count(), 1, "leftovers");

        let link = path.with_file_name("link.toml");
        let target = place.path().join("target");
        symlink(&target, &link).expect("link");
        write(&link, "three", Existing::Keep).expect_err("a dangling link is a file that is there");
        assert!(!target.exists(), "written through a link");
    }
}
