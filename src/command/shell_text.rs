//! A shell text with what its caller hands it: options, a name, positional parameters.
//!
//! In: what was typed behind `-c`. Out: a [`ShellText`], and the words with which bash is given it. Never: a look into
//! the text, which is the parser's work.

use std::ffi::{OsStr, OsString};

/// An option of the shell that can only end the text earlier. All others change how the text is read, or run something
/// of their own (`-x` expands `PS4` before every command), and are not taken.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum ShellOption {
    /// `-e`: the text ends at the first command that fails.
    ErrExit,
    /// `-u`: a variable that is not set is an error.
    NoUnset,
    /// `-o pipefail`: a pipeline fails where any of its commands does.
    PipeFail,
}

impl ShellOption {
    /// Every option.
    pub const ALL: [Self; 3] = [Self::ErrExit, Self::NoUnset, Self::PipeFail];

    /// Its name behind `-o`.
    #[must_use]
    pub fn word(self) -> &'static str {
        match self {
            Self::ErrExit => "errexit",
            Self::NoUnset => "nounset",
            Self::PipeFail => "pipefail",
        }
    }
}

/// A shell text and what its shell is given with it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ShellText {
    /// The text.
    pub text: OsString,
    /// Options, each once.
    pub options: Vec<ShellOption>,
    /// `$0`; bash's own name where there is none.
    pub name: Option<OsString>,
    /// `$1` and on. Empty without a name.
    pub parameters: Vec<OsString>,
}

impl ShellText {
    /// The text with the words of [`ShellOption::word`], and what [`ShellText::given`] lists; `None` for another option.
    #[must_use]
    pub fn from_parts(text: OsString, options: &[OsString], given: Vec<OsString>) -> Option<Self> {
        let option = |word: &OsString| ShellOption::ALL.into_iter().find(|option| word == option.word());
        let options = options.iter().map(option).collect::<Option<_>>()?;
        let mut given = given.into_iter();
        Some(Self { text, options, name: given.next(), parameters: given.collect() })
    }

    /// The words behind `bash` that make it read this text and no file.
    #[must_use]
    pub fn arguments(&self) -> Vec<OsString> {
        let fixed = |words: &[&str]| words.iter().map(OsString::from).collect::<Vec<_>>();
        let mut words = fixed(&["--noprofile", "--norc"]);
        words.extend(self.options.iter().flat_map(|option| fixed(&["-o", option.word()])));
        // Without `--`, bash takes the text `-x` for an option and the word behind it, `$0`, for the text: then
        // `remgate-sh -c -- -x 'rm -rf /'` would be judged as `-x` and run as `rm -rf /`.
        words.extend(fixed(&["-c", "--"]));
        words.push(self.text.clone());
        words.extend(self.name.iter().chain(&self.parameters).cloned());
        words
    }

    /// The words of [`ShellOption::word`] for its options.
    #[must_use]
    pub fn option_words(&self) -> Vec<&'static str> {
        self.options.iter().map(|option| option.word()).collect()
    }

    /// What the text is given besides itself: `$0`, `$1` and on, with these names.
    pub fn given(&self) -> impl Iterator<Item = (String, &OsStr)> {
        let words = self.name.iter().chain(&self.parameters);
        words.enumerate().map(|(at, word)| (format!("${at}"), word.as_os_str()))
    }

    /// How many bytes all of it has.
    #[must_use]
    pub fn size(&self) -> usize {
        self.name.iter().chain(&self.parameters).chain([&self.text]).map(|word| word.len()).sum()
    }
}

impl From<OsString> for ShellText {
    fn from(text: OsString) -> Self {
        Self { text, options: Vec::new(), name: None, parameters: Vec::new() }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_part_of_it_can_become_an_option_of_bash() {
        let text = ShellText {
            text: "-x".into(),
            options: vec![ShellOption::ErrExit, ShellOption::PipeFail],
            name: Some("--".into()),
            parameters: vec!["-c".into()],
        };
        let words = "--noprofile --norc -o errexit -o pipefail -c -- -x -- -c";
        assert_eq!(text.arguments(), words.split(' ').map(OsString::from).collect::<Vec<_>>());
    }

    #[test]
    fn what_is_given_is_numbered_from_the_name_on() {
        let mut text = ShellText::from(OsString::from("echo $1"));
        assert_eq!((text.given().count(), text.size()), (0, 7));
        text.name = Some("job".into());
        text.parameters = vec!["a".into(), "b".into()];
        let given: Vec<_> = text.given().map(|(name, word)| format!("{name}={}", word.display())).collect();
        assert_eq!((given.join(" "), text.size()), ("$0=job $1=a $2=b".to_owned(), 12));
    }
}
