//! The index answers exactly what a fresh proof answers, or does not answer.

use super::*;
use crate::rules::Code;
use proptest::prelude::*;
use std::cell::Cell;
use std::fs;
use std::os::unix::fs::{FileExt, PermissionsExt};
use std::path::PathBuf;
use tempfile::TempDir;
use toml::{Table, Value};

/// Stands in for `rules`: a rule concerns the first word of its pattern, a tool its name and aliases.
struct Stub {
    calls: Cell<usize>,
    stamp: &'static str,
    says: fn(&Table) -> FileConcerns,
}

impl Stub {
    fn new() -> Self {
        Self { calls: Cell::new(0), stamp: "packs 1", says: concerns }
    }
}

impl Prove for Stub {
    fn stamp(&self) -> String {
        self.stamp.to_owned()
    }

    fn prove(&self, files: &[SourceFile]) -> Result<Vec<FileConcerns>, Vec<Vec<Problem>>> {
        self.calls.set(self.calls.get() + 1);
        let problem = |file: &SourceFile| {
            let at = file.text.find("BROKEN").map(|at| at..at + 6);
            at.map(|at| Problem::new(Code::UnknownWord, "broken", at, "here")).into_iter().collect::<Vec<_>>()
        };
        let problems = files.iter().map(problem).collect::<Vec<_>>();
        if problems.iter().any(|problems| !problems.is_empty()) {
            return Err(problems);
        }
        Ok(files.iter().map(|file| (self.says)(&toml::from_str(&file.text).expect("toml"))).collect())
    }
}

fn concerns(table: &Table) -> FileConcerns {
    let entries = |key: &str| table.get(key).and_then(Value::as_array).cloned().unwrap_or_default();
    let tool = |tool: Value| {
        let aliases = tool.get("aliases").and_then(Value::as_array).cloned().unwrap_or_default();
        let names = aliases.into_iter().chain(tool.get("name").cloned());
        Concerns::Programs(names.map(|name| name.as_str().expect("text").to_owned()).collect())
    };
    let rule = |rule: Value| match rule.get("match").and_then(Value::as_str) {
        Some(pattern) => Concerns::Programs(
            pattern.split(' ').next().expect("word").split('|').map(str::to_owned).collect(),
        ),
        None => Concerns::Everything,
    };
    FileConcerns {
        tools: entries("tool").into_iter().map(tool).collect(),
        rules: entries("rule").into_iter().map(rule).collect(),
    }
}

/// A user layer, a project and a state directory, in a place that the walk believes: `/tmp` would not do.
struct Scene {
    home: TempDir,
    places: Places,
}

impl Scene {
    fn new() -> Self {
        let exe = std::env::current_exe().expect("test binary");
        let home = TempDir::new_in(exe.parent().expect("directory")).expect("scene");
        let user = home.path().join("config/remgate");
        for path in [&user, &home.path().join("project"), &home.path().join("state")] {
            fs::create_dir_all(path).expect("directory");
        }
        for path in ["config", "config/remgate", "state"] {
            fs::set_permissions(home.path().join(path), fs::Permissions::from_mode(0o700)).expect("mode");
        }
        let places = Places {
            system: home.path().join("absent"),
            user: Some(user),
            account: None,
            project_from: home.path().join("project"),
        };
        Self { home, places }
    }

    fn write(&self, name: &str, text: &str) -> PathBuf {
        let path = self.places.user.as_ref().expect("user").join(name);
        fs::write(&path, text).expect("written");
        fs::set_permissions(&path, fs::Permissions::from_mode(0o600)).expect("mode");
        path
    }

    fn project(&self, text: &str) {
        fs::write(self.places.project_from.join(".remgate.toml"), text).expect("written");
    }

    fn state(&self) -> PathBuf {
        self.home.path().join("state")
    }

    /// As if the files had been written a minute ago: their change times cannot be set.
    fn load(&self, programs: &[&str], prover: &Stub) -> Result<Loaded, LoadError> {
        let later = crate::clock::now() + TimeDelta::seconds(60);
        load_at(&self.places, Some(&self.state()), programs, prover, later)
    }

