//! Why a target cannot be told.
//!
//! Every message names the file, variable or option at fault. None of them quotes file content beyond the name that
//! was looked for: these files hold credentials.

/// Why what a tool would act on cannot be told.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Unreadable {
    /// The system refused: permission, a loop of links, a path through a file.
    #[error("cannot read `{path}`: {cause}")]
    Io {
        /// The file.
        path: String,
        /// The system's words.
        cause: String,
    },
    /// A fifo, device, socket or directory, or a name such as `/dev/stdin` that means another file to the tool.
    #[error("`{path}` is {what}, not a regular file")]
    NotAFile {
        /// The file.
        path: String,
        /// `a fifo`, `a directory`, ...
        what: &'static str,
    },
    /// Larger than any honest file of its kind.
    #[error("`{path}` is larger than {limit} bytes")]
    TooLarge {
        /// The file.
        path: String,
        /// The limit in bytes.
        limit: u64,
    },
    /// A variable, path or file that is not UTF-8.
    #[error("`{what}` is not UTF-8")]
    NotText {
        /// The variable, path or file.
        what: String,
    },
    /// A value too long to be a name.
    #[error("the value of `{name}` has {bytes} bytes, which no name has")]
    TooLong {
        /// The field.
        name: String,
        /// Its length.
        bytes: usize,
    },
    /// Content that is not what it should be, or that different readers take differently.
    #[error("`{path}`, line {line}: {fault}")]
    Malformed {
        /// The file.
        path: String,
        /// Counted from 1; 0 where the fault has no line.
        line: usize,
        /// What is wrong.
        fault: String,
    },
    /// Something is named that does not exist.
    #[error("{what} `{name}` (from {source_of_name}) does not exist")]
    Missing {
        /// `context`, `profile`, `service`, ...
        what: &'static str,
        /// The name.
        name: String,
        /// Where the name stands.
        source_of_name: String,
    },
    /// Two places say different things and versions of the tool differ in which one counts.
    #[error("{what} is said twice: {first} and {second}")]
    Disagree {
        /// What is said.
        what: String,
        /// One of the places or values.
        first: String,
        /// The other.
        second: String,
    },
    /// The tool gets its target from where the gate does not look.
    #[error("{what} chooses the target in a way that is not read here")]
    Elsewhere {
        /// The variable or file.
        what: String,
    },
    /// No home directory to look in.
    #[error("neither HOME nor the password database names a home directory")]
    NoHome,
}

impl Unreadable {
    pub(super) fn disagree(
        what: impl Into<String>,
        first: impl Into<String>,
        second: impl Into<String>,
    ) -> Self {
        Unreadable::Disagree { what: what.into(), first: first.into(), second: second.into() }
    }

    pub(super) fn malformed(path: &str, line: usize, fault: impl Into<String>) -> Self {
        Unreadable::Malformed { path: path.to_owned(), line, fault: fault.into() }
    }
}
