//! Wrappers that change how a process of this host runs: its environment, priority, limits, terminal, tracer.
//!
//! Sources: the optstring in each program's source and its man page - coreutils 9.1 (env nice nohup timeout stdbuf
//! chroot), util-linux 2.38.1 (ionice chrt setsid taskset setpriv unshare nsenter flock script prlimit), time(1) 1.9,
//! procps-ng 4.0 (watch), numactl 2.0.16, strace 6.1, ltrace 0.7.3, perf 6.1, bash 5.2 (command exec builtin eval).

use super::entry::{Bare, Between, Entry, Mark, PLAIN, assignments, text};
use super::reader::{End, Read, Syntax, Why, certain, one, read, why};
use super::unwrapped::{Added, Inside, Itself, Step, Unwrapped, argv};
use super::{EnvironmentEdit, Words};
use crate::command::shell::Dialect;
use std::ffi::OsStr;
use std::os::unix::ffi::OsStrExt;

/// nohup(1). What it writes is called nohup.out and only appended to.
pub(super) const NOHUP: Entry = Entry { name: "nohup", ..PLAIN };

/// ionice(1): `+n:c:p:P:u:tVh`.
pub(super) const IONICE: Entry = Entry {
    name: "ionice",
    syntax: Syntax::first("n:c:p:P:u:tVh", "classdata= class= pid= pgid= uid= ignore version help"),
    marks: &[("-p --pid -P --pgid -u --uid -V --version -h --help", Mark::Lookup)],
    ..PLAIN
};

/// chrt(1): `+abdD:fiphmoP:T:rRvV`. Newer versions may take the priority to be 0.
pub(super) const CHRT: Entry = Entry {
    name: "chrt",
    syntax: Syntax::first(
        "abdD:fiphmoP:T:rRvV",
        "all-tasks batch deadline fifo idle pid help max other rr sched-runtime= sched-period= sched-deadline= \
         reset-on-fork verbose version",
    ),
    marks: &[("-p --pid -m --max -V --version -h --help", Mark::Lookup)],
    between: Between::Number,
    ..PLAIN
};

/// timeout(1): `+k:s:v`, and with 9.5 `f` and `p`.
pub(super) const TIMEOUT: Entry = Entry {
    name: "timeout",
    syntax: Syntax::first("k:s:vfp", "kill-after= signal= verbose foreground preserve-status help version"),
    between: Between::Positionals(1),
    adds: &[Added::Interrupted],
    ..PLAIN
};

/// stdbuf(1): `+i:o:e:`.
pub(super) const STDBUF: Entry =
    Entry { name: "stdbuf", syntax: Syntax::first("i:o:e:", "input= output= error= help version"), ..PLAIN };

/// setsid(1): `+Vhcfw`.
pub(super) const SETSID: Entry = Entry {
    name: "setsid",
    syntax: Syntax::first("Vhcfw", "ctty fork wait version help"),
    marks: &[("-V --version -h --help", Mark::Lookup), ("-f --fork", Mark::Adds(Added::Detached))],
    ..PLAIN
};

/// time(1): `+af:o:pqvV`. bash's own `time` takes `-p` alone; with another option it starts nothing.
pub(super) const TIME: Entry = Entry {
    name: "time",
    syntax: Syntax::first("af:o:pqvV", "append format= output= portability quiet verbose version help"),
    marks: &[("-V --version --help", Mark::Lookup), ("-o --output", Mark::Writes)],
    ..PLAIN
};

/// taskset(1): `+pchVa`.
pub(super) const TASKSET: Entry = Entry {
    name: "taskset",
    syntax: Syntax::first("pchVa", "pid all-tasks cpu-list help version"),
    marks: &[("-p --pid -V --version -h --help", Mark::Lookup)],
    between: Between::Positionals(1),
    ..PLAIN
};

