//! The glue between wasm and JavaScript.

use std::path::Path;

use anyhow::{Context, Result};
use wasm_bindgen_cli_support::Bindgen;

pub fn generate(wasm: &Path, out: &Path) -> Result<()> {
    let mut bindgen = Bindgen::new();
    bindgen
        .input_path(wasm)
        .typescript(false)
        .out_name("index")
        // After a trap the instance is replaced, not reused.
        .reset_state_function(true)
        .force_enable_abort_handler(true)
        // A sixth of the download; a panic still says its file and line.
        .remove_name_section(true)
        .module(true)?;
    bindgen.generate(out)?;
    import_wasm_as_a_module(&out.join("index.js"))
}

/// The runtime gives a module for a plain import of a `.wasm` file; it does not know `import source` yet.
fn import_wasm_as_a_module(glue: &Path) -> Result<()> {
    let text = std::fs::read_to_string(glue).context("index.js")?;
    let text = text.replacen("import source wasmModule", "import wasmModule", 1);
    std::fs::write(glue, text).context("index.js")
}
