//! What is bound: words to files, files to content, and what of it drifts.

use super::{BindError, Content, Digest, Files, Handed, How, Patience, Started};
use crate::command::{Action, Caller, SearchPath};
use crate::judge::{Bench, Judgement, judge};
use crate::request::{Drift, between};
use crate::rules::{Book, Code, Examples, Layer, SourceFile, Trust};
use crate::sight::Sight;
use std::collections::BTreeMap;
use std::ffi::OsString;
use std::os::unix::fs::{PermissionsExt, symlink};
use std::path::Path;
use std::sync::LazyLock;

/// A tool of its own, so that nothing depends on what a pack says.
const RULES: &str = r#"
[[tool]]
name      = "shopctl"
operation = 1
dialect   = "postgres"
value     = ["-f --filename", "-k --kustomize", "-s --script", "-d --data"]
switch    = ["-R --recursive"]

[[rule]]
id          = "shop.apply"
match       = ["shopctl apply --filename=<what:manifest> [--recursive]", "shopctl apply --kustomize=<what:kustomization>", "shopctl apply < <what:manifest>"]
effect      = "isolated"
scope       = "service"
owner       = "shop"
examples    = ["shopctl apply -f x.yaml"]
near-misses = ["shopctl apply x"]

[[rule]]
id            = "shop.run"
match         = "shopctl run <plan:file>... [--filename=<what:manifest>]"
by-descriptor = ["plan", "what"]
effect        = "isolated"
scope         = "service"
owner         = "shop"
examples      = ["shopctl run plan"]
near-misses   = ["shopctl run"]

[[rule]]
id          = "shop.load"
match       = ["shopctl load --script=<sql:sql-file>", "shopctl load <what:file>... [--data=<name>]"]
effect      = "data"
scope       = "service"
owner       = "shop"
examples    = ["shopctl load -s x.sql", "shopctl load a b"]
near-misses = ["shopctl load"]

[[rule]]
id          = "shop.send"
match       = ["shopctl send --data=<body:data>", "shopctl drop <gone:path>... [--data=<list:file>]"]
effect      = "data"
scope       = "service"
owner       = "shop"
examples    = ["shopctl send -d @x", "shopctl drop a b"]
near-misses = ["shopctl send"]
"#;

static BOOK: LazyLock<Book> = LazyLock::new(|| {
    let mut book = Book::new();
    for program in ["cat", "cd", "kubectl", "tee", "terraform"] {
        book.add_pack_of(program).unwrap();
    }
    let (layer, trust) = (Layer::User, Trust::Full);
    let file = SourceFile { name: "shop.toml".to_owned(), text: RULES.to_owned(), layer, trust };
    book.add(&file, Examples::Check).unwrap();
    book
});

fn judged(text: &str, directory: &Path) -> Judgement {
    let search = SearchPath::new(None);
    let (env, home) = (BTreeMap::new(), Some(directory.join("home")));
    let sight = Sight { env, cwd: directory.to_owned(), home, host: "here".to_owned() };
    let bench = Bench {
        book: &BOOK,
        caller: Caller { search: &search, variables: &BTreeMap::new() },
        cwd: directory.to_owned(),
        actor: "agent",
        eyes: &|command, reading, whence, wanted| sight.of(command, reading, whence, wanted),
        assumed: None,
    };
    judge(&Action::Shell(OsString::from(text).into()), &bench)
}

/// A directory with what the rows speak of.
fn stage() -> tempfile::TempDir {
    let place = tempfile::tempdir().unwrap();
    let write = |name: &str, text: &str| {
        let path = place.path().join(name);
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        std::fs::write(path, text).unwrap();
    };
    let object = |kind: &str| format!("apiVersion: v1\nkind: {kind}\nmetadata: {{name: x}}\n");
    write("x.yaml", &object("Service"));
    write("y.yaml", &object("ConfigMap"));
    write("all/a.yaml", &object("Service"));
    write("all/deep/b.yaml", &object("Service"));
    write("over/kustomization.yaml", "resources:\n- ../base\n- https://example.com/x.yaml\n");
    write("base/kustomization.yaml", "resources:\n- d.yaml\n");
    write("base/d.yaml", &object("Service"));
    write("odd/kustomization.yaml", "resources: []\nhelmCharts: [{name: x}]\n");
    write("x.sql", "select 1;\n");
    write("deploy.sh", "echo deploy\n");
    write("body.json", "{}");
    place
}

