use wasm_bindgen_cli_support::Bindgen;
fn main() -> anyhow::Result<()> {
    let args: Vec<String> = std::env::args().collect();
    let mut bindgen = Bindgen::new();
    bindgen
        .input_path(&args[1])
        .typescript(false)
        .out_name("index");
    bindgen.module(true)?;
    bindgen.reset_state_function(true);
    bindgen.force_enable_abort_handler(true);
    bindgen.generate(&args[2])?;
    Ok(())
}
