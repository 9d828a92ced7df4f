//! Provider files, in variables and by themselves.

use crate::folder::folder;

const FILE: &str = r#"{
  "openai": {
    "api_key_variable": "MY_TOKEN", // its secret
    "prefix": "openai-",
    "target_base_url": "https://api.openai.com",
    "models": {
      "gpt-4o": {"endpoints": [
        {"path": "v1/chat/completions", "target_model_name": "gpt-4o"},
        {"path": "v1/responses", "target_model_name": "gpt-4o"},
      ]},
      "broken": {
        "endpoints": []
      }
    }
  }
}"#;

/// The same wherever it is; with the place of what is wrong.
#[test]
fn they_are_understood_wherever_they_are() {
    let keys = "PROXY_API_KEYS = 'me:a-key-of-mine-123'\nMY_TOKEN = 'token-of-mine-123'\n";
    let vars = format!("[vars]\n{keys}");
    let kept = format!("{vars}FOAP_CONFIG = 'kv'\n");
    let inside = format!("{vars}FOAP_CONFIG = '''\n{FILE}'''\n");
    let beside = format!("FOAP_CONFIG='{FILE}'\n");
    for (files, options, place, name) in [
        (
            [("wrangler.toml", kept.as_str()), ("a.json", FILE)],
            "--foap a.json",
            "a.json:11",
            "a.json",
        ),
        (
            [("wrangler.toml", &inside), ("a.json", "")],
            "",
            "wrangler.toml:15",
            "FOAP_CONFIG",
        ),
        (
            [("wrangler.toml", &vars), (".dev.vars", &beside)],
            "",
            ".dev.vars:11",
            "FOAP_CONFIG",
        ),
    ] {
        let said = folder(files).check(options);
        assert_eq!(said.code, 1, "{}{}", said.out, said.problem);
        said.says("openai openai key: set upstream_timeout 60 s https://api.openai.com/v1/chat/completions");
        said.says("openai-gpt-4o provider file openai/gpt-4o (v1/chat/completions, v1/responses)");
        said.says(&format!(
            "{place}: {name}.openai.models.broken has no endpoint that can be used."
        ));
        assert!(!said.out.contains("token-of-mine"), "{}", said.out);
        assert!(!said.out.contains("MY_TOKEN is not known"), "{}", said.out);
        assert!(
            said.out
                .contains("MY_TOKEN is a secret, and this file is no place")
        );
    }
}

#[test]
fn what_is_in_the_store_is_not_asked() {
    let said = folder([(
        "wrangler.toml",
        "[vars]\nFOAP_CONFIG_DIR = 'configs'\nFOAP_HOST = 'x'\nFOAP_PORT = 1\n",
    )])
    .check("");
    assert_eq!(said.code, 1);
    said.says("FOAP_CONFIG is kept in KV, which is not asked: give its files with --foap FILE.");
    assert!(!said.out.contains("is not known"), "{}", said.out);
}

#[test]
fn several_files_and_a_call() {
    let other = FILE
        .replace("openai-", "")
        .replace("https://api.openai.com", "https://own.test/v1");
    let said = folder([("a.json", FILE), ("b.json", &other), ("wrangler.toml", "")])
        .check("--foap a.json --foap=b.json --secret MY_TOKEN --model gpt-4o");
    said.says("Read wrangler.toml, a.json, b.json");
    said.says("by FOAP_CONFIG.openai");
    said.says("POST https://own.test/v1/chat/completions");
    let said = folder([("a.json", FILE)])
        .check("--vars a.json --foap a.json --secret MY_TOKEN --model openai-gpt-4o --operation embeddings");
    assert!(
        said.out
            .contains("API path v1/embeddings not supported for model openai-gpt-4o"),
        "{}",
        said.out
    );
    let said = folder([("wrangler.toml", "")]).check("--foap none.json");
    assert_eq!(
        (said.code, said.problem.contains("none.json is not there.")),
        (2, true)
    );
}
