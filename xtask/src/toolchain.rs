//! What the pinned toolchain needs beside the compiler. `rust-toolchain.toml` names it, and rustup brings it
//! with a toolchain it installs itself, but not to one that was there already.

use std::path::Path;
use std::process::Command;

use anyhow::{Context, Result, bail};

pub fn prepare(root: &Path) -> Result<()> {
    let sysroot = sysroot(root)?;
    let wanted = [
        (
            "target",
            "wasm32-unknown-unknown",
            "lib/rustlib/wasm32-unknown-unknown/lib",
        ),
        ("component", "rust-src", "lib/rustlib/src/rust/library/std"),
    ];
    for (kind, name, place) in wanted {
        if !sysroot.join(place).exists() {
            rustup_add(root, kind, name)?;
        }
    }
    Ok(())
}

fn sysroot(root: &Path) -> Result<std::path::PathBuf> {
    let rustc = Command::new("rustc")
        .args(["--print", "sysroot"])
        .current_dir(root)
        .output();
    let rustc = rustc.context("rustc")?;
    Ok(String::from_utf8(rustc.stdout)?.trim().into())
}

fn rustup_add(root: &Path, kind: &str, name: &str) -> Result<()> {
    let status = Command::new("rustup")
        .args([kind, "add", name])
        .current_dir(root)
        .status();
    match status.context("rustup") {
        Ok(status) if status.success() => Ok(()),
        _ => bail!("the Rust toolchain lacks the {kind} {name}: run `rustup {kind} add {name}`"),
    }
}
