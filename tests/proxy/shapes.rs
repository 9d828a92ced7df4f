//! The catalogue as each kind of client knows it, from what upstreams list and the owner has configured.

use serde_json::{Value, json};

use crate::fake::{Ask, Gateway, Got, ask, gateway, get, json as answers};

/// What the one upstream lists.
const LISTED: &str = r#"{"object": "list", "data": [
    {"id": "chat-1", "object": "model", "created": 7, "owned_by": "up", "name": "Chat One", "context_length": 4096, "max_model_len": 4096,
     "max_output_tokens": 512, "supported_operations": ["chat"]},
    {"id": "vendor/embed-1", "object": "model", "created": 8, "owned_by": "up"},
    {"id": "tuned", "object": "model", "created": 9, "owned_by": "up", "created_at": 10, "updated_at": 11,
     "status": "running", "lifecycle_status": "preview", "deprecation": {"inference": 12},
     "capabilities": {"inference": false}, "model": "base", "fine_tune": "ftjob-1"}]}"#;

fn one_upstream() -> Gateway {
    let document = r#"{"providers": {"up": {"kind": "openai", "endpoint": "https://up.test/v1", "key": "upstream-key"}}}"#;
    gateway([
        ("GATEWAY", document),
        ("PROXY_API_KEYS", "all:client-key,few:limited-key:chat-*"),
    ])
}

/// With its list in memory already.
fn warm() -> Gateway {
    let gateway = one_upstream().meets(answers(200, LISTED));
    assert_eq!(gateway.send(get("/v1/models")).status(), 200);
    assert_eq!(gateway.sent().url, "https://up.test/v1/models");
    gateway
}

fn of_google(path: &str) -> Ask {
    ask("GET", path).header("x-goog-api-key", "client-key")
}

fn azures_models() -> [Value; 3] {
    let can = |inference: bool, chat: bool, embeddings: bool| {
        json!({"fine_tune": false, "inference": inference, "completion": false, "chat_completion": chat,
               "embeddings": embeddings})
    };
    [
        json!({"id": "chat-1", "object": "model", "status": "succeeded", "created_at": 7,
               "capabilities": can(true, true, false), "lifecycle_status": "generally-available", "deprecation": {}}),
        json!({"id": "vendor/embed-1", "object": "model", "status": "succeeded", "created_at": 8,
               "capabilities": can(true, false, true), "lifecycle_status": "generally-available", "deprecation": {}}),
        json!({"id": "tuned", "object": "model", "status": "running", "created_at": 10, "updated_at": 11,
               "capabilities": can(false, true, false), "lifecycle_status": "preview",
               "deprecation": {"inference": 12}, "model": "base", "fine_tune": "ftjob-1"}),
    ]
}

fn googles_models() -> [Value; 3] {
    [
        json!({"name": "models/chat-1", "displayName": "Chat One", "inputTokenLimit": 4096, "outputTokenLimit": 512,
               "supportedGenerationMethods": ["generateContent"]}),
        json!({"name": "models/vendor/embed-1", "displayName": "vendor/embed-1",
               "supportedGenerationMethods": ["embedContent"]}),
        json!({"name": "models/tuned", "displayName": "tuned", "supportedGenerationMethods": ["generateContent"]}),
    ]
}

#[test]
fn each_place_has_the_list_in_its_shape() {
    let openai: Value = serde_json::from_str(LISTED).unwrap();
    let azure = json!({"object": "list", "data": azures_models()});
    let google = json!({"models": googles_models()});
    for (path, wanted) in [
        ("/v1/models", &openai),
        ("/models/", &openai),
        ("//v1//models", &openai),
        ("/openai/v1/models", &openai),
        ("/openai/v1/models?api-version=preview", &openai),
        ("/openai/models?api-version=2024-10-21", &azure),
        ("/openai/models", &azure),
        ("/openai/models?api-version=of-tomorrow", &azure),
        ("/v1//openai/models/", &azure),
        ("/v1beta/models", &google),
        ("//v1beta/models/?pageSize=3", &google),
    ] {
        let gateway = one_upstream().meets(answers(200, LISTED));
        let got = gateway.send(of_google(path));
        assert_eq!((got.status(), &got.json()), (200, wanted), "{path}");
        assert_eq!(gateway.sent().url, "https://up.test/v1/models", "{path}");
        assert_eq!(
            gateway.send(ask("HEAD", path).key("client-key")).status(),
            200
        );
        assert!(gateway.asked_nobody(), "{path}");
    }
}

