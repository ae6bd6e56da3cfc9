//! What comes out of an inbox or a chat: requests, votes, parcels, signatures. Reading them never panics, keeps their bytes,
//! and no accident of bytes is a signature.
#![no_main]

use libfuzzer_sys::fuzz_target;
use remgate::quorum::{Vote, check};
use remgate::report::{Asking, Question};
use remgate::request::{Parcel, Request, pack_request, unpack};

fuzz_target!(|bytes: &[u8]| {
    if let Ok(request) = Request::parse(bytes.to_vec()) {
        assert_eq!(request.bytes(), bytes);
        let Ok(Parcel::Request(back)) = unpack(&pack_request(&request)) else { panic!("a request does not travel") };
        assert_eq!(back.bytes(), bytes);
        let _ = Question::of_request(request.fields(), Asking::Reject);
    }
    if let Ok(vote) = Vote::parse(bytes) {
        assert_eq!(vote.to_text().as_bytes(), bytes);
    }
    assert!(check(bytes, b"a request that nobody signed\n").is_err());
    let _ = unpack(&String::from_utf8_lossy(bytes));
});
