//! Situations of clients of Azure AI Model Inference: `input.backend` lists the models of a server that speaks OpenAI's
//! API, `input.config` is settings. Extra parameters are an error where a case does not say otherwise. There may be
//! `cases` of requests, with as many `clients` expected. `expected.routed` is what the request means, and
//! `client.raw_rules` is about the bytes of a stream.

use isthmus::surface::{self, Arrival, Route, Surface};
use serde_json::{Map, Value, json};

use crate::fake::{gateway_of, headers_of};
use crate::golden::matching::differs;
use crate::golden::situation::{answer, answered, request, seen};

pub fn is_one(case: &Value) -> bool {
    let input = &case["input"];
    let is_ours = |client: &Value| {
        let path = client["path"].as_str().unwrap_or_default();
        let at_root = [
            "/chat/",
            "/embeddings",
            "/images/embeddings",
            "/info",
            "/models/",
        ];
        at_root.iter().any(|it| path.starts_with(it))
    };
    let is_inbound = input["direction"] == "inbound";
    let is_routed = case["expected"]["routed"]["dialect"] == "model-inference";
    is_inbound && (is_routed || is_ours(&input["client"]) || is_ours(&input["cases"][0]))
}

pub fn check(input: &Value, expected: &Value) -> Result<(), String> {
    if expected["routed"].is_object() {
        return routed(&input["client"], &expected["routed"]);
    }
    let (one, only) = (json!([input["client"]]), json!([expected["client"]]));
    let clients = input["cases"].as_array().or(one.as_array());
    let wanted = expected["clients"].as_array().or(only.as_array());
    for (client, wanted) in clients.unwrap().iter().zip(wanted.unwrap()) {
        let gateway = gateway_of(settings(input));
        if input["upstream"].is_object() {
            gateway.script(answer(&input["upstream"]));
        }
        let got = gateway.send(request(client, ""));
        let sent = gateway.platform.sent.take();
        match (&expected["upstream"], sent.first()) {
            (Value::Object(_), Some(sent)) => seen(sent, &expected["upstream"])?,
            (Value::Object(_), None) => return Err(format!("nothing was sent: {}", got.text())),
            (_, Some(_)) if expected.get("upstream").is_some_and(Value::is_null) => {
                return Err("an upstream was asked".to_owned());
            }
            _ => {}
        }
        answered(&got, wanted)?;
        if wanted["raw_rules"].is_array() {
            plain(&got.text())?;
        }
    }
    Ok(())
}

/// What `raw_rules` say.
fn plain(text: &str) -> Result<(), String> {
    let lines: Vec<&str> = text.split('\n').filter(|line| !line.is_empty()).collect();
    let is_plain = |line: &&str| line.starts_with("data: ") && !line.contains('\r');
    let ends = lines.last() == Some(&"data: [DONE]");
    if ends && lines.iter().all(is_plain) {
        Ok(())
    } else {
        Err(format!("not plain: {text}"))
    }
}

fn routed(client: &Value, wanted: &Value) -> Result<(), String> {
    let headers: Vec<_> = client["headers"]
        .as_object()
        .into_iter()
        .flatten()
        .collect();
    let headers: Vec<_> = headers
        .iter()
        .map(|(name, it)| (name.as_str(), it.as_str().unwrap()))
        .collect();
    let route = surface::recognise(&Arrival {
        method: client["method"].as_str().unwrap(),
        path: client["path"].as_str().unwrap(),
        query: client["query"].as_str().unwrap_or_default(),
        headers: &headers_of(&headers),
    });
    let Ok(Route::Call(call)) = route else {
        return Err("it is no call".to_owned());
    };
    let is_inference = call.surface == Surface::Inference;
    let got = json!({
        "dialect": if is_inference { "model-inference" } else { "another" },
        "operation": call.path,
        "model": call.model,
        "strict_sse": is_inference,
    });
    differs(wanted, Some(&got), "routed")
}

fn settings(input: &Value) -> Vec<(String, String)> {
    let models = input["backend"]["models"].as_array().into_iter().flatten();
    let named = |model: &Value| {
        let model = model.as_str().unwrap();
        (model.to_owned(), Value::from(format!("fake/{model}")))
    };
    let document = json!({
        "providers": {"fake": {"kind": "openai", "endpoint": "https://up.test/v1", "key": "upstream-key"}},
        "models": models.map(named).collect::<Map<_, _>>(),
    });
    let mut settings = vec![
        ("EXTRA_PARAMETERS_DEFAULT".to_owned(), "error".to_owned()),
        ("PROXY_API_KEYS".to_owned(), "PROXYKEY".to_owned()),
        ("GATEWAY".to_owned(), document.to_string()),
    ];
    for (name, value) in input["config"].as_object().into_iter().flatten() {
        settings.retain(|(other, _)| !other.eq_ignore_ascii_case(name));
        settings.push((
            name.to_ascii_uppercase(),
            value.as_str().unwrap().to_owned(),
        ));
    }
    settings
}