/// What is asked for, of the list that is kept -> what is got.
#[test]
fn one_model_is_found_however_its_name_is_written() {
    let openai: Value = serde_json::from_str(LISTED).unwrap();
    let (azure, google) = (azures_models(), googles_models());
    let gateway = warm();
    for (path, wanted) in [
        ("/v1/models/chat-1", &openai["data"][0]),
        ("/models/CHAT%2d1/", &openai["data"][0]),
        ("/v1/models/vendor/embed-1", &openai["data"][1]),
        ("/v1/models/vendor%2Fembed-1", &openai["data"][1]),
        ("/v1/models/models/chat-1", &openai["data"][0]),
        ("/v1/models/models%2Fchat-1", &openai["data"][0]),
        ("/openai/v1/models/tuned", &openai["data"][2]),
        ("/openai/models/chat-1?api-version=2024-10-21", &azure[0]),
        ("/openai/models/vendor%2fembed-1", &azure[1]),
        ("/openai/models/tuned", &azure[2]),
        ("/v1beta/models/chat-1", &google[0]),
        ("/v1beta/models/models/chat-1", &google[0]),
        ("/v1beta//models/models%2Fvendor%2Fembed-1/", &google[1]),
        ("/v1beta/models/vendor/embed-1", &google[1]),
    ] {
        let got = gateway.send(of_google(path));
        assert_eq!((got.status(), &got.json()), (200, wanted), "{path}");
    }
    assert!(gateway.asked_nobody());
}

#[test]
fn googles_list_is_turned_page_by_page() {
    let gateway = warm();
    let [first, second, third] = googles_models();
    let page = gateway.send(of_google("/v1beta/models?pageSize=2")).json();
    let token = page["nextPageToken"].as_str().unwrap().to_owned();
    assert_eq!(
        page,
        json!({"models": [first, second], "nextPageToken": token})
    );
    let next = format!("/v1beta/models?pageSize=2&pageToken={token}");
    let page = gateway.send(of_google(&next)).json();
    assert_eq!(page, json!({"models": [third]}));

    // Another caller's list is another list.
    let of_another = gateway.send(ask("GET", &next).header("x-goog-api-key", "limited-key"));
    assert_eq!(
        google_error(&of_another),
        (400, "INVALID_ARGUMENT".to_owned())
    );
}

/// Status and word of an error that has Google's shape and nothing else.
fn google_error(got: &Got) -> (u16, String) {
    let body = got.json();
    let error = &body["error"];
    let (code, status) = (got.status(), error["status"].clone());
    assert!(error["message"].as_str().is_some_and(|it| !it.is_empty()));
    assert_eq!(
        body,
        json!({"error": {"code": code, "message": error["message"], "status": status}})
    );
    (code, status.as_str().unwrap().to_owned())
}

#[test]
fn googles_clients_are_refused_in_google_s_words() {
    let with = |method: &str, path: &str, key: &str| {
        let request = ask(method, path);
        if key.is_empty() {
            request
        } else {
            request.header("x-goog-api-key", key)
        }
    };
    for (method, path, key, status, word) in [
        ("GET", "/v1beta/models", "", 401, "UNAUTHENTICATED"),
        ("GET", "/v1beta/models", "wrong", 401, "UNAUTHENTICATED"),
        (
            "GET",
            "/v1beta/models/tuned",
            "limited-key",
            403,
            "PERMISSION_DENIED",
        ),
        (
            "GET",
            "/v1beta/models?pageSize=0",
            "client-key",
            400,
            "INVALID_ARGUMENT",
        ),
        (
            "GET",
            "/v1beta/models?pageSize=x",
            "client-key",
            400,
            "INVALID_ARGUMENT",
        ),
        (
            "GET",
            "/v1beta/models?pageToken=x",
            "client-key",
            400,
            "INVALID_ARGUMENT",
        ),
        ("GET", "/v1beta/tunedModels", "client-key", 404, "NOT_FOUND"),
        (
            "GET",
            "/v1beta/models/../x",
            "client-key",
            400,
            "INVALID_ARGUMENT",
        ),
        (
            "POST",
            "/v1beta/models/m:generateContent",
            "client-key",
            404,
            "NOT_FOUND",
        ),
        ("POST", "/v1beta/models", "client-key", 405, "UNIMPLEMENTED"),
        (
            "TRACE",
            "/v1beta/models",
            "client-key",
            405,
            "UNIMPLEMENTED",
        ),
    ] {
        let gateway = warm();
        let got = gateway.send(with(method, path, key));
        assert_eq!(
            google_error(&got),
            (status, word.to_owned()),
            "{method} {path}"
        );
        assert!(gateway.asked_nobody());
    }
}

