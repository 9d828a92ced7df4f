//! `cargo xtask build [--dev]`: the Worker, from Rust to the modules in `build/` that wrangler bundles.
//!
//! cargo compiles to wasm, wasm-bindgen (as a library, of the very version in the lockfile) writes the glue,
//! the two modules of our own stand beside it. No tool is downloaded but what rustup and cargo bring.

mod bindgen;
mod toolchain;

use std::path::{Path, PathBuf};
use std::process::{Command, ExitCode};

use anyhow::{Context, Result, bail};

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
    match arguments.iter().map(String::as_str).collect::<Vec<_>>()[..] {
        ["build"] => build(Mode::from_wrangler(), &root().join("build"), &[]),
        ["build", "--dev"] => build(Mode::Dev, &root().join("build"), &[]),
        ["build", "--faults"] => build(Mode::Dev, &root().join("build/faults"), &["faults"]),
        _ => bail!("usage: cargo xtask build [--dev | --faults]"),
    }
}

#[derive(Clone, Copy, PartialEq)]
enum Mode {
    /// Built in seconds, for `wrangler dev`.
    Dev,
    /// What is deployed, tested and measured.
    Release,
}

impl Mode {
    /// wrangler tells its build command what it is for.
    fn from_wrangler() -> Self {
        match std::env::var("WRANGLER_COMMAND").as_deref() {
            Ok("dev") => Self::Dev,
            _ => Self::Release,
        }
    }

    fn profile(self) -> &'static str {
        match self {
            Self::Dev => "wasm-dev",
            Self::Release => "release",
        }
    }
}

fn build(mode: Mode, out: &Path, features: &[&str]) -> Result<()> {
    toolchain::prepare(&root())?;
    let wasm = compile(mode, features)?;
    bindgen::generate(&wasm, out)?;
    for module in ["shim.js", "call.js"] {
        let from = root().join("src/cloudflare").join(module);
        std::fs::copy(&from, out.join(module)).with_context(|| from.display().to_string())?;
    }
    Ok(())
}

/// With unwinding: one request's panic is its own 500 and leaves the others of the isolate alone. The standard
/// library of this target is shipped without, so it is built too, which cargo allows nightly only, or to who
/// says that he knows (`RUSTC_BOOTSTRAP`); the toolchain is pinned.
fn compile(mode: Mode, features: &[&str]) -> Result<PathBuf> {
    let target = root().join("target/wasm");
    let mut cargo = Command::new("cargo");
    cargo
        .current_dir(root())
        .args(["build", "--package", "isthmus", "--lib", "--locked"])
        .args(["--target", "wasm32-unknown-unknown"])
        .args(["--profile", mode.profile()])
        .args(["--features", &features.join(",")])
        .args(["-Zbuild-std=std,panic_unwind", "--target-dir"])
        .arg(&target)
        .env("RUSTC_BOOTSTRAP", "1")
        .env("RUSTFLAGS", "-Cpanic=unwind")
        .env("WASM_BINDGEN_USE_JS_SYS", "1");
    let status = cargo.status().context("cargo")?;
    if !status.success() {
        bail!("the wasm build failed");
    }
    Ok(target
        .join("wasm32-unknown-unknown")
        .join(mode.profile())
        .join("isthmus.wasm"))
}

fn root() -> PathBuf {
    let here = Path::new(env!("CARGO_MANIFEST_DIR"));
    here.parent().unwrap_or(here).to_owned()
}
