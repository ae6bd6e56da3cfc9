//! Wrappers of clusters and schedulers: a command in a task, an allocation, a virtual machine; another tool under their name.
//!
//! In: the words of such a program. Out: the command inside, and where it runs. Never: a session, nor a verb that is not here:
//! those are for its pack.
//!
//! Sources: cmd/ctr/commands/tasks/exec.go of containerd 1.7, command/alloc_exec.go of nomad 1.8 and Go's flag, `minikube ssh
//! --help` and `minikube kubectl` 1.33, k3s 1.30, rke2 1.30, microk8s 1.30, pkg/virtctl/ssh of kubevirt 1.2, cephadm 18.

use super::entry::{Between, Entry, Mark, PLAIN, shell};
use super::hosts::{session, with_text};
use super::reader::{Syntax, Value, Why, behind, certain, one, read, why};
use super::unwrapped::{Added, Inside, Step, Unwrapped, argv};
use super::verb::{no_verb, phrase};
use super::{EnvironmentEdit, Words};
use crate::command::shell::Dialect;
use crate::command::word::{Count, Loose, Nature};
use std::ffi::{OsStr, OsString};
use std::os::unix::ffi::OsStrExt;

/// `ctr tasks exec CONTAINER COMMAND`. `--log-uri` may start a program and is left out.
pub(super) fn ctr(words: &Words) -> Result<Step, Why> {
    const EXEC: Entry = Entry {
        name: "ctr",
        syntax: Syntax::first("tdh", "cwd= tty detach exec-id= user= help"),
        marks: &[("-h --help", Mark::Lookup), ("-d --detach", Mark::Adds(Added::Detached))],
        between: Between::Place,
        adds: &[Added::Container],
        ..PLAIN
    };
    let globals = Syntax::first("a:n:hv", "debug address= timeout= connect-timeout= namespace= help version");
    let globals = match read(words, 1, &globals) {
        Ok(globals) => globals,
        Err(_) if no_verb(words, &["exec"]) => return Ok(Step::NotAWrapper),
        Err(why) => return Err(why),
    };
    for verb in [["tasks", "exec"], ["task", "exec"], ["t", "exec"]] {
        if let Some(from) = phrase(words, globals.next, &verb)? {
            return started(EXEC.off(words, from)?, words);
        }
    }
    Ok(Step::NotAWrapper)
}

/// What an entry took off, which must leave a command.
fn started(off: Option<(Unwrapped, usize)>, words: &Words) -> Result<Step, Why> {
    match off {
        None => Ok(Step::NotAWrapper),
        Some((off, next)) => Ok(off.holding(argv(words, next))),
    }
}

/// `nomad alloc exec ALLOCATION COMMAND`. Go's flag reads `-task` and `--task` alike.
pub(super) fn nomad(words: &Words) -> Result<Step, Why> {
    const EXEC: Entry = Entry {
        name: "nomad",
        syntax: Syntax::first(
            "",
            "task= group= job? i? t? e= address= region= namespace= token= ca-cert= ca-path= client-cert= client-key= \
             tls-server-name= tls-skip-verify? no-color? force-color? help h",
        ),
        marks: &[("--help --h", Mark::Lookup)],
        between: Between::Place,
        adds: &[Added::Container],
        ..PLAIN
    };
    let option = words.get(1).is_some_and(|word| word.as_bytes().starts_with(b"-"));
    if option && !no_verb(words, &["exec"]) {
        return Err(why("options stand in front of its verb"));
    }
    for verb in [&["alloc", "exec"][..], &["exec"]] {
        if let Some(from) = phrase(words, 1, verb)? {
            // Every place stays what it was.
            return started(EXEC.off(&with_two_dashes(words), from)?, words).map(|step| own(step, words));
        }
    }
    Ok(Step::NotAWrapper)
}

/// The words with `--task` for `-task`.
fn with_two_dashes(words: &Words) -> Words {
    let mut all = Words::default();
    for (at, word) in words.iter().enumerate() {
        let (mut text, mut loose) = (word.clone(), words.loose(at).copied());
        if let [b'-', first, ..] = word.as_bytes()
            && *first != b'-'
        {
            let mut longer = OsString::from("-");
            longer.push(&text);
            text = longer;
            if let Some(loose) = loose.as_mut().filter(|loose| loose.certain > 0) {
                loose.certain = loose.certain.saturating_add(1);
            }
        }
        all.push(text, loose);
    }
    all
}

/// With the wrapper's words as they were typed.
fn own(step: Step, words: &Words) -> Step {
    match step {
        Step::Off(mut off) => {
            off.taken.words = words.between(0, off.taken.words.len()).to_vec();
            Step::Off(off)
        }
        Step::NotAWrapper | Step::Opaque(_) => step,
    }
}

