//! Ground as it may stand, and the commands for it.

use super::*;
use crate::doctor::Standing::{Hidden, Missing, There};

const GID: u32 = 990;

fn directory(owner: u32, group: u32, mode: u32) -> Standing {
    let (link, directory) = (Presence::Missing, Presence::Present);
    There(Attributes { owner, group, mode, link, directory })
}

fn shards_like(standing: &Standing) -> Vec<(String, Standing)> {
    inbox::shards().map(|name| (name, standing.clone())).collect()
}

fn above() -> Vec<(PathBuf, Standing)> {
    ["/etc", "/", "/var/lib", "/var", "/"].map(|path| (path.into(), directory(0, 0, 0o755))).into()
}

/// A machine that remgate was just copied to.
fn bare() -> Ground {
    Ground {
        group: None,
        above: above(),
        rules: Missing,
        home: Missing,
        inbox: Missing,
        shards: shards_like(&Missing),
        accounts: Vec::new(),
        approvers: Presence::Missing,
    }
}

/// The same after `--apply`.
fn ready() -> Ground {
    Ground {
        group: Some(GID),
        above: above(),
        rules: directory(0, 0, 0o755),
        home: directory(0, 0, 0o755),
        inbox: directory(0, GID, 0o750),
        shards: shards_like(&directory(0, GID, 0o3770)),
        accounts: Vec::new(),
        approvers: Presence::Present,
    }
}

fn to_do(ground: &Ground) -> Vec<String> {
    plan(ground).into_iter().filter(|step| step.state == State::ToDo).map(|step| step.command).collect()
}

/// What is to do where the ready ground was spoiled.
fn mended(spoil: impl FnOnce(&mut Ground)) -> Vec<String> {
    let mut ground = ready();
    spoil(&mut ground);
    to_do(&ground)
}

#[test]
#[cfg(not(target_os = "macos"))]
fn a_bare_machine_takes_five_commands() {
    let shards = "{{0..9},{a..h},j,k,m,n,{p..t},{v..z}}".repeat(2);
    let wanted = [
        "groupadd --system remgate".to_owned(),
        "install -d -o root -g root -m 0755 /etc/remgate".to_owned(),
        "install -d -o root -g root -m 0755 /var/lib/remgate".to_owned(),
        "install -d -o root -g remgate -m 0750 /var/lib/remgate/requests".to_owned(),
        format!("install -d -o root -g remgate -m 3770 /var/lib/remgate/requests/{shards}"),
    ];
    assert_eq!(to_do(&bare()), wanted);
    // The same five, done.
    let done = plan(&ready());
    assert!(done.iter().all(|step| step.state == State::Done), "{done:#?}");
    assert_eq!(done.into_iter().map(|step| step.command).collect::<Vec<_>>(), wanted);
}

#[test]
#[cfg(not(target_os = "macos"))]
fn what_is_there_and_wrong_has_a_step_of_its_own() {
    let at = |owner, group, mode| directory(owner, group, mode);
    assert_eq!(mended(|it| it.rules = at(5, 0, 0o755)), ["chown root:root /etc/remgate"]);
    assert_eq!(mended(|it| it.rules = at(0, 5, 0o775)), ["chmod 0755 /etc/remgate"]);
    assert_eq!(mended(|it| it.rules = at(0, 5, 0o755)), [""; 0]);
    assert_eq!(
        mended(|it| it.home = at(5, 5, 0o777)),
        ["chown root:root /var/lib/remgate", "chmod 0755 /var/lib/remgate"]
    );
    assert_eq!(mended(|it| it.inbox = at(0, 0, 0o750)), ["chown root:remgate /var/lib/remgate/requests"]);
    assert_eq!(mended(|it| it.inbox = at(0, GID, 0o770)), ["chmod 0750 /var/lib/remgate/requests"]);
    assert_eq!(mended(|it| it.inbox = at(0, GID, 0o1750)), ["chmod 0750 /var/lib/remgate/requests"]);
    // A chmod that would not change it must not be told to: install and chmod leave set-group-ID on directories.
    assert_eq!(mended(|it| it.inbox = at(0, GID, 0o2750)), [""; 0]);
    assert_eq!(mended(|it| it.shards[3].1 = at(0, GID, 0o2770)), ["chmod 3770 /var/lib/remgate/requests/03"]);
    let spoil = |it: &mut Ground| {
        it.shards[0].1 = at(7, GID, 0o3770);
        it.shards[1].1 = at(0, 7, 0o1770);
        it.shards[1023].1 = Missing;
    };
    let wanted = [
        "install -d -o root -g remgate -m 3770 /var/lib/remgate/requests/zz",
        "chown root:remgate /var/lib/remgate/requests/{00,01}",
        "chmod 3770 /var/lib/remgate/requests/01",
    ];
    assert_eq!(mended(spoil), wanted);
    // A group made anew has another number: everything is given to it.
    assert_eq!(mended(|it| it.group = Some(GID + 1)).len(), 2);
}

