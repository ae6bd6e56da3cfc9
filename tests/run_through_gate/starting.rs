//! Starting: exit codes, descriptors, arguments, environment, all as under `env`.

use crate::stage::{self, Front, output, program, trial};
use libtest_mimic::Trial;
use std::ffi::OsString;
use std::io::Write;
use std::os::unix::ffi::OsStringExt;
use std::os::unix::fs::PermissionsExt;
use std::os::unix::process::ExitStatusExt;
use std::path::Path;
use std::process::{Command, Stdio};

pub(crate) fn trials() -> Vec<Trial> {
    vec![
        trial("starting::exit_codes_are_the_command_s_own", exit_codes),
        trial("starting::what_cannot_be_started_answers_as_under_env", not_startable),
        trial("starting::path_is_searched_as_by_execvp", search),
        trial("starting::a_script_sees_its_own_name_as_typed", script_name),
        trial("starting::a_link_keeps_its_name_in_ps_where_only_root_could_swap_it", process_name),
        trial("starting::arguments_pass_byte_for_byte", arguments),
        trial("starting::two_megabytes_of_arguments_pass", large_arguments),
        trial("starting::the_environment_passes_byte_for_byte", environment),
        trial("starting::the_environment_is_changed_only_as_planned", planned_environment),
        trial("starting::standard_input_is_left_for_the_command", standard_input),
        trial("starting::other_descriptors_are_inherited_and_none_is_added", descriptors),
        trial("starting::closed_standard_descriptors_stay_closed", closed_descriptors),
        trial("starting::group_session_terminal_and_directory_are_kept", surroundings),
        trial("starting::a_session_whose_leader_is_outside_the_container_is_no_hindrance", foreign_session),
        trial("starting::a_broken_pipe_ends_the_command_silently", broken_pipe),
    ]
}

fn exit_codes() {
    for code in [0, 1, 2, 77, 125, 126, 127, 128, 255] {
        let status = output(Front::Gate.command().args(["sh", "-c", &format!("exit {code}")])).status;
        assert_eq!(status.code(), Some(code));
    }
}

/// A directory with one of everything that does not start, or starts oddly.
fn zoo(directory: &Path) {
    let at = |name: &str| directory.join(name);
    std::fs::create_dir(at("a-directory")).unwrap();
    std::fs::write(at("not-executable"), "#!/bin/sh\n").unwrap();
    program(&at("text"), "echo text runs as a script: $0 $1; exit 41\n");
    program(&at("script"), "#!/bin/sh\necho $0 $1; exit 42\n");
    program(&at("empty"), "");
    program(&at("bad-interpreter"), "#!/no/such/interpreter\n");
    program(&at("bare-interpreter"), "#!\n");
    program(&at("bad-elf"), b"\x7fELF\x02\x01\x01\x00garbage");
    let mut foreign = std::fs::read("/bin/true").unwrap();
    foreign[18] ^= 0x40;
    program(&at("foreign-elf"), foreign);
    std::os::unix::fs::symlink("loop", at("loop")).unwrap();
    std::os::unix::fs::symlink("nowhere", at("dangling")).unwrap();
    rustix::fs::mknodat(rustix::fs::CWD, at("fifo"), rustix::fs::FileType::Fifo, 0o777.into(), 0).unwrap();
    program(&at("unreadable"), std::fs::read("/bin/true").unwrap());
    std::fs::set_permissions(at("unreadable"), std::fs::Permissions::from_mode(0o111)).unwrap();
}

fn not_startable() {
    let directory = tempfile::tempdir().unwrap();
    zoo(directory.path());
    let long = "n".repeat(300);
    let deep = format!("./{}", "d/".repeat(3000));
    let names = [
        "",
        ".",
        "/",
        "./missing",
        "missing-from-path",
        "./a-directory",
        "./not-executable",
        "./text",
        "./script",
        "./empty",
        "./bad-interpreter",
        "./bare-interpreter",
        "./bad-elf",
        "./foreign-elf",
        "./loop",
        "./dangling",
        "./fifo",
        "./unreadable",
        "./script/below",
        "/dev/null",
        &long,
        &deep,
    ];
    for name in names {
        let [env, gate] = Front::BOTH.map(|front| {
            let done = output(front.command().args([name, "argument"]).current_dir(directory.path()));
            (done.status.code(), done.status.signal(), String::from_utf8(done.stdout).unwrap())
        });
        assert_eq!(gate, env, "`{name}`");
    }
}