/// numactl(8). What works on shared memory files is left out.
pub(super) const NUMACTL: Entry = Entry {
    name: "numactl",
    syntax: Syntax::first(
        "abi:p:C:N:m:lsHh",
        "all balancing interleave= preferred= physcpubind= cpunodebind= membind= localalloc show hardware help",
    ),
    marks: &[("-s --show -H --hardware -h --help", Mark::Lookup)],
    ..PLAIN
};

/// prlimit(1): `c::d::e::f::i::l::m::n::q::r::s::t::u::v::x::y::p:o:Vh`.
pub(super) const PRLIMIT: Entry = Entry {
    name: "prlimit",
    syntax: Syntax::first(
        "c::d::e::f::i::l::m::n::q::r::s::t::u::v::x::y::p:Vh",
        "as? core? cpu? data? fsize? locks? memlock? msgqueue? nice? nofile? nproc? rss? rtprio? rttime? \
         sigpending? stack? pid= help version",
    ),
    marks: &[("-p --pid -V --version -h --help", Mark::Lookup)],
    ..PLAIN
};

/// setpriv(1): `+dhV`.
pub(super) const SETPRIV: Entry = Entry {
    name: "setpriv",
    syntax: Syntax::first(
        "dhV",
        "dump nnp no-new-privs inh-caps= ambient-caps= list-caps ruid= euid= rgid= egid= reuid= regid= \
         clear-groups keep-groups init-groups groups= bounding-set= securebits= pdeathsig= selinux-label= \
         apparmor-profile= reset-env help version",
    ),
    marks: &[("-d --dump --list-caps -V --version -h --help", Mark::Lookup), ("--reset-env", Mark::Clears)],
    adds: &[Added::OtherUser],
    ..PLAIN
};

/// unshare(1): `+fhVmuinpCTUrR:w:S:G:c`; `-w` is left out.
pub(super) const UNSHARE: Entry = Entry {
    name: "unshare",
    syntax: Syntax::first(
        "fhVmuinpCTUrR:S:G:c",
        "mount? uts? ipc? net? pid? user? cgroup? time? fork map-user= map-group= map-root-user \
         map-current-user map-auto map-users= map-groups= kill-child? mount-proc? propagation= setgroups= \
         keep-caps root= setuid= setgid= monotonic= boottime= help version",
    ),
    marks: &[
        ("-V --version -h --help", Mark::Lookup),
        ("-R --root", Mark::Adds(Added::OtherRoot)),
        ("-S --setuid", Mark::Adds(Added::OtherUser)),
    ],
    bare: Bare::Shell,
    adds: &[Added::Container],
    ..PLAIN
};

/// nsenter(1): `+ahVt:m::u::i::n::p::C::U::T::S:G:r::w::W:FZ`; `-w` and `-W` are left out. Entering another mount
/// namespace also sets the working directory to its root (setns(2)).
pub(super) const NSENTER: Entry = Entry {
    name: "nsenter",
    syntax: Syntax::first(
        "ahVt:m::u::i::n::p::C::U::T::S:G:r::FZ",
        "all target= mount? uts? ipc? net? pid? cgroup? user? time? setuid= setgid= root? \
         preserve-credentials no-fork follow-context help version",
    ),
    marks: &[
        ("-V --version -h --help", Mark::Lookup),
        ("-t --target", Mark::Place),
        ("-a --all -m --mount", Mark::Adds(Added::OtherDirectory)),
        ("-r --root", Mark::Adds(Added::OtherRoot)),
        ("-S --setuid", Mark::Adds(Added::OtherUser)),
    ],
    bare: Bare::Shell,
    adds: &[Added::Container],
    ..PLAIN
};

/// chroot(1): no short options.
pub(super) const CHROOT: Entry = Entry {
    name: "chroot",
    syntax: Syntax::first("", "groups= userspec= skip-chdir help version"),
    between: Between::Place,
    bare: Bare::Shell,
    adds: &[Added::OtherRoot, Added::OtherUser],
    ..PLAIN
};

