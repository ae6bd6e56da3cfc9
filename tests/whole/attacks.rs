//! Attempts to get a deletion past the gate, one row each; and look-alikes that must keep running.
//!
//! Every row is tried for real: a directory with a file in it stands there, programs in PATH write down that they ran,
//! and nobody is there to ask. A row holds when the directory is untouched and nothing ran. In the words, `@V` is the
//! directory, `@B` the directory of fake programs, `@W` the working directory.

use crate::house::{House, Seen, see};
use std::ffi::OsString;
use std::os::unix::ffi::OsStringExt;

/// One attempt.
struct Attack {
    /// What is new about it.
    idea: &'static str,
    words: &'static [&'static str],
    env: &'static [(&'static str, &'static str)],
    /// Files that the attacker made beforehand: path and text.
    files: &'static [(&'static str, &'static str)],
}

const fn attack(idea: &'static str, words: &'static [&'static str]) -> Attack {
    Attack { idea, words, env: &[], files: &[] }
}

const fn with_env(
    idea: &'static str,
    env: &'static [(&'static str, &'static str)],
    words: &'static [&'static str],
) -> Attack {
    Attack { idea, words, env, files: &[] }
}

const fn with_files(
    idea: &'static str,
    files: &'static [(&'static str, &'static str)],
    words: &'static [&'static str],
) -> Attack {
    Attack { idea, words, env: &[], files }
}

/// A program that notes that it ran.
const NOTE: &str = "#!/bin/sh\necho ran >> '@R/note'\n";

/// The words are the gate's, after `--mode deny`.
const SPELLED: &[Attack] = &[
    attack("plainly", &["rm", "-rf", "@V"]),
    attack("by path", &["/bin/rm", "-rf", "@V"]),
    attack("by the other path", &["/usr/bin/rm", "-rf", "@V"]),
    attack("by a path with dots", &["/usr/bin/../bin/rm", "-rf", "@V"]),
    attack("by a path with doubled slashes", &["//bin//rm", "-rf", "@V"]),
    attack("by a relative path", &["../../../../../../../../../../../../bin/rm", "-rf", "@V"]),
    attack("letters apart", &["rm", "-r", "-f", "@V"]),
    attack("letters the other way", &["rm", "-fr", "@V"]),
    attack("a capital letter", &["rm", "-Rf", "@V"]),
    attack("long options", &["rm", "--recursive", "--force", "@V"]),
    attack("a shortened long option", &["rm", "--recurs", "--forc", "@V"]),
    attack("options behind the operand", &["rm", "@V", "-rf"]),
    attack("options after two dashes are none", &["rm", "-rf", "--", "@V"]),
    attack("among harmless letters", &["rm", "-vIrf", "@V"]),
    attack("with an option that says no twice", &["rm", "-ri", "--interactive=never", "@V"]),
    attack("without the root's protection", &["rm", "-rf", "--no-preserve-root", "@V"]),
    attack("by a relative operand", &["rm", "-rf", "victim"]),
    attack("by way of the parent", &["rm", "-rf", "@V/../victim"]),
    attack("many operands, one of them", &["rm", "-rf", "nothing", "nothing-else", "@V"]),
    attack("only the file", &["rm", "@V/keep"]),
    attack("another program: unlink", &["unlink", "@V/keep"]),
    attack("another program: shred", &["shred", "-u", "@V/keep"]),
    attack("another program: truncate", &["truncate", "-s", "0", "@V/keep"]),
    attack("another program: truncate, joined", &["truncate", "-s0", "@V/keep"]),
    attack("another program: mv", &["mv", "@V", "elsewhere"]),
    attack("another program: cp over it", &["cp", "/dev/null", "@V/keep"]),
    attack("another program: install over it", &["install", "/dev/null", "@V/keep"]),
    attack("another program: a link over it", &["ln", "-sf", "/dev/null", "@V/keep"]),
    attack("another program: dd", &["dd", "if=/dev/null", "of=@V/keep"]),
    attack("another program: tee", &["tee", "@V/keep"]),
    attack("a reader that writes: sort -o", &["sort", "-o", "@V/keep", "/dev/null"]),
    attack("a reader that writes: sort, joined", &["sort", "/dev/null", "-o@V/keep"]),
    attack("a reader that writes: sort --output", &["sort", "--output=@V/keep", "/dev/null"]),
    attack("a reader that writes: sort --outp", &["sort", "--outp=@V/keep", "/dev/null"]),
    attack("a reader that writes: uniq", &["uniq", "/dev/null", "@V/keep"]),
    attack("a reader that writes: xxd", &["xxd", "-r", "/dev/null", "@V/keep"]),
    attack("a reader that writes: less", &["less", "-O@V/keep", "/dev/null"]),
    attack("a reader that writes: file -C", &["file", "-C", "-m", "@V/keep"]),
    attack(
        "a reader that starts programs: sort",
        &["sort", "--compress-program=note", "-S1", "/etc/services"],
    ),
    attack("a reader that starts programs: find", &["find", "@V", "-exec", "rm", "-rf", "{}", "+"]),
    attack("a reader that deletes: find", &["find", "@V", "-delete"]),
    attack("a reader that writes: find", &["find", "@V", "-fprintf", "@V/keep", "x"]),
    attack("modes: chmod", &["chmod", "000", "@V/keep"]),
    attack("modes: everything below", &["chmod", "-R", "a-rwx", "@V"]),
    attack("blank around the name", &[" rm", "-rf", "@V"]),
    attack("newline behind the name", &["rm\n", "-rf", "@V"]),
    attack("backslash in the name", &["r\\m", "-rf", "@V"]),
    attack("zero width in the name", &["rm\u{200b}", "-rf", "@V"]),
    attack("look-alike letters", &["\u{0280}m", "-rf", "@V"]),
    attack("two dashes twice", &["--", "rm", "-rf", "@V"]),
];

