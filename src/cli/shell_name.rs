//! The gate under a shell's name: `remgate-sh -c TEXT` takes what programs pass to a shell.
//!
//! In: the process's argv. Out: the [`ShellText`] to judge, or why there is none. Never: a text from a file, a terminal
//! or standard input - what is judged must be what runs - and never an option that makes bash read the text otherwise
//! or run anything besides it.

use crate::command::{ShellOption, ShellText};
use std::ffi::{OsStr, OsString};
use std::os::unix::ffi::OsStrExt;

/// What a caller wants of the shell.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Wanted {
    /// To run a text.
    Text(ShellText),
    /// To know what this is.
    Version,
    /// To know what it takes.
    Help,
}

/// Why nothing can be run.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Refused {
    /// Neither a text nor a file.
    #[error(
        "no command text: without `-c` a shell reads standard input, which this one does not; nothing was started"
    )]
    Stdin,
    /// `-i`
    #[error("`-i` asks for an interactive shell, which this one cannot be; nothing was started")]
    Interactive,
    /// A script file: it could be another one by the time that bash opens it.
    #[error("`{0}` would be run as a script file, and only the text behind `-c` is; nothing was started")]
    Script(String),
    /// `-c` alone.
    #[error("`-c` needs a command text behind it; nothing was started")]
    NoText,
    /// `-x`
    #[error("`{0}` makes bash expand `PS4` before each command; nothing was started")]
    Trace(String),
    /// Any other option.
    #[error("the option `{0}` is not one that this shell takes; nothing was started")]
    Option(String),
}

/// What it takes, for `--help`.
pub const HELP: &str = "\
Usage: remgate-sh [OPTIONS] -c TEXT [NAME [PARAMETER]...]

A shell for programs that want one: every command in TEXT is judged, and what may run is run by bash.
NAME is `$0` in TEXT, the PARAMETERs are `$1` and on.

Options:
  -e, -o errexit     end at the first command that fails
  -u, -o nounset     a variable that is not set is an error
  -o pipefail        a pipeline fails where any of its commands does
  -l, --login, --norc, --noprofile
                     taken and without effect: no profile is ever read
  --                 end of options
  --help, --version

Exit codes are the text's own, and those of remgate: see `remgate --help`.";

impl Refused {
    /// What to write instead.
    #[must_use]
    pub fn help(&self) -> String {
        match self {
            Self::Stdin => {
                "remgate-sh -c TEXT, or remgate-sh -c \"$(cat)\" for a text on standard input".to_owned()
            }
            Self::Interactive => {
                "one text at a time: remgate-sh -c TEXT; people put `remgate` in front of a command"
                    .to_owned()
            }
            Self::Script(file) => format!("remgate-sh -c \"$(cat {file})\" {file} PARAMETERS..."),
            Self::NoText => "remgate-sh -c TEXT [NAME [PARAMETER]...]".to_owned(),
            Self::Trace(_) => "leave it out; the record has every command".to_owned(),
            Self::Option(_) => {
                "options are -e, -u and -o errexit, nounset, pipefail; see remgate-sh --help".to_owned()
            }
        }
    }
}

/// Whether this argv calls the gate by the name of a shell: `remgate-sh`, `/bin/sh`, `-remgate-sh` at a login.
#[must_use]
pub fn is_shell_name(argv: &[OsString]) -> bool {
    argv.first().is_some_and(|name| name.as_bytes().ends_with(b"sh"))
}

