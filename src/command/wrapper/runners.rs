//! Programs that prepare an environment and start the words behind: credentials, secrets, versions, directories.
//!
//! In: the words of such a program. Out: the command inside, with what the program adds: the profile whose credentials it
//! gets, or that it gets variables nobody has seen. What loads code of the working directory (a Gemfile is Ruby, an
//! `.envrc` is bash) is a command of its own besides. Never: a verb that the table does not have.
//!
//! Sources: cli/exec.go of aws-vault 7, pkg/shell of saml2aws 2.36, cmd/aws-sso of aws-sso-cli 1.14, cmd/exec.go of chamber 2,
//! `op run --help` 2.24, pkg/cmd/run.go of doppler 3, cmd/sops of sops 3.8, internal/cmd/cmd_exec.go of direnv 2.32, daemontools
//! 0.76, runit 2.1, s6 2.11, tini 0.19, dumb-init 1.2, catatonit 0.1, proxychains-ng 4.16, torsocks 2.3, faketime 0.9, cpulimit
//! 0.2, libcgroup 2.0, systemd 252, expect 5.45, aa-exec of apparmor 3.0, moreutils 0.67, GNU parallel 2022, lib/bundler/cli of
//! bundler 2.3, poetry 1.8, pipenv 2023, uv 0.5, conda 24, npm 10, pnpm 9, yarn 1.22, rbenv 1.2, pyenv 2.3, asdf 0.14, mise 2024.

use super::Words;
use super::entry::{Bare, Between, Entry, HELP, Mark, PLAIN, joined};
use super::reader::{Syntax, Value, Why, certain, read, why};
use super::unwrapped::{Added, HandedOn, Inside, Itself, Step, Unwrapped, argv};
use super::verb::{no_verb, phrase};
use crate::command::EnvironmentEdit;
use crate::command::shell::Dialect;
use std::os::unix::ffi::OsStrExt;

/// A tool with a verb behind which a command stands. Its other verbs are for its pack.
struct Runner {
    /// Options in front of the verb.
    globals: Syntax<'static>,
    /// The verb, in each of its forms.
    verbs: &'static [&'static [&'static str]],
    /// What stands behind it.
    entry: Entry,
    hands: Hands,
    itself: Itself,
}

/// How a runner hands the command on.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Hands {
    /// Its words as they are.
    Words,
    /// Its words, of which the first is looked for among names of its own, and split or given to a shell by some versions.
    Name,
    /// Its words, which some versions give to a shell.
    Shell,
}

const OPTIONLESS: Syntax<'static> = Syntax::first("", "");
const VARIABLES: &[Added] = &[Added::OtherVariables];

impl Runner {
    const PLAIN: Self = Self {
        globals: Syntax::first("", "help version"),
        verbs: &[&["exec"]],
        entry: PLAIN,
        hands: Hands::Words,
        itself: Itself::Nothing,
    };

    /// What loads code of the working directory.
    const LOADER: Self = Self { hands: Hands::Name, itself: Itself::Command, ..Self::PLAIN };

    fn take_off(&self, words: &Words) -> Result<Step, Why> {
        let Some(from) = self.verb(words)? else { return Ok(Step::NotAWrapper) };
        let Some((off, next)) = self.entry.off(words, from)? else { return Ok(Step::NotAWrapper) };
        match self.hands {
            Hands::Words => {}
            Hands::Name => plain_words(words, next, next.saturating_add(1))?,
            Hands::Shell => plain_words(words, next, words.len())?,
        }
        let off = if self.itself == Itself::Command { off.itself(Itself::Command) } else { off };
        Ok(off.holding(argv(words, next)))
    }

    /// The place behind the verb, if it is this one.
    fn verb(&self, words: &Words) -> Result<Option<usize>, Why> {
        let globals = match read(words, 1, &self.globals) {
            Ok(globals) => globals,
            Err(why) => {
                let last: Vec<&str> = self.verbs.iter().filter_map(|verb| verb.last().copied()).collect();
                return if no_verb(words, &last) { Ok(None) } else { Err(why) };
            }
        };
        for verb in self.verbs {
            if let Some(behind) = phrase(words, globals.next, verb)? {
                return Ok(Some(behind));
            }
        }
        Ok(None)
    }
}

