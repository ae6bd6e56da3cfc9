//! How argv is read by a tool entry, style by style: what every rule stands on.

#![expect(clippy::unwrap_used, clippy::indexing_slicing, reason = "a test fails by panicking")]

use remgate::rules::{Book, Examples, Layer, SourceFile, Trust};
use remgate::tools::{Reading, Whole};
use std::ffi::OsString;

const TOOLS: &str = r#"
[[tool]]
name = "gnu"
operation = 1
switch = ["-a --all", "-f --force", "-9", "-NUM"]
value = ["-n --name", "--namespace"]
optional = ["-i --in-place", "--color"]
[[tool.subcommand]]
name = "logs"
switch = ["-f --follow"]
value = ["-p --path"]
[[tool.subcommand]]
name = "apply"
value = ["-f --filename"]

[[tool]]
name = "pf"
style = "pflag"
operation = 2
switch = ["-A --all-namespaces"]
optional = ["-w --watch"]
value = ["-n --namespace"]
[[tool.subcommand]]
name = "apply"
value = ["-f --filename"]
[[tool.subcommand]]
name = "logs"
switch = ["-f --follow"]
[[tool.subcommand]]
name = "run"
options-end = "operand"
switch = ["--rm", "-i", "-t"]
value = ["-e"]

[[tool]]
name = "posix"
style = "posix"
switch = ["-a"]
value = ["-n"]

[[tool]]
name = "go"
style = "go"
globals = "before"
operation = 1
value = ["-chdir"]
[[tool.subcommand]]
name = "apply"
switch = ["-auto-approve"]
value = ["-target"]

[[tool]]
name = "keys"
style = "keys"
value = ["if", "of", "bs"]

[[tool]]
name = "words"
style = "words"

[[tool]]
name = "before"
globals = "before"
operation = 1
value = ["-C", "-c"]
[[tool.subcommand]]
name = "branch"
switch = ["-C --force-copy"]
"#;

/// `options | operands | unknown words`, as text.
fn read(book: &Book, words: &str) -> String {
    let words: Vec<OsString> = words.split(' ').map(OsString::from).collect();
    let tool = book.tool(words[0].to_str().unwrap()).unwrap();
    let reading = Reading::new(tool, &words);
    assert_eq!(reading.whole() == Whole::Yes, reading.unknown.is_empty());
    let options: Vec<String> = reading
        .options
        .iter()
        .map(|given| match given.value {
            Some(value) => format!("{}={}", given.spec.canonical(), value.display()),
            None => given.spec.canonical().to_owned(),
        })
        .collect();
    let operands: Vec<_> = reading.operands.iter().map(|operand| operand.text.to_str().unwrap()).collect();
    let unknown = if reading.unknown.is_empty() { "" } else { " ?" };
    format!("{} | {}{unknown}", options.join(" "), operands.join(" "))
}

#[test]
fn every_style_reads_as_its_parser_does() {
    let mut book = Book::new();
    let file = SourceFile { name: "t".into(), text: TOOLS.into(), layer: Layer::User, trust: Trust::Full };
    book.add(&file, Examples::Check).unwrap();
    for (words, expected) in [
        // getopt_long: bundles, joined values, unique prefixes, options behind operands, `--`
        ("gnu x -af y", "--all --force | x y"),
        ("gnu -n v x", "--name=v | x"),
        ("gnu -nv x", "--name=v | x"),
        ("gnu -n=v x", "--name==v | x"),
        ("gnu -an v x", "--all --name=v | x"),
        ("gnu --name=v x", "--name=v | x"),
        ("gnu --forc x", "--force | x"),
        ("gnu --na v", " | v ?"), // --name or --namespace: the reader must not choose
        ("gnu --names v", "--namespace=v | "),
        ("gnu -- -a --force", " | -a --force"),
        ("gnu -i x", "--in-place | x"),
        ("gnu -i.bak x", "--in-place=.bak | x"),
        ("gnu --color x", "--color | x"),
        ("gnu --color=auto x", "--color=auto | x"),
        ("gnu -9 x", "-9 | x"),
        ("gnu -20 x", "-NUM | x"),
        ("gnu -2a x", " | x ?"),
        ("gnu --force=yes x", " | x ?"),
        ("gnu --what x", " | x ?"),
        ("gnu -aZ x", "--all | x ?"),
        ("gnu x -n", " | x ?"),
        ("gnu - x", " | - x"),
        // an option's meaning follows the operation, wherever it stands
        ("gnu logs -f x", "--follow | logs x"),
        ("gnu apply -f x", "--filename=x | apply"),
        ("gnu apply -fx", "--filename=x | apply"),
        ("gnu apply --force x", "--force | apply x"),
        ("gnu -p x logs", "--path=x | logs"),
        // pflag: no prefixes, `=` behind a short option, true for switches
        ("pf get -n=v pods", "--namespace=v | get pods"),
        ("pf -n v get pods -A=true", "--namespace=v --all-namespaces | get pods"),
        ("pf get --all-namespaces=false", " | get ?"),
        ("pf get --all", " | get ?"),
        ("pf get -wA x", "--watch --all-namespaces | get x"),
        ("pf get -Aw=false x", "--all-namespaces --watch=false | get x"),
        ("pf -f x apply", "--filename=x | apply"),
        ("pf logs x -f", "--follow | logs x"),
        ("pf run -it -e A=1 img ls -A", "-i -t -e=A=1 | run img ls -A"),
        ("pf run --rm img --rm", "--rm | run img --rm"),
        // the first operand ends options
        ("posix -a x -n", "-a | x -n"),
        ("posix -n v -a x", "-n=v -a | x"),
        // Go: one or two dashes, nothing bundled
        ("go -chdir=d apply -auto-approve -target=t", "-chdir=d -auto-approve -target=t | apply"),
        ("go --chdir d apply --auto-approve=true", "-chdir=d -auto-approve | apply"),
        ("go apply -chdir=d", " | apply ?"),
        // dd
        ("keys if=a of=b bs=1M", "if=a of=b bs=1M | "),
        ("keys count=1 x", " | x ?"),
        // echo
        ("words --- -x -- y=1", " | --- -x -- y=1"),
        // the same letter before and behind the operation
        ("before -C d branch -C a b", "-C=d --force-copy | branch a b"),
        ("before branch -c a", " | branch a ?"),
    ] {
        assert_eq!(read(&book, words), expected, "{words}");
    }
}
