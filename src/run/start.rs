//! From the gate to the command: one new process, one `execve`.
//!
//! In: an executable, its arguments, what to change in the environment. Out: the child's PID, or why there is none.
//! Never: a start of a file in another state than the one that was found, and never a descriptor, signal mask or
//! disposition of the gate's own left behind in the child.
//!
//! Why not `duct` or `std::process::Command` for this one child (probes use `duct`): both rebuild the environment
//! (order and entries without `=` are lost), search the path again, and cannot start from a descriptor.
//! On Linux the child shares our memory until `execve` (as in `posix_spawn`), which spares copying page tables. Measured
//! around `true`, median of 400: 1.44 ms so, 1.57 ms with `fork`, and `env true` takes 1.31 ms.
//!
//! A native program that anybody but root could exchange is started from its descriptor: a swap of the name cannot
//! change what runs. One that only root could exchange is started by its name, because `ps`, `pgrep` and `killall`
//! see the last part of that name (from a descriptor they see the file behind a link, and before Linux 6.14 a bare
//! number). Scripts and everything else that an interpreter opens again can only be started by name; the state is
//! compared immediately before. Residual: between that comparison and the interpreter's own open lie some
//! microseconds in which whoever may write the directory can still exchange the file.

use super::Plan;
use super::executable::{Executable, Kind};
use super::identity::Identity;
use super::inherited::{self, Disposition};
use super::provenance::Custody;
use super::signals::Held;
use crate::bind::Handed;
use rustix::io::{Errno, FdFlags};
use rustix::process::Pid;
use std::collections::BTreeSet;
use std::ffi::{CStr, CString, OsStr, OsString, c_char, c_int};
use std::os::fd::{AsFd, BorrowedFd};
use std::os::unix::ffi::OsStrExt;
use std::ptr;
use std::sync::atomic::{AtomicI32, AtomicPtr, Ordering};

/// What `execvp` gives a text file to.
const SHELL: &CStr = c"/bin/sh";

/// Why there is no child.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum StartError {
    /// The file is not in the state in which it was found.
    Changed,
    /// An argument or a variable holds a NUL byte, which no program can be given.
    Nul,
    /// Standard input or a sealed copy could not be put in place.
    NotHanded(i32),
    /// No process could be made.
    Process(i32),
    /// The kernel refused to execute the file.
    Exec(i32),
}

/// The way to the file.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Route {
    /// From the open file.
    File,
    /// By its name, after comparing its state once more.
    Name,
}

/// All that the child needs, made before it exists: between its birth and `execve` it may not allocate.
struct Launch<'plan> {
    path: CString,
    /// `/bin/sh`, then argv, then null. A text file is run with slot 1 replaced by its path, from slot 0 on.
    argv: Vec<AtomicPtr<c_char>>,
    /// Null-terminated.
    environment: Vec<*const c_char>,
    /// What `argv` and `environment` point into.
    _owned: Vec<CString>,
    #[cfg_attr(
        not(any(target_os = "linux", test)),
        expect(dead_code, reason = "only the Linux way needs it")
    )]
    file: BorrowedFd<'plan>,
    identity: Identity,
    route: Route,
    held: &'plan Held,
    /// Takes the place of descriptor 0.
    stdin: Option<BorrowedFd<'plan>>,
    /// Stay open.
    handed: Vec<BorrowedFd<'plan>>,
    /// Where the child leaves why it could not: 0 while it has not failed.
    #[cfg_attr(
        not(any(target_os = "linux", test)),
        expect(dead_code, reason = "only the Linux way needs it")
    )]
    failure: AtomicI32,
}

/// In `failure`, beside error numbers, which are positive and below 4096.
const CHANGED: i32 = -1;
/// Less the error number of what could not be handed over.
const NOT_HANDED: i32 = -4096;

/// Starts the command. All signals must be held.
pub(super) fn start(plan: &Plan, held: &Held) -> Result<Pid, StartError> {
    let launch = Launch::new(plan, held)?;
    spawn(&launch)
}

fn route(executable: &Executable) -> Route {
    match executable.kind() {
        Kind::Script | Kind::Other => Route::Name,
        Kind::Native => match executable.provenance().custody {
            Custody::Root => Route::Name,
            Custody::Owner | Custody::Others { .. } => Route::File,
        },
    }
}