/// Reads the words behind the name, as bash does: options first, `-c` among them, then the text.
///
/// # Errors
/// [`Refused`]: there is no text, or an option is not taken.
pub fn read(words: &[OsString]) -> Result<Wanted, Refused> {
    let mut words = words.iter();
    let mut options = Options { set: Vec::new(), source: Source::Elsewhere };
    let mut operand = None;
    while let Some(word) = words.next() {
        match word.as_bytes() {
            b"--help" => return Ok(Wanted::Help),
            b"--version" => return Ok(Wanted::Version),
            b"--login" | b"--norc" | b"--noprofile" => {}
            // A lone `-` ends the options too.
            b"--" | b"-" => {
                operand = words.next();
                break;
            }
            [b'-', letters @ ..] if !letters.starts_with(b"-") => {
                for letter in letters {
                    options.letter(*letter, word, &mut words)?;
                }
            }
            [b'-' | b'+', ..] => return Err(Refused::Option(lossy(word))),
            _ => {
                operand = Some(word);
                break;
            }
        }
    }
    match (options.source, operand) {
        (Source::Text, Some(text)) => Ok(Wanted::Text(ShellText {
            text: text.clone(),
            options: options.set,
            name: words.next().cloned(),
            parameters: words.cloned().collect(),
        })),
        (Source::Text, None) => Err(Refused::NoText),
        (Source::Elsewhere, Some(file)) => Err(Refused::Script(lossy(file))),
        (Source::Elsewhere, None) => Err(Refused::Stdin),
    }
}

/// Where the commands stand.
#[derive(Clone, Copy)]
enum Source {
    Text,
    Elsewhere,
}

struct Options {
    set: Vec<ShellOption>,
    source: Source,
}

impl Options {
    /// One letter of `word`; `-o` takes its name from the words behind.
    fn letter<'w>(
        &mut self,
        letter: u8,
        word: &OsStr,
        behind: &mut impl Iterator<Item = &'w OsString>,
    ) -> Result<(), Refused> {
        match letter {
            b'c' => self.source = Source::Text,
            b'e' => self.add(ShellOption::ErrExit),
            b'u' => self.add(ShellOption::NoUnset),
            // Profile files would run commands that nobody judged; what a login shell reads, this one never does.
            b'l' => {}
            b'o' => {
                let name = behind.next().ok_or_else(|| Refused::Option(lossy(word)))?;
                let known = ShellOption::ALL.into_iter().find(|option| name == option.word());
                match known {
                    Some(option) => self.add(option),
                    None if name == "xtrace" => return Err(Refused::Trace("-o xtrace".to_owned())),
                    None => return Err(Refused::Option(format!("-o {}", name.to_string_lossy()))),
                }
            }
            b'i' => return Err(Refused::Interactive),
            b's' => return Err(Refused::Stdin),
            b'x' => return Err(Refused::Trace(lossy(word))),
            _ => return Err(Refused::Option(lossy(word))),
        }
        Ok(())
    }

    fn add(&mut self, option: ShellOption) {
        if !self.set.contains(&option) {
            self.set.push(option);
        }
    }
}

fn lossy(word: &OsStr) -> String {
    word.to_string_lossy().into_owned()
}

#[cfg(test)]
mod tests {
    use super::*;
    use ShellOption::{ErrExit, NoUnset, PipeFail};
    use std::os::unix::ffi::OsStringExt;

    fn words(typed: &[&str]) -> Vec<OsString> {
        typed.iter().map(OsString::from).collect()
    }

    #[test]
    fn names_of_shells() {
        for (name, shell) in [
            ("remgate-sh", true),
            ("/usr/local/bin/remgate_sh", true),
            ("-remgate-sh", true),
            ("/bin/sh", true),
            ("remgate", false),
            ("/opt/sh/remgate", false),
            ("", false),
        ] {
            assert_eq!(is_shell_name(&words(&[name])), shell, "{name}");
        }
        assert!(!is_shell_name(&[]));
    }

