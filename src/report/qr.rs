//! A text as a QR code on a terminal, for a telephone to carry to another machine.
//!
//! In: a text, the size of the terminal. Out: lines of half blocks, or how much room is missing. Never: a code that
//! wraps or scrolls, which no camera reads.

use super::style::Colour;
use qrcodegen::{DataTooLong, QrCode, QrCodeEcc};

/// Light modules around the code, as ISO/IEC 18004 wants them. They are drawn, not left to the background: so the code
/// is whole in either polarity, and a reader that takes inverted codes reads it on a light terminal without colour.
const QUIET: i32 = 4;
/// Bytes that the largest code holds at its lowest correction (version 40-L).
const MOST_BYTES: usize = 2953;

/// Why no code was drawn.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum QrError {
    /// No code holds so much.
    #[error("the text has {bytes} bytes and a QR code holds at most {MOST_BYTES}; no code was drawn")]
    TooLong {
        /// How many it has.
        bytes: usize,
    },
    /// The terminal is too small.
    #[error(
        "the QR code takes {columns} columns and {rows} lines, and the terminal has {columns_there} and {rows_there}; \
         no code was drawn"
    )]
    NoRoom {
        /// Columns of the code.
        columns: usize,
        /// Lines of the code.
        rows: usize,
        /// Columns of the terminal.
        columns_there: usize,
        /// Lines of the terminal.
        rows_there: usize,
    },
}

/// The code in lines of half blocks, two modules a line. With colour it is black on white on every terminal; without, it
/// is drawn for a dark one.
///
/// # Errors
/// [`QrError`] with the sizes, where it does not fit the code or a terminal of `columns` and `rows`.
pub fn draw(text: &str, colour: Colour, columns: usize, rows: usize) -> Result<String, QrError> {
    // The lowest correction: a screen is not smudged, and every step up makes the code larger. The crate raises it as
    // far as the same size allows.
    let code = QrCode::encode_text(text, QrCodeEcc::Low).map_err(|error| match error {
        DataTooLong::SegmentTooLong | DataTooLong::DataOverCapacity(..) => {
            QrError::TooLong { bytes: text.len() }
        }
    })?;
    let wide = usize::try_from(code.size() + 2 * QUIET).unwrap_or(usize::MAX);
    // One line is left for the cursor below.
    let (lines, rows_there) = (wide.div_ceil(2), rows);
    if wide > columns || lines >= rows {
        return Err(QrError::NoRoom { columns: wide, rows: lines, columns_there: columns, rows_there });
    }
    let span = -QUIET..code.size() + QUIET;
    let drawn = span.clone().step_by(2).map(|y| {
        let line: String =
            span.clone().map(|x| block(is_light(&code, x, y), is_light(&code, x, y + 1))).collect();
        match colour {
            // 231 and 16 are white and black of the fixed cube: themes move the first sixteen.
            Colour::On => format!("\x1b[38;5;231;48;5;16m{line}\x1b[0m\n"),
            Colour::Off => format!("{line}\n"),
        }
    });
    Ok(drawn.collect())
}

/// Whether a module is light.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Module {
    Light,
    Dark,
}

/// Everything outside of the code is light.
fn is_light(code: &QrCode, x: i32, y: i32) -> Module {
    if code.get_module(x, y) { Module::Dark } else { Module::Light }
}

/// Light modules are ink: on a dark terminal the code then has its proper polarity.
fn block(upper: Module, lower: Module) -> char {
    match (upper, lower) {
        (Module::Light, Module::Light) => '\u{2588}',
        (Module::Light, Module::Dark) => '\u{2580}',
        (Module::Dark, Module::Light) => '\u{2584}',
        (Module::Dark, Module::Dark) => ' ',
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The modules as a camera sees them on a dark terminal: true is dark.
    fn seen(drawn: &str) -> Vec<Vec<bool>> {
        let rows = |line: &str| {
            let upper = line.chars().map(|shown| matches!(shown, '\u{2584}' | ' ')).collect();
            let lower = line.chars().map(|shown| matches!(shown, '\u{2580}' | ' ')).collect();
            [upper, lower]
        };
        drawn.lines().flat_map(rows).collect()
    }

    /// Read back by a decoder that is not the encoder's.
    fn read(drawn: &str) -> String {
        const SCALE: usize = 3;
        let modules = seen(drawn);
        let (wide, high) = (modules[0].len() * SCALE, modules.len() * SCALE);
        let mut image =
            rqrr::PreparedImage::prepare_from_bitmap(wide, high, |x, y| modules[y / SCALE][x / SCALE]);
        let grids = image.detect_grids();
        assert_eq!(grids.len(), 1, "one code\n{drawn}");
        grids[0].decode().unwrap().1
    }

    #[test]
    fn another_decoder_reads_it_back() {
        for text in ["7f3k2m9qv0ab".to_owned(), "{\"v\":1}".repeat(40), "ABC123".repeat(100)] {
            let drawn = draw(&text, Colour::Off, 300, 150).unwrap();
            assert_eq!(read(&drawn), text);
        }
    }

    #[test]
    fn the_quiet_zone_is_drawn_on_all_sides() {
        let drawn = draw("7f3k2m9qv0ab", Colour::Off, 80, 24).unwrap();
        let modules = seen(&drawn);
        let (wide, quiet) = (modules[0].len(), QUIET as usize);
        assert!(modules.iter().take(quiet).flatten().all(|dark| !dark));
        assert!(modules.iter().skip(wide - quiet).flatten().all(|dark| !dark));
        assert!(
            modules.iter().all(|row| row.iter().take(quiet).chain(&row[wide - quiet..]).all(|dark| !dark))
        );
    }

    #[test]
    fn colour_is_set_and_taken_back_on_every_line() {
        let drawn = draw("x", Colour::On, 80, 24).unwrap();
        let plain = draw("x", Colour::Off, 80, 24).unwrap();
        assert!(
            drawn.lines().all(|line| line.starts_with("\x1b[38;5;231;48;5;16m") && line.ends_with("\x1b[0m"))
        );
        assert_eq!(console::strip_ansi_codes(&drawn), plain);
    }

    #[test]
    fn what_does_not_fit_is_refused_with_the_sizes() {
        let text = "x".repeat(MOST_BYTES);
        let error = draw(&text, Colour::Off, 80, 24).unwrap_err().to_string();
        assert_eq!(
            error,
            "the QR code takes 185 columns and 93 lines, and the terminal has 80 and 24; no code was drawn"
        );
        assert!(draw(&text, Colour::Off, 185, 94).is_ok());
        assert!(draw(&text, Colour::Off, 185, 93).is_err() && draw(&text, Colour::Off, 184, 94).is_err());
        let error = draw(&"x".repeat(MOST_BYTES + 1), Colour::Off, 999, 999).unwrap_err();
        assert_eq!(error, QrError::TooLong { bytes: MOST_BYTES + 1 });
    }
}