/// `command` of POSIX shells; `-v` and `-V` only look a name up.
pub(super) const COMMAND: Entry =
    Entry { name: "command", syntax: Syntax::first("pvV", ""), marks: &[("-v -V", Mark::Lookup)], ..PLAIN };

/// `exec` of bash: `cla:`.
pub(super) const EXEC: Entry =
    Entry { name: "exec", syntax: Syntax::first("cla:", ""), marks: &[("-c", Mark::Clears)], ..PLAIN };

/// `builtin` of bash.
pub(super) const BUILTIN: Entry = Entry { name: "builtin", syntax: Syntax::first("", ""), ..PLAIN };

/// Precommand modifiers of zsh (zshmisc(1)).
pub(super) const NOGLOB: Entry = Entry { name: "noglob", syntax: Syntax::first("", ""), ..PLAIN };

/// As [`NOGLOB`].
pub(super) const NOCORRECT: Entry = Entry { name: "nocorrect", syntax: Syntax::first("", ""), ..PLAIN };

/// catchsegv(1) of glibc; a shell script that knows `--help` and `--version` alone.
pub(super) const CATCHSEGV: Entry = Entry { name: "catchsegv", ..PLAIN };

/// eatmydata(1).
pub(super) const EATMYDATA: Entry = Entry { name: "eatmydata", syntax: Syntax::first("", ""), ..PLAIN };

/// chronic(1) of moreutils.
pub(super) const CHRONIC: Entry = Entry { name: "chronic", syntax: Syntax::first("ve", ""), ..PLAIN };

/// caffeinate(8) of macOS.
pub(super) const CAFFEINATE: Entry =
    Entry { name: "caffeinate", syntax: Syntax::first("disumt:w:", ""), ..PLAIN };

/// systemd-inhibit(1), systemd 252.
pub(super) const SYSTEMD_INHIBIT: Entry = Entry {
    name: "systemd-inhibit",
    syntax: Syntax::first("h", "what= who= why= mode= list no-pager no-legend help version"),
    marks: &[("--list -h --help --version", Mark::Lookup)],
    ..PLAIN
};

/// ltrace(1). `-F` names a file that is read, `-o` one that is written.
pub(super) const LTRACE: Entry = Entry {
    name: "ltrace",
    syntax: Syntax::first(
        "a:A:bcCe:fhil:Ln:o:p:rs:StTu:Vx:",
        "align= no-signals demangle library= indent= output= help version",
    ),
    marks: &[
        ("-p -h --help -V --version", Mark::Lookup),
        ("-o --output", Mark::Writes),
        ("-u", Mark::Adds(Added::OtherUser)),
    ],
    ..PLAIN
};

/// nice(1): `+n:`, and the obsolete `-5`, `--5`, `-+5` in between.
pub(super) fn nice(words: &Words) -> Result<Step, Why> {
    let syntax = Syntax::first("n:", "adjustment= help version");
    let mut next = 1;
    loop {
        let obsolete = words.loose(next).is_none() && words.get(next).is_some_and(|word| is_adjustment(word));
        if obsolete {
            next = next.saturating_add(1);
            continue;
        }
        // One option at a time, for the obsolete form may follow any of them.
        let given = read(&words.between(0, option_end(words, next)), next, &syntax)?;
        if given.has(&["--help", "--version"]) {
            return Ok(Step::NotAWrapper);
        }
        if given.next == next || given.end == End::Dashes {
            let next = given.next;
            return Ok(Unwrapped::new("nice", words, next).holding(argv(words, next)));
        }
        next = given.next;
    }
}

/// Where the option at this place of nice ends: one word, or two with its value.
fn option_end(words: &Words, at: usize) -> usize {
    let lone = words.get(at).is_some_and(|word| word == "-n" || word == "--adjustment");
    at.saturating_add(if lone { 2 } else { 1 })
}

fn is_adjustment(word: &OsStr) -> bool {
    match word.as_bytes() {
        [b'-', b'-' | b'+', digit, ..] | [b'-', digit, ..] => digit.is_ascii_digit(),
        _ => false,
    }
}

