//! Wrappers that run a command in a container or pod.
//!
//! What only enters a container that exists (`exec`) comes off; what makes one (`run`, `debug`) is judged by its pack as
//! well. Sources: kubectl 1.36 (`kubectl options`, `kubectl exec --help`, `kubectl debug --help`), docker 29 (`docker run
//! --help`, `docker exec --help`), docker compose 2.40, podman 4.3, nerdctl 2.1, crictl 1.34, lxc 5.21, and pflag, which
//! reads options of all but crictl: a switch may be given as `--tty=false`.

use super::entry::{set, shell};
use super::reader::{End, Order, Read, Syntax, Value, Why, behind, certain, one, read, why};
use super::unwrapped::{Added, Inside, Itself, Step, Unwrapped, argv};
use super::verb::no_verb;
use super::{EnvironmentEdit, Words, clusters};
use std::ffi::OsStr;
use std::os::unix::ffi::OsStrExt;

/// Global options of kubectl that say where. What says who (`--as`, `--token`, `--user`) is left out, and so for a
/// rule to see.
const KUBECTL: &str = "cluster= context= kubeconfig= namespace= server= request-timeout= v= cache-dir= \
     insecure-skip-tls-verify? match-server-version? warnings-as-errors? disable-compression?";

/// kubectl(1) and oc(1).
pub(super) fn kubectl(words: &Words) -> Result<Step, Why> {
    let globals = match read(words, 1, &Syntax::first("n:s:v:", KUBECTL)) {
        Ok(globals) => globals,
        // Its own pack says of an unknown option what there is to say, unless a command is behind it.
        Err(_) if no_verb(words, &["exec", "debug", "rsh"]) => return Ok(Step::NotAWrapper),
        Err(why) => return Err(why),
    };
    match certain(words, globals.next)?.map(OsStr::as_bytes) {
        Some(b"exec") => exec(words, globals.next),
        Some(b"debug") => debug(words, globals.next),
        Some(b"rsh") => clusters::rsh(words, globals.next.saturating_add(1), KUBECTL),
        Some(_) | None => Ok(Step::NotAWrapper),
    }
}

fn exec(words: &Words, verb: usize) -> Result<Step, Why> {
    let long = format!("{KUBECTL} container= pod-running-timeout= quiet? stdin? tty? help");
    let given = read_long(words, verb, "n:s:v:c:qith", &long)?;
    if given.has(&["-h", "--help"]) {
        return Ok(Step::NotAWrapper);
    }
    let begin = behind(&given, words, 1)?;
    let pod = given.operands.first().map(|at| one(words, *at)).transpose()?.flatten();
    let inside = argv(words, begin).ok_or_else(|| why("names no command"))?;
    Ok(container("kubectl", words, begin, pod).holding([inside]))
}

fn read_long(words: &Words, verb: usize, short: &str, long: &str) -> Result<Read, Why> {
    read(words, verb.saturating_add(1), &Syntax { short, long, order: Order::Anywhere })
}

fn debug(words: &Words, verb: usize) -> Result<Step, Why> {
    let long = format!(
        "{KUBECTL} arguments-only? attach? container= copy-to= env= image= image-pull-policy= keep-annotations? \
         keep-init-containers? keep-labels? keep-liveness? keep-readiness? keep-startup? profile= quiet? replace? \
         same-node? set-image= share-processes? stdin? target= tty? help"
    );
    let given = read_long(words, verb, "n:s:v:c:qith", &long)?;
    if given.has(&["-h", "--help"]) || given.end == End::Operand {
        return Ok(Step::NotAWrapper); // No command: the image's own, which the pack speaks about.
    }
    let pod = given.operands.first().map(|at| one(words, *at)).transpose()?.flatten();
    let off = container("kubectl", words, given.next, pod).itself(Itself::Command);
    Ok(off.holding(argv(words, given.next)))
}

fn container(name: &'static str, words: &Words, next: usize, place: Option<Value>) -> Unwrapped {
    Unwrapped::new(name, words, next).adding(&[Added::Container]).at(place.map(|place| place.shown()))
}

/// One of the engines that share docker's command line.
struct Engine {
    name: &'static str,
    globals: Syntax<'static>,
}

const DOCKER: Engine = Engine {
    name: "docker",
    globals: Syntax::first(
        "c:DH:l:vh",
        "config= context= debug? host= log-level= tls? tlscacert= tlscert= tlskey= tlsverify? version help",
    ),
};

/// Left out: what names programs (`--conmon`, `--runtime`, `--hooks-dir`, `--network-cmd-path`).
const PODMAN: Engine = Engine {
    name: "podman",
    globals: Syntax::first(
        "c:rvh",
        "connection= identity= log-level= namespace= noout? remote? root= runroot= storage-driver= syslog? tmpdir= url= \
         volumepath= version help",
    ),
};

