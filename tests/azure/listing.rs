//! Lists of models and of deployments, and what OpenAI's clients get of each.

use isthmus::azure::listing::{models, next_page};
use isthmus::json::is_json;
use isthmus::listed::Listed;
use isthmus::openai;
use proptest::prelude::*;
use serde_json::{Value, json};

type Read = fn(&[Vec<u8>]) -> Option<Vec<Listed>>;

fn texts(pages: &[&str]) -> Vec<Vec<u8>> {
    pages.iter().map(|page| page.as_bytes().to_vec()).collect()
}

/// The items of a list as they are shown; each name is there once.
fn shown(read: Read, pages: &[&str]) -> Vec<Value> {
    let listed = read(&texts(pages)).unwrap();
    let item = |it: &Listed| {
        let text = it.under(&it.id);
        assert!(!text.contains('\n'), "{text}");
        let value: Value = serde_json::from_str(&text).unwrap_or_else(|_| panic!("{text}"));
        let names = isthmus::json::Value::first(text.as_bytes())
            .unwrap()
            .members()
            .count();
        assert_eq!(names, value.as_object().unwrap().len(), "{text}");
        value
    };
    listed.iter().map(item).collect()
}

fn ids(read: Read, page: &str) -> Vec<String> {
    let listed = read(&texts(&[page])).unwrap();
    listed.into_iter().map(|it| it.id).collect()
}

#[track_caller]
fn one(read: Read, page: &str, expected: &Value) {
    assert_eq!(shown(read, &[page]), std::slice::from_ref(expected));
}

const PLAIN: Read = openai::listing::read;

