//! How far this installation enforces, and what is wrong with it (design section 13).
//!
//! In: an [`Installation`], which [`look`](look()) fills for everything that is not another room's to say. Out:
//! [`Finding`]s, as data; the report room prints them. [`setup`] says which commands make what several accounts share.
//! Never: changes, creates or repairs anything, starts a process, or says that a thing is well because it could not be
//! looked at.

mod approvals;
mod look;
pub mod setup;
mod standing;

pub use approvals::{Approvals, Approvers, Listed, Mailbox, Own, Person};
pub use look::{Asked, look};
pub use standing::{Attributes, FileSystem, Standing, Volume, Writer};

use std::fmt;
use std::path::PathBuf;

/// Below this the next actions still fit, but somebody should act: about 60,000 records.
const LITTLE_SPACE: u64 = 64 << 20;
/// Below this the log may refuse, and then nothing runs.
const NO_SPACE: u64 = 4 << 20;

/// How bad a finding is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Level {
    /// As it should be.
    Ok,
    /// Worth knowing.
    Note,
    /// Works, but weaker than it looks.
    Warn,
    /// Does not work, or does not protect.
    Fail,
}

impl Level {
    /// The word used on screens and in JSON.
    #[must_use]
    pub fn word(self) -> &'static str {
        match self {
            Level::Ok => "ok",
            Level::Note => "note",
            Level::Warn => "warn",
            Level::Fail => "fail",
        }
    }
}

/// What a finding is about.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Topic {
    /// How far the installation enforces.
    Enforcement,
    /// The log directory.
    Log,
    /// A layer of rules.
    Rules,
    /// Who is taken to be asking.
    Actor,
    /// The terminal that a prompt would use.
    Terminal,
    /// What the kernel offers.
    Kernel,
    /// The home directory.
    Home,
    /// The search path for programs.
    Path,
    /// Variables that change what programs do.
    Environment,
    /// Programs that packs know.
    Programs,
    /// Who approves, where requests wait, and what signs.
    Approvals,
}

impl Topic {
    /// The word used on screens and in JSON.
    #[must_use]
    pub fn word(self) -> &'static str {
        match self {
            Topic::Enforcement => "enforcement",
            Topic::Log => "log",
            Topic::Rules => "rules",
            Topic::Actor => "actor",
            Topic::Terminal => "terminal",
            Topic::Kernel => "kernel",
            Topic::Home => "home",
            Topic::Path => "path",
            Topic::Environment => "environment",
            Topic::Programs => "programs",
            Topic::Approvals => "approvals",
        }
    }
}

/// One thing that was looked at.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Finding {
    /// How bad it is.
    pub level: Level,
    /// What it is about.
    pub topic: Topic,
    /// What is so, in one line. Holds paths and names from outside: sanitize before it is shown.
    pub text: String,
    /// What to do about it, where something can be done.
    pub help: Option<String>,
}

impl Finding {
    fn new(level: Level, topic: Topic, text: impl Into<String>) -> Self {
        Self { level, topic, text: text.into(), help: None }
    }

    fn help(mut self, help: impl Into<String>) -> Self {
        self.help = Some(help.into());
        self
    }
}

/// Whether a layer of rules counts.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Trust {
    /// There is no such file.
    Missing,
    /// It was loaded.
    Trusted,
    /// It was refused; nothing runs until that is mended.
    Refused {
        /// The load room's own words.
        why: String,
    },
}

/// One layer of rules.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Layer {
    /// `system`, `user` or `project`.
    pub name: String,
    /// Its file or directory.
    pub path: PathBuf,
    /// What the load room said of it.
    pub trust: Trust,
    /// How it stands on disk.
    pub standing: Standing,
}

/// Who is taken to be asking, as the actor detection says.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Actor {
    /// `human`, `agent` or `job`, with its name where there is one.
    pub class: String,
    /// What that was concluded from: `$CLAUDECODE`, `/dev/tty`, ...
    pub evidence: Vec<String>,
    /// The mode that follows from it.
    pub mode: String,
}

/// Whether something is there.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Presence {
    /// It is there.
    Present,
    /// It is not.
    Missing,
    /// It cannot be told on this system.
    Unknown,
}

/// One thing that the kernel offers, and what the gate does without it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Feature {
    /// Its name in the kernel's manual pages.
    pub name: &'static str,
    /// Whether it is there.
    pub presence: Presence,
    /// What is weaker without it.
    pub without: &'static str,
}

