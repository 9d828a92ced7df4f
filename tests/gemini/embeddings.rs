//! Embeddings.

use isthmus::base64;
use isthmus::gemini::{Expects, embeddings};
use isthmus::surface::Operation;
use serde_json::{Value, json};

use crate::operation::{Asking, answered, said};

fn asking(model: &'static str) -> Asking {
    Asking::new(Operation::Embeddings, model)
}

fn expects(asking: Asking, request: &Value) -> embeddings::Expects {
    match asking.json(request).unwrap().expects {
        Expects::Embeddings(expects) => expects,
        other => panic!("{other:?}"),
    }
}

#[test]
fn each_way_has_its_shape() {
    let plain = json!({"model": "m", "input": ["a", "b"], "dimensions": 768, "user": "u"});
    let manners = json!({
        "input": "a", "dimensions": 256, "task_type": "retrieval_document",
        "extra_body": {"google": {"title": "T", "auto_truncate": false}},
    });
    let batched = |text: &str| json!({"model": "models/gemini-embedding-001", "content": {"parts": [{"text": text}]}, "outputDimensionality": 768});
    for (asking, request, sent) in [
        (
            asking("gemini-embedding-001"),
            &plain,
            vec![(":batchEmbedContents", json!({"requests": [batched("a"), batched("b")]}))],
        ),
        (
            asking("gemini-embedding-2"),
            &manners,
            vec![(
                ":batchEmbedContents",
                json!({"requests": [{
                    "model": "models/gemini-embedding-2", "content": {"parts": [{"text": "a"}]},
                    "taskType": "RETRIEVAL_DOCUMENT", "title": "T", "outputDimensionality": 256,
                }]}),
            )],
        ),
        (
            asking("text-embedding-005").on_vertex(),
            &plain,
            vec![(
                ":predict",
                json!({"instances": [{"content": "a"}, {"content": "b"}], "parameters": {"outputDimensionality": 768}}),
            )],
        ),
        (
            asking("text-multilingual-embedding-002").on_vertex(),
            &manners,
            vec![(
                ":predict",
                json!({
                    "instances": [{"content": "a", "task_type": "RETRIEVAL_DOCUMENT", "title": "T"}],
                    "parameters": {"outputDimensionality": 256, "autoTruncate": false},
                }),
            )],
        ),
        (
            asking("gemini-embedding-001").on_vertex(),
            &plain,
            ["a", "b"]
                .map(|text| {
                    let instances = json!([{"content": text}]);
                    (":predict", json!({"instances": instances, "parameters": {"outputDimensionality": 768}}))
                })
                .to_vec(),
        ),
        (
            asking("gemini-embedding-2").on_vertex(),
            &manners,
            vec![(
                ":embedContent",
                json!({
                    "content": {"parts": [{"text": "a"}]},
                    "embedContentConfig": {
                        "taskType": "RETRIEVAL_DOCUMENT", "title": "T", "outputDimensionality": 256,
                        "autoTruncate": false,
                    },
                }),
            )],
        ),
        (
            asking("multilingual-e5-large-instruct-maas").on_vertex(),
            &json!({"input": ["a", "b"]}),
            ["a", "b"]
                .map(|text| (":embedContent", json!({"content": {"parts": [{"text": text}]}})))
                .to_vec(),
        ),
    ] {
        assert_eq!(asking.sent(request), sent, "{}", asking.model);
    }
}

#[test]
fn many_texts_are_several_requests() {
    let shares = |asking: Asking, texts: Vec<String>| {
        let expects = expects(asking, &json!({"input": texts}));
        let sent = asking.sent(&json!({"input": texts}));
        assert_eq!(sent.len(), expects.shares.len());
        expects.shares
    };
    let many = |count: usize, length: usize| vec!["a".repeat(length); count];
    let studio = asking("gemini-embedding-001");
    assert_eq!(shares(studio, many(100, 1)), [100]);
    assert_eq!(shares(studio, many(250, 1)), [100, 100, 50]);
    let vertex = asking("text-embedding-005").on_vertex();
    assert_eq!(shares(vertex, many(251, 1)), [250, 1]);
    // 6000 bytes are taken for 2000 tokens.
    assert_eq!(shares(vertex, many(11, 6000)), [10, 1]);
    assert_eq!(shares(vertex, many(2, 90_000)), [1, 1]);
}

#[test]
fn openais_smaller_models_have_shorter_vectors() {
    let dimensions = |asked, model, request: Value| {
        let asking = Asking {
            asked,
            ..asking(model)
        };
        let mut sent = asking.sent(&request);
        let normalise = expects(asking, &request).normalise;
        (
            sent.remove(0).1["requests"][0]["outputDimensionality"].take(),
            normalise,
        )
    };
    let one = json!({"input": "a"});
    let other = json!({"input": "a", "dimensions": 512});
    let full = json!({"input": "a", "dimensions": 3072});
    let first = "gemini-embedding-001";
    assert_eq!(
        dimensions("text-embedding-3-small", first, one.clone()),
        (json!(1536), true)
    );
    assert_eq!(
        dimensions("openai/text-embedding-ada-002", first, one.clone()),
        (json!(1536), true)
    );
    assert_eq!(
        dimensions("text-embedding-3-small", first, other.clone()),
        (json!(512), true)
    );
    assert_eq!(
        dimensions("text-embedding-3-large", first, one.clone()),
        (Value::Null, false)
    );
    assert_eq!(dimensions(first, first, full), (json!(3072), false));
    assert_eq!(
        dimensions("g", "gemini-embedding-2", other),
        (json!(512), false)
    );
    assert_eq!(
        dimensions("text-embedding-3-small", "text-embedding-005", one),
        (Value::Null, false)
    );
}

