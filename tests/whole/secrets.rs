//! Secrets on a command line are on no disk afterwards.

use crate::house::{House, holds, see};

/// Long enough that it stands nowhere by chance.
const SECRET: &str = "Tr0ub4dor-horse-battery-9f3k";

/// Each with the secret in it, and whether the rest of the word must still be readable.
const WORDS: &[&[&str]] = &[
    &["mysql", "--password=@", "-h", "db"],
    &["mysql", "-p@", "-h", "db"],
    &["psql", "postgres://app:@@db.example.com/shop"],
    &["curl", "-u", "admin:@", "https://example.com"],
    &["curl", "-H", "Authorization: Bearer @", "https://example.com"],
    &["curl", "https://user:@@example.com/x"],
    &["curl", "https://example.com/?token=@&x=1"],
    &["curl", "--header=X-Api-Key: @"],
    &["env", "PGPASSWORD=@", "psql", "-h", "db"],
    &["env", "AWS_SECRET_ACCESS_KEY=@", "true"],
    &["env", "API_TOKEN=@", "true"],
    &["docker", "login", "--password", "@", "registry.example.com"],
    &["docker", "login", "-p", "@"],
    &["docker", "run", "-e", "DB_PASSWORD=@", "image"],
    &["kubectl", "create", "secret", "generic", "x", "--from-literal=password=@"],
    &["kubectl", "config", "set-credentials", "me", "--token=@"],
    &["kubectl", "--token", "@", "get", "pods"],
    &["sshpass", "-p", "@", "ssh", "host"],
    &["vault", "login", "token=@"],
    &["git", "clone", "https://oauth2:@@git.example.com/x.git"],
    &["redis-cli", "-a", "@", "ping"],
    &["echo", "password=@"],
    &["printf", "%s", "SECRET_KEY=@"],
];

#[test]
fn no_secret_of_a_command_line_lands_on_disk() {
    let house = House::new();
    house.fake("kubectl");
    // Nothing here may reach for the network.
    for name in ["docker", "git", "curl", "psql", "mysql", "vault", "redis-cli", "sshpass"] {
        house.fake(name);
    }
    let mut leaks = Vec::new();
    for row in WORDS {
        let words = row.iter().map(|word| word.replacen('@', SECRET, 1));
        let seen = see(house.gate().args(["--mode", "deny", "--"]).args(words.collect::<Vec<_>>()));
        assert!([0, 77, 127].contains(&seen.code), "{row:?}: {seen:?}");
        if holds(&house.state_bytes(), SECRET) {
            leaks.push(format!("{row:?}"));
            std::fs::remove_dir_all(house.state()).unwrap();
        }
    }
    assert!(leaks.is_empty(), "{} of {} leaked:\n{}", leaks.len(), WORDS.len(), leaks.join("\n"));
}

#[test]
fn no_secret_of_a_text_or_the_environment_lands_on_disk() {
    let house = House::new();
    let text = format!("PGPASSWORD={SECRET} psql -h db && mysql --password={SECRET}");
    see(house.gate().args(["--mode", "deny", "-c", &text]));
    assert!(!holds(&house.state_bytes(), SECRET), "text");
    let variables =
        ["PGPASSWORD", "AWS_SECRET_ACCESS_KEY", "GITHUB_TOKEN", "MYSQL_PWD", "GIT_TOKEN", "SSH_PASSWORD"];
    see(house.gate().envs(variables.map(|name| (name, SECRET))).args(["--", "true"]));
    assert_eq!(house.records_of("outcome").len(), 1);
    assert!(!holds(&house.state_bytes(), SECRET), "environment");
    let reason = format!("rotated, password={SECRET}");
    see(house.gate().args(["--reason", &reason, "--", "true"]));
    assert!(!holds(&house.state_bytes(), SECRET), "reason");
    let proxy = format!("http://user:{SECRET}@proxy:3128");
    see(house.gate().env("GIT_PROXY", proxy).args(["--", "true"]));
    assert!(!holds(&house.state_bytes(), SECRET), "a URL in a variable");
}

#[test]
fn two_uses_of_one_secret_are_told_apart_from_two_secrets_in_one_record_only() {
    let house = House::new();
    for _ in 0..2 {
        see(house.gate().args(["--mode", "deny", "--", "mysql", &format!("--password={SECRET}")]));
    }
    let words: Vec<String> =
        house.records_of("denied").iter().map(|record| record["argv"][1].to_string()).collect();
    assert_eq!(words.len(), 2);
    assert!(
        words[0] != words[1],
        "without a salt of its own each record would tell the same secret: {words:?}"
    );
}

#[test]
fn messages_of_the_gate_do_not_repeat_secrets_to_a_ci_log() {
    let house = House::new();
    let word = format!("--password={SECRET}");
    let seen = see(house.gate().args(["--mode", "deny", "--", "mysql", &word]));
    assert!(!seen.stderr.contains(SECRET), "{seen:?}");
    let shown = house.run("log show").stdout;
    assert!(!shown.contains(SECRET));
}
