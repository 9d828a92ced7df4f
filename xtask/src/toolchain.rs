//! What the pinned toolchain needs beside the compiler. `rust-toolchain.toml` names it, and rustup brings it
//! with a toolchain it installs itself, but not to one that was there already.

use std::path::PathBuf;

use anyhow::{Context, Result};

use crate::{program, succeed};

pub fn prepare() -> Result<()> {
    let sysroot = sysroot()?;
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
            let add = succeed(program("rustup").args([kind, "add", name]));
            add.with_context(|| format!("the Rust toolchain lacks the {kind} {name}"))?;
        }
    }
    Ok(())
}

/// Where the toolchain of this folder lives.
fn sysroot() -> Result<PathBuf> {
    let rustc = program("rustc").args(["--print", "sysroot"]).output();
    let path = String::from_utf8(rustc.context("rustc")?.stdout)?;
    Ok(path.trim().into())
}
