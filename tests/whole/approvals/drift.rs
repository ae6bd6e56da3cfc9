//! Whatever changes between approval and start is named, and nothing runs: one row a field.

use super::stage::{approved, ask, ask_by, can_sign, resume, two_people};
use crate::house::{House, Seen, installed, root, see};
use std::io::Write;
use std::os::unix::fs::{PermissionsExt, symlink};
use std::path::PathBuf;
use std::process::{Command, Stdio};

/// A request that alice and bob approved, and nothing changed yet.
struct Approved {
    house: House,
    id: String,
}

impl Approved {
    fn of(words: &[&str]) -> Self {
        Self::by(|house| ask(house, words))
    }

    /// `asks` leaves the request.
    fn by(asks: impl Fn(&House) -> String) -> Self {
        let (house, alice, bob) = two_people();
        let id = asks(&house);
        // One of them may be enough; the other does no harm.
        approved(&house, &id, &[&alice, &bob]);
        Self { house, id }
    }

    /// It was refused, and each of `fields` was named.
    fn refused(&self, seen: &Seen, fields: &[&str]) {
        assert_eq!(seen.code, 77, "{seen:?}");
        for field in fields {
            assert!(seen.stderr.contains(field), "`{field}` was not named: {seen:?}");
        }
        assert!(!self.house.anything_ran(), "it ran all the same: {seen:?}");
        let denied = self.house.records_of("denied").pop().unwrap();
        let reason = denied["reason"].as_str().unwrap();
        assert!(fields.iter().all(|field| reason.contains(field)), "the record does not name it: {reason}");
    }

    fn resume(&self) -> Seen {
        resume(&self.house, &self.id)
    }

    /// Resumes it with a change to the call.
    fn resume_with(&self, change: impl FnOnce(&mut Command)) -> Seen {
        let mut command = self.house.gate();
        command.args(["resume", &self.id, "--no-wait"]);
        change(&mut command);
        see(&mut command)
    }
}

const DELETE: [&str; 4] = ["kubectl", "delete", "deployment", "web"];

fn skip(test: &str) -> bool {
    !can_sign(test)
}

#[test]
fn nothing_changed_runs() {
    if skip("nothing_changed_runs") {
        return;
    }
    let one = Approved::of(&DELETE);
    assert_eq!(one.resume().code, 0);
    assert_eq!(one.house.ran("kubectl"), ["delete deployment web"]);
}

#[test]
fn another_program_in_path() {
    if skip("another_program_in_path") {
        return;
    }
    let one = Approved::of(&DELETE);
    one.house.program("other/kubectl", one.house.fake_text("kubectl", 0));
    let path = format!("{}:{}", one.house.at("other").display(), one.house.path_variable());
    let seen = one.resume_with(|command| {
        command.env("PATH", path);
    });
    one.refused(&seen, &["executable path", "variables PATH"]);
}

#[test]
fn the_program_rewritten() {
    if skip("the_program_rewritten") {
        return;
    }
    let one = Approved::of(&DELETE);
    one.house.program("bin/kubectl", one.house.fake_text("kubectl", 1));
    one.refused(&one.resume(), &["executable sha256"]);
}

/// The same bytes in another file: whoever put it there may have taken note of the old one.
#[test]
fn the_program_replaced_by_its_copy() {
    if skip("the_program_replaced_by_its_copy") {
        return;
    }
    let one = Approved::of(&DELETE);
    let (path, copy) = (one.house.at("bin/kubectl"), one.house.at("bin/copy"));
    std::fs::copy(&path, &copy).unwrap();
    std::fs::rename(&copy, &path).unwrap();
    one.refused(&one.resume(), &["executable ino"]);
}

fn with_manifest(link: Option<&str>) -> Approved {
    Approved::by(|house| {
        let text = "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: a}\n";
        house.write("work/real.yaml", text);
        house.write("work/other.yaml", text);
        let name = link.unwrap_or("real.yaml");
        if link.is_some() {
            symlink("real.yaml", house.at("work").join(name)).unwrap();
        }
        ask(house, &["kubectl", "delete", "-f", name])
    })
}

#[test]
fn an_operand_file_rewritten() {
    if skip("an_operand_file_rewritten") {
        return;
    }
    let one = with_manifest(None);
    one.house.write("work/real.yaml", "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: b}\n");
    one.refused(&one.resume(), &["files real.yaml sha256"]);
}