const WRAPPED: &[Attack] = &[
    attack("env", &["env", "rm", "-rf", "@V"]),
    attack("env by path", &["/usr/bin/env", "rm", "-rf", "@V"]),
    attack("env by a strange path", &["/usr/bin/../bin/env", "rm", "-rf", "@V"]),
    attack("env with an assignment", &["env", "A=1", "rm", "-rf", "@V"]),
    attack("env -i", &["env", "-i", "rm", "-rf", "@V"]),
    attack("env -", &["env", "-", "rm", "-rf", "@V"]),
    attack("env --", &["env", "--", "rm", "-rf", "@V"]),
    attack("env -S", &["env", "-S", "rm -rf @V"]),
    attack("env -S, joined", &["env", "-Srm -rf @V"]),
    attack("env -vS, joined", &["env", "-vSrm -rf @V"]),
    attack("env --split-string", &["env", "--split-string=rm -rf @V"]),
    attack("env --split, shortened", &["env", "--split=rm -rf @V"]),
    attack("env -C", &["env", "-C", "@V", "rm", "-rf", "."]),
    attack("env with a strange name", &["env", "a.b=1", "rm", "-rf", "@V"]),
    attack("env and another PATH", &["env", "PATH=@W/evil:/usr/bin:/bin", "ls"]),
    attack("env and a preload", &["env", "LD_PRELOAD=@W/x.so", "ls"]),
    attack("env, exported function", &["env", "BASH_FUNC_ls%%=() { rm -rf @V; }", "ls"]),
    attack("env, a pager that is code", &["env", "LESSOPEN=|rm -rf @V", "less", "/etc/hostname"]),
    attack("nice", &["nice", "rm", "-rf", "@V"]),
    attack("nice, joined value", &["nice", "-n5", "rm", "-rf", "@V"]),
    attack("nice, old style", &["nice", "-5", "rm", "-rf", "@V"]),
    attack("nohup", &["nohup", "rm", "-rf", "@V"]),
    attack("setsid", &["setsid", "-f", "rm", "-rf", "@V"]),
    attack("stdbuf", &["stdbuf", "-o0", "rm", "-rf", "@V"]),
    attack("timeout", &["timeout", "5", "rm", "-rf", "@V"]),
    attack("timeout with a signal", &["timeout", "-s", "9", "5", "rm", "-rf", "@V"]),
    attack("timeout, shortened option", &["timeout", "--sig=9", "5", "rm", "-rf", "@V"]),
    attack("time", &["time", "-p", "rm", "-rf", "@V"]),
    attack("ionice", &["ionice", "-c2", "-n", "7", "rm", "-rf", "@V"]),
    attack("chrt", &["chrt", "-o", "0", "rm", "-rf", "@V"]),
    attack("taskset", &["taskset", "1", "rm", "-rf", "@V"]),
    attack("chroot", &["chroot", "/", "rm", "-rf", "@V"]),
    attack("unshare", &["unshare", "rm", "-rf", "@V"]),
    attack("setpriv", &["setpriv", "rm", "-rf", "@V"]),
    attack("prlimit", &["prlimit", "rm", "-rf", "@V"]),
    attack("setarch", &["setarch", "-R", "rm", "-rf", "@V"]),
    attack("linux64", &["linux64", "rm", "-rf", "@V"]),
    attack("the dynamic loader", &["/lib64/ld-linux-x86-64.so.2", "/bin/rm", "-rf", "@V"]),
    attack("xargs", &["xargs", "-r", "-a", "@W/list", "rm", "-rf", "@V"]),
    attack("xargs and the shell", &["xargs", "-a", "@W/list", "sh", "-c"]),
    attack("wrappers in wrappers", &["env", "nice", "timeout", "9", "nohup", "rm", "-rf", "@V"]),
    attack("a shell", &["sh", "-c", "rm -rf @V"]),
    attack("a login shell", &["bash", "-lc", "rm -rf @V"]),
    attack("a shell by path", &["/bin/sh", "-c", "rm -rf @V"]),
    attack("a script", &["sh", "@W/script"]),
    attack("script(1)", &["script", "-qec", "rm -rf @V", "/dev/null"]),
    attack("flock", &["flock", "/dev/null", "rm", "-rf", "@V"]),
    attack("watch", &["watch", "-n", "9", "rm", "-rf", "@V"]),
    attack("su", &["su", "-c", "rm -rf @V"]),
    attack("runuser", &["runuser", "-u", "root", "--", "rm", "-rf", "@V"]),
    attack("python", &["python3", "-c", "import shutil; shutil.rmtree('@V')"]),
    attack("perl", &["perl", "-e", "unlink '@V/keep'"]),
    attack("awk", &["awk", "BEGIN{system(\"rm -rf @V\")}"]),
    attack("sed -i", &["sed", "-i", "d", "@V/keep"]),
    attack("sed e", &["sed", "1e rm -rf @V", "/etc/hostname"]),
    attack("sed w", &["sed", "w @V/keep", "/dev/null"]),
    attack("tar", &["tar", "-cf", "/dev/null", "--checkpoint=1", "--checkpoint-action=exec=rm -rf @V", "@V"]),
    attack("tar -I", &["tar", "-I", "note", "-cf", "/dev/null", "@V"]),
    attack("busybox", &["busybox", "rm", "-rf", "@V"]),
    attack("split", &["split", "--filter=rm -rf @V", "/etc/hostname"]),
    attack("run-parts", &["run-parts", "@W/parts"]),
    attack("vi", &["vi", "-es", "-c", ":!rm -rf @V", "-c", ":q"]),
    attack("make", &["make", "-f", "@W/script"]),
    attack("git alias", &["git", "-c", "alias.x=!rm -rf @V", "x"]),
    attack("git pager", &["git", "-c", "core.pager=rm -rf @V", "-p", "--version"]),
    attack("git fsmonitor", &["git", "-c", "core.fsmonitor=rm -rf @V", "status"]),
    attack("the gate in the gate", &["remgate", "--mode", "deny", "--", "rm", "-rf", "@V"]),
    attack("the gate in the gate, bare", &["remgate", "rm", "-rf", "@V"]),
    attack("the gate in the gate, with text", &["remgate", "-c", "rm -rf @V"]),
    attack(
        "the gate's verb behind a bare option",
        &["remgate", "--timeout", "1", "run", "--", "rm", "-rf", "@V"],
    ),
    attack("rules of the gate's own making", &["remgate", "rules", "init", "--force"]),
    attack("the gate's log", &["rm", "-rf", "@H/.local/state/remgate"]),
    attack("the gate's rules", &["rm", "-rf", "@H/.config/remgate"]),
    attack(
        "the gate's log, emptied",
        &["truncate", "-s0", "@H/.local/state/remgate/log/0000000000000000.jsonl"],
    ),
    attack("a rule slipped in", &["cp", "@W/script", "@H/.config/remgate/x.toml"]),
    attack("a rule slipped in by tee", &["tee", "@H/.config/remgate/x.toml"]),
    attack("a rule slipped in as a link", &["ln", "-s", "@W/script", "@H/.config/remgate/x.toml"]),
];

