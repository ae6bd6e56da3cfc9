//! `remgate doctor`: how far this installation enforces, and what is wrong with it.

use super::{Form, Unshown, look_of_stdout};
use crate::actor::{self, Observation};
use crate::cli::Output;
use crate::doctor::{self, Asked, Finding, Level, Standing, Trust};
use crate::house::House;
use crate::layers;
use crate::packs;
use crate::report::{Look, Out, sanitize};
use crate::rules::Layer;
use crate::stop::Stop;
use serde_json::{Value, json};
use std::path::{Path, PathBuf};

pub(super) fn doctor(output: Output) -> Result<u8, Unshown> {
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
    };
    let installation = doctor::look(asked);
    let findings = doctor::examine(&installation);
    let mut out = Out::stdout();
    match Form::of(output) {
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