impl<'plan> Launch<'plan> {
    fn new(plan: &'plan Plan, held: &'plan Held) -> Result<Self, StartError> {
        let executable = &plan.executable;
        let mut owned = Vec::with_capacity(plan.args.len() + plan.env_set.len() + 1);
        let mut argv = Vec::with_capacity(plan.args.len() + 3);
        argv.push(AtomicPtr::new(SHELL.as_ptr().cast_mut()));
        for (place, word) in std::iter::once(&plan.arg0).chain(&plan.args).enumerate() {
            let copy = plan.handed.iter().find(|handed| handed.word() == place);
            let word = c_string(copy.map(Handed::argument).as_ref().unwrap_or(word))?;
            argv.push(AtomicPtr::new(word.as_ptr().cast_mut()));
            owned.push(word);
        }
        argv.push(AtomicPtr::new(ptr::null_mut()));
        let mut environment = inherited_environment(plan);
        for (name, value) in &plan.env_set {
            let mut entry = name.clone();
            entry.push("=");
            entry.push(value);
            let entry = c_string(&entry)?;
            environment.push(entry.as_ptr());
            owned.push(entry);
        }
        environment.push(ptr::null());
        Ok(Self {
            path: c_string(executable.spelled().as_os_str())?,
            argv,
            environment,
            _owned: owned,
            file: executable.file().as_fd(),
            identity: executable.identity(),
            route: route(executable),
            held,
            stdin: plan.stdin.as_ref().map(AsFd::as_fd),
            handed: plan.handed.iter().map(Handed::descriptor).collect(),
            failure: AtomicI32::new(0),
        })
    }

    /// Runs in the child: only calls that are safe between `vfork` and `execve`. Returns what went wrong.
    fn become_command(&self) -> i32 {
        restore(libc::SIGCHLD, self.held.sigchld());
        restore(libc::SIGPIPE, inherited::sigpipe());
        inherited::closed().for_each(close);
        if let Err(errno) = self.hand_over() {
            return NOT_HANDED.saturating_sub(errno.raw_os_error());
        }
        match self.route {
            Route::File => match self.execute_file() {
                // No such system call, or something (a `binfmt_misc` handler) needs a name after all.
                libc::ENOSYS | libc::ENOENT => self.execute_name(),
                failure => failure,
            },
            Route::Name => self.execute_name(),
        }
    }

    /// In the child's own table of descriptors: nothing of this is seen in the gate.
    fn hand_over(&self) -> Result<(), Errno> {
        if let Some(stdin) = self.stdin {
            rustix::stdio::dup2_stdin(stdin)?;
        }
        self.handed.iter().try_for_each(|copy| rustix::io::fcntl_setfd(copy, FdFlags::empty()))
    }

    #[cfg(target_os = "linux")]
    #[expect(unsafe_code, reason = "execveat has no safe interface")]
    fn execute_file(&self) -> i32 {
        if rustix::fs::fstat(self.file).map(|stat| Identity::of(&stat)) != Ok(self.identity) {
            return CHANGED;
        }
        self.restore_mask();
        // The raw system call: not every C library has the function.
        // SAFETY: the path is empty, argv and environment are null-terminated arrays of C strings that live on.
        unsafe {
            libc::syscall(
                libc::SYS_execveat,
                std::os::fd::AsRawFd::as_raw_fd(&self.file),
                c"".as_ptr(),
                self.argv_from(Slot::Argv0),
                self.environment.as_ptr(),
                libc::AT_EMPTY_PATH,
            );
        }
        last_error()
    }

    /// Fallback elsewhere: no system call starts from a descriptor.
    #[cfg(not(target_os = "linux"))]
    fn execute_file(&self) -> i32 {
        libc::ENOSYS
    }

    fn execute_name(&self) -> i32 {
        if rustix::fs::stat(&self.path).map(|stat| Identity::of(&stat)) != Ok(self.identity) {
            return CHANGED;
        }
        self.restore_mask();
        match self.exec(&self.path, Slot::Argv0) {
            // Not a format the kernel knows: `execvp` takes it for a shell script, with the path as `$0`.
            libc::ENOEXEC => {
                if let Some(first) = self.argv.get(1) {
                    first.store(self.path.as_ptr().cast_mut(), Ordering::Relaxed);
                }
                self.exec(SHELL, Slot::Shell)
            }
            failure => failure,
        }
    }

