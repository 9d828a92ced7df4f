//! What is said of pools and limits that mean nothing.

use serde_json::json;

use super::HELLO;
use crate::fake::{ask, chat, gateway, json as answers};

/// An item of a document -> what is said of it. Everything else of it works.
#[test]
fn what_pools_and_limits_cannot_be_is_said() {
    for (path, value, said) in [
        (
            "/models/m/strategy",
            json!("best"),
            "GATEWAY.models.m.strategy is `best`",
        ),
        (
            "/models/m/tie_break",
            json!("coin"),
            "GATEWAY.models.m.tie_break is `coin`",
        ),
        (
            "/models/m/attempts",
            json!(0),
            "GATEWAY.models.m.attempts is not in force",
        ),
        (
            "/models/m/deadline",
            json!(0),
            "GATEWAY.models.m.deadline is not in force",
        ),
        (
            "/models/m/deadline",
            json!(-1),
            "GATEWAY.models.m.deadline is not in force",
        ),
        (
            "/models/m/keep_alive",
            json!("15"),
            "GATEWAY.models.m.keep_alive is not in force",
        ),
        (
            "/models/m/first_output_timeout",
            json!(-0.5),
            "GATEWAY.models.m.first_output_timeout is not in force",
        ),
        (
            "/models/m/hedge",
            json!(101),
            "GATEWAY.models.m.hedge is not in force",
        ),
        (
            "/models/m/hedge",
            json!({"percent": 5, "later": 1}),
            "GATEWAY.models.m.hedge.later",
        ),
        (
            "/models/m/hedge",
            json!({"percent": 5, "after": "1"}),
            "GATEWAY.models.m.hedge.after",
        ),
        (
            "/models/m/fallback",
            json!(7),
            "GATEWAY.models.m.fallback should be text",
        ),
        (
            "/models/m/fallback",
            json!("M"),
            "GATEWAY.models.m.fallback leads back to the same targets",
        ),
        (
            "/models/m/fallback",
            json!({"content_filter": "lost"}),
            "GATEWAY.models.m.fallback names `lost`, which nobody serves",
        ),
        (
            "/models/m/fallback",
            json!({"other": "x"}),
            "GATEWAY.models.m.fallback.other",
        ),
        (
            "/models/m/targets/0/weight",
            json!(-1),
            "GATEWAY.models.m.targets.weight is not in force",
        ),
        (
            "/models/m/targets/0/weight",
            json!(1.5),
            "GATEWAY.models.m.targets.weight is not in force",
        ),
        (
            "/models/m/targets/0/priority",
            json!("1"),
            "GATEWAY.models.m.targets.priority",
        ),
        (
            "/models/m/targets/0/tpm",
            json!(0),
            "GATEWAY.models.m.targets.tpm is not in force",
        ),
        (
            "/models/m/targets/0/colour",
            json!(1),
            "GATEWAY.models.m.targets.colour",
        ),
        (
            "/providers/a/rpm",
            json!(-1),
            "GATEWAY.providers.a.rpm is not in force",
        ),
        (
            "/providers/a/weight",
            json!(4_294_967_296_u64),
            "GATEWAY.providers.a.weight",
        ),
        (
            "/providers/a/stream_usage",
            json!("no"),
            "GATEWAY.providers.a.stream_usage",
        ),
        (
            "/limits/tpm",
            json!("many"),
            "GATEWAY.limits.tpm is not in force",
        ),
        (
            "/limits/mode",
            json!("loose"),
            "GATEWAY.limits.mode is `loose`",
        ),
        ("/limits/tps", json!(1), "GATEWAY.limits.tps"),
        (
            "/clients/c/tpm",
            json!(0),
            "GATEWAY.clients.c.tpm is no whole number above 0; the client is left out",
        ),
        (
            "/clients/c/monthly_tokens",
            json!("1"),
            "GATEWAY.clients.c.monthly_tokens is no whole number",
        ),
    ] {
        let mut document = json!({
            "providers": {"a": {"kind": "openai", "endpoint": "https://a.test"}},
            "models": {"m": {"targets": [{"to": "a/x"}]}, "lost": []},
            "clients": {"c": {"key": "$KEY"}},
            "limits": {},
        });
        let (table, key) = path.rsplit_once('/').unwrap();
        document.pointer_mut(table).unwrap()[key] = value.clone();
        let document = document.to_string();
        let gateway = gateway([
            ("GATEWAY", document.as_str()),
            ("KEY", "key-of-c"),
            ("PROXY_API_KEYS", "client-key"),
        ])
        .meets(answers(200, r#"{"choices":[]}"#));
        let warnings = gateway.config.warnings.join("\n");
        assert!(warnings.contains(said), "{path} {value}: {warnings}");
        assert_eq!(gateway.send(chat(HELLO)).status(), 200, "{path} {value}");
        let is_c_left_out = path.starts_with("/clients");
        let of_c = gateway.send(ask("GET", "/v1/instances/status").key("key-of-c"));
        assert_eq!(of_c.status() == 401, is_c_left_out, "{path}");
    }
}