/// Whether these words mean the same to a shell as to the program that is given them.
fn plain_words(words: &Words, from: usize, to: usize) -> Result<(), Why> {
    let plain = |byte: &u8| byte.is_ascii_alphanumeric() || b"_./=:,@%+-".contains(byte);
    for at in from..to.min(words.len()) {
        if !certain(words, at)?.unwrap_or_default().as_bytes().iter().all(plain) {
            return Err(why("a word of the command has characters that it or a shell reads in its own way"));
        }
    }
    Ok(())
}

/// kingpin puts the lines of a file in place of `@FILE`, in front of `--`.
fn no_argument_files(words: &Words) -> Result<(), Why> {
    let mut before = words.iter().take_while(|word| *word != "--");
    match before.any(|word| word.as_bytes().starts_with(b"@")) {
        true => Err(why("`@FILE` stands for words that are not seen")),
        false => Ok(()),
    }
}

// ---- Credentials and secrets -----------------------------------------------------------------------------------------

/// Left out: what starts a program (`--pass-cmd`), servers that other programs may ask (`--server`), `--json`.
const AWS_VAULT: Runner = Runner {
    globals: Syntax::first(
        "",
        "debug no-debug backend= prompt= keychain= secret-service-collection= pass-dir= pass-prefix= file-dir= help version",
    ),
    entry: Entry {
        name: "aws-vault",
        syntax: Syntax::anywhere(
            "d:nt:",
            "duration= no-session region= mfa-token= stdout debug no-debug backend= prompt= keychain= \
             secret-service-collection= pass-dir= pass-prefix= file-dir= help version",
        ),
        marks: &[("--help --version", Mark::Lookup), ("--region", Mark::Sets("AWS_REGION"))],
        between: Between::Sets("AWS_PROFILE"),
        bare: Bare::Shell,
        adds: &[Added::Credentials],
    },
    ..Runner::PLAIN
};

/// `aws-vault exec PROFILE -- COMMAND`.
pub(super) fn aws_vault(words: &Words) -> Result<Step, Why> {
    let step = AWS_VAULT.take_off(words)?;
    if step != Step::NotAWrapper {
        no_argument_files(words)?;
    }
    Ok(step)
}

/// `saml2aws exec -- COMMAND`: joins its words for the shell that `SHELL` names.
pub(super) fn saml2aws(words: &Words) -> Result<Step, Why> {
    const OPTIONS: &str = "verbose quiet idp-account= config= provider= mfa= skip-verify url= username= mfa-token= role= \
         profile= exec-profile= region= duration= session-duration= skip-prompt disable-keychain cache-saml help version";
    let globals = match read(words, 1, &Syntax::first("a:qi:sp:r:", OPTIONS)) {
        Ok(globals) => globals,
        Err(_) if no_verb(words, &["exec"]) => return Ok(Step::NotAWrapper),
        Err(why) => return Err(why),
    };
    let Some(from) = phrase(words, globals.next, &["exec"])? else { return Ok(Step::NotAWrapper) };
    let entry = Entry {
        name: "saml2aws",
        syntax: Syntax::anywhere("a:qsp:r:", OPTIONS),
        bare: Bare::Shell,
        adds: &[Added::Credentials],
        ..PLAIN
    };
    let Some((off, next)) = entry.off(words, from)? else { return Ok(Step::NotAWrapper) };
    no_argument_files(words)?;
    let given = read(words, from, &entry.syntax)?;
    let profile = globals.values(&["-p", "--profile"]).chain(given.values(&["-p", "--profile"])).last();
    let edit = match (profile, given.has(&["--exec-profile"])) {
        (Some(Value { text, certain: true }), false) => {
            EnvironmentEdit::Set("AWS_PROFILE".into(), text.clone())
        }
        // The one of the account that its own file names, or a role that is taken on from there.
        (Some(_) | None, _) => EnvironmentEdit::Unsure("AWS_PROFILE".into()),
    };
    let text = joined(words, next)?.map(|text| Inside::Text(text, Dialect::Posix));
    Ok(off.changing(vec![edit]).holding(text))
}

