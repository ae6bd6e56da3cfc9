//! Wrapping a command, giving it another environment, or calling it by another path never lowers its verdict.

use crate::permute::examples;
use crate::stage::{Seen, config, judged, packs, shown, words};
use proptest::prelude::*;
use remgate::command::{Action, Caller, SearchPath, read};
use std::collections::BTreeMap;
use std::ffi::OsString;
use std::sync::LazyLock;

/// Wrappers of words, in the forms people type; all of these come off.
const TAKEN_OFF: [&str; 102] = [
    "sudo",
    "sudo -n -u root",
    "sudo --user=root A=1",
    "sudo A=1 -u root",
    "doas",
    "doas -u www",
    "gosu www",
    "su-exec www",
    "runuser -u www --",
    "pkexec --keep-cwd",
    "env",
    "env -i",
    "env A=1 B=2",
    "env KUBECONFIG=/x TF_WORKSPACE=w",
    "env LANG=C",
    "env -u HOME",
    "env -S nice",
    "nice",
    "nice -n 5",
    "nice -5",
    "ionice -c2",
    "chrt -b 0",
    "nohup",
    "timeout 5",
    "timeout -s9 -k 5 10",
    "stdbuf -oL",
    "setsid -w",
    "time -p",
    "chroot /mnt",
    "taskset -c 0",
    "numactl -N 0",
    "prlimit --nofile=9",
    "setpriv --reuid=0",
    "unshare -m",
    "nsenter -t 1 -m",
    "command",
    "exec -a x",
    "builtin",
    "noglob",
    "nocorrect",
    "catchsegv",
    "eatmydata",
    "chronic",
    "caffeinate -i",
    "systemd-inhibit --why=x",
    "strace -f",
    "ltrace -S",
    "perf stat",
    "flock -n /l",
    "watch -x",
    "systemd-run --scope",
    "machinectl shell m",
    "mosh host --",
    "sshpass -p x",
    "kubectl exec web --",
    "k exec -n shop web --",
    "oc exec web --",
    "docker exec web",
    "podman exec -it web",
    "nerdctl exec web",
    "crictl exec web",
    "docker-compose exec web",
    "podman-compose exec web",
    "lxc exec c1 --",
    "incus exec c1 --",
    "aws-vault exec p --",
    "aws-sso exec -p x",
    "chamber exec app --",
    "op run --",
    "doppler run -p x --",
    "envdir /d",
    "s6-envdir -fn /d",
    "envuidgid www",
    "setuidgid www",
    "s6-setuidgid www",
    "softlimit -m 9",
    "setlock -n /l",
    "chpst -u www -m 9",
    "tini -s --",
    "dumb-init -c",
    "catatonit --",
    "proxychains -q",
    "proxychains4 -f x",
    "torsocks -i",
    "torify",
    "cpulimit -l 9 --",
    "cgexec -g cpu:x",
    "systemd-cat -t x",
    "unbuffer",
    "faketime -f yesterday",
    "aa-exec -p x --",
    "ifne",
    "sem --fg",
    "ctr -n x tasks exec web",
    "nomad alloc exec -task web abc",
    "oc rsh web",
    "cephadm shell --",
    "xargs",
    "xargs -0 -n 1",
    "gxargs",
    "busybox",
    "/usr/bin/sudo --",
];

/// Names of the table that are tried elsewhere: what they start is a text, or hangs on an option of a tool that does something
/// of its own. The rows beside the table hold each of them.
const OTHERWISE: [&str; 196] = [
    ".",
    "R",
    "Rscript",
    "alias",
    "ansible",
    "asdf",
    "ash",
    "at",
    "atop",
    "autossh",
    "awk",
    "aws",
    "bash",
    "batch",
    "bind",
    "btop",
    "bun",
    "bundle",
    "bundler",
    "bwrap",
    "capsh",
    "clush",
    "cockroach",
    "compgen",
    "complete",
    "conda",
    "coproc",
    "crontab",
    "csh",
    "dash",
    "dbus-run-session",
    "deno",
    "direnv",
    "ed",
    "elixir",
    "elvish",
    "emacs",
    "emacsclient",
    "enable",
    "erl",
    "escript",
    "eval",
    "ex",
    "expect",
    "fab",
    "fakechroot",
    "fc",
    "fd",
    "fdfind",
    "find",
    "firejail",
    "fish",
    "fly",
    "flyctl",
    "ftp",
    "gawk",
    "gcloud",
    "gdb",
    "gds",
    "gfind",
    "ghci",
    "git",
    "groovy",
    "gsed",
    "gtar",
    "guile",
    "gvim",
    "helix",
    "htop",
    "hx",
    "iex",
    "ip",
    "ip-netns",
    "irb",
    "joe",
    "jshell",
    "julia",
    "k3s",
    "knife",
    "ksh",
    "less",
    "lftp",
    "lldb",
    "lua",
    "luajit",
    "mamba",
    "man",
    "mapfile",
    "mariadb",
    "mawk",
    "mc",
    "micro",
    "microk8s",
    "minikube",
    "mise",
    "mispipe",
    "mksh",
    "more",
    "most",
    "mutt",
    "mysql",
    "nano",
    "nawk",
    "newgrp",
    "nmap",
    "nnn",
    "node",
    "nodejs",
    "npm",
    "npx",
    "nu",
    "nvim",
    "ocaml",
    "octave",
    "openssl",
    "osascript",
    "parallel",
    "parallel-ssh",
    "pdsh",
    "pee",
    "perl",
    "pg",
    "php",
    "pico",
    "pipenv",
    "pnpm",
    "poetry",
    "powershell",
    "proot",
    "psql",
    "pssh",
    "pwsh",
    "pyenv",
    "pypy",
    "python",
    "ranger",
    "rbash",
    "rbenv",
    "rc",
    "readarray",
    "remsh",
    "rg",
    "rke2",
    "rsh",
    "rsync",
    "ruby",
    "rvim",
    "salt",
    "salt-ssh",
    "saml2aws",
    "scala",
    "schroot",
    "scp",
    "screen",
    "script",
    "sed",
    "sftp",
    "sg",
    "sh",
    "shopt",
    "sops",
    "sort",
    "source",
    "split",
    "sqlite3",
    "ssh",
    "su",
    "swipl",
    "systemd-nspawn",
    "tar",
    "tclsh",
    "tcsh",
    "telnet",
    "tmux",
    "top",
    "toybox",
    "trap",
    "ts-node",
    "uv",
    "vagrant",
    "vi",
    "view",
    "vigr",
    "vim",
    "vimdiff",
    "vipw",
    "virtctl",
    "visudo",
    "wget",
    "wish",
    "xonsh",
    "xvfb-run",
    "yarn",
    "yash",
    "zip",
    "zsh",
];

