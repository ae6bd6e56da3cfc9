//! Built-in packs: every example matches, every near-miss does not, the pack table tells the truth, and the operands whose
//! content decides what is done are the ones that an approval binds.

#![expect(clippy::expect_used, clippy::panic, reason = "a test fails so")]

use remgate::bind::{Files, Started};
use remgate::command::{Action, Caller, SearchPath};
use remgate::decide::Standing;
use remgate::judge::{Bench, judge};
use remgate::packs;
use remgate::rules::{Book, Examples};
use remgate::sight::Sight;
use std::collections::BTreeMap;
use std::ffi::OsString;
use std::path::Path;
use std::sync::LazyLock;

/// At run time packs are not held against their examples again; this test is why they need not be.
#[test]
fn every_pack_is_proven_with_its_examples() {
    for pack in packs::ALL {
        let file = pack.file();
        let mut book = Book::new();
        if let Err(problems) = book.add_pack(pack, Examples::Check) {
            let shown: Vec<String> = problems
                .iter()
                .map(|p| {
                    let line = file.text.get(..p.at.0.start).unwrap_or_default().lines().count().max(1);
                    format!(
                        "{}:{line}: {} {}: `{}` {} {}",
                        file.name,
                        p.code.id(),
                        p.text,
                        file.text.get(p.at.0.clone()).unwrap_or_default(),
                        p.at.1,
                        p.help.as_deref().unwrap_or("")
                    )
                })
                .collect();
            panic!("{} problems:\n{}", shown.len(), shown.join("\n"));
        }
    }
}

#[test]
fn the_pack_table_names_the_programs_of_each_pack() {
    for pack in packs::ALL {
        let mut book = Book::new();
        book.add_pack(pack, Examples::Checked).expect("a proven pack");
        let mut described: Vec<&str> = book
            .tools()
            .iter()
            .flat_map(|tool| std::iter::once(&tool.name).chain(&tool.aliases).map(String::as_str))
            .collect();
        described.sort_unstable();
        let mut listed: Vec<&str> = pack.programs().collect();
        listed.sort_unstable();
        assert_eq!(listed, described, "pack {}", pack.name);
    }
}

#[test]
fn the_compact_form_says_what_the_text_says() {
    for pack in packs::ALL {
        let (mut text, mut compact) = (Book::new(), Book::new());
        text.add_pack(pack, Examples::Check).expect("a proven pack");
        compact.add_pack(pack, Examples::Checked).expect("the same pack");
        assert_eq!(text.tools(), compact.tools(), "pack {}", pack.name);
        let rules = |book: &Book| book.rules().iter().map(|rule| format!("{rule:?}")).collect::<Vec<_>>();
        assert_eq!(rules(&text), rules(&compact), "pack {}", pack.name);
    }
}

#[test]
fn every_program_is_found_and_nothing_else() {
    let described: Vec<&str> = packs::ALL.iter().flat_map(packs::Pack::programs).collect();
    assert_eq!(packs::names().count(), described.len());
    for program in described {
        let pack = packs::of(program).expect("its pack");
        assert!(pack.programs().any(|name| name == program), "{program} is in {}", pack.name);
        assert!(packs::of(&format!("{program} ")).is_none());
    }
    for strange in ["", " ", "0", "\n", "kubectl 0", "no-such-program", "\u{ff}"] {
        assert!(packs::of(strange).is_none(), "{strange:?}");
    }
}

/// A directory with every file that the rows below speak of.
fn stage() -> tempfile::TempDir {
    let place = tempfile::tempdir().expect("a directory");
    let object = "apiVersion: v1\nkind: Service\nmetadata: {name: x}\n";
    for (name, text) in [
        ("app.log", "a line\n"),
        ("other.log", "a line\n"),
        ("app.gz", "\x1f"),
        ("x.yaml", object),
        ("x.sql", "delete from carts where id = 1;\n"),
        ("outside.sql", "\\ir x.sql\n"),
        ("site.yml", "- hosts: all\n"),
        ("plan", "a plan\n"),
        ("body.json", "{}\n"),
        ("tls.pem", "a certificate\n"),
    ] {
        std::fs::write(place.path().join(name), text).expect("a file");
    }
    place
}