/// `aws-sso exec`: the tags of a role set variables, and the region comes from its own file. `--browser` and
/// `--url-action` start programs and are left out.
const AWS_SSO: Runner = Runner {
    globals: Syntax::first("S:L:", "config= sso= level= lines help version"),
    entry: Entry {
        name: "aws-sso",
        syntax: Syntax::first("a:A:R:p:n", "arn= account= role= profile= no-region help"),
        bare: Bare::Shell,
        adds: VARIABLES,
        ..PLAIN
    },
    ..Runner::PLAIN
};

/// `aws-sso exec [-p PROFILE] COMMAND`.
pub(super) fn aws_sso(words: &Words) -> Result<Step, Why> {
    AWS_SSO.take_off(words)
}

const CHAMBER: Runner = Runner {
    globals: Syntax::first(
        "b:r:v",
        "backend= backend-s3-bucket= kms-key-alias= retries= min-throttle-delay= retry-mode= verbose help version",
    ),
    entry: Entry {
        name: "chamber",
        syntax: Syntax::anywhere(
            "b:r:v",
            "backend= backend-s3-bucket= kms-key-alias= retries= min-throttle-delay= retry-mode= verbose pristine strict \
             strict-value= help",
        ),
        between: Between::Dashes,
        adds: VARIABLES,
        ..PLAIN
    },
    ..Runner::PLAIN
};

/// `chamber exec SERVICE... -- COMMAND`.
pub(super) fn chamber(words: &Words) -> Result<Step, Why> {
    CHAMBER.take_off(words)
}

const OP: Runner = Runner {
    globals: Syntax::first(
        "",
        "account= cache? config= debug encoding= format= iso-timestamps no-color session= help version",
    ),
    verbs: &[&["run"]],
    entry: Entry {
        name: "op",
        syntax: Syntax::anywhere(
            "",
            "account= cache? config= debug encoding= format= iso-timestamps no-color session= env-file= environment= \
             no-masking help",
        ),
        adds: VARIABLES,
        ..PLAIN
    },
    ..Runner::PLAIN
};

/// `op run -- COMMAND` of 1Password.
pub(super) fn op(words: &Words) -> Result<Step, Why> {
    OP.take_off(words)
}

/// Left out: files that it writes (`--fallback`, `--mount`).
const DOPPLER: &str = "project= config= token= api-host= dashboard-host= no-check-version no-verify-tls no-timeout timeout= \
     no-read-env scope= configuration= json debug print-config silent attempts= no-color no-dns-resolver preserve-env? \
     name-transformer= fallback-readonly fallback-only no-fallback no-cache no-exit-on-write-failure forward-signals? \
     dynamic-ttl= command= help version";

/// `doppler run -- COMMAND`, `doppler run --command TEXT`, and `doppler run clean`, which is its own.
pub(super) fn doppler(words: &Words) -> Result<Step, Why> {
    let runner = Runner {
        globals: Syntax::first("p:c:t:", DOPPLER),
        verbs: &[&["run"]],
        entry: Entry {
            name: "doppler",
            syntax: Syntax::anywhere("p:c:t:", DOPPLER),
            adds: VARIABLES,
            ..PLAIN
        },
        ..Runner::PLAIN
    };
    let Some(from) = runner.verb(words)? else { return Ok(Step::NotAWrapper) };
    let given = read(words, from, &runner.entry.syntax)?;
    if let Some(text) = given.once(&["--command"])? {
        if given.next < words.len() || !given.operands.is_empty() {
            return Err(why("`--command` and words exclude each other"));
        }
        let off = Unwrapped::new("doppler", words, words.len()).adding(VARIABLES);
        return Ok(off.holding([Inside::Text(text.known()?.to_owned(), Dialect::Posix)]));
    }
    let clean = given.operands.first().is_some_and(|at| words.get(*at).is_some_and(|word| word == "clean"));
    if clean { Ok(Step::NotAWrapper) } else { runner.take_off(words) }
}

