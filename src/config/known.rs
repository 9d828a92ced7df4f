//! Every setting by its name: for those who look for what nobody reads.

use crate::config::instances;

/// All that are read, as the README calls them.
pub const SETTINGS: &[&str] = &[
    "PROXY_API_KEYS",
    "ALLOW_ANONYMOUS",
    "CORS_ALLOW_ORIGINS",
    "AZURE_OPENAI_ENDPOINT",
    "AZURE_OPENAI_API_BASE",
    "AZURE_OPENAI_API_KEY",
    "AZURE_OPENAI_TOKEN",
    "AZURE_OPENAI_APIVERSION",
    "AZURE_OPENAI_API_VERSION",
    "AZURE_OPENAI_API_VER",
    "OPENAI_API_VERSION",
    "AZURE_OPENAI_MODELS_APIVERSION",
    "AZURE_OPENAI_RESPONSES_APIVERSION",
    "ANTHROPIC_APIVERSION",
    "AZURE_OPENAI_API_STYLE",
    "AZURE_OPENAI_MODEL_MAPPER",
    "MODEL_FALLBACK",
    "AZURE_AI_STUDIO_DEPLOYMENTS",
    "AZURE_OPENAI_KEY",
    "AZURE_OPENAI_KEYS",
    "AZURE_OPENAI_PROXY_MODE",
    "AZURE_INSTANCES",
    "AZURE_INSTANCES_JSON",
    "AZURE_ROUTING_STRATEGY",
    "TIE_BREAK",
    "MAX_ATTEMPTS",
    "FIRST_OUTPUT_TIMEOUT",
    "STREAM_KEEPALIVE",
    "TOKEN_RATE_LIMIT",
    "REQUEST_RATE_LIMIT",
    "LIMITS_MODE",
    "AZURE_TENANT_ID",
    "AZURE_CLIENT_ID",
    "AZURE_CLIENT_SECRET",
    "AZURE_AUTHORITY_HOST",
    "AZURE_SUBSCRIPTION_ID",
    "AZURE_RESOURCE_GROUP",
    "GOOGLE_AI_STUDIO_API_KEY",
    "GEMINI_API_KEY",
    "GOOGLE_API_KEY",
    "GOOGLE_AI_STUDIO_ENDPOINT",
    "GOOGLE_MODEL_MAPPER",
    "VERTEX_AI_PROJECT_ID",
    "GOOGLE_CLOUD_PROJECT",
    "VERTEX_AI_LOCATION",
    "GOOGLE_CLOUD_LOCATION",
    "VERTEX_AI_ENDPOINT",
    "VERTEX_AI_API_KEY",
    "VERTEX_MODEL_MAPPER",
    "GOOGLE_APPLICATION_CREDENTIALS",
    "OPENAI_API_KEY",
    "OPENAI_BASE_URL",
    "OPENAI_API_ENDPOINT",
    "OPENAI_API_BASE",
    "DEFAULT_MODEL",
    "UPSTREAM_HOST",
    "UPSTREAM_PORT",
    "UPSTREAM_API_KEY",
    "UPSTREAM_TYPE",
    "INFERENCE_API_VERSION",
    "EXTRA_PARAMETERS_DEFAULT",
    "UPSTREAM_TIMEOUT",
    "IDLE_TIMEOUT",
    "MAX_JSON_BODY",
    "MAX_MULTIPART_BUFFER",
    "LOG_LEVEL",
    "MODELS_LIST",
    "MODELS_CACHE_TTL",
    "MODELS_TIMEOUT",
    "FORWARD_ALLOWED_HOSTS",
    "STRIP_SK_PREFIX",
    "MOCK_BILLING",
    "GATEWAY",
    "FOAP_CONFIG",
    "FOAP_CONFIG_DIR",
    "FOAP_LOGLEVEL",
    "FOAP_OWNED_BY",
    "BASE_URL",
];

/// Those of other proxies that mean nothing to a Worker, and what is there in their place.
pub const REPLACED: &[(&str, &str)] = &[
    ("AZURE_OPENAI_PROXY_ADDRESS", ADDRESS),
    ("HOST", ADDRESS),
    ("PORT", ADDRESS),
    ("FOAP_HOST", ADDRESS),
    ("FOAP_PORT", ADDRESS),
    ("REDIS_URL", COUNTED),
    ("USE_REDIS_RATE_LIMITER", COUNTED),
];

const ADDRESS: &str = "a Worker has no port of its own: its address is that of its route (`routes` or `workers_dev` in \
                       wrangler.toml), on this machine that of `npm start`";
const COUNTED: &str = "Durable Objects count for all the world together (TOKEN_RATE_LIMIT, and the limits of targets \
                       and clients)";

/// What follows is a model's or an alias's name.
pub const PREFIXES: &[&str] = &["MODEL_MAP_", "AZURE_OPENAI_KEY_"];

/// Those whose values are nobody's to see.
pub const SECRETS: &[&str] = &[
    "PROXY_API_KEYS",
    "AZURE_OPENAI_API_KEY",
    "AZURE_OPENAI_TOKEN",
    "AZURE_OPENAI_KEY",
    "AZURE_OPENAI_KEYS",
    "AZURE_CLIENT_SECRET",
    "GOOGLE_AI_STUDIO_API_KEY",
    "GEMINI_API_KEY",
    "GOOGLE_API_KEY",
    "VERTEX_AI_API_KEY",
    "GOOGLE_APPLICATION_CREDENTIALS",
    "OPENAI_API_KEY",
    "UPSTREAM_API_KEY",
];

/// Whether some part of the program reads a setting of that name, in any case.
pub fn is_known(name: &str) -> bool {
    let name = name.to_ascii_uppercase();
    let mut prefixes = PREFIXES.iter();
    SETTINGS.contains(&name.as_str())
        || is_piece(&name)
        || instances::is_variable(&name)
        || prefixes.any(|prefix| name.len() > prefix.len() && name.starts_with(prefix))
}

/// What is there in place of a setting that another proxy reads, in any case.
pub fn replacement(name: &str) -> Option<&'static str> {
    let mut replaced = REPLACED.iter();
    let found = replaced.find(|(other, _)| other.eq_ignore_ascii_case(name));
    found.map(|(_, instead)| *instead)
}

/// Of the provider files in several variables.
fn is_piece(name: &str) -> bool {
    let number = name.strip_prefix("FOAP_CONFIG_");
    number.is_some_and(|it| !it.is_empty() && it.bytes().all(|byte| byte.is_ascii_digit()))
}

/// Whether the value of a setting is nobody's to see, by its name.
pub fn is_secret(name: &str) -> bool {
    let name = name.to_ascii_uppercase();
    SECRETS.contains(&name.as_str())
        || name.starts_with("AZURE_OPENAI_KEY_")
        || instances::is_key(&name)
}