    #[expect(unsafe_code, reason = "execve with arrays made beforehand")]
    fn exec(&self, path: &CStr, from: Slot) -> i32 {
        // SAFETY: as in `execute_file`.
        unsafe { libc::execve(path.as_ptr(), self.argv_from(from), self.environment.as_ptr()) };
        last_error()
    }

    /// An `AtomicPtr` has the layout of a pointer, so the array can be handed over as it is.
    fn argv_from(&self, slot: Slot) -> *const *const c_char {
        let from = match slot {
            Slot::Shell => self.argv.get(0..),
            Slot::Argv0 => self.argv.get(1..),
        };
        from.unwrap_or_default().as_ptr().cast()
    }

    /// Last of all: a signal that waits acts now, on the child, as it would have acted on the command.
    #[expect(unsafe_code, reason = "signal masks have no safe interface")]
    fn restore_mask(&self) {
        // SAFETY: the mask was filled by the system.
        unsafe { libc::pthread_sigmask(libc::SIG_SETMASK, self.held.mask(), ptr::null_mut()) };
    }
}

/// Where argv begins.
#[derive(Clone, Copy)]
enum Slot {
    Shell,
    Argv0,
}

fn c_string(text: &OsStr) -> Result<CString, StartError> {
    CString::new(text.as_bytes()).map_err(|_nul| StartError::Nul)
}

/// The gate's own environment, entry by entry and byte for byte, without those that the plan removes or sets.
///
/// Of a variable that stands in it twice the gate judges the last value, and most programs (Go's, `getenv`) take the first:
/// `KUBECONFIG=prod KUBECONFIG=dev` would be judged as one place and run in the other. So the last one alone goes on.
#[expect(unsafe_code, reason = "std::env loses entries without `=` and the order")]
fn inherited_environment(plan: &Plan) -> Vec<*const c_char> {
    unsafe extern "C" {
        static environ: *const *const c_char;
    }
    let mut entries: Vec<&CStr> = Vec::with_capacity(128);
    // SAFETY: `environ` is null, or a null-terminated array of C strings; nothing changes it: the gate has one thread.
    unsafe {
        let mut next = environ;
        while !next.is_null() && !(*next).is_null() {
            entries.push(CStr::from_ptr(*next));
            next = next.add(1);
        }
    }
    entries.retain(|entry| !is_replaced(entry.to_bytes(), plan));
    let mut named = BTreeSet::new();
    entries.reverse();
    entries.retain(|entry| variable(entry.to_bytes()).is_none_or(|name| named.insert(name)));
    entries.iter().rev().map(|entry| entry.as_ptr()).collect()
}

/// The name before the `=`, as `std::env` reads it for the gate: one that stands first belongs to the name.
fn variable(entry: &[u8]) -> Option<&[u8]> {
    let end = entry.iter().skip(1).position(|byte| *byte == b'=')?.saturating_add(1);
    entry.get(..end)
}

fn is_replaced(entry: &[u8], plan: &Plan) -> bool {
    let names =
        |name: &OsString| entry.strip_prefix(name.as_bytes()).is_some_and(|rest| rest.starts_with(b"="));
    plan.env_remove.iter().any(names) || plan.env_set.iter().any(|(name, _value)| names(name))
}

#[expect(unsafe_code, reason = "signal actions have no safe interface")]
fn restore(signal: c_int, disposition: Disposition) {
    let action = match disposition {
        Disposition::Default => libc::SIG_DFL,
        Disposition::Ignored => libc::SIG_IGN,
    };
    // SAFETY: both are valid actions; the child has its own table of them.
    unsafe { libc::signal(signal, action) };
}

#[expect(unsafe_code, reason = "closes a standard descriptor that Rust's start-up opened")]
fn close(descriptor: i32) {
    // SAFETY: the child has its own table of descriptors, and nothing of ours uses this one.
    unsafe { libc::close(descriptor) };
}

fn last_error() -> i32 {
    std::io::Error::last_os_error().raw_os_error().unwrap_or(libc::EIO)
}

/// Enough for `become_command` without optimisation, which needs under 4 KiB.
#[cfg(target_os = "linux")]
const CHILD_STACK: usize = 64 * 1024;