/// One element of PATH.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Element {
    /// As written; empty means the current directory.
    pub text: PathBuf,
    /// How that directory stands.
    pub standing: Standing,
}

/// One program and where PATH finds it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Program {
    /// Its name.
    pub name: String,
    /// Its first place in PATH.
    pub found: Option<PathBuf>,
}

/// Everything that is examined.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Installation {
    /// Who asks: the real user and their groups.
    pub asker: Writer,
    /// The user the gate itself runs as (effective uid).
    pub gate: u32,
    /// The log directory.
    pub log: PathBuf,
    /// How it stands.
    pub log_standing: Standing,
    /// What it lies on.
    pub volume: Volume,
    /// The layers of rules.
    pub layers: Vec<Layer>,
    /// Who is taken to be asking.
    pub actor: Actor,
    /// Whether `/dev/tty` can be opened.
    pub terminal: Presence,
    /// What the kernel offers.
    pub kernel: Vec<Feature>,
    /// `HOME`, as set.
    pub home: Option<PathBuf>,
    /// How that directory stands.
    pub home_standing: Standing,
    /// PATH, element by element; nothing where it is not set.
    pub path: Vec<Element>,
    /// Names of the variables in the environment.
    pub variables: Vec<String>,
    /// The programs that packs know.
    pub programs: Vec<Program>,
    /// `ssh-keygen`.
    pub ssh_keygen: Program,
    /// `ssh-add`.
    pub ssh_add: Program,
    /// Who approves, and where requests wait.
    pub approvals: Approvals,
}

/// How far an installation enforces (design section 13).
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Enforcement {
    /// Whoever asks can also change the rules and the log: it helps the willing.
    Advisory,
    /// Whoever asks cannot change the system's rules, but can write the log.
    RootOwnedRules,
    /// The gate runs as a user of its own; whoever asks can change neither rules nor log.
    SeparateUser,
}

impl fmt::Display for Enforcement {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(match self {
            Enforcement::Advisory => "advisory",
            Enforcement::RootOwnedRules => "root-owned rules",
            Enforcement::SeparateUser => "separate user",
        })
    }
}

/// How far this installation enforces. What could not be looked at counts as writable.
#[must_use]
pub fn enforcement(installation: &Installation) -> Enforcement {
    let asker = &installation.asker;
    let kept = |standing: &Standing| match standing {
        Standing::There(attributes) => !asker.can_change(attributes),
        Standing::Missing | Standing::Hidden { .. } => false,
    };
    let system = installation.layers.iter().filter(|layer| layer.name == "system");
    let mut loaded = system.filter(|layer| layer.trust == Trust::Trusted).peekable();
    // Root can change everything, so nothing binds a root that asks.
    if asker.uid == 0 || loaded.peek().is_none() || !loaded.all(|layer| kept(&layer.standing)) {
        return Enforcement::Advisory;
    }
    if installation.gate != asker.uid && kept(&installation.log_standing) {
        return Enforcement::SeparateUser;
    }
    Enforcement::RootOwnedRules
}

/// The worst level among findings; [`Level::Ok`] where there are none.
#[must_use]
pub fn worst(findings: &[Finding]) -> Level {
    findings.iter().map(|finding| finding.level).max().unwrap_or(Level::Ok)
}

/// Examines an installation; findings come topic by topic, enforcement first.
#[must_use]
pub fn examine(installation: &Installation) -> Vec<Finding> {
    let mut findings = vec![enforced(installation)];
    findings.extend(log(installation));
    findings.extend(installation.layers.iter().map(|layer| rules(layer, &installation.asker)));
    findings.push(actor(&installation.actor));
    findings.push(terminal(installation.terminal));
    findings.extend(installation.kernel.iter().map(kernel));
    findings.push(home(installation));
    findings.extend(path(installation));
    findings.extend(environment(&installation.variables));
    findings.push(programs(&installation.programs));
    findings.extend(approvals::findings(installation));
    findings
}