#[test]
fn every_shape_of_a_list_is_read() {
    for (page, expected) in [
        (
            r#"{"object":"list","data":[{"id":"a"},{"id":"b/c"}]}"#,
            &["a", "b/c"][..],
        ),
        (r#"[{"id":"a"}]"#, &["a"]),
        (
            r#"{"models":[{"name":"llama3:8b","model":"x"},{"model":"y"}]}"#,
            &["llama3:8b", "y"],
        ),
        (r#"{"data":{},"models":[{"id":"a"}]}"#, &["a"]),
        (r#"{"id":"a","object":"model"}"#, &["a"]),
        (r#"{"data":[]}"#, &[]),
        (r#"{"object":"list","data":null}"#, &[]),
        ("[]", &[]),
        (
            r#"{"data":[{"id":5},{"id":""},{"id":null},{"id":["a"]},"a",7,null,[],{},{"id":"last"}]}"#,
            &["last"],
        ),
        (r#"{"data":[{"id":"","name":"named"}]}"#, &["named"]),
        (
            r#"{"data":[{"id":"azureml://registries/azure-openai/models/gpt-4o/versions/2","name":"gpt-4o"}]}"#,
            &["gpt-4o"],
        ),
        (r#"{"data":[{"id":"first","id":"last"}]}"#, &["last"]),
    ] {
        assert_eq!(ids(PLAIN, page), expected, "{page}");
        assert_eq!(ids(models, page), expected, "{page}");
    }
    for page in [
        "",
        "{}",
        "null",
        "7",
        "\"a\"",
        "<html>",
        r#"{"error":{"message":"no"}}"#,
        r#"{"id":7}"#,
    ] {
        assert_eq!(PLAIN(&texts(&[page])), None, "{page}");
        assert_eq!(models(&texts(&[page])), None, "{page}");
    }
    let pages = texts(&[r#"{"data":[{"id":"a"}]}"#, r#"{"data":[{"id":"b"}]}"#]);
    assert_eq!(PLAIN(&pages).unwrap().len(), 2);
}

#[test]
fn an_item_has_what_openais_types_need_and_keeps_the_rest() {
    for (item, expected) in [
        (
            json!({"id": "a"}),
            json!({"id": "a", "object": "model", "created": 0, "owned_by": "unknown"}),
        ),
        (
            json!({"id": "a", "object": "model", "created": 5, "owned_by": "system", "permission": [], "x": {"y": [1]}}),
            json!({"id": "a", "object": "model", "created": 5, "owned_by": "system", "permission": [], "x": {"y": [1]}}),
        ),
        (
            json!({"id": "a", "object": "engine", "created": null, "created_at": 7, "owned_by": null, "organization": "Meta"}),
            json!({"id": "a", "object": "model", "created": 7, "created_at": 7, "owned_by": "Meta", "organization": "Meta"}),
        ),
        (
            json!({"id": "a", "type": "model", "created_at": "2024-08-06T12:30:05Z", "owned_by": 7, "owner": ""}),
            json!({"id": "a", "object": "model", "type": "model", "created": 1_722_947_405_u64,
                   "created_at": "2024-08-06T12:30:05Z", "owned_by": "unknown", "owner": ""}),
        ),
        (
            json!({"id": "a", "created": 5.9, "owned_by": "é \" \\"}),
            json!({"id": "a", "object": "model", "created": 5, "owned_by": "é \" \\"}),
        ),
        (
            json!({"id": "a", "created": -1}),
            json!({"id": "a", "object": "model", "created": 0, "owned_by": "unknown"}),
        ),
    ] {
        one(PLAIN, &item.to_string(), &expected);
    }
    let spaced = "{ \"data\" : [ {\n \"id\" : \"a\", \"owned_by\":\"o\",\n \"x\" : [ 1 , \"a b\" ], \"x\": 2 } ] }";
    let listed = PLAIN(&texts(&[spaced])).unwrap();
    let members = r#""object":"model","created":0,"owned_by":"o","x":2"#;
    assert_eq!(listed[0].members, members);
}

/// What a server says, and what is added in our words.
#[test]
fn other_servers_words_are_translated() {
    for (said, added) in [
        (
            json!({"context_window": 131_072}),
            json!({"context_length": 131_072, "max_model_len": 131_072}),
        ),
        (
            json!({"max_model_len": 4096}),
            json!({"context_length": 4096}),
        ),
        (
            json!({"context_length": 8192}),
            json!({"max_model_len": 8192}),
        ),
        (
            json!({"max_context_length": "32768"}),
            json!({"context_length": 32768, "max_model_len": 32768}),
        ),
        (
            json!({"context_length": null, "top_provider": {"context_length": 9, "max_completion_tokens": 8}}),
            json!({"context_length": 9, "max_model_len": 9, "max_output_tokens": 8}),
        ),
        (
            json!({"context_length": 10, "top_provider": {"context_length": 9, "max_completion_tokens": null}}),
            json!({"max_model_len": 10}),
        ),
        (
            json!({"max_completion_tokens": 7}),
            json!({"max_output_tokens": 7}),
        ),
        (
            json!({"max_output_tokens": 6, "max_completion_tokens": 7}),
            json!({}),
        ),
        // What may go in is not what may go in and out together.
        (
            json!({"limits": {"max_input_tokens": 5, "max_output_tokens": 4}}),
            json!({"max_output_tokens": 4}),
        ),
        (
            json!({"supported_input_modalities": ["text", "image"], "supported_output_modalities": ["text"]}),
            json!({"architecture": {"input_modalities": ["text", "image"], "output_modalities": ["text"]}}),
        ),
        (
            json!({"input_modalities": ["text"]}),
            json!({"architecture": {"input_modalities": ["text"]}}),
        ),
        (
            json!({"architecture": {"modality": "text->text"}, "input_modalities": ["text"]}),
            json!({}),
        ),
        (
            json!({"architecture": null, "input_modalities": []}),
            json!({}),
        ),
        (
            json!({"context_window": 0, "max_completion_tokens": -1}),
            json!({}),
        ),
        (
            json!({"context_window": "much", "top_provider": [], "limits": 7}),
            json!({}),
        ),
        (
            json!({"supported_parameters": ["tools"], "supported_operations": ["chat"]}),
            json!({}),
        ),
    ] {
        let mut item = json!({"id": "a", "object": "model", "created": 1, "owned_by": "o"});
        let ours = ["context_length", "architecture"];
        let mut expected = item.clone();
        for (name, value) in said.as_object().unwrap() {
            item[name] = value.clone();
            if !(ours.contains(&name.as_str()) && value.is_null()) {
                expected[name] = value.clone();
            }
        }
        for (name, value) in added.as_object().unwrap() {
            expected[name] = value.clone();
        }
        one(PLAIN, &item.to_string(), &expected);
        one(models, &item.to_string(), &expected);
    }
}

#[test]
fn base_models_keep_azures_members() {
    let page = json!({"object": "list", "data": [
        {"status": "succeeded", "capabilities": {"fine_tune": false, "inference": true}, "lifecycle_status": "preview",
         "deprecation": {"inference": 9}, "id": "gpt-4o", "created_at": 5, "updated_at": 6, "object": "model"},
        {"id": "trained", "status": "failed", "created_at": 1, "model": "gpt-4o", "fine_tune": "ft-1"},
        {"id": "trains", "status": "running"},
        {"id": "waits", "status": "notRunning"},
        {"id": "stopped", "status": "canceled"},
        {"id": "gone", "status": "deleted"},
        {"id": "only-for-training", "status": "succeeded", "capabilities": {"fine_tune": true, "inference": false}},
        {"id": "there", "status": "ready"}]});
    let shown = shown(models, &[&page.to_string()]);
    let expected = json!({"status": "succeeded", "capabilities": {"fine_tune": false, "inference": true},
        "lifecycle_status": "preview", "deprecation": {"inference": 9}, "id": "gpt-4o", "created_at": 5, "updated_at": 6,
        "object": "model", "created": 5, "owned_by": "azure-openai"});
    assert_eq!(shown[0], expected);
    assert_eq!((&shown[1]["id"], shown.len()), (&"there".into(), 2));
    // Who asks for it by name is told.
    let failed = r#"{"id":"trained","status":"failed","object":"model"}"#;
    assert_eq!(ids(models, failed), ["trained"]);
    let openais = json!({"id": "gpt-4o", "object": "model", "created": 5, "owned_by": "system"});
    one(models, &json!({"data": [openais]}).to_string(), &openais);
}

#[test]
fn deployments_of_the_data_plane_are_models() {
    let page = r#"{"data":[
        {"scale_settings":{"scale_type":"standard"},"model":"text-embedding-3-small","owner":"organization-owner",
         "id":"emb","status":"succeeded","created_at":5,"updated_at":6,"object":"deployment"},
        {"model":"x","id":"broken","status":"failed","object":"deployment"},
        {"model":"x","id":"soon","status":"running","object":"deployment"}],"object":"list"}"#;
    let expected = json!({"id": "emb", "object": "model", "created": 5, "owned_by": "azure-openai",
        "scale_settings": {"scale_type": "standard"}, "model": "text-embedding-3-small", "owner": "organization-owner",
        "status": "succeeded", "created_at": 5, "updated_at": 6,
        "architecture": {"input_modalities": ["text"], "output_modalities": ["embeddings"]},
        "supported_operations": ["embeddings"]});
    one(models, page, &expected);
}

#[test]
fn deployments_of_the_resource_manager_are_models() {
    let page = json!({"value": [
        {"id": "/subscriptions/s/resourceGroups/g/providers/Microsoft.CognitiveServices/accounts/a/deployments/prod",
         "name": "prod", "type": "Microsoft.CognitiveServices/accounts/deployments", "etag": "e",
         "systemData": {"createdBy": "someone@example.com", "createdAt": "2024-08-06T12:30:05.1234567Z",
                        "lastModifiedAt": "2024-08-06T12:30:06Z"},
         "sku": {"name": "GlobalStandard", "capacity": 10},
         "properties": {"model": {"format": "OpenAI", "name": "gpt-4o", "version": "2024-08-06"},
             "provisioningState": "Succeeded", "raiPolicyName": "secret-policy",
             "capabilities": {"chatCompletion": "true", "embeddings": "false", "completion": "false", "responses": "false",
                              "maxContextToken": "128000", "maxOutputToken": "16384"}}},
        {"name": "not-yet", "properties": {"model": {"name": "o3"}, "provisioningState": "Creating"}},
        {"name": "off", "properties": {"model": {"name": "o3"}, "provisioningState": "Disabled"}}]});
    let mut shown = shown(models, &[&page.to_string()]);
    let parameters = shown[0]
        .as_object_mut()
        .unwrap()
        .remove("supported_parameters")
        .unwrap();
    assert!(parameters.as_array().unwrap().contains(&"tools".into()));
    let expected = json!({"id": "prod", "object": "model", "created": 1_722_947_405, "owned_by": "azure-openai",
        "model": "gpt-4o", "version": "2024-08-06", "status": "succeeded", "owner": "organization-owner",
        "sku": "GlobalStandard", "created_at": 1_722_947_405, "updated_at": 1_722_947_406,
        "scale_settings": {"scale_type": "standard", "capacity": 10},
        "capabilities": {"fine_tune": false, "inference": true, "completion": false, "chat_completion": true,
                         "embeddings": false},
        "context_length": 128_000, "max_model_len": 128_000, "max_output_tokens": 16384,
        "architecture": {"input_modalities": ["text", "image"], "output_modalities": ["text"]},
        "supported_operations": ["chat"]});
    assert_eq!(shown, [expected]);
}

/// What the resource manager says of a deployment, and what it can be asked for.
#[test]
fn a_deployments_own_word_counts() {
    for (model, sku, capabilities, operations) in [
        (
            "gpt-4o",
            "Standard",
            json!({"chatCompletion": "true"}),
            json!(["chat", "responses"]),
        ),
        (
            "gpt-4o",
            "GlobalBatch",
            json!({"chatCompletion": "true"}),
            json!(null),
        ),
        (
            "mine",
            "Standard",
            json!({"chatCompletion": true, "responses": "True"}),
            json!(["chat", "responses"]),
        ),
        (
            "mine",
            "Standard",
            json!({"imageGenerations": "true"}),
            json!(["image_generation"]),
        ),
        (
            "whisper",
            "Standard",
            json!({"audio": "true"}),
            json!(["transcription", "translation"]),
        ),
        (
            "mine",
            "Standard",
            json!({"embeddings": 7, "completion": [], "chatCompletion": "maybe"}),
            json!(null),
        ),
        ("mine", "Standard", json!(null), json!(null)),
    ] {
        let page = json!({"value": [{"name": "d", "sku": {"name": sku},
            "properties": {"model": {"name": model}, "capabilities": capabilities}}]});
        let shown = shown(models, &[&page.to_string()]);
        assert_eq!(
            shown[0]["supported_operations"], operations,
            "{model} {capabilities}"
        );
        assert_eq!(
            shown[0].get("capabilities").is_some(),
            capabilities.is_object()
        );
        assert_eq!(
            (&shown[0]["created"], shown[0].get("created_at")),
            (&0.into(), None)
        );
    }
}

#[test]
fn a_projects_deployments_are_models() {
    let page = r#"{"value":[
        {"name":"phi","type":"ModelDeployment","modelName":"Phi-4","modelVersion":"7","modelPublisher":"Microsoft",
         "capabilities":{"chat_completion":"true"},"sku":{"name":"GlobalStandard","capacity":1},"connectionName":"c"},
        {"name":"agent","type":"AgentDeployment"}]}"#;
    let mut shown = shown(models, &[page]);
    assert!(
        shown[0]
            .as_object_mut()
            .unwrap()
            .remove("supported_parameters")
            .is_some()
    );
    let expected = json!({"id": "phi", "object": "model", "created": 0, "owned_by": "azure-openai", "model": "Phi-4",
        "version": "7", "status": "succeeded", "owner": "organization-owner", "sku": "GlobalStandard",
        "scale_settings": {"scale_type": "standard", "capacity": 1},
        "capabilities": {"fine_tune": false, "inference": true, "completion": false, "chat_completion": true,
                         "embeddings": false},
        "supported_operations": ["chat"]});
    assert_eq!(shown, [expected]);
}

/// The kind of a host's model, and what it can be asked for.
#[test]
fn a_host_tells_of_its_one_model() {
    for (kind, operation) in [
        ("chat_completion", "chat"),
        ("chat completions", "chat"),
        ("completion", "chat"),
        ("Text-Embeddings", "embeddings"),
        ("embeddings", "embeddings"),
        ("text_generation", "completions"),
        ("image_embeddings", ""),
        ("", ""),
    ] {
        let info = json!({"model_name": "Mine", "model_type": kind, "model_provider_name": "Me"});
        let mut expected = json!({"id": "Mine", "object": "model", "created": 0, "owned_by": "Me", "model_name": "Mine",
            "model_type": kind, "model_provider_name": "Me"});
        if !operation.is_empty() {
            expected["supported_operations"] = json!([operation]);
        }
        one(models, &info.to_string(), &expected);
    }
    let phi = r#"{"model_name":"Phi-3-mini-4k-instruct","model_type":"chat_completion","model_provider_name":"Microsoft"}"#;
    let shown = shown(models, &[phi]);
    assert_eq!(shown[0]["supported_operations"], json!(["chat"]));
    assert!(shown[0]["supported_parameters"].is_array());
}

#[test]
fn githubs_catalogue_is_read() {
    let page = r#"[{"id":"openai/gpt-4.1","name":"OpenAI GPT-4.1","publisher":"OpenAI","registry":"azure-openai",
        "limits":{"max_input_tokens":1048576,"max_output_tokens":32768},
        "supported_input_modalities":["text"],"supported_output_modalities":["text"]}]"#;
    let shown = shown(models, &[page]);
    let item = &shown[0];
    assert_eq!(
        (&item["id"], &item["owned_by"]),
        (&"openai/gpt-4.1".into(), &"OpenAI".into())
    );
    assert_eq!(item["max_output_tokens"], 32768);
    assert_eq!(item.get("context_length"), None);
    assert_eq!(item["architecture"]["input_modalities"], json!(["text"]));
    assert_eq!(item["supported_operations"], json!(["chat", "responses"]));
    assert_eq!(item["name"], "OpenAI GPT-4.1");
}

/// It is asked with the token of the page before.
#[test]
fn the_next_page_is_at_the_same_origin_or_nowhere() {
    const URL: &str = "https://management.azure.com/subscriptions/s?api-version=2024-10-01";
    for (next, is_taken) in [
        (
            "https://management.azure.com/subscriptions/s?$skiptoken=x",
            true,
        ),
        ("HTTPS://Management.Azure.com/x", true),
        ("https://management.azure.com", true),
        ("http://management.azure.com/x", false),
        ("https://management.azure.com:444/x", false),
        ("https://management.azure.com.evil.test/x", false),
        ("https://management.azure.com@evil.test/x", false),
        ("https://me@management.azure.com/x", false),
        ("https://evil.test/https://management.azure.com/", false),
        ("https://management.azure.com\\@evil.test/", false),
        ("https://evil.test\\@management.azure.com/", false),
        ("https://management.azure.com/\nx", false),
        (" https://management.azure.com/x", false),
        ("//management.azure.com/x", false),
        ("/subscriptions/s", false),
        ("", false),
    ] {
        let page = json!({"value": [], "nextLink": next}).to_string();
        let expected = is_taken.then(|| next.to_owned());
        assert_eq!(next_page(URL, page.as_bytes()), expected, "{next}");
    }
    for page in ["", "[]", "{}", r#"{"nextLink":null}"#, r#"{"nextLink":7}"#] {
        assert_eq!(next_page(URL, page.as_bytes()), None, "{page}");
    }
}

#[test]
fn a_list_that_says_too_much_is_cut_to_what_is_read() {
    let description = "x".repeat(2000);
    let item = |at: usize| {
        json!({"id": format!("org/model-{at}"), "created": 5, "owned_by": "o", "name": "shown", "description": description,
               "context_window": 4096, "pricing": {"prompt": "0"}, "supported_parameters": ["tools"],
               "permission": ["y".repeat(5000)]})
    };
    let page = |count| json!({"data": (0..count).map(item).collect::<Vec<_>>()}).to_string();
    let few = shown(PLAIN, &[&page(100)]);
    assert_eq!(
        (few[0]["description"].as_str(), few.len()),
        (Some(&*description), 100)
    );
    let many = PLAIN(&texts(&[&page(1_000), &page(1_000)])).unwrap();
    assert_eq!(many.len(), 2_000);
    let item: Value = serde_json::from_str(&many[0].under("a")).unwrap();
    let expected = json!({"id": "a", "object": "model", "created": 5, "owned_by": "o", "name": "shown",
        "context_length": 4096, "max_model_len": 4096, "supported_parameters": ["tools"]});
    assert_eq!(item, expected);
}

#[test]
fn a_list_ends_somewhere() {
    let page = format!("[{}]", vec![r#"{"id":"a"}"#; 12_000].join(","));
    let pages = texts(&[&page, &page]);
    assert_eq!(PLAIN(&pages[..1]).unwrap().len(), 12_000);
    assert_eq!(PLAIN(&pages).unwrap().len(), 20_001);
}

fn any_json() -> impl Strategy<Value = Value> {
    let name = prop::sample::select(vec![
        "id",
        "name",
        "data",
        "value",
        "models",
        "object",
        "type",
        "status",
        "model",
        "properties",
        "capabilities",
        "modelName",
        "model_name",
        "publisher",
        "sku",
        "systemData",
        "created",
        "created_at",
        "owned_by",
        "context_length",
        "architecture",
        "limits",
        "é\"\n",
    ]);
    let leaf = prop_oneof![
        Just(Value::Null),
        any::<bool>().prop_map(Value::from),
        any::<f64>().prop_map(Value::from),
        any::<u64>().prop_map(Value::from),
        prop::sample::select(vec![
            "deployment",
            "ModelDeployment",
            "succeeded",
            "true",
            "2024-08-06T12:30:05Z",
            "\"\\\n"
        ])
        .prop_map(Value::from),
    ];
    leaf.prop_recursive(5, 60, 8, move |inner| {
        prop_oneof![
            prop::collection::vec(inner.clone(), 0..6).prop_map(Value::Array),
            prop::collection::vec((name.clone(), inner), 0..8).prop_map(|members| {
                Value::Object(
                    members
                        .into_iter()
                        .map(|(name, value)| (name.to_owned(), value))
                        .collect(),
                )
            }),
        ]
    })
}

proptest! {
    /// Whatever an upstream lists, what is taken of it is JSON, each name once.
    #[test]
    fn any_list_gives_json(page in any_json()) {
        let text = serde_json::to_string_pretty(&page).unwrap();
        for read in [PLAIN, models] {
            for item in read(&texts(&[&text])).unwrap_or_default() {
                let text = item.under(&item.id);
                prop_assert!(is_json(text.as_bytes()) && !text.contains('\n'), "{}", text);
                let value: Value = serde_json::from_str(&text).unwrap();
                prop_assert!(value["created"].is_u64() && value["owned_by"].is_string());
                prop_assert_eq!(&value["object"], "model");
                let names = isthmus::json::Value::first(text.as_bytes()).unwrap().members().count();
                prop_assert_eq!(names, value.as_object().unwrap().len(), "{}", text);
            }
        }
    }

    /// What is no JSON breaks nothing.
    #[test]
    fn any_bytes_may_come(page in "[\\[{\"\\]},: a-c0-9\\\\é]{0,60}") {
        let pages = texts(&[&page]);
        PLAIN(&pages);
        models(&pages);
        next_page("https://r.test/", page.as_bytes());
    }
}
