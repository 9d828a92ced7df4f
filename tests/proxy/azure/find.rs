//! The deployment behind a model's name, found within the call and remembered; what refusals teach.

use serde_json::Value;

use super::{AT, ask_for, azure, deployments, done, missing};
use crate::fake::{Ask, ask, chat, gateway_of, json};

#[test]
fn a_deployment_is_found_within_the_call_and_remembered() {
    let gateway = azure(&[]).meets(missing()).meets(done());
    let got = gateway.send(ask_for("gpt-3.5-turbo"));
    assert_eq!(got.status(), 200, "{}", got.text());
    assert_eq!(got.header("x-isthmus-target"), Some("azure/gpt-35-turbo"));
    assert_eq!(got.header("x-isthmus-attempts"), Some("2"));
    assert_eq!(deployments(&gateway), ["gpt-3.5-turbo", "gpt-35-turbo"]);
    gateway.script(done());
    assert_eq!(gateway.send(ask_for("gpt-3.5-turbo")).status(), 200);
    assert_eq!(deployments(&gateway), ["gpt-35-turbo"]);
}

#[test]
fn another_isolate_learns_it_from_the_store() {
    let first = azure(&[]).meets(missing()).meets(done());
    first.send(ask_for("whisper-1"));
    let second = azure(&[]).meets(done());
    second.platform.store.replace(first.platform.store.take());
    assert_eq!(second.send(ask_for("whisper-1")).status(), 200);
    assert_eq!(deployments(&second), ["whisper"]);
}

#[test]
fn what_was_remembered_and_is_gone_is_looked_for_again() {
    let gateway = azure(&[]).meets(missing()).meets(done());
    gateway.send(ask_for("gpt-3.5-turbo"));
    deployments(&gateway);
    for answer in [missing(), missing(), done()] {
        gateway.script(answer);
    }
    assert_eq!(gateway.send(ask_for("gpt-3.5-turbo")).status(), 200);
    let tried = deployments(&gateway);
    assert_eq!(tried[..2], ["gpt-35-turbo", "gpt-3.5-turbo"]);
    assert_eq!(tried.len(), 3);
}

#[test]
fn the_last_404_names_what_was_tried_and_how_to_map() {
    let mut gateway = azure(&[]);
    for _ in 0..9 {
        gateway = gateway.meets(missing());
    }
    let got = gateway.send(ask_for("gpt-4o-2024-08-06"));
    assert_eq!(got.refusal(), (404, "model_not_found".to_owned()));
    for part in [
        "`gpt-4o-2024-08-06`",
        "`gpt-4o`",
        "AZURE_OPENAI_MODEL_MAPPER",
        "deployments",
    ] {
        assert!(got.message().contains(part), "{part}: {}", got.message());
    }
}