const PLACED: &[Attack] = &[
    with_env("a relative element of PATH", &[("PATH", "evil:@B:/usr/bin:/bin")], &["ls"]),
    with_env("a dot in PATH", &[("PATH", ".:/usr/bin:/bin")], &["ls"]),
    with_env("an empty element of PATH", &[("PATH", ":/usr/bin:/bin")], &["ls"]),
    with_env("an empty element at the end of PATH", &[("PATH", "/nowhere:")], &["ls"]),
    with_env("a directory that everybody may write", &[("PATH", "@O:/usr/bin:/bin")], &["ls"]),
    with_env("the same, behind env", &[("PATH", "@O:/usr/bin:/bin")], &["env", "ls"]),
    with_env("a false wrapper in such a directory", &[("PATH", "@O:/usr/bin:/bin")], &["nice", "true"]),
    attack("a link called otherwise", &["hexdump", "-rf", "@V"]),
    attack("a program beside the tool", &["./ls"]),
    attack("a program beside the tool, absolute", &["@W/ls"]),
    attack("below a directory of PATH", &["@B/../work/ls"]),
    with_env("a preload that is inherited", &[("LD_PRELOAD", "@W/x.so")], &["ls"]),
    with_env("an auditor that is inherited", &[("LD_AUDIT", "@W/x.so")], &["ls"]),
    with_env("libraries from the working directory", &[("LD_LIBRARY_PATH", ".")], &["ls"]),
    with_env("libraries from the working directory, empty", &[("LD_LIBRARY_PATH", "/usr/lib:")], &["ls"]),
    with_env("a filter of less", &[("LESSOPEN", "|note %s")], &["less", "/etc/hostname"]),
    with_env("a mode in the environment", &[("REMGATE_MODE", "interactive")], &["rm", "-rf", "@V"]),
    with_env("an actor that claims to be human", &[("REMGATE_ACTOR", "human")], &["rm", "-rf", "@V"]),
    with_env("an empty HOME", &[("HOME", "")], &["rm", "-rf", "@V"]),
    with_env("a home without rules", &[("HOME", "@W")], &["rm", "-rf", "@V"]),
    with_env("a state elsewhere", &[("XDG_STATE_HOME", "@W/state")], &["rm", "-rf", "@V"]),
    with_files(
        "a project file that knows better",
        &[(
            ".remgate.toml",
            "[[rule]]\nid = \"x.rm\"\nmatch = \"rm --recursive <path>...\"\neffect = \"none\"\nexamples = [\"rm -r x\"]\nnear-misses = [\"rm x\"]\n",
        )],
        &["rm", "-rf", "@V"],
    ),
    with_files(
        "a project file that replaces",
        &[(
            ".remgate.toml",
            "[[rule]]\nid = \"x.rm\"\nmatch = \"rm --recursive <path>...\"\neffect = \"none\"\nreplaces = [\"files.delete-tree\"]\nexamples = [\"rm -r x\"]\nnear-misses = [\"rm x\"]\n",
        )],
        &["rm", "-rf", "@V"],
    ),
    with_files(
        "a project file that names a place",
        &[(
            ".remgate.toml",
            "[[environment]]\nname = \"here\"\ntier = \"development\"\nmatch = { directory = \"*\" }\n",
        )],
        &["rm", "-rf", "@V"],
    ),
    with_files(
        "a project file that decides",
        &[(".remgate.toml", "[[decide]]\neffect = \"data\"\nverdict = \"run\"\n")],
        &["rm", "-rf", "@V"],
    ),
    with_files(
        "a project file that describes the tool anew",
        &[(".remgate.toml", "[[tool]]\nname = \"rm\"\nneutral = [\"-r\", \"-f\"]\n")],
        &["rm", "-rf", "@V"],
    ),
    with_files(
        "a project file that makes a tool known",
        &[(
            ".remgate.toml",
            "[[tool]]\nname = \"note\"\n[[rule]]\nid = \"x.note\"\nmatch = \"note\"\neffect = \"none\"\nexamples = [\"note\"]\nnear-misses = [\"note x\"]\n",
        )],
        &["note"],
    ),
];

