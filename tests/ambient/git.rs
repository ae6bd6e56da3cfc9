//! git-repository.

use crate::place::{Place, expect, expect_absent, expect_unreadable};
use remgate::ambient::Kind::GitRepository;
use std::fs;

/// Makes the least that git takes for a repository.
fn init(place: &Place, path: &str) {
    place.write(format!("{path}/HEAD"), "ref: refs/heads/feature/x\n");
    place.write(format!("{path}/config"), "[core]\n\tbare = false\n");
    for directory in ["objects", "refs"] {
        fs::create_dir_all(place.root.join(path).join(directory)).unwrap();
    }
}

fn full(place: &Place, path: &str) -> String {
    place.root.join(path).to_str().unwrap().to_owned()
}

#[test]
fn it_is_found_upwards() {
    let mut place = Place::new();
    expect_absent(&place.read(GitRepository, &[]), &[("directory", "-")]);
    init(&place, "srv/.git");
    let (tree, repository) = (full(&place, "srv"), full(&place, "srv/.git"));
    let expected = [("directory", tree.as_str()), ("repository", &repository), ("branch", "feature/x")];
    expect(&place.read(GitRepository, &[]), &expected);
    // An empty `.git` directory is none, for git too.
    fs::create_dir_all(place.root.join("srv/app/.git")).unwrap();
    expect(&place.read(GitRepository, &[]), &expected);
    place.cwd = place.root.join("home");
    expect_absent(&place.read(GitRepository, &[]), &[]);
    expect(&place.read(GitRepository, &[("C", "../srv"), ("C", ""), ("C", "app")]), &expected);
}

#[test]
fn options_and_variables_name_it() {
    let mut place = Place::new();
    init(&place, "srv/.git");
    init(&place, "other.git");
    place.write("other.git/HEAD", "0123456789012345678901234567890123456789\n");
    place.set("GIT_DIR", "../../other.git");
    let (cwd, other, home) = (full(&place, "srv/app"), full(&place, "other.git"), full(&place, "home"));
    expect(
        &place.read(GitRepository, &[]),
        &[
            ("directory", &cwd),
            ("repository", &other),
            ("branch", "0123456789012345678901234567890123456789"),
        ],
    );
    place.set("GIT_WORK_TREE", "../../home");
    expect(&place.read(GitRepository, &[]), &[("directory", &home)]);
    expect(&place.read(GitRepository, &[("work-tree", ".")]), &[("directory", &cwd)]);
    expect_unreadable(
        &place.read(GitRepository, &[("git-dir", "nope")]),
        "repository `nope` (from --git-dir)",
    );
}

#[test]
fn pointers_are_followed_and_never_skipped() {
    let place = Place::new();
    init(&place, "srv/.git");
    init(&place, "srv/.git/modules/app");
    place.write("srv/app/.git", "gitdir: ../.git/modules/app\n");
    place.write("srv/.git/modules/app/config", "[Core] # c\n\tbare = false\n\tWorktree = ../../../app\n");
    let (cwd, repository) = (full(&place, "srv/app"), full(&place, "srv/.git/modules/app"));
    expect(&place.read(GitRepository, &[]), &[("directory", &cwd), ("repository", &repository)]);
    // The same setting in an ordinary repository turns `git clean` against another directory.
    place.write("srv/.git/modules/app/config", "[core] worktree = ../../../../home\n");
    expect(&place.read(GitRepository, &[]), &[("directory", &full(&place, "home"))]);
    place.write("srv/.git/modules/app/config", "[core]\nworktree = \"../../../app\"\n");
    expect_unreadable(&place.read(GitRepository, &[]), "line 2: `worktree` is quoted");
    place.write("srv/app/.git", "gitdir: nowhere\n");
    expect_unreadable(&place.read(GitRepository, &[]), "it leads to no repository");
    place.write("srv/app/.git", "hello\n");
    expect_unreadable(&place.read(GitRepository, &[]), "not a `gitdir:` line");
}
