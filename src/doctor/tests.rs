//! Each sound installation is spoiled in one place, and exactly that must be found.

use super::*;
use std::collections::BTreeMap;
use std::os::unix::fs::PermissionsExt as _;
use std::path::Path;

const ME: u32 = 1000;

fn directory(owner: u32, mode: u32) -> Standing {
    let (link, directory) = (Presence::Missing, Presence::Present);
    Standing::There(Attributes { owner, group: owner, mode, link, directory })
}

fn layer(name: &str, owner: u32) -> Layer {
    Layer {
        name: name.to_owned(),
        path: format!("/rules/{name}").into(),
        trust: Trust::Trusted,
        standing: directory(owner, 0o755),
    }
}

/// An installation in which nothing is worse than `ok`: a gate of its own, rules of root's.
fn sound() -> Installation {
    Installation {
        asker: Writer { uid: ME, groups: vec![ME, 27] },
        gate: 900,
        log: "/var/log/remgate".into(),
        log_standing: directory(900, 0o700),
        volume: Volume { file_system: FileSystem::Local, free: Some(1 << 30) },
        layers: vec![layer("system", 0)],
        actor: Actor { class: "human".into(), evidence: vec!["/dev/tty".into()], mode: "interactive".into() },
        terminal: Presence::Present,
        kernel: vec![Feature { name: "execveat", presence: Presence::Present, without: "swap" }],
        home: Some("/home/gate".into()),
        home_standing: directory(900, 0o700),
        path: vec![Element { text: "/usr/bin".into(), standing: directory(0, 0o755) }],
        variables: vec!["LANG".into(), "KUBECONFIG".into()],
        programs: vec![
            Program { name: "kubectl".into(), found: Some("/usr/bin/kubectl".into()) },
            Program { name: "helm".into(), found: None },
        ],
        ssh_keygen: Program { name: "ssh-keygen".into(), found: Some("/usr/bin/ssh-keygen".into()) },
        ssh_add: Program { name: "ssh-add".into(), found: Some("/usr/bin/ssh-add".into()) },
        approvals: Approvals {
            approvers: Approvers::Listed(listed()),
            mailbox: Mailbox::Shared("/var/lib/remgate/requests".into()),
        },
    }
}

fn person(name: &str, keys: usize, touch: usize) -> Person {
    Person { name: name.into(), keys, touch, own: Own::No }
}

/// Two people, in root's files.
fn listed() -> Listed {
    Listed {
        file: "/etc/remgate/approvers".into(),
        parts: vec![
            ("/etc/remgate".into(), directory(0, 0o755)),
            ("/etc/remgate/approvers".into(), directory(0, 0o644)),
            ("/etc/remgate/approvers.groups".into(), Standing::Missing),
        ],
        people: vec![person("alice", 2, 1), person("bob", 1, 0)],
        groups: vec![("sre".into(), 2)],
    }
}

/// Spoils the sound installation and gives all that is then not `ok`.
fn spoiled(spoil: impl FnOnce(&mut Installation)) -> Vec<(Level, Topic, String)> {
    let mut installation = sound();
    spoil(&mut installation);
    let findings = examine(&installation).into_iter().filter(|finding| finding.level != Level::Ok);
    findings.map(|finding| (finding.level, finding.topic, finding.text)).collect()
}

#[track_caller]
fn only(found: &[(Level, Topic, String)], level: Level, topic: Topic, words: &str) {
    let [(found_level, found_topic, text)] = found else { panic!("not one finding: {found:#?}") };
    assert_eq!((*found_level, *found_topic), (level, topic), "{text}");
    assert!(text.contains(words), "`{words}` is not in `{text}`");
}

#[test]
fn a_sound_installation_has_every_topic_and_no_complaint() {
    let findings = examine(&sound());
    assert_eq!(worst(&findings), Level::Ok, "{findings:#?}");
    let topics: std::collections::BTreeSet<Topic> = findings.iter().map(|finding| finding.topic).collect();
    assert_eq!(topics.len(), 11);
    assert_eq!(findings[0].topic, Topic::Enforcement);
    assert!(findings.iter().any(|finding| finding.text == "1 of 2 programs that packs know: kubectl"));
    assert!(findings.iter().any(|finding| finding.text == "human (/dev/tty), mode interactive"));
}