#[test]
fn an_operand_file_gone() {
    if skip("an_operand_file_gone") {
        return;
    }
    let one = with_manifest(None);
    std::fs::remove_file(one.house.at("work/real.yaml")).unwrap();
    one.refused(&one.resume(), &["files real.yaml"]);
}

/// It leads to a file with the same content, for now.
#[test]
fn a_link_moved() {
    if skip("a_link_moved") {
        return;
    }
    let one = with_manifest(Some("link.yaml"));
    std::fs::remove_file(one.house.at("work/link.yaml")).unwrap();
    symlink("other.yaml", one.house.at("work/link.yaml")).unwrap();
    one.refused(&one.resume(), &["files link.yaml real"]);
}

/// Whatever the log has grown to, it is this log.
#[test]
fn a_place_is_where_it_leads_and_not_what_is_there() {
    if skip("a_place_is_where_it_leads_and_not_what_is_there") {
        return;
    }
    let ask_for = |house: &House| {
        house.fake("dd");
        house.write("work/app.log", "one\n");
        ask(house, &["dd", "if=/dev/zero", "of=app.log", "count=1"])
    };
    let one = Approved::by(ask_for);
    one.house.write("work/app.log", "one\ntwo\n");
    assert_eq!(one.resume().code, 0, "a log that grows is no drift");
    let one = Approved::by(ask_for);
    let (log, other) = (one.house.at("work/app.log"), one.house.write("work/other.log", "one\n"));
    std::fs::remove_file(&log).unwrap();
    symlink(other, log).unwrap();
    one.refused(&one.resume(), &["files app.log real"]);
}

/// Nobody knows what a script's interpreter reads, so whatever file it names is bound.
#[test]
fn a_script_rewritten() {
    if skip("a_script_rewritten") {
        return;
    }
    let one = Approved::by(|house| {
        house.write("work/mend.sh", "true\n");
        ask(house, &["bash", "mend.sh"])
    });
    one.house.write("work/mend.sh", format!("touch {}\n", one.house.at("ran/other").display()));
    one.refused(&one.resume(), &["files mend.sh sha256"]);
}

#[test]
fn the_directory_replaced() {
    if skip("the_directory_replaced") {
        return;
    }
    let one = Approved::of(&DELETE);
    std::fs::rename(one.house.at("work"), one.house.at("old")).unwrap();
    one.house.directory("work");
    one.refused(&one.resume(), &["cwd ino"]);
}

/// The call that waits stands in the old directory, whose name leads to another one by now.
#[test]
fn the_directory_replaced_under_a_waiting_run() {
    if skip("the_directory_replaced_under_a_waiting_run") {
        return;
    }
    let (house, alice, _) = two_people();
    let child = house.gate().args(["run", "--"]).args(DELETE).stderr(Stdio::piped()).spawn().unwrap();
    let id = loop {
        let list: serde_json::Value = serde_json::from_str(&house.run("pending --json").stdout).unwrap();
        match list[0]["id"].as_str() {
            Some(id) => break id.to_owned(),
            None => std::thread::sleep(std::time::Duration::from_millis(20)),
        }
    };
    std::fs::rename(house.at("work"), house.at("old")).unwrap();
    house.directory("work");
    approved(&house, &id, &[&alice]);
    let one = Approved { house, id };
    let seen = crate::house::seen(&child.wait_with_output().unwrap());
    one.refused(&seen, &["is not the directory that the gate was started in any more"]);
}

const KUBECONFIG: &str = "apiVersion: v1\nkind: Config\ncurrent-context: dev\n\
    contexts:\n- {name: dev, context: {cluster: dev}}\n- {name: prod, context: {cluster: prod}}\n\
    clusters:\n- {name: dev, cluster: {server: 'https://dev'}}\n- {name: prod, cluster: {server: 'https://prod'}}\n";

#[test]
fn the_kube_context_switched() {
    if skip("the_kube_context_switched") {
        return;
    }
    let one = Approved::by(|house| {
        house.write("home/.kube/config", KUBECONFIG);
        ask(house, &DELETE)
    });
    one.house.write("home/.kube/config", KUBECONFIG.replace("current-context: dev", "current-context: prod"));
    one.refused(&one.resume(), &["target fields context value: approved `dev`, now `prod`"]);
}

#[test]
fn a_variable_that_says_where() {
    if skip("a_variable_that_says_where") {
        return;
    }
    let one = Approved::of(&DELETE);
    let other = one.house.write("work/other-config", KUBECONFIG);
    let seen = one.resume_with(|command| {
        command.env("KUBECONFIG", other);
    });
    one.refused(&seen, &["variables KUBECONFIG"]);
}