/// What cannot be taken off: opaque, and no kinder for it.
const OPAQUE: [&str; 15] = [
    "sudo -D /srv",
    "sudo --no-such-option",
    "sudo -e",
    "env -C /",
    "env LD_PRELOAD=/x.so",
    "timeout --no-such-option 5",
    "nice -z",
    "ssh -o ProxyCommand=x host",
    "unshare -w /",
    "busybox ssh -F x",
    "./sudo",
    "/tmp/env",
    "su - root",
    "firejail",
    "bash x.sh",
];

/// Everything that the packs' examples and near-misses say, which is where they are interesting.
static COMMANDS: LazyLock<Vec<Vec<OsString>>> = LazyLock::new(|| {
    examples("examples").into_iter().chain(examples("near-misses")).map(|(_, argv)| argv).collect()
});

/// A new wrapper in the table must be added here too.
#[test]
fn every_wrapper_of_the_table_is_tried() {
    for name in remgate::command::wrapper_names() {
        let tried = TAKEN_OFF.iter().any(|form| form.split(' ').next() == Some(name));
        assert!(tried != OTHERWISE.contains(&name), "`{name}` is not tried, or twice");
    }
    let search = SearchPath::new(None);
    let caller = Caller { search: &search, variables: &BTreeMap::new() };
    for form in TAKEN_OFF {
        let argv = [words(form), words("true x")].concat();
        let command = read(&Action::Argv(argv), &caller).remove(0);
        assert_eq!((command.opaque, command.words), (None, words("true x").into()), "{form}");
    }
    for form in OPAQUE {
        let argv = [words(form), words("true x")].concat();
        let found = read(&Action::Argv(argv), &caller);
        assert!(found.iter().all(|command| command.opaque.is_some()), "{form}");
    }
}

proptest! {
    #![proptest_config(config())]

    #[test]
    fn wrapping_never_lowers_a_verdict(
        which in any::<proptest::sample::Index>(),
        wrappers in prop::collection::vec(prop::sample::select(TAKEN_OFF.as_slice()), 0..4),
        opaque in prop::option::weighted(0.3, prop::sample::select(OPAQUE.as_slice())),
        path in prop::sample::select(vec!["", "", "/usr/bin/", "./", "/tmp/", "../"]),
        unreadable in any::<bool>(),
    ) {
        thread_local!(static BOOK: remgate::rules::Book = packs());
        BOOK.with(|book| {
            let command = &COMMANDS[which.index(COMMANDS.len())];
            let seen = Seen { fields: vec![("context", "c"), ("directory", "/home/me")], unreadable };
            let plain = judged(book, command, &seen);
            let mut inner = command.clone();
            // Only programs: `/tmp/env` is another program than env, and tried as a wrapper.
            let mut program = OsString::from(path);
            program.push(&inner[0]);
            inner[0] = program;
            let wrapped: Vec<OsString> =
                wrappers.iter().chain(&opaque).flat_map(|form| words(form)).chain(inner).collect();
            let judgement = judged(book, &wrapped, &seen);
            // `docker run` is two commands, and the judge is stricter to a known one beside an unmatched one than to two
            // unmatched ones; so of several each is compared, and of one the whole.
            let worst = |j: &remgate::judge::Judgement| j.commands.iter().map(|judged| judged.verdict).max();
            prop_assert!(worst(&judgement) >= worst(&plain), "{}, {}", shown(command), shown(&wrapped));
            prop_assert!(
                plain.commands.len() > 1 || judgement.verdict >= plain.verdict,
                "{}: {}\n{}: {}", shown(command), plain.verdict, shown(&wrapped), judgement.verdict
            );
            let order = (plain.facts.scope().value, plain.facts.tier().value, plain.facts.rollback().value);
            let now = (judgement.facts.scope().value, judgement.facts.tier().value, judgement.facts.rollback().value);
            if opaque.is_none() {
                prop_assert!(now.0 >= order.0 && now.1 >= order.1 && now.2 >= order.2, "{}", shown(&wrapped));
                // What a rule would ask of a command that it does not make known is in the verdict, not in the facts.
                if judgement.standing == remgate::decide::Standing::Known {
                    let effects = |j: &remgate::judge::Judgement| j.facts.effects().map(|(e, _)| e).collect::<Vec<_>>();
                    let kept = effects(&judgement);
                    let lost = effects(&plain).into_iter().find(|e| *e != remgate::facts::Effect::None && !kept.contains(e));
                    prop_assert_eq!(lost, None, "{}", shown(&wrapped));
                }
            }
            Ok(())
        })?;
    }
}
