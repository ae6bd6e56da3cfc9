//! Which file it is, in which state.
//!
//! In: what `stat` reports. Out: an [`Identity`]. Never: a name; those lead to other files later.

use rustix::fs::Stat;

/// What tells one state of one file from every other, as far as `stat` can.
///
/// The change time cannot be set by an unprivileged process, so a rewrite shows even when the modification time was
/// put back. Residual: kernels before 6.13 stamp files by the tick (1-10 ms), so two writes of the same length
/// within one tick look alike.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Identity {
    /// Device number.
    pub dev: u64,
    /// Inode number.
    pub ino: u64,
    /// Length in bytes.
    pub size: u64,
    /// Modification time, nanoseconds since 1970.
    pub mtime_ns: i64,
    /// Change time (content, mode, owner, links), nanoseconds since 1970.
    pub ctime_ns: i64,
}

impl Identity {
    /// The identity that `stat` reports.
    // The fields of `struct stat` have other integer types on other targets; here some casts change nothing.
    #[cfg_attr(
        all(target_os = "linux", target_arch = "x86_64"),
        expect(clippy::unnecessary_cast, reason = "field types differ between targets")
    )]
    pub(super) fn of(stat: &Stat) -> Self {
        let nanoseconds =
            |seconds: i64, rest: i64| seconds.saturating_mul(1_000_000_000).saturating_add(rest);
        Self {
            dev: stat.st_dev as u64,
            ino: stat.st_ino as u64,
            size: u64::try_from(stat.st_size).unwrap_or(0),
            mtime_ns: nanoseconds(stat.st_mtime as i64, stat.st_mtime_nsec as i64),
            ctime_ns: nanoseconds(stat.st_ctime as i64, stat.st_ctime_nsec as i64),
        }
    }
}