    fn indexes(&self) -> Vec<PathBuf> {
        let list = fs::read_dir(self.state().join("rules")).expect("index directory");
        list.map(|entry| entry.expect("entry").path()).collect()
    }
}

fn shape(loaded: &Loaded) -> String {
    format!("{:#?}", loaded.files)
}

const TWO: &str = "# ours\n[[tool]]\nname = 'kubectl'\naliases = ['k']\n[[rule]]\nid = 'a'\nmatch = 'kubectl get'\n\
    [[environment]]\nname = 'e'\n[[rule]]\nid = 'b'\nmatch = 'git|hg push'\n[[rule]]\nid = 'c'\nany = '--force'\n";

#[test]
fn a_call_gets_its_entries_and_what_concerns_all() {
    let scene = Scene::new();
    scene.write("a.toml", TWO);
    scene.project("[[rule]]\nid = 'p'\nmatch = 'kubectl delete'\n");
    let stub = Stub::new();
    for index in [Index::Written, Index::Used] {
        let loaded = scene.load(&["k", "hg", "git"], &stub).expect("loads");
        assert_eq!(loaded.index, index);
        assert_eq!(loaded.files.len(), 2);
        let [user, project] = loaded.files.as_slice() else { panic!("two files") };
        let kinds = user.parts.iter().map(|part| (part.kind, part.line)).collect::<Vec<_>>();
        let expected = [(Kind::Tool, 2), (Kind::Environment, 8), (Kind::Rule, 10), (Kind::Rule, 13)];
        assert_eq!(kinds, expected, "one entry for both names of `git|hg`, none of `kubectl`");
        let at = user.source.text.find("'c'").expect("chosen");
        assert_eq!(user.line(at), Some(14));
        assert_eq!(user.digest.to_string().len(), 64);
        assert_eq!(project.source.text, "");
        assert_eq!(project.source.trust, crate::rules::Trust::TightenOnly);
    }
    assert_eq!(stub.calls.get(), 1);
}

/// Every byte of the index, changed; many lengths, cut: the answer is the same or there is none.
#[test]
fn a_damaged_index_is_never_believed() {
    let scene = Scene::new();
    scene.write("a.toml", TWO);
    let stub = Stub::new();
    let fresh = shape(&scene.load(&["git"], &stub).expect("loads"));
    let [path] = scene.indexes().try_into().expect("one index");
    let whole = fs::read(&path).expect("index");
    let restore = |bytes: &[u8]| fs::write(&path, bytes).expect("written");
    for at in 0..whole.len() {
        // The lowest bit makes one digit another, which is still JSON, so that only the sum can tell.
        let mut bytes = whole.clone();
        bytes[at] ^= 0x01;
        restore(&bytes);
        assert_eq!(shape(&scene.load(&["git"], &stub).expect("loads")), fresh, "byte {at} flipped");
    }
    for length in (0..whole.len()).step_by(7) {
        restore(&whole[..length]);
        let loaded = scene.load(&["git"], &stub).expect("loads");
        assert_eq!(shape(&loaded), fresh, "cut at {length}");
    }
    assert!(stub.calls.get() > whole.len() / 2, "no damage was seen");
    // A page of zeros, as after a power cut, anywhere.
    for start in (0..whole.len()).step_by(16) {
        let mut bytes = whole.clone();
        let end = bytes.len().min(start + 64);
        bytes[start..end].fill(0);
        restore(&bytes);
        assert_eq!(shape(&scene.load(&["git"], &stub).expect("loads")), fresh, "zeros at {start}");
    }
}

