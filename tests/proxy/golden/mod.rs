//! Recorded situations (`tests/golden`), one JSON file each, as whole requests on the fake Platform.
//!
//! A file has `input` (the provider, as a table of GATEWAY; the client's request; the upstream's answers) and
//! `expected` (what the upstream saw, what the client got). In expected values `"$any"` is anything, `"$str"` a
//! string that is not empty, `"$int"` a whole number, `"$absent"` a member that must not be there, `"$contains:x"` a
//! string with x in it; an object has exactly the members listed unless it has `"$partial": true`. With `"fn": "each"`
//! there are `cases` of both, which have what `input` has, and more; other functions are in [`situation`]. Where the
//! `direction` is `inbound` the client is Azure's, and the upstream speaks OpenAI's API: [`inbound`].

mod answered;
mod google;
mod inbound;
mod inference;
mod matching;
mod situation;

use std::fs;
use std::path::Path;

use serde_json::Value;

#[test]
fn azures_situations_come_out_as_recorded() {
    check_all("azure", situation::check);
}

#[test]
fn googles_situations_come_out_as_recorded() {
    check_all("google", google::check);
}

fn check_all(folder: &str, check: fn(&Value) -> Result<(), String>) {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("tests/golden")
        .join(folder);
    let mut files: Vec<_> = fs::read_dir(folder)
        .unwrap()
        .map(|it| it.unwrap().path())
        .filter(|path| path.is_file())
        .collect();
    files.sort();
    assert!(!files.is_empty());
    let mut failures = Vec::new();
    for file in &files {
        let case = serde_json::from_str(&fs::read_to_string(file).unwrap()).unwrap();
        let outcome = std::panic::catch_unwind(|| check(&case));
        let problem = match outcome {
            Ok(Ok(())) => continue,
            Ok(Err(problem)) => problem,
            Err(_) => "it panicked".to_owned(),
        };
        failures.push(format!(
            "{}: {problem}",
            file.file_stem().unwrap().display()
        ));
    }
    let count = failures.len();
    assert!(
        count == 0,
        "{count} of {}:\n{}",
        files.len(),
        failures.join("\n")
    );
}
