//! The rule files of docs/rules.md that measure a reach, with a pretended kubectl and aws, and a real PostgreSQL.

use crate::house::{House, Seen, installed, see, skip};
use crate::terminal::Session;
use serde_json::Value;
use std::os::fd::AsRawFd;
use std::os::unix::fs::chown;
use std::os::unix::process::CommandExt;
use std::path::{Path, PathBuf};
use std::process::Command;

/// The snippet of the documents that holds this rule.
fn recipe(id: &str) -> String {
    let page = Path::new(env!("CARGO_MANIFEST_DIR")).join("docs/rules.md");
    let page = std::fs::read_to_string(page).unwrap();
    let holds = |text: &&str| text.contains(&format!("id          = \"{id}\""));
    let text = page.split("```toml\n").filter_map(|rest| rest.split("```").next()).find(holds);
    text.unwrap_or_else(|| panic!("docs/rules.md has no rule {id}")).to_owned()
}

/// A program that prints `lines` lines when it is asked with `verb`, writes down both, and otherwise only runs.
fn asked_with(house: &House, name: &str, verb: &str, lines: usize) {
    let noted = house.fake_text(name, 0);
    let noted = noted.trim_end().trim_end_matches("exit 0");
    let text = format!("{noted}case \"$*\" in *'{verb}'*) seq {lines};; esac\n");
    house.program(format!("bin/{name}"), text);
}

fn measured(record: &Value) -> Vec<&str> {
    record["measured"].as_array().unwrap().iter().map(|line| line.as_str().unwrap()).collect()
}

#[test]
fn pods_behind_a_selector_are_counted_where_they_would_be_deleted() {
    if !installed("probes", "setsid") {
        return;
    }
    let house = House::new();
    house.rules(&recipe("shop.pods-by-label"));
    let words = ["--", "kubectl", "delete", "pods", "-l", "app=web", "-n", "shop"];
    asked_with(&house, "kubectl", "get pods", 3);
    let explained = house.run("explain -- kubectl delete pods -l app=web -n shop");
    let asked = "needs      `kubectl -n shop get pods --selector=app=web -o name` to list at most 5 objects";
    assert!(explained.stdout.replace("\n           ", " ").contains(asked), "{explained:?}");
    assert!(explained.stdout.starts_with("verdict    confirm"), "{explained:?}");
    assert!(!house.anything_ran(), "explain asks nothing");

    let session = Session::start(&house, &words);
    let code = session.code();
    assert!(session.screen().contains("3 objects (rule shop.pods-by-label)"), "{}", session.screen());
    session.send(&format!("{code}\r"));
    assert_eq!(session.end().code, 0);
    let asked = "-n shop get pods --selector=app=web -o name";
    assert_eq!(house.ran("kubectl"), [asked, "delete pods -l app=web -n shop"]);
    let intents = house.records_of("intent");
    assert_eq!(intents[0]["probe_of"], intents[1]["id"]);
    assert_eq!(measured(&intents[1]), ["3 objects (rule shop.pods-by-label)"]);

    asked_with(&house, "kubectl", "get pods", 6);
    let session = Session::start(&house, &words);
    let seen = session.end();
    assert_eq!(seen.code, 75, "two people, and there is one: {seen:?}");
    let denied = &house.records_of("denied")[0];
    assert_eq!(denied["verdict"], "two-person");
    let found = [
        "6 objects (rule shop.pods-by-label)",
        "more than 5 objects need two people (rule shop.pods-by-label)",
    ];
    assert_eq!(measured(denied), found);
    assert_eq!(house.ran("kubectl").len(), 3, "asked, deleted, asked");
}

#[test]
fn what_cannot_be_counted_asks_two_people_and_says_why() {
    let house = House::new();
    house.rules(&recipe("shop.pods-by-label"));
    asked_with(&house, "kubectl", "get pods", 1);
    for (text, why) in [
        ("kubectl delete pods -l \"app=$(date +%s)\"", "known only when it runs"),
        ("sudo kubectl delete pods -l app=web", "takes the command elsewhere"),
        ("kubectl label pods --all app=web && kubectl delete pods -l app=web", "another command beside it"),
        ("PATH=/tmp:$PATH kubectl delete pods -l app=web", "variables in front of the command"),
    ] {
        let seen = see(house.gate().args(["--mode", "deny", "-c", text]));
        assert_eq!(seen.code, 77, "{text}: {seen:?}");
        let denied = house.records_of("denied");
        let denied = denied.last().unwrap();
        assert!(measured(denied).iter().any(|line| line.contains(why)), "{text}: {denied}");
        let explained = see(house.gate().args(["explain", "-c", text])).stdout.replace("\n           ", " ");
        assert!(
            explained.contains("needs      two people: the reach is not known") && explained.contains(why)
        );
    }
    assert!(!house.anything_ran());
}

