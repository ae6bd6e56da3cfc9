//! Built-in packs: every example matches, every near-miss does not, and the pack table tells the truth.

use remgate::packs;
use remgate::rules::{Book, Examples};

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