fn look(text: &str, place: &Path) -> Files {
    Files::look(&judged(text, place), Started::Bash, place)
        .unwrap_or_else(|error| panic!("`{text}`: {error}"))
}

/// Names as written, those below the stage without it.
fn bound(files: &Files, place: &Path) -> Vec<String> {
    let place = place.canonicalize().unwrap();
    let short = |path: &OsString| {
        let path = Path::new(path);
        path.strip_prefix(&place).unwrap_or(path).to_string_lossy().into_owned()
    };
    files.bound.iter().map(|file| format!("{}:{}", short(&file.path), file.content.kind())).collect()
}

#[test]
fn words_name_files() {
    let place = stage();
    let rows: &[(&str, &[&str], &[&str])] = &[
        // Known: the captures that mean files, there or not, and nothing else.
        ("shopctl apply -f x.yaml", &["x.yaml:file"], &[]),
        ("shopctl apply -fx.yaml", &["x.yaml:file"], &[]),
        ("shopctl apply --filename=x.yaml -f y.yaml", &["x.yaml:file", "y.yaml:file"], &[]),
        ("shopctl apply -f new.yaml", &["new.yaml:absent"], &[]),
        ("shopctl apply -f all", &["all:directory"], &[]),
        ("shopctl apply -f x.yaml,y.yaml", &["x.yaml,y.yaml:absent", "x.yaml:file", "y.yaml:file"], &[]),
        ("shopctl apply -f -", &[], &[]),
        ("shopctl apply -f https://x/y.yaml", &[], &["https://x/y.yaml"]),
        ("shopctl apply -f \"$WHAT\"", &[], &["\"$WHAT\""]),
        ("shopctl apply < x.yaml", &["x.yaml:file"], &[]),
        ("shopctl load -s x.sql", &["x.sql:file"], &[]),
        ("shopctl load x.sql all --data=body.json", &["x.sql:file", "all:directory itself"], &[]),
        // Only the place matters, there or not.
        ("shopctl drop x.sql new all", &["x.sql:place", "new:place", "all:place"], &[]),
        ("shopctl drop \"$WHAT\"", &[], &[]),
        ("shopctl drop x.sql --data=x.yaml", &["x.sql:place", "x.yaml:file"], &[]),
        // `KEY=FILE`: no file has the whole word as its name, and one has what stands behind the sign.
        ("shopctl load key=x.sql", &["key=x.sql:absent", "x.sql:file"], &[]),
        // What is sent stands in the word, or behind `@`.
        ("shopctl send --data=x.sql", &[], &[]),
        ("shopctl send -d '{\"to\": \"x@y.example\"}'", &[], &[]),
        ("shopctl send -d @body.json", &["body.json:file"], &[]),
        ("shopctl send -d@new.json", &["new.json:absent"], &[]),
        ("shopctl send -d @-", &[], &[]),
        ("shopctl send -d @", &[], &[]),
        ("shopctl send -d 'a=@body.json;type=text/plain'", &["body.json:file"], &[]),
        ("shopctl send -d \"@$WHAT\"", &[], &["@..."]),
        // From every directory that it may start in.
        ("cd all && shopctl apply -f a.yaml", &["a.yaml:absent", "a.yaml:file"], &[]),
        (
            "shopctl apply -k over",
            &["over:directory", "over/../base:directory", "base/d.yaml:file"],
            &["https://example.com/x.yaml"],
        ),
        ("shopctl apply -k odd", &["odd:directory", "odd:directory"], &["odd"]),
        // Not known: whatever exists.
        ("no-such-tool deploy.sh --data=@body.json x.sql.gz", &["deploy.sh:file", "body.json:file"], &[]),
        ("no-such-tool all --from=over", &[], &["all", "over"]),
        ("./deploy.sh now", &["./deploy.sh:file"], &[]),
        ("deploy.sh now", &[], &[]),
        ("shopctl apply -f x.yaml --no-such=y.yaml", &["x.yaml:file", "y.yaml:file"], &[]),
        ("bash deploy.sh", &["deploy.sh:file"], &[]),
        ("bash -c 'for f in $(ls); do ./deploy.sh; done'", &["./deploy.sh:file"], &[]),
        ("no-such-tool $(cat x.sql)", &["x.sql:file"], &["$(cat x.sql)"]),
        ("no-such-tool /dev/stdin", &[], &[]),
        // Wrappers.
        ("sudo shopctl apply -f x.yaml", &["x.yaml:file"], &[]),
        ("ssh -F body.json web shopctl apply -f x.yaml", &["body.json:file", "x.yaml:file"], &[]),
        ("ssh web shopctl apply -f x.yaml", &["x.yaml:file"], &["x.yaml"]),
        ("ssh web shopctl apply -f there.yaml", &[], &["there.yaml"]),
    ];
    for (text, files, unbound) in rows {
        let found = look(text, place.path());
        let mut names = bound(&found, place.path());
        names.sort();
        let mut wanted: Vec<String> = files.iter().map(|name| (*name).to_owned()).collect();
        wanted.sort();
        assert_eq!(names, wanted, "`{text}`");
        let not: Vec<_> = found.unbound.iter().map(|unbound| unbound.word.to_string_lossy()).collect();
        assert_eq!(&not, unbound, "`{text}` {:?}", found.unbound);
    }
}

