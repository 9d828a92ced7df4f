//! One recorded situation: set up, sent, compared.

use serde_json::{Map, Value, json};

use crate::fake::{Ask, Gateway, Got, Upstream, ask, gateway_of, leaked};
use crate::golden::matching::differs;
use crate::golden::{answered, inbound, inference};

pub const CLIENT_KEY: &str = "PROXYKEY";

pub fn check(case: &Value) -> Result<(), String> {
    let (input, expected) = (&case["input"], &case["expected"]);
    match input["fn"].as_str() {
        None if inference::is_one(case) => inference::check(input, expected),
        None if inbound::is_one(input, expected) => inbound::check(input, expected),
        None => compare(input, expected),
        Some("each") => each(input, expected),
        Some("build_url" | "realtime_url") => urls(input, expected),
        Some("resolve_deployment") => deployments(input, expected),
        Some("map_ft_status") => statuses(input, expected),
        Some(other) => Err(format!("nobody knows the function {other}")),
    }
}

/// Situations of one kind: each has what they share, and more.
fn each(input: &Value, expected: &Value) -> Result<(), String> {
    let cases = input["cases"].as_array().unwrap();
    let wanted = expected["cases"].as_array().unwrap();
    assert_eq!(cases.len(), wanted.len());
    for (case, wanted) in cases.iter().zip(wanted) {
        let mut whole = input.clone();
        let members = case.as_object().unwrap().clone();
        whole.as_object_mut().unwrap().extend(members);
        compare(&whole, wanted).map_err(|problem| format!("{}: {problem}", case["notes"]))?;
    }
    Ok(())
}

fn compare(input: &Value, expected: &Value) -> Result<(), String> {
    let mut gateway = gateway_of(settings(input));
    for answer in answers(input) {
        gateway = gateway.meets(answer);
    }
    let got = gateway.send(request(&input["client"], &gateway_key(input)));
    let sent = gateway.platform.sent.take();
    let wanted = match (&expected["upstream"], &expected["upstream_sequence"]) {
        (_, Value::Array(sequence)) => sequence.clone(),
        (Value::Object(one), _) => vec![Value::Object(one.clone())],
        _ => Vec::new(),
    };
    if expected.get("upstream").is_some_and(Value::is_null) && !sent.is_empty() {
        return Err("an upstream was asked".to_owned());
    }
    for (at, wanted) in wanted.iter().enumerate() {
        let sent = sent
            .get(at)
            .ok_or_else(|| format!("no request {at}: {}", got.text()))?;
        seen(sent, wanted).map_err(|problem| format!("request {at}: {problem}"))?;
    }
    answered(&got, &expected["client"])
}

/// What an upstream saw.
pub fn seen(sent: &crate::fake::Sent, wanted: &Value) -> Result<(), String> {
    let body = serde_json::from_str(&sent.body).unwrap_or(Value::Null);
    let form: Map<String, Value> = sent
        .body
        .split('&')
        .filter_map(|pair| pair.split_once('='))
        .map(|(name, value)| (name.to_owned(), isthmus::surface::decode(value).into()))
        .collect();
    let all = json!({"method": sent.method, "url": sent.url, "body": body, "body_form": form});
    for part in ["method", "url", "body", "body_form"] {
        differs(&wanted[part], Some(&all[part]), part)?;
    }
    if let Some(parts) = wanted["form"].as_array()
        && sent.body != multipart(parts)
    {
        return Err(format!("form: {}", sent.body));
    }
    headers(wanted, &sent.headers)
}

pub fn answered(got: &Got, wanted: &Value) -> Result<(), String> {
    if wanted.is_null() {
        return Ok(());
    }
    answered::status(got, wanted)?;
    headers(wanted, &got.0.headers)?;
    answered::content(got, wanted)
}

fn headers(wanted: &Value, got: &isthmus::headers::Headers) -> Result<(), String> {
    for (name, value) in wanted["headers"].as_object().into_iter().flatten() {
        let got = got.get(name).map(Value::from);
        differs(value, got.as_ref(), name)?;
    }
    for name in wanted["headers_absent"].as_array().into_iter().flatten() {
        if let Some(value) = got.get(name.as_str().unwrap()) {
            return Err(format!("the header {name} is there: {value}"));
        }
    }
    Ok(())
}

/// The settings: the provider, or the pool, as a GATEWAY document; a client with a key of ours unless the client's
/// own credential is to pass.
fn settings(input: &Value) -> Vec<(String, String)> {
    let mut settings: Vec<(String, String)> = input["env"]
        .as_object()
        .into_iter()
        .flatten()
        .map(|(name, value)| (name.clone(), value.as_str().unwrap().to_owned()))
        .collect();
    if !passes_credential(input) {
        settings.push(("PROXY_API_KEYS".to_owned(), CLIENT_KEY.to_owned()));
    }
    let mut document = json!({"providers": {}});
    match &input["provider"]["pool"] {
        Value::Array(pool) => {
            let mut targets = Vec::new();
            for (at, provider) in pool.iter().enumerate() {
                let name = format!("member-{at}");
                targets.push(format!("{name}/gpt-4o"));
                document["providers"][name] = table(provider);
            }
            document["models"] = json!({"gpt-4o": targets});
        }
        _ if input["provider"].is_object() => {
            document["providers"]["azure"] = table(&input["provider"]);
        }
        _ => {}
    }
    if let Some(catalog) = input["catalog"].as_object() {
        document["models"] = catalogued(catalog, &mut document["providers"]);
    }
    settings.push(("GATEWAY".to_owned(), document.to_string()));
    settings
}

