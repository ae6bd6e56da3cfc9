//! What wrappers add: users, hosts, containers, places, environments, standard input.

use super::super::{Added, HandedOn};
use super::off;
use crate::command::EnvironmentEdit;

const ADDED: &[(&str, &[Added], Option<&str>)] = {
    use Added::{
        Container, Credentials, Detached, Interrupted, ManyHosts, OtherDirectory, OtherHost, OtherRoot,
        OtherUser, OtherVariables, StdinOperands,
    };
    &[
        ("nice rm x", &[], None),
        ("sudo rm x", &[OtherUser], None),
        ("sudo -b rm x", &[OtherUser, Detached], None),
        ("sudo -i rm x", &[OtherUser, OtherDirectory], None),
        ("sudo -R /mnt -T 5 rm x", &[OtherUser, OtherRoot, Interrupted], None),
        ("doas rm x", &[OtherUser], None),
        ("su -c ls", &[OtherUser], None),
        ("su - -c ls", &[OtherUser, OtherDirectory], None),
        ("runuser -l a -c ls", &[OtherUser, OtherDirectory], None),
        ("pkexec ls", &[OtherUser, OtherDirectory], None),
        ("pkexec --keep-cwd ls", &[OtherUser], None),
        ("chroot /mnt ls", &[OtherRoot, OtherUser], Some("/mnt")),
        ("timeout 5 ls", &[Interrupted], None),
        ("setsid -f ls", &[Detached], None),
        ("unshare -R /mnt ls", &[Container, OtherRoot], None),
        ("nsenter -t 1 -m ls", &[Container, OtherDirectory], Some("1")),
        ("nsenter -t 1 -n ls", &[Container], Some("1")),
        ("systemd-run ls", &[Detached, OtherUser, OtherDirectory], None),
        ("systemd-run --user --wait -d ls", &[], None),
        ("systemd-run --scope ls", &[], None),
        ("systemd-run --on-active=5 --wait -d --user ls", &[Detached], None),
        ("systemd-run -H web1 ls", &[Detached, OtherUser, OtherDirectory, OtherHost], Some("web1")),
        ("machinectl shell a@m /bin/ls", &[Container, OtherUser, OtherDirectory], Some("a@m")),
        ("ssh root@web1 ls", &[OtherHost], Some("root@web1")),
        ("ssh -f web1 ls", &[OtherHost, Detached], Some("web1")),
        ("pdsh -w a,b ls", &[OtherHost, ManyHosts], Some("a,b")),
        ("pssh -h f ls", &[OtherHost, ManyHosts], Some("hosts from a file or group")),
        ("clush -a ls", &[OtherHost, ManyHosts], Some("hosts from a file or group")),
        ("knife ssh roles:web ls", &[OtherHost, ManyHosts], Some("roles:web")),
        ("salt 'web*' cmd.run ls --async", &[OtherHost, ManyHosts, OtherUser, Detached], Some("web*")),
        ("ansible web -a ls", &[OtherHost, ManyHosts], Some("web")),
        ("ansible web -b -B 5 -a ls", &[OtherHost, ManyHosts, OtherUser, Detached], Some("web")),
        ("aws-vault exec prod -- ls", &[Credentials], None),
        ("chamber exec app -- ls", &[OtherVariables], None),
        ("envdir d ls", &[OtherVariables], None),
        ("chpst -u a -e d -/ /x -C /y ls", &[OtherUser, OtherVariables, OtherRoot, OtherDirectory], None),
        ("setuidgid www ls", &[OtherUser], None),
        ("direnv exec d ls", &[OtherVariables, OtherDirectory], None),
        ("sem ls", &[Detached], None),
        ("ctr t exec web ls", &[Container], Some("web")),
        ("nomad alloc exec -task a abc ls", &[Container], Some("abc")),
        ("minikube ssh -n m02 -- ls", &[OtherHost], Some("m02")),
        ("virtctl ssh root@vm -c ls", &[OtherHost], Some("root@vm")),
        ("oc rsh web ls", &[Container], Some("web")),
        ("mosh web1 ls", &[OtherHost], Some("web1")),
        ("vagrant ssh web -c ls", &[OtherHost], Some("web")),
        ("gcloud compute ssh vm --command=ls", &[OtherHost], Some("vm")),
        ("kubectl -n shop exec web-1 -- ls", &[Container], Some("web-1")),
        ("docker exec web ls", &[Container], Some("web")),
        ("docker exec -d web ls", &[Container, Detached], Some("web")),
        ("docker run -d alpine ls", &[Container, Detached], Some("alpine")),
        ("lxc exec c1 -- ls", &[Container], Some("c1")),
        ("ip netns exec blue ls", &[Container, OtherUser], Some("blue")),
        ("xargs rm", &[StdinOperands], None),
        ("xargs -I{} rm {}", &[StdinOperands], None),
        ("parallel rm ::: a", &[StdinOperands], None),
        ("find . -execdir ls ;", &[OtherDirectory], None),
        ("find . -exec ls ;", &[], None),
        ("tmux new -d ls", &[Detached], None),
        ("watch ls", &[Interrupted], None),
    ]
};