#[test]
fn a_pattern_binds_what_it_finds_and_a_new_file_drifts() {
    let place = stage();
    let text = "shopctl load *.yaml";
    let before = look(text, place.path());
    assert_eq!(bound(&before, place.path()), ["x.yaml:file", "y.yaml:file"]);
    std::fs::write(place.path().join("z.yaml"), "").unwrap();
    let found = drift(&before, &look(text, place.path()));
    assert!(
        matches!(found.as_slice(), [one] if one.field.ends_with("/z.yaml") && one.approved == "nothing"),
        "{found:?}"
    );
}

/// What a request that binds `before` says of `now`.
fn drift(before: &Files, now: &Files) -> Vec<Drift> {
    let fields = |files: &Files| serde_json::Map::from_iter([("files".to_owned(), files.to_json())]);
    between(&fields(before), &fields(now))
}

/// What is approved, what somebody does between approval and start, and the field that gives it away.
type Row = (&'static str, fn(&Path), &'static str);

#[test]
fn every_change_drifts_and_is_named() {
    let rows: &[Row] = &[
        (
            "shopctl apply -f x.yaml",
            |at| std::fs::write(at.join("x.yaml"), "kind: Secret").unwrap(),
            "content",
        ),
        ("shopctl apply -f new.yaml", |at| std::fs::write(at.join("new.yaml"), "").unwrap(), "content"),
        ("shopctl apply -f x.yaml", |at| std::fs::remove_file(at.join("x.yaml")).unwrap(), "content"),
        ("shopctl apply -f all", |at| std::fs::write(at.join("all/new"), "").unwrap(), "content"),
        ("shopctl apply -f all", |at| std::fs::write(at.join("all/a.yaml"), "").unwrap(), "content"),
        (
            "shopctl apply -f all",
            |at| std::fs::rename(at.join("all/a.yaml"), at.join("all/b")).unwrap(),
            "content",
        ),
        ("shopctl apply -R -f all", |at| std::fs::write(at.join("all/deep/b.yaml"), "").unwrap(), "content"),
        ("shopctl apply -k over", |at| std::fs::write(at.join("base/d.yaml"), "").unwrap(), "content"),
        (
            "shopctl apply -f all",
            |at| {
                std::fs::remove_file(at.join("all/a.yaml")).unwrap();
                symlink("../x.yaml", at.join("all/a.yaml")).unwrap();
            },
            "content",
        ),
        (
            "bash deploy.sh",
            |at| {
                // The same bytes behind another link.
                std::fs::rename(at.join("deploy.sh"), at.join("other.sh")).unwrap();
                symlink("other.sh", at.join("deploy.sh")).unwrap();
            },
            "real",
        ),
        (
            "shopctl load all",
            |at| {
                std::fs::rename(at.join("all"), at.join("old")).unwrap();
                std::fs::create_dir(at.join("all")).unwrap();
            },
            "content",
        ),
    ];
    for (text, change, field) in rows {
        let place = stage();
        let before = look(text, place.path());
        assert_eq!(drift(&before, &look(text, place.path())), []);
        before.bound.iter().for_each(|file| file.recheck().unwrap());
        change(place.path());
        let told = before.bound.iter().find_map(|file| file.recheck().err()).map(|error| error.to_string());
        assert!(told.as_ref().is_some_and(|told| told.contains(&format!("{field} `"))), "`{text}`: {told:?}");
        let found = drift(&before, &look(text, place.path()));
        assert!(
            !found.is_empty() && found.iter().all(|drift| drift.field.starts_with("files ")),
            "`{text}`: {found:?}"
        );
    }
}