#[test]
fn instances_of_a_group_are_counted_in_its_region() {
    if !installed("probes", "setsid") {
        return;
    }
    let house = House::new();
    house.rules(&recipe("shop.replace-instances"));
    asked_with(&house, "aws", "describe-instances", 11);
    let words = "-- aws autoscaling start-instance-refresh --auto-scaling-group-name web --region eu-west-1";
    let words: Vec<&str> = words.split(' ').collect();
    assert_eq!(Session::start(&house, &words).end().code, 75, "eleven need two people");
    let asked = "--region eu-west-1 ec2 describe-instances --filters Name=tag:aws:autoscaling:groupName,Values=web \
                 --query Reservations[].Instances[].[InstanceId] --output text";
    assert_eq!(house.ran("aws"), [asked]);
}

/// A server of its own, ended with the test.
struct Server {
    directory: tempfile::TempDir,
    programs: PathBuf,
}

/// The account that runs the server where the tests are root's: PostgreSQL refuses root.
const NOBODY: u32 = 65_534;

impl Server {
    fn start() -> Option<Self> {
        let versions = std::fs::read_dir("/usr/lib/postgresql").into_iter().flatten().flatten();
        let mut found: Vec<PathBuf> = versions.map(|entry| entry.path().join("bin")).collect();
        found.sort();
        found.extend(["/usr/local/bin", "/usr/bin"].map(PathBuf::from));
        let whole = |path: &PathBuf| ["initdb", "pg_ctl"].iter().all(|name| path.join(name).is_file());
        let Some(programs) = found.into_iter().find(whole) else {
            skip("probes", "initdb is not installed");
            return None;
        };
        // The stage may lie where another account cannot go.
        let server = Self { directory: tempfile::tempdir().unwrap(), programs };
        if rustix::process::geteuid().is_root() {
            chown(server.directory.path(), Some(NOBODY), Some(NOBODY)).unwrap();
        }
        server.call("initdb", &["-A", "trust", "-U", "postgres", "--no-sync", "-E", "UTF8", "--locale=C"]);
        let options = format!("-k {} -c listen_addresses= -c fsync=off", server.socket());
        server.call("pg_ctl", &["-w", "-l", "/dev/null", "-o", &options, "start"]);
        Some(server)
    }

    fn socket(&self) -> String {
        self.directory.path().display().to_string()
    }

    fn command(&self, name: &str, words: &[&str]) -> Command {
        let mut command = Command::new(self.programs.join(name));
        command.args(words).arg("-D").arg(self.directory.path().join("data"));
        command.env_clear().env("PATH", "/usr/bin:/bin").current_dir(self.directory.path());
        if rustix::process::geteuid().is_root() {
            command.uid(NOBODY).gid(NOBODY);
        }
        command
    }

    fn call(&self, name: &str, words: &[&str]) {
        let output = self.command(name, words).stdout(std::process::Stdio::null()).output().unwrap();
        assert!(output.status.success(), "{name}: {}", String::from_utf8_lossy(&output.stderr));
    }

    /// Asks the server without the gate.
    fn ask(&self, house: &House, sql: &str) -> String {
        let words = ["-h", &self.socket(), "-U", "postgres", "-XAtq", "-c", sql];
        let seen = see(house.clean("psql").args(words));
        assert_eq!(seen.code, 0, "{sql}: {seen:?}");
        seen.stdout.trim().to_owned()
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        // The directory goes with it.
        let _ = self.command("pg_ctl", &["-m", "immediate", "stop"]).output();
    }
}

/// So that a change without a person can be seen to run, and a larger one not.
const ALONE: &str = "\n[[decide]]\neffect = \"data\"\nverdict = \"run\"\n";

