//! Which family a name tells of. Only clear names do; of a line that is known, newer models are taken for its newest.

use crate::azure::family::Family;

/// Lines of models other than OpenAI's, by the word their names begin with.
const OTHERS: [(&str, Family); 15] = [
    ("deepseek", Family::DeepSeek),
    ("mai-ds", Family::DeepSeek),
    ("llama", Family::Open),
    ("meta-llama", Family::Open),
    ("mistral", Family::Open),
    ("ministral", Family::Open),
    ("mixtral", Family::Open),
    ("codestral", Family::Open),
    ("phi", Family::Open),
    ("cohere", Family::Open),
    ("jamba", Family::Open),
    ("ai21", Family::Open),
    ("jais", Family::Open),
    ("kimi", Family::Open),
    ("fw", Family::Open),
];

pub(super) fn family(name: &str) -> Family {
    let name = name.trim().to_ascii_lowercase().replace('_', "-");
    let mut prefixes: Vec<&str> = name.split('/').collect();
    let model = prefixes.pop().unwrap_or_default();
    if let Some(series) = prefixes.into_iter().find_map(series) {
        return series;
    }
    // A fine-tuned one: `ft:gpt-4o-mini-2024-07-18:owner::id`.
    let model = model.strip_prefix("ft:").unwrap_or(model);
    let model = model.split(':').next().unwrap_or_default();
    let known = series(model)
        .or_else(|| alone(model))
        .or_else(|| gpt(model))
        .or_else(|| o_series(model))
        .or_else(|| grok(model))
        .or_else(|| other(model));
    known.unwrap_or_default()
}

/// A name without `-2024-08-06` or `-20240806` at its end, if it has one.
pub fn without_date(name: &str) -> Option<&str> {
    const SHAPES: [&[u8]; 2] = [b"-dddd-dd-dd", b"-dddddddd"];
    SHAPES.iter().find_map(|shape| {
        let (rest, end) = name.split_at_checked(name.len().checked_sub(shape.len())?)?;
        let fits = |(byte, shape): (u8, &u8)| match shape {
            b'd' => byte.is_ascii_digit(),
            other => byte == *other,
        };
        end.bytes().zip(*shape).all(fits).then_some(rest)
    })
}

/// The prefixes that litellm's users put before deployments with names of their own.
fn series(prefix: &str) -> Option<Family> {
    match prefix {
        "o-series" => Some(Family::O3),
        "gpt5-series" => Some(Family::Gpt5),
        _ => None,
    }
}

/// Models with a name of their own.
fn alone(model: &str) -> Option<Family> {
    let is = |name: &str| begins(model, name);
    if is("model-router") {
        Some(Family::Router)
    } else if is("codex-mini") || is("computer-use-preview") {
        Some(Family::ResponsesOnly)
    } else if is("chat-latest") {
        Some(Family::Gpt52Chat)
    } else if is("gpt-image") || is("chatgpt-image") {
        Some(Family::GptImage)
    } else if is("gpt-audio") || is("chatgpt-4o") {
        Some(Family::Gpt4o)
    } else if is("gpt-oss") {
        Some(Family::GptOss)
    } else {
        None
    }
}

/// `gpt-4o-mini`, `gpt-35-turbo`, `gpt-5.1-chat`, `gpt5`, `gpt-5-1` (names with a dot were refused until 2023).
fn gpt(model: &str) -> Option<Family> {
    let version = model.strip_prefix("gpt")?;
    let version = version.strip_prefix('-').unwrap_or(version);
    let (major, rest) = number(version)?;
    if let Some(rest) = rest.strip_prefix('o') {
        return (major == 4 && is_end(rest)).then_some(Family::Gpt4o);
    }
    let (minor, rest) = match rest.strip_prefix('.') {
        Some(rest) => number(rest)?,
        None => dashed_minor(rest),
    };
    if !is_end(rest) {
        return None;
    }
    let has = |word: &str| rest.split('-').any(|it| it == word);
    Some(match (major, minor) {
        (3, 5) | (35 | 4, 0) => Family::Early,
        (4, _) => Family::Gpt4o,
        (5..10, _) if has("pro") || has("codex") => Family::ResponsesOnly,
        (5, 0 | 1) if has("chat") => Family::Gpt5Chat,
        (5..10, _) if has("chat") => Family::Gpt52Chat,
        (5, 0) => Family::Gpt5,
        (5, 1..=4) => Family::Gpt51,
        (5..10, _) => Family::Gpt55,
        _ => return None,
    })
}

/// The `-1` of `gpt-5-1`; `-2025-08-07` and `-1106` are dates.
fn dashed_minor(rest: &str) -> (u32, &str) {
    let digits = rest.strip_prefix('-').and_then(number);
    match digits {
        Some((minor @ 1..=9, after)) if rest.len() - after.len() == 2 && is_end(after) => {
            (minor, after)
        }
        _ => (0, rest),
    }
}

/// `o1`, `o3-mini`, `o4-mini-2025-04-16`.
fn o_series(model: &str) -> Option<Family> {
    let (number, rest) = number(model.strip_prefix('o')?)?;
    if !is_end(rest) || !(1..10).contains(&number) {
        return None;
    }
    let has = |word: &str| rest.split('-').any(|it| it == word);
    Some(match number {
        _ if has("pro") || rest.contains("-deep-research") => Family::ResponsesOnly,
        1 if has("mini") || has("preview") => Family::O1Mini,
        1 => Family::O1,
        3 if has("mini") => Family::O1,
        _ => Family::O3,
    })
}