/// `sops exec-env FILE TEXT` and `sops exec-file FILE TEXT`, which puts a path in place of `{}`. Options stand in front.
pub(super) fn sops(words: &Words) -> Result<Step, Why> {
    let verb = ["exec-env", "exec-file"];
    let globals = match read(words, 1, &Syntax::first("", "verbose config= help version")) {
        Ok(globals) => globals,
        Err(_) if no_verb(words, &verb) => return Ok(Step::NotAWrapper),
        Err(why) => return Err(why),
    };
    if !certain(words, globals.next)?.is_some_and(|word| verb.iter().any(|verb| word == *verb)) {
        return Ok(Step::NotAWrapper);
    }
    let syntax =
        Syntax::first("", "background pristine same-process no-fifo user= filename= input-type= help");
    let given = read(words, globals.next.saturating_add(1), &syntax)?;
    if given.has(&["--help"]) || given.next >= words.len() {
        return Ok(Step::NotAWrapper);
    }
    let text_at = given.next.saturating_add(1);
    if words.len() != text_at.saturating_add(1) {
        return Err(why("takes a file and exactly one text"));
    }
    let mut off = Unwrapped::new("sops", words, text_at).adding(VARIABLES);
    if given.has(&["--user"]) {
        off = off.adding(&[Added::OtherUser]);
    }
    if given.has(&["--background"]) {
        off = off.adding(&[Added::Detached]);
    }
    Ok(off.holding(joined(words, text_at)?.map(|text| Inside::Text(text, Dialect::Posix))))
}

// ---- Supervisors and limits ------------------------------------------------------------------------------------------

/// envdir(8): one directory, a file for each variable.
pub(super) const ENVDIR: Entry =
    Entry { name: "envdir", syntax: OPTIONLESS, between: Between::Positionals(1), adds: VARIABLES, ..PLAIN };

/// s6-envdir(8).
pub(super) const S6_ENVDIR: Entry =
    Entry { name: "s6-envdir", syntax: Syntax::first("Iinfc:", ""), ..ENVDIR };

/// envuidgid(8): sets UID and GID.
pub(super) const ENVUIDGID: Entry = Entry { name: "envuidgid", ..ENVDIR };

/// setuidgid(8) and s6-setuidgid.
pub(super) const SETUIDGID: Entry = Entry {
    name: "setuidgid",
    syntax: OPTIONLESS,
    between: Between::Positionals(1),
    adds: &[Added::OtherUser],
    ..PLAIN
};

/// softlimit(8).
pub(super) const SOFTLIMIT: Entry =
    Entry { name: "softlimit", syntax: Syntax::first("a:c:d:f:l:m:o:p:r:s:t:", ""), ..PLAIN };

/// setlock(8).
pub(super) const SETLOCK: Entry =
    Entry { name: "setlock", syntax: Syntax::first("nNxX", ""), between: Between::Positionals(1), ..PLAIN };

/// chpst(8) of runit; the name that the program sees (`-b`) is left out.
pub(super) const CHPST: Entry = Entry {
    name: "chpst",
    syntax: Syntax::first("u:U:e:m:d:o:p:f:c:r:t:/:C:n:l:L:vP012V", ""),
    marks: &[
        ("-V", Mark::Lookup),
        ("-u", Mark::Adds(Added::OtherUser)),
        ("-U -e", Mark::Adds(Added::OtherVariables)),
        ("-/", Mark::Adds(Added::OtherRoot)),
        ("-C", Mark::Adds(Added::OtherDirectory)),
    ],
    ..PLAIN
};

