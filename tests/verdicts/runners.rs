//! Verdicts behind programs that prepare an environment, and behind those that reach many hosts.

use crate::judged::{check, judged, words};
use remgate::decide::Verdict::{Confirm, Run, TwoPerson};
use remgate::facts::Scope;

#[test]
fn what_only_reads_runs_behind_a_wrapper_that_is_seen_through() {
    check(&[(
        Run,
        &[
            "aws-vault exec dev -- aws s3 ls",
            "tini -g -- ls -la",
            "setuidgid www uptime",
            "systemd-cat -t x df -h",
            "knife ssh -x root roles:web 'df -h | sort'",
            "pdsh -w web1,web2 uptime",
            "clush -ab uptime",
            "salt '*' cmd.run uptime",
            "ansible web -b -m shell -a 'df -h'",
            "ctr tasks exec --exec-id a web ls",
            "nomad alloc exec -task web abc ls",
            "cephadm shell -- ceph -s",
            "oc rsh web ls",
        ],
    )]);
}

/// Variables that nobody has seen, and code of the working directory.
#[test]
fn nothing_is_known_behind_what_is_not_seen() {
    check(&[(
        Confirm,
        &[
            "chamber exec app -- ls",
            "op run -- ls",
            "doppler run -- ls",
            "envdir ./d ls",
            "faketime yesterday ls",
            "direnv exec . ls",
            "bundle exec ls",
            "bundle exec rake -T",
            "poetry run ls",
            "uv run ls",
            "npx rimraf x",
            "mise exec -- ls",
            "k3s kubectl get pods",
            "ansible web -m ping",
        ],
    )]);
}

#[test]
fn the_command_inside_is_judged_as_well() {
    check(&[(
        TwoPerson,
        &[
            "bundle exec uaac member delete a b",
            "bundle exec 'rm -rf x'",
            "uv run python x.py",
            "npx -c 'python3 x.py'",
        ],
    )]);
    let behind = |wrapper: &str, command: &str| judged(words(&format!("{wrapper} {command}"))).verdict;
    for command in ["rm -rf /etc", "kubectl delete namespace shop", "git push --force origin main"] {
        let alone = judged(words(command)).verdict;
        for wrapper in
            ["aws-vault exec p --", "chamber exec a --", "bundle exec", "tini --", "envdir d", "gds aws p"]
        {
            assert!(behind(wrapper, command) >= alone, "{wrapper} {command}");
        }
    }
}

/// `systemctl restart` is about one unit of one host; of every host that a query finds it is not.
#[test]
fn what_many_hosts_change_is_an_environment() {
    for (command, scope) in [
        ("ssh web1 'systemctl restart nginx'", Scope::One),
        ("knife ssh roles:web 'systemctl restart nginx'", Scope::Environment),
        ("pdsh -w web1,web2 systemctl restart nginx", Scope::Environment),
        ("pssh -h hosts 'systemctl restart nginx'", Scope::Environment),
        ("clush -a systemctl restart nginx", Scope::Environment),
        ("salt '*' cmd.run 'systemctl restart nginx'", Scope::Environment),
        ("ansible web -b -a 'systemctl restart nginx'", Scope::Environment),
        ("knife ssh roles:web uptime", Scope::One),
    ] {
        assert_eq!(judged(words(command)).facts.scope().value, scope, "{command}");
    }
}