/// No rule judges by them, and no tool's pack is needed to know that they say where it acts, or with what options.
#[test]
fn variables_of_tools() {
    if skip("variables_of_tools") {
        return;
    }
    let names = [
        "ANSIBLE_INVENTORY",
        "AWS_ACCESS_KEY_ID",
        "CLOUDSDK_CORE_PROJECT",
        "CONSUL_HTTP_ADDR",
        "HELM_KUBECONTEXT",
        "MAKEFLAGS",
        "NOMAD_ADDR",
        "PGOPTIONS",
        "RSYNC_RSH",
        "TAR_OPTIONS",
        "TF_VAR_region",
        "VAULT_ADDR",
        "https_proxy",
    ];
    let with = |command: &mut Command| {
        command
            .envs(names.map(|name| (name, "/one")))
            .envs([("SSH_CONNECTION", "1"), ("SSH_AUTH_SOCK", "/1")]);
    };
    let one = Approved::by(|house| {
        let mut command = house.gate();
        with(&mut command);
        ask_by(command.args(["run", "--no-wait", "--"]).args(DELETE))
    });
    for name in names {
        let seen = one.resume_with(|command| {
            with(command);
            command.env(name, "/other");
        });
        one.refused(&seen, &[&format!("variables {name}: approved `/one`, now `/other`")]);
    }
    // Whoever asked logs in again: that is no other place.
    let seen = one.resume_with(|command| {
        with(command);
        command.envs([("SSH_CONNECTION", "2"), ("SSH_AUTH_SOCK", "/2")]);
    });
    assert_eq!(seen.code, 0, "{seen:?}");
}

/// A secret is replaced wherever it stands: also where that is the name of a field, or a part of another value.
#[test]
fn a_variable_beside_a_secret() {
    if skip("a_variable_beside_a_secret") {
        return;
    }
    for (secret, one, other) in
        [("variables", "/srv/one", "/srv/other"), ("old", "/srv/old", "/srv/{}"), ("old", "old", "{}")]
    {
        let approved = Approved::by(|house| {
            let mut command = house.gate();
            command.env("PGPASSWORD", secret).env("AWS_PROFILE", one);
            ask_by(command.args(["run", "--no-wait", "--"]).args(DELETE))
        });
        let shown = approved.house.run(&format!("pending {} --json", approved.id));
        let shown: serde_json::Value = serde_json::from_str(&shown.stdout).unwrap();
        let commitment = shown["variables"]["PGPASSWORD"].as_str().unwrap();
        assert!(commitment.starts_with("<secret:1:"), "{shown}");
        let seen = approved.resume_with(|command| {
            command.env("PGPASSWORD", secret).env("AWS_PROFILE", other.replace("{}", commitment));
        });
        // Not as the record has it, where the word `variables` is a secret now.
        assert!(seen.code == 77 && seen.stderr.contains("variables AWS_PROFILE"), "{seen:?}");
        assert!(!approved.house.anything_ran());
    }
}

/// The gate reads the last one, and `getenv` would find the first.
#[test]
fn a_variable_that_stands_twice() {
    let test = "a_variable_that_stands_twice";
    if skip(test) || !installed(test, "python3") {
        return;
    }
    let house = two_people().0;
    // A shell gives its own children the last one, so the first is looked for where the kernel put it.
    let note = house.at("ran/kubectl");
    let fake =
        format!("#!/bin/sh\ntr '\\0' '\\n' </proc/$$/environ | grep KUBECONFIG >>'{}'\n", note.display());
    house.program("bin/kubectl", fake);
    let (dev, prod) = ("KUBECONFIG=/srv/dev", "KUBECONFIG=/srv/prod");
    let execute = "import os, sys, ctypes
words = [word.encode() for word in sys.argv[3:]]
entries = [b'='.join(pair) for pair in os.environb.items()] + [word.encode() for word in sys.argv[1:3]]
array = lambda items: (ctypes.c_char_p * (len(items) + 1))(*items, None)
ctypes.CDLL(None).execve(words[0], array(words), array(entries))
";
    let mut command = house.clean("python3");
    command.args(["-c", execute, prod, dev, env!("CARGO_BIN_EXE_remgate"), "kubectl", "get", "pods"]);
    let seen = see(&mut command);
    assert_eq!(seen.code, 0, "{seen:?}");
    assert_eq!(house.ran("kubectl"), [dev], "it was judged in one place and ran in another");
}

