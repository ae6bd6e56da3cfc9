//! How things look: colour, the theme of every question, what the terminal can do.
//!
//! In: the environment's wishes. Out: text with or without escape sequences of our own. Never: a foreground that
//! vanishes on white or on black (yellow, white, bright ones), and never meaning that only a colour carries.

use crate::actor::Presence;
use console::Style;
use dialoguer::theme::Theme;
use std::ffi::OsString;
use std::fmt;

/// Whether text is styled.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Colour {
    /// With bold, dim, reverse, red and green.
    On,
    /// Plain.
    Off,
}

/// Whether the cursor can be sent back on its line.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Cursor {
    /// A line can be drawn over.
    Moves,
    /// Text only ever goes on (`TERM=dumb`).
    Stays,
}

/// How things look on one output.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Look {
    /// Whether text is styled.
    pub colour: Colour,
    /// Whether lines can be drawn over.
    pub cursor: Cursor,
}

impl Look {
    /// No styling, no movement.
    pub const PLAIN: Look = Look { colour: Colour::Off, cursor: Cursor::Stays };

    /// What the environment and the output allow. From strong to weak: `NO_COLOR` not empty (no-color.org),
    /// `CLICOLOR_FORCE` other than 0 (bixense.com/clicolors), `TERM=dumb`, whether the output is a terminal.
    #[must_use]
    pub fn choose(variable: impl Fn(&str) -> Option<OsString>, terminal: Presence) -> Look {
        let is_set = |name: &str| variable(name).is_some_and(|value| !value.is_empty());
        let dumb = variable("TERM").is_none_or(|term| term.is_empty() || term == "dumb");
        let forced = is_set("CLICOLOR_FORCE") && variable("CLICOLOR_FORCE").is_none_or(|value| value != "0");
        let able = terminal == Presence::Present && !dumb;
        let colour = if !is_set("NO_COLOR") && (forced || able) { Colour::On } else { Colour::Off };
        Look { colour, cursor: if able { Cursor::Moves } else { Cursor::Stays } }
    }

    /// A whole screen of text, drawn over what stood there; where lines cannot be drawn over, below it.
    #[must_use]
    pub fn whole_screen(self, text: &str) -> String {
        match self.cursor {
            // Home, then each line with the rest of it erased, then everything below: no flicker, nothing left over.
            Cursor::Moves => format!("\x1b[H{}\x1b[K\x1b[J", text.replace('\n', "\x1b[K\n")),
            Cursor::Stays => format!("{text}\n"),
        }
    }

    /// What matters most in a line.
    #[must_use]
    pub fn strong(self, text: &str) -> String {
        self.paint(Style::new().bold(), text)
    }

    /// What is there for those who look twice.
    #[must_use]
    pub fn faint(self, text: &str) -> String {
        self.paint(Style::new().dim(), text)
    }

    /// A refusal, or a fact at its worst.
    #[must_use]
    pub fn bad(self, text: &str) -> String {
        self.paint(Style::new().red().bold(), text)
    }

    /// A consent.
    #[must_use]
    pub fn good(self, text: &str) -> String {
        self.paint(Style::new().green().bold(), text)
    }

    /// A badge: the terminal's own two colours swapped, so it reads on any of them.
    #[must_use]
    pub fn badge(self, text: &str) -> String {
        match self.colour {
            Colour::On => self.paint(Style::new().reverse().bold(), &format!(" {text} ")),
            Colour::Off => format!("[{text}]"),
        }
    }

    fn paint(self, style: Style, text: &str) -> String {
        style.force_styling(self.colour == Colour::On).apply_to(text).to_string()
    }
}

/// Every question of ours, through dialoguer.
#[derive(Clone, Copy, Debug)]
pub struct GateTheme(pub Look);

impl Theme for GateTheme {
    fn format_prompt(&self, f: &mut dyn fmt::Write, prompt: &str) -> fmt::Result {
        write!(f, "  {}", self.0.strong(prompt))
    }

    fn format_error(&self, f: &mut dyn fmt::Write, error: &str) -> fmt::Result {
        write!(f, "  {}", self.0.bad(error))
    }

    fn format_input_prompt(
        &self,
        f: &mut dyn fmt::Write,
        prompt: &str,
        default: Option<&str>,
    ) -> fmt::Result {
        match default {
            None => write!(f, "  {} ", self.0.strong(&format!("{prompt}:"))),
            Some(default) => write!(f, "  {} [{default}] ", self.0.strong(&format!("{prompt}:"))),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn colour(variables: &[(&str, &str)], terminal: Presence) -> Colour {
        let lookup = |name: &str| {
            variables.iter().find(|(key, _)| *key == name).map(|(_, value)| OsString::from(value))
        };
        Look::choose(lookup, terminal).colour
    }

    #[test]
    fn the_environment_says_whether_there_is_colour() {
        use Presence::{Absent, Present};
        let xterm = ("TERM", "xterm-256color");
        assert_eq!(colour(&[xterm], Present), Colour::On);
        assert_eq!(colour(&[xterm], Absent), Colour::Off);
        assert_eq!(colour(&[], Present), Colour::Off);
        assert_eq!(colour(&[("TERM", "dumb")], Present), Colour::Off);
        assert_eq!(colour(&[xterm, ("NO_COLOR", "1")], Present), Colour::Off);
        assert_eq!(colour(&[xterm, ("NO_COLOR", "")], Present), Colour::On);
        assert_eq!(colour(&[xterm, ("CLICOLOR_FORCE", "1")], Absent), Colour::On);
        assert_eq!(colour(&[xterm, ("CLICOLOR_FORCE", "0")], Absent), Colour::Off);
        assert_eq!(colour(&[xterm, ("CLICOLOR_FORCE", "1"), ("NO_COLOR", "1")], Present), Colour::Off);
    }

    #[test]
    fn plain_text_stays_plain() {
        for painted in
            [Look::PLAIN.strong("x"), Look::PLAIN.faint("x"), Look::PLAIN.bad("x"), Look::PLAIN.good("x")]
        {
            assert_eq!(painted, "x");
        }
        assert_eq!(Look::PLAIN.badge("x"), "[x]");
    }

    #[test]
    fn no_foreground_that_vanishes_on_some_background_is_used() {
        let look = Look { colour: Colour::On, cursor: Cursor::Moves };
        let all =
            [look.strong("x"), look.faint("x"), look.bad("x"), look.good("x"), look.badge("x")].concat();
        // SGR 33 yellow, 37 white, 30 black, 9x bright, 38 palette.
        for code in ["[30m", "[33m", "[37m", "[9", "[38"] {
            assert!(!all.contains(code), "{code} in {all:?}");
        }
        assert!(all.contains("[31m") && all.contains("[32m"));
    }
}
