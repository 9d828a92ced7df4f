//! `isthmus check`: what the Worker would make of its settings, said on the machine where they are written. The
//! configuration is read by the Worker's own code; nothing is sent anywhere.

mod arguments;

mod check;

mod sources;

mod dotenv;
mod toml;

mod document;
mod places;
mod secrets;

mod findings;
mod model;
mod offline;

mod print;

use std::io::Write;
use std::process::ExitCode;

use arguments::{Asked, USAGE};

/// Of wrong usage, and of files that cannot be read.
const UNUSABLE: u8 = 2;

fn main() -> ExitCode {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let outcome = match arguments::read(&arguments) {
        Ok(Asked::Help) => Ok((format!("{USAGE}\n"), 0)),
        Ok(Asked::Check(options)) => check::run(&options),
        Err(problem) => Err(format!("{problem}\n{USAGE}")),
    };
    match outcome {
        Ok((text, code)) => {
            // Whoever reads only the head of it closes the pipe.
            let _ = std::io::stdout().write_all(text.as_bytes());
            ExitCode::from(code)
        }
        Err(problem) => {
            let _ = writeln!(std::io::stderr(), "isthmus: {problem}");
            ExitCode::from(UNUSABLE)
        }
    }
}