/// No tool knows the variable; the text does.
#[test]
fn a_variable_that_the_text_names() {
    if skip("a_variable_that_the_text_names") {
        return;
    }
    let text = "kubectl delete deployment \"$VICTIM\"";
    let one = Approved::by(|house| {
        ask_by(house.gate().env("VICTIM", "web").args(["run", "--no-wait", "-c", text]))
    });
    let shown = one.house.run(&format!("pending {}", one.id));
    assert!(shown.stdout.contains("$VICTIM") && shown.stdout.contains("is web"), "{shown:?}");
    let seen = one.resume_with(|command| {
        command.env("VICTIM", "db");
    });
    one.refused(&seen, &["values VICTIM: approved `web`, now `db`"]);
    one.refused(&one.resume(), &["values VICTIM"]);
    let seen = one.resume_with(|command| {
        command.env("VICTIM", "web");
    });
    assert_eq!(seen.code, 0, "{seen:?}");
    assert_eq!(one.house.ran("kubectl"), ["delete deployment web"]);
}

fn gate_with_stdin(house: &House, words: &[&str], stdin: &[u8]) -> Seen {
    let mut command = house.gate();
    command.args(words).stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
    let mut child = command.spawn().unwrap();
    child.stdin.take().unwrap().write_all(stdin).unwrap();
    crate::house::seen(&child.wait_with_output().unwrap())
}

#[test]
fn another_standard_input() {
    if skip("another_standard_input") {
        return;
    }
    let words = ["run", "--no-wait", "--", "kubectl", "delete", "-f", "-"];
    let one = Approved::by(|house| {
        let seen = gate_with_stdin(house, &words, b"kind: ConfigMap\n");
        assert_eq!(seen.code, 75, "{seen:?}");
        seen.stdout.trim().to_owned()
    });
    let vote = vote_text(&one);
    let again = ["run", "--approval", &vote, "--", "kubectl", "delete", "-f", "-"];
    let seen = gate_with_stdin(&one.house, &again, b"kind: Namespace\n");
    one.refused(&seen, &["stdin sha256"]);
    let seen = gate_with_stdin(&one.house, &again, b"kind: ConfigMap\n");
    assert_eq!(seen.code, 0, "{seen:?}");
}

/// What came through the pipe of the call that asked is what the command reads, however long after.
#[test]
fn the_standard_input_that_was_approved_is_what_is_read() {
    if skip("the_standard_input_that_was_approved_is_what_is_read") {
        return;
    }
    let words = ["run", "--no-wait", "--", "kubectl", "delete", "-f", "-"];
    let asked = || {
        Approved::by(|house| {
            house.program("bin/kubectl", "#!/bin/sh\ncat\n");
            gate_with_stdin(house, &words, b"kind: ConfigMap\n").stdout.trim().to_owned()
        })
    };
    let one = asked();
    let kept = one.house.state().join("stdin").join(&one.id);
    let mut command = one.house.gate();
    command.args(["resume", &one.id, "--no-wait"]).stdin(std::fs::File::open("/dev/zero").unwrap());
    let seen = see(&mut command);
    assert_eq!((seen.code, seen.stdout.as_str()), (0, "kind: ConfigMap\n"), "{seen:?}");
    assert!(!kept.exists(), "what was kept for a run that is over may hold secrets");

    let one = asked();
    let kept = one.house.state().join("stdin").join(&one.id);
    std::fs::write(&kept, "kind: Namespace\n").unwrap();
    one.refused(&one.resume(), &["stdin sha256"]);
    std::fs::remove_file(&kept).unwrap();
    one.refused(&one.resume(), &["stdin from: approved `bytes`, now `null`"]);
}

/// Alice's vote as a text: what brings a call to its request.
fn vote_text(one: &Approved) -> String {
    let Approved { house, id } = one;
    let (text, key) = (see(house.gate().args(["request", "export", id])).stdout, house.at("keys/alice"));
    // On another machine, with another inbox.
    let elsewhere = House::new();
    let list = std::fs::read_to_string(house.at("home/.config/remgate/approvers")).unwrap();
    elsewhere.write("home/.config/remgate/approvers", list);
    let shown = see(elsewhere.gate().args(["request", "show", text.trim()]));
    let signature = super::stage::sign(&elsewhere, shown.stdout.as_bytes(), &key);
    let file = elsewhere.write("alice.sig", signature);
    let seen = see(elsewhere.gate().args(["approve", text.trim(), "--signature"]).arg(file));
    assert_eq!(seen.code, 0, "{seen:?}");
    seen.stdout.trim().to_owned()
}