fn grok(model: &str) -> Option<Family> {
    let version = model.strip_prefix("grok-")?;
    match number(version) {
        Some((3, "-mini")) => Some(Family::Grok3Mini),
        Some((3, rest)) if rest.starts_with("-mini-") => Some(Family::Grok3Mini),
        Some((1..=3, _)) => Some(Family::Grok3),
        Some(_) => Some(Family::Grok4),
        None => begins(version, "code-fast").then_some(Family::Grok4),
    }
}

fn other(model: &str) -> Option<Family> {
    let found = OTHERS.iter().find(|(word, _)| {
        let after = model.strip_prefix(word);
        after.is_some_and(|it| is_end(it) || it.starts_with(|it: char| it.is_ascii_digit()))
    });
    found.map(|(_, family)| *family)
}

fn begins(model: &str, name: &str) -> bool {
    model.strip_prefix(name).is_some_and(is_end)
}

/// Whether a word ends here.
fn is_end(rest: &str) -> bool {
    rest.is_empty() || rest.starts_with(['-', '.', '@'])
}

fn number(text: &str) -> Option<(u32, &str)> {
    let is_other = |it: char| !it.is_ascii_digit();
    let (digits, rest) = text.split_at(text.find(is_other).unwrap_or(text.len()));
    Some((digits.parse().ok()?, rest))
}

#[cfg(test)]
mod tests {
    use crate::azure::family::Family::{self, *};

    const NAMES: [(Family, &str); 29] = [
        (
            Early,
            "gpt-35-turbo gpt-3.5-turbo-0613 gpt-35-turbo-16k gpt-4 gpt-4-0613",
        ),
        (
            Early,
            "gpt-4-1106-preview gpt-4-turbo-2024-04-09 gpt35 GPT-4-32K",
        ),
        (
            Gpt4o,
            "gpt-4o gpt-4o-2024-08-06 gpt-4o-mini gpt-4.1-nano gpt-4.5-preview",
        ),
        (
            Gpt4o,
            "gpt-4o-audio-preview gpt-audio-mini chatgpt-4o-latest gpt4o",
        ),
        (
            Gpt4o,
            "gpt-4-1-mini gpt-4o-mini-2024-07-18.ft-0123 openai/gpt-4o",
        ),
        (Gpt4o, "ft:gpt-4o-mini-2024-07-18:me::abc"),
        (O1Mini, "o1-mini o1-preview o1-mini-2024-09-12"),
        (O1, "o1 o1-2024-12-17 o3-mini o3-mini-2025-01-31"),
        (O3, "o3 o4-mini o3-2025-04-16 o5 o5-mini"),
        (O3, "o_series/prod azure/o_series/prod O_SERIES"),
        (
            Gpt5,
            "gpt-5 gpt-5-mini azure/gpt-5-nano gpt-5-2025-08-07 GPT-5",
        ),
        (Gpt5, "gpt5-mini gpt5_series/x"),
        (
            Gpt51,
            "gpt-5.1 gpt-5.2 gpt-5.2-2025-12-11 gpt-5.4-nano gpt-5-1 gpt-5.3",
        ),
        (
            Gpt55,
            "gpt-5.5 gpt-5.6-luna gpt-5.9 gpt-6 gpt-6-sol gpt-6.1-mini gpt-7",
        ),
        (Gpt5Chat, "gpt-5-chat gpt-5-chat-latest gpt-5.1-chat"),
        (
            Gpt52Chat,
            "gpt-5.2-chat gpt-5.3-chat-latest chat-latest gpt-6-chat",
        ),
        (
            ResponsesOnly,
            "codex-mini gpt-5-codex gpt-5.1-codex-max gpt-5.3-codex gpt-5-pro",
        ),
        (
            ResponsesOnly,
            "gpt-5.5-pro o1-pro o3-pro o3-deep-research computer-use-preview",
        ),
        (
            GptImage,
            "gpt-image-1 gpt-image-1.5 gpt-image-2 gpt-image-1-mini",
        ),
        (Router, "model-router"),
        (GptOss, "gpt-oss-120b openai/gpt-oss-20b"),
        (DeepSeek, "DeepSeek-R1 deepseek-v3.2 MAI-DS-R1"),
        (Grok3, "grok-3 xai/grok-3"),
        (Grok3Mini, "grok-3-mini grok-3-mini-fast"),
        (
            Grok4,
            "grok-4 grok-4.1-fast grok-4-fast-reasoning grok-code-fast-1 grok-5",
        ),
        (
            Open,
            "Mistral-large-2407 Meta-Llama-3.1-70B-Instruct llama3 Phi-4-mini",
        ),
        (
            Open,
            "Cohere-command-a jais-30b-chat ministral-3b FW-GLM-5 azure_ai/mistral-small",
        ),
        (
            Unknown,
            "prod chat team1 gpt gpt- gpt-x o o10 ollama philosophy option-3 dall-e-3",
        ),
        (
            Unknown,
            "gpt-realtime gpt-51 gpt-4x my-o3 grok mistralai-x codex gpt-99999999999",
        ),
    ];

    #[test]
    fn names_tell_the_family() {
        for (family, names) in NAMES {
            for name in names.split(' ') {
                assert_eq!(Family::of(name), family, "{name}");
            }
        }
        assert_eq!(Family::of(" gpt-5\n"), Gpt5);
        assert_eq!(Family::of(""), Unknown);
    }
}