/// `minikube ssh -- TEXT`, and `minikube kubectl -- ...`, which is kubectl with another cluster.
pub(super) fn minikube(words: &Words) -> Result<Step, Why> {
    const OPTIONS: &str =
        "profile= user= node= native-ssh? bootstrapper= alsologtostderr? logtostderr? v= help";
    let globals = match read(words, 1, &Syntax::first("p:b:v:h", OPTIONS)) {
        Ok(globals) => globals,
        Err(_) if no_verb(words, &["ssh", "kubectl"]) => return Ok(Step::NotAWrapper),
        Err(why) => return Err(why),
    };
    let verb = certain(words, globals.next)?.map(OsStr::as_bytes);
    let (Some(b"ssh" | b"kubectl"), from) = (verb, globals.next.saturating_add(1)) else {
        return Ok(Step::NotAWrapper);
    };
    let given = read(words, from, &Syntax::anywhere("p:b:v:n:lh", OPTIONS))?;
    if given.has(&["-h", "--help"]) {
        return Ok(Step::NotAWrapper);
    }
    let begin = behind(&given, words, 0)?;
    let profile = given.values(&["-p", "--profile"]).chain(globals.values(&["-p", "--profile"])).next();
    let off = Unwrapped::new("minikube", words, begin);
    if verb == Some(b"kubectl") {
        let mut inner = Words::default();
        inner.push("kubectl".into(), None);
        let (mut cluster, certain) = (OsString::from("--cluster="), profile.filter(|value| value.certain));
        cluster.push(profile.map_or(OsStr::new("(minikube's)"), |value| value.text.as_os_str()));
        let known = Loose { certain: "--cluster=".len(), count: Count::One, nature: Nature::Dynamic };
        inner.push(cluster, certain.is_none().then_some(known));
        push_from(&mut inner, words, begin);
        return Ok(off.holding([Inside::Argv(inner)]));
    }
    let inside = super::entry::text(words, begin, Dialect::Posix)?.ok_or_else(session)?;
    let node = given.values(&["-n", "--node"]).next().or(profile).map_or("minikube".to_owned(), Value::shown);
    Ok(off.adding(&[Added::OtherHost]).at(Some(node)).holding([inside]))
}

fn push_from(inner: &mut Words, words: &Words, from: usize) {
    for at in from..words.len() {
        inner.push(words.get(at).cloned().unwrap_or_default(), words.loose(at).copied());
    }
}

/// `k3s kubectl`, `k3s ctr`, `k3s crictl`, and the same of rke2 and microk8s. Which configuration they read without
/// `KUBECONFIG` is not known here.
pub(super) fn small_cluster(words: &Words) -> Result<Step, Why> {
    const TOOLS: [&str; 3] = ["kubectl", "ctr", "crictl"];
    let globals = match read(words, 1, &Syntax::first("", "debug help version")) {
        Ok(globals) => globals,
        Err(_) if no_verb(words, &TOOLS) => return Ok(Step::NotAWrapper),
        Err(why) => return Err(why),
    };
    if !certain(words, globals.next)?.is_some_and(|verb| TOOLS.iter().any(|tool| verb == *tool)) {
        return Ok(Step::NotAWrapper);
    }
    let off = Unwrapped::new("k3s", words, globals.next);
    let edit = EnvironmentEdit::Unsure("KUBECONFIG".into());
    Ok(off.changing(vec![edit]).holding(argv(words, globals.next)))
}

/// `virtctl ssh MACHINE --command TEXT`. Options of the local ssh (`-t`) are left out.
pub(super) fn virtctl(words: &Words) -> Result<Step, Why> {
    match certain(words, 1)?.map(OsStr::as_bytes) {
        Some(b"ssh") => {}
        Some([b'-', ..]) if !no_verb(words, &["ssh"]) => {
            return Err(why("options stand in front of its verb"));
        }
        Some(_) | None => return Ok(Step::NotAWrapper),
    }
    let syntax = Syntax::anywhere(
        "c:l:i:p:n:h",
        "command= username= identity-file= port= namespace= context= kubeconfig= local-ssh? help",
    );
    let given = read(words, 2, &syntax)?;
    if given.has(&["-h", "--help"]) {
        return Ok(Step::NotAWrapper);
    }
    if given.next < words.len() || given.operands.len() != 1 {
        return Err(why("takes exactly one machine"));
    }
    with_text("virtctl", words, &given, &["-c", "--command"])
}

/// `cephadm shell -- COMMAND`. What it sees besides (`--mount`, `--volume`, `--env`) is left out.
pub(super) fn cephadm(words: &Words) -> Result<Step, Why> {
    const SHELL: Entry = Entry {
        name: "cephadm",
        syntax: Syntax::first("n:c:k:h", "fsid= name= config= keyring= no-hosts help"),
        marks: &[("-h --help", Mark::Lookup)],
        bare: super::entry::Bare::Shell,
        adds: &[Added::Container],
        ..PLAIN
    };
    let globals = match read(words, 1, &Syntax::first("vh", "image= docker data-dir= verbose timeout= help"))
    {
        Ok(globals) => globals,
        Err(_) if no_verb(words, &["shell"]) => return Ok(Step::NotAWrapper),
        Err(why) => return Err(why),
    };
    match phrase(words, globals.next, &["shell"])? {
        Some(from) => started(SHELL.off(words, from)?, words),
        None => Ok(Step::NotAWrapper),
    }
}

/// `oc rsh POD COMMAND`, whose options end with the pod.
pub(super) fn rsh(words: &Words, from: usize, options: &str) -> Result<Step, Why> {
    let long = format!("{options} container= no-tty? tty? timeout= help");
    let given = read(words, from, &Syntax::first("n:s:v:c:tTh", &long))?;
    if given.has(&["-h", "--help"]) {
        return Ok(Step::NotAWrapper);
    }
    let pod = one(words, given.next)?.ok_or_else(shell)?;
    let begin = given.next.saturating_add(1);
    let inside = argv(words, begin).ok_or_else(shell)?;
    let off = Unwrapped::new("oc", words, begin).adding(&[Added::Container]).at(Some(pod.shown()));
    Ok(off.holding([inside]))
}