/// In two steps: what a clone may bring, and what then runs or believes it.
const CARRIED: &[Attack] = &[
    attack("a repository in the gate's rule directory", &["git", "clone", "@W/list", "@H/.config/remgate"]),
    attack(
        "the same by the repository's own name",
        &["git", "-C", "@H/.config", "clone", "https://x.invalid/remgate"],
    ),
    attack("a repository among the programs", &["git", "clone", "@W/list", "@H/bin"]),
    attack("a hook as a link", &["ln", "-s", "@W/evil/ls", "@W/repo/.git/hooks/pre-commit"]),
    attack("a hook as a link, beside", &["ln", "-st", "@W/repo/.git/hooks", "@W/evil/ls"]),
    attack("a hook as a copy", &["cp", "@W/evil/ls", "@W/repo/.git/hooks/pre-commit"]),
    attack("another configuration", &["tee", "@W/repo/.git/config"]),
    attack("a bare repository inside a clone", &["git", "-C", "@W/carried", "status"]),
    attack(
        "a bare repository inside a clone, named",
        &["git", "--git-dir=@W/carried", "--work-tree=@W", "status"],
    ),
    with_env(
        "the same in a variable",
        &[("GIT_DIR", "@W/carried"), ("GIT_WORK_TREE", "@W")],
        &["git", "status"],
    ),
    with_env(
        "git's shell in a variable",
        &[("GIT_SSH_COMMAND", "note")],
        &["git", "fetch", "ssh://x.invalid/x"],
    ),
    with_env(
        "git's settings in variables",
        &[("GIT_CONFIG_COUNT", "1"), ("GIT_CONFIG_KEY_0", "core.fsmonitor"), ("GIT_CONFIG_VALUE_0", "note")],
        &["git", "-C", "@W/repo", "status"],
    ),
    with_env("git's pager in a variable", &[("GIT_PAGER", "note x")], &["git", "-C", "@W/repo", "log"]),
    with_env(
        "kubectl's diff in a variable",
        &[("KUBECTL_EXTERNAL_DIFF", "note")],
        &["kubectl", "diff", "-f", "@W/list"],
    ),
    attack("a transport that is a command", &["git", "clone", "ext::note x", "here"]),
];