fn enforced(installation: &Installation) -> Finding {
    let level = enforcement(installation);
    let finding = |grade, text: &str| Finding::new(grade, Topic::Enforcement, format!("{level}: {text}"));
    match level {
        Enforcement::Advisory if installation.asker.uid == 0 => {
            finding(Level::Warn, "root asks, and root can change the rules, the log and the gate itself")
                .help("ask as an ordinary user, and let the gate's rules be root's")
        }
        Enforcement::Advisory => finding(
            Level::Note,
            "whoever asks can also change the rules and the log, or call the tool without the gate",
        )
        .help("put rules into /etc/remgate, owned by root; then run the gate as a user of its own"),
        Enforcement::RootOwnedRules => finding(
            Level::Note,
            "the system's rules are out of reach of whoever asks; the log, and calling the tool without the gate, are not",
        )
        .help("run the gate as a user of its own, which alone holds the credentials"),
        Enforcement::SeparateUser => {
            finding(Level::Ok, "rules and log are out of reach of whoever asks; the log is not anchored elsewhere yet")
        }
    }
}

fn log(installation: &Installation) -> Vec<Finding> {
    let shown = installation.log.display();
    let finding = |level, text: String| Finding::new(level, Topic::Log, text);
    let mut findings = match &installation.log_standing {
        Standing::Missing => {
            vec![finding(Level::Note, format!("`{shown}` does not exist; the first run creates it"))]
        }
        Standing::Hidden { cause } => {
            vec![
                finding(Level::Fail, format!("cannot look at `{shown}`: {cause}"))
                    .help("nothing runs until it can be written"),
            ]
        }
        Standing::There(attributes) => log_attributes(&shown.to_string(), attributes, installation.gate),
    };
    findings.extend(volume(&shown.to_string(), &installation.volume));
    findings
}

fn log_attributes(shown: &str, attributes: &Attributes, gate: u32) -> Vec<Finding> {
    let fail = |text: String| Finding::new(Level::Fail, Topic::Log, text);
    let mode = attributes.mode & 0o7777;
    if attributes.link == Presence::Present {
        return vec![fail(format!("`{shown}` is a symbolic link, and whoever can turn it can swap the log"))];
    }
    if attributes.directory != Presence::Present {
        return vec![fail(format!("`{shown}` is not a directory"))];
    }
    let mut findings = Vec::new();
    if attributes.owner != gate {
        let owner = attributes.owner;
        findings.push(
            fail(format!("`{shown}` belongs to uid {owner}, and the gate runs as uid {gate}"))
                .help(format!("chown {gate} {shown}")),
        );
    }
    if mode & 0o022 != 0 {
        findings.push(
            fail(format!("`{shown}` is writable by others (mode {mode:04o})"))
                .help(format!("chmod 700 {shown}")),
        );
    } else if mode & 0o077 != 0 {
        let text = format!("`{shown}` is readable by others (mode {mode:04o}); commands are in it");
        findings.push(Finding::new(Level::Note, Topic::Log, text).help(format!("chmod 700 {shown}")));
    }
    if findings.is_empty() {
        findings.push(Finding::new(
            Level::Ok,
            Topic::Log,
            format!("`{shown}` (uid {gate}, mode {mode:04o})"),
        ));
    }
    findings
}

fn volume(shown: &str, volume: &Volume) -> Vec<Finding> {
    let finding = |level, text: String| Finding::new(level, Topic::Log, text);
    let system = match volume.file_system {
        FileSystem::Local => None,
        FileSystem::Unknown => Some(finding(
            Level::Note,
            format!("what `{shown}` lies on cannot be told; locks and fsync need a local disk"),
        )),
        FileSystem::Network(name) => Some(
            finding(Level::Warn, format!("`{shown}` lies on {name}, where locks and fsync may not hold"))
                .help("put the log on a local disk and anchor it elsewhere"),
        ),
        FileSystem::Memory(name) => Some(
            finding(Level::Warn, format!("`{shown}` lies on {name} and is gone after a restart"))
                .help("put the log on a disk"),
        ),
    };
    let space = match volume.free {
        None => Some(finding(Level::Note, format!("free space below `{shown}` cannot be told"))),
        Some(free) if free < NO_SPACE => Some(
            finding(Level::Fail, format!("{} KiB are free below `{shown}`", free >> 10))
                .help("without room for its record nothing runs"),
        ),
        Some(free) if free < LITTLE_SPACE => {
            Some(finding(Level::Warn, format!("{} MiB are free below `{shown}`", free >> 20)))
        }
        Some(_) => None,
    };
    system.into_iter().chain(space).collect()
}