/// env(1): `+C:iS:u:v0` and a mere `-`. `-C` is left out: relative paths would not be the caller's.
pub(super) fn env(words: &Words) -> Result<Step, Why> {
    let syntax = Syntax::first(
        "iS:u:v0",
        "ignore-environment null unset= split-string= debug block-signal? default-signal? ignore-signal? \
         list-signal-handling help version",
    );
    let given = read(&words.between(0, split_string(words)), 1, &syntax)?;
    if given.has(&["--help", "--version"]) {
        return Ok(Step::NotAWrapper);
    }
    let mut environment = Vec::new();
    for option in &given.options {
        match (option.name.as_str(), &option.value) {
            ("-i" | "--ignore-environment", _) => environment.push(EnvironmentEdit::Clear),
            ("-u" | "--unset", Some(value)) => {
                environment.push(EnvironmentEdit::Unset(value.known()?.to_owned()))
            }
            ("-S" | "--split-string", Some(value)) => {
                let inner = spliced(value.known()?, words, given.next)?;
                let off = Unwrapped::new("env", words, given.next).changing(environment);
                return Ok(off.holding([Inside::Argv(inner)]));
            }
            _ => {}
        }
    }
    let mut next = given.next;
    if words.get(next).is_some_and(|word| word == "-") {
        environment.push(EnvironmentEdit::Clear);
        next = next.saturating_add(1);
    }
    let (set, next) = assignments(words, next)?;
    environment.extend(set);
    Ok(Unwrapped::new("env", words, next).changing(environment).holding(argv(words, next)))
}

/// The place behind the first `-S` and its value. What follows is read by the env that the splitting makes, not by this.
fn split_string(words: &Words) -> usize {
    let is_split = |word: &OsStr| {
        let text = word.as_bytes();
        let cluster = text.iter().skip(1).take_while(|byte| b"iv0".contains(byte)).count().saturating_add(1);
        let short = text.first() == Some(&b'-') && text.get(cluster) == Some(&b'S');
        let value_behind = (short && text.len() == cluster.saturating_add(1)) || text == b"--split-string";
        (short || text.starts_with(b"--split-string")).then_some(if value_behind { 2_usize } else { 1 })
    };
    let found = words.iter().enumerate().skip(1).find_map(|(at, word)| Some((at, is_split(word)?)));
    found.map_or(words.len(), |(at, count)| at.saturating_add(count))
}

/// What `env -S` makes of its text: split at blanks. Quotes, backslashes, `$` and `#` are not followed.
fn spliced(text: &OsStr, words: &Words, next: usize) -> Result<Words, Why> {
    let plain = |byte: &u8| byte.is_ascii_alphanumeric() || b" \t_./=:,@%+-".contains(byte);
    if !text.as_bytes().iter().all(plain) {
        return Err(why("the text of -S has characters that it reads in its own way"));
    }
    let mut inner = Words::default();
    inner.push("env".into(), None);
    let parts = text.as_bytes().split(|byte| b" \t".contains(byte)).filter(|part| !part.is_empty());
    parts.for_each(|part| inner.push(OsStr::from_bytes(part).to_owned(), None));
    for at in next..words.len() {
        inner.push(words.get(at).cloned().unwrap_or_default(), words.loose(at).copied());
    }
    Ok(inner)
}

/// flock(1): `+sexnoFuw:E:hV`, then the file, then `-c TEXT` or a command; a file descriptor alone starts nothing.
pub(super) fn flock(words: &Words) -> Result<Step, Why> {
    let syntax = Syntax::first(
        "sexnoFuw:E:hV",
        "shared exclusive unlock nonblocking nonblock nb timeout= wait= conflict-exit-code= close no-fork verbose \
         help version",
    );
    let given = read(words, 1, &syntax)?;
    one(words, given.next)?;
    let next = given.next.saturating_add(1);
    if given.has(&["-h", "--help", "-V", "--version"]) || next >= words.len() {
        return Ok(Step::NotAWrapper);
    }
    // `flock FILE "$x" ...`: with `-c` in `$x` the next word is a text.
    if certain(words, next)?.is_some_and(|word| word == "-c" || word == "--command") {
        let text_at = next.saturating_add(1);
        if words.len() != text_at.saturating_add(1) {
            return Err(why("`-c` takes exactly one text"));
        }
        let off = Unwrapped::new("flock", words, text_at);
        return Ok(off.holding(text(words, text_at, Dialect::Posix)?));
    }
    Ok(Unwrapped::new("flock", words, next).holding(argv(words, next)))
}