/// Makes the child as `posix_spawn` does: it borrows our memory and we sleep until it has left it by `execve` or exit.
#[cfg(target_os = "linux")]
#[expect(unsafe_code, reason = "clone has no safe interface")]
fn spawn(launch: &Launch<'_>) -> Result<Pid, StartError> {
    extern "C" fn child(launch: *mut std::ffi::c_void) -> c_int {
        // SAFETY: `spawn` passes its `Launch`, and sleeps while this runs.
        let launch: &Launch<'_> = unsafe { &*launch.cast() };
        launch.failure.store(launch.become_command(), Ordering::SeqCst);
        // SAFETY: ends this process alone; exit handlers belong to the gate.
        unsafe { libc::_exit(127) }
    }
    let mut stack = Vec::<u128>::with_capacity(CHILD_STACK / size_of::<u128>());
    let flags = libc::CLONE_VM | libc::CLONE_VFORK | libc::SIGCHLD;
    // SAFETY: the stack is aligned, ours, and lives until the child has left it, because CLONE_VFORK makes us wait for
    // that; the child writes nothing but its stack, `errno` and the atomics of the launch; all signals are blocked, so
    // no handler can run on the shared memory.
    let pid = unsafe {
        let top = stack.as_mut_ptr().add(stack.capacity()).cast();
        libc::clone(child, top, flags, ptr::from_ref(launch).cast_mut().cast())
    };
    let pid =
        if pid > 0 { Pid::from_raw(pid) } else { None }.ok_or_else(|| StartError::Process(last_error()))?;
    match launch.failure.load(Ordering::SeqCst) {
        0 => Ok(pid),
        failure => {
            // It has ended already; nothing else could be learnt from how.
            // All signals are blocked, so this is not interrupted.
            rustix::process::waitpid(Some(pid), rustix::process::WaitOptions::empty()).unwrap_or_default();
            Err(refusal(failure))
        }
    }
}

