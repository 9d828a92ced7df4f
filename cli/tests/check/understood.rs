//! What is printed of settings that are understood.

use std::fs;
use std::path::Path;

use crate::folder::{folder, vars};

const ROOT: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/..");

fn of_project(name: &str) -> String {
    fs::read_to_string(Path::new(ROOT).join(name)).unwrap()
}

#[test]
fn an_untouched_checkout_is_the_demo() {
    let said = folder([("wrangler.toml", &of_project("wrangler.toml"))]).check("--strict");
    assert_eq!(said.code, 0, "{}", said.out);
    assert_eq!(
        said.below("Providers"),
        ["demo demo no key wanted in the Worker itself"]
    );
    let callers = said.below("Who may call");
    assert_eq!(callers, ["everybody, on the credential they bring"]);
    said.says("no errors, no warnings");
}

#[test]
fn the_example_is_azure_and_openai() {
    let said = folder([
        ("wrangler.toml", &of_project("wrangler.toml")),
        (".dev.vars", &of_project(".dev.vars.example")),
    ])
    .check("--strict");
    assert_eq!(said.code, 0, "{}", said.out);
    said.says("Read wrangler.toml, .dev.vars");
    assert_eq!(said.below("Who may call"), ["me all models"]);
    assert_eq!(
        said.below("Providers"),
        [
            "azure azure key: set https://your-resource.openai.azure.com/openai/deployments/MODEL/chat/completions?\
             api-version=2024-10-21",
            "openai openai key: set https://api.openai.com/v1/chat/completions",
        ]
    );
    said.says("default provider azure");
}

const DOCUMENT: &str = r#"
AZURE_AI_STUDIO_DEPLOYMENTS = "mistral=Mistral:eastus2"
MODEL_MAP_GPT_4_1 = "four"
AZURE_OPENAI_ENDPOINT = "https://r.openai.azure.com"
CORS_ALLOW_ORIGINS = ["https://a.example", "https://b.example"]
UPSTREAM_TIMEOUT = 60
DEFAULT_MODEL = "fast"
LOG_LEVEL = "warn"
MODELS_LIST = "configured"
MODELS_CACHE_TTL = 600
[vars.GATEWAY]
default = "east"
[vars.GATEWAY.providers.east]
kind = "openai"
endpoint = "http://east.test/v1"
headers = { x-team = "$TEAM" }
idle_timeout = 7
[vars.GATEWAY.providers.cloud]
kind = "vertex"
project = "p"
credentials = "$ACCOUNT"
[vars.GATEWAY.providers.entra]
kind = "azure"
endpoint = "https://e.openai.azure.com"
entra = { tenant = "t", client_id = "c", client_secret = "$ENTRA" }
[vars.GATEWAY.models]
"fast" = ["east/quick", "cloud/gemini-3.5-flash-lite"]
"llama-*" = "east/*"
[vars.GATEWAY.clients.team-a]
key = "$TEAM_A"
models = ["fast", "llama-*"]
rpm = 600
"#;

const ASSUMED: &str = "--secret TEAM --secret ACCOUNT --secret ENTRA --secret TEAM_A --secret AZURE_OPENAI_KEYS \
                       --secret AZURE_OPENAI_API_KEY --strict";

#[test]
fn everything_of_a_large_configuration() {
    let said = vars(DOCUMENT).check(ASSUMED);
    assert_eq!(said.code, 0, "{}", said.out);
    let callers = said.below("Who may call");
    assert_eq!(callers, ["team-a fast, llama-* 600 requests a minute"]);
    assert_eq!(
        said.below("Providers"),
        [
            "azure azure key: set https://r.openai.azure.com/openai/deployments/MODEL/chat/completions?\
             api-version=2024-10-21",
            "mistral foundry key: set https://Mistral.eastus2.models.ai.azure.com/v1/chat/completions",
            "east openai key: in a header idle_timeout 7 s, header x-team http://east.test/v1/chat/completions",
            "cloud vertex key: account https://aiplatform.googleapis.com/v1beta1/projects/p/locations/global/publishers/\
             google/models/MODEL",
            "entra azure key: Entra ID https://e.openai.azure.com/openai/deployments/MODEL/chat/completions?\
             api-version=2024-10-21",
        ]
    );
    assert_eq!(
        said.below("Models"),
        [
            "fast east/quick, then cloud/gemini-3.5-flash-lite",
            "llama-* pattern east/*",
            "mistral host of its own mistral/*",
            "gpt-4-1 mapped azure/four",
            "gemini-* by name cloud/*",
            "gemma-* by name cloud/*",
        ]
    );
    for line in [
        "default provider east",
        "default model fast",
        "model list configured, fresh for 600 s, 2 s for each upstream",
        "timeouts 60 s to the headers, 300 s between bytes",
        "pages (CORS) https://a.example, https://b.example",
        "log level warn",
    ] {
        said.says(line);
    }
}