#[test]
fn each_wrapper_says_what_it_adds() {
    for (typed, adds, place) in ADDED {
        let off = off(typed);
        assert_eq!((off.taken.adds.as_slice(), off.taken.place.as_deref()), (*adds, *place), "{typed}");
    }
}

#[test]
fn the_words_of_the_wrapper_are_its_own() {
    for (typed, own) in [
        ("sudo -u root A=1 rm x", "sudo -u root A=1"),
        ("timeout -k 5 10 rm x", "timeout -k 5 10"),
        ("kubectl -n shop exec web -- rm x", "kubectl -n shop exec web --"),
        ("docker exec -it web rm x", "docker exec -it web"),
        ("ssh -p 22 h rm x", "ssh -p 22 h"),
        ("nomad alloc exec -task web abc rm x", "nomad alloc exec -task web abc"),
        ("gds aws p -r x ls", "gds aws p -r x"),
        ("sh -c ls", "sh -c ls"),
    ] {
        assert_eq!(off(typed).taken.words.join(std::ffi::OsStr::new(" ")), own, "{typed}");
    }
}

#[test]
fn environments_are_changed_in_order() {
    let set = |name: &str, value: &str| EnvironmentEdit::Set(name.into(), value.into());
    for (typed, edits) in [
        ("env -i A=1 ls", vec![EnvironmentEdit::Clear, set("A", "1")]),
        (
            "env -u A - B=2 ls",
            vec![EnvironmentEdit::Unset("A".into()), EnvironmentEdit::Clear, set("B", "2")],
        ),
        ("env A= ls", vec![set("A", "")]),
        ("env -i -S 'A=1 ls'", vec![EnvironmentEdit::Clear]),
        ("sudo A=1 -n KUBECONFIG=/x ls", vec![set("A", "1"), set("KUBECONFIG", "/x")]),
        ("exec -c ls", vec![EnvironmentEdit::Clear]),
        ("setpriv --reset-env ls", vec![EnvironmentEdit::Clear]),
        ("docker exec -e A=1 -eB=2 -e C web ls", vec![set("A", "1"), set("B", "2")]),
        ("systemd-run -E A=1 ls", vec![set("A", "1")]),
        ("nice ls", vec![]),
    ] {
        assert_eq!(off(typed).environment, edits, "{typed}");
    }
}

/// `sudo -S sh <<X` takes the first line for itself, so the rest may be read in another way than the whole.
#[test]
fn standard_input_that_is_not_the_callers_is_not_handed_on() {
    for (typed, stdin) in [
        ("sudo sh", HandedOn::Whole),
        ("sudo -S sh", HandedOn::Changed),
        ("sudo --stdin sh", HandedOn::Changed),
        ("xargs sh", HandedOn::Changed),
        ("ssh h sh", HandedOn::Whole),
        ("ssh -n h sh", HandedOn::Changed),
        ("systemd-run sh", HandedOn::Changed),
        ("systemd-run --pipe sh", HandedOn::Whole),
        ("tmux new -d sh", HandedOn::Changed),
        ("docker exec -i web sh", HandedOn::Whole),
    ] {
        assert_eq!(off(typed).stdin, stdin, "{typed}");
    }
}