/// Flat is flat: what kubectl does not read without `-R` is nobody's business.
#[test]
fn what_is_not_read_does_not_drift() {
    let place = stage();
    let before = look("shopctl apply -f all", place.path());
    std::fs::write(place.path().join("all/deep/b.yaml"), "").unwrap();
    before.bound.iter().for_each(|file| file.recheck().unwrap());
}

#[test]
fn odd_files_are_bound_by_what_they_are_and_nothing_hangs() {
    let place = stage();
    let at = |name: &str| place.path().join(name);
    rustix::fs::mknodat(rustix::fs::CWD, at("fifo"), rustix::fs::FileType::Fifo, 0o666.into(), 0).unwrap();
    let _socket = std::os::unix::net::UnixListener::bind(at("socket")).unwrap();
    symlink("nowhere", at("dangling")).unwrap();
    symlink("loop", at("loop")).unwrap();
    std::fs::File::create(at("huge")).unwrap().set_len(300 << 20).unwrap();
    let rows = [
        ("fifo", "fifo"),
        ("socket", "socket"),
        ("dangling", "absent"),
        ("loop", "unreachable file"),
        ("huge", "large file"),
        ("/dev/zero", "device"),
        ("/sys/kernel/mm/transparent_hugepage/enabled", "kernel file"),
        ("x.sql/below", "absent"),
    ];
    // `/sys` is not everywhere.
    for (name, kind) in
        rows.into_iter().filter(|(name, _)| !name.starts_with("/sys") || Path::new(name).exists())
    {
        let files = look(&format!("shopctl load {name}"), place.path());
        let [file] = files.bound.as_slice() else { panic!("{name}: {files:?}") };
        assert_eq!(file.content.kind(), kind, "{name}");
        assert_eq!(file.to_json()["sha256"], serde_json::Value::Null);
        file.recheck().unwrap();
    }
    let before = look("shopctl load huge fifo", place.path());
    std::fs::File::options().write(true).open(at("huge")).unwrap().set_len(301 << 20).unwrap();
    std::fs::remove_file(at("fifo")).unwrap();
    std::fs::create_dir(at("fifo")).unwrap();
    for file in &before.bound {
        assert!(matches!(file.recheck(), Err(BindError::Drifted { .. })), "{:?}", file.path);
    }
}

#[test]
fn a_file_that_may_not_be_read_is_bound_by_its_state() {
    if rustix::process::geteuid().is_root() {
        println!("SKIPPED bind::unreadable: root reads everything");
        return;
    }
    let place = stage();
    let path = place.path().join("x.sql");
    std::fs::set_permissions(&path, std::fs::Permissions::from_mode(0o000)).unwrap();
    assert_eq!(bound(&look("shopctl load x.sql", place.path()), place.path()), ["x.sql:unreadable file"]);
}

#[test]
fn directories_beyond_the_limits_are_refused() {
    let place = stage();
    let look = |text: &str| Files::look(&judged(text, place.path()), Started::Bash, place.path());
    let full = place.path().join("full");
    std::fs::create_dir(&full).unwrap();
    (0..2_000).for_each(|at| drop(std::fs::File::create(full.join(at.to_string())).unwrap()));
    assert!(look("shopctl apply -f full").is_ok());
    std::fs::File::create(full.join("one-more")).unwrap();
    assert!(matches!(look("shopctl apply -f full"), Err(BindError::TooMuch { .. })));
    let large = std::fs::File::create(place.path().join("all/large")).unwrap();
    large.set_len((64 << 20) - 1_000).unwrap();
    assert!(look("shopctl apply -f all").is_ok());
    large.set_len(64 << 20).unwrap();
    let error = look("shopctl apply -f all").unwrap_err().to_string();
    assert_eq!(
        error,
        "`all` holds more than 64 MiB, which is more than can be approved; the command was not started"
    );
}