#[test]
fn any_change_is_a_new_proof() {
    let scene = Scene::new();
    let path = scene.write("a.toml", TWO);
    let mut stub = Stub::new();
    let mut calls = 0;
    let mut expect_new = |stub: &Stub, what: &str| {
        calls += 1;
        let loaded = scene.load(&["git"], stub).expect("loads");
        assert_eq!((loaded.index, stub.calls.get()), (Index::Written, calls), "{what}");
        assert_eq!(scene.load(&["git"], stub).expect("loads").index, Index::Used, "{what}");
    };
    expect_new(&stub, "first");
    let times = fs::metadata(&path).expect("there").modified().expect("time");
    let file = fs::OpenOptions::new().write(true).open(&path).expect("opens");
    file.write_all_at(b"# mine", 0).expect("written");
    file.set_times(fs::FileTimes::new().set_modified(times)).expect("set back");
    expect_new(&stub, "same size, modification time set back");
    scene.write("b.toml", "");
    expect_new(&stub, "one file more");
    scene.project("[[rule]]\nid = 'p'\nany = 'x'\n");
    expect_new(&stub, "a project");
    stub.stamp = "packs 2";
    expect_new(&stub, "other built-in packs");
    let text = fs::read(&path).expect("text");
    fs::remove_file(&path).expect("removed");
    fs::write(path.with_extension("new"), text).expect("written");
    fs::rename(path.with_extension("new"), &path).expect("renamed");
    fs::set_permissions(&path, fs::Permissions::from_mode(0o600)).expect("mode");
    expect_new(&stub, "same text, other inode");
}

#[test]
fn one_problem_in_one_file_stops_all() {
    let scene = Scene::new();
    scene.write("a.toml", TWO);
    let stub = Stub::new();
    scene.load(&["git"], &stub).expect("loads");
    scene.write("z.toml", "# BROKEN\n[[rule]]\nid = 'z'\nmatch = 'unrelated'\n");
    for _ in 0..2 {
        let Err(LoadError::Problems(refused)) = scene.load(&["git"], &stub) else { panic!("must not load") };
        assert_eq!(refused.len(), 1, "only files with problems are named");
        assert!(refused[0].file.name.ends_with("/z.toml"));
        assert_eq!(refused[0].problems[0].at.0, 2..8);
    }
    assert_eq!(stub.calls.get(), 3, "a refusal was kept in the index");
    let error = check(&scene.places, &stub).expect_err("must not pass");
    assert!(error.to_string().ends_with("nothing was run"), "{error}");
}

#[test]
fn young_files_are_proven_again() {
    let scene = Scene::new();
    let path = scene.write("a.toml", TWO);
    let stub = Stub::new();
    let now = |now| load_at(&scene.places, Some(&scene.state()), &["git"], &stub, now).expect("loads").index;
    assert_eq!(now(crate::clock::now()), Index::Settling);
    assert_eq!(now(crate::clock::now() - TimeDelta::days(1)), Index::Settling, "a clock set back");
    assert!(!scene.state().join("rules").exists());
    let file = fs::OpenOptions::new().write(true).open(&path).expect("opens");
    file.set_times(fs::FileTimes::new().set_modified(std::time::UNIX_EPOCH)).expect("set");
    assert_eq!(now(crate::clock::now()), Index::Settling, "only the change time is young");
    let future = std::time::UNIX_EPOCH + std::time::Duration::from_secs(1 << 33);
    file.set_times(fs::FileTimes::new().set_modified(future)).expect("set");
    assert_eq!(now(crate::clock::now() + TimeDelta::seconds(60)), Index::Settling, "a file of the future");
    assert_eq!(stub.calls.get(), 4);
}

/// Whoever may write the index decides what the rules are.
#[test]
fn an_index_that_others_could_write_is_not_used() {
    let scene = Scene::new();
    scene.write("a.toml", TWO);
    let stub = Stub::new();
    let index = |scene: &Scene| scene.load(&["git"], &stub).expect("loads").index;
    let mode = |path: &Path, mode| fs::set_permissions(path, fs::Permissions::from_mode(mode)).expect("mode");
    assert_eq!(index(&scene), Index::Written);
    assert_eq!(index(&scene), Index::Used);
    let [path] = scene.indexes().try_into().expect("one index");
    assert_eq!(path.metadata().expect("there").permissions().mode() & 0o777, 0o600);
    let rules = scene.state().join("rules");
    for (path, bad, good) in [(&rules, 0o750, 0o700), (&rules, 0o702, 0o700), (&scene.state(), 0o720, 0o700)]
    {
        mode(path, bad);
        let index = index(&scene);
        assert!(matches!(index, Index::Failed(_)), "{} {bad:o}: {index:?}", path.display());
        mode(path, good);
    }
    assert_eq!(index(&scene), Index::Used);
    mode(&path, 0o644);
    assert_eq!(index(&scene), Index::Written, "a readable index was believed");
    fs::hard_link(&path, scene.home.path().join("second name")).expect("link");
    assert_eq!(index(&scene), Index::Written, "an index with a second name was believed");
    let moved = scene.home.path().join("moved");
    fs::rename(&path, &moved).expect("moved");
    std::os::unix::fs::symlink(&moved, &path).expect("link");
    assert_eq!(index(&scene), Index::Written, "a link was believed");
    fs::remove_file(&path).expect("removed");
    fs::create_dir(&path).expect("directory");
    assert!(matches!(index(&scene), Index::Failed(_)), "an odd entry must not stop the call");
}