#[test]
fn other_words_or_another_reason() {
    if skip("other_words_or_another_reason") {
        return;
    }
    let one = Approved::of(&DELETE);
    let vote = vote_text(&one);
    let call = |words: &[&str]| see(one.house.gate().args(["run", "--approval", &vote]).args(words));
    one.refused(&call(&["--", "kubectl", "delete", "deployment", "db"]), &["argv"]);
    one.refused(&call(&["--reason", "INC-1", "--", "kubectl", "delete", "deployment", "web"]), &["reason"]);
    one.refused(&call(&["--timeout", "5m", "--", "kubectl", "delete", "deployment", "web"]), &["timeout_ms"]);
    one.refused(&call(&["-c", "kubectl delete deployment web"]), &["argv", "shell"]);
    assert_eq!(call(&["--", "kubectl", "delete", "deployment", "web"]).code, 0);
}

const RULE: &str = "[[rule]]\nid = \"site.note\"\nany = \"kubectl delete\"\nscope = \"service\"\n\
    examples = [\"kubectl delete deployment web\"]\nnear-misses = [\"kubectl get pods\"]\n";

#[test]
fn a_rule_edited() {
    if skip("a_rule_edited") {
        return;
    }
    let one = Approved::by(|house| {
        house.rules(RULE);
        ask(house, &DELETE)
    });
    one.house.rules(&format!("# a comment is an edit, too\n{RULE}"));
    one.refused(&one.resume(), &["rule_files", "sha256"]);
}

/// What nobody has to agree to any more is another matter than what was asked for: by its id it would run as often as one likes,
/// without a look at what was approved, and with another standard input.
#[test]
fn a_rule_loosened_until_nobody_is_asked() {
    if skip("a_rule_loosened_until_nobody_is_asked") {
        return;
    }
    let one = Approved::of(&DELETE);
    one.house.rules(
        "[[rule]]\nid = \"mine.delete\"\nmatch = \"kubectl delete deployment <name>\"\neffect = \"none\"\nscope = \"one\"\n\
         rollback = \"unneeded\"\nwhy = \"a test\"\nowner = \"me\"\nreplaces = [\"kubernetes.delete-object\", \"kubernetes.change-shared-workload\"]\n\
         examples = [\"kubectl delete deployment web\"]\nnear-misses = [\"kubectl get pods\"]\n",
    );
    let told = one.house.run("explain -- kubectl delete deployment web");
    assert!(told.stdout.contains("run: nobody has to agree"), "{told:?}");
    for _ in 0..2 {
        one.refused(&one.resume(), &["verdict", "rule_files"]);
    }
}

#[test]
fn another_actor() {
    if skip("another_actor") {
        return;
    }
    let one = Approved::of(&DELETE);
    let seen = one.resume_with(|command| {
        command.env("CLAUDECODE", "1");
    });
    one.refused(&seen, &["requester name"]);
}

#[test]
fn the_request_rewritten_or_another_log() {
    if skip("the_request_rewritten_or_another_log") {
        return;
    }
    let one = Approved::of(&DELETE);
    let file = super::stage::shard(&one.house, &one.id).join(format!("{}.request", one.id));
    let text = std::fs::read_to_string(&file).unwrap();
    std::fs::write(&file, text.replace("\"web\"", "\"db\"")).unwrap();
    let seen = one.resume();
    one.refused(&seen, &["knows it with other content"]);
    std::fs::write(&file, &text).unwrap();
    // The same requests beside an empty log: an approval is used once, and only this log knows.
    let state = one.house.directory("elsewhere/remgate");
    let mut copy = one.house.clean("cp");
    assert_eq!(see(copy.arg("-a").arg(one.house.state().join("requests")).arg(&state)).code, 0);
    std::fs::set_permissions(&state, std::fs::Permissions::from_mode(0o700)).unwrap();
    let elsewhere = one.house.at("elsewhere");
    let seen = one.resume_with(|command| {
        command.env("XDG_STATE_HOME", elsewhere);
    });
    assert_eq!(seen.code, 77, "{seen:?}");
    assert!(seen.stderr.contains("this log does not know request"), "{seen:?}");
    assert!(!one.house.anything_ran());
    assert_eq!(one.resume().code, 0);
}

#[test]
fn its_time_is_over() {
    if skip("its_time_is_over") {
        return;
    }
    let one = Approved::by(|house| {
        ask_by(house.gate().args(["run", "--no-wait", "--expires", "3s", "--"]).args(DELETE))
    });
    std::thread::sleep(std::time::Duration::from_millis(3100));
    one.refused(&one.resume(), &["the request expired"]);
}

