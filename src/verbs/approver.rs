//! `remgate approver`: who may approve.

use super::{Form, Unshown};
use crate::actor;
use crate::cli::{Approver, ApproverAdd, ApproverRemove};
use crate::clock;
use crate::house::House;
use crate::quorum::{
    self, APPROVERS, Addition, EditError, Key, KeyError, KeyId, Place, RosterError, SaveError, Saving, Texts,
};
use crate::report::{Out, approvers as page, sanitize};
use crate::rules::Layer;
use crate::stop::{BAD_RULES, OWN_FAILURE, Stop};
use std::io::Read as _;
use std::path::Path;

/// Bytes of a public key's file that are read: the largest key accepted has 700.
const KEY_BYTES: u64 = 16 * 1024;

pub(super) fn approver(verb: &Approver) -> Result<u8, Unshown> {
    let house = House::look().map_err(Stop::from)?;
    let form = |json: bool| if json { Form::Json } else { Form::Text };
    match verb {
        Approver::Add(options) => add(options, &house),
        Approver::Remove(options) => remove(options, &house),
        Approver::List { json } => list(&house, form(*json)),
        Approver::Check { json } => check(&house, form(*json)),
    }
}

fn list(house: &House, form: Form) -> Result<u8, Unshown> {
    let roster = quorum::roster(&house.places).map_err(broken)?;
    let mut out = Out::stdout();
    match (&roster, form) {
        (Some(roster), Form::Text) => out.line(page::table(roster, clock::now()).trim_end())?,
        (Some(roster), Form::Json) => out.line(page::list_json(roster, clock::now()))?,
        (None, Form::Text) => out.line("nobody is listed; `remgate approver add` begins a list")?,
        (None, Form::Json) => {
            out.line(serde_json::json!({ "directory": null, "layer": null, "people": [], "groups": {} }))?;
        }
    }
    out.finish()?;
    Ok(0)
}

fn check(house: &House, form: Form) -> Result<u8, Unshown> {
    let uid = rustix::process::geteuid().as_raw();
    let account =
        actor::account_of_the_gate().map_or_else(|| format!("uid {uid}"), |account| account.name.clone());
    let survey = quorum::survey(&house.places, &account, uid, clock::now());
    let mut out = Out::stdout();
    match form {
        Form::Text => out.line(page::survey(&survey).trim_end())?,
        Form::Json => out.line(page::survey_json(&survey))?,
    }
    out.finish()?;
    Ok(if survey.problems.is_empty() { 0 } else { BAD_RULES })
}

fn add(options: &ApproverAdd, house: &House) -> Result<u8, Unshown> {
    let (key, comment) = key(&options.key)?;
    if let Some(before) = options.valid_before.filter(|before| *before <= clock::now()) {
        return Err(usage(
            format!("{before} is past, so the key would never count; nothing was written"),
            "",
        ));
    }
    let place = place(house, if options.system { Layer::System } else { Layer::User })?;
    let addition = Addition {
        person: options.name.clone(),
        key,
        comment,
        groups: options.group.clone(),
        before: options.valid_before,
    };
    let edited = || quorum::add(&stored(&place)?, &place, &addition).map_err(unedited);
    // Tried before a directory is made for it, and done while nobody else edits.
    edited()?;
    let saving = Saving::begin(&place).map_err(unsaved)?;
    let added = edited()?;
    saving.added(&added.texts).map_err(unsaved)?;
    let mut out = Out::stdout();
    let (id, kind) = (addition.key.id(), addition.key.kind());
    out.line(format!("listed: {} with {id} ({kind})", addition.person))?;
    for group in &addition.groups {
        let new = if added.new_groups.contains(group) { " (a new group)" } else { "" };
        out.line(format!("in the group {group}{new}"))?;
    }
    out.line(format!("from {}", page::path(&place)))?;
    out.finish()?;
    Ok(0)
}

fn remove(options: &ApproverRemove, house: &House) -> Result<u8, Unshown> {
    let key = options.key.as_deref().map(|text| {
        let wrong = || {
            usage(
                format!("`{}` is no fingerprint; nothing was written", sanitize::text(text)),
                "like SHA256:... in `remgate approver list`",
            )
        };
        KeyId::parse(text).ok_or_else(wrong)
    });
    let key = key.transpose()?;
    let place = place(house, if options.system { Layer::System } else { Layer::User })?;
    if !place.directory.exists() {
        return Err(unedited(EditError::Nobody(options.name.clone())));
    }
    let saving = Saving::begin(&place).map_err(unsaved)?;
    let removed = quorum::remove(&stored(&place)?, &place, &options.name, key.as_ref()).map_err(unedited)?;
    saving.removed(&removed.texts).map_err(unsaved)?;
    let mut out = Out::stdout();
    let name = &options.name;
    for key in &removed.keys {
        out.line(format!("removed: {name}'s key {key}"))?;
    }
    for group in &removed.groups {
        out.line(format!("out of the group {group}"))?;
    }
    out.line(match removed.left {
        0 => format!("{name} is no longer listed; pending approvals of {name} no longer count"),
        1 => format!("pending approvals with it no longer count; {name} has 1 key left"),
        left => format!("pending approvals with it no longer count; {name} has {left} keys left"),
    })?;
    out.finish()?;
    Ok(0)
}

