//! `remgate doctor`: how far this installation enforces, and what is wrong with it.

use super::{Form, Unshown, look_of_stdout};
use crate::actor::{self, Actor, Observation};
use crate::cli::{self, Output};
use crate::clock;
use crate::doctor::{
    self, Approvals, Approvers, Asked, Finding, Level, Listed, Mailbox, Own, Person, Standing, Trust,
};
use crate::house::House;
use crate::inbox::{self, InboxError};
use crate::layers;
use crate::packs;
use crate::quorum::{self, APPROVERS, GROUPS, Member, REVOKED, Requester, Roster};
use crate::report::{Look, Out, sanitize};
use crate::rules::Layer;
use crate::stop::Stop;
use serde_json::{Value, json};
use std::path::{Path, PathBuf};

pub(super) fn doctor(options: &cli::Doctor) -> Result<u8, Unshown> {
    let house = House::look().map_err(Stop::from)?;
    let detected = actor::detect(&Observation::of_this_process());
    let asked = Asked {
        env: &house.env,
        log: house.log().map_err(Stop::from)?,
        layers: layers(&house),
        actor: doctor::Actor {
            class: detected.actor.to_string(),
            evidence: detected.actor.evidence.clone(),
            mode: detected.mode.to_string(),
        },
        programs: packs::names().map(str::to_owned).collect(),
        approvals: approvals(&house, &detected.actor)?,
    };
    let installation = doctor::look(asked);
    let findings = doctor::examine(&installation);
    let mut out = Out::stdout();
    match Form::of(Output { json: options.json }) {
        Form::Json => out.line(json!({
            "enforcement": doctor::enforcement(&installation).to_string(),
            "findings": findings.iter().map(finding_json).collect::<Value>(),
        }))?,
        Form::Text => {
            for finding in &findings {
                out.line(finding_text(finding, look_of_stdout()))?;
            }
        }
    }
    out.finish()?;
    Ok(u8::from(doctor::worst(&findings) == Level::Fail))
}

fn finding_json(finding: &Finding) -> Value {
    json!({
        "level": finding.level.word(), "topic": finding.topic.word(), "text": finding.text, "help": finding.help,
    })
}

fn finding_text(finding: &Finding, look: Look) -> String {
    let level = format!("{:<5}", finding.level.word());
    let level = match finding.level {
        Level::Ok => look.good(&level),
        Level::Note => look.faint(&level),
        Level::Warn => look.strong(&level),
        Level::Fail => look.bad(&level),
    };
    let mut text = format!("{level} {:<12} {}", finding.topic.word(), sanitize::text(&finding.text));
    if let Some(help) = &finding.help {
        text.push_str(&format!("\n{:19}help: {}", "", sanitize::text(help)));
    }
    text
}

/// The layers as the loader sees them: one entry for each file, or for a place that holds none.
fn layers(house: &House) -> Vec<doctor::Layer> {
    let places = &house.places;
    let found = match layers::find(places) {
        Ok(found) => found,
        Err(error) => return refused(&places.system, &error.to_string()),
    };
    let proven = house.law(&[]).err().map(|error| error.to_string());
    let trust = |layer: Layer| match &proven {
        Some(why) if layer != Layer::BuiltIn => Trust::Refused { why: why.clone() },
        Some(_) | None => Trust::Trusted,
    };
    let mut shown: Vec<doctor::Layer> =
        found.iter().map(|file| entry(&file.layer().to_string(), file.path(), trust(file.layer()))).collect();
    let missing = [(Layer::System, Some(places.system.clone())), (Layer::User, places.user.clone())];
    for (layer, path) in missing {
        if let (Some(path), false) = (path, found.iter().any(|file| file.layer() == layer)) {
            shown.push(entry(&layer.to_string(), &path, Trust::Missing));
        }
    }
    shown
}

fn entry(name: &str, path: &Path, trust: Trust) -> doctor::Layer {
    doctor::Layer { name: name.to_owned(), path: PathBuf::from(path), trust, standing: Standing::of(path) }
}

fn refused(path: &Path, why: &str) -> Vec<doctor::Layer> {
    vec![entry("rules", path, Trust::Refused { why: why.to_owned() })]
}

/// The list of approvers and the inbox, as those find them who ask and approve. Makes neither.
fn approvals(house: &House, actor: &Actor) -> Result<Approvals, Unshown> {
    let approvers = match quorum::roster(&house.places) {
        Ok(Some(roster)) => Approvers::Listed(listed(&roster, actor)),
        Ok(None) => {
            let places = quorum::places(&house.places);
            Approvers::Nowhere { looked: places.iter().map(|place| place.file(APPROVERS)).collect() }
        }
        Err(error) => Approvers::Broken { why: error.to_string() },
    };
    let own = house.state().map_err(Stop::from)?.join("requests");
    let shared = inbox::Directory::shared(Path::new(inbox::SHARED));
    let fit = shared.and_then(|shared| shared.map(|shared| shared.every_shard()).transpose());
    let mailbox = match fit {
        Ok(Some(())) => Mailbox::Shared(inbox::SHARED.into()),
        Ok(None) => Mailbox::Own(own),
        Err(error) => unusable(&error),
    };
    Ok(Approvals { approvers, mailbox })
}

fn unusable(error: &InboxError) -> Mailbox {
    Mailbox::Unusable { why: error.to_string(), help: error.help() }
}

fn listed(roster: &Roster, actor: &Actor) -> Listed {
    let place = roster.place();
    let files = [APPROVERS, GROUPS, REVOKED].map(|name| place.file(name));
    let parts = std::iter::once(place.directory.clone()).chain(files);
    let requester = Requester { kind: actor.kind, name: actor.name.clone(), account: actor.account.clone() };
    Listed {
        file: place.file(APPROVERS),
        parts: parts.map(|path| (path.clone(), Standing::behind(&path))).collect(),
        people: roster.people().iter().map(|member| person(member, &requester)).collect(),
        groups: roster.groups().iter().map(|(name, members)| (name.clone(), members.len())).collect(),
    }
}

fn person(member: &Member, requester: &Requester) -> Person {
    let now = clock::now();
    let counting: Vec<_> =
        member.keys.iter().filter(|listed| listed.counts(&member.name, now).is_ok()).collect();
    Person {
        name: member.name.clone(),
        keys: counting.len(),
        touch: counting.iter().filter(|listed| listed.key.kind().has_touch()).count(),
        own: if requester.is(&member.name) { Own::Yes } else { Own::No },
    }
}