#[test]
fn what_the_prover_leaves_out_concerns_everything() {
    let scene = Scene::new();
    scene.write("a.toml", TWO);
    let stub = Stub { says: |_| FileConcerns::default(), ..Stub::new() };
    let loaded = scene.load(&["nothing"], &stub).expect("loads");
    assert_eq!(loaded.files[0].parts.len(), 5);
}

#[test]
fn a_file_that_cannot_be_cut_comes_whole() {
    let scene = Scene::new();
    let text = "rule = [{ id = 'a', match = 'git push' }]\n";
    scene.write("a.toml", text);
    let stub = Stub::new();
    for index in [Index::Written, Index::Used] {
        let loaded = scene.load(&["nothing"], &stub).expect("loads");
        assert_eq!((loaded.index, loaded.files[0].parts[0].kind), (index, Kind::Whole));
        assert_eq!(loaded.files[0].source.text, text);
    }
}

#[test]
fn old_indexes_are_dropped() {
    let scene = Scene::new();
    let stub = Stub::new();
    for round in 0..70 {
        scene.write("a.toml", &format!("# {round}\n{TWO}"));
        assert_eq!(scene.load(&["git"], &stub).expect("loads").index, Index::Written);
    }
    assert_eq!(scene.indexes().len(), 64);
    assert_eq!(scene.load(&["git"], &stub).expect("loads").index, Index::Used, "the newest was dropped");
}

#[test]
fn no_layer_is_no_error_and_no_index() {
    let scene = Scene::new();
    let loaded = scene.load(&["git"], &Stub::new()).expect("loads");
    assert_eq!((loaded.files.len(), loaded.index), (0, Index::Off));
}

fn file() -> impl Strategy<Value = String> {
    let entry = prop::sample::select(vec![
        "[[tool]]\nname = 'git'\n",
        "[[tool]]\nname = 'hg'\naliases = ['git']\n[[tool.subcommand]]\nname = 'x'\n",
        "[[rule]]\nmatch = 'git push'\nwhy = '''\n[[rule]]\n'''\n",
        "[[rule]]\nmatch = 'hg|git pull'\n",
        "[[rule]]\nmatch = 'rm <file>'\n",
        "[[rule]]\nany = '--force'\n",
        "[[environment]]\nname = 'ä'\n",
        "# [[rule]]\n",
        "[[decide]]\nverdict = 'deny'\n",
    ]);
    prop::collection::vec(entry, 0..8).prop_map(|entries| entries.concat())
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 200, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn the_index_answers_as_a_fresh_proof(
        files in prop::collection::vec(file(), 1..4),
        first in prop::sample::subsequence(vec!["git", "hg", "rm", "ls"], 0..4),
        second in prop::sample::subsequence(vec!["git", "hg", "rm", "ls"], 0..4),
    ) {
        let scene = Scene::new();
        for (number, text) in files.iter().enumerate() {
            scene.write(&format!("{number}.toml"), text);
        }
        let stub = Stub::new();
        prop_assert_eq!(scene.load(&first, &stub).expect("loads").index, Index::Written);
        let kept = scene.load(&second, &stub).expect("loads");
        prop_assert_eq!(&kept.index, &Index::Used);
        let fresh = load_at(&scene.places, None, &second, &stub, crate::clock::now()).expect("loads");
        prop_assert_eq!(fresh.index.clone(), Index::Off);
        prop_assert_eq!(shape(&kept), shape(&fresh));
    }
}