/// Somebody writes while it is hashed: no digest of a content that never was.
#[test]
fn a_file_that_is_written_to_all_the_time_is_refused() {
    let place = stage();
    let path = place.path().join("log");
    std::fs::File::create(&path).unwrap().set_len(200 << 20).unwrap();
    let judgement = judged("shopctl load log", place.path());
    let writer = std::thread::spawn(move || {
        for _ in 0..2_000 {
            let mut log = std::fs::File::options().append(true).open(&path).unwrap();
            if std::io::Write::write_all(&mut log, b"line\n").is_err() {
                return;
            }
            std::thread::sleep(std::time::Duration::from_millis(1));
        }
    });
    let looked = Files::look(&judgement, Started::Bash, place.path());
    writer.join().unwrap();
    assert!(matches!(looked, Err(BindError::Unsteady { .. })), "{looked:?}");
}

#[test]
fn a_sealed_copy_is_of_what_was_approved_or_none() {
    let place = stage();
    let files = look("shopctl apply -f x.yaml", place.path());
    let [file] = files.bound.as_slice() else { panic!("{files:?}") };
    let copy = file.sealed().unwrap();
    assert_eq!(Content::Bytes { sha256: copy.sha256(), bytes: copy.bytes() }, file.content);
    let path = place.path().join("x.yaml");
    let text = std::fs::read(&path).unwrap();
    // Between hash and seal: other bytes of the same length, more bytes, a fifo, nothing.
    std::fs::write(&path, vec![b'#'; text.len()]).unwrap();
    assert!(matches!(file.sealed(), Err(BindError::Drifted { .. })));
    std::fs::write(&path, vec![b'#'; 65 << 20]).unwrap();
    assert!(matches!(file.sealed(), Err(BindError::Drifted { .. })));
    std::fs::remove_file(&path).unwrap();
    assert!(matches!(file.sealed(), Err(BindError::Unreadable { .. })));
    rustix::fs::mknodat(rustix::fs::CWD, &path, rustix::fs::FileType::Fifo, 0o666.into(), 0).unwrap();
    assert!(matches!(file.sealed(), Err(BindError::Drifted { .. })));
    std::fs::remove_file(&path).unwrap();
    std::fs::write(&path, &text).unwrap();
    assert_eq!(file.sealed().unwrap().to_vec().unwrap(), text, "the same bytes again are the approved ones");
}

/// Which words the child gets copies for: argv, and the word it gets.
#[test]
fn copies_stand_in_for_the_words_that_a_rule_names() {
    let place = stage();
    let rows: &[(&str, &[(usize, &str)])] = &[
        ("shopctl run x.sql", &[(2, "")]),
        ("shopctl run x.sql -fx.yaml y.yaml", &[(2, ""), (3, "-f"), (4, "")]),
        ("shopctl run x.sql --filename=x.yaml", &[(2, ""), (3, "--filename=")]),
        ("shopctl run x.sql -f x.yaml", &[(2, ""), (4, "")]),
        ("shopctl run x.sql x.sql", &[(2, ""), (3, "")]),
        ("nice -n 5 timeout 9 shopctl run x.sql", &[(7, "")]),
        // What the built-in rules say of real programs.
        ("kubectl apply -f x.yaml", &[(3, "")]),
        ("kubectl -n shop delete --filename=x.yaml", &[(4, "--filename=")]),
        ("kubectl apply -f all", &[]),
        ("kubectl apply -k base", &[]),
        ("terraform apply x.sql", &[(2, "")]),
        // Not there, no file, two files, another rule, not understood, behind what closes descriptors or starts elsewhere.
        ("shopctl run new", &[]),
        ("shopctl run all /dev/null", &[]),
        ("shopctl run x.sql -f x.yaml,y.yaml", &[(2, "")]),
        ("shopctl load x.sql", &[]),
        ("shopctl run x.sql --no-such", &[]),
        ("sudo shopctl run x.sql", &[]),
        ("ssh web shopctl run x.sql", &[]),
    ];
    for (text, handed) in rows {
        let argv: Vec<OsString> = text.split(' ').map(OsString::from).collect();
        let judgement = judged(text, place.path());
        let files = Files::look(&judgement, Started::Argv(&argv), place.path()).unwrap();
        let copies = files.hand_over(&argv).unwrap();
        let shown = |copy: &Handed| {
            let argument = copy.argument().into_string().unwrap();
            (copy.word(), argument.split("/dev/fd/").next().unwrap().to_owned())
        };
        let mut found: Vec<_> = copies.iter().map(shown).collect();
        found.sort();
        let wanted: Vec<_> = handed.iter().map(|(word, prefix)| (*word, (*prefix).to_owned())).collect();
        assert_eq!(found, wanted, "`{text}`");
        let sealed = files.bound.iter().filter(|file| file.how == How::Sealed).count();
        assert_eq!(files.to_recheck().len() + sealed, files.bound.len());
        assert_eq!(sealed == 0, handed.is_empty(), "`{text}`");
        let bash = Files::look(&judgement, Started::Bash, place.path()).unwrap();
        assert!(bash.hand_over(&argv).unwrap().is_empty(), "a text is bash's: `{text}`");
    }
    let argv: Vec<OsString> = ["shopctl", "run", "x.sql"].map(OsString::from).into();
    let files =
        Files::look(&judged("shopctl run x.sql", place.path()), Started::Argv(&argv), place.path()).unwrap();
    let other: Vec<OsString> = ["shopctl", "run", "y.sql"].map(OsString::from).into();
    assert!(matches!(files.hand_over(&other), Err(BindError::Drifted { .. })), "another argv");
    std::fs::write(place.path().join("x.sql"), "drop table t;").unwrap();
    assert!(
        matches!(files.hand_over(&argv), Err(BindError::Drifted { .. })),
        "swapped between hash and seal"
    );
}