#[test]
fn an_upstreams_refusal_reaches_each_in_its_shape() {
    let refusal =
        r#"{"error": {"message": "Slow down.", "type": "x", "param": null, "code": "y"}}"#;
    for (status, word) in [(429, "RESOURCE_EXHAUSTED"), (503, "UNAVAILABLE")] {
        for path in ["/v1beta/models", "/v1beta/models/m"] {
            let gateway = one_upstream().meets(answers(status, refusal));
            let got = gateway.send(of_google(path));
            assert_eq!(google_error(&got), (status, word.to_owned()), "{path}");
            assert_eq!(got.message(), "Slow down.");
        }
        let gateway = one_upstream().meets(answers(status, refusal));
        let got = gateway.send(get("/openai/models?api-version=2024-10-21"));
        assert_eq!(got.refusal(), (status, "y".to_owned()));
    }
    let none = || answers(404, r#"{"error": {"message": "no"}}"#);
    let missing = one_upstream().meets(none()).meets(none());
    let got = missing.send(of_google("/v1beta/models/m"));
    assert_eq!(google_error(&got), (404, "NOT_FOUND".to_owned()));
    assert_eq!(got.message(), "The model 'm' does not exist");
}

/// A limited key's list in every shape: what it may use, and nothing else.
#[test]
fn a_limited_key_sees_its_own_models_in_every_shape() {
    let gateway = warm();
    for (path, list, id, wanted) in [
        ("/v1/models", "data", "id", "chat-1"),
        ("/openai/models", "data", "id", "chat-1"),
        ("/v1beta/models", "models", "name", "models/chat-1"),
    ] {
        let got = gateway.send(ask("GET", path).key("limited-key")).json();
        let items = got[list].as_array().unwrap();
        assert_eq!((items.len(), &items[0][id]), (1, &json!(wanted)), "{path}");
    }
    for path in [
        "/v1/models/tuned",
        "/v1/models/models%2Ftuned",
        "/v1/models/tuned/capabilities",
        "/deployments/tuned",
    ] {
        let got = gateway.send(ask("GET", path).key("limited-key"));
        assert_eq!(
            got.refusal(),
            (403, "model_not_allowed".to_owned()),
            "{path}"
        );
    }
    let got = gateway.send(ask("GET", "/v1/models/models%2Fchat-1").key("limited-key"));
    assert_eq!(got.json()["id"], "chat-1");
}

fn configured_deployment(id: &str, model: &str) -> Value {
    json!({"id": id, "object": "deployment", "model": model, "status": "succeeded", "owner": "organization-owner",
           "scale_settings": {"scale_type": "standard"}})
}

const DEPLOYED: &str = r#"{"object": "list", "data": [
    {"id": "prod", "object": "deployment", "model": "gpt-4o", "status": "succeeded", "created_at": 5, "updated_at": 6,
     "owner": "organization-owner", "scale_settings": {"scale_type": "standard", "capacity": 10}},
    {"id": "own", "object": "deployment", "model": "o3", "status": "succeeded"}]}"#;

fn told_deployments() -> [Value; 2] {
    [
        json!({"id": "prod", "object": "deployment", "model": "gpt-4o", "status": "succeeded", "created_at": 5,
               "updated_at": 6, "owner": "organization-owner",
               "scale_settings": {"scale_type": "standard", "capacity": 10}}),
        json!({"id": "own", "object": "deployment", "model": "o3", "status": "succeeded"}),
    ]
}

