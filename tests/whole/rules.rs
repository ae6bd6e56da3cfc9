//! Rules as their author meets them: init, check, show.

use crate::house::{House, see};
use serde_json::Value;

const OWN: &str = r#"
[[tool]]
name = "mytool"

[[rule]]
id = "my.tool"
match = "mytool <what>..."
effect = "none"
why = "it only looks"
owner = "me"
examples = ["mytool web"]
near-misses = ["mytool"]
"#;

#[test]
fn a_starter_file_is_written_once_and_passes_the_check() {
    let house = House::new();
    house.fake("kubectl");
    let seen = house.run("rules init");
    assert_eq!(seen.code, 0, "{seen:?}");
    let directory = house.at("home/.config/remgate");
    let files: Vec<_> = std::fs::read_dir(&directory).unwrap().map(|file| file.unwrap().path()).collect();
    assert_eq!(files.len(), 1, "{files:?}");
    let written = std::fs::read_to_string(&files[0]).unwrap();
    assert_eq!(written, house.run("rules init --print").stdout);
    assert!(written.contains("kubectl"), "it speaks of the tools that are there");
    assert_eq!(house.run("rules check").code, 0);
    assert_eq!(house.run("-- true").code, 0);
    std::fs::write(&files[0], "# mine\n").unwrap();
    let seen = house.run("rules init");
    assert_ne!(seen.code, 0, "a file of mine is not overwritten: {seen:?}");
    assert_eq!(std::fs::read_to_string(&files[0]).unwrap(), "# mine\n");
    assert_eq!(house.run("rules init --force").code, 0);
    assert_eq!(std::fs::read_to_string(&files[0]).unwrap(), written);
}

#[test]
fn the_starter_file_with_every_example_taken_in_passes_the_check() {
    let house = House::new();
    for tool in ["kubectl", "docker", "terraform", "aws", "psql", "git", "systemctl"] {
        house.fake(tool);
    }
    let text = house.run("rules init --print").stdout;
    // Prose stands behind `# `; an example behind `#` alone.
    let lines = text.lines().map(|line| match line.strip_prefix('#') {
        Some(example) if !example.starts_with(' ') => example,
        _ => line,
    });
    let taken_in = lines.collect::<Vec<_>>().join("\n");
    assert!(taken_in.lines().any(|line| line.starts_with("[[rule]]")), "{text}");
    let file = house.write("taken-in.toml", &taken_in);
    let seen = see(house.gate().args(["rules", "check"]).arg(file));
    assert_eq!(seen.code, 0, "{seen:?}\n{taken_in}");
}

#[test]
fn every_problem_of_a_file_is_told_at_once_with_its_place() {
    let house = House::new();
    let file = house.write(
        "bad.toml",
        "[[rule]]\nid = \"a.b\"\nmatch = \"true\"\neffekt = \"none\"\n\n[[rule]]\nid = \"c.d\"\nmatch = \"true\"\neffect = \"nune\"\n",
    );
    let seen = see(house.gate().args(["rules", "check"]).arg(&file));
    assert_eq!(seen.code, 78);
    for part in ["effekt", "effect", "nune", "none", "bad.toml:4", "bad.toml:9"] {
        assert!(seen.stdout.contains(part), "{part}: {seen:?}");
    }
    let json = see(house.gate().args(["rules", "check", "--json"]).arg(&file));
    let json: Value = serde_json::from_str(&json.stdout).unwrap();
    assert!(json["refused"].as_u64().unwrap() >= 2, "{json}");
    assert!(json["problems"][0]["code"].is_string(), "{json}");
}

#[test]
fn a_file_that_is_not_there_is_told() {
    let house = House::new();
    let seen = house.run("rules check nowhere.toml");
    assert!(seen.code == 78 && seen.stderr.contains("nowhere.toml"), "{seen:?}");
}

#[test]
fn show_lists_rules_with_their_layer_and_draws_the_table() {
    let house = House::new();
    house.rules(OWN);
    let seen = house.run("rules show mytool");
    assert!(seen.code == 0 && seen.stdout.contains("my.tool") && seen.stdout.contains("user"), "{seen:?}");
    let all = house.run("rules show");
    assert!(all.stdout.contains("my.tool") && all.stdout.contains("kubernetes.rollout-restart"), "{all:?}");
    for words in ["rules show --json", "rules show --json kubectl", "rules show --table --json"] {
        let seen = house.run(words);
        assert_eq!(seen.code, 0, "{words}: {seen:?}");
        let read = serde_json::Deserializer::from_str(&seen.stdout).into_iter::<Value>();
        assert!(read.map(Result::unwrap).count() > 0, "{words}");
    }
    let table = house.run("rules show --table").stdout;
    for word in ["isolated", "availability", "two-person", "deny", "production"] {
        assert!(table.contains(word), "{word}: {table}");
    }
}

#[test]
fn a_rule_that_runs_things_alone_and_has_no_owner_is_warned_of() {
    let house = House::new();
    let changing =
        OWN.replace("effect = \"none\"", "effect = \"isolated\"\nscope = \"one\"\nrollback = \"unneeded\"");
    house.rules(&changing.replace("owner = \"me\"\n", ""));
    let seen = house.run("rules check");
    assert!(seen.code == 0 && seen.stdout.contains("owner"), "{seen:?}");
    house.rules(&changing);
    let seen = house.run("rules check");
    assert!(seen.code == 0 && !seen.stdout.contains("owner"), "{seen:?}");
}

#[test]
fn the_users_rules_make_known_and_the_projects_only_tighten() {
    let house = House::new();
    house.fake("mytool");
    let call = || house.run("--mode deny -- mytool web").code;
    assert_eq!(call(), 77, "unknown");
    house.write("work/.remgate.toml", OWN);
    assert_eq!(call(), 77, "a project file makes nothing known");
    std::fs::remove_file(house.at("work/.remgate.toml")).unwrap();
    house.rules(OWN);
    assert_eq!(call(), 0, "the user's file does");
    house.write(
        "work/.remgate.toml",
        "[[rule]]\nid = \"project.no\"\nany = \"mytool web\"\neffect = \"audit\"\n",
    );
    assert_eq!(call(), 77, "and a project file takes it back");
    assert_eq!(house.run("--mode deny -- mytool other").code, 0);
    std::fs::create_dir_all(house.at("work/deep/er")).unwrap();
    let mut gate = house.gate();
    let below =
        see(gate.current_dir(house.at("work/deep/er")).args(["--mode", "deny", "--", "mytool", "web"]));
    assert_eq!(below.code, 77, "also from below");
}

#[test]
fn an_environment_entry_lowers_and_raises_by_place() {
    let house = House::new();
    house.fake("kubectl");
    let call = |namespace: &str| {
        let seen =
            house.run(&format!("explain --json -- kubectl -n {namespace} scale deploy/web --replicas=3"));
        let json: Value = serde_json::from_str(&seen.stdout).unwrap();
        json["facts"]["tier"]["value"].as_str().unwrap().to_owned()
    };
    assert_eq!(call("dev-1"), "unknown");
    house.rules(
        "[[environment]]\nname = \"dev\"\ntier = \"development\"\nmatch = { namespace = \"dev-*\" }\n\
         [[environment]]\nname = \"prod\"\ntier = \"production\"\nmatch = { namespace = \"prod-*\" }\n",
    );
    assert_eq!(
        (call("dev-1").as_str(), call("prod-1").as_str(), call("else").as_str()),
        ("development", "production", "unknown")
    );
}
