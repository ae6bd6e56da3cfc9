//! What `[policy]` says: which of the gate's kinder ways this machine allows. Only the system layer has a say.

/// How a `confirm` may be met.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum ConfirmBy {
    /// By the human at the terminal, who types a code; or by a signature.
    Terminal,
    /// By a signature alone: a terminal is no proof of a human.
    Signature,
}

/// What is allowed. Of several files the stricter word holds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Policy {
    /// How a `confirm` may be met.
    pub confirm: ConfirmBy,
    /// So many runs with `--break-glass` may be owed a review, if a file says how many.
    pub(super) break_glass: Option<u8>,
}

impl Policy {
    /// What holds where no system file speaks.
    pub const BUILT_IN: Self = Self { confirm: ConfirmBy::Terminal, break_glass: None };

    /// How many runs with `--break-glass` may be owed a review before the next one is refused; 3 unless a file says.
    #[must_use]
    pub fn owed_at_most(&self) -> u8 {
        self.break_glass.unwrap_or(3)
    }

    /// The words of `confirm`.
    pub(super) fn confirm_by(word: &str) -> Option<ConfirmBy> {
        match word {
            "terminal" => Some(ConfirmBy::Terminal),
            "signature" => Some(ConfirmBy::Signature),
            _ => None,
        }
    }

    /// The stricter of both.
    pub(super) fn tighten(&mut self, other: Self) {
        self.confirm = self.confirm.max(other.confirm);
        self.break_glass = self.break_glass.into_iter().chain(other.break_glass).min();
    }
}
