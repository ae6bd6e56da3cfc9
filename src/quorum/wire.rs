//! The strings of SSH's wire format (RFC 4251, section 5): four bytes of length, then as many bytes.
//!
//! In: bytes of a stranger. Out: the next piece, or nothing. Never: a byte that is not there.

/// The next string of `rest`.
pub(super) fn string<'a>(rest: &mut &'a [u8]) -> Option<&'a [u8]> {
    let length = usize::try_from(number(rest)?).ok()?;
    let (piece, later) = rest.split_at_checked(length)?;
    *rest = later;
    Some(piece)
}

/// The next four bytes of `rest` as a number.
pub(super) fn number(rest: &mut &[u8]) -> Option<u32> {
    let (bytes, later) = rest.split_first_chunk::<4>()?;
    *rest = later;
    Some(u32::from_be_bytes(*bytes))
}
