//! What is wrong, how bad it is, and how the program ends.

use crate::folder::{folder, vars};

/// Settings, what is found below which heading, and the exit codes, the second with `--strict`.
type Row = (&'static str, &'static str, &'static str, (i32, i32));

const FOUND: [Row; 18] = [
    (
        "LOG_LEVEL = 'loud'",
        "Warnings",
        "wrangler.toml:2: LOG_LEVEL is `loud`; it should be debug, info, warn or error.",
        (0, 1),
    ),
    (
        "AZURE_OPENAI_PROXY_MODE = 'x'",
        "Errors",
        "wrangler.toml:2: The setting AZURE_OPENAI_PROXY_MODE is `x`; it should be azure, openai, google or vertex.",
        (1, 1),
    ),
    (
        "OPENAI_BASE_URL = 'ftp://x'",
        "Errors",
        "wrangler.toml:2: The setting OPENAI_BASE_URL is not an address: it begins with neither https:// nor http://.",
        (1, 1),
    ),
    (
        "GATEWAY = '[]'",
        "Errors",
        "wrangler.toml:2: The setting GATEWAY cannot be read: it is not an object.",
        (1, 1),
    ),
    (
        "GATEWAY = 'KV'",
        "Errors",
        "wrangler.toml:2: GATEWAY is kept in KV, which is not asked: give the document with --gateway FILE.",
        (1, 1),
    ),
    (
        "[vars.GATEWAY]\ndefault = 'x'",
        "Errors",
        "wrangler.toml:3: GATEWAY.default names the provider `x`, which is not there.",
        (1, 1),
    ),
    (
        "[vars.GATEWAY]\nmodels.a = 'x/y'",
        "Errors",
        "wrangler.toml:3: GATEWAY.models.a has no target that can be used.",
        (1, 1),
    ),
    (
        "[vars.GATEWAY]\nproviders.x.kind = 'y'",
        "Errors",
        "wrangler.toml:3: GATEWAY.providers.x.kind is y; it should be azure, foundry, google, vertex, openai or demo.",
        (1, 1),
    ),
    (
        "PROXY_API_KEYS = 'a::'",
        "Errors",
        "Nobody is served: no client's key was understood.",
        (1, 1),
    ),
    (
        "AZURE_OPENAI_API_BASE = 'https://a.openai.azure.com'\nPROXY_API_KEYS = 'sha256:0000000000000000000000000000000000000000000000000000000000000000'",
        "Warnings",
        "wrangler.toml:2: The provider `azure` has no key and no application of Entra ID: Azure will refuse its calls.",
        (0, 1),
    ),
    (
        "AZURE_AI_STUDIO_DEPLOYMENTS = 'm=M:eastus2'",
        "Errors",
        "wrangler.toml:2: The model `m` has no key: set the secret AZURE_OPENAI_KEY_M or AZURE_OPENAI_KEY_M.",
        (1, 1),
    ),
    (
        "PROXY_API_KEY = 'x'",
        "Warnings",
        "wrangler.toml:2: PROXY_API_KEY is not known to this version; did you mean PROXY_API_KEYS?",
        (0, 1),
    ),
    (
        "log_lvel = 'x'",
        "Warnings",
        "wrangler.toml:2: log_lvel is not known to this version; did you mean LOG_LEVEL?",
        (0, 1),
    ),
    (
        "MY_OWN = 'x'",
        "Hints",
        "wrangler.toml:2: MY_OWN is not known to this version and does nothing.",
        (0, 0),
    ),
    (
        "AZURE_OPENAI_PROXY_ADDRESS = '0.0.0.0:11437'",
        "Hints",
        "wrangler.toml:2: AZURE_OPENAI_PROXY_ADDRESS does nothing here: a Worker has no port of its own: its address is that of its route (`routes` or `workers_dev` in wrangler.toml), on this machine that of `npm start`.",
        (0, 0),
    ),
    (
        "redis_url = 'redis://localhost:6379'",
        "Hints",
        "wrangler.toml:2: redis_url does nothing here: Durable Objects count for all the world together (TOKEN_RATE_LIMIT, and the limits of targets and clients).",
        (0, 0),
    ),
    (
        "FORWARD_ALLOWED_HOSTS = 'up.test, 10.0.0.1'",
        "Warnings",
        "wrangler.toml:2: Item 2 of FORWARD_ALLOWED_HOSTS is not in force: it is a number, or a name of a network of one's own.",
        (0, 1),
    ),
    (
        "ALLOW_ANONYMOUS = true\nOPENAI_API_KEY = 'x'",
        "Warnings",
        "wrangler.toml:3: OPENAI_API_KEY is a secret, and this file is no place for one: keep it with `npx wrangler secret put OPENAI_API_KEY`, on this machine in .dev.vars.",
        (0, 1),
    ),
];

#[test]
fn errors_and_warnings() {
    for (settings, heading, finding, codes) in FOUND {
        let folder = vars(settings);
        let said = folder.check("");
        let found = said.below(heading);
        assert!(
            found.iter().any(|it| it == finding),
            "{settings}\n{}",
            said.out
        );
        assert_eq!(
            (said.code, folder.check("--strict").code),
            codes,
            "{settings}"
        );
    }
}

#[test]
fn closed_access_is_an_error() {
    let said = folder([
        ("wrangler.toml", ""),
        (".dev.vars", "OPENAI_API_KEY=a-long-key"),
    ])
    .check("");
    assert_eq!(said.code, 1);
    let errors = said.below("Errors");
    assert!(
        errors[0].starts_with("Nobody is served: there is a provider's credential"),
        "{errors:?}"
    );
    said.says("1 error, no warnings");
}

/// Such are read somewhere, whatever follows or names them.
#[test]
fn names_that_are_no_slips() {
    let said = vars(
        "MODEL_MAP_X = 'y'\nAZURE_OPENAI_KEY_X = ''\nEAST = ''\n[vars.GATEWAY.providers.x]\nkind = 'demo'\n\
         key = '$east'\n",
    )
    .check("");
    assert!(!said.out.contains("is not known"), "{}", said.out);
    // A document that is not here may name any.
    let said = vars("GATEWAY = 'kv'\nEAST = ''\nLOGLEVEL = ''\n").check("");
    assert!(!said.out.contains("EAST"), "{}", said.out);
    assert!(said.out.contains("did you mean LOG_LEVEL?"), "{}", said.out);
}

#[test]
fn findings_as_json() {
    let said = vars("LOG_LEVEL = 'loud'\nGATEWAY = '[]'\nMY_OWN = 1\n").check("--json");
    assert_eq!(said.code, 1);
    let said = said.json();
    let findings: Vec<_> = said["findings"].as_array().unwrap().iter().collect();
    let levels: Vec<_> = findings
        .iter()
        .map(|it| it["level"].as_str().unwrap())
        .collect();
    assert_eq!(levels, ["error", "warning"]);
    assert_eq!(
        (&findings[1]["file"], &findings[1]["line"]),
        (&"wrangler.toml".into(), &2.into())
    );
    assert_eq!((&said["errors"], &said["warnings"]), (&1.into(), &1.into()));
}