/// Where Debian and others put the library.
fn faketime() -> Option<PathBuf> {
    let places = std::fs::read_dir("/usr/lib").ok()?.filter_map(|entry| Some(entry.ok()?.path()));
    places.map(|place| place.join("faketime/libfaketime.so.1")).find(|library| library.exists())
}

/// libfaketime moves the clock that programs see; the one that counts since the machine started stays.
#[test]
fn the_clock_set_back() {
    let test = "the_clock_set_back";
    let Some(library) = faketime() else {
        crate::house::skip(test, "libfaketime is not installed");
        return;
    };
    if skip(test) {
        return;
    }
    let at = |command: &mut Command, offset: &str| {
        command.env("LD_PRELOAD", &library).env("FAKETIME", offset).env("FAKETIME_DONT_RESET", "1");
    };
    let (house, alice, bob) = two_people();
    let mut call = house.gate();
    call.args(["run", "--no-wait", "--expires", "2h", "--"]).args(DELETE);
    at(&mut call, "+0");
    let id = ask_by(&mut call);
    approved(&house, &id, &[&alice, &bob]);
    let one = Approved { house, id };
    for (offset, said) in
        [("-1h", "which is still to come"), ("+1h", "the clock was set by"), ("+3h", "expired")]
    {
        let seen = one.resume_with(|command| at(command, offset));
        one.refused(&seen, &[said]);
    }
    let seen = one.resume_with(|command| at(command, "+0"));
    assert_eq!(seen.code, 0, "{seen:?}");
}

/// The approved copy is what the program reads, and where it opens the file by its name, it is compared at the last moment.
#[test]
fn the_approved_bytes_are_what_runs() {
    if skip("the_approved_bytes_are_what_runs") {
        return;
    }
    let (house, alice, bob) = two_people();
    let text = "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: a}\n";
    house.write("work/a.yaml", text);
    // It waits until the file is rewritten, and then reads what it was given.
    let script = "#!/bin/sh\nwhile ! grep -q rewritten a.yaml; do sleep 0.05; done\ncat \"$3\"\n";
    house.program("bin/kubectl", script);
    let id = ask(&house, &["kubectl", "delete", "-f", "a.yaml"]);
    approved(&house, &id, &[&alice, &bob]);
    let mut command = house.gate();
    command.args(["resume", &id, "--no-wait"]).stdout(Stdio::piped());
    let child = command.spawn().unwrap();
    while house.records_of("intent").is_empty() {
        std::thread::sleep(std::time::Duration::from_millis(20));
    }
    std::thread::sleep(std::time::Duration::from_millis(300));
    house.write("work/a.yaml", "rewritten\n");
    let output = child.wait_with_output().unwrap();
    assert_eq!(String::from_utf8_lossy(&output.stdout), text);
    let intent = house.records_of("intent").pop().unwrap();
    assert_eq!(intent["files"][0]["how"], "sealed", "{intent}");
    assert_eq!(intent["stdin"]["from"], "null");
}

/// Runs the gate with another file in the place of one of the kernel's, or another name of the machine.
fn elsewhere(one: &Approved, change: &str) -> Seen {
    let mut command = one.house.clean("unshare");
    let script = format!("{change} && exec \"$@\"");
    command.args(["--mount", "--uts", "sh", "-c", &script, "sh", env!("CARGO_BIN_EXE_remgate")]);
    see(command.args(["resume", &one.id, "--no-wait"]))
}

#[test]
fn another_host_or_another_boot() {
    let test = "another_host_or_another_boot";
    if skip(test) || !root(test) || !crate::house::installed(test, "unshare") {
        return;
    }
    let may = see(House::new().clean("unshare").args(["--mount", "--uts", "true"]));
    if may.code != 0 {
        println!("SKIPPED {test}: this kernel or container allows no namespaces");
        return;
    }
    let one = Approved::of(&DELETE);
    one.refused(&elsewhere(&one, "hostname elsewhere"), &["host: approved", "now `elsewhere`"]);
    let boot = one.house.write("boot", "00000000-0000-4000-8000-000000000000\n");
    let mount = format!("mount --bind '{}' /proc/sys/kernel/random/boot_id", boot.display());
    one.refused(&elsewhere(&one, &mount), &["boot: approved"]);
    assert_eq!(elsewhere(&one, "true").code, 0);
}
