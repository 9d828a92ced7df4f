//! How much the model may think.

use serde_json::{Value, json};

use crate::{body, body_for, hello};

fn enabled(budget: u64) -> Value {
    json!({"type": "enabled", "budget_tokens": budget})
}

#[test]
fn an_effort_is_a_budget_below_the_limit() {
    for (effort, limit, thinking, max_tokens) in [
        ("none", None, Value::Null, 4096),
        ("minimal", None, enabled(1024), 5120),
        ("low", None, enabled(1024), 5120),
        ("medium", None, enabled(8192), 12288),
        ("high", None, enabled(24576), 28672),
        ("xhigh", None, enabled(24576), 28672),
        ("high", Some(64000), enabled(24576), 64000),
        ("high", Some(10000), enabled(5000), 10000),
        ("high", Some(2048), enabled(1024), 2048),
        ("high", Some(2047), Value::Null, 2047),
    ] {
        let request = json!({"reasoning_effort": effort, "max_completion_tokens": limit});
        let body = body(&hello(request));
        assert_eq!(body["thinking"], thinking, "{effort} {limit:?}");
        assert_eq!(body["max_tokens"], max_tokens, "{effort} {limit:?}");
    }
}

#[test]
fn an_effort_by_model() {
    let shown = json!({"type": "adaptive", "display": "summarized"});
    for (model, effort, thinking, said) in [
        ("claude-3-5-sonnet", "high", Value::Null, Value::Null),
        ("claude-3-7-sonnet", "low", enabled(1024), Value::Null),
        (
            "claude-opus-4-6",
            "xhigh",
            json!({"type": "adaptive"}),
            json!({"effort": "high"}),
        ),
        (
            "claude-opus-4-7",
            "xhigh",
            shown.clone(),
            json!({"effort": "xhigh"}),
        ),
        (
            "claude-sonnet-5",
            "minimal",
            shown.clone(),
            json!({"effort": "low"}),
        ),
        (
            "chosen-freely",
            "medium",
            shown.clone(),
            json!({"effort": "medium"}),
        ),
        ("claude-opus-4-7", "none", Value::Null, Value::Null),
    ] {
        let body = body_for(model, &hello(json!({"reasoning_effort": effort})));
        assert_eq!(body["thinking"], thinking, "{model}");
        assert_eq!(body["output_config"], said, "{model}");
    }
    let asked = hello(json!({"model": "claude-sonnet-4-5", "reasoning_effort": "low"}));
    assert_eq!(body_for("chosen-freely", &asked)["thinking"], enabled(1024));
}

#[test]
fn a_model_that_thinks_takes_no_sampling() {
    let sampling = json!({"temperature": 0.5, "top_k": 5});
    for (more, kept) in [
        (json!({"reasoning_effort": "low"}), false),
        (json!({"thinking": enabled(2000)}), false),
        (json!({"thinking": {"type": "disabled"}}), true),
        (json!({"reasoning_effort": "none"}), true),
    ] {
        let mut request = hello(more.clone());
        request
            .as_object_mut()
            .unwrap()
            .extend(sampling.as_object().unwrap().clone());
        let body = body(&request);
        assert_eq!(body["temperature"].is_number(), kept, "{more}");
        assert_eq!(body["top_k"].is_number(), kept, "{more}");
    }
}

#[test]
fn anthropic_s_own_field_travels() {
    let body = body(&hello(json!({
        "thinking": enabled(2000), "reasoning_effort": "high", "output_config": {"effort": "max"},
    })));
    assert_eq!(body["thinking"], enabled(2000));
    assert_eq!(body["max_tokens"], 6096);
    assert_eq!(body["output_config"], json!({"effort": "max"}));
}

#[test]
fn a_call_the_client_forces_counts_for_more() {
    let tools = json!([{"type": "function", "function": {"name": "f"}}]);
    for (choice, thinks) in [("auto", true), ("none", true), ("required", false)] {
        let more = json!({"tools": tools, "tool_choice": choice, "reasoning_effort": "low"});
        let body = body(&hello(more));
        assert_eq!(body["thinking"].is_object(), thinks, "{choice}");
    }
}

/// With a budget Anthropic wants the thought that came before a call; most clients do not keep it.
#[test]
fn in_the_middle_of_calls_without_a_thought_there_is_none() {
    let call = json!({"id": "1", "type": "function", "function": {"name": "f", "arguments": "{}"}});
    let thought = json!([{"type": "thinking", "thinking": "hm", "signature": "s"}]);
    for (model, thoughts, thinks) in [
        ("claude-sonnet-4-5", Value::Null, false),
        ("claude-sonnet-4-5", thought, true),
        ("claude-opus-4-7", Value::Null, true),
    ] {
        let messages = json!([
            {"role": "user", "content": "a"},
            {"role": "assistant", "content": "b", "tool_calls": [call], "thinking_blocks": thoughts},
            {"role": "tool", "tool_call_id": "1", "content": "c"},
        ]);
        let body = body_for(
            model,
            &json!({"messages": messages, "reasoning_effort": "low"}),
        );
        assert_eq!(body["thinking"].is_object(), thinks, "{model}");
    }
}