#[test]
fn the_log_directory() {
    use {Level::*, Topic::Log};
    only(&spoiled(|it| it.volume.free = Some(1 << 20)), Fail, Log, "1024 KiB are free");
    only(&spoiled(|it| it.volume.free = Some(32 << 20)), Warn, Log, "32 MiB are free");
    only(&spoiled(|it| it.volume.free = None), Note, Log, "cannot be told");
    only(&spoiled(|it| it.volume.file_system = FileSystem::Network("NFS")), Warn, Log, "lies on NFS");
    only(
        &spoiled(|it| it.volume.file_system = FileSystem::Memory("tmpfs")),
        Warn,
        Log,
        "gone after a restart",
    );
    only(&spoiled(|it| it.volume.file_system = FileSystem::Unknown), Note, Log, "cannot be told");
    only(&spoiled(|it| it.log_standing = directory(900, 0o750)), Note, Log, "readable by others (mode 0750)");
    only(&spoiled(|it| it.log_standing = directory(900, 0o720)), Fail, Log, "writable by others (mode 0720)");
    only(&spoiled(|it| it.log_standing = directory(77, 0o700)), Fail, Log, "belongs to uid 77");
    let as_link = |it: &mut Installation| {
        if let Standing::There(attributes) = &mut it.log_standing {
            attributes.link = Presence::Present;
        }
    };
    only(&spoiled(as_link), Fail, Log, "is a symbolic link");
    let as_file = |it: &mut Installation| {
        if let Standing::There(attributes) = &mut it.log_standing {
            attributes.directory = Presence::Missing;
        }
    };
    only(&spoiled(as_file), Fail, Log, "is not a directory");
}

#[test]
fn a_log_that_cannot_be_judged_also_costs_the_separate_user() {
    for standing in [Standing::Missing, Standing::Hidden { cause: "permission denied".into() }] {
        let found = spoiled(|it| it.log_standing = standing);
        assert!(found[0].2.starts_with("root-owned rules: "), "{found:#?}");
        assert_eq!(found[1].1, Topic::Log);
    }
}

#[test]
fn enforcement_is_what_the_asker_cannot_undo() {
    use Enforcement::{Advisory, RootOwnedRules, SeparateUser};
    let of = |spoil: fn(&mut Installation)| {
        let mut installation = sound();
        spoil(&mut installation);
        enforcement(&installation)
    };
    assert_eq!(of(|_| ()), SeparateUser);
    assert_eq!(of(|it| it.gate = ME), RootOwnedRules);
    assert_eq!(of(|it| it.log_standing = directory(ME, 0o700)), RootOwnedRules);
    // Group 27 is one of the asker's.
    assert_eq!(
        of(|it| it.log_standing = Standing::There(Attributes { group: 27, mode: 0o770, ..there(900) })),
        RootOwnedRules
    );
    assert_eq!(of(|it| it.layers[0].standing = directory(ME, 0o755)), Advisory);
    assert_eq!(of(|it| it.layers[0].standing = directory(0, 0o757)), Advisory);
    assert_eq!(of(|it| it.layers[0].standing = Standing::Missing), Advisory);
    assert_eq!(of(|it| it.layers[0].trust = Trust::Missing), Advisory);
    assert_eq!(of(|it| it.layers.push(layer("system", ME))), Advisory);
    assert_eq!(of(|it| it.layers[0].name = "user".into()), Advisory);
    assert_eq!(of(|it| it.layers.clear()), Advisory);
    assert_eq!(of(|it| it.asker.uid = 0), Advisory);
    let found = spoiled(|it| it.asker.uid = 0);
    assert!(found[0].2.contains("root asks"), "{found:#?}");
}

fn there(owner: u32) -> Attributes {
    match directory(owner, 0o700) {
        Standing::There(attributes) => attributes,
        Standing::Missing | Standing::Hidden { .. } => panic!("directory() makes one"),
    }
}

#[test]
fn layers() {
    use {Level::*, Topic::Rules};
    only(
        &spoiled(|it| it.layers.push(layer("user", ME))),
        Note,
        Rules,
        "user: `/rules/user` is loaded, and whoever asks can",
    );
    let missing =
        |it: &mut Installation| it.layers.push(Layer { trust: Trust::Missing, ..layer("user", ME) });
    only(&spoiled(missing), Note, Rules, "holds no rule file");
    let refused = Trust::Refused { why: "writable by others".into() };
    let spoil = |it: &mut Installation| it.layers.push(Layer { trust: refused, ..layer("user", ME) });
    only(&spoiled(spoil), Fail, Rules, "is refused: writable by others");
    let hidden = Standing::Hidden { cause: "x".into() };
    let spoil = |it: &mut Installation| it.layers.push(Layer { standing: hidden, ..layer("user", ME) });
    only(&spoiled(spoil), Warn, Rules, "cannot be looked at");
}