/// What a rule may say of it, and who may.
#[test]
fn only_a_trusted_match_rule_hands_over_files_that_it_captures() {
    let problems = |words: &str, names: &str, trust| {
        let text = format!(
            "[[rule]]\nid = 'x'\n{words}\nby-descriptor = ['{names}']\neffect = 'isolated'\nscope = 'one'\nowner = 'x'\n\
             examples = ['cat a']\nnear-misses = ['cat']\n"
        );
        let mut book = Book::new();
        book.add_pack_of("cat").unwrap();
        let layer = if trust == Trust::Full { Layer::User } else { Layer::Project };
        let file = SourceFile { name: "x.toml".to_owned(), text, layer, trust };
        match book.add(&file, Examples::Check) {
            Ok(_) => Vec::new(),
            Err(problems) => problems.into_iter().map(|problem| problem.code).collect(),
        }
    };
    assert_eq!(problems("match = 'cat <f:file>'", "f", Trust::Full), []);
    assert_eq!(problems("match = 'cat <f:file>'", "g", Trust::Full), [Code::Capture]);
    assert_eq!(problems("match = 'cat <f>'", "f", Trust::Full), [Code::Capture]);
    assert_eq!(problems("match = 'cat <f:kustomization>'", "f", Trust::Full), [Code::Capture]);
    assert_eq!(problems("any = 'cat <f:file>'", "f", Trust::Full), [Code::Shape]);
    assert_eq!(problems("match = 'cat <f:file>'", "f", Trust::TightenOnly), [Code::MayNotLoosen]);
}

#[test]
fn a_request_names_every_field() {
    let place = stage();
    let files = look("shopctl apply -f x.yaml -f all", place.path());
    let text = std::fs::read(place.path().join("x.yaml")).unwrap();
    let real = place.path().canonicalize().unwrap().join("x.yaml");
    let file = files.to_json()[0].clone();
    let wanted = serde_json::json!({
        "path": "x.yaml", "real": real.to_str().unwrap(), "sha256": Digest::of(&text).to_string(),
        "bytes": text.len(), "how": "rechecked", "kind": "file",
    });
    assert_eq!(file, wanted);
    assert_eq!(files.to_json()[1]["kind"], "directory");
    assert_eq!(files.bound[0].how, How::Rechecked);
}

#[test]
fn patience_is_for_commands_that_read() {
    let place = stage();
    let rows = [
        ("shopctl apply -f -", Patience::Endless),
        ("no-such-tool --input=-", Patience::Endless),
        ("no-such-tool /dev/stdin", Patience::Endless),
        ("no-such-tool - < x.sql", Patience::Short),
        ("shopctl load x.sql", Patience::Short),
    ];
    for (text, patience) in rows {
        assert_eq!(Patience::of(&judged(text, place.path())), patience, "`{text}`");
    }
}

#[test]
#[cfg(target_os = "linux")]
fn uptime_is_the_kernel_s() {
    let text = std::fs::read_to_string("/proc/uptime").unwrap();
    let seconds: f64 = text.split(' ').next().unwrap().parse().unwrap();
    let ours = super::uptime_ms() as f64 / 1000.0;
    assert!((ours - seconds).abs() < 5.0, "{ours} against {seconds}");
}
