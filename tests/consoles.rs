//! Every console in the documents is typed again, and the picture of the prompt is taken again from a real terminal.
//!
//! The gate runs in a home of its own with programs that only pretend. `TRYCMD=overwrite` writes what it says now.
#![expect(clippy::unwrap_used, clippy::expect_used, reason = "a test fails by panicking")]
#![expect(clippy::print_stdout, reason = "a skipped test says so")]
#![expect(clippy::disallowed_methods, reason = "starts tmux, and waits for its screen")]

use serde_json::{Value, json};
use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::{Duration, Instant};

fn root() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR"))
}

/// What the pretended programs print, for all that reach them.
const PROGRAMS: [(&str, &str); 2] =
    [("kubectl", "echo deployment.apps/web restarted"), ("systemctl", "exit 0")];

const KUBECONFIG: &str = "\
apiVersion: v1
kind: Config
current-context: prod-eu
clusters: [{ name: eu, cluster: { server: 'https://10.0.0.1:6443' } }]
users: [{ name: alice, user: { token: t } }]
contexts: [{ name: prod-eu, context: { cluster: eu, user: alice } }]
";

const EVERY_HOST_IS_PRODUCTION: &str = "\
[[environment]]
name  = 'production'
tier  = 'production'
match = { host = '*' }
";

/// A home with a kubeconfig, and programs that only pretend.
struct Stage {
    directory: tempfile::TempDir,
}

impl Stage {
    fn new() -> Self {
        let stage = Self { directory: tempfile::tempdir().unwrap() };
        for part in ["bin", "home/.kube", "home/.config/remgate", "home/work"] {
            fs::create_dir_all(stage.at(part)).unwrap();
        }
        fs::write(stage.at("home/.kube/config"), KUBECONFIG).unwrap();
        for (name, does) in PROGRAMS {
            stage.program(&format!("bin/{name}"), does);
        }
        stage
    }

    fn at(&self, path: &str) -> PathBuf {
        self.directory.path().join(path)
    }

    fn program(&self, path: &str, does: &str) -> PathBuf {
        let path = self.at(path);
        fs::write(&path, format!("#!/bin/sh\n{does}\n")).unwrap();
        fs::set_permissions(&path, fs::Permissions::from_mode(0o755)).unwrap();
        path
    }

    /// `env -i`, the variables of the stage, and `more`.
    fn surroundings(&self, more: &str) -> String {
        let (home, bin) = (self.at("home"), self.at("bin"));
        let (home, bin) = (home.display(), bin.display());
        format!("env -i HOME={home} PATH={bin}:/usr/bin:/bin LC_ALL=C.UTF-8 {more}")
    }

    /// A program that starts the gate on this stage, as an agent's: nobody is there to ask.
    fn gate(&self) -> PathBuf {
        let remgate = env!("CARGO_BIN_EXE_remgate");
        let work = self.at("home/work");
        let surroundings = self.surroundings("TERM=dumb AI_AGENT=triage-bot");
        self.program("gate", &format!("cd '{}' && exec {surroundings} {remgate} \"$@\"", work.display()))
    }
}

/// Types every console of one document, in its order, with the document's own rule file in place.
fn type_again(document: &str) {
    let stage = Stage::new();
    let text = fs::read_to_string(root().join(document)).unwrap();
    if let Some(rules) = rule_file(&text) {
        fs::write(stage.at("home/.config/remgate/shop.toml"), rules).unwrap();
    }
    trycmd::TestCases::new().register_bin("remgate", stage.gate()).case(root().join(document));
}

#[test]
fn the_consoles_of_the_readme() {
    type_again("README.md");
}

/// The rule file that a document tells its reader to save, if it has one.
fn rule_file(document: &str) -> Option<&str> {
    let (_, rest) = document.split_once("```toml\n")?;
    rest.split_once("```").map(|(text, _)| text)
}

#[test]
fn the_consoles_of_every_other_document() {
    let mut typed = 0;
    for entry in fs::read_dir(root().join("docs")).unwrap() {
        let name = entry.unwrap().file_name().into_string().unwrap();
        let document = format!("docs/{name}");
        if name.ends_with(".md") && fs::read_to_string(root().join(&document)).unwrap().contains("```console")
        {
            type_again(&document);
            typed += 1;
        }
    }
    assert!(typed > 0, "no document has a console");
}

/// trycmd gives a console no standard input, so this one is typed here. `jq` only picks: the test picks the same.
#[test]
fn the_lines_of_the_agents_page_are_answered_as_it_shows() {
    let page = fs::read_to_string(root().join("docs/agents.md")).unwrap();
    let (_, rest) = page.split_once("$ cat plan.jsonl\n").expect("the lines");
    let (lines, rest) = rest.split_once("$ remgate explain --jsonl < plan.jsonl | jq").expect("the call");
    let (_, shown) = rest.split_once('\n').unwrap();
    let shown = shown.split("```").next().unwrap().lines().map(|line| serde_json::from_str(line).unwrap());
    let stage = Stage::new();
    fs::write(stage.at("plan.jsonl"), lines).unwrap();
    let mut gate = Command::new(stage.gate());
    let plan = fs::File::open(stage.at("plan.jsonl")).unwrap();
    let answered = gate.args(["explain", "--jsonl"]).stdin(plan).output().unwrap();
    let answers: Vec<Value> = String::from_utf8(answered.stdout)
        .unwrap()
        .lines()
        .map(|line| {
            let answer: Value = serde_json::from_str(line).unwrap();
            let commands = answer["commands"].as_array().unwrap().iter();
            let lower = commands.flat_map(|command| command["lower"].as_array().unwrap());
            let lower = lower.map(|lower| {
                json!({ "change": lower["change"], "verdict": lower["verdict"], "call": lower["call"] })
            });
            json!([answer["id"], answer["verdict"], lower.collect::<Value>()])
        })
        .collect();
    assert_eq!(answers, shown.collect::<Vec<Value>>());
}