#[test]
fn the_same_as_json() {
    let said = vars(DOCUMENT).check(&format!("{ASSUMED} --json")).json();
    assert_eq!(said["read"][0], "wrangler.toml");
    let understood = &said["understood"];
    assert_eq!(understood["callers"]["access"], "keys");
    assert_eq!(understood["callers"]["clients"][0]["rpm"], 600);
    assert_eq!(understood["providers"][2]["key"], "in a header");
    assert_eq!(
        understood["models"][0]["targets"][1],
        "cloud/gemini-3.5-flash-lite"
    );
    assert_eq!(understood["models"][1]["written"], "pattern");
    assert_eq!(understood["default_model"], "fast");
    assert_eq!((&said["errors"], &said["warnings"]), (&0.into(), &0.into()));
}

#[test]
fn who_may_call() {
    for (settings, callers) in [
        (
            "OPENAI_BASE_URL = 'http://a.test'",
            "everybody, on the credential they bring",
        ),
        (
            "ALLOW_ANONYMOUS = true",
            "everybody, on your credentials (ALLOW_ANONYMOUS)",
        ),
        ("PROXY_API_KEYS = ['a:key-of-a:m-*', 'key-of-b']", "a m-*"),
        ("OPENAI_API_KEY = 'some-key'", "nobody"),
        ("PROXY_API_KEYS = 'a::'", "nobody"),
    ] {
        let said = vars(settings).check("");
        assert_eq!(said.below("Who may call")[0], callers, "{settings}");
    }
}

/// wrangler lets no environment inherit variables; its own `.dev.vars` stands in place of the other.
#[test]
fn an_environment_has_its_own_variables() {
    let files = [
        (
            "wrangler.toml",
            "[vars]\nDEFAULT_MODEL = 'a'\nLOG_LEVEL = 'warn'\n[env.b.vars]\nDEFAULT_MODEL = 'b'\n[env.c]\n",
        ),
        (".dev.vars", "MODELS_LIST=all"),
        (".dev.vars.b", "MODELS_LIST=configured"),
    ];
    for (options, model, level, list) in [
        ("--json", "a", "warn", "all"),
        ("--json --env b", "b", "info", "configured"),
        ("--json --env=c", "", "info", "all"),
    ] {
        let said = folder(files).check(options).json();
        let understood = &said["understood"];
        assert_eq!(
            understood["default_model"].as_str().unwrap_or(""),
            model,
            "{options}"
        );
        assert_eq!(understood["log_level"], level, "{options}");
        assert_eq!(understood["model_list"]["mode"], list, "{options}");
    }
}

#[test]
fn dev_vars_win() {
    let said = folder([
        (
            "wrangler.toml",
            "[vars]\nDEFAULT_MODEL = 'a'\n[vars.GATEWAY.providers.x]\nkind = 'nonsense'\n",
        ),
        (".dev.vars", "default_model=b\nGATEWAY='{}'"),
    ])
    .check("--json");
    assert_eq!(said.json()["understood"]["default_model"], "b");
    assert_eq!(said.code, 0, "{}", said.out);
}

#[test]
fn no_name_breaks_a_line_or_reaches_the_terminal() {
    let said = vars("[vars.GATEWAY.models]\n\"a\\nerror\\u001b[31m\" = 'x/y'\n").check("");
    assert_eq!(said.below("Models"), ["a?error?[31m nobody"]);
    assert!(!said.out.contains('\u{1b}'));
}
