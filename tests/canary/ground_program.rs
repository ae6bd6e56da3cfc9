//! The program that stands on the ground where hostile texts run. Compiled by the test itself, alone and without crates:
//! `nobody` must be able to read it outside the target directory, and it starts hundreds of thousands of times.
//!
//! It is two programs. Called `worker`, it starts bash for each text it is sent and answers with what ran. Called
//! anything else, it appends its own name, words and environment to the log beside its directory: a program that does
//! nothing but leave a trace.
//!
//! On pipes and in the log stand frames: a little-endian u32 of items, then each item as its u32 length and bytes.

use std::ffi::OsStr;
use std::fs;
use std::io::{self, Read, Write};
use std::os::unix::ffi::{OsStrExt, OsStringExt};
use std::os::unix::process::CommandExt;
use std::path::Path;
use std::process::{Command, ExitCode, Stdio};
use std::time::{Duration, Instant};

unsafe extern "C" {
    fn kill(pid: i32, signal: i32) -> i32;
    fn waitpid(pid: i32, status: *mut i32, options: i32) -> i32;
    #[cfg(target_os = "linux")]
    fn prctl(option: i32, value: usize) -> i32;
}

const SIGKILL: i32 = 9;
const WNOHANG: i32 = 1;
/// No text has this much to do; what runs longer is a loop, and shows in its first turns.
const DEADLINE: Duration = Duration::from_secs(1);
/// Names in the working directory, so that patterns match: some are names of programs, one is an option.
const SEEN_BY_GLOBS: [&str; 4] = ["l1", "l2", "f1", "-n"];

fn main() -> ExitCode {
    let program = std::env::current_exe().expect("the program's own path");
    if program.ends_with("worker") { work(program.parent().expect("a directory")) } else { record(&program) }
}

fn frame(items: &[Vec<u8>]) -> Vec<u8> {
    let mut bytes = u32::try_from(items.len()).expect("few items").to_le_bytes().to_vec();
    for item in items {
        bytes.extend(u32::try_from(item.len()).expect("short items").to_le_bytes());
        bytes.extend(item);
    }
    bytes
}

fn read_number(input: &mut impl Read) -> Option<usize> {
    let mut bytes = [0; 4];
    input.read_exact(&mut bytes).ok()?;
    Some(u32::from_le_bytes(bytes) as usize)
}

fn read_frame(input: &mut impl Read) -> Option<Vec<Vec<u8>>> {
    let count = read_number(input)?;
    (0..count)
        .map(|_| {
            let mut item = vec![0; read_number(input)?];
            input.read_exact(&mut item).ok().map(|()| item)
        })
        .collect()
}

/// One record in one write, so that programs that run at once do not mix.
fn record(program: &Path) -> ExitCode {
    let name = program.file_name().expect("a name").as_bytes();
    let mut items = vec![name.to_vec(), std::env::args_os().count().to_string().into_bytes()];
    items.extend(std::env::args_os().map(OsStringExt::into_vec));
    for (variable, value) in std::env::vars_os() {
        items.push([variable.as_bytes(), b"=", value.as_bytes()].concat());
    }
    let ground = program.parent().and_then(Path::parent).expect("a directory above bin");
    let log = fs::OpenOptions::new().append(true).create(true).open(ground.join("log"));
    log.and_then(|mut log| log.write_all(&frame(&items))).expect("the log can be written");
    // Names of programs on standard output: whatever takes output for commands shows.
    let _ = io::stdout().write_all(b"l5 w\nl6\n");
    if name.starts_with(b"f") { ExitCode::FAILURE } else { ExitCode::SUCCESS }
}

/// In: frames of how many words bash gets, these, and its environment. Out: a frame of how it ended, its log, and the files it left.
fn work(ground: &Path) -> ExitCode {
    let (log, here) = (ground.join("log"), ground.join("here"));
    // Whatever a text leaves behind (`l1 & disown`) becomes a child of this process, which waits for all of them.
    #[cfg(target_os = "linux")]
    unsafe {
        const PR_SET_CHILD_SUBREAPER: i32 = 36;
        prctl(PR_SET_CHILD_SUBREAPER, 1);
    }
    let (mut input, mut output) = (io::stdin().lock(), io::stdout().lock());
    while let Some(items) = read_frame(&mut input) {
        let _ = fs::remove_file(&log);
        let _ = fs::remove_dir_all(&here);
        fs::create_dir(&here).expect("a working directory");
        for name in SEEN_BY_GLOBS {
            fs::write(here.join(name), "").expect("a file");
        }
        let ended = run(&here, &items);
        let mut answer = vec![ended.to_vec(), fs::read(&log).unwrap_or_default()];
        for entry in fs::read_dir(&here).expect("the working directory") {
            let name = entry.expect("an entry").file_name();
            if !SEEN_BY_GLOBS.iter().any(|seen| name == *seen) {
                answer.push(name.into_vec());
            }
        }
        if output.write_all(&frame(&answer)).and_then(|()| output.flush()).is_err() {
            break;
        }
    }
    ExitCode::SUCCESS
}

/// bash with the words it is given. Its path is this program's one argument: the text's PATH does not lead to it.
fn run(here: &Path, items: &[Vec<u8>]) -> &'static [u8] {
    let (count, items) = items.split_first().expect("a count");
    let count = std::str::from_utf8(count).ok().and_then(|count| count.parse().ok()).expect("a number");
    let (words, environment) = items.split_at(count);
    let mut bash = Command::new(std::env::args_os().nth(1).expect("where bash is"));
    bash.args(words.iter().map(|word| OsStr::from_bytes(word)));
    bash.env_clear().current_dir(here).process_group(0);
    for variable in environment {
        let equals = variable.iter().position(|byte| *byte == b'=').expect("NAME=value");
        bash.env(OsStr::from_bytes(&variable[..equals]), OsStr::from_bytes(&variable[equals + 1..]));
    }
    bash.stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null());
    let Ok(child) = bash.spawn() else { return b"not started" };
    everything_ended(child.id().cast_signed())
}

fn everything_ended(group: i32) -> &'static [u8] {
    let started = Instant::now();
    let mut ended: &[u8] = b"ended";
    loop {
        match unsafe { waitpid(-1, std::ptr::null_mut(), WNOHANG) } {
            0 => std::thread::sleep(Duration::from_micros(200)),
            pid if pid > 0 => {}
            _ => return ended, // no child is left
        }
        if started.elapsed() > DEADLINE {
            ended = b"cut short";
            unsafe { kill(-group, SIGKILL) };
        }
        if started.elapsed() > 3 * DEADLINE {
            return b"left something behind"; // in a process group of its own; RLIMIT_CPU ends it
        }
    }
}
