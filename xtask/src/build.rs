//! The Worker, from Rust to the modules that wrangler bundles: cargo compiles to wasm, wasm-bindgen (as a
//! library, of the very version in the lockfile) writes the glue, our own modules stand beside it.

use std::path::{Path, PathBuf};

use anyhow::{Context, Result};

use crate::{bindgen, program, root, succeed, toolchain};

/// Set, `wrangler dev` and wrangler's test harness run what would be deployed.
pub const ALWAYS_RELEASE: &str = "ISTHMUS_RELEASE";

/// Inlining less than usual (225) makes the module a tenth smaller and no slower.
const RUSTFLAGS: &str = "-Cpanic=unwind -Cllvm-args=-inline-threshold=25";

#[derive(Clone, Copy, PartialEq, Eq)]
pub enum Profile {
    /// Built in seconds, for `wrangler dev`.
    Dev,
    /// What is deployed, tested and measured.
    Release,
    /// The same with a path that panics, for one test.
    Faults,
}

impl Profile {
    /// wrangler tells its build command what it is for. Its test harness says `dev` too, and is told otherwise.
    pub fn for_wrangler() -> Self {
        let developing = std::env::var("WRANGLER_COMMAND").is_ok_and(|command| command == "dev");
        if developing && std::env::var_os(ALWAYS_RELEASE).is_none() {
            Self::Dev
        } else {
            Self::Release
        }
    }

    fn cargo_name(self) -> &'static str {
        match self {
            Self::Dev => "wasm-dev",
            Self::Release | Self::Faults => "release",
        }
    }

    fn features(self) -> &'static str {
        match self {
            Self::Faults => "faults",
            Self::Dev | Self::Release => "",
        }
    }

    fn out(self) -> PathBuf {
        match self {
            Self::Faults => root().join("build-faults"),
            Self::Dev | Self::Release => root().join("build"),
        }
    }
}

pub fn build(profile: Profile) -> Result<()> {
    toolchain::prepare()?;
    let wasm = compile(profile)?;
    let out = profile.out();
    bindgen::generate(&wasm, &out)?;
    copy_modules(&root().join("src/cloudflare"), &out)
}

/// With unwinding: one request's panic is its own 500 and leaves the others of the isolate alone. The standard
/// library of this target is shipped without, so it is built too, which cargo allows to nightly only, or to
/// whoever says that he knows (`RUSTC_BOOTSTRAP`). The toolchain is pinned.
fn compile(profile: Profile) -> Result<PathBuf> {
    let target = root().join("target/wasm");
    succeed(
        program("cargo")
            .args(["build", "--package", "isthmus", "--lib", "--locked"])
            .args(["--target", "wasm32-unknown-unknown"])
            .args(["--profile", profile.cargo_name()])
            .args(["--features", profile.features()])
            .arg("-Zbuild-std=std,panic_unwind")
            .arg("-Zbuild-std-features=optimize_for_size")
            .arg("--target-dir")
            .arg(&target)
            .env("RUSTC_BOOTSTRAP", "1")
            .env("RUSTFLAGS", RUSTFLAGS)
            .env("WASM_BINDGEN_USE_JS_SYS", "1"),
    )?;
    let place = Path::new("wasm32-unknown-unknown").join(profile.cargo_name());
    Ok(target.join(place).join("isthmus.wasm"))
}

fn copy_modules(from: &Path, to: &Path) -> Result<()> {
    for entry in std::fs::read_dir(from)? {
        let path = entry?.path();
        if path.extension().is_some_and(|extension| extension == "js") {
            let name = path.file_name().context("a file without a name")?;
            std::fs::copy(&path, to.join(name)).with_context(|| path.display().to_string())?;
        }
    }
    Ok(())
}
