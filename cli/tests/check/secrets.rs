//! Secrets are set or missing, and nothing else of them is said.

use crate::folder::folder;

const CONFIG: &str = r#"
[vars]
OPENAI_API_KEY = "sk-openly-in-the-file"
LOG_LEVEL = "AIzaInTheWrongPlace"
TEAM_IN_VARS = "team-in-vars-secret"
[vars.GATEWAY.providers.east]
kind = "openai"
endpoint = "https://east.example.com/v1"
key = "inlined-key-of-east"
headers = { x-own = "own-header-value", authorization = "Bearer inlined-authorization" }
[vars.GATEWAY.providers.entra]
kind = "azure"
endpoint = "https://e.openai.azure.com"
entra = { tenant = "t", client_id = "c", client_secret = "inlined-client-secret" }
[vars.GATEWAY.providers.named]
kind = "openai"
endpoint = "https://named.example.com/v1"
key = "$NAMED_KEY"
[vars.GATEWAY.models]
east = "east/*"
named = "named/*"
[vars.GATEWAY.clients.a]
key = "inlined-key-of-a-client"
[vars.GATEWAY.clients.b]
key = "$TEAM_IN_VARS"
"#;

const VARS: &str = r#"
PROXY_API_KEYS="me:clients-first-key:m,clients-second-key"
AZURE_OPENAI_KEYS={"m": "key-in-a-json-object"}
AZURE_OPENAI_KEY_M='key-of-an-alias'
AZURE_AI_STUDIO_DEPLOYMENTS=m=M:eastus2
GEMINI_API_KEY=gemini-key-one,gemini-key-two
GOOGLE_APPLICATION_CREDENTIALS='{"type": "authorized_user", "client_id": "id", "client_secret": "google-client-secret",
 "refresh_token": "google-refresh-token", "quota_project_id": "p"}'
NAMED_KEY=`key-behind-a-name`
PROXY_API_KEY=key-with-a-slip
"#;

const SECRETS: [&str; 20] = [
    "sk-openly-in-the-file",
    "AIzaInTheWrongPlace",
    "aizainthewrongplace",
    "team-in-vars-secret",
    "inlined-key-of-east",
    "own-header-value",
    "inlined-authorization",
    "inlined-client-secret",
    "inlined-key-of-a-client",
    "clients-first-key",
    "clients-second-key",
    "key-in-a-json-object",
    "key-of-an-alias",
    "gemini-key-one",
    "gemini-key-two",
    "google-client-secret",
    "google-refresh-token",
    "key-behind-a-name",
    "key-with-a-slip",
    "assumed-by-isthmus-check",
];

#[test]
fn none_is_shown() {
    let folder = folder([("wrangler.toml", CONFIG), (".dev.vars", VARS)]);
    for model in [
        "",
        "--model east",
        "--model named/x",
        "--model m",
        "--model gemini-x",
        "--model vertex/x",
    ] {
        for more in ["", "--json", "--secret AZURE_OPENAI_API_KEY --secret X"] {
            let said = folder.check(&format!("{model} {more}"));
            assert!(said.code < 2, "{}", said.problem);
            for secret in SECRETS {
                let shown = said.out.contains(secret) || said.problem.contains(secret);
                assert!(!shown, "{secret} is shown by {model} {more}:\n{}", said.out);
            }
        }
    }
}

#[test]
fn those_in_the_wrong_place_are_told() {
    let said = folder([("wrangler.toml", CONFIG), (".dev.vars", VARS)]).check("");
    let inlined = |path: &str, line: u32| {
        said.says(&format!(
            "wrangler.toml:{line}: GATEWAY.{path} holds the secret itself: keep it with `npx wrangler secret put NAME`, \
             and write \"$NAME\" here."
        ));
    };
    inlined("providers.east.key", 9);
    inlined("providers.east.headers.authorization", 10);
    inlined("providers.entra.entra.client_secret", 14);
    inlined("clients.a.key", 23);
    assert!(!said.out.contains("x-own holds"), "{}", said.out);
    for (name, line) in [("OPENAI_API_KEY", 3), ("TEAM_IN_VARS", 5)] {
        let begin = format!("wrangler.toml:{line}: {name} is a secret");
        assert!(said.out.contains(&begin), "{begin}\n{}", said.out);
    }
}

/// Their values are not known: something of the kind stands for them.
#[test]
fn those_of_the_deployed_worker_are_assumed() {
    let config = r#"
[vars]
AZURE_OPENAI_ENDPOINT = "https://a.openai.azure.com"
AZURE_AI_STUDIO_DEPLOYMENTS = "m=M:eastus2,n=N:eastus2"
[vars.GATEWAY.providers.v]
kind = "vertex"
credentials = "$ACCOUNT"
"#;
    let folder = folder([("wrangler.toml", config)]);
    assert_eq!(folder.check("").code, 1);
    let names = [
        "AZURE_OPENAI_API_KEY",
        "AZURE_OPENAI_KEYS",
        "account",
        "PROXY_API_KEYS",
    ];
    let options: String = names.map(|name| format!("--secret {name} ")).concat();
    let said = folder.check(&options);
    assert_eq!(said.code, 0, "{}", said.out);
    said.says("no errors, no warnings");
    assert_eq!(said.below("Who may call"), ["(assumed) all models"]);
    for name in ["LOG_LEVEL", "AZURE_OPENAI_ENDPOINT", "GATEWAY"] {
        assert_eq!(folder.check(&format!("--secret {name}")).code, 2, "{name}");
    }
}
