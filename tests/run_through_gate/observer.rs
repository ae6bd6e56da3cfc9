//! A command that writes down the signals it gets, in order, and who it is.

use std::ffi::OsString;
use std::fs::File;
use std::io::Write;
use std::process::ExitCode;

/// What it answers when no further signal came.
pub(crate) const CODE: i32 = 7;

/// `FILE`: writes its PID on the first line, then the number of each signal on a line of its own. Ends 400 ms after
/// the last signal, or after 10 s without any.
pub(crate) fn main(words: &[OsString]) -> ExitCode {
    // SAFETY: plain signal-set calls on initialised memory, in a process with one thread.
    let all = unsafe {
        let mut all: libc::sigset_t = std::mem::zeroed();
        libc::sigfillset(&raw mut all);
        libc::sigprocmask(libc::SIG_BLOCK, &raw const all, std::ptr::null_mut());
        all
    };
    // Written beside and renamed, so that whoever sees the file sees the PID too.
    let draft = format!("{}.draft", words[0].to_str().unwrap());
    let mut file = File::create(&draft).unwrap();
    writeln!(file, "{}", std::process::id()).unwrap();
    std::fs::rename(draft, &words[0]).unwrap();
    let mut patience = libc::timespec { tv_sec: 10, tv_nsec: 0 };
    loop {
        // SAFETY: as above; no siginfo is asked for.
        let signal = unsafe { libc::sigtimedwait(&raw const all, std::ptr::null_mut(), &raw const patience) };
        match (signal, std::io::Error::last_os_error().raw_os_error()) {
            (-1, Some(libc::EINTR)) => {}
            (-1, _) => return ExitCode::from(u8::try_from(CODE).unwrap()),
            (signal, _) => {
                writeln!(file, "{signal}").unwrap();
                patience = libc::timespec { tv_sec: 0, tv_nsec: 400_000_000 };
            }
        }
    }
}