#[test]
fn what_cannot_be_embedded_is_refused() {
    for (request, param) in [
        (json!({}), "input"),
        (json!({"input": null}), "input"),
        (json!({"input": ""}), "input"),
        (json!({"input": []}), "input"),
        (json!({"input": ["a", ""]}), "input"),
        (json!({"input": [1, 2]}), "input"),
        (json!({"input": [[1, 2], [3]]}), "input"),
        (json!({"input": {"text": "a"}}), "input"),
        (json!({"input": vec!["a"; 2049]}), "input"),
        (json!({"input": "a", "dimensions": 0}), "dimensions"),
        (json!({"input": "a", "dimensions": "9"}), "dimensions"),
        (
            json!({"input": "a", "encoding_format": "hex"}),
            "encoding_format",
        ),
        (json!({"input": "a", "task_type": 1}), "task_type"),
        (json!({"input": "a", "title": 1}), "title"),
        (json!({"input": "a", "auto_truncate": 1}), "auto_truncate"),
    ] {
        let error = asking("gemini-embedding-001").refusal(&request);
        assert_eq!(
            (error.status(), error.param),
            (400, Some(param)),
            "{request}"
        );
    }
    assert_eq!(
        expects(asking("m"), &json!({"input": vec!["a"; 2048]}))
            .shares
            .len(),
        21
    );
}

fn expecting(shares: &[usize]) -> embeddings::Expects {
    embeddings::Expects {
        shares: shares.to_vec(),
        ..embeddings::Expects::default()
    }
}

#[test]
fn every_shape_of_answer_is_read() {
    let list = |vectors: &[Value], tokens: u64| {
        let data = vectors.iter().enumerate();
        let data: Vec<_> = data
            .map(|(index, values)| json!({"object": "embedding", "index": index, "embedding": values}))
            .collect();
        let usage = json!({"prompt_tokens": tokens, "total_tokens": tokens});
        json!({"object": "list", "data": data, "model": "asked", "usage": usage})
    };
    let predicted = |values: Value, tokens: Value| json!({"embeddings": {"values": values, "statistics": {"token_count": tokens, "truncated": false}}});
    for (shares, bodies, expected) in [
        (
            &[2][..],
            vec![json!({
                "predictions": [predicted(json!([0.5]), json!(4)), predicted(json!([1.5]), json!(3.0))],
                "metadata": {"billableCharacterCount": 20},
            })],
            list(&[json!([0.5]), json!([1.5])], 7),
        ),
        (
            &[1],
            vec![json!({"embedding": {"values": [0.5]}, "usageMetadata": {"promptTokenCount": 4}})],
            list(&[json!([0.5])], 4),
        ),
        (
            &[2, 1],
            vec![
                json!({"embeddings": [{"values": [1, 2]}, {"values": [3, 4]}]}),
                json!({"embeddings": [{"values": [5, 6]}], "usageMetadata": {"promptTokenCount": 2}}),
            ],
            list(&[json!([1, 2]), json!([3, 4]), json!([5, 6])], 2),
        ),
    ] {
        assert_eq!(
            said(&bodies, Expects::Embeddings(expecting(shares))),
            expected
        );
    }
}

#[test]
fn digits_are_kept() {
    let body = b"{\"embeddings\": [\n {\"values\": [\n  -0.010,\n  1.0E-5\n ]}\n]}".to_vec();
    let expects = Expects::Embeddings(expecting(&[1]));
    let decoded = isthmus::gemini::decode(&[body], &expects, &crate::operation::context()).unwrap();
    let text = String::from_utf8(decoded.body).unwrap();
    assert!(text.contains(r#""embedding":[-0.010,1.0E-5]"#), "{text}");
}

#[test]
fn a_missing_vector_spoils_the_answer() {
    for (shares, bodies) in [
        (&[2][..], vec![json!({"embeddings": [{"values": [1]}]})]),
        (&[1], vec![json!({})]),
        (&[1], vec![json!({"embedding": {}})]),
        (&[1], vec![json!({"embedding": {"values": []}})]),
        (&[1], vec![json!({"embedding": {"values": ["NaN"]}})]),
        (&[1], vec![json!({"embedding": {"values": "a"}})]),
        (
            &[1, 1],
            vec![
                json!({"embeddings": [{"values": [1]}, {"values": [2]}]}),
                json!({"embeddings": [{"values": [3]}]}),
            ],
        ),
    ] {
        let error = answered(&bodies, Expects::Embeddings(expecting(shares))).unwrap_err();
        assert_eq!(error.status(), 502, "{bodies:?}");
    }
}

#[test]
fn short_vectors_of_the_first_model_get_length_one() {
    let expects = embeddings::Expects {
        normalise: true,
        ..expecting(&[2])
    };
    let body = json!({"embeddings": [{"values": [3, 4]}, {"values": [0, 0.0]}]});
    let answer = said(
        std::slice::from_ref(&body),
        Expects::Embeddings(expects.clone()),
    );
    assert_eq!(answer["data"][0]["embedding"], json!([0.6, 0.8]));
    assert_eq!(answer["data"][1]["embedding"], json!([0, 0]));
    let expects = embeddings::Expects {
        base64: true,
        ..expects
    };
    let answer = said(&[body], Expects::Embeddings(expects));
    let encoded = answer["data"][0]["embedding"].as_str().unwrap();
    let bytes = [0.6_f32.to_le_bytes(), 0.8_f32.to_le_bytes()].concat();
    assert_eq!(base64::decode(encoded.as_bytes()), Some(bytes));
}
