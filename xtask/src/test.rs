//! Every gate, in order of what fails soonest. What CI runs.

use std::borrow::BorrowMut;
use std::process::Command;

use anyhow::Result;

use crate::build::{ALWAYS_RELEASE, Profile, build};
use crate::{OFFLINE, program, succeed, toolchain};

const WASM: [&str; 2] = ["--target", "wasm32-unknown-unknown"];
const DENY: [&str; 3] = ["--", "-D", "warnings"];

pub fn test() -> Result<()> {
    toolchain::prepare()?;
    step("format", cargo(&["fmt", "--all", "--check"]))?;
    step(
        "clippy, host",
        cargo(&["clippy", "--locked", "--workspace", "--all-targets"]).args(DENY),
    )?;
    step(
        "clippy, wasm",
        cargo(&["clippy", "--locked"]).args(WASM).args(DENY),
    )?;
    step(
        "host tests",
        cargo(&["test", "--locked", "--quiet", "--workspace"]),
    )?;
    step(
        "documentation",
        cargo(&["doc", "--locked", "--no-deps", "--quiet"]).env("RUSTDOCFLAGS", "-D warnings"),
    )?;
    say("wasm build");
    build(Profile::Release)?;
    build(Profile::Faults)?;
    step(
        "tests in workerd",
        program("node")
            .args(["--test", "--test-concurrency=1", "tests/workerd/*.test.mjs"])
            .env(ALWAYS_RELEASE, "1")
            .envs(OFFLINE),
    )?;
    say("all passed");
    Ok(())
}

fn cargo(arguments: &[&str]) -> Command {
    let mut cargo = program("cargo");
    cargo.args(arguments);
    cargo
}

fn step(name: &str, mut command: impl BorrowMut<Command>) -> Result<()> {
    say(name);
    succeed(command.borrow_mut())
}

fn say(what: &str) {
    println!("\n=== {what}");
}