const NERDCTL: Engine = Engine {
    name: "nerdctl",
    globals: Syntax::first(
        "a:n:H:vh",
        "address= host= namespace= debug? debug-full? data-root= snapshotter= storage-driver= insecure-registry? \
         hosts-dir= version help",
    ),
};

pub(super) fn docker(words: &Words) -> Result<Step, Why> {
    DOCKER.read(words)
}

pub(super) fn podman(words: &Words) -> Result<Step, Why> {
    PODMAN.read(words)
}

pub(super) fn nerdctl(words: &Words) -> Result<Step, Why> {
    NERDCTL.read(words)
}

/// docker-compose, and podman-compose in as far as it is the same.
pub(super) fn docker_compose(words: &Words) -> Result<Step, Why> {
    Engine { name: "docker-compose", ..DOCKER }.compose(words, 1)
}

/// Left out: `--env-file`, as what stands in it may change what the program does.
const EXEC: Syntax<'static> = Syntax::first(
    "de:itu:w:h",
    "detach? detach-keys= env= interactive? preserve-fds= privileged? tty? user= workdir= help",
);

const RUN: Syntax<'static> = Syntax::first(
    "a:c:de:h:il:m:p:Pqtu:v:w:",
    "add-host= annotation= attach= blkio-weight= blkio-weight-device= cap-add= cap-drop= cgroup-parent= cgroupns= \
     cidfile= cpu-count= cpu-percent= cpu-period= cpu-quota= cpu-rt-period= cpu-rt-runtime= cpu-shares= cpus= \
     cpuset-cpus= cpuset-mems= detach? detach-keys= device= device-cgroup-rule= device-read-bps= device-read-iops= \
     device-write-bps= device-write-iops= disable-content-trust? dns= dns-opt= dns-option= dns-search= domainname= entrypoint= \
     env= env-file= expose= gpus= group-add= health-cmd= health-interval= health-retries= health-start-interval= \
     health-start-period= health-timeout= hostname= init? interactive? io-maxbandwidth= io-maxiops= ip= ip6= ipc= \
     isolation= kernel-memory= label= label-file= link= link-local-ip= log-driver= log-opt= mac-address= memory= \
     memory-reservation= memory-swap= memory-swappiness= mount= name= net= net-alias= network= network-alias= no-healthcheck? \
     oom-kill-disable? oom-score-adj= pid= pids-limit= platform= privileged? publish= publish-all? pull= quiet? \
     read-only? restart= rm? runtime= security-opt= shm-size= sig-proxy? stop-signal= stop-timeout= storage-opt= \
     sysctl= tmpfs= tty? ulimit= use-api-socket? user= userns= uts= volume= volume-driver= volumes-from= workdir= help",
);

const COMPOSE: Syntax<'static> = Syntax::first(
    "f:p:vhD",
    "file= project-name= profile= env-file= project-directory= ansi= progress= parallel= all-resources? \
     compatibility? dry-run? verbose? version help",
);

const COMPOSE_EXEC: Syntax<'static> = Syntax::first(
    "de:itTu:w:h",
    "detach? env= index= interactive? tty? no-tty? no-TTY? privileged? user= workdir= help",
);

const COMPOSE_RUN: Syntax<'static> = Syntax::first(
    "de:il:p:qTtPu:v:w:h",
    "build? cap-add= cap-drop= detach? entrypoint= env= env-from-file= interactive? label= name= no-tty? no-TTY? no-deps? \
     publish= pull= quiet? quiet-build? quiet-pull? remove-orphans? rm? service-ports? tty? use-aliases? user= volume= \
     workdir= help",
);

impl Engine {
    fn read(&self, words: &Words) -> Result<Step, Why> {
        let globals = match read(words, 1, &self.globals) {
            Ok(globals) => globals,
            Err(_) if no_verb(words, &["exec", "run"]) => return Ok(Step::NotAWrapper),
            Err(why) => return Err(why),
        };
        if globals.has(&["-v", "--version", "-h", "--help"]) {
            return Ok(Step::NotAWrapper);
        }
        let next = globals.next.saturating_add(1);
        match certain(words, globals.next)?.map(OsStr::as_bytes) {
            Some(b"container") => self.verb(words, next, [&EXEC, &RUN]),
            Some(b"compose") => self.compose(words, next),
            Some(_) | None => self.verb(words, globals.next, [&EXEC, &RUN]),
        }
    }

    fn compose(&self, words: &Words, from: usize) -> Result<Step, Why> {
        match read(words, from, &COMPOSE) {
            Ok(given) => self.verb(words, given.next, [&COMPOSE_EXEC, &COMPOSE_RUN]),
            Err(_) if no_verb(words, &["exec", "run"]) => Ok(Step::NotAWrapper),
            Err(why) => Err(why),
        }
    }

