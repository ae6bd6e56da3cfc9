//! `remgate explain`: judges and shows; runs and records nothing.

use super::{Form, Unshown, columns, explained, look_of_stdout};
use crate::actor::{self, Observation};
use crate::cli::Explain;
use crate::command::Action;
use crate::house::House;
use crate::judge::named;
use crate::report::{Out, explain as page, judgement};
use crate::stop::Stop;
use serde_json::Value;

pub(super) fn explain(options: &Explain) -> Result<u8, Unshown> {
    let form = if options.json { Form::Json } else { Form::Text };
    show(&explained(options)?, form)
}

/// Shows how an action would be judged.
pub(super) fn show(action: &Action, form: Form) -> Result<u8, Unshown> {
    let house = House::look().map_err(Stop::from)?;
    let law = house.law_for(named(action, &house.caller())).map_err(Stop::from)?;
    let detected = actor::detect(&Observation::of_this_process());
    let judged = crate::case::hold(action, &law, &house, &detected.actor);
    let mut out = Out::stdout();
    match form {
        Form::Json => {
            let mut object = judgement::to_json(&judged);
            object.extend(judgement::action_json(action));
            out.line(Value::Object(object))?;
        }
        Form::Text => out.line(page::draw(action, &judged, look_of_stdout(), columns()).trim_end())?,
    }
    out.finish()?;
    Ok(0)
}