/// Which list is edited: never one that does not count because another does.
fn place(house: &House, layer: Layer) -> Result<Place, Unshown> {
    let places = quorum::places(&house.places);
    let has_list = |place: &&Place| crate::house::exists(&place.file(APPROVERS));
    if layer == Layer::System {
        let system = places.into_iter().find(|place| place.layer == Layer::System);
        return system.ok_or_else(|| usage("there is no place for a system list".to_owned(), ""));
    }
    if let Some(system) = places.iter().find(|place| place.layer == Layer::System).filter(has_list) {
        let list = system.file(APPROVERS);
        let text = format!(
            "`{}` counts alone, so another list would mean nothing; nothing was written",
            list.display()
        );
        return Err(usage(text, "--system edits it, as root"));
    }
    // The one in force; else where `rules init` begins, too.
    let own: Vec<Place> = places.into_iter().filter(|place| place.layer != Layer::System).collect();
    let place = own.iter().find(has_list).or(own.last());
    place.cloned().ok_or_else(|| {
        usage("no home directory is known; nothing was written".to_owned(), "--system needs none")
    })
}

/// What the place says now. Groups that were there without a list are kept.
fn stored(place: &Place) -> Result<Texts, Unshown> {
    let [approvers, groups, revoked] =
        quorum::files(place).map_err(|error| broken(error.into()))?.map(Option::unwrap_or_default);
    Ok(Texts { approvers, groups, revoked })
}

/// A public key and what stands behind it, from a file or from the option itself.
fn key(text: &str) -> Result<(Key, String), Unshown> {
    let typed = text.split_whitespace().nth(1).is_some_and(|word| word.starts_with("AAAA"));
    let text = if typed { text.to_owned() } else { key_file(Path::new(text))? };
    if text.contains("PRIVATE KEY") {
        let help = "give the public half, FILE.pub; the private half never leaves its owner";
        return Err(usage("this is a private key; nothing was written".to_owned(), help));
    }
    let lines: Vec<&str> = text.lines().filter(|line| !line.trim().is_empty()).collect();
    let [line] = lines.as_slice() else { return Err(wrong_key(&KeyError::Malformed)) };
    let mut words = line.split_whitespace();
    let (said, base64) = (words.next().unwrap_or_default(), words.next().unwrap_or_default());
    let key = Key::parse(said, base64);
    let comment = words.collect::<Vec<_>>().join(" ").chars().filter(|c| !c.is_control()).collect();
    key.map(|key| (key, comment)).map_err(|error| wrong_key(&error))
}

fn key_file(path: &Path) -> Result<String, Unshown> {
    let mut text = String::new();
    let read = std::fs::File::open(path).and_then(|file| file.take(KEY_BYTES).read_to_string(&mut text));
    read.map(|_| text).map_err(|error| {
        let text = format!("cannot read the key `{}`: {error}; nothing was written", path.display());
        usage(sanitize::text(text), "--key FILE.pub, or --key 'ssh-ed25519 AAAA...'")
    })
}

fn wrong_key(error: &KeyError) -> Unshown {
    usage(format!("{}; nothing was written", sanitize::text(error.to_string())), "")
}

fn usage(text: String, help: &str) -> Unshown {
    Unshown::Usage(text, Some(help).filter(|help| !help.is_empty()).map(str::to_owned).into_iter().collect())
}

fn broken(error: RosterError) -> Unshown {
    Unshown::Other(anyhow::anyhow!("{}", sanitize::text(error.to_string())), BAD_RULES)
}

fn unedited(error: EditError) -> Unshown {
    match error {
        EditError::Broken(error) => broken(error),
        EditError::ByHand(_) => Unshown::Other(error.into(), OWN_FAILURE),
        EditError::Invalid(_)
        | EditError::There { .. }
        | EditError::Revoked(_)
        | EditError::Nobody(_)
        | EditError::NoKey { .. } => usage(sanitize::text(error.to_string()), ""),
    }
}

fn unsaved(error: SaveError) -> Unshown {
    Unshown::Other(anyhow::anyhow!("{}", sanitize::text(error.to_string())), OWN_FAILURE)
}