#[test]
fn azure_tells_its_deployments_and_the_owner_more() {
    let document = r#"{"providers": {
            "az": {"kind": "azure", "endpoint": "https://res.openai.azure.com", "key": "k"},
            "up": {"kind": "openai", "endpoint": "https://up.test/v1", "key": "k"}},
        "models": {"best": "az/prod", "also": "az/PROD", "other": "up/chat-1"}}"#;
    let [prod, own] = told_deployments();
    let wanted =
        json!({"object": "list", "data": [configured_deployment("chat-1", "other"), prod, own]});
    for path in [
        "/deployments",
        "/v1/deployments/",
        "/openai/deployments?api-version=2022-12-01",
        "/openai/deployments",
    ] {
        let gateway = gateway([("GATEWAY", document), ("PROXY_API_KEYS", "client-key")])
            .meets(answers(200, DEPLOYED))
            .meets(answers(200, LISTED));
        let got = gateway.send(get(path));
        assert_eq!((got.status(), got.json()), (200, wanted.clone()), "{path}");
        gateway.platform.sent.take();

        let one = format!("{}/OWN", path.split('?').next().unwrap());
        assert_eq!(
            gateway.send(get(&one)).json(),
            told_deployments()[1],
            "{one}"
        );
        assert!(gateway.asked_nobody());
    }
}

#[test]
fn without_azure_the_configured_names_are_the_deployments() {
    let document = r#"{"providers": {"up": {"kind": "openai", "endpoint": "https://up.test/v1", "key": "k"}},
                       "models": {"good": "up/private", "plain": "up/plain", "fine": "up/private", "open-*": "up/*"}}"#;
    let gateway = gateway([("GATEWAY", document), ("PROXY_API_KEYS", "client-key")]);
    let data = [
        configured_deployment("plain", "plain"),
        configured_deployment("private", "good"),
    ];
    for path in [
        "/deployments",
        "/openai/deployments?api-version=2023-03-15-preview",
    ] {
        let got = gateway.send(get(path)).json();
        assert_eq!(got, json!({"object": "list", "data": data}), "{path}");
    }
    assert_eq!(gateway.send(get("/deployments/Private")).json(), data[1]);
    let got = gateway.send(get("/openai/deployments/good"));
    assert_eq!(got.refusal(), (404, "model_not_found".to_owned()));
    assert!(gateway.asked_nobody());
}

#[test]
fn where_azure_does_not_answer_there_is_no_empty_list_of_deployments() {
    let document = r#"{"providers": {"az": {"kind": "azure", "endpoint": "https://res.openai.azure.com", "key": "k"}}}"#;
    let gateway = gateway([("GATEWAY", document), ("PROXY_API_KEYS", "client-key")])
        .meets(answers(500, "{}"))
        .meets(answers(500, "{}"));
    assert_eq!(gateway.send(get("/deployments")).refusal().0, 500);
}

#[test]
fn capabilities_are_told_or_derived() {
    let gateway = warm();
    for (path, wanted) in [
        (
            "/v1/models/tuned/capabilities",
            json!({"id": "tuned", "object": "model.capabilities", "capabilities": {"inference": false},
                   "lifecycle_status": "preview", "status": "running", "created_at": 10, "updated_at": 11,
                   "deprecation": {"inference": 12}}),
        ),
        (
            "/models/vendor%2Fembed-1/capabilities/",
            json!({"id": "vendor/embed-1", "object": "model.capabilities",
                   "capabilities": {"fine_tune": false, "inference": true, "completion": false,
                                    "chat_completion": false, "embeddings": true},
                   "lifecycle_status": "generally-available", "status": "succeeded", "deprecation": {}}),
        ),
        (
            "/openai/models/models%2Fchat-1/capabilities",
            json!({"id": "chat-1", "object": "model.capabilities",
                   "capabilities": {"fine_tune": false, "inference": true, "completion": false,
                                    "chat_completion": true, "embeddings": false},
                   "lifecycle_status": "generally-available", "status": "succeeded", "deprecation": {}}),
        ),
    ] {
        let got = gateway.send(get(path));
        assert_eq!((got.status(), got.json()), (200, wanted), "{path}");
    }
    assert!(gateway.asked_nobody());
    gateway.script(answers(404, "{}"));
    let got = gateway.send(get("/v1/models/none/capabilities"));
    assert_eq!(got.refusal(), (404, "model_not_found".to_owned()));
}
