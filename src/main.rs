//! The `remgate` program; everything is in the library.

use std::process::ExitCode;

fn main() -> ExitCode {
    remgate::verbs::main(std::env::args_os().collect())
}