/// What is known of models, as their owner says it.
fn catalogued(catalog: &Map<String, Value>, providers: &mut Value) -> Value {
    if providers["azure"].is_null() {
        let endpoint = "https://res.openai.azure.com";
        providers["azure"] = table(&json!({"endpoint": endpoint, "auth": {"api_key": "AZKEY"}}));
    }
    let models = catalog.iter().map(|(name, said)| {
        let mut about = said.as_object().unwrap().clone();
        let deployment = about.remove("deployment");
        let deployment = deployment.unwrap_or_else(|| name.clone().into());
        let target = format!("azure/{}", deployment.as_str().unwrap());
        (name.clone(), json!({"targets": target, "about": about}))
    });
    Value::Object(models.collect())
}

fn passes_credential(input: &Value) -> bool {
    input["provider"]["auth"]["mode"] == "client_passthrough"
}

fn gateway_key(input: &Value) -> String {
    if passes_credential(input) {
        String::new()
    } else {
        CLIENT_KEY.to_owned()
    }
}

/// A provider as a table of GATEWAY.
fn table(provider: &Value) -> Value {
    let mut table = provider.as_object().cloned().unwrap_or_default();
    let auth = table.remove("auth").unwrap_or_default();
    if table.get("form") == Some(&json!("auto")) {
        table.remove("form");
    }
    let key = auth.get("api_key").or(auth.get("bearer"));
    table.extend(key.map(|key| ("key".to_owned(), key.clone())));
    if let Some(front) = auth.get("apim") {
        let header = front["header"].as_str().unwrap();
        table.insert("headers".to_owned(), json!({header: front["key"]}));
    }
    table.extend(auth.get("entra").map(|it| ("entra".to_owned(), it.clone())));
    table.insert("kind".to_owned(), "azure".into());
    Value::Object(table)
}

pub fn answers(input: &Value) -> Vec<Upstream> {
    match (&input["upstream"], &input["upstream_sequence"]) {
        (_, Value::Array(sequence)) => sequence.iter().map(answer).collect(),
        (Value::Object(_), _) => vec![answer(&input["upstream"])],
        _ => vec![answer(&json!({"status": 200, "body": {}}))],
    }
}

pub fn answer(upstream: &Value) -> Upstream {
    let status = upstream["status"].as_u64().unwrap().try_into().unwrap();
    let mut headers: Vec<(&'static str, &'static str)> = Vec::new();
    for (name, value) in upstream["headers"].as_object().into_iter().flatten() {
        headers.push((leaked(name), leaked(value.as_str().unwrap())));
    }
    if !headers.iter().any(|(name, _)| *name == "content-type") {
        headers.push(("content-type", "application/json"));
    }
    let body = if let Some(raw) = upstream["raw"].as_str().or(upstream["raw_body"].as_str()) {
        raw.to_owned()
    } else if let Some(events) = upstream["events"].as_array() {
        let data = |event: &Value| match event {
            Value::String(word) => format!("data: {word}\n\n"),
            event => format!("data: {event}\n\n"),
        };
        events.iter().map(data).collect()
    } else {
        upstream["body"].to_string()
    };
    Upstream::Answers(status, headers, leaked(&body))
}

pub fn request(client: &Value, key: &str) -> Ask {
    let method = client["method"].as_str().unwrap();
    let path = client["path"].as_str().unwrap();
    let target = match client["query"].as_str() {
        Some(query) => format!("{path}?{query}"),
        None => path.to_owned(),
    };
    let mut asked = ask(method, &target);
    for (name, value) in client["headers"].as_object().into_iter().flatten() {
        asked = asked.header(name, value.as_str().unwrap());
    }
    if client["headers"]["authorization"].is_null() && !key.is_empty() {
        asked = asked.key(key);
    }
    if let Some(parts) = client["multipart"].as_array() {
        return asked.body(multipart(parts).as_bytes(), 11);
    }
    match &client["body"] {
        Value::Null => asked,
        body => asked.body(body.to_string().as_bytes(), 1000),
    }
}

fn multipart(parts: &[Value]) -> String {
    let part = |part: &Value| {
        let name = part["name"].as_str().unwrap();
        let file = match part["filename"].as_str() {
            Some(file) => format!("; filename=\"{file}\"\r\nContent-Type: audio/mpeg"),
            None => String::new(),
        };
        let value = part["value"].as_str().unwrap();
        format!("--BB\r\nContent-Disposition: form-data; name=\"{name}\"{file}\r\n\r\n{value}\r\n")
    };
    parts.iter().map(part).collect::<String>() + "--BB--\r\n"
}