/// Fallback elsewhere: `fork` by the standard library, with the same steps between it and `execve`. The library
/// carries the error number back through a pipe.
#[cfg(any(not(target_os = "linux"), test))]
#[expect(unsafe_code, reason = "pre_exec runs between fork and execve")]
#[expect(clippy::disallowed_methods, reason = "this is the room that starts processes")]
fn spawn_by_fork(launch: &Launch<'_>) -> Result<Pid, StartError> {
    use std::os::unix::process::CommandExt;
    // `pre_exec` wants a closure that lives for ever; the launch outlives `spawn`, which is as long as it is used.
    let address = ptr::from_ref(launch) as usize;
    let mut command = std::process::Command::new(OsStr::from_bytes(launch.path.as_bytes()));
    // SAFETY: `become_command` allocates nothing and takes no locks; the address is that of the live launch.
    unsafe {
        command.pre_exec(move || {
            let launch = &*(address as *const Launch<'_>);
            Err(std::io::Error::from_raw_os_error(launch.become_command()))
        });
    }
    match command.spawn() {
        Ok(child) => {
            i32::try_from(child.id()).ok().and_then(Pid::from_raw).ok_or(StartError::Process(libc::ESRCH))
        }
        Err(error) => Err(refusal(error.raw_os_error().unwrap_or(libc::EIO))),
    }
}

#[cfg(not(target_os = "linux"))]
use spawn_by_fork as spawn;

fn refusal(failure: i32) -> StartError {
    match failure {
        CHANGED => StartError::Changed,
        ..=NOT_HANDED => StartError::NotHanded(NOT_HANDED.saturating_sub(failure)),
        _ => StartError::Exec(failure),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::os::unix::fs::PermissionsExt;
    use std::path::Path;

    fn plan(program: &Path) -> Plan {
        let executable = super::super::resolve(program.as_os_str(), None, Path::new("/")).unwrap();
        let args = ["-c", "exit 23"].map(OsString::from).into();
        Plan {
            executable,
            arg0: "sh".into(),
            args,
            env_remove: vec![],
            env_set: vec![],
            limit: None,
            stdin: None,
            handed: vec![],
            recheck: vec![],
        }
    }

    fn written(directory: &Path, content: &[u8]) -> std::path::PathBuf {
        let path = directory.join("tool");
        std::fs::write(&path, content).unwrap();
        std::fs::set_permissions(&path, std::fs::Permissions::from_mode(0o755)).unwrap();
        path
    }

    fn code(pid: Pid) -> Option<i32> {
        let (_, status) =
            rustix::process::waitpid(Some(pid), rustix::process::WaitOptions::empty()).unwrap().unwrap();
        status.exit_status()
    }

    /// The Linux way and the portable one must not differ in what they answer.
    #[test]
    fn both_ways_to_start_answer_the_same() {
        let directory = tempfile::tempdir().unwrap();
        let held = Held::hold();
        for spawn in [spawn as fn(&Launch<'_>) -> Result<Pid, StartError>, spawn_by_fork] {
            let copy = written(directory.path(), &std::fs::read("/bin/sh").unwrap());
            for (program, way) in [(Path::new("/bin/sh"), Route::Name), (&copy, Route::File)] {
                let plan = plan(program);
                let launch = Launch::new(&plan, &held).unwrap();
                assert_eq!(launch.route, way);
                assert_eq!(spawn(&launch).map(code), Ok(Some(23)));
            }
            let text = plan(&written(directory.path(), b"exit 24\n"));
            assert_eq!(spawn(&Launch::new(&text, &held).unwrap()).map(code), Ok(Some(24)));
            let interpreter = plan(&written(directory.path(), b"#!/no/such\n"));
            let refused = spawn(&Launch::new(&interpreter, &held).unwrap());
            assert_eq!(refused, Err(StartError::Exec(libc::ENOENT)));
            let changed = plan(&written(directory.path(), b"#!/bin/sh\n"));
            std::fs::remove_file(changed.executable.path()).unwrap();
            assert_eq!(spawn(&Launch::new(&changed, &held).unwrap()), Err(StartError::Changed));
        }
    }

    /// And in what they hand over: the descriptors of the child are its own either way.
    #[test]
    fn both_ways_hand_over_the_same() {
        let held = Held::hold();
        for spawn in [spawn as fn(&Launch<'_>) -> Result<Pid, StartError>, spawn_by_fork] {
            let copy = |text: &[u8]| crate::bind::Sealed::of(text).unwrap();
            let mut plan = plan(Path::new("/bin/sh"));
            let script = "[ \"$(cat)\" = input ] && [ \"$(cat \"${1#-f}\")\" = file ] && exit 23";
            plan.args = ["-c", script, "sh", "-fx.yaml"].map(OsString::from).into();
            plan.stdin = Some(copy(b"input").descriptor().unwrap());
            plan.handed = vec![Handed::new(4, "-f".into(), &copy(b"file")).unwrap()];
            assert_eq!(spawn(&Launch::new(&plan, &held).unwrap()).map(code), Ok(Some(23)));
        }
    }

    #[test]
    fn what_cannot_be_handed_over_is_told_apart() {
        assert_eq!(refusal(NOT_HANDED - libc::EBADF), StartError::NotHanded(libc::EBADF));
        assert_eq!(refusal(CHANGED), StartError::Changed);
        assert_eq!(refusal(libc::ENOENT), StartError::Exec(libc::ENOENT));
    }

    #[test]
    fn a_nul_byte_is_refused_before_anything_starts() {
        let held = Held::hold();
        let mut with_nul = plan(Path::new("/bin/sh"));
        with_nul.args.push("a\0b".into());
        assert_eq!(start(&with_nul, &held), Err(StartError::Nul));
        let mut with_nul = plan(Path::new("/bin/sh"));
        with_nul.env_set.push(("A".into(), "\0".into()));
        assert_eq!(start(&with_nul, &held), Err(StartError::Nul));
    }

    #[test]
    fn a_variable_is_named_as_the_gate_itself_reads_it() {
        let rows = [
            ("A=b=c", Some("A")),
            ("A=", Some("A")),
            ("A", None),
            ("", None),
            ("=", None),
            ("=A=b", Some("=A")),
        ];
        for (entry, name) in rows {
            assert_eq!(variable(entry.as_bytes()), name.map(str::as_bytes), "{entry}");
        }
    }

    #[test]
    fn a_variable_is_replaced_by_its_whole_name() {
        let mut plan = plan(Path::new("/bin/sh"));
        plan.env_remove.push("GIT_".into());
        plan.env_set.push(("SET".into(), "1".into()));
        for (entry, replaced) in
            [("GIT_=1", true), ("GIT_DIR=1", false), ("GIT_", false), ("SET=", true), ("", false)]
        {
            assert_eq!(is_replaced(entry.as_bytes(), &plan), replaced, "{entry}");
        }
    }
}