#[test]
fn terminal_kernel_home_and_keygen() {
    use Level::*;
    only(&spoiled(|it| it.terminal = Presence::Missing), Note, Topic::Terminal, "no /dev/tty");
    only(&spoiled(|it| it.kernel[0].presence = Presence::Missing), Warn, Topic::Kernel, "no execveat: swap");
    only(&spoiled(|it| it.kernel[0].presence = Presence::Unknown), Note, Topic::Kernel, "cannot be told");
    only(&spoiled(|it| it.home = None), Warn, Topic::Home, "HOME is not set");
    only(&spoiled(|it| it.home = Some("x".into())), Warn, Topic::Home, "no absolute path");
    only(&spoiled(|it| it.home_standing = Standing::Missing), Warn, Topic::Home, "does not exist");
    only(&spoiled(|it| it.home_standing = directory(ME, 0o700)), Warn, Topic::Home, "belongs to uid 1000");
    only(&spoiled(|it| it.home_standing = directory(900, 0o777)), Warn, Topic::Home, "everybody can write");
    only(&spoiled(|it| it.ssh_keygen.found = None), Note, Topic::Approvals, "no ssh-keygen");
    only(&spoiled(|it| it.ssh_add.found = None), Note, Topic::Approvals, "no ssh-add");
}

/// The same list with one thing different.
fn with_list(change: impl FnOnce(&mut Listed)) -> Vec<(Level, Topic, String)> {
    let mut list = listed();
    change(&mut list);
    spoiled(|it| it.approvals.approvers = Approvers::Listed(list))
}

#[test]
fn who_approves_and_what_that_is_worth() {
    use {Level::*, Topic::Approvals};
    let findings = examine(&sound());
    let summary = "`/etc/remgate/approvers` lists 2 people, of whom 2 can approve now, with 3 keys (1 with touch); groups: sre 2";
    assert!(findings.iter().any(|it| it.text == summary), "{findings:#?}");
    let nowhere = Approvers::Nowhere { looked: vec!["/etc/remgate/approvers".into()] };
    only(&spoiled(|it| it.approvals.approvers = nowhere), Note, Approvals, "nobody is listed");
    let broken = Approvers::Broken { why: "approvers:3: no key".into() };
    only(
        &spoiled(|it| it.approvals.approvers = broken),
        Fail,
        Approvals,
        "nobody counts as an approver: app",
    );
    only(&with_list(|it| it.people.truncate(1)), Note, Approvals, "only alice can approve");
    only(&with_list(|it| it.people[0].keys = 0), Note, Approvals, "only bob can approve");
    let expired = with_list(|it| it.people.iter_mut().for_each(|person| person.keys = 0));
    only(&expired, Fail, Approvals, "nobody's key counts now");
}

#[test]
fn a_list_that_the_asker_can_write_is_advisory() {
    use {Level::*, Topic::Approvals};
    let group_27 = Standing::There(Attributes { group: 27, mode: 0o664, ..there(0) });
    let hidden = Standing::Hidden { cause: "x".into() };
    for standing in [directory(ME, 0o644), directory(0, 0o646), group_27, hidden] {
        for part in 0..3 {
            let found = with_list(|it| it.parts[part].1 = standing.clone());
            only(&found, Warn, Approvals, "and so list themselves: approvals are advisory");
            let path = listed().parts[part].0.display().to_string();
            assert!(found[0].2.contains(&format!("`{path}`")), "{found:#?}");
        }
    }
    let found = spoiled(|it| it.asker.uid = 0);
    assert!(found.iter().any(|it| it.2 == "root asks, and root can list itself: approvals are advisory"));
}

#[test]
fn an_accounts_own_key_does_not_count_for_its_agents() {
    use {Level::*, Topic::Approvals};
    let found = with_list(|it| it.people[1].own = Own::Yes);
    only(&found, Note, Approvals, "what its agents ask, bob cannot approve");
    assert_eq!(with_list(|it| it.people[0].own = Own::Yes), []);
    // Who has no key that counts is told of that, and not of this.
    let expired = with_list(|it| it.people[0] = Person { own: Own::Yes, ..person("alice", 0, 0) });
    only(&expired, Note, Approvals, "only bob can approve");
}