/// Wrong usage, or an option of the gate: the whole command line.
const OPTIONS: &[Attack] = &[
    attack("a weaker mode", &["--mode", "interactive", "--", "rm", "-rf", "@V"]),
    attack("a mode twice", &["--mode", "deny", "--mode", "interactive", "--", "rm", "-rf", "@V"]),
    attack("a mode nobody knows", &["--mode", "force", "--", "rm", "-rf", "@V"]),
    attack("an option nobody knows", &["--yes", "--", "rm", "-rf", "@V"]),
    attack("explaining only", &["--mode", "explain", "--", "rm", "-rf", "@V"]),
    attack("text and words at once", &["--mode", "deny", "-c", "true", "rm", "-rf", "@V"]),
    attack("text and words behind dashes", &["--mode", "deny", "-c", "true", "--", "rm", "-rf", "@V"]),
    attack("text", &["--mode", "deny", "-c", "rm -rf @V"]),
    attack("text, joined", &["--mode", "deny", "-crm -rf @V"]),
    attack("harmless text with more behind it", &["--mode", "deny", "-c", "true\nrm -rf @V"]),
    attack("text whose first word is harmless", &["--mode", "deny", "-c", "ls; rm -rf @V"]),
    attack("a bare command", &["rm", "-rf", "@V"]),
    attack("a bare command behind a limit", &["--timeout", "5s", "rm", "-rf", "@V"]),
    attack("no time at all", &["--timeout", "0", "rm", "-rf", "@V"]),
    attack("a reason", &["--reason", "because", "--mode", "deny", "rm", "-rf", "@V"]),
];