    fn verb(&self, words: &Words, at: usize, [exec, run]: [&Syntax<'_>; 2]) -> Result<Step, Why> {
        let next = at.saturating_add(1);
        match certain(words, at)?.map(OsStr::as_bytes) {
            Some(b"exec") => self.exec(words, &read(words, next, exec)?),
            Some(b"run") => self.run(words, &read(words, next, run)?),
            Some(_) | None => Ok(Step::NotAWrapper),
        }
    }

    fn exec(&self, words: &Words, given: &Read) -> Result<Step, Why> {
        let place = one(words, given.next)?;
        if given.has(&["--help"]) || place.is_none() {
            return Ok(Step::NotAWrapper);
        }
        let begin = given.next.saturating_add(1);
        let inside = argv(words, begin).ok_or_else(|| why("names no command"))?;
        let off = container(self.name, words, begin, place).changing(environment(given)?);
        let off = if given.has(&["-d", "--detach"]) { off.adding(&[Added::Detached]) } else { off };
        // A privileged one is out of its container in one step, which the pack has a rule about.
        let itself = if given.has(&["--privileged"]) { Itself::Command } else { Itself::Nothing };
        Ok(off.itself(itself).holding([inside]))
    }

    /// The words behind the image are a command, or arguments of the image's own program: judged as the former in addition.
    fn run(&self, words: &Words, given: &Read) -> Result<Step, Why> {
        let place = one(words, given.next)?;
        let begin = given.next.saturating_add(1);
        if given.has(&["--help"]) || place.is_none() {
            return Ok(Step::NotAWrapper);
        }
        let inside = match given.once(&["--entrypoint"])? {
            Some(entrypoint) if !entrypoint.text.is_empty() => {
                let mut inner = Words::default();
                inner.push(entrypoint.known()?.to_owned(), None);
                for at in begin..words.len() {
                    inner.push(words.get(at).cloned().unwrap_or_default(), words.loose(at).copied());
                }
                Some(Inside::Argv(inner))
            }
            Some(_) | None if words.get(begin).is_some_and(|word| word.as_bytes().starts_with(b"-")) => None,
            Some(_) | None => argv(words, begin),
        };
        let off =
            container(self.name, words, begin, place).changing(environment(given)?).itself(Itself::Command);
        let off = if given.has(&["-d", "--detach"]) { off.adding(&[Added::Detached]) } else { off };
        Ok(off.holding(inside))
    }
}

/// `-e NAME=VALUE`; a mere name hands on the caller's own.
fn environment(given: &Read) -> Result<Vec<EnvironmentEdit>, Why> {
    let pairs = given.values(&["-e", "--env"]).filter(|pair| pair.text.as_bytes().contains(&b'='));
    pairs.map(set).collect()
}

/// crictl exec.
pub(super) fn crictl(words: &Words) -> Result<Step, Why> {
    let syntax = Syntax::first(
        "c:r:i:t:Dhv",
        "config= runtime-endpoint= image-endpoint= timeout= debug enable-tracing help version",
    );
    let globals = read(words, 1, &syntax)?;
    if certain(words, globals.next)?.is_none_or(|verb| verb != "exec") {
        return Ok(Step::NotAWrapper);
    }
    let given = read(
        words,
        globals.next.saturating_add(1),
        &Syntax::first("ithsq", "interactive tty sync timeout= quiet help"),
    )?;
    let begin = given.next.saturating_add(1);
    let place = one(words, given.next)?;
    let inside = argv(words, begin).ok_or_else(|| why("names no command"))?;
    Ok(container("crictl", words, begin, place).holding([inside]))
}

/// `lxc exec` and `incus exec`.
pub(super) fn lxc(words: &Words) -> Result<Step, Why> {
    let globals = Syntax::first("hqv", "debug force-local project= quiet verbose help version");
    let globals = read(words, 1, &globals)?;
    match certain(words, globals.next)?.map(OsStr::as_bytes) {
        Some(b"exec") => {}
        Some(b"shell" | b"console") => return Err(shell()),
        Some(_) | None => return Ok(Step::NotAWrapper),
    }
    let syntax = Syntax::anywhere(
        "ntThqv",
        "env= force-interactive force-noninteractive user= group= mode= disable-stdin debug force-local project= \
         quiet verbose help",
    );
    let given = read(words, globals.next.saturating_add(1), &syntax)?;
    if given.has(&["-h", "--help"]) {
        return Ok(Step::NotAWrapper);
    }
    let begin = behind(&given, words, 1)?;
    let place = given.operands.first().map(|at| one(words, *at)).transpose()?.flatten();
    let sets = given.values(&["--env"]).map(set).collect::<Result<Vec<_>, _>>()?;
    let inside = argv(words, begin).ok_or_else(|| why("names no command"))?;
    Ok(container("lxc", words, begin, place).changing(sets).holding([inside]))
}