/// tini: `+hvswge:lp:`.
pub(super) const TINI: Entry = Entry {
    name: "tini",
    syntax: Syntax::first("hvswge:lp:", "version"),
    marks: &[("-h -l --version", Mark::Lookup)],
    ..PLAIN
};

/// dumb-init: `+hvVcr:`.
pub(super) const DUMB_INIT: Entry = Entry {
    name: "dumb-init",
    syntax: Syntax::first("hvVcr:", "help version verbose single-child rewrite="),
    marks: &[("-h --help -V --version", Mark::Lookup)],
    ..PLAIN
};

/// catatonit: `+ghLV`; `-P` starts nothing and is left out.
pub(super) const CATATONIT: Entry = Entry {
    name: "catatonit",
    syntax: Syntax::first("ghLV", "group help license version"),
    marks: &[("-h --help -L --license -V --version", Mark::Lookup)],
    ..PLAIN
};

/// proxychains4. Its library leads every connection elsewhere, as a file says that may lie in the working directory.
pub(super) const PROXYCHAINS: Entry =
    Entry { name: "proxychains4", syntax: Syntax::first("qf:", "help"), adds: VARIABLES, ..PLAIN };

/// torsocks(1) and torify(1); `--shell` opens a shell.
pub(super) fn torsocks(words: &Words) -> Result<Step, Why> {
    const TORSOCKS: Entry = Entry {
        name: "torsocks",
        syntax: Syntax::first("u:p:a:P:idqh", "user= pass= address= port= isolate debug quiet help version"),
        marks: &[("-h --help --version", Mark::Lookup)],
        adds: VARIABLES,
        ..PLAIN
    };
    if words.len() == 2 && certain(words, 1)?.is_some_and(|word| word == "show") {
        return Ok(Step::NotAWrapper);
    }
    TORSOCKS.take_off(words)
}

/// cpulimit(1): `+p:e:P:l:c:bfqkrvzimh`; with `-p`, `-e` or `-P` it slows what runs already.
pub(super) const CPULIMIT: Entry = Entry {
    name: "cpulimit",
    syntax: Syntax::first(
        "p:e:P:l:c:bfqkrvzimh",
        "pid= exe= path= limit= cpu= background foreground quiet kill resume verbose lazy include-children \
         monitor-forks help",
    ),
    marks: &[
        ("-h --help -p --pid -e --exe -P --path", Mark::Lookup),
        ("-b --background", Mark::Adds(Added::Detached)),
    ],
    ..PLAIN
};

/// cgexec(1).
pub(super) const CGEXEC: Entry = Entry {
    name: "cgexec",
    syntax: Syntax::first("g:h", "sticky help"),
    marks: &[("-h --help", Mark::Lookup)],
    ..PLAIN
};

/// systemd-cat(1).
pub(super) const SYSTEMD_CAT: Entry = Entry {
    name: "systemd-cat",
    syntax: Syntax::first(
        "ht:p:",
        "identifier= priority= stderr-priority= level-prefix= namespace= help version",
    ),
    marks: &[("-h --help --version", Mark::Lookup)],
    ..PLAIN
};

/// unbuffer(1) of expect.
pub(super) const UNBUFFER: Entry = Entry { name: "unbuffer", syntax: Syntax::first("p", ""), ..PLAIN };

/// faketime(1): another time is another `find -mtime`. `--date-prog` names a program and is left out.
pub(super) const FAKETIME: Entry = Entry {
    name: "faketime",
    syntax: Syntax::first("mf", "exclude-monotonic help version"),
    between: Between::Positionals(1),
    adds: VARIABLES,
    ..PLAIN
};

/// aa-exec(1): `+dhp:n:iv`.
pub(super) const AA_EXEC: Entry = Entry {
    name: "aa-exec",
    syntax: Syntax::first("dhp:n:iv", "debug help profile= namespace= immediate verbose"),
    marks: &[("-h --help", Mark::Lookup)],
    ..PLAIN
};