/// script(1): `aB:c:eE:fI:O:o:qm:T:t::Vh`. Its file is written, so with a file it is a command of its own.
pub(super) fn script(words: &Words) -> Result<Step, Why> {
    let syntax = Syntax::anywhere(
        "aB:c:eE:fI:O:o:qm:T:t::Vh",
        "append command= echo= return flush force log-in= log-out= log-io= log-timing= logging-format= \
         output-limit= quiet timing? help version",
    );
    let given = read(words, 1, &syntax)?;
    if given.has(&["-V", "--version", "-h", "--help"]) {
        return Ok(Step::NotAWrapper);
    }
    let Some(command) = given.once(&["-c", "--command"])? else { return Err(super::entry::shell()) };
    let logs =
        ["-B", "-I", "-O", "-T", "-t", "--log-in", "--log-out", "--log-io", "--log-timing", "--timing"];
    let files: Vec<usize> = given.operands.iter().copied().chain(given.next..words.len()).collect();
    let nowhere = files
        .iter()
        .all(|at| words.loose(*at).is_none() && words.get(*at).is_some_and(|file| file == "/dev/null"));
    let itself =
        if given.has(&logs) || files.is_empty() || !nowhere { Itself::Command } else { Itself::Nothing };
    let inside = Inside::Text(command.known()?.to_owned(), Dialect::Posix);
    Ok(Unwrapped::new("script", words, words.len()).itself(itself).holding([inside]))
}

/// watch(1): `+bced::ghq:n:prtwvxC`; joins its words for `sh -c`, with `-x` starts them.
pub(super) fn watch(words: &Words) -> Result<Step, Why> {
    let syntax = Syntax::first(
        "bced::ghq:n:prtwvxC",
        "beep color no-color differences? errexit chgexit equexit= interval= precise no-rerun no-title no-wrap \
         exec help version",
    );
    let given = read(words, 1, &syntax)?;
    if given.has(&["-h", "--help", "-v", "--version"]) {
        return Ok(Step::NotAWrapper);
    }
    let off = Unwrapped::new("watch", words, given.next).adding(&[Added::Interrupted]);
    Ok(match given.has(&["-x", "--exec"]) {
        true => off.holding(argv(words, given.next)),
        false => off.holding(text(words, given.next, Dialect::Posix)?),
    })
}

/// `eval` of POSIX shells: its words joined by spaces, in the shell that runs already.
pub(super) fn eval(words: &Words) -> Result<Step, Why> {
    let given = read(words, 1, &Syntax::first("", ""))?;
    Ok(Unwrapped::new("eval", words, given.next).holding(text(words, given.next, Dialect::Bash)?))
}

