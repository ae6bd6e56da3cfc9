//! Requests and votes as arguments: an id, a text, a file, `-`.

use super::Unshown;
use crate::house::House;
use crate::inbox::Inbox;
use crate::journal::ActionId;
use crate::quorum::Vote;
use crate::report::sanitize;
use crate::request::{Parcel, Request, unpack};
use crate::stop::{OWN_FAILURE, Stop, USAGE};
use anyhow::Context;
use std::io::Read;

/// No text that carries something is longer, in bytes.
const LONGEST: u64 = 1024 * 1024;

/// Where a request was found.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Whence {
    /// In the inbox of this machine, by its id: votes go there.
    Inbox,
    /// In a text, and in the inbox as well: votes go there, and travel back as a text.
    Both,
    /// In a text: votes travel back as one.
    Text,
}

impl Whence {
    /// Whether it lies in the inbox of this machine.
    pub(super) fn is_here(self) -> bool {
        match self {
            Whence::Inbox | Whence::Both => true,
            Whence::Text => false,
        }
    }

    /// Whether a text is what was given, and what is answered.
    pub(super) fn is_text(self) -> bool {
        match self {
            Whence::Inbox => false,
            Whence::Both | Whence::Text => true,
        }
    }
}

/// The request that an argument means.
pub(super) fn request(argument: &str, inbox: &dyn Inbox) -> Result<(Request, Whence), Unshown> {
    if let Some(id) = ActionId::parse(argument) {
        return Ok((stored(&id, inbox)?, Whence::Inbox));
    }
    if !argument.starts_with("remgate-") && argument != "-" && !std::path::Path::new(argument).exists() {
        let text = format!("`{}` is no id of a request", sanitize::text(argument));
        return Err(Unshown::Usage(text, vec!["`remgate pending` lists them".to_owned()]));
    }
    let request = match unpack(&text_of(argument)?) {
        Ok(Parcel::Request(request)) => *request,
        Ok(Parcel::Vote(id, _)) => {
            let help = vec![format!("`remgate request import` takes a vote (this one is on {id})")];
            return Err(Unshown::Usage("it is a vote and no request".to_owned(), help));
        }
        Err(error) => return Err(no_parcel(&error)),
    };
    // The same request may lie here as well; another one under its id is somebody's trick.
    let whence = match inbox.request(request.id()).map_err(Stop::from)? {
        Some(here) if here == request.bytes() => Whence::Both,
        Some(_) => {
            let text = format!("the text and the inbox hold different requests under id {}", request.id());
            return Err(Unshown::Other(anyhow::anyhow!("{text}; nothing was signed"), OWN_FAILURE));
        }
        None => Whence::Text,
    };
    Ok((request, whence))
}

/// The request of an id.
pub(super) fn stored(id: &ActionId, inbox: &dyn Inbox) -> Result<Request, Unshown> {
    let bytes = inbox.request(id).map_err(Stop::from)?;
    let Some(bytes) = bytes else {
        let text = format!("there is no request {id} in `{}`", sanitize::text(inbox.place()));
        let help = vec!["`remgate pending --all` lists them; one from elsewhere travels as a text: `remgate request export`".to_owned()];
        return Err(Unshown::Usage(text, help));
    };
    let request = Request::parse(bytes).map_err(|error| Stop::Request(id.clone(), error))?;
    if request.id() != id {
        return Err(Stop::Request(id.clone(), crate::request::RequestError::Field("id")).into());
    }
    Ok(request)
}

/// A vote, and the request it is on where it says so; a bare signature does not.
pub(super) fn vote(argument: &str) -> Result<(Option<ActionId>, Vec<u8>), Unshown> {
    let text = text_of(argument)?;
    let (id, bytes) = match unpack(&text) {
        Ok(Parcel::Vote(id, bytes)) => (Some(id), bytes),
        Ok(Parcel::Request(_)) => {
            let help = vec!["`remgate approve -` takes a request, and answers with an approval".to_owned()];
            return Err(Unshown::Usage("it is a request and no vote".to_owned(), help));
        }
        Err(error) => match Vote::parse(text.as_bytes()) {
            Ok(_) => (None, text.into_bytes()),
            Err(_) => return Err(no_parcel(&error)),
        },
    };
    if let Err(error) = Vote::parse(&bytes) {
        return Err(Unshown::Usage(format!("it holds no vote: {error}"), Vec::new()));
    }
    Ok((id, bytes))
}

/// Adds votes on the request `id` to the inbox.
pub(super) fn deliver(
    votes: &[(Option<ActionId>, Vec<u8>)],
    id: &ActionId,
    inbox: &dyn Inbox,
) -> Result<(), Unshown> {
    for (on, vote) in votes {
        if let Some(on) = on.as_ref().filter(|on| *on != id) {
            let text = format!("the approval is on request {on}, and this is {id}");
            return Err(Unshown::Usage(text, Vec::new()));
        }
        inbox.vote(id, vote).map_err(Stop::from)?;
    }
    Ok(())
}

/// The inbox of this house.
pub(super) fn inbox(house: &House) -> Result<Box<dyn Inbox>, Unshown> {
    Ok(house.inbox().map_err(Stop::from)?)
}

fn no_parcel(error: &crate::request::ParcelError) -> Unshown {
    Unshown::Usage(format!("the text cannot be used: {error}"), vec!["copy the whole text".to_owned()])
}

/// The text itself, or what a file or standard input holds.
pub(super) fn text_of(argument: &str) -> Result<String, Unshown> {
    if argument.starts_with("remgate-") {
        return Ok(argument.to_owned());
    }
    let (what, read): (String, std::io::Result<Box<dyn Read>>) = match argument {
        "-" => ("standard input".to_owned(), Ok(Box::new(std::io::stdin().lock()))),
        path => (
            format!("`{}`", sanitize::text(path)),
            std::fs::File::open(path).map(|file| Box::new(file) as Box<dyn Read>),
        ),
    };
    let mut text = String::new();
    read.and_then(|read| read.take(LONGEST).read_to_string(&mut text))
        .with_context(|| format!("cannot read {what}"))
        .map_err(|error| Unshown::Other(error, USAGE))?;
    Ok(text)
}