/// The files that an approval of `text` binds, with how it makes sure, by the packs of every program; and whether these
/// know what the text does.
fn bound(text: &str, place: &Path) -> (Standing, Vec<String>) {
    static BOOK: LazyLock<Book> = LazyLock::new(|| {
        let mut book = Book::new();
        packs::ALL.iter().for_each(|pack| book.add_pack(pack, Examples::Checked).expect("a proven pack"));
        book
    });
    let search = SearchPath::new(None);
    let home = Some(place.join("home"));
    let sight = Sight { env: BTreeMap::new(), cwd: place.to_owned(), home, host: "here".to_owned() };
    let bench = Bench {
        book: &BOOK,
        caller: Caller { search: &search, variables: &BTreeMap::new() },
        cwd: place.to_owned(),
        actor: "agent",
        eyes: &|command, reading, whence, wanted| sight.of(command, reading, whence, wanted),
        assumed: None,
    };
    let argv: Vec<OsString> = text.split(' ').map(OsString::from).collect();
    let judgement = judge(&Action::Argv(argv.clone()), &bench);
    let [judged] = judgement.commands.as_slice() else { panic!("`{text}` is not one command") };
    let standing = judged.standing.0;
    let files = Files::look(&judgement, Started::Argv(&argv), place).expect("bound files");
    // Where a name leads is bound of every one; here it is about what stands there.
    let contents = files.bound.iter().filter(|file| file.content.kind() != "place");
    let named = contents.map(|file| format!("{}:{}", file.path.to_string_lossy(), file.how.word()));
    let mut names: Vec<String> = named.collect();
    names.sort();
    (standing, names)
}

/// A log that grows while somebody is asked whether to delete it is no reason to refuse; a manifest that grows is.
#[test]
fn only_content_that_decides_what_is_done_is_bound() {
    let place = stage();
    for nothing in [
        "rm app.log",
        "rm -rf app.log",
        "rm /var/log/app.log",
        "rm /etc/nginx/nginx.conf",
        "shred -u app.log",
        "truncate -s 0 app.log",
        "truncate -s 0 /var/log/nginx/access.log",
        "gzip app.log",
        "gunzip app.gz",
        "xz app.log",
        "zip app.zip app.log",
        "mv app.log other.log",
        "mv app.log /var/log/app.log",
        "ln -s app.log name",
        "touch app.log",
        "chmod 600 app.log",
        "chown app app.log",
        "setfacl -m u:a:r app.log",
        "tee app.log",
        "tee /etc/hosts",
        "tar czf app.gz app.log",
        "curl -o app.log https://shop.example/a",
        "curl -o /etc/sudoers.d/x https://shop.example/a",
        "wget -O app.log https://shop.example/a",
        "curl -d a=app.log https://shop.example/a",
        "dd of=app.log",
        "dd of=/srv/app.log",
        "kubectl cp web-1:/tmp/x app.log",
        "vault operator raft snapshot save app.log",
        "dos2unix app.log",
        "mkfifo app.log",
    ] {
        assert_eq!(bound(nothing, place.path()), (Standing::Known, vec![]), "`{nothing}`");
    }
}

#[test]
fn content_that_decides_what_is_done_is_bound_once_and_nothing_beside_it() {
    let place = stage();
    for (text, file) in [
        ("kubectl apply -f x.yaml", "x.yaml:sealed"),
        ("kubectl create -f x.yaml", "x.yaml:sealed"),
        ("kubectl delete -f x.yaml", "x.yaml:sealed"),
        ("kubectl cp app.log web-1:/tmp/x", "app.log:rechecked"),
        ("psql -f x.sql", "x.sql:sealed"),
        ("psql -h db -U app -fx.sql shop", "x.sql:sealed"),
        // Nobody tried it with a descriptor.
        ("clickhouse-client --queries-file x.sql", "x.sql:rechecked"),
        ("ansible-playbook site.yml", "site.yml:rechecked"),
        ("terraform apply plan", "plan:sealed"),
        ("cp app.log other.log", "app.log:rechecked"),
        ("cp -t /srv app.log", "app.log:rechecked"),
        ("cp app.log /etc/nginx/nginx.conf", "app.log:rechecked"),
        ("install -m 755 app.log /usr/local/bin/a", "app.log:rechecked"),
        ("dd if=app.log of=other.log", "app.log:rechecked"),
        ("dd if=app.log of=/srv/b", "app.log:rechecked"),
        ("tar xzf app.gz", "app.gz:rechecked"),
        ("sort -o other.log app.log", "app.log:rechecked"),
        ("git apply app.log", "app.log:rechecked"),
        ("cat app.log", "app.log:rechecked"),
        ("curl -d @body.json https://shop.example/a", "body.json:rechecked"),
        ("curl -X POST -d@body.json -o app.log https://shop.example/a", "body.json:rechecked"),
        ("curl -F file=@body.json;type=text/plain https://shop.example/a", "body.json:rechecked"),
        ("curl -T body.json https://shop.example/a", "body.json:rechecked"),
        ("gh api repos/a/b/issues -F body=@body.json", "body.json:rechecked"),
    ] {
        let (standing, found) = bound(text, place.path());
        assert_eq!(standing, Standing::Known, "`{text}`");
        // What stands before `=` may be part of the name, and is then bound as absent.
        let found: Vec<&String> = found.iter().filter(|name| !name.contains('=')).collect();
        assert_eq!(found, [file], "`{text}`");
    }
}

/// A copy has no directory in which `\ir` could look; a text with it is not known, and is compared by name instead.
#[test]
fn a_text_that_looks_beside_itself_gets_no_copy() {
    let place = stage();
    let found = bound("psql -f outside.sql", place.path());
    assert_eq!(found, (Standing::Unmatched, vec!["outside.sql:rechecked".to_owned()]));
}