#[test]
fn where_requests_wait() {
    use {Level::*, Topic::Approvals};
    let own = Mailbox::Own("/home/a/.local/state/remgate/requests".into());
    only(
        &spoiled(|it| it.approvals.mailbox = own),
        Note,
        Approvals,
        "other accounts take them as texts only",
    );
    let unusable =
        Mailbox::Unusable { why: "its shard must be sticky".into(), help: "`remgate doctor --setup`".into() };
    only(&spoiled(|it| it.approvals.mailbox = unusable), Fail, Approvals, "must be sticky");
}

#[test]
fn the_search_path() {
    let with =
        |text: &str, standing: Standing| spoiled(|it| it.path.push(Element { text: text.into(), standing }));
    let fine = || directory(0, 0o755);
    only(&with("", fine()), Level::Warn, Topic::Path, "an empty element");
    only(&with("bin", fine()), Level::Warn, Topic::Path, "`bin`, which depends on");
    only(&with("/tmp", directory(0, 0o1777)), Level::Warn, Topic::Path, "everybody can write");
    only(&with("/home/b/bin", directory(1001, 0o755)), Level::Warn, Topic::Path, "belongs to uid 1001");
    only(
        &with("/x", Standing::Hidden { cause: "x".into() }),
        Level::Warn,
        Topic::Path,
        "cannot be looked at",
    );
    only(&spoiled(|it| it.path.clear()), Level::Warn, Topic::Path, "PATH is not set");
    for standing in [Standing::Missing, directory(ME, 0o755), directory(900, 0o700)] {
        assert_eq!(with("/y", standing), []);
    }
}

#[test]
fn variables_that_reach_into_programs_or_the_gate() {
    let with = |name: &str| spoiled(|it| it.variables.push(name.to_owned()));
    for name in ["LD_PRELOAD", "LD_LIBRARY_PATH", "DYLD_INSERT_LIBRARIES", "GLIBC_TUNABLES"] {
        only(&with(name), Level::Fail, Topic::Environment, name);
    }
    for name in [
        "BASH_ENV",
        "BASH_FUNC_ls%%",
        "IFS",
        "GIT_SSH_COMMAND",
        "GIT_CONFIG_COUNT",
        "PYTHONPATH",
        "NODE_OPTIONS",
    ] {
        only(&with(name), Level::Warn, Topic::Environment, name);
    }
    for name in ["KUBECONFIG", "AWS_PROFILE", "PATH", "LDFLAGS", "GITHUB_SHA"] {
        assert_eq!(with(name), [], "{name}");
    }
}

#[test]
fn releases_of_kernels() {
    use super::look::version;
    assert_eq!(version("6.18.44-fc-v669"), Some((6, 18)));
    assert_eq!(version("3.15"), Some((3, 15)));
    assert!(version("3.9.1") < Some((3, 15)));
    assert_eq!(version("next"), None);
    assert_eq!(version(""), None);
}

#[test]
fn this_machine_is_looked_at_and_left_as_it_was() {
    let place = tempfile::TempDir::new().unwrap();
    let (bin, log) = (place.path().join("bin"), place.path().join("log"));
    std::fs::create_dir(&bin).unwrap();
    std::fs::create_dir(bin.join("docker")).unwrap();
    for (name, mode) in [("kubectl", 0o755), ("helm", 0o644)] {
        std::fs::write(bin.join(name), "").unwrap();
        std::fs::set_permissions(bin.join(name), std::fs::Permissions::from_mode(mode)).unwrap();
    }
    std::os::unix::fs::symlink("nowhere", &log).unwrap();
    let path = std::env::join_paths([Path::new("bin"), &bin]).unwrap();
    let env = BTreeMap::from([("PATH".into(), path), ("HOME".into(), place.path().into())]);
    let installation = look(Asked {
        env: &env,
        log: log.clone(),
        layers: Vec::new(),
        actor: sound().actor,
        programs: ["kubectl", "helm", "docker"].map(str::to_owned).to_vec(),
        approvals: sound().approvals,
    });
    let found: Vec<_> = installation.programs.iter().map(|program| program.found.is_some()).collect();
    // helm may not be executed and docker is a directory.
    assert_eq!(found, [true, false, false]);
    assert_eq!(installation.gate, rustix::process::geteuid().as_raw());
    assert!(installation.volume.free.is_some());
    #[cfg(target_os = "linux")]
    assert!(installation.kernel.iter().all(|feature| feature.presence == Presence::Present));
    let findings = examine(&installation);
    assert!(
        findings.iter().any(|it| it.level == Level::Fail && it.text.contains("is a symbolic link")),
        "{findings:#?}"
    );
    assert!(findings.iter().any(|it| it.topic == Topic::Path && it.text.contains("`bin`")));
    assert!(!log.exists(), "doctor made the log directory");
}
