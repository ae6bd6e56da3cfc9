//! The decision table: total and monotone as built in, and what a rule file can and cannot make of it.

use remgate::decide::{Cell, Row, Subject, Table, Verdict, cells};
use remgate::facts::{Effect, Rollback, Scope, Tier};
use remgate::rules::{Book, Code, Examples, Layer, Problem, SourceFile, Trust};

fn add(text: &str, layer: Layer) -> Result<Book, Vec<Problem>> {
    let trust = if layer == Layer::Project { Trust::TightenOnly } else { Trust::Full };
    let mut book = Book::new();
    let file = SourceFile { name: "t.toml".into(), text: text.into(), layer, trust };
    book.add(&file, Examples::Check).map(|_| book)
}

fn cell(effect: Effect, scope: Scope, tier: Tier, rollback: Rollback) -> Cell {
    Cell { subject: Subject::Effect(effect), scope, tier, rollback }
}

/// Every cell against every cell that is no milder: not only neighbours, as the checker itself looks.
#[test]
fn the_built_in_table_is_total_and_no_worse_cell_is_kinder() {
    let book = Book::new();
    let table = book.table();
    assert_eq!(table.flaws(), []);
    assert_eq!(cells().count(), 11 * 5 * 4 * 5);
    for milder in cells() {
        assert!(table.rows().iter().any(|row| row.subjects.contains(&milder.subject)), "{milder}");
        for worse in cells() {
            let none = Subject::Effect(Effect::None);
            let comparable = (worse.subject == milder.subject || milder.subject == none)
                && worse.scope >= milder.scope
                && worse.tier >= milder.tier
                && worse.rollback >= milder.rollback;
            assert!(!comparable || table.verdict(worse) >= table.verdict(milder), "{milder} / {worse}");
        }
    }
}

/// The lines of design section 7, each by its own cell.
#[test]
fn the_built_in_table_says_what_the_design_says() {
    let book = Book::new();
    let (one, service, environment, fleet) = (Scope::One, Scope::Service, Scope::Environment, Scope::Fleet);
    let (dev, staging, live, nowhere) = (Tier::Development, Tier::Staging, Tier::Production, Tier::Unknown);
    let (unneeded, declared, manual, none) =
        (Rollback::Unneeded, Rollback::Declared, Rollback::Manual, Rollback::None);
    let (run, confirm, two, deny) = (Verdict::Run, Verdict::Confirm, Verdict::TwoPerson, Verdict::Deny);
    for (effect, scope, tier, rollback, verdict) in [
        (Effect::None, Scope::Unknown, nowhere, none, run),
        (Effect::Disclosure, one, dev, unneeded, confirm),
        (Effect::Disclosure, Scope::Unknown, nowhere, none, confirm),
        (Effect::Isolated, service, live, declared, run),
        (Effect::Isolated, one, nowhere, unneeded, run),
        (Effect::Isolated, one, dev, none, run),
        (Effect::Isolated, one, staging, manual, confirm),
        (Effect::Isolated, environment, live, declared, confirm),
        (Effect::Isolated, environment, dev, manual, two),
        (Effect::Isolated, fleet, dev, unneeded, two),
        (Effect::Isolated, Scope::Unknown, dev, unneeded, two),
        (Effect::Availability, service, live, none, confirm),
        (Effect::Availability, environment, dev, unneeded, two),
        (Effect::Routing, fleet, dev, none, confirm),
        (Effect::Routing, one, live, declared, confirm),
        (Effect::Routing, one, live, manual, two),
        (Effect::Data, one, dev, none, confirm),
        (Effect::Data, service, dev, unneeded, two),
        (Effect::Data, fleet, live, none, deny),
        (Effect::Data, Scope::Unknown, nowhere, none, deny),
        (Effect::Data, fleet, live, manual, two),
        (Effect::Data, environment, live, none, two),
        (Effect::Secrets, fleet, dev, none, confirm),
        (Effect::Secrets, one, staging, unneeded, two),
        (Effect::Permissions, one, nowhere, unneeded, two),
        (Effect::Audit, one, dev, unneeded, deny),
    ] {
        let cell = cell(effect, scope, tier, rollback);
        assert_eq!(book.table().verdict(cell), verdict, "{cell}");
    }
    assert_eq!(book.table().floor(Subject::Unmatched), confirm);
    assert_eq!(book.table().floor(Subject::Opaque), two);
}