    /// Words, and the text, options and parameters in them.
    type Taken = (&'static [&'static str], &'static str, &'static [ShellOption], &'static [&'static str]);

    #[test]
    fn what_programs_pass_to_a_shell_is_taken() {
        let table: &[Taken] = &[
            (&["-c", "ls"], "ls", &[], &[]),
            // system(3) of glibc since 2.38.
            (&["-c", "--", "ls"], "ls", &[], &[]),
            (&["-c", "--", "-x"], "-x", &[], &[]),
            (&["-c", "-", "ls"], "ls", &[], &[]),
            (&["-lc", "ls"], "ls", &[], &[]),
            (&["-cl", "ls"], "ls", &[], &[]),
            (&["-l", "-c", "ls"], "ls", &[], &[]),
            (&["--login", "--norc", "--noprofile", "-c", "ls"], "ls", &[], &[]),
            (&["-ec", "ls"], "ls", &[ErrExit], &[]),
            (&["-c", "-e", "ls"], "ls", &[ErrExit], &[]),
            (&["-euo", "pipefail", "-c", "ls"], "ls", &[ErrExit, NoUnset, PipeFail], &[]),
            (&["-ceuo", "pipefail", "ls"], "ls", &[ErrExit, NoUnset, PipeFail], &[]),
            (&["-oo", "errexit", "nounset", "-c", "ls"], "ls", &[ErrExit, NoUnset], &[]),
            (&["-e", "-o", "errexit", "-c", "ls"], "ls", &[ErrExit], &[]),
            (&["-c", "echo $1", "job", "a", "-e", "--"], "echo $1", &[], &["job", "a", "-e", "--"]),
            (&["-c", "", "job"], "", &[], &["job"]),
            (&["-c", "ls", "--help"], "ls", &[], &["--help"]),
        ];
        for (typed, text, options, given) in table {
            let Ok(Wanted::Text(read)) = read(&words(typed)) else { panic!("{typed:?}") };
            assert_eq!((read.text.to_str(), &*read.options), (Some(*text), *options), "{typed:?}");
            let all: Vec<&OsStr> = read.given().map(|(_, word)| word).collect();
            assert_eq!(all, *given, "{typed:?}");
        }
    }

    #[test]
    fn everything_else_is_refused() {
        let option = |word: &str| Refused::Option(word.to_owned());
        for (typed, refused) in [
            (&[][..], Refused::Stdin),
            (&["-l"], Refused::Stdin),
            (&["-s"], Refused::Stdin),
            (&["-sc", "ls"], Refused::Stdin),
            (&["-i"], Refused::Interactive),
            (&["-lic", "ls"], Refused::Interactive),
            (&["-c"], Refused::NoText),
            (&["-c", "--"], Refused::NoText),
            (&["-ec", "-u"], Refused::NoText),
            (&["job.sh", "-c", "ls"], Refused::Script("job.sh".to_owned())),
            (&["-e", "job.sh"], Refused::Script("job.sh".to_owned())),
            (&["--", "-c"], Refused::Script("-c".to_owned())),
            (&["-xc", "ls"], Refused::Trace("-xc".to_owned())),
            (&["-o", "xtrace", "-c", "ls"], Refused::Trace("-o xtrace".to_owned())),
            (&["-o"], option("-o")),
            (&["-co", "ls"], option("-o ls")),
            (&["-o", "posix", "-c", "ls"], option("-o posix")),
            (&["-ac", "ls"], option("-ac")),
            (&["-O", "extglob", "-c", "ls"], option("-O")),
            (&["+e", "-c", "ls"], option("+e")),
            (&["--posix", "-c", "ls"], option("--posix")),
            (&["--rcfile", "x", "-c", "ls"], option("--rcfile")),
            (&["--init-file=x", "-c", "ls"], option("--init-file=x")),
        ] {
            assert_eq!(read(&words(typed)), Err(refused), "{typed:?}");
        }
        let bytes = OsString::from_vec(b"-\xff".to_vec());
        assert_eq!(read(&[bytes]), Err(option("-\u{fffd}")));
    }

    #[test]
    fn questions_are_answered_before_the_text() {
        assert_eq!(read(&words(&["--version"])), Ok(Wanted::Version));
        assert_eq!(read(&words(&["-e", "--help", "-c"])), Ok(Wanted::Help));
    }
}
