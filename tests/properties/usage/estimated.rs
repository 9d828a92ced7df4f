//! What a stream that tells no usage is taken to have used.

use isthmus::usage::Watch;

/// Chunks of `OpenAI`, of Azure, of the Responses API, of a call's arguments, and of legacy completions, each with a
/// token of this text.
fn chunks(text: &str) -> [String; 5] {
    [
        format!(
            r#"data: {{"id":"chatcmpl-Bxyz0123456789abcdefghijklmn","object":"chat.completion.chunk","created":1763600000,"model":"gpt-5-mini-2025-08-07","service_tier":"default","system_fingerprint":null,"choices":[{{"index":0,"delta":{{"content":"{text}"}},"finish_reason":null}}],"usage":null,"obfuscation":"a1b2c3d4"}}"#
        ),
        format!(
            r#"data: {{"choices":[{{"content_filter_results":{{"hate":{{"filtered":false,"severity":"safe"}},"self_harm":{{"filtered":false,"severity":"safe"}},"sexual":{{"filtered":false,"severity":"safe"}},"violence":{{"filtered":false,"severity":"safe"}}}},"delta":{{"content":"{text}"}},"finish_reason":null,"index":0,"logprobs":null}}],"created":1763600000,"id":"chatcmpl-B","model":"gpt-4o","object":"chat.completion.chunk","system_fingerprint":"fp_1"}}"#
        ),
        format!(
            "event: response.output_text.delta\n{}",
            format_args!(
                r#"data: {{"type":"response.output_text.delta","sequence_number":4,"item_id":"msg_68c0123456789abcdef0123456789abcdef0123456789abcd","output_index":0,"content_index":0,"delta":"{text}","logprobs":[],"obfuscation":"a1b2c3d4"}}"#
            )
        ),
        format!(
            r#"data: {{"id":"c","object":"chat.completion.chunk","choices":[{{"index":0,"delta":{{"tool_calls":[{{"index":0,"function":{{"arguments":"{text}"}}}}]}},"finish_reason":null}}]}}"#
        ),
        format!(
            r#"data: {{"id":"c","object":"text_completion","choices":[{{"text":"{text}","index":0}}]}}"#
        ),
    ]
}

/// By streams as they are sent, a token in each event: how far the estimate is from what went by.
#[test]
fn what_went_by_is_estimated() {
    let words = [
        "The", " quick", " brown", " fox", " jumps", " over", ",", " lazily", " the", " dog", ".",
    ];
    for kind in 0..5 {
        for tokens in [1, 11, 400, 5000] {
            let said = words.iter().cycle().take(tokens);
            let events: Vec<String> = said
                .map(|word| chunks(word)[kind].clone() + "\n\n")
                .collect();
            let stream = events.concat();
            let (seen, unseen) = stream.as_bytes().split_at(stream.len() / 2);
            let mut watch = Watch::over(None, false, "");
            watch.push(seen);
            let last = &unseen[unseen.len().saturating_sub(16 << 10)..];
            watch.pass(last, unseen.len() as u64);
            let estimate = watch.estimated_output();
            let tokens = tokens as u64;
            assert!(
                estimate * 10 >= tokens * 8 && estimate * 10 <= tokens * 14,
                "{kind}: {estimate} of {tokens}"
            );
        }
    }
}

#[test]
fn what_comes_in_large_pieces_is_estimated() {
    // Many tokens at once, as Google sends them: four bytes each.
    let stream = chunks(&"four".repeat(60))[4].clone() + "\n\n";
    let mut watch = Watch::over(None, true, "");
    watch.push(stream.repeat(20).as_bytes());
    assert_eq!(watch.estimated_output(), 1200);
    // And what has no text: a picture of 100 kB.
    let mut watch = Watch::over(None, false, "");
    watch.push("x".repeat(100_000).as_bytes());
    assert_eq!(watch.estimated_output(), 400);
    assert_eq!(Watch::over(None, true, "").estimated_output(), 0);
}
