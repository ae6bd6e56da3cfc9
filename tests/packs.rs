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
        let mut listed = pack.programs.to_vec();
        listed.sort_unstable();
        assert_eq!(listed, described, "pack {}", pack.name);
    }
}
