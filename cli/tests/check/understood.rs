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

const POOLS: &str = r#"
AZURE_INSTANCES = "Primary,backup"
AZURE_INSTANCE_PRIMARY_API_BASE = "https://primary.openai.azure.com"
AZURE_INSTANCE_PRIMARY_MAX_TPM = 1000
AZURE_INSTANCE_PRIMARY_MODELS = "gpt-4o, o3"
AZURE_INSTANCES_JSON = [{ name = "third", api_base = "https://third.openai.azure.com", api_key = "$THIRD", priority = 200 }]
AZURE_INSTANCE_BACKUP_API_BASE = "https://backup.openai.azure.com"
AZURE_ROUTING_STRATEGY = "weighted"
MAX_ATTEMPTS = 3
STREAM_KEEPALIVE = 15
TOKEN_RATE_LIMIT = 30000
[vars.GATEWAY.limits]
rpm = 7
mode = "exact"
[vars.GATEWAY.providers.east]
kind = "openai"
endpoint = "https://east.test"
tpm = 500
weight = 3
stream_usage = false
[vars.GATEWAY.models.all]
targets = ["east/a", { to = "east/b", priority = 1 }, { to = "east/c", rpm = 2, weight = 0 }]
strategy = "affinity"
attempts = 2
deadline = 60
first_output_timeout = 2.5
keep_alive = 0
hedge = { percent = 5, after = 1 }
fallback = { context_length = "long" }
tie_break = "random"
[vars.GATEWAY.models]
long = "east/long"
[vars.GATEWAY.clients.team]
key = "$TEAM"
rpm = 1
tpm = 2
daily_tokens = 3
monthly_tokens = 4
"#;

#[test]
fn pools_instances_and_limits() {
    let secrets = "--secret TEAM --secret THIRD --secret AZURE_INSTANCE_PRIMARY_API_KEY --secret \
                   AZURE_INSTANCE_BACKUP_API_KEY --strict";
    let said = vars(POOLS).check(secrets);
    assert_eq!(said.code, 0, "{}", said.out);
    assert_eq!(
        said.below("Who may call"),
        [
            "team all models 1 requests a minute, 2 tokens a minute, 3 tokens a day, 4 tokens a month"
        ]
    );
    let at = |name: &str| {
        format!(
            "https://{name}.openai.azure.com/openai/deployments/MODEL/chat/completions?api-version=2024-10-21"
        )
    };
    assert_eq!(
        said.below("Providers"),
        [
            format!("Primary azure key: set 1000 tokens a minute, models gpt-4o o3 {}", at("primary")),
            format!("backup azure key: set {}", at("backup")),
            format!("third azure key: set priority 200 {}", at("third")),
            "east openai key: missing weight 3, 500 tokens a minute https://east.test/v1/chat/completions".to_owned(),
        ]
    );
    assert_eq!(
        said.below("Models"),
        [
            "long east/long; 3 attempts at most, kept alive every 15 s",
            "all east/b (priority 1, weight 3, 500 tokens a minute), then east/a or east/c (weight 0, 2 requests a \
             minute, 500 tokens a minute); affinity, ties by chance, 2 attempts at most, first output within 2.5 s, \
             deadline 60 s, hedge 5 % after 1 s, falls back to long on context length",
            "gpt-4o mapped Primary/* or backup/*, then third/*; weighted, 3 attempts at most, kept alive every 15 s",
            "o3 mapped Primary/* or backup/*, then third/*; weighted, 3 attempts at most, kept alive every 15 s",
            "* instances Primary/* or backup/*, then third/*; weighted, 3 attempts at most, kept alive every 15 s",
        ]
    );
    said.says("default provider Primary, backup, third");
    said.says("pools weighted, 3 attempts at most, kept alive every 15 s");
    said.says("limits 7 requests a minute, 30000 tokens a minute for all calls together; exact");
    let json = vars(POOLS).check(&format!("{secrets} --json")).json();
    let understood = &json["understood"];
    assert_eq!(understood["limits"]["tpm"], 30_000);
    assert_eq!(understood["limits"]["mode"], "exact");
    assert_eq!(understood["callers"]["clients"][0]["monthly_tokens"], 4);
    assert_eq!(understood["models"][1]["targets"][0], "east/b");
}

/// A key that stands in the list itself is a warning where others can read it, and is shown nowhere.
#[test]
fn the_keys_of_a_list_of_instances() {
    const LIST: &str = r#"[{ name = "a", api_base = "https://a.openai.azure.com", api_key = "held-in-the-list" }]"#;
    let said = vars(&format!("AZURE_INSTANCES_JSON = {LIST}")).check("--secret PROXY_API_KEYS");
    said.says(
        "wrangler.toml:2: AZURE_INSTANCES_JSON.a.api_key is the key itself: keep it with `npx wrangler secret put NAME`, \
         and write \"$NAME\" here.",
    );
    assert!(!said.out.contains("held-in-the-list"), "{}", said.out);
}