fn search() {
    let directory = tempfile::tempdir().unwrap();
    for part in ["first", "second", "third"] {
        std::fs::create_dir(directory.path().join(part)).unwrap();
        program(&directory.path().join(part).join("tool"), format!("#!/bin/sh\necho {part} $0\n"));
    }
    let at = |name: &str| directory.path().join(name);
    std::fs::set_permissions(at("first/tool"), std::fs::Permissions::from_mode(0o644)).unwrap();
    std::fs::create_dir(at("second/only-directory")).unwrap();
    program(&at("here"), "#!/bin/sh\necho here $0\n");
    let absolute = format!("{0}/first:{0}/second", directory.path().display());
    let cases: [(&str, &str); 11] = [
        // Not executable in the first: remembered, and the second found.
        (&absolute, "tool"),
        ("first", "tool"),
        ("/no/such:first", "tool"),
        ("first:third", "tool"),
        ("", "here"),
        (":", "here"),
        ("/no/such:", "here"),
        ("/no/such::third", "here"),
        ("second", "only-directory"),
        ("here:second", "tool"),
        ("third:/bin", "./third/tool"),
    ];
    for (path, name) in cases {
        let [env, gate] = Front::BOTH.map(|front| {
            let mut command = front.command();
            if front == Front::Env {
                command = Command::new("/usr/bin/env");
            }
            let done = output(command.arg(name).env("PATH", path).current_dir(directory.path()));
            (done.status.code(), String::from_utf8(done.stdout).unwrap())
        });
        assert_eq!(gate, env, "PATH=`{path}` `{name}`");
    }
    let [env, gate] = ["/usr/bin/env", &stage::this()].map(|front| {
        let mut command = Command::new(front);
        if front != "/usr/bin/env" {
            command.args(["--be-gate", "--"]);
        }
        output(command.args(["sh", "-c", "echo found"]).env_remove("PATH"))
    });
    assert_eq!((gate.stdout, gate.status), (env.stdout, env.status), "without PATH");
}

fn script_name() {
    let directory = tempfile::tempdir().unwrap();
    program(&directory.path().join("script"), "#!/bin/sh\necho \"$0\"\n");
    std::fs::create_dir(directory.path().join("sub")).unwrap();
    std::os::unix::fs::symlink("../script", directory.path().join("sub/link")).unwrap();
    for name in ["./script", "sub/../script", "sub/link", ".//script"] {
        let [env, gate] =
            Front::BOTH.map(|front| output(front.command().arg(name).current_dir(directory.path())).stdout);
        assert_eq!(env, format!("{name}\n").as_bytes());
        assert_eq!(gate, env);
    }
}

/// `pgrep` and `killall` go by this name.
fn process_name() {
    let directory = tempfile::tempdir().unwrap();
    let copy = directory.path().join("my-cat");
    std::fs::copy("/bin/cat", &copy).unwrap();
    for program in ["cat", "/bin/cat", copy.to_str().unwrap()] {
        let [env, gate] = Front::BOTH
            .map(|front| output(front.command().args([program, "/proc/self/comm", "/proc/self/cmdline"])));
        assert!(env.status.success());
        assert_eq!(String::from_utf8_lossy(&gate.stdout), String::from_utf8_lossy(&env.stdout));
    }
}

fn arguments() {
    let odd: Vec<OsString> = [
        &b"\xff\xfe"[..],
        b"",
        b" ",
        b"new\nline",
        b"--",
        b"-c",
        b"*",
        b"$(id)",
        b"\x1b[2J",
        "\u{202e}".as_bytes(),
    ]
    .map(|bytes| OsString::from_vec(bytes.to_vec()))
    .into();
    let [env, gate] =
        Front::BOTH.map(|front| output(front.command().arg("printf").arg("%s\\0").args(&odd)).stdout);
    assert!(env.starts_with(b"\xff\xfe\0\0 \0"));
    assert_eq!(gate, env);
}

/// One word may have 128 KiB (MAX_ARG_STRLEN), all together a quarter of the stack limit. The stack is made larger, so
/// that 2 MB fit twice: for the front, and for the command.
fn large_arguments() {
    let [env, gate] = Front::BOTH.map(|front| {
        let mut command = Command::new("bash");
        command.args(["-c", "ulimit -s 65536 && exec \"$@\"", "bash"]).args(front.prefix());
        command.args(["sh", "-c", "printf %s \"$@\" | sha256sum; echo $#", "sh"]);
        for word in 0..32_u8 {
            let bytes: Vec<u8> =
                (0..65_000_u32).map(|at| (at.wrapping_mul(31) as u8 ^ word).max(1)).collect();
            command.arg(OsString::from_vec(bytes));
        }
        let done = output(&mut command);
        (done.status.code(), String::from_utf8(done.stdout).unwrap())
    });
    assert!(env.0 == Some(0) && env.1.ends_with("\n32\n"), "{env:?}");
    assert_eq!(gate, env);
}

/// Entries without `=` and the order survive, which `std::process::Command` would lose. Of a variable that stands there
/// twice the child gets the last one, by which it was judged, and not the first, which `getenv` would take.
fn environment() {
    if !stage::installed("environment", "python3") {
        return;
    }
    let execute = "import os, sys, ctypes
words = [word.encode() for word in sys.argv[1:]]
entries = [b'Z=1', b'A=2', b'Z=3', b'nothing', b'=', b'EMPTY=', b'BYTES=\\xff\\xfe', b'PATH=/usr/bin:/bin']
array = lambda items: (ctypes.c_char_p * (len(items) + 1))(*items, None)
ctypes.CDLL(None).execve(words[0], array(words), array(entries))
";
    let [env, gate] = ["/usr/bin/env".to_owned(), stage::this()].map(|front| {
        let mut command = Command::new("python3");
        command.args(["-c", execute, &front]);
        if front != "/usr/bin/env" {
            command.args(["--be-gate", "--"]);
        }
        output(command.args(["cat", "/proc/self/environ"])).stdout
    });
    let judged = env.strip_prefix(b"Z=1\0").unwrap();
    assert!(judged.starts_with(b"A=2\0Z=3\0nothing\0=\0"), "{:?}", String::from_utf8_lossy(&env));
    assert_eq!(gate, judged, "{:?}", String::from_utf8_lossy(&gate));
}

