//! `cargo xtask start | test | build`: everything from sources to a Worker, with no tool but what rustup, cargo
//! and npm bring. `npm start` and `npm test` call it with node's programs on the path.

mod bindgen;
mod build;
mod start;
mod test;
mod toolchain;

use std::ffi::OsStr;
use std::path::{Path, PathBuf};
use std::process::{Command, ExitCode};

use anyhow::{Context, Result, bail};

use crate::build::{Profile, build};

const USAGE: &str =
    "usage: cargo xtask start [wrangler's options] | test | build [--dev | --faults]";

/// What wrangler fetches and sends by itself is not needed to run here, and wants the network.
const OFFLINE: [(&str, &str); 2] = [
    ("WRANGLER_SEND_METRICS", "false"),
    ("CLOUDFLARE_CF_FETCH_ENABLED", "false"),
];

fn main() -> ExitCode {
    match run() {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("xtask: {error:#}");
            ExitCode::FAILURE
        }
    }
}

fn run() -> Result<()> {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let (command, options) = arguments.split_first().context(USAGE)?;
    let options: Vec<&str> = options.iter().map(String::as_str).collect();
    match (command.as_str(), &options[..]) {
        ("start", options) => start::start(options),
        ("test", []) => test::test(),
        ("build", []) => build(Profile::for_wrangler()),
        ("build", ["--dev"]) => build(Profile::Dev),
        ("build", ["--faults"]) => build(Profile::Faults),
        _ => bail!(USAGE),
    }
}

fn root() -> PathBuf {
    let here = Path::new(env!("CARGO_MANIFEST_DIR"));
    here.parent().unwrap_or(here).to_owned()
}

/// A program, run in the project's folder, those that npm brought first: wrangler, and the Node it needs.
fn program(name: impl AsRef<OsStr>) -> Command {
    let brought = root().join("node_modules/.bin");
    let found = std::env::var_os("PATH").unwrap_or_default();
    let places = std::iter::once(brought).chain(std::env::split_paths(&found));
    let mut command = Command::new(name);
    command.current_dir(root());
    if let Ok(path) = std::env::join_paths(places) {
        command.env("PATH", path);
    }
    command
}

fn succeed(command: &mut Command) -> Result<()> {
    let name = command.get_program().to_string_lossy().into_owned();
    let status = command.status().with_context(|| name.clone())?;
    if !status.success() {
        bail!("{name} failed");
    }
    Ok(())
}