#[test]
fn a_broken_table_is_refused_and_names_the_cell() {
    for (text, code, says) in [
        (
            "[[decide]]\neffect = 'routing'\nscope = ['one', 'service']\nverdict = 'confirm'\n",
            Code::NotTotal,
            "no row gives a verdict for effect routing, scope environment, tier development, rollback unneeded",
        ),
        (
            "[[decide]]\neffect = 'data'\ntier = 'staging'\nverdict = 'deny'\n[[decide]]\neffect = 'data'\nverdict = 'confirm'\n",
            Code::NotMonotone,
            "effect data, scope one, tier production, rollback unneeded gives `confirm`, kinder than `deny` for effect data, scope one, tier staging, rollback unneeded",
        ),
        (
            "[[decide]]\neffect = 'none'\nverdict = 'deny'\n",
            Code::NotMonotone,
            "kinder than `deny` for effect none, scope one, tier development, rollback unneeded",
        ),
        (
            "[[decide]]\neffect = 'unmatched'\nverdict = 'run'\n",
            Code::NotMonotone,
            "`unmatched` gives `run`; what is not understood never gets kinder",
        ),
        (
            "[[decide]]\neffect = 'opaque'\nverdict = 'confirm'\n",
            Code::NotMonotone,
            "`opaque` gives `confirm`; what is not understood never gets kinder",
        ),
    ] {
        let problems = add(text, Layer::System).unwrap_err();
        let found = problems.iter().find(|problem| problem.code == code && problem.text.contains(says));
        let found = found.unwrap_or_else(|| panic_with(text, &problems));
        assert_eq!(found.at.0.start, 0, "the caret stands at the table: {found:?}");
    }
}

#[expect(clippy::panic, reason = "a test that meets the unexpected shall fail")]
fn panic_with(text: &str, problems: &[Problem]) -> ! {
    panic!("{text}\n{problems:#?}")
}

/// A row in a project file is one more reason to say no, whatever it says.
#[test]
fn rows_of_a_project_file_only_raise() {
    let before = Book::new();
    for verdict in ["run", "confirm", "two-person", "deny"] {
        let text = format!(
            "[[decide]]\neffect = ['disclosure', 'isolated', 'audit', 'unmatched', 'opaque']\nverdict = '{verdict}'\n"
        );
        let after = add(&text, Layer::Project).unwrap();
        for cell in cells() {
            let least = Verdict::from_word(verdict).unwrap();
            let named =
                ["disclosure", "isolated", "audit", "unmatched", "opaque"].contains(&cell.subject.word());
            let expected = before.table().verdict(cell).max(if named { least } else { Verdict::Run });
            assert_eq!(after.table().verdict(cell), expected, "{cell}");
        }
    }
}

#[test]
fn a_trusted_file_changes_only_the_effects_it_names() {
    let before = Book::new();
    let text = "[[decide]]\neffect = ['secrets', 'unmatched']\nverdict = 'deny'\n";
    let after = add(text, Layer::User).unwrap();
    for cell in cells() {
        match cell.subject.word() {
            "secrets" | "unmatched" => assert_eq!(after.table().verdict(cell), Verdict::Deny, "{cell}"),
            _ => assert_eq!(after.table().verdict(cell), before.table().verdict(cell), "{cell}"),
        }
    }
}

/// The first row that covers a cell counts, and a cell that no row covers is denied.
#[test]
fn the_first_row_counts_and_a_hole_is_no_permission() {
    let row = |scopes: &[Scope], verdict| Row {
        subjects: vec![Subject::Effect(Effect::Data)],
        scopes: scopes.to_vec(),
        tiers: Vec::new(),
        rollbacks: Vec::new(),
        verdict,
    };
    let table = Table::proven(vec![row(&[Scope::One], Verdict::Confirm), row(&[Scope::One], Verdict::Deny)]);
    let at = |scope| cell(Effect::Data, scope, Tier::Development, Rollback::None);
    assert_eq!(table.verdict(at(Scope::One)), Verdict::Confirm);
    assert_eq!(table.verdict(at(Scope::Fleet)), Verdict::Deny);
}