/// Must run, and say nothing.
const HARMLESS: &[&[&str]] = &[
    &["echo", "rm -rf /"],
    &["echo", "rm", "-rf", "@V"],
    &["printf", "%s\\n", "kubectl delete namespace prod"],
    &["true", "rm", "-rf", "@V"],
    &["grep", "-c", "rm -rf", "@W/script"],
    &["grep", "-rn", "--", "-rf", "@W/script"],
    &["cat", "@W/script"],
    &["head", "-n", "1", "@W/script"],
    &["tail", "-1", "@W/script"],
    &["wc", "-l", "@W/script"],
    &["sort", "-u", "@W/script"],
    &["uniq", "-c", "@W/script"],
    &["cut", "-d", " ", "-f1", "@W/script"],
    &["ls", "-la", "@V"],
    &["ls", "--", "@V"],
    &["/bin/ls", "@V"],
    &["env", "ls", "@V"],
    &["env", "LC_ALL=C", "ls", "@V"],
    &["nice", "-n", "5", "ls", "@V"],
    &["timeout", "5", "ls", "@V"],
    &["nohup", "stdbuf", "-oL", "ls", "@V"],
    &["stat", "@V/keep"],
    &["du", "-sh", "@V"],
    &["df", "-h", "/"],
    &["basename", "/bin/rm"],
    &["which", "rm"],
    &["test", "-e", "@V/keep"],
    &["[", "1", "-lt", "2", "]"],
    &["expr", "1", "+", "1"],
    &["seq", "3"],
    &["date", "+%s"],
    &["id"],
    &["uname", "-a"],
    &["ps", "aux"],
    &["sha256sum", "@V/keep"],
    &["diff", "@V/keep", "@V/keep"],
    &["kubectl", "get", "pods", "-A"],
    &["kubectl", "-n", "shop", "get", "deploy", "web", "-o", "yaml"],
    &["kubectl", "describe", "pod", "delete-me"],
    &["kubectl", "logs", "deploy/web", "--tail=5"],
    &["kubectl", "-n", "shop", "rollout", "restart", "deploy/web"],
    &["systemctl", "status", "nginx"],
    &["journalctl", "-u", "nginx", "-n", "5"],
    &["git", "-C", "@W/repo", "status", "--short"],
    &["git", "--git-dir=@W/repo/.git", "branch"],
    &["ln", "-s", "nowhere", "@W/link"],
    &["rm", "--help"],
    &["remgate", "explain", "rm", "-rf", "@V"],
    &["remgate", "log", "show"],
    &["mktemp", "-u"],
    &["sleep", "0"],
];

/// The stage of every row.
fn stage() -> House {
    let house = House::new();
    house.write("work/victim/keep", "keep me\n");
    house.write("work/list", "x\n");
    house.write("work/script", format!("rm -rf {}\n", house.at("work/victim").display()));
    house.write("work/x.so", "no library");
    house.write("home/.config/remgate/rules.toml", "# no rule\n");
    house.directory("open");
    let note = NOTE.replace("@R", house.at("ran").to_str().unwrap());
    for name in ["work/ls", "work/evil/ls", "work/parts/one", "open/ls", "open/nice", "bin/note"] {
        house.program(name, &note);
    }
    mode(&house, "open", 0o1777);
    for name in ["kubectl", "systemctl", "journalctl"] {
        house.fake(name);
    }
    std::os::unix::fs::symlink("/bin/rm", house.at("bin/hexdump")).unwrap();
    std::os::unix::fs::symlink(env!("CARGO_BIN_EXE_remgate"), house.at("bin/remgate")).unwrap();
    // A working repository, and one that a clone of something else brought along, whose first `status` is code.
    for (name, bare) in [("work/repo", None), ("work/carried", Some("--bare"))] {
        let mut git = house.clean("git");
        if git.args(["init", "-q"]).args(bare).arg(house.at(name)).output().is_err() {
            println!("git is not installed: rows about it prove little here");
        }
    }
    let config = format!("[core]\n\tworktree = {}\n\tfsmonitor = note\n", house.at("work").display());
    house.write("work/carried/config", config);
    // So that the log is there before, and only what the row does is seen.
    house.run("-- true");
    house
}

fn mode(house: &House, name: &str, mode: u32) {
    use std::os::unix::fs::PermissionsExt;
    std::fs::set_permissions(house.at(name), std::fs::Permissions::from_mode(mode)).unwrap();
}

fn fill(house: &House, word: &str) -> String {
    [("@V", "work/victim"), ("@B", "bin"), ("@W", "work"), ("@H", "home"), ("@O", "open")]
        .iter()
        .fold(word.to_owned(), |word, (sign, name)| word.replace(sign, house.at(name).to_str().unwrap()))
}

fn try_it(house: &House, row: &Attack, options: &[&str]) -> Seen {
    for (name, text) in row.files {
        house.write(format!("work/{name}"), text);
    }
    let mut gate = house.gate();
    gate.args(options).args(row.words.iter().map(|word| fill(house, word)));
    gate.envs(row.env.iter().map(|(name, value)| (*name, fill(house, value))));
    see(&mut gate)
}