fn rules(layer: &Layer, asker: &Writer) -> Finding {
    let (name, shown) = (&layer.name, layer.path.display());
    let finding = |level, text: String| Finding::new(level, Topic::Rules, text);
    match (&layer.trust, &layer.standing) {
        (Trust::Missing, Standing::There(_)) => {
            finding(Level::Note, format!("{name}: `{shown}` holds no rule file"))
        }
        (Trust::Missing, Standing::Missing | Standing::Hidden { .. }) => {
            finding(Level::Note, format!("{name}: `{shown}` does not exist"))
        }
        (Trust::Refused { why }, _) => finding(Level::Fail, format!("{name}: `{shown}` is refused: {why}"))
            .help("nothing runs until it is mended; `remgate rules check` shows all that is wrong"),
        (Trust::Trusted, Standing::There(attributes)) if asker.can_change(attributes) => {
            finding(Level::Note, format!("{name}: `{shown}` is loaded, and whoever asks can change it"))
        }
        (Trust::Trusted, Standing::There(_)) => {
            finding(Level::Ok, format!("{name}: `{shown}` is loaded, and whoever asks cannot change it"))
        }
        (Trust::Trusted, Standing::Missing | Standing::Hidden { .. }) => {
            finding(Level::Warn, format!("{name}: `{shown}` was loaded but cannot be looked at"))
        }
    }
}

fn actor(actor: &Actor) -> Finding {
    let why = if actor.evidence.is_empty() {
        "nothing says otherwise".to_owned()
    } else {
        actor.evidence.join(", ")
    };
    Finding::new(Level::Ok, Topic::Actor, format!("{} ({why}), mode {}", actor.class, actor.mode))
}

fn terminal(presence: Presence) -> Finding {
    let finding = |level, text| Finding::new(level, Topic::Terminal, text);
    match presence {
        Presence::Present => finding(Level::Ok, "/dev/tty opens: a prompt can be shown"),
        Presence::Missing => {
            finding(Level::Note, "there is no /dev/tty: what needs a human waits or is refused")
        }
        Presence::Unknown => finding(Level::Note, "whether a prompt can be shown cannot be told"),
    }
}

fn kernel(feature: &Feature) -> Finding {
    let Feature { name, presence, without } = feature;
    let finding = |level, text: String| Finding::new(level, Topic::Kernel, text);
    match presence {
        Presence::Present => finding(Level::Ok, (*name).to_owned()),
        Presence::Missing => finding(Level::Warn, format!("no {name}: {without}")),
        Presence::Unknown => finding(Level::Note, format!("{name} cannot be told; without it, {without}")),
    }
}

fn home(installation: &Installation) -> Finding {
    let finding = |level, text: String| Finding::new(level, Topic::Home, text);
    let Some(home) = &installation.home else {
        return finding(
            Level::Warn,
            "HOME is not set; user rules and most targets cannot be found".to_owned(),
        );
    };
    let shown = home.display();
    match &installation.home_standing {
        _ if !home.is_absolute() => {
            finding(Level::Warn, format!("HOME is `{shown}`, which is no absolute path"))
        }
        Standing::Missing => finding(Level::Warn, format!("HOME is `{shown}`, which does not exist")),
        Standing::Hidden { cause } => {
            finding(Level::Warn, format!("cannot look at HOME, `{shown}`: {cause}"))
        }
        // sudo without -H keeps the caller's HOME: root then loads the caller's kubeconfig and plugins.
        Standing::There(attributes) if attributes.owner != installation.gate => {
            let owner = attributes.owner;
            finding(Level::Warn, format!("HOME is `{shown}`, which belongs to uid {owner}"))
        }
        Standing::There(attributes) if attributes.mode & 0o002 != 0 => {
            finding(Level::Warn, format!("HOME is `{shown}`, which everybody can write"))
        }
        Standing::There(_) => finding(Level::Ok, format!("`{shown}`")),
    }
}

fn path(installation: &Installation) -> Vec<Finding> {
    let finding = |level, text: String| Finding::new(level, Topic::Path, text);
    if installation.path.is_empty() {
        return vec![finding(
            Level::Warn,
            "PATH is not set; what a bare program name means is left to the system".to_owned(),
        )];
    }
    let weak: Vec<Finding> =
        installation.path.iter().filter_map(|element| path_element(element, installation)).collect();
    if !weak.is_empty() {
        return weak;
    }
    vec![finding(Level::Ok, format!("{} directories, none open to other users", installation.path.len()))]
}

