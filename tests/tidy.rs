//! House rules a linter cannot see.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "a test may fail"
)]

use std::fs;
use std::path::{Path, PathBuf};

use isthmus::config::known;

fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

fn read(path: impl AsRef<Path>) -> String {
    let path = root().join(path);
    fs::read_to_string(&path).unwrap_or_else(|_| panic!("{}", path.display()))
}

fn files(folder: &str, extension: &str) -> Vec<PathBuf> {
    let mut found = Vec::new();
    let mut folders = vec![root().join(folder)];
    while let Some(folder) = folders.pop() {
        for entry in fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                folders.push(path);
            } else if path.extension().is_some_and(|it| it == extension) {
                found.push(path);
            }
        }
    }
    assert!(!found.is_empty());
    found
}

#[test]
fn every_module_says_what_it_is() {
    for folder in ["src", "tests", "cli/src", "cli/tests", "xtask/src"] {
        for path in files(folder, "rs") {
            assert!(read(&path).starts_with("//! "), "{}", path.display());
        }
    }
}

#[test]
fn a_file_is_one_idea() {
    for path in files("src", "rs") {
        let lines = read(&path).lines().count();
        assert!(lines <= 480, "{} has {lines} lines", path.display());
    }
}

#[test]
fn only_the_shell_knows_cloudflare() {
    for path in files("src", "rs") {
        if path
            .components()
            .any(|part| part.as_os_str() == "cloudflare")
        {
            continue;
        }
        let text = read(&path);
        for name in ["worker::", "wasm_bindgen", "js_sys", "web_sys"] {
            assert!(!text.contains(name), "{} names {name}", path.display());
        }
    }
}

#[test]
fn one_match_on_the_kind_of_provider() {
    let matches = files("src", "rs")
        .into_iter()
        .map(|path| read(path).matches("match &self.kind").count());
    assert_eq!(matches.sum::<usize>(), 1);
}

#[test]
fn secrets_are_exposed_where_headers_are_written_and_keys_are_hashed() {
    for path in files("src", "rs") {
        let name = path.file_name().unwrap().to_str().unwrap().to_owned();
        let may = ["secret.rs", "clients.rs", "native.rs"].contains(&name.as_str())
            || path
                .components()
                .any(|part| part.as_os_str() == "credentials");
        assert!(
            may || !read(&path).contains(".expose()"),
            "{}",
            path.display()
        );
    }
}

/// Every setting that is read is explained somewhere a user looks, and every one explained is read.
#[test]
fn the_settings_are_documented() {
    let readme = read("README.md");
    let example = read(".dev.vars.example");
    let settings = readers_of_settings();
    for name in known::SETTINGS
        .iter()
        .chain(&["MODEL_MAP_", "AZURE_INSTANCE_"])
    {
        assert!(
            settings.contains(&format!("\"{name}\"")),
            "{name} is not read"
        );
        assert!(readme.contains(name), "{name} is not in the README");
    }
    for secret in ["PROXY_API_KEYS", "AZURE_OPENAI_API_KEY", "OPENAI_API_KEY"] {
        assert_eq!(
            example.matches(&format!("\n{secret}=")).count(),
            1,
            "{secret}"
        );
    }
}

/// What `isthmus check` takes for a mistake is read by nobody.
#[test]
fn every_setting_that_is_read_is_known() {
    let no_settings = [
        "CARGO_PKG_VERSION",
        "HARM_CATEGORY_",
        "MODEL_MAP_",
        "AZURE_INSTANCE_",
    ];
    let is_capital = |c: char| c.is_ascii_uppercase() || c.is_ascii_digit() || c == '_';
    let is_name = |text: &&str| text.contains('_') && text.chars().any(|c| c != '_');
    let is_setting = |text: &&str| is_name(text) && text.chars().all(is_capital);
    let settings = readers_of_settings();
    for name in settings.split('"').filter(is_setting) {
        assert!(
            known::is_known(name) || no_settings.contains(&name),
            "{name}"
        );
    }
    for name in known::SECRETS {
        assert!(known::SETTINGS.contains(name), "{name}");
    }
}

/// All of the configuration's text but the list itself.
fn readers_of_settings() -> String {
    let mut readers = files("src/config", "rs");
    readers.retain(|path| !path.ends_with("known.rs"));
    readers.into_iter().map(read).collect()
}

#[test]
fn text_is_clean() {
    for (folder, extension) in [
        ("src", "rs"),
        ("src", "js"),
        ("cli", "rs"),
        ("tests", "rs"),
        ("tests", "mjs"),
        ("bench", "mjs"),
    ] {
        for path in files(folder, extension) {
            for (number, line) in read(&path).lines().enumerate() {
                let clean = !line.ends_with([' ', '\t']) && !line.contains('\t');
                assert!(clean, "{}:{}", path.display(), number + 1);
            }
        }
    }
}
