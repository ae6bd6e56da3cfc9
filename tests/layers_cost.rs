//! What a call costs against the number of rules of other tools: it must not depend on it.
#![expect(
    clippy::expect_used,
    clippy::indexing_slicing,
    reason = "a test that meets the unexpected shall fail"
)]

use remgate::clock;
use remgate::layers::{self, Concerns, FileConcerns, Index, Places, Prove};
use remgate::rules::{Problem, SourceFile};
use std::cell::Cell;
use std::fmt::Write;
use std::fs::{self, Permissions};
use std::os::unix::fs::PermissionsExt;
use std::path::Path;
use std::time::Duration;
use tempfile::TempDir;

/// Numbers of rules of other tools.
const COUNTS: [usize; 4] = [10, 100, 1_000, 5_000];

/// Reads the tool's name and each pattern's first word, as a proof must at least.
struct Stub(Cell<usize>);

impl Prove for Stub {
    fn stamp(&self) -> String {
        "stub".to_owned()
    }

    fn prove(&self, files: &[SourceFile]) -> Result<Vec<FileConcerns>, Vec<Vec<Problem>>> {
        self.0.set(self.0.get() + 1);
        let concerns = |file: &SourceFile| {
            let table = toml::from_str::<toml::Table>(&file.text).expect("toml");
            let of = |kind: &str, field: &str| {
                let entries = table[kind].as_array().expect("entries").iter();
                entries
                    .map(|entry| entry[field].as_str().expect("text").split(' ').next().expect("word"))
                    .map(|word| Concerns::Programs([word.to_owned()].into()))
                    .collect()
            };
            FileConcerns { tools: of("tool", "name"), rules: of("rule", "match") }
        };
        Ok(files.iter().map(concerns).collect())
    }
}

/// Tools that calls are about: one may share its slot of the index with other tools, sixteen show it.
const WANTED: usize = 16;

/// Rules as people write them, about 300 bytes each, ten to a tool, and the wanted tools with one each.
fn rules(count: usize) -> String {
    let mut text =
        String::from("[[environment]]\nname = 'prod'\ntier = 'production'\nmatch = { context = 'prod-*' }\n");
    for number in 0..count {
        rule(&mut text, &format!("tool{}", number / 10), number % 10);
    }
    for number in 0..WANTED {
        rule(&mut text, &format!("wanted{number}"), 0);
    }
    text
}

fn rule(text: &mut String, tool: &str, verb: usize) {
    if verb == 0 {
        let _ = writeln!(
            text,
            "[[tool]]\nname = \"{tool}\"\noperation = 1\nvalue = [\"-n --namespace\"]\nswitch = [\"--all\"]"
        );
    }
    let _ = writeln!(
        text,
        "[[rule]]\nid = \"{tool}.{verb}\"\nmatch = \"{tool} verb{verb} <workload>\"\neffect = \"isolated\"\n\
         scope = \"service\"\nrollback = \"{tool} undo <workload>\"\nwhy = \"replaces one workload\"\n\
         examples = [\"{tool} verb{verb} web\", \"{tool} -n shop verb{verb} web\"]\nnear-misses = [\"{tool} undo web\"]\n"
    );
}

struct Scene {
    root: TempDir,
    places: Places,
}

impl Scene {
    fn new(count: usize) -> Self {
        let exe = std::env::current_exe().expect("test binary");
        let root = TempDir::new_in(exe.parent().expect("directory")).expect("scene");
        let user = root.path().join("remgate");
        fs::create_dir(&user).expect("directory");
        fs::create_dir(root.path().join("state")).expect("directory");
        for path in [user.clone(), root.path().join("state")] {
            fs::set_permissions(path, Permissions::from_mode(0o700)).expect("mode");
        }
        fs::write(user.join("a.toml"), rules(count)).expect("written");
        fs::set_permissions(user.join("a.toml"), Permissions::from_mode(0o600)).expect("mode");
        let (system, project_from) = (root.path().join("absent"), root.path().to_owned());
        Self { root, places: Places { system, user: Some(user), account: None, project_from } }
    }

    fn load(&self, state: Option<&Path>, stub: &Stub) -> layers::Loaded {
        self.load_for("wanted0", state, stub)
    }

    fn load_for(&self, program: &str, state: Option<&Path>, stub: &Stub) -> layers::Loaded {
        layers::load(&self.places, state, &[program], stub).expect("loads")
    }

    /// The shortest of many calls about one program, with the index.
    fn kept(&self, program: &str, rounds: usize) -> Duration {
        let state = self.root.path().join("state");
        let stub = Stub(Cell::new(0));
        let one = || time(|| assert_eq!(self.load_for(program, Some(&state), &stub).index, Index::Used));
        (0..rounds).map(|_| one()).min().expect("rounds")
    }
}

fn time(work: impl FnOnce()) -> Duration {
    let start = clock::monotonic();
    work();
    start.elapsed()
}

/// What can be counted without a clock: the text handed out, and the proofs made, with the times of real files.
#[test]
fn a_call_is_handed_the_same_text_whatever_other_tools_have() {
    let scenes = [10, 1_000].map(Scene::new);
    let stub = Stub(Cell::new(0));
    let state = |scene: &Scene| scene.root.path().join("state");
    assert_eq!(scenes[0].load(Some(&state(&scenes[0])), &stub).index, Index::Settling);
    std::thread::sleep(Duration::from_millis(3_200));
    let texts = scenes.each_ref().map(|scene| {
        let first = scene.load(Some(&state(scene)), &stub);
        assert_eq!(first.index, Index::Written);
        let second = scene.load(Some(&state(scene)), &stub);
        assert_eq!(second.index, Index::Used);
        assert_eq!(first.files[0].source.text, second.files[0].source.text);
        second.files[0].source.text.clone()
    });
    assert_eq!(texts[0], texts[1]);
    assert_eq!(texts[0].matches("[[").count(), 3, "environment, tool, rule");
    assert_eq!(stub.0.get(), 3);
}

#[test]
#[ignore = "a measurement: cargo test --release --test layers_cost -- --ignored --nocapture"]
fn cost_against_rules_of_other_tools() {
    let scenes = COUNTS.map(|count| (count, Scene::new(count)));
    std::thread::sleep(Duration::from_millis(3_200));
    let stub = Stub(Cell::new(0));
    for (_, scene) in &scenes {
        assert_eq!(scene.load(Some(&scene.root.path().join("state")), &stub).index, Index::Written);
    }
    // In turn, so that a slow moment of the machine meets all alike. Of the wanted tools the dearest counts.
    let mut best = scenes.each_ref().map(|_| [Duration::MAX; WANTED]);
    for _ in 0..20 {
        for ((_, scene), best) in scenes.iter().zip(&mut best) {
            for (number, best) in best.iter_mut().enumerate() {
                *best = scene.kept(&format!("wanted{number}"), 10).min(*best);
            }
        }
    }
    let best = best.map(|best| best.into_iter().max().expect("wanted"));
    println!("rules of other tools | call with index | ratio to 10 | fresh proof (stub)");
    for ((count, scene), kept) in scenes.iter().zip(best) {
        let fresh = (0..3).map(|_| time(|| drop(scene.load(None, &stub)))).min().expect("rounds");
        let ratio = kept.as_secs_f64() / best[0].as_secs_f64();
        println!("{count:>20} | {kept:>15.1?} | {ratio:>11.2} | {fresh:>11.1?}");
        assert!(ratio < 1.2, "the cost grows with the rules of other tools: {ratio:.2}");
    }
}