/// strace(1). `-E` changes the environment and is left out.
pub(super) fn strace(words: &Words) -> Result<Step, Why> {
    let syntax = Syntax::first(
        "a:Ab:cCdDe:fFhiI:kno:O:p:P:qrs:S:tTu:U:vVwxX:yYzZ",
        "attach= columns= daemonize? debug decode-fds? decode-pids= detach-on= failed-only follow-forks help \
         instruction-pointer interruptible= no-abbrev output= output-append-mode output-separately quiet? \
         relative-timestamps? absolute-timestamps? seccomp-bpf stack-traces status= signal= string-limit= \
         strings-in-hex? successful-only summary summary-only summary-columns= summary-sort-by= \
         summary-syscall-overhead= summary-wall-clock syscall-number syscall-times? trace= trace-path= user= \
         verbose= abbrev= raw= read= write= const-print-style= version",
    );
    let given = read(words, 1, &syntax)?;
    if given.has(&["-h", "--help", "-V", "--version"]) || given.next >= words.len() {
        return Ok(Step::NotAWrapper);
    }
    for expression in given.values(&["-e"]) {
        let known = expression.known()?.to_string_lossy();
        if known.starts_with("inject=") || known.starts_with("fault=") {
            // The program then does not do what its own rule says.
            return Err(why("`-e inject` changes what the program's system calls do"));
        }
    }
    let mut off = Unwrapped::new("strace", words, given.next).itself(output(&given)?);
    if given.has(&["-u", "--user"]) {
        off = off.adding(&[Added::OtherUser]);
    }
    Ok(off.holding(argv(words, given.next)))
}

/// Where strace and perf write. `strace -o '|sh'` starts a shell that reads the trace.
fn output(given: &Read) -> Result<Itself, Why> {
    let mut itself = Itself::Nothing;
    for file in given.values(&["-o", "--output"]) {
        if matches!(file.known()?.as_bytes().first(), Some(b'|' | b'!') | None) {
            return Err(why("`-o` starts a program that reads what is written"));
        }
        itself = Itself::Command;
    }
    Ok(itself)
}

/// perf-stat(1) and perf-record(1); `--pre`, `--post`, `--clang-path` and `--vmlinux` are left out. Its other verbs start
/// nothing, but for `perf trace`, `perf bench` and their like, which are left to rules.
pub(super) fn perf(words: &Words) -> Result<Step, Why> {
    let verb = certain(words, 1)?;
    // `perf stat record -- sleep 30` writes what it counts.
    let counts =
        verb.is_some_and(|verb| verb == "stat") && certain(words, 2)?.is_some_and(|word| word == "record");
    let (syntax, itself) = match verb.map(OsStr::as_bytes) {
        Some(b"stat") => (
            Syntax::first(
                "aABC:D:de:G:gI:ijM:no:p:r:St:Tvx:",
                "all-cpus no-aggr big-num cpu= delay= detailed event= cgroup= interval-print= no-inherit \
                 json-output metrics= null output= pid= repeat= sync tid= transaction verbose field-separator= \
                 all-kernel all-user append per-core per-die per-node per-socket per-thread quiet summary table \
                 timeout= interval-count= interval-clear metric-only no-scale topdown",
            ),
            if counts { Itself::Command } else { Itself::Nothing },
        ),
        Some(b"record") => (
            Syntax::first(
                "abBc:C:D:de:F:gG:ij:k:m:nNo:p:PqRr:sS::t:Tu:vWz::",
                "all-cpus count= cpu= delay= data event= freq= call-graph= cgroup= no-inherit branch-filter= \
                 clockid= mmap-pages= no-samples no-buildid no-buildid-cache output= pid= period quiet \
                 raw-samples realtime= stat tid= timestamp uid= verbose weight all-kernel all-user sample-cpu \
                 per-thread strict-freq overwrite max-size=",
            ),
            Itself::Command,
        ),
        Some(
            b"trace" | b"bench" | b"kvm" | b"sched" | b"lock" | b"mem" | b"c2c" | b"kwork" | b"script"
            | b"ftrace" | b"inject",
        ) => return Err(why("a verb that may start programs")),
        Some(b"-h" | b"--help" | b"-v" | b"--version") | None => return Ok(Step::NotAWrapper),
        Some([b'-', ..]) => return Err(why("options stand in front of its verb")),
        Some(_) => return Ok(Step::NotAWrapper),
    };
    let given = read(words, if counts { 3 } else { 2 }, &syntax)?;
    let itself = if itself == Itself::Command { itself } else { output(&given)? };
    Ok(Unwrapped::new("perf", words, given.next).itself(itself).holding(argv(words, given.next)))
}
