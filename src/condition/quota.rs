//! What the headers of an answer say is left of an upstream's own limits.
//!
//! OpenAI and Azure: `x-ratelimit-remaining-tokens` and `-requests`, with `x-ratelimit-reset-*` as a duration (`6m0s`,
//! `120ms`) or, at Azure, in seconds; `-1` is unknown. Anthropic: `anthropic-ratelimit-tokens-remaining`, `-reset` with
//! a time of day.

use crate::condition::Quota;
use crate::headers::Headers;
use crate::openai::{listing, retry};

/// The limits are per minute: what is left is renewed by then at the latest, whatever the answer says. What is
/// exhausted for longer is said by a refusal.
const LONGEST_MILLIS: u64 = 60_000;

#[derive(Clone, Copy, Debug, Default)]
pub struct Learnt {
    tokens: Option<Left>,
    requests: Option<Left>,
}

/// Always as it was said, without what was sent since.
#[derive(Clone, Copy, Debug)]
struct Left {
    amount: u64,
    until_millis: u64,
}

/// What one answer says of one measure.
#[derive(Default)]
struct Said {
    remaining: Option<u64>,
    reset_millis: Option<u64>,
}

impl Learnt {
    /// An answer that says nothing leaves what was said before.
    pub fn learn(&mut self, headers: &Headers, now_millis: u64) {
        let (mut tokens, mut requests) = (Said::default(), Said::default());
        for (name, value) in headers.iter() {
            let Some((measure, field)) = parts(name) else {
                continue;
            };
            let said = match measure {
                "tokens" | "input-tokens" => &mut tokens,
                "requests" => &mut requests,
                _ => continue,
            };
            said.note(field, value.trim(), now_millis);
        }
        self.tokens = tokens.left(now_millis).or(self.tokens);
        self.requests = requests.left(now_millis).or(self.requests);
    }

    /// A request of so many tokens was sent, which no answer so far can have counted.
    pub fn send(&mut self, tokens: u64) {
        for (left, sent) in [(&mut self.tokens, tokens), (&mut self.requests, 1)] {
            if let Some(left) = left {
                left.amount = left.amount.saturating_sub(sent);
            }
        }
    }

    pub fn at(&self, now_millis: u64) -> Option<Quota> {
        let valid = |left: Option<Left>| left.filter(|it| it.until_millis > now_millis);
        let (tokens, requests) = (valid(self.tokens), valid(self.requests));
        let until = |left: Option<Left>| left.map(|it| it.until_millis);
        let untils = until(tokens).into_iter().chain(until(requests));
        Some(Quota {
            until_millis: untils.min()?,
            tokens: tokens.map(|it| it.amount),
            requests: requests.map(|it| it.amount),
        })
    }
}

impl Said {
    /// Where there are several of one measure, that of which less is left refuses first.
    fn note(&mut self, field: &str, value: &str, now_millis: u64) {
        match field {
            "remaining" => {
                let said = value.parse::<u64>().ok();
                self.remaining = match (self.remaining, said) {
                    (Some(one), Some(other)) => Some(one.min(other)),
                    (one, other) => one.or(other),
                };
            }
            "reset" => self.reset_millis = self.reset_millis.max(millis(value, now_millis)),
            _ => {}
        }
    }

    fn left(&self, now_millis: u64) -> Option<Left> {
        let wait = self.reset_millis.unwrap_or(LONGEST_MILLIS);
        Some(Left {
            amount: self.remaining?,
            until_millis: now_millis.saturating_add(wait.min(LONGEST_MILLIS)),
        })
    }
}

/// Of what a header tells, and what of it.
fn parts(name: &str) -> Option<(&str, &str)> {
    if let Some(rest) = name.strip_prefix("x-ratelimit-") {
        let (field, measure) = rest.split_once('-')?;
        return Some((measure, field));
    }
    name.strip_prefix("anthropic-ratelimit-")?.rsplit_once('-')
}