/// The URL a call goes to, by how the endpoint was pasted.
fn urls(input: &Value, expected: &Value) -> Result<(), String> {
    let wanted = expected["urls"].as_array().unwrap();
    for (case, wanted) in input["cases"].as_array().unwrap().iter().zip(wanted) {
        let mut provider = json!({"endpoint": case["endpoint"], "auth": {"api_key": "AZKEY"}});
        for option in ["form", "api_version"] {
            if !case[option].is_null() {
                provider[option] = case[option].clone();
            }
        }
        if case["op"] == "models" {
            // Of the lists there are, the one of that name.
            provider["list_mode"] = "azure_models".into();
        }
        let gateway = gateway_of(settings(&json!({"provider": provider})));
        let model = case["deployment"].as_str().unwrap_or("m");
        let is_realtime = input["fn"] == "realtime_url";
        let asked = if is_realtime {
            let intent = case["intent"].as_str().map(|it| format!("&intent={it}"));
            let path = format!("/v1/realtime?model={model}{}", intent.unwrap_or_default());
            ask("GET", &path).header("upgrade", "websocket")
        } else {
            operation(case, model)
        };
        let gateway = gateway.meets(answer(&json!({"status": 200, "body": {}})));
        let got = gateway.send(asked.key(CLIENT_KEY));
        let sent = gateway.platform.sent.take().pop();
        let url = sent.map_or_else(|| got.text(), |sent| sent.url);
        let url = if is_realtime {
            url.replacen("https:", "wss:", 1)
        } else {
            url
        };
        differs(wanted, Some(&url.into()), &case["endpoint"].to_string())?;
    }
    Ok(())
}

/// One call of an operation: with POST as JSON, or as a form where OpenAI has one.
fn operation(case: &Value, model: &str) -> Ask {
    const FORMS: [&str; 3] = ["images/edits", "audio/transcriptions", "audio/translations"];
    let operation = case["op"].as_str().unwrap();
    let asked = ask(
        case["method"].as_str().unwrap_or("POST"),
        &format!("/v1/{operation}"),
    );
    if !case["method"].is_null() {
        return asked;
    }
    if FORMS.contains(&operation) {
        let parts = json!([{"name": "model", "value": model}]);
        return asked
            .header("content-type", "multipart/form-data; boundary=BB")
            .body(multipart(parts.as_array().unwrap()).as_bytes(), 11);
    }
    asked.json(&json!({"model": model, "messages": []}).to_string())
}

/// The deployment a model is found under, where only that one is there.
fn deployments(input: &Value, expected: &Value) -> Result<(), String> {
    let wanted = expected["deployments"].as_array().unwrap();
    for (model, wanted) in input["cases"].as_array().unwrap().iter().zip(wanted) {
        let mut settings = settings(input);
        settings.retain(|(name, _)| name != "GATEWAY");
        let endpoint = "https://res.openai.azure.com".to_owned();
        settings.push(("AZURE_OPENAI_ENDPOINT".to_owned(), endpoint));
        settings.push(("AZURE_OPENAI_API_KEY".to_owned(), "AZKEY".to_owned()));
        let there = wanted.as_str().unwrap();
        let found = found(&gateway_of(settings), model, there);
        differs(wanted, Some(&found.into()), &model.to_string())?;
    }
    Ok(())
}

fn found(gateway: &Gateway, model: &Value, there: &str) -> String {
    let missing =
        json!({"status": 404, "body": {"error": {"code": "DeploymentNotFound", "message": "m"}}});
    for attempts in 0..8 {
        for _ in 0..attempts {
            gateway.script(answer(&missing));
        }
        gateway.script(answer(&json!({"status": 200, "body": {}})));
        let body = json!({"model": model, "messages": []}).to_string();
        gateway.send(
            ask("POST", "/v1/chat/completions")
                .key(CLIENT_KEY)
                .json(&body),
        );
        gateway.forget_scripts();
        let last = gateway.platform.sent.take().pop().unwrap().url;
        let deployment = last.split('/').nth(5).unwrap().to_owned();
        if deployment == there {
            return deployment;
        }
        gateway.platform.store.borrow_mut().clear();
    }
    "nothing".to_owned()
}

fn statuses(input: &Value, expected: &Value) -> Result<(), String> {
    let wanted = expected["statuses"].as_array().unwrap();
    for (status, wanted) in input["cases"].as_array().unwrap().iter().zip(wanted) {
        let provider =
            json!({"endpoint": "https://res.openai.azure.com", "auth": {"api_key": "AZKEY"}});
        let job = json!({"id": "ftjob-1", "object": "fine_tuning.job", "status": status});
        let gateway = gateway_of(settings(&json!({"provider": provider})))
            .meets(answer(&json!({"status": 200, "body": job})));
        let got = gateway.send(ask("GET", "/v1/fine_tuning/jobs/ftjob-1").key(CLIENT_KEY));
        differs(wanted, got.json().get("status"), &status.to_string())?;
    }
    Ok(())
}
