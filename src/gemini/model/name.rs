//! What a name tells. Names are in lower case here.

use super::{Family, Purpose, Tier};

/// What a name is that does not tell; where its kind tells, the newest of that.
const NEWEST: Family = Family::Gemini(3, 8);
const NEWEST_LITE: Family = Family::Gemini(3, 5);
const NEWEST_GEMMA: Family = Family::Gemma(4);

/// From before there were numbers in names.
const FIRST: Family = Family::Gemini(1, 0);

pub(super) fn family(name: &str) -> Family {
    name.split('/').find_map(of_segment).unwrap_or(NEWEST)
}

fn of_segment(segment: &str) -> Option<Family> {
    if let Some(rest) = segment.strip_prefix("gemma-") {
        return Some(match number(rest)? {
            // The first ones are named for their size alone: `gemma-7b-it`.
            (Some(_), size) if size.starts_with('b') => Family::Gemma(1),
            (version, _) => version.map_or(NEWEST_GEMMA, Family::Gemma),
        });
    }
    let rest = segment.strip_prefix("gemini-")?;
    if let Some((Some(major), rest)) = number(rest) {
        let minor = rest.strip_prefix('.').and_then(number);
        return Some(Family::Gemini(
            major,
            minor.and_then(|it| it.0).unwrap_or(0),
        ));
    }
    Some(match rest {
        _ if rest.ends_with("-latest") && rest.contains("lite") => NEWEST_LITE,
        _ if rest.ends_with("-latest") => NEWEST,
        "pro" | "pro-001" | "pro-002" => FIRST,
        _ if rest.starts_with("pro-vision") => FIRST,
        _ => NEWEST,
    })
}

/// The digits a text begins with, and what follows. A number nobody could mean is none.
fn number(text: &str) -> Option<(Option<u16>, &str)> {
    let end = text.find(|c: char| !c.is_ascii_digit());
    let (digits, rest) = text.split_at_checked(end.unwrap_or(text.len()))?;
    Some((digits.parse().ok(), rest))
}

pub(super) fn tier(name: &str) -> Tier {
    let says = |word| name.contains(word);
    if says("-lite") {
        Tier::Lite
    } else if says("-flash") {
        Tier::Flash
    } else if says("-pro") {
        Tier::Pro
    } else {
        Tier::Unsaid
    }
}

pub(super) fn purpose(name: &str) -> Purpose {
    let says = |word| name.contains(word);
    if says("-tts") {
        Purpose::Speech
    } else if says("-image") {
        Purpose::Images
    } else if says("embedding") {
        Purpose::Embeddings
    } else {
        Purpose::Text
    }
}