/// ifne(1) of moreutils: starts the command if standard input holds something, or nothing.
pub(super) const IFNE: Entry = Entry { name: "ifne", syntax: Syntax::first("n", ""), ..PLAIN };

/// pee(1) of moreutils: every word is a text of its own. mispipe(1) likewise, and takes two.
pub(super) fn pee(words: &Words) -> Result<Step, Why> {
    let syntax =
        Syntax::first("", "ignore-sigpipe no-ignore-sigpipe ignore-write-errors no-ignore-write-errors");
    let given = read(words, 1, &syntax)?;
    let mut texts = Vec::new();
    for at in given.next..words.len() {
        let text = certain(words, at)?.unwrap_or_default().to_owned();
        texts.push(Inside::Text(text, Dialect::Posix));
    }
    Ok(Unwrapped::new("pee", words, words.len()).stdin(HandedOn::Changed).holding(texts))
}

/// sem(1) of GNU parallel: joins its words for a shell, and waits for a free slot.
pub(super) fn sem(words: &Words) -> Result<Step, Why> {
    let syntax = Syntax::first(
        "j:P:u",
        "jobs= max-procs= id= semaphore-name= semaphore-timeout= st= fg wait will-cite help version",
    );
    let given = read(words, 1, &syntax)?;
    if given.has(&["--help", "--version"]) || given.next >= words.len() {
        return Ok(Step::NotAWrapper);
    }
    plain_words(words, given.next, words.len())?;
    let off = Unwrapped::new("sem", words, given.next).stdin(HandedOn::Changed);
    let off = if given.has(&["--fg"]) { off } else { off.adding(&[Added::Detached]) };
    let off =
        if given.has(&["--st", "--semaphore-timeout"]) { off.adding(&[Added::Interrupted]) } else { off };
    Ok(off.holding(argv(words, given.next)))
}

// ---- What loads code of the working directory ------------------------------------------------------------------------

/// `direnv exec DIR COMMAND`: an `.envrc` is bash.
pub(super) fn direnv(words: &Words) -> Result<Step, Why> {
    const DIRENV: Runner = Runner {
        globals: OPTIONLESS,
        entry: Entry {
            name: "direnv",
            syntax: OPTIONLESS,
            between: Between::Positionals(1),
            adds: &[Added::OtherVariables, Added::OtherDirectory],
            ..PLAIN
        },
        hands: Hands::Words,
        ..Runner::LOADER
    };
    // With a file in place of the directory it is the file that is started.
    if words.len() == 3 && phrase(words, 1, &["exec"])?.is_some() {
        return Err(why("starts a file, or opens nothing"));
    }
    DIRENV.take_off(words)
}

/// `bundle exec`. Where the name is not found, Ruby starts it as a text.
pub(super) fn bundle(words: &Words) -> Result<Step, Why> {
    const BUNDLE: Runner = Runner {
        globals: Syntax::first("r:", "no-color verbose retry= help version"),
        verbs: &[&["exec"], &["exe"], &["ex"], &["e"]],
        entry: Entry {
            name: "bundle",
            syntax: Syntax::first("r:", "keep-file-descriptors gemfile= no-color verbose retry= help"),
            ..PLAIN
        },
        ..Runner::LOADER
    };
    BUNDLE.take_off(words)
}

/// `poetry run`; another directory (`-C`, `-P`) is left out.
pub(super) fn poetry(words: &Words) -> Result<Step, Why> {
    const POETRY: Runner = Runner {
        globals: Syntax::first(
            "nqvhV",
            "no-interaction quiet ansi no-ansi no-plugins no-cache verbose help version",
        ),
        verbs: &[&["run"]],
        entry: Entry { name: "poetry", syntax: Syntax::first("h", "help"), marks: MORE_HELP, ..PLAIN },
        ..Runner::LOADER
    };
    POETRY.take_off(words)
}

const MORE_HELP: &[(&str, Mark)] = &[("-h --help --version", Mark::Lookup)];

