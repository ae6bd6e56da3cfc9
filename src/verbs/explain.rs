//! `remgate explain`: judges and shows; runs and records nothing.

use super::many::{Court, each_line};
use super::{Form, Unshown, columns, explained, look_of_stdout};
use crate::actor::{self, Observation};
use crate::case::{Advice, hold};
use crate::cli::Explain;
use crate::command::Action;
use crate::house::House;
use crate::judge::named;
use crate::report::{Out, explain as page, judgement};
use crate::stop::{Stop, USAGE};
use serde_json::{Map, Value};
use std::io::BufRead;

pub(super) fn explain(options: &Explain) -> Result<u8, Unshown> {
    if options.jsonl {
        return each(std::io::stdin().lock());
    }
    let form = if options.json { Form::Json } else { Form::Text };
    show(&explained(options)?, form)
}

/// Shows how an action would be judged.
pub(super) fn show(action: &Action, form: Form) -> Result<u8, Unshown> {
    let house = House::look().map_err(Stop::from)?;
    let law = house.law_for(named(action, &house.caller())).map_err(Stop::from)?;
    let detected = actor::detect(&Observation::of_this_process());
    let judged = hold(action, &law.book, &house, &detected.actor, Advice::Wanted);
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

/// Explains every line of the input, each with one line. A line that names no command is answered with its error, and
/// the exit code says so in the end.
fn each(input: impl BufRead) -> Result<u8, Unshown> {
    let court = Court::open()?;
    let mut out = Out::stdout();
    let mut code = 0;
    each_line(input, |line| {
        let mut object = Map::from_iter([("line".to_owned(), line.number.into())]);
        object.extend(line.id.map(|id| ("id".to_owned(), id)));
        match line.action {
            Ok(action) => object.extend(judgement::to_json(&court.judge(&action, Advice::Wanted))),
            Err(error) => {
                code = USAGE;
                object.insert("error".to_owned(), error.into());
            }
        }
        Ok(out.line(Value::Object(object))?)
    })?;
    out.finish()?;
    Ok(code)
}
