//! Requests and votes as texts that travel: by chat, by mail, as a QR code.
//!
//! In: stored bytes. Out: `remgate-request-1:...` or `remgate-vote-1:ID:...`, compressed and in letters that no chat
//! changes; and back, the same bytes. Never: trust - who opens a parcel verifies what is in it - and never more than
//! [`MAX_BYTES`](super::MAX_BYTES) out of a small text.

use super::{MAX_BYTES, Request};
use crate::journal::ActionId;
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;

const REQUEST: &str = "remgate-request-1:";
const VOTE: &str = "remgate-vote-1:";

/// How hard the compressor tries, of 10.
const EFFORT: u8 = 9;

/// What a text carries.
#[derive(Clone, Debug, PartialEq)]
pub enum Parcel {
    /// A request.
    Request(Box<Request>),
    /// A vote on the request of this id, as it is stored.
    Vote(ActionId, Vec<u8>),
}

/// Why a text carries nothing.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum ParcelError {
    /// Something else altogether.
    #[error("it is neither a request nor a vote; those begin with `{REQUEST}` and `{VOTE}`")]
    Unknown,
    /// Cut or changed on its way.
    #[error("it was cut or changed on its way")]
    Damaged,
    /// Whole, and no request.
    #[error(transparent)]
    Request(#[from] super::RequestError),
}

/// A request as a text.
#[must_use]
pub fn pack_request(request: &Request) -> String {
    format!("{REQUEST}{}", packed(request.bytes()))
}

/// A vote as a text.
#[must_use]
pub fn pack_vote(id: &ActionId, vote: &[u8]) -> String {
    format!("{VOTE}{id}:{}", packed(vote))
}

fn packed(bytes: &[u8]) -> String {
    URL_SAFE_NO_PAD.encode(miniz_oxide::deflate::compress_to_vec(bytes, EFFORT))
}

/// What a text carries. Line breaks and blanks that a chat put into it do not matter.
///
/// # Errors
/// [`ParcelError`].
pub fn unpack(text: &str) -> Result<Parcel, ParcelError> {
    let text: String = text.chars().filter(|c| !c.is_whitespace()).collect();
    if let Some(packed) = text.strip_prefix(REQUEST) {
        return Ok(Parcel::Request(Box::new(Request::parse(unpacked(packed)?)?)));
    }
    let rest = text.strip_prefix(VOTE).ok_or(ParcelError::Unknown)?;
    let (id, packed) = rest.split_once(':').ok_or(ParcelError::Damaged)?;
    let id = ActionId::parse(id).ok_or(ParcelError::Damaged)?;
    Ok(Parcel::Vote(id, unpacked(packed)?))
}

fn unpacked(packed: &str) -> Result<Vec<u8>, ParcelError> {
    let bytes = URL_SAFE_NO_PAD.decode(packed).map_err(|_| ParcelError::Damaged)?;
    // The limit is the library's own, so that a kilobyte cannot become a gigabyte.
    miniz_oxide::inflate::decompress_to_vec_with_limit(&bytes, MAX_BYTES).map_err(|_| ParcelError::Damaged)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::request::tests::request;

    #[test]
    fn what_is_packed_comes_out_byte_for_byte() {
        let request = request();
        let text = pack_request(&request);
        assert!(text.len() < request.bytes().len(), "{} of {}", text.len(), request.bytes().len());
        let folded: String = text
            .as_bytes()
            .chunks(40)
            .map(|part| format!("{}\r\n ", std::str::from_utf8(part).unwrap()))
            .collect();
        let Ok(Parcel::Request(back)) = unpack(&folded) else { panic!("{folded}") };
        assert_eq!(back.bytes(), request.bytes());
        let vote = b"-----BEGIN SSH SIGNATURE-----\nabc\n".to_vec();
        let text = pack_vote(request.id(), &vote);
        assert_eq!(unpack(&text), Ok(Parcel::Vote(request.id().clone(), vote)));
    }

    #[test]
    fn what_was_changed_on_its_way_is_refused() {
        let text = pack_request(&request());
        for at in (REQUEST.len()..text.len()).step_by(7) {
            let mut bytes = text.clone().into_bytes();
            bytes[at] = if bytes[at] == b'A' { b'B' } else { b'A' };
            let changed = String::from_utf8(bytes).unwrap();
            if let Ok(Parcel::Request(other)) = unpack(&changed) {
                assert_ne!(other.sha256(), request().sha256(), "at {at}");
            }
            let cut: String = text.chars().take(at).collect();
            assert!(unpack(&cut).is_err(), "cut at {at}");
        }
        let bomb = format!("{REQUEST}{}", packed(&vec![b'a'; MAX_BYTES + 1]));
        assert!(bomb.len() < 1000);
        assert_eq!(unpack(&bomb), Err(ParcelError::Damaged));
        assert_eq!(unpack("kubectl delete ns prod"), Err(ParcelError::Unknown));
    }
}