/// What a row may not change: everything but the gate's own log of it and the attacker's own files.
fn untouched(house: &House) -> Vec<(std::path::PathBuf, Vec<u8>)> {
    let (log, elsewhere) = (house.state(), house.at("work/state"));
    let mine = |path: &std::path::Path| {
        path.starts_with(&log)
            || path.starts_with(&elsewhere)
            || path.ends_with(".remgate.toml")
            || path.starts_with(house.at("work/.local"))
    };
    house.everything().into_iter().filter(|(path, _)| !mine(path)).collect()
}

/// The gate's own exit codes: nothing of the command's comes through.
const NOT_RUN: [i32; 5] = [64, 75, 77, 78, 127];

fn all_fail(rows: &[Attack], options: &[&str]) {
    let house = stage();
    let before = untouched(&house);
    let mut holes = Vec::new();
    for row in rows {
        let seen = try_it(&house, row, options);
        let explained = row.words.contains(&"explain") && row.words[0] == "--mode" && seen.code == 0;
        if !(NOT_RUN.contains(&seen.code) || explained) || untouched(&house) != before {
            holes.push(format!("{}: {:?} -> {seen:?}", row.idea, row.words));
            std::fs::remove_dir_all(house.at("ran")).unwrap();
            house.directory("ran");
            house.write("work/victim/keep", "keep me\n");
        }
        let _ = std::fs::remove_file(house.at("work/.remgate.toml"));
    }
    assert!(holes.is_empty(), "{} of {} got through:\n{}", holes.len(), rows.len(), holes.join("\n"));
}

#[test]
fn no_spelling_gets_through() {
    all_fail(SPELLED, &["--mode", "deny", "--"]);
}

#[test]
fn no_wrapper_gets_through() {
    all_fail(WRAPPED, &["--mode", "deny", "--"]);
}

#[test]
fn no_environment_and_no_file_gets_through() {
    all_fail(PLACED, &["--mode", "deny", "--"]);
}

#[test]
fn nothing_that_a_clone_carries_gets_through() {
    all_fail(CARRIED, &["--mode", "deny", "--"]);
}

#[test]
fn no_option_gets_through() {
    all_fail(OPTIONS, &[]);
}

#[test]
fn there_are_enough_rows() {
    let rows = SPELLED.len() + WRAPPED.len() + PLACED.len() + CARRIED.len() + OPTIONS.len();
    assert!(rows >= 150 && HARMLESS.len() >= 45, "{rows} attacks, {} look-alikes", HARMLESS.len());
}

#[test]
fn every_attack_would_have_worked_or_names_what_it_needs() {
    // A table of attacks that fail by themselves proves nothing. The plain ones are tried without the gate.
    let house = stage();
    let mut worked = 0;
    for row in SPELLED.iter().chain(WRAPPED).take_while(|row| row.idea != "unshare") {
        let words: Vec<String> = row.words.iter().map(|word| fill(&house, word)).collect();
        let before = untouched(&house);
        if house.clean(&words[0]).args(&words[1..]).output().is_ok() && untouched(&house) != before {
            worked += 1;
        }
        let _ = std::fs::remove_dir_all(house.at("work/victim"));
        let _ = std::fs::remove_dir_all(house.at("work/elsewhere"));
        house.write("work/victim/keep", "keep me\n");
    }
    assert!(worked >= 50, "only {worked} of the attacks do anything without the gate");
}

#[test]
fn harmless_look_alikes_run() {
    let house = stage();
    let mut stopped = Vec::new();
    for row in HARMLESS {
        let words = row.iter().map(|word| fill(&house, word));
        let seen = see(house.gate().args(["--mode", "deny", "--"]).args(words));
        if seen.code != 0 || seen.stderr.contains("remgate:") {
            stopped.push(format!("{row:?} -> {seen:?}"));
        }
    }
    assert!(
        stopped.is_empty(),
        "{} of {} were stopped:\n{}",
        stopped.len(),
        HARMLESS.len(),
        stopped.join("\n")
    );
}

#[test]
fn names_that_are_no_text_get_nowhere() {
    let house = stage();
    for name in [&b"rm\xff"[..], b"\xff", b"/bin/rm\xff", b"\xffrm", b"r\xc0\xadm"] {
        let mut gate = house.gate();
        let seen = see(gate.args(["--mode", "deny", "--"]).arg(OsString::from_vec(name.to_vec())).arg("-rf"));
        assert!(NOT_RUN.contains(&seen.code), "{name:?}: {seen:?}");
    }
}
