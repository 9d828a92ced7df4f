//! Streams as Google sends them, one for each thing they can hold.

/// A situation, and its events: each is one message of `streamGenerateContent`.
pub const RECORDED: [(&str, &[&str]); 24] = [
    (
        "text",
        &[
            r#"{"candidates":[{"content":{"parts":[{"text":"There are **3**"}],"role":"model"},"index":0}],"usageMetadata":{"promptTokenCount":9,"candidatesTokenCount":1,"totalTokenCount":10},"modelVersion":"gemini-3.8-flash","responseId":"r1"}"#,
            r#"{"candidates":[{"content":{"parts":[{"text":" r\u2019s – 😀.\n"}],"role":"model"},"index":0}],"modelVersion":"gemini-3.8-flash","responseId":"r1"}"#,
            r#"{"candidates":[{"content":{"parts":[{"text":"","thoughtSignature":"U0lH"}],"role":"model"},"index":0,"finishReason":"STOP"}],"usageMetadata":{"promptTokenCount":9,"candidatesTokenCount":23,"totalTokenCount":217,"thoughtsTokenCount":185},"modelVersion":"gemini-3.8-flash","responseId":"r1"}"#,
        ],
    ),
    (
        "thoughts",
        &[
            r#"{"candidates":[{"content":{"parts":[{"text":"**Plan**","thought":true}]}}],"responseId":"r1"}"#,
            r#"{"candidates":[{"content":{"parts":[{"text":" more","thought":true},{"text":"42"}]},"finishReason":"STOP"}]}"#,
        ],
    ),
    (
        "a call, then the reason",
        &[
            r#"{"candidates":[{"content":{"parts":[{"functionCall":{"name":"f","args":{"city": "Pa\"ris"}},"thoughtSignature":"U0lH"}]}}]}"#,
            r#"{"candidates":[{"content":{"parts":[{"text":""}]},"finishReason":"STOP"}]}"#,
        ],
    ),
    (
        "calls",
        &[
            r#"{"candidates":[{"content":{"parts":[{"text":"Ok. "},{"functionCall":{"id":"a1","name":"f","args":{"x":1}}}]}}]}"#,
            r#"{"candidates":[{"content":{"parts":[{"functionCall":{"id":"","name":"g"}},{"functionCall":{"name":"g","args":null}}]},"finishReason":"STOP"}]}"#,
        ],
    ),
    (
        "arguments in pieces",
        &[
            r#"{"candidates":[{"content":{"parts":[{"functionCall":{"name":"w","willContinue":true}}]}}],"usageMetadata":{"trafficType":"ON_DEMAND"},"createTime":"2026-04-02T17:03:50.399550Z"}"#,
            r#"{"candidates":[{"content":{"parts":[{"functionCall":{"willContinue":true}}]}}]}"#,
            r#"{"candidates":[{"content":{"parts":[{"functionCall":{"partialArgs":[{"jsonPath":"$.city","stringValue":"Bos","willContinue":true}],"willContinue":true}}]}}]}"#,
            r#"{"candidates":[{"content":{"parts":[{"functionCall":{"partialArgs":[{"jsonPath":"$.city","stringValue":"ton"},{"jsonPath":"$.n[1]","numberValue":2}],"willContinue":true}}]}}]}"#,
            r#"{"candidates":[{"content":{"parts":[{"functionCall":{}}]},"finishReason":"STOP"}]}"#,
        ],
    ),
    (
        "arguments in pieces without an end",
        &[
            r#"{"candidates":[{"content":{"parts":[{"functionCall":{"name":"w","partialArgs":[{"jsonPath":"$.a","boolValue":true}],"willContinue":true}},{"functionCall":{"name":"v"}}]}}]}"#,
            r#"{"candidates":[{"content":{"parts":[{"functionCall":{"name":"u","willContinue":true}}]}}]}"#,
            r#"{"candidates":[{"finishReason":"STOP"}]}"#,
        ],
    ),
    (
        "a blocked prompt",
        &[
            r#"{"promptFeedback":{"blockReason":"SAFETY","blockReasonMessage":"No."},"usageMetadata":{"promptTokenCount":4,"totalTokenCount":4}}"#,
        ],
    ),
    (
        "a filtered answer",
        &[
            r#"{"candidates":[{"finishReason":"PROHIBITED_CONTENT"}]}"#,
            r#"{"candidates":[{"finishReason":"PROHIBITED_CONTENT"}]}"#,
        ],
    ),
    (
        "filtered in the middle",
        &[
            r#"{"candidates":[{"content":{"parts":[{"text":"Once"}]}}]}"#,
            r#"{"candidates":[{"finishReason":"RECITATION"}]}"#,
        ],
    ),
    (
        "an error in the middle",
        &[
            r#"{"candidates":[{"content":{"parts":[{"text":"Par"}]}}]}"#,
            r#"{"error":{"code":503,"message":"The model is overloaded.","status":"UNAVAILABLE"}}"#,
            r#"{"candidates":[{"content":{"parts":[{"text":"is"}]},"finishReason":"STOP"}]}"#,
        ],
    ),
    (
        "an error alone",
        &[r#"[{"error":{"code":429,"message":"Quota.","status":"RESOURCE_EXHAUSTED"}}]"#],
    ),
    (
        "no end",
        &[r#"{"candidates":[{"content":{"parts":[{"text":"Par"}]}}]}"#],
    ),
    (
        "nothing but usage",
        &[r#"{"usageMetadata":{"promptTokenCount":4}}"#],
    ),
    (
        "no content",
        &[
            r#"{"candidates":[{"content":{"role":"model"},"finishReason":"MAX_TOKENS","index":0}],"usageMetadata":{"promptTokenCount":3,"totalTokenCount":13,"thoughtsTokenCount":10}}"#,
        ],
    ),
    (
        "a malformed call",
        &[
            r#"{"candidates":[{"content":{"parts":[{"functionCall":{"name":"f"}}]},"finishReason":"MALFORMED_FUNCTION_CALL"}]}"#,
        ],
    ),
    (
        "a malformed call behind thoughts",
        &[
            r#"{"candidates":[{"content":{"parts":[{"text":"Hm","thought":true}]}}]}"#,
            r#"{"candidates":[{"finishReason":"UNEXPECTED_TOOL_CALL"}]}"#,
        ],
    ),
    (
        "a malformed call behind text",
        &[
            r#"{"candidates":[{"content":{"parts":[{"text":"Hm"}]}}]}"#,
            r#"{"candidates":[{"content":{"parts":[{"functionCall":{"name":"f"}}]},"finishReason":"MALFORMED_FUNCTION_CALL"}]}"#,
        ],
    ),
    (
        "a malformed call behind a call",
        &[
            r#"{"candidates":[{"content":{"parts":[{"text":"Hm"},{"functionCall":{"name":"f"}}]}}]}"#,
            r#"{"candidates":[{"finishReason":"TOO_MANY_TOOL_CALLS"}]}"#,
        ],
    ),
    (
        "usage behind the end",
        &[
            r#"{"candidates":[{"content":{"parts":[{"text":"x"}]},"finishReason":"STOP"}]}"#,
            r#"{"candidates":[],"usageMetadata":{"promptTokenCount":4,"candidatesTokenCount":1,"totalTokenCount":5}}"#,
            r#"{"candidates":[{"finishReason":"STOP"}],"usageMetadata":{"promptTokenCount":2}}"#,
        ],
    ),
    (
        "choices",
        &[
            r#"{"candidates":[{"content":{"parts":[{"text":"a"}]}},{"content":{"parts":[{"text":"b"}]},"index":1}]}"#,
            r#"{"candidates":[{"content":{"parts":[{"text":"c"}]},"index":1,"finishReason":"MAX_TOKENS"}]}"#,
            r#"{"candidates":[{"finishReason":"STOP"}]}"#,
        ],
    ),
    (
        "pictures, sound and other bytes",
        &[
            r#"{"candidates":[{"content":{"parts":[{"inlineData":{"mimeType":"image/png","data":"VEhPVUdIVA=="},"thought":true},{"inlineData":{"mimeType":"image/png","data":"iVBORw0="}}]}}]}"#,
            r#"{"candidates":[{"content":{"parts":[{"inlineData":{"mimeType":"image/jpeg","data":"iVBORw0="}},{"inlineData":{"mimeType":"audio/L16;rate=24000","data":"AQACAA=="}}]}}]}"#,
            r#"{"candidates":[{"content":{"parts":[{"inlineData":{"mimeType":"text/csv","data":"YQ=="}}]},"finishReason":"STOP"}]}"#,
        ],
    ),
    (
        "code and Google's own tools",
        &[
            r#"{"candidates":[{"content":{"parts":[{"text":"So:"},{"executableCode":{"language":"PYTHON","code":"print(1)\n"}}]}}]}"#,
            r#"{"candidates":[{"content":{"parts":[{"codeExecutionResult":{"outcome":"OUTCOME_OK","output":"1\n"}},{"toolCall":{"id":"s"}},{"toolResponse":{"id":"s"}},{"text":"Done"}]},"finishReason":"STOP"}]}"#,
        ],
    ),
    (
        "sources",
        &[
            r#"{"candidates":[{"content":{"parts":[{"text":"É vero. "}]},"groundingMetadata":{"groundingChunks":[{"web":{"uri":"https://a.example","title":"a"}},{"web":{"uri":"https://b.example"}}]}}]}"#,
            r#"{"candidates":[{"content":{"parts":[{"text":"Sì."}]},"finishReason":"STOP","groundingMetadata":{"groundingSupports":[{"segment":{"startIndex":9,"endIndex":13},"groundingChunkIndices":[0,7]}]},"citationMetadata":{"citationSources":[{"endIndex":2,"uri":"https://c.example"}]}}]}"#,
        ],
    ),
    (
        "probabilities",
        &[
            r#"{"candidates":[{"content":{"parts":[{"text":"é"}]},"logprobsResult":{"chosenCandidates":[{"token":"é","logProbability":-0.1}],"topCandidates":[{"candidates":[{"token":"e"}]}]}}]}"#,
            r#"{"candidates":[{"content":{},"finishReason":"STOP","logprobsResult":{"chosenCandidates":[{"token":""}]}}]}"#,
        ],
    ),
];

/// As the server puts it on the wire.
pub fn framed(events: &[&str]) -> String {
    let framed = events.iter().map(|event| format!("data: {event}\r\n\r\n"));
    framed.collect()
}

pub fn recorded(name: &str) -> String {
    let found = RECORDED.iter().find(|(it, _)| *it == name);
    framed(found.unwrap().1)
}