/// A terminal of 80 columns with the gate in it, seen through tmux.
struct Terminal {
    socket: PathBuf,
}

impl Terminal {
    fn open(stage: &Stage, command: &str) -> Self {
        let terminal = Self { socket: stage.at("tmux") };
        let work = stage.at("home/work");
        let inside =
            format!("cd '{}'; {} {command}; sleep 60", work.display(), stage.surroundings("TERM=screen"));
        let mut tmux = terminal.tmux(&["new-session", "-d", "-x", "80", "-y", "30", &inside]);
        assert!(tmux.status().unwrap().success());
        terminal
    }

    fn tmux(&self, arguments: &[&str]) -> Command {
        let mut tmux = Command::new("tmux");
        let path = std::env::var_os("PATH").unwrap_or_default();
        tmux.env_clear().env("PATH", path).env("LC_ALL", "C.UTF-8").env("TERM", "screen");
        tmux.arg("-S").arg(&self.socket).args(["-f", "/dev/null"]).args(arguments);
        tmux
    }

    /// The screen, as soon as `text` stands on it.
    fn screen_with(&self, text: &str) -> String {
        let began = Instant::now();
        loop {
            let screen = self.tmux(&["capture-pane", "-p"]).output().unwrap().stdout;
            let screen = String::from_utf8(screen).unwrap();
            if screen.contains(text) {
                return screen;
            }
            assert!(began.elapsed() < Duration::from_secs(20), "{text} never came:\n{screen}");
            std::thread::sleep(Duration::from_millis(50));
        }
    }
}

impl Drop for Terminal {
    fn drop(&mut self) {
        let _ = self.tmux(&["kill-server"]).output();
    }
}

/// The lines of the prompt with what differs from run to run taken out: id, code, who, where.
fn still(picture: &str) -> Vec<String> {
    let word_behind = |line: &str, before: &str| {
        let word =
            line.split_once(before).map(|(_, rest)| rest.split(' ').next().unwrap_or_default().to_owned());
        word.unwrap_or_default()
    };
    picture
        .lines()
        .map(str::trim_end)
        .filter(|line| !line.is_empty())
        .map(|line| match line {
            _ if line.contains(" id ") => line.replace(&word_behind(line, " id "), "ID"),
            _ if line.starts_with("  Type ") => line.replace(&word_behind(line, "  Type  "), "CODE"),
            _ if line.starts_with("  asked by ") => "  asked by".to_owned(),
            _ if line.starts_with("  place     host ") => "  place     host".to_owned(),
            _ => line.to_owned(),
        })
        .filter(|line| !line.starts_with("  code:"))
        .collect()
}

/// The text between the fences of the README's picture.
fn picture(readme: &str) -> &str {
    let (_, rest) = readme.split_once("```text\n\n   CONFIRM").expect("a picture of the prompt");
    rest.split_once("```").unwrap().0
}

#[test]
fn the_picture_of_the_prompt_is_what_a_terminal_shows() {
    if !installed("tmux", "the_picture_of_the_prompt_is_what_a_terminal_shows") {
        return;
    }
    let stage = Stage::new();
    fs::write(stage.at("home/.config/remgate/site.toml"), EVERY_HOST_IS_PRODUCTION).unwrap();
    let command = format!("{} systemctl restart nginx", env!("CARGO_BIN_EXE_remgate"));
    let terminal = Terminal::open(&stage, &command);
    let screen = terminal.screen_with("left");
    let readme = fs::read_to_string(root().join("README.md")).unwrap();
    let expected = format!("   CONFIRM{}", picture(&readme));
    assert_eq!(still(&screen), still(&expected), "the screen is now\n{screen}");
    assert!(terminal.tmux(&["send-keys", "Escape"]).status().unwrap().success());
    terminal.screen_with("refused at the prompt with Esc; the command was not started");
}

/// Whether `program` is there. Where everything must be there, its absence fails the test.
fn installed(program: &str, test: &str) -> bool {
    let path = std::env::var_os("PATH").unwrap_or_default();
    let found =
        std::env::split_paths(&path).any(|directory: PathBuf| Path::is_file(&directory.join(program)));
    if !found {
        assert!(std::env::var_os("REMGATE_REQUIRE_ALL").is_none(), "{test}: {program} is not installed");
        println!("SKIPPED {test}: {program} is not installed");
    }
    found
}
