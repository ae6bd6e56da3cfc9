//! A call loads only the entries that concern its programs; that must not change any judgement.

use crate::language::{TOOL, command, environments, project, rules, seen};
use crate::stage::{config, judged, shown};
use proptest::prelude::*;
use remgate::command::{Action, Caller, SearchPath};
use remgate::house::Proof;
use remgate::judge::programs;
use remgate::layers::{self, Places};
use remgate::rules::{Book, Examples, Layer, SourceFile, Trust};
use std::collections::BTreeMap;
use std::fs;
use std::os::unix::fs::PermissionsExt;
use tempfile::TempDir;

/// A user's file and a project's, below the build directory: `/tmp` is writable by all, and therefore never believed.
fn scene(user: &str, project: &str) -> (TempDir, Places) {
    let exe = std::env::current_exe().unwrap();
    let root = TempDir::new_in(exe.parent().unwrap()).unwrap();
    let at = |path: &str| root.path().join(path);
    for path in ["user", "work"] {
        fs::create_dir(at(path)).unwrap();
        fs::set_permissions(at(path), fs::Permissions::from_mode(0o755)).unwrap();
    }
    for (path, text) in [("user/rules.toml", user), ("work/.remgate.toml", project)] {
        fs::write(at(path), text).unwrap();
        fs::set_permissions(at(path), fs::Permissions::from_mode(0o644)).unwrap();
    }
    let places =
        Places { system: at("absent"), user: Some(at("user")), account: None, project_from: at("work") };
    (root, places)
}

/// Another tool, tied to the first by a rule about both, and one that nothing ties.
const OTHERS: &str = "
[[tool]]
name = 'own'
operation = 1
[[tool]]
name = 'apart'
[[rule]]
id = 'others.both'
any = ['tool delete', 'own delete']
effect = 'data'
examples = ['tool delete x', 'own delete']
near-misses = ['tool get x']
[[rule]]
id = 'others.apart'
any = 'apart x'
effect = 'audit'
examples = ['apart x']
near-misses = ['apart y']
";

proptest! {
    #![proptest_config(proptest::test_runner::Config { cases: (config().cases / 10).max(20), ..config() })]

    #[test]
    fn chosen_entries_judge_as_whole_files(
        user in rules("user", &["match", "any"], 0..5), places in environments(0..3), project in project(),
        commands in prop::collection::vec(command(), 3), seen in seen(),
    ) {
        // The examples of generated rules say nothing true, and loading would refuse them.
        let user = format!("{TOOL}{OTHERS}{}{places}", user.concat().replace("match = ", "any = "));
        let user = user.replace("examples = ['tool x']\nnear-misses = ['tool y']\n", "");
        let project = project.replace("[[tool]]\nname = 'own'", "[[tool]]\nname = 'mine'").replace("'own", "'mine");
        let project = project.replace("examples = ['tool x']\nnear-misses = ['tool y']\n", "").replace("match = 'tool", "any = 'tool");
        let whole = |text: &str, layer, trust| SourceFile { name: "t".into(), text: text.into(), layer, trust };
        let mut book = Book::new();
        for file in [whole(&user, Layer::User, Trust::Full), whole(&project, Layer::Project, Trust::TightenOnly)] {
            if let Err(problems) = book.add(&file, Examples::Check) {
                return Err(TestCaseError::reject(format!("{problems:?}")));
            }
        }
        let (_root, places) = scene(&user, &project);
        for words in commands {
            let named = programs(&Action::Argv(words.clone()), &Caller { search: &SearchPath::new(None), variables: &BTreeMap::new() });
            let names: Vec<&str> = named.iter().map(String::as_str).collect();
            let loaded = layers::load(&places, None, &names, &Proof).map_err(|e| TestCaseError::fail(e.to_string()))?;
            let mut chosen = Book::new();
            for file in &loaded.files {
                chosen.add(&file.source, Examples::Checked).map_err(|p| TestCaseError::fail(format!("{p:#?}")))?;
            }
            let (one, two) = (judged(&book, &words, &seen), judged(&chosen, &words, &seen));
            prop_assert_eq!(format!("{:?}", one), format!("{:?}", two), "{}", shown(&words));
            prop_assert!(chosen.rules().iter().all(|rule| rule.id.as_str() != "others.apart"));
        }
    }
}