#[test]
fn rows_behind_a_where_are_counted_by_a_real_server() {
    let Some(server) = Server::start() else { return };
    let house = House::new();
    house.rules(&(recipe("shop.postgres-rows").replace("max         = 100", "max         = 3") + ALONE));
    server.ask(&house, "create table carts (id int, state text, n int default 0)");
    server.ask(&house, "insert into carts select g, case when g <= 3 then 'stale' else 'it''s' end from generate_series(1, 10) g");
    server.ask(&house, "create sequence counted");
    server.ask(
        &house,
        "create function touch(int) returns boolean language plpgsql as $$ begin perform nextval('counted'); return true; end $$",
    );
    let socket = server.socket();
    let gated = |sql: &str| -> Seen {
        see(house.gate().args(["--mode", "deny", "--", "psql", "-h", &socket, "-U", "postgres", "-Xqc", sql]))
    };
    let count = || server.ask(&house, "select count(*) from carts");
    let last = |kind: &str| house.records_of(kind).last().cloned().unwrap();

    assert_eq!(gated("update carts set n = 1 where state = 'it''s'").code, 77, "seven rows");
    let found = [
        "4 objects (rule shop.postgres-rows)",
        "more than 3 objects need two people (rule shop.postgres-rows)",
    ];
    assert_eq!(measured(&last("denied")), found);
    assert_eq!(server.ask(&house, "select sum(n) from carts"), "0");

    assert_eq!(gated("delete from carts where state = 'stale' and id in (select id from carts)").code, 0);
    assert_eq!(measured(&last("intent")), ["3 objects (rule shop.postgres-rows)"]);
    assert_eq!(count(), "7");

    assert_eq!(gated("delete from carts where id = 4711").code, 0, "nothing to delete is no failure");
    assert_eq!(measured(&last("intent")), ["0 objects (rule shop.postgres-rows)"]);

    // A query that fails is no small number.
    assert_eq!(gated("delete from missing where id = 1").code, 77);
    assert!(measured(&last("denied"))[0].contains("failed"));

    // A column that is a function of the row: nothing here can see it, and the transaction keeps it from writing.
    server.ask(&house, "create function sly(carts) returns boolean language sql as 'select touch(1)'");
    assert_eq!(gated("delete from carts where carts.sly").code, 77);
    assert_eq!(server.ask(&house, "select is_called from counted"), "f");
    assert_eq!(count(), "7");

    for sql in [
        "delete from carts where current_setting('transaction_read_only') = 'off' and id > 0",
        "delete from carts where id in (select 1 from pg_settings where setting = 'off')",
        "delete from carts where id > 0; select 1; delete from carts where id > 0",
    ] {
        assert_eq!(gated(sql).code, 77, "{sql}");
        assert!(measured(&last("denied"))[0].starts_with("the reach is not known"), "{sql}");
    }
    assert_eq!(count(), "7");
}

/// What `by-descriptor` of the rules about `psql -f` rests on: the same rows from a sealed copy as from the file, rows of a
/// COPY in it too, and `\i` from the working directory. `\ir` looks beside the file, and so at nothing.
#[test]
fn psql_reads_statements_from_a_sealed_copy_as_from_the_file() {
    let Some(server) = Server::start() else { return };
    let house = House::new();
    let directory = tempfile::tempdir().unwrap();
    std::fs::create_dir(directory.path().join("deep")).unwrap();
    std::fs::write(directory.path().join("more.sql"), "select 'here';\n").unwrap();
    std::fs::write(directory.path().join("deep/more.sql"), "select 'beside';\n").unwrap();
    let psql = |name: &str| {
        let mut psql = house.clean("psql");
        psql.current_dir(directory.path());
        see(psql.args([
            "-h",
            &server.socket(),
            "-U",
            "postgres",
            "-XAtq",
            "-v",
            "ON_ERROR_STOP=1",
            "-f",
            name,
        ]))
    };
    let many = (0..20_000).fold(String::new(), |text, at| text + &format!("select {at};\n"));
    for (text, same) in [
        ("create temp table t (a int);\ncopy t from stdin;\n1\n2\n\\.\nselect sum(a) from t;\n", true),
        ("\u{feff}select 1;\r\nselect 2", true),
        ("select 1;\n\\i more.sql\nselect 2;\n", true),
        ("select 1;\n\\ir more.sql\nselect 2;\n", false),
        ("select 1;\nselec 2;\nselect 3;\n", true),
        (many.as_str(), true),
    ] {
        std::fs::write(directory.path().join("deep/x.sql"), text).unwrap();
        let named = psql("deep/x.sql");
        // Not closed on exec, as the one that the gate hands over.
        let copy = rustix::fs::memfd_create("copy", rustix::fs::MemfdFlags::ALLOW_SEALING).unwrap();
        rustix::io::write(&copy, text.as_bytes()).unwrap();
        let seals =
            rustix::fs::SealFlags::WRITE | rustix::fs::SealFlags::GROW | rustix::fs::SealFlags::SHRINK;
        rustix::fs::fcntl_add_seals(&copy, seals | rustix::fs::SealFlags::SEAL).unwrap();
        let handed = psql(&format!("/dev/fd/{}", copy.as_raw_fd()));
        let text = text.get(..40).unwrap_or(text);
        assert_eq!((named.code, &named.stdout) == (handed.code, &handed.stdout), same, "{text}: {handed:?}");
        assert!(!named.stdout.is_empty(), "{text}: {named:?}");
    }
}