/// `pipenv run`: a Pipfile may say that a name is another command.
pub(super) fn pipenv(words: &Words) -> Result<Step, Why> {
    const PIPENV: Runner = Runner {
        globals: Syntax::first("qvh", "python= clear quiet verbose pypi-mirror= help version"),
        verbs: &[&["run"]],
        entry: Entry {
            name: "pipenv",
            syntax: Syntax::first("qvh", "python= clear quiet verbose pypi-mirror= system help"),
            marks: MORE_HELP,
            adds: VARIABLES,
            ..PLAIN
        },
        ..Runner::LOADER
    };
    PIPENV.take_off(words)
}

/// `uv run`. Left out: modules and scripts (`-m`, `-s`), and other directories (`--project`, `--directory`).
pub(super) fn uv(words: &Words) -> Result<Step, Why> {
    const UV: Runner = Runner {
        globals: Syntax::first(
            "qvnhV",
            "quiet verbose no-cache offline no-progress no-config no-python-downloads color= help version",
        ),
        verbs: &[&["run"]],
        entry: Entry {
            name: "uv",
            syntax: Syntax::first(
                "p:qvnh",
                "with= with-editable= python= extra= no-extra= group= no-group= only-group= all-extras all-groups dev no-dev \
                 only-dev no-default-groups no-sync locked frozen exact isolated active no-project no-editable no-env-file \
                 env-file= offline no-cache quiet verbose no-progress no-config no-python-downloads refresh upgrade \
                 reinstall color= help",
            ),
            marks: &[("-h --help", Mark::Lookup), ("--env-file", Mark::Adds(Added::OtherVariables))],
            ..PLAIN
        },
        ..Runner::LOADER
    };
    UV.take_off(words)
}

/// `conda run` and `mamba run`.
pub(super) fn conda(words: &Words) -> Result<Step, Why> {
    const CONDA: Runner = Runner {
        verbs: &[&["run"]],
        entry: Entry {
            name: "conda",
            syntax: Syntax::first(
                "n:p:vh",
                "name= prefix= verbose dev debug-wrapper-scripts cwd= no-capture-output live-stream help",
            ),
            marks: &[("-h --help", Mark::Lookup), ("--cwd", Mark::Adds(Added::OtherDirectory))],
            ..PLAIN
        },
        // Written into a script by its own rules of quoting.
        hands: Hands::Shell,
        ..Runner::LOADER
    };
    CONDA.take_off(words)
}

const NPM_EXEC: Entry = Entry {
    name: "npm",
    syntax: Syntax::first("yqp:c:h", "yes no no-install quiet package= call= help version"),
    marks: MORE_HELP,
    ..PLAIN
};

/// `npx COMMAND` and `npx -c TEXT`.
pub(super) fn npx(words: &Words) -> Result<Step, Why> {
    from_packages(&Entry { name: "npx", ..NPM_EXEC }, words, 1)
}

/// `npm exec` and `npm x`; its other verbs are for its pack.
pub(super) fn npm(words: &Words) -> Result<Step, Why> {
    let runner = Runner {
        globals: Syntax::first("sq", "silent quiet"),
        verbs: &[&["exec"], &["x"]],
        entry: NPM_EXEC,
        ..Runner::LOADER
    };
    match runner.verb(words)? {
        None => Ok(Step::NotAWrapper),
        Some(from) => from_packages(&NPM_EXEC, words, from),
    }
}

/// A command that is looked for among packages, and given to a shell; or a text (`-c`).
fn from_packages(entry: &Entry, words: &Words, from: usize) -> Result<Step, Why> {
    let given = read(words, from, &entry.syntax)?;
    if let Some(text) = given.once(&["-c", "--call"])? {
        let off = Unwrapped::new(entry.name, words, words.len()).itself(Itself::Command);
        return match given.next >= words.len() {
            true => Ok(off.holding([Inside::Text(text.known()?.to_owned(), Dialect::Posix)])),
            false => Err(why("`-c` and words exclude each other")),
        };
    }
    let Some((off, next)) = entry.off(words, from)? else { return Ok(Step::NotAWrapper) };
    plain_words(words, next, words.len())?;
    Ok(off.itself(Itself::Command).holding(argv(words, next)))
}