#[test]
fn what_stands_in_the_way_is_left_to_humans() {
    let link = There(Attributes {
        owner: 0,
        group: GID,
        mode: 0o777,
        link: Presence::Present,
        directory: Presence::Missing,
    });
    let blocked = |spoil: &dyn Fn(&mut Ground)| {
        let mut ground = ready();
        spoil(&mut ground);
        let steps = plan(&ground).into_iter().filter(|step| step.state != State::Done);
        let notes: Vec<_> =
            steps.map(|step| (step.state.word(), step.state.note().map(str::to_owned))).collect();
        let [(word, Some(note))] = notes.as_slice() else { panic!("not one step: {notes:?}") };
        format!("{word}: {note}")
    };
    let above = |standing: Standing| move |it: &mut Ground| it.above[2].1 = standing.clone();
    assert_eq!(blocked(&|it| it.rules = link.clone()), "blocked: `/etc/remgate` is a symbolic link");
    assert_eq!(
        blocked(&|it| it.shards[9].1 = link.clone()),
        "blocked: `/var/lib/remgate/requests/09` is no directory"
    );
    assert_eq!(blocked(&above(directory(5, 0, 0o755))), "blocked: /var/lib belongs to uid 5");
    assert_eq!(
        blocked(&above(directory(0, 5, 0o775))),
        "blocked: others than root can write /var/lib (mode 0775)"
    );
    assert_eq!(blocked(&above(Missing)), "blocked: /var/lib does not exist");
    let hidden = Hidden { cause: "permission denied".to_owned() };
    assert_eq!(blocked(&above(hidden.clone())), "blocked: /var/lib cannot be looked at: permission denied");
    assert_eq!(blocked(&|it| it.shards = shards_like(&hidden)), "unseen: permission denied");
    assert_eq!(blocked(&|it| it.inbox = hidden.clone()), "unseen: permission denied");
    // A sticky directory's names are safe.
    assert_eq!(mended(|it| it.above[2].1 = directory(0, 0, 0o1777)), [""; 0]);
}

#[test]
#[cfg(not(target_os = "macos"))]
fn members_are_named_or_advised() {
    let account = |name: &str, member| Account { name: name.to_owned(), member };
    let accounts = vec![
        account("anna", Presence::Missing),
        account("bert x", Presence::Missing),
        account("carl", Presence::Present),
    ];
    let ground = Ground { accounts, ..ready() };
    assert_eq!(to_do(&ground), ["usermod -aG remgate anna", "usermod -aG remgate 'bert x'"]);
    assert_eq!(advice(&ground), []);
    let advised: Vec<String> = advice(&bare()).into_iter().map(|step| step.command).collect();
    assert_eq!(advised, ["usermod -aG remgate USER", "remgate approver add NAME --key FILE.pub --system"]);
}

#[test]
fn the_braces_name_every_shard_once() {
    let text = format!(
        "printf '%s\\n' {}",
        paths(&inbox::shards().collect::<Vec<_>>().iter().map(String::as_str).collect::<Vec<_>>())
    );
    // The steps' own bash says what it makes of them.
    let place = tempfile::tempdir().unwrap();
    let file = place.path().join("names");
    crate::run::step(&format!("{text} > '{}'", file.display())).unwrap();
    let expanded = std::fs::read_to_string(file).unwrap();
    let wanted: Vec<String> = inbox::shards().map(|name| format!("{}/{name}", inbox::SHARED)).collect();
    assert_eq!(expanded.lines().collect::<Vec<_>>(), wanted);
    assert_eq!(wanted.len(), 1024);
}

#[test]
fn an_account_that_does_not_exist_is_no_member() {
    let error = Ground::look(&["no-such-account".to_owned()]).unwrap_err();
    assert_eq!(error, GroundError::NoAccount("no-such-account".to_owned()));
    Ground::look(&["root".to_owned()]).unwrap();
}
