//! `git-repository`: which work tree and repository git would act on.
//!
//! In: `-C`, `--git-dir`, `--work-tree`, their variables, and the directories above the current one. Out: work tree,
//! repository, branch. Never: reads remotes, runs hooks or filters, or follows `include` in git's configuration.

use super::{Asked, Fields, Presence, Unreadable, World, file, path_text, resolve};
use std::path::{Path, PathBuf};

/// Absent means that there is no repository, and that git would fail.
pub(super) fn read(world: &World<'_>, asked: &Asked) -> Result<(Presence, Fields), Unreadable> {
    // Every -C is relative to the one before it; an empty one changes nothing.
    let start = asked.all("C").iter().fold(world.cwd.to_owned(), |cwd, path| cwd.join(path));
    let start = resolve(&start, Path::new(""));
    let said = |option: &str, variable: &str| -> Result<Option<(String, String)>, Unreadable> {
        match asked.last(option) {
            Some(path) => Ok(Some((path.to_owned(), format!("--{option}")))),
            None => Ok(world.text(variable)?.map(|path| (path, format!("${variable}")))),
        }
    };
    let found = match said("git-dir", "GIT_DIR")? {
        // A repository named by hand has the current directory for a work tree, wherever it lies itself.
        Some((path, source)) => {
            let repository = follow(&resolve(&start, Path::new(&path)))?;
            if !is_repository(&repository)? {
                return Err(Unreadable::Missing { what: "repository", name: path, source_of_name: source });
            }
            Some(Found { repository, tree: Some(start.clone()), source, origin: Origin::Otherwise })
        }
        None => discover(&start)?,
    };
    let mut fields = Fields::default();
    let Some(found) = found else { return Ok((Presence::Absent, fields)) };
    carried(&found, &mut fields)?;
    fields.set("repository", path_text(&found.repository)?, &found.source)?;
    branch(&found.repository, &mut fields)?;
    match (said("work-tree", "GIT_WORK_TREE")?, configured_tree(&found.repository)?) {
        (Some((path, source)), _) => {
            fields.set("directory", path_text(&resolve(&start, Path::new(&path)))?, source)?;
        }
        (None, Some(path)) => {
            let directory = resolve(&found.repository, Path::new(&path));
            fields.set("directory", path_text(&directory)?, "core.worktree")?;
        }
        (None, None) => {
            if let Some(tree) = &found.tree {
                fields.set("directory", path_text(tree)?, &found.source)?;
            }
        }
    }
    Ok((Presence::Read, fields))
}

/// A repository and how it was found.
#[derive(Debug)]
struct Found {
    repository: PathBuf,
    /// Nothing for a bare repository.
    tree: Option<PathBuf>,
    source: String,
    origin: Origin,
}

/// What led to a repository.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Origin {
    /// A `.git` in a directory.
    DotGit,
    /// The directory itself, an option or a variable.
    Otherwise,
}

/// A clone may carry a directory that is itself a bare repository, with a configuration (`core.fsmonitor`) and hooks
/// that git runs on the first `git -C vendor/x status`. What lies in or behind a `.git` was made here: git checks out
/// no path of that name.
fn carried(found: &Found, fields: &mut Fields) -> Result<(), Unreadable> {
    let own = |part: std::path::Component<'_>| part.as_os_str() == ".git";
    if found.origin == Origin::DotGit || found.repository.components().any(own) {
        return Ok(());
    }
    let path = path_text(&found.repository)?;
    fields.set("hidden-options", path, "the configuration of a repository that is not a `.git`")
}

/// Walks up as git does: a `.git`, then the directory itself as a bare repository, then the parent.
fn discover(start: &Path) -> Result<Option<Found>, Unreadable> {
    for directory in start.ancestors() {
        let source = "current directory".to_owned();
        let candidate = directory.join(".git");
        let repository = follow(&candidate)?;
        if is_repository(&repository)? {
            return Ok(Some(Found {
                repository,
                tree: Some(directory.to_owned()),
                source,
                origin: Origin::DotGit,
            }));
        }
        // git stops at a `.git` file that leads nowhere; a gate that walked on would show the repository above.
        if repository != candidate {
            return Err(Unreadable::malformed(&path_text(&candidate)?, 1, "it leads to no repository"));
        }
        if is_repository(directory)? {
            return Ok(Some(Found {
                repository: directory.to_owned(),
                tree: None,
                source,
                origin: Origin::Otherwise,
            }));
        }
    }
    Ok(None)
}

/// The directory that a `.git` file (of a submodule or a second work tree) points to, or the path itself.
fn follow(path: &Path) -> Result<PathBuf, Unreadable> {
    if !file::exists(path)? {
        return Ok(path.to_owned());
    }
    let content = file::read(path)?.unwrap_or_default();
    let shown = path_text(path)?;
    let target = content
        .strip_prefix("gitdir: ")
        .map(|target| target.trim_end_matches(['\n', '\r']))
        .ok_or_else(|| Unreadable::malformed(&shown, 1, "not a `gitdir:` line"))?;
    Ok(resolve(path.parent().unwrap_or(path), Path::new(target)))
}

/// git's own test: HEAD, and objects and refs here or in the common directory.
fn is_repository(path: &Path) -> Result<bool, Unreadable> {
    if !file::is_directory(path)? || !file::exists(&path.join("HEAD"))? {
        return Ok(false);
    }
    if file::exists(&path.join("commondir"))? {
        return Ok(true);
    }
    Ok(file::is_directory(&path.join("objects"))? && file::is_directory(&path.join("refs"))?)
}

/// What HEAD names: a branch, or a commit where it is detached. `git push` and `git reset` act on it.
fn branch(repository: &Path, fields: &mut Fields) -> Result<(), Unreadable> {
    let path = repository.join("HEAD");
    let Some(head) = file::read(&path)? else { return Ok(()) };
    let head = head.trim_end();
    let reference = head.strip_prefix("ref:").map(str::trim_start);
    let name = reference.map_or(head, |name| name.strip_prefix("refs/heads/").unwrap_or(name));
    fields.set("branch", name, path_text(&path)?)
}

/// `core.worktree`, with which `git clean` in one directory empties another.
fn configured_tree(repository: &Path) -> Result<Option<String>, Unreadable> {
    // In a second work tree git does not look at it.
    if file::exists(&repository.join("commondir"))? {
        return Ok(None);
    }
    let path = repository.join("config");
    let Some(content) = file::read(&path)? else { return Ok(None) };
    let mut section = String::new();
    let mut found = None;
    for (number, line) in (1..).zip(content.lines()) {
        let line = line.trim();
        // git takes the last of several, so the loop goes on to the end. `[core] worktree = x` on one line is legal.
        let entry = match line.strip_prefix('[').and_then(|rest| rest.split_once(']')) {
            Some((name, rest)) => {
                section = name.trim().to_ascii_lowercase();
                rest.trim()
            }
            None => line,
        };
        let (key, value) = entry.split_once('=').unwrap_or((entry, ""));
        if section != "core" || !key.trim().eq_ignore_ascii_case("worktree") {
            continue;
        }
        let value = value.trim();
        if value.is_empty() || value.contains(['"', '\\', '#', ';']) {
            let fault = "`worktree` is quoted or empty";
            return Err(Unreadable::malformed(&path_text(&path)?, number, fault));
        }
        found = Some(value.to_owned());
    }
    Ok(found)
}