/// `pnpm exec`. Left out: other directories (`-r`, `--filter`, `-C`) and texts (`-c`).
pub(super) fn pnpm(words: &Words) -> Result<Step, Why> {
    const PNPM: Runner = Runner {
        globals: Syntax::first("sh", "silent help version"),
        entry: Entry { name: "pnpm", syntax: Syntax::first("h", "silent help"), marks: MORE_HELP, ..PLAIN },
        hands: Hands::Shell,
        ..Runner::LOADER
    };
    PNPM.take_off(words)
}

/// `yarn exec`: version 1 joins the words for a shell.
pub(super) fn yarn(words: &Words) -> Result<Step, Why> {
    const YARN: Runner = Runner {
        globals: Syntax::first("sh", "silent help version"),
        entry: Entry { name: "yarn", syntax: Syntax::first("sh", "silent help"), marks: MORE_HELP, ..PLAIN },
        hands: Hands::Shell,
        ..Runner::LOADER
    };
    YARN.take_off(words)
}

/// `rbenv exec`, `pyenv exec`, `asdf exec`: which program it is says a file of the working directory.
pub(super) fn version_manager(words: &Words) -> Result<Step, Why> {
    const MANAGER: Runner = Runner {
        globals: OPTIONLESS,
        entry: Entry { name: "rbenv", syntax: Syntax::first("", "help"), marks: HELP, ..PLAIN },
        ..Runner::LOADER
    };
    MANAGER.take_off(words)
}

/// `mise exec [TOOL@VERSION]... -- COMMAND`; a text (`-c`) and another directory (`-C`) are left out.
pub(super) fn mise(words: &Words) -> Result<Step, Why> {
    const MISE: Runner = Runner {
        globals: Syntax::first("qvyh", "quiet verbose yes help version"),
        verbs: &[&["exec"], &["x"]],
        entry: Entry {
            name: "mise",
            syntax: Syntax::anywhere("j:qvyh", "jobs= raw quiet verbose yes help"),
            marks: MORE_HELP,
            between: Between::Dashes,
            adds: VARIABLES,
            ..PLAIN
        },
        ..Runner::LOADER
    };
    MISE.take_off(words)
}

/// `gds aws PROFILE COMMAND`, which is aws-vault with profiles of its own. Its other options open shells and browsers.
pub(super) fn gds(words: &Words) -> Result<Step, Why> {
    const GDS: Runner = Runner {
        verbs: &[&["aws"]],
        entry: Entry {
            name: "gds",
            syntax: Syntax::first("r:h", "region= help"),
            marks: &[("-h --help", Mark::Lookup), ("-r --region", Mark::Sets("AWS_REGION"))],
            between: Between::Sets("AWS_PROFILE"),
            bare: Bare::Shell,
            adds: &[Added::Credentials],
        },
        hands: Hands::Words,
        ..Runner::LOADER
    };
    // Options may stand behind the profile as well.
    let Some(from) = GDS.verb(words)? else { return Ok(Step::NotAWrapper) };
    let Some((off, next)) = GDS.entry.off(words, from)? else { return Ok(Step::NotAWrapper) };
    let behind = read(words, next, &GDS.entry.syntax)?;
    let region = |value: &Value| match value.certain {
        true => EnvironmentEdit::Set("AWS_REGION".into(), value.text.clone()),
        false => EnvironmentEdit::Unsure("AWS_REGION".into()),
    };
    let regions = behind.values(&["-r", "--region"]).map(region).collect();
    let mut off = off.changing(regions).itself(Itself::Command);
    off.taken.words = words.between(0, behind.next).to_vec();
    match behind.has(&["-h", "--help"]) {
        true => Ok(Step::NotAWrapper),
        false if behind.next >= words.len() => Err(super::entry::shell()),
        false => Ok(off.holding(argv(words, behind.next))),
    }
}