fn planned_environment() {
    let options = ["--remove", "GONE", "--set", "CHANGED=new", "--set", "ADDED=a=b"];
    let shown = output(
        stage::gate(&options)
            .arg("env")
            .env_clear()
            .env("PATH", "/usr/bin:/bin")
            .env("GONE", "1")
            .env("GONE_NOT", "2")
            .env("CHANGED", "old"),
    );
    let text = String::from_utf8(shown.stdout).unwrap();
    let mut lines: Vec<_> = text.lines().collect();
    lines.sort_unstable();
    assert_eq!(lines, ["ADDED=a=b", "CHANGED=new", "GONE_NOT=2", "PATH=/usr/bin:/bin"]);
}

fn standard_input() {
    let mut child =
        Front::Gate.command().arg("cat").stdin(Stdio::piped()).stdout(Stdio::piped()).spawn().unwrap();
    let bytes: Vec<u8> = (0..=255).cycle().take(50_000).collect();
    let mut stdin = child.stdin.take().unwrap();
    let writer = std::thread::spawn({
        let bytes = bytes.clone();
        move || stdin.write_all(&bytes).unwrap()
    });
    let done = child.wait_with_output().unwrap();
    writer.join().unwrap();
    assert!(done.status.success());
    assert!(done.stdout == bytes);
}

fn descriptors() {
    let [env, gate] = Front::BOTH.map(|front| {
        let script = "exec 5</dev/null 9>/dev/null; exec \"$@\" ls /proc/self/fd";
        let mut command = Command::new("bash");
        output(command.args(["-c", script, "bash"]).args(front.prefix())).stdout
    });
    let shown = String::from_utf8(env.clone()).unwrap();
    assert!(shown.contains("\n5\n") && shown.contains("\n9\n"), "{shown}");
    assert_eq!(gate, env);
}

fn closed_descriptors() {
    for closed in ["<&-", "2>&-", "<&- 2>&-"] {
        let [env, gate] = Front::BOTH.map(|front| {
            let script = format!(
                "exec \"$@\" sh -c 'readlink /proc/$$/fd/0; readlink /proc/$$/fd/2; echo done' {closed}"
            );
            let mut command = Command::new("bash");
            output(command.args(["-c", &script, "bash"]).args(front.prefix())).stdout
        });
        assert!(env.ends_with(b"done\n"));
        assert_eq!(
            String::from_utf8_lossy(&gate).contains("/dev/null"),
            String::from_utf8_lossy(&env).contains("/dev/null"),
            "{closed}"
        );
    }
}

/// `nsenter` and CI runners start a first process without a session of its own: there the session's id is 0.
fn foreign_session() {
    let inside = |words: &[String]| {
        let mut command = Command::new("unshare");
        if !rustix::process::geteuid().is_root() {
            command.args(["--user", "--map-root-user"]);
        }
        output(command.args(["--pid", "--fork"]).args(words)).status
    };
    if !inside(&["true".into()]).success() {
        println!(
            "SKIPPED starting::foreign_session: this kernel or container gives nobody a process namespace"
        );
        return;
    }
    let mut words = Front::Gate.prefix();
    words.extend(["sh", "-c", "exit 7"].map(String::from));
    assert_eq!(inside(&words).code(), Some(7));
}

fn surroundings() {
    // Fields of /proc/self/stat: 5 group, 6 session, 7 terminal; the group is that of the front, not of the command.
    let show = "front=$PPID; [ \"$1\" = env ] && front=$$; read -r _ _ _ _ group session tty _ < /proc/$$/stat; \
                [ $group = $front ] && echo same group; echo $session $tty $(pwd) $(umask) $(nice)";
    let [env, gate] = [(Front::Env, "env"), (Front::Gate, "gate")].map(|(front, name)| {
        let mut command = front.command();
        command.args(["sh", "-c", show, "sh", name]).current_dir("/tmp");
        std::os::unix::process::CommandExt::process_group(&mut command, 0);
        String::from_utf8(output(&mut command).stdout).unwrap()
    });
    assert!(env.starts_with("same group\n"), "{env}");
    assert_eq!(gate, env);
}

fn broken_pipe() {
    let [env, gate] = Front::BOTH.map(|front| {
        let script = "\"$@\" yes | head -n 1; echo \"${PIPESTATUS[0]}\"";
        let done = output(Command::new("bash").args(["-c", script, "bash"]).args(front.prefix()));
        (String::from_utf8(done.stdout).unwrap(), String::from_utf8(done.stderr).unwrap())
    });
    assert_eq!(env, ("y\n141\n".to_owned(), String::new()));
    assert_eq!(gate, env);
}