fn path_element(element: &Element, installation: &Installation) -> Option<Finding> {
    const HELP: &str = "take it out of PATH: a program put there runs under a trusted name";
    let shown = element.text.display();
    let warn = |text: String| Some(Finding::new(Level::Warn, Topic::Path, text).help(HELP));
    if element.text.as_os_str().is_empty() {
        return warn("PATH has an empty element, which means the current directory".to_owned());
    }
    if !element.text.is_absolute() {
        return warn(format!("PATH has `{shown}`, which depends on the current directory"));
    }
    match &element.standing {
        // A directory that does not exist holds no program, and who could make it is its parent's matter.
        Standing::Missing => None,
        Standing::Hidden { cause } => warn(format!("PATH has `{shown}`, which cannot be looked at: {cause}")),
        // The sticky bit keeps others from replacing a program, not from adding one.
        Standing::There(attributes) if attributes.mode & 0o002 != 0 => {
            warn(format!("PATH has `{shown}`, which everybody can write"))
        }
        Standing::There(attributes)
            if ![0, installation.asker.uid, installation.gate].contains(&attributes.owner) =>
        {
            warn(format!("PATH has `{shown}`, which belongs to uid {}", attributes.owner))
        }
        Standing::There(_) => None,
    }
}

/// How far a variable reaches.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Reach {
    /// Into the gate itself, before its first line runs.
    Gate,
    /// Into the programs that the gate starts.
    Programs,
}

/// The reach of a variable that changes what programs do; nothing for all others. Variables that only say *where*
/// (KUBECONFIG, AWS_PROFILE) are targets, and the ambient room reads them.
fn reach(name: &str) -> Option<Reach> {
    const GATE: [&str; 2] = ["LD_", "DYLD_"];
    const PREFIXES: [&str; 2] = ["BASH_FUNC_", "GIT_CONFIG_"];
    const NAMES: [&str; 26] = [
        "BASHOPTS",
        "BASH_ENV",
        "CDPATH",
        "EDITOR",
        "ENV",
        "GCONV_PATH",
        "GIT_ASKPASS",
        "GIT_EDITOR",
        "GIT_EXEC_PATH",
        "GIT_EXTERNAL_DIFF",
        "GIT_PAGER",
        "GIT_SSH",
        "GIT_SSH_COMMAND",
        "IFS",
        "LESSOPEN",
        "NODE_OPTIONS",
        "PAGER",
        "PERL5LIB",
        "PERL5OPT",
        "PROMPT_COMMAND",
        "PYTHONHOME",
        "PYTHONPATH",
        "PYTHONSTARTUP",
        "RUBYLIB",
        "RUBYOPT",
        "SHELLOPTS",
    ];
    if GATE.iter().any(|prefix| name.starts_with(prefix)) || name == "GLIBC_TUNABLES" {
        return Some(Reach::Gate);
    }
    (NAMES.contains(&name) || PREFIXES.iter().any(|prefix| name.starts_with(prefix)))
        .then_some(Reach::Programs)
}

fn environment(variables: &[String]) -> Vec<Finding> {
    let named = |wanted: Reach| {
        let names: Vec<&str> =
            variables.iter().map(String::as_str).filter(|name| reach(name) == Some(wanted)).collect();
        (!names.is_empty()).then(|| names.join(" "))
    };
    let finding = |level, text: String| Finding::new(level, Topic::Environment, text);
    let gate = named(Reach::Gate).map(|names| {
        finding(
            Level::Fail,
            format!("{names}: loaded into the gate itself, which can be made to see anything"),
        )
        .help("unset it, or let the gate run as a user of its own, where the loader ignores it")
    });
    let programs = named(Reach::Programs).map(|names| {
        finding(Level::Warn, format!("{names}: changes what programs do, whatever their arguments say"))
    });
    let findings: Vec<Finding> = gate.into_iter().chain(programs).collect();
    if findings.is_empty() {
        return vec![finding(Level::Ok, "no variable is set that changes what programs do".to_owned())];
    }
    findings
}

fn programs(programs: &[Program]) -> Finding {
    let installed: Vec<&str> = programs
        .iter()
        .filter(|program| program.found.is_some())
        .map(|program| program.name.as_str())
        .collect();
    let text = format!(
        "{} of {} programs that packs know: {}",
        installed.len(),
        programs.len(),
        installed.join(" ")
    );
    Finding::new(Level::Ok, Topic::Programs, text.trim_end_matches([':', ' ']))
}

#[cfg(test)]
mod tests;