/// A duration, or the time of a day. Nothing else: `0` and `-1` are what Azure says where it does not know.
fn millis(value: &str, now_millis: u64) -> Option<u64> {
    let millis = match listing::seconds(value) {
        Some(at) => at.saturating_mul(1000).saturating_sub(now_millis),
        None => retry::seconds(value)?,
    };
    (millis > 0).then_some(millis)
}

#[cfg(test)]
mod tests {
    use super::Learnt;
    use crate::headers::Headers;

    /// 2026-11-20T00:00:00Z.
    const NOW: u64 = 1_795_132_800_000;

    /// `name: value, name: value`; the usual beginning is left out.
    fn learn(learnt: &mut Learnt, text: &str) {
        let mut headers = Headers::default();
        for (name, value) in text.split(", ").filter_map(|it| it.split_once(": ")) {
            if name.starts_with("anthropic-") {
                headers.push(name, value);
            } else {
                headers.push(&format!("x-ratelimit-{name}"), value);
            }
        }
        learnt.learn(&headers, NOW);
    }

    /// Tokens, requests, and for how long.
    fn left(learnt: &Learnt, now_millis: u64) -> Option<(Option<u64>, Option<u64>, u64)> {
        let quota = learnt.at(now_millis)?;
        Some((
            quota.tokens,
            quota.requests,
            quota.until_millis - now_millis,
        ))
    }

    #[test]
    fn headers_say_what_is_left() {
        const ANTHROPIC: &str = "anthropic-ratelimit-requests-remaining: 0, \
            anthropic-ratelimit-requests-reset: 2026-11-20T00:00:05Z, \
            anthropic-ratelimit-input-tokens-remaining: 50, \
            anthropic-ratelimit-tokens-remaining: 70";
        const OVER: &str = "anthropic-ratelimit-tokens-remaining: 1, \
            anthropic-ratelimit-tokens-reset: 2026-11-19T23:59:59Z";
        let tokens = |millis| Some((Some(900), None, millis));
        for (headers, expected) in [
            ("remaining-tokens: 900", tokens(60_000)),
            ("remaining-tokens: 900, reset-tokens: 7", tokens(7_000)),
            ("remaining-tokens: 900, reset-tokens: 6m0s", tokens(60_000)),
            ("remaining-tokens: 900, reset-tokens: 0", tokens(60_000)),
            ("remaining-tokens: 900, reset-tokens: -1", tokens(60_000)),
            ("remaining-tokens: 900, reset-tokens: soon", tokens(60_000)),
            (
                "remaining-tokens: 900, remaining-requests: 9, reset-requests: 120ms",
                Some((Some(900), Some(9), 120)),
            ),
            ("remaining-tokens: -1", None),
            ("remaining-tokens: many", None),
            ("limit-tokens: 1000, reset-tokens: 5", None),
            ("remaining: 1", None),
            ("remaining-images: 1", None),
            (ANTHROPIC, Some((Some(50), Some(0), 5_000))),
            (OVER, Some((Some(1), None, 60_000))),
        ] {
            let mut learnt = Learnt::default();
            learn(&mut learnt, headers);
            assert_eq!(left(&learnt, NOW), expected, "{headers}");
        }
    }

    #[test]
    fn what_was_sent_since_is_not_there_any_more() {
        let mut learnt = Learnt::default();
        learn(&mut learnt, "remaining-tokens: 900, remaining-requests: 1");
        learnt.send(600);
        assert_eq!(left(&learnt, NOW), Some((Some(300), Some(0), 60_000)));
        learnt.send(600);
        assert_eq!(left(&learnt, NOW), Some((Some(0), Some(0), 60_000)));
        learn(&mut learnt, "");
        let later = NOW + 59_999;
        assert_eq!(
            left(&learnt, later),
            Some((Some(0), Some(0), 1)),
            "said nothing"
        );
        assert_eq!(left(&learnt, NOW + 60_000), None);
    }
}
