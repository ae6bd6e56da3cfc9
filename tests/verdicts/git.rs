//! Verdicts over git commands.

use crate::judged::check;
use remgate::decide::Verdict::{Confirm, Run, TwoPerson};

#[test]
fn reading_and_what_git_can_take_back_runs() {
    check(&[(
        Run,
        &[
            "git -C . status",
            "git -C /srv/app log -1 --oneline",
            "git status --porcelain=v2 -b",
            "git --no-pager log --oneline --decorate --all --graph -20",
            "git log --author=a --grep 'rm -rf /' -p -U10 -- src",
            "git diff --stat main...HEAD",
            "git diff --cached",
            "git show HEAD~1:README.md",
            "git blame -L 1,20 a",
            "git branch -a -vv",
            "git branch --merged main",
            "git tag -l 'v*'",
            "git remote -v",
            "git rev-parse --short HEAD",
            "git stash list",
            "git reflog",
            "git config --get user.name",
            "git config user.name",
            "git ls-remote --heads origin",
            "git describe --tags --always",
            "git grep -n 'DROP TABLE'",
            "git cat-file -p HEAD",
            "git clean -ndx",
            "git --version",
            "git fetch --all --prune",
            "git fetch origin main",
            "git clone --depth 1 -b v1 https://example.org/a.git b",
            "git add -A",
            "git commit -m 'DROP TABLE users; rm -rf /'",
            "git commit -qam x",
            "git checkout -b dev origin/dev",
            "git switch main",
            "git restore --staged a",
            "git reset --soft HEAD~1",
            "git stash -u",
            "git merge --no-ff devel",
            "git rebase main",
            "git pull --ff-only",
            "git branch x",
            "git tag -a v1 -m x",
            "git mv a b",
            "git remote add upstream https://example.org/a.git",
            "git apply --index x.patch",
            "git init",
        ],
    )]);
}

#[test]
fn losing_local_work_and_sharing_are_confirmed() {
    check(&[(
        Confirm,
        &[
            "git push",
            "git push -u origin HEAD",
            "git push origin update",
            "git push -o ci.skip",
            "git checkout main",
            "git checkout -- .",
            "git restore .",
            "git reset --hard HEAD~1",
            "git branch -D x",
            "git branch -d x",
            "git tag -d v1",
            "git revert HEAD",
            "git cherry-pick 9fceb02",
            "git rebase --abort",
            "git merge --abort",
            "git stash pop",
            "git rm -f a",
            "git remote set-url origin x",
            "git config --global user.name x",
            "git fetch origin main:main",
            // Not understood: editors, aliases, harmless settings.
            "git commit",
            "git rebase -i main",
            "git st",
            "git lfs pull",
            "git -c color.ui=never log",
            "git log --no-such",
            "git log --output=/srv/x",
            "git push --dry-run --no-dry-run",
            "git config edit",
            "git reflog main@{1}",
        ],
    )]);
}

#[test]
fn shared_history_and_started_programs_need_two_people() {
    check(&[(
        TwoPerson,
        &[
            "git push --force",
            "git push -f origin main",
            "git push origin main --force-with-lease",
            "git push origin +main",
            "git push origin :old",
            "git push --delete origin old",
            "git push -qf",
            "git push --mirror backup",
            "git -C /srv/app push -uf origin x",
            "git clean -fdx",
            "git clean -f",
            "git stash clear",
            "git stash drop",
            "git gc --prune=now",
            "git reflog expire --expire=now --all",
            "git worktree remove -f ../x",
            "git -c core.pager='sh -c id' log",
            "git -c alias.x='!id' x",
            "git -c core.fsmonitor=/tmp/x status",
            "git --exec-path=/tmp/x status",
            "git --config-env=core.sshCommand=X fetch",
            "git clone -c core.hooksPath=/tmp/x a",
            "git clone 'ext::sh -c id' x",
            "git fetch --upload-pack='sh -c id' origin",
            "git ls-remote --upload-pack=x .",
            "git push --receive-pack=x origin",
            "git bisect run make",
            "git submodule foreach 'git clean -fdx'",
            "git rebase --exec id main",
            "git rebase -xid main",
            "git grep -Ovi x",
            "git diff --ext-diff",
            "git config alias.st '!id'",
            "git config --global credential.helper '!aws x'",
            "git config core.hooksPath /tmp/x",
            "git init --template=/tmp/x",
            "git difftool -x id",
        ],
    )]);
}

/// Only a rule denies: what is not understood asks two people.
#[test]
fn rewriting_every_commit_and_what_hides_a_push_need_two_people() {
    check(&[(
        TwoPerson,
        &[
            "git filter-branch --tree-filter 'rm x' HEAD",
            "git filter-repo --path x",
            "git push --no-such --force",
        ],
    )]);
}