#[test]
fn only_a_missing_deployment_is_looked_for_elsewhere() {
    for (status, body) in [
        (
            404,
            r#"{"error":{"code":"404","message":"Resource not found"}}"#,
        ),
        (400, r#"{"error":{"code":"content_filter","message":"m"}}"#),
        (429, r#"{"error":{"code":"429","message":"m"}}"#),
        (500, "{}"),
    ] {
        let gateway = azure(&[]).meets(json(status, body));
        gateway.send(ask_for("gpt-3.5-turbo"));
        assert_eq!(deployments(&gateway), ["gpt-3.5-turbo"], "{status}");
    }
}

#[test]
fn mapped_or_passed_through_a_name_is_tried_alone() {
    for (setting, value, asked, deployment) in [
        (
            "AZURE_OPENAI_MODEL_MAPPER",
            " x=y , GPT-3.5-turbo = Prod ",
            "gpt-3.5-turbo",
            "Prod",
        ),
        ("MODEL_MAP_GPT35TURBO", "Prod", "gpt-3.5-turbo", "Prod"),
        (
            "MODEL_FALLBACK",
            "passthrough",
            "gpt-3.5-turbo",
            "gpt-3.5-turbo",
        ),
    ] {
        let gateway = azure(&[(setting, value)]).meets(missing());
        assert_eq!(gateway.send(ask_for(asked)).status(), 404);
        assert_eq!(deployments(&gateway), [deployment], "{setting}");
    }
}

const FORM: &str = "--BB\r\nContent-Disposition: form-data; name=\"model\"\r\n\r\nwhisper-1\r\n\
                    --BB\r\nContent-Disposition: form-data; name=\"file\"; filename=\"a.mp3\"\r\n\r\nsound\r\n--BB--\r\n";

fn upload() -> Ask {
    ask("POST", "/v1/audio/transcriptions")
        .key("client-key")
        .header("content-type", "multipart/form-data; boundary=BB")
        .body(FORM.as_bytes(), 60)
}

#[test]
fn an_upload_is_held_until_its_deployment_is_known() {
    let gateway = azure(&[])
        .meets(missing())
        .meets(json(200, r#"{"text":"t"}"#));
    assert_eq!(gateway.send(upload()).status(), 200);
    let sent = gateway.platform.sent.take();
    assert!(sent.iter().all(|it| it.body == FORM), "{}", sent[0].body);
    assert_eq!(sent.len(), 2);
}

const LIST: &str = r#"{"object":"list","data":[
    {"id":"prod","object":"deployment","model":"gpt-5","status":"succeeded"},
    {"id":"old","object":"deployment","model":"gpt-4","status":"failed"}]}"#;

#[test]
fn the_resources_own_list_is_asked_last() {
    let body = r#"{"model":"gpt-5-2025-08-07","messages":[],"max_tokens":5}"#;
    let gateway = azure(&[])
        .meets(missing())
        .meets(missing())
        .meets(json(200, LIST))
        .meets(done());
    let got = gateway.send(chat(body));
    assert_eq!(got.status(), 200, "{}", got.text());
    let sent = gateway.platform.sent.take();
    assert_eq!(
        sent[2].url,
        format!("{AT}/openai/deployments?api-version=2022-12-01")
    );
    assert_eq!(sent[2].headers.get("api-key"), Some("azure-key"));
    assert!(
        sent[3].url.contains("/deployments/prod/"),
        "{}",
        sent[3].url
    );
    // The family is that of the model behind it.
    assert!(
        sent[3].body.contains("max_completion_tokens"),
        "{}",
        sent[3].body
    );
    gateway.script(done());
    assert_eq!(gateway.send(chat(body)).status(), 200);
    assert!(gateway.sent().body.contains("max_completion_tokens"));
    // Another isolate learns it after one miss, here that of the only name there is to try.
    let only = azure(&[])
        .meets(missing())
        .meets(json(200, LIST))
        .meets(done());
    assert_eq!(only.send(ask_for("gpt-5")).status(), 200);
    let other = azure(&[]).meets(missing()).meets(done());
    other.platform.store.replace(only.platform.store.take());
    assert_eq!(other.send(ask_for("gpt-5")).status(), 200);
    assert_eq!(deployments(&other), ["gpt-5", "prod"]);
}

#[test]
fn a_deployment_that_is_busy_is_one_that_was_found() {
    let busy = json(429, r#"{"error":{"code":"429","message":"m"}}"#);
    let gateway = azure(&[]).meets(missing()).meets(busy).meets(done());
    assert_eq!(gateway.send(ask_for("gpt-3.5-turbo")).status(), 429);
    assert_eq!(gateway.send(ask_for("gpt-3.5-turbo")).status(), 200);
    assert_eq!(deployments(&gateway)[2..], ["gpt-35-turbo"]);
}

#[test]
fn the_resource_manager_is_asked_where_the_resource_does_not_tell() {
    let gateway = gateway_of([
        ("AZURE_OPENAI_ENDPOINT", AT),
        ("AZURE_OPENAI_API_KEY", "azure-key"),
        ("PROXY_API_KEYS", "client-key"),
        ("AZURE_TENANT_ID", "T"),
        ("AZURE_CLIENT_ID", "C"),
        ("AZURE_CLIENT_SECRET", "S"),
        ("AZURE_SUBSCRIPTION_ID", "sub"),
        ("AZURE_RESOURCE_GROUP", "group"),
    ])
    .meets(missing())
    .meets(json(404, r#"{"error":{"code":"404","message":"Resource not found"}}"#))
    .meets(json(200, r#"{"access_token":"manager-token","expires_in":3599}"#))
    .meets(json(
        200,
        r#"{"value":[{"name":"prod","properties":{"model":{"name":"gpt-4o"},"provisioningState":"Succeeded"}}]}"#,
    ))
    .meets(done());
    let got = gateway.send(ask_for("gpt-4o"));
    assert_eq!(got.status(), 200, "{}", got.text());
    let sent = gateway.platform.sent.take();
    assert!(
        sent[2]
            .body
            .contains("scope=https%3A%2F%2Fmanagement.azure.com%2F.default")
    );
    assert_eq!(
        sent[3].url,
        "https://management.azure.com/subscriptions/sub/resourceGroups/group/providers/\
         Microsoft.CognitiveServices/accounts/res/deployments?api-version=2024-10-01"
    );
    assert_eq!(
        sent[3].headers.get("authorization"),
        Some("Bearer manager-token")
    );
    assert_eq!(sent[4].headers.get("api-key"), Some("azure-key"));
    assert_eq!(sent[4].headers.get("authorization"), None);
}

const MAX_TOKENS: &str = r#"{"error":{"message":"Unsupported parameter: 'max_tokens' is not supported with this model. Use 'max_completion_tokens' instead.","type":"invalid_request_error","param":"max_tokens","code":"unsupported_parameter"}}"#;
const TEMPERATURE: &str = r#"{"error":{"message":"Unsupported value: 'temperature' does not support 0 with this model. Only the default (1) value is supported.","type":"invalid_request_error","param":"temperature","code":"unsupported_value"}}"#;

#[test]
fn a_refusal_that_says_what_to_do_is_obeyed_once_and_remembered() {
    let gateway = azure(&[])
        .meets(json(400, MAX_TOKENS))
        .meets(json(400, TEMPERATURE))
        .meets(done());
    let body = r#"{"model":"prod","messages":[],"max_tokens":7,"temperature":0}"#;
    assert_eq!(gateway.send(chat(body)).status(), 200);
    gateway.script(done());
    assert_eq!(gateway.send(chat(body)).status(), 200);
    let sent = gateway.platform.sent.take();
    let bodies: Vec<Value> = sent
        .iter()
        .map(|it| serde_json::from_str(&it.body).unwrap())
        .collect();
    assert_eq!(bodies.len(), 4);
    assert_eq!(bodies[3], bodies[2]);
    let rewritten =
        serde_json::json!({"model": "prod", "messages": [], "max_completion_tokens": 7});
    assert_eq!(bodies[3], rewritten);
}

#[test]
fn what_stays_refused_is_the_clients() {
    let gateway = azure(&[])
        .meets(json(400, MAX_TOKENS))
        .meets(json(400, MAX_TOKENS));
    let got = gateway.send(chat(r#"{"model":"prod","messages":[],"max_tokens":7}"#));
    assert_eq!(got.refusal(), (400, "unsupported_parameter".to_owned()));
    assert_eq!(gateway.platform.sent.take().len(), 2);
}

#[test]
fn a_chat_with_a_model_for_responses_is_told_so() {
    let gateway = azure(&[]);
    let got = gateway.send(ask_for("gpt-5-codex"));
    assert_eq!(got.status(), 400);
    assert!(got.message().contains("/v1/responses"), "{}", got.message());
    assert!(gateway.asked_nobody());
}

/// KV takes tens of milliseconds, up to two seconds when it is ill.
#[test]
fn a_name_that_was_right_at_once_is_not_looked_up_again() {
    let gateway = azure(&[]).meets(done()).meets(done());
    for _ in 0..2 {
        assert_eq!(gateway.send(ask_for("gpt-4o-mini")).status(), 200);
    }
    assert_eq!(deployments(&gateway), ["gpt-4o-mini", "gpt-4o-mini"]);
    assert_eq!(gateway.platform.look_ups.get(), 1);
    assert!(gateway.platform.store.borrow().is_empty());
    // What has no other name is not looked up at all.
    gateway.script(done());
    gateway.send(ask_for("gpt-4o"));
    assert_eq!(gateway.platform.look_ups.get(), 1);
}

#[test]
fn a_name_the_list_told_is_remembered() {
    let gateway = azure(&[])
        .meets(missing())
        .meets(missing())
        .meets(json(200, LIST))
        .meets(done());
    let dated = "gpt-5-2025-08-07";
    assert_eq!(gateway.send(ask_for(dated)).status(), 200);
    deployments(&gateway);
    gateway.script(done());
    assert_eq!(gateway.send(ask_for(dated)).status(), 200);
    assert_eq!(deployments(&gateway), ["prod"]);
    let second = azure(&[]).meets(done());
    second.platform.store.replace(gateway.platform.store.take());
    assert_eq!(second.send(ask_for(dated)).status(), 200);
    assert_eq!(deployments(&second), ["prod"]);
    // Gone again, it is looked for again.
    for answer in [missing(), done()] {
        second.script(answer);
    }
    assert_eq!(second.send(ask_for(dated)).status(), 200);
    assert_eq!(deployments(&second), ["prod", dated]);
}

#[test]
fn rubbish_in_the_store_does_no_harm() {
    for rubbish in ["", "..", "a/../b", "x\ny"] {
        let gateway = azure(&[]).meets(done());
        let key = "found:azure:gpt-4o-mini".to_owned();
        gateway
            .platform
            .store
            .borrow_mut()
            .insert(key, rubbish.to_owned());
        assert_eq!(gateway.send(ask_for("gpt-4o-mini")).status(), 200);
        assert_eq!(deployments(&gateway), ["gpt-4o-mini"], "{rubbish:?}");
    }
}

/// Of an upload nothing is left to send again, if it was not held.
#[test]
fn a_stale_name_in_the_store_fails_one_upload_at_most() {
    let gateway = azure(&[]).meets(missing());
    let key = "found:azure:whisper-1".to_owned();
    let store = &gateway.platform.store;
    store.borrow_mut().insert(key, "whisper".to_owned());
    assert_eq!(gateway.send(upload()).status(), 404);
    for answer in [
        missing(),
        missing(),
        json(200, LIST.replace("gpt-5", "whisper-1").leak()),
    ] {
        gateway.script(answer);
    }
    gateway.script(json(200, r#"{"text":"t"}"#));
    assert_eq!(gateway.send(upload()).status(), 200);
}

/// Azure repeats the names a client made up: they could read like a lesson.
#[test]
fn a_clients_own_words_teach_nothing() {
    let refusal = |message: &str| {
        let body = serde_json::json!({"error": {"message": message, "code": null}});
        json(400, body.to_string().leak())
    };
    for (field, message) in [
        (
            "temperature. ",
            "Unrecognized request argument supplied: temperature. ",
        ),
        (
            "user, temperature",
            "Unrecognized request arguments supplied: user, temperature",
        ),
        ("temperature'", "Unknown parameter: 'temperature''."),
        ("temperature'.", "Unknown parameter: 'temperature'.'."),
    ] {
        let gateway = azure(&[]).meets(refusal(message)).meets(refusal(message));
        let odd = serde_json::json!({"model": "prod", "messages": [], "temperature": 0, field: 1});
        assert_eq!(
            gateway.send(chat(&odd.to_string())).status(),
            400,
            "{field}"
        );
        assert_eq!(gateway.platform.sent.take().len(), 1, "{field}");
        gateway.forget_scripts();
        gateway.script(done());
        gateway.send(chat(r#"{"model":"prod","messages":[],"temperature":0}"#));
        assert!(gateway.sent().body.contains("temperature"), "{field}");
    }
}

#[test]
fn a_model_without_a_name_is_asked_of_nobody() {
    for (settings, asked) in [
        (&[][..], "azure/"),
        (&[("MODEL_FALLBACK", "strip")][..], "..."),
        (&[("MODEL_FALLBACK", "strip")][..], ":"),
    ] {
        let gateway = azure(settings);
        let status = gateway.send(ask_for(asked)).status();
        assert!(matches!(status, 400 | 404), "{asked}: {status}");
        assert!(gateway.asked_nobody(), "{asked}");
    }
}

/// GPT-5.1 and later take `temperature` only where `reasoning_effort` is `none`.
#[test]
fn what_one_mode_refuses_another_keeps() {
    let ask = |effort: &str| {
        chat(&format!(
            r#"{{"model":"prod","messages":[],{effort}"temperature":0}}"#
        ))
    };
    let gateway = azure(&[]).meets(json(400, TEMPERATURE)).meets(done());
    gateway.send(ask(r#""reasoning_effort":"high","#));
    for (effort, is_kept) in [
        (r#""reasoning_effort":"low","#, false),
        (r#""reasoning_effort":"none","#, true),
        ("", true),
    ] {
        gateway.script(done());
        gateway.send(ask(effort));
        assert_eq!(
            gateway.sent().body.contains("temperature"),
            is_kept,
            "{effort}"
        );
    }
}
