//! What bounds calls: all of them together, those of a client, those of a target.

use crate::config::draft::Draft;
use crate::config::settings::Settings;
use crate::config::table::Table;
use crate::limits::{Limits, Mode};

/// What a target may have of it, and what all calls and a client may.
pub(super) const A_MINUTE: &[&str] = &["rpm", "tpm"];
pub(super) const ALL: &[&str] = &["rpm", "tpm", "daily_tokens", "monthly_tokens"];

const MODES: &str = "leased or exact";

impl Draft {
    /// Of all calls together, flat.
    pub(super) fn read_limits(&mut self, settings: &Settings) {
        self.limits.requests = self.rate(settings, "REQUEST_RATE_LIMIT");
        self.limits.tokens = self.rate(settings, "TOKEN_RATE_LIMIT");
        let Some(word) = settings.get("LIMITS_MODE") else {
            return;
        };
        match mode(&word.to_ascii_lowercase()) {
            Some(mode) => self.limits_mode = mode,
            None => self.warn(format!("LIMITS_MODE is `{word}`; it should be {MODES}.")),
        }
    }

    fn rate(&mut self, settings: &Settings, name: &str) -> Option<u64> {
        let text = settings.get(name)?;
        let limit = text.parse::<u64>();
        if limit.is_err() {
            self.warn(format!(
                "{name} is `{text}` and not in force; it should be a whole number, 0 for no limit."
            ));
        }
        limit.ok().filter(|limit| *limit > 0)
    }

    /// The same in the document, which counts.
    pub(super) fn read_overall(&mut self, document: &Table) {
        let place = "GATEWAY.limits";
        let options = self.named(document, "limits");
        self.note_unknown(place, &options, &[ALL, &["mode"]].concat());
        let limits = self.limits_at(place, &options, ALL);
        let usual = self.limits;
        self.limits = Limits {
            requests: limits.requests.or(usual.requests),
            tokens: limits.tokens.or(usual.tokens),
            ..limits
        };
        if let Some(mode) = self.word(place, &options, "mode", mode, MODES) {
            self.limits_mode = mode;
        }
    }

    /// Those of a table that are limits; what is none is not in force.
    pub(super) fn limits_at(&mut self, place: &str, options: &Table, known: &[&str]) -> Limits {
        let (limits, wrong) = limits_of(options, known);
        for key in wrong {
            self.warn(format!(
                "{place}.{key} is not in force: it should be a whole number above 0."
            ));
        }
        limits
    }
}

/// The limits in a table, and the names of those that are none.
pub(super) fn limits_of<'k>(options: &Table, known: &[&'k str]) -> (Limits, Vec<&'k str>) {
    let mut limits = Limits::default();
    let mut wrong = Vec::new();
    for key in known {
        let Some(value) = options.get(*key) else {
            continue;
        };
        let limit = value.as_u64().filter(|limit| *limit > 0);
        if limit.is_none() {
            wrong.push(*key);
        }
        match *key {
            "rpm" => limits.requests = limit,
            "tpm" => limits.tokens = limit,
            "daily_tokens" => limits.daily = limit,
            _ => limits.monthly = limit,
        }
    }
    (limits, wrong)
}

fn mode(word: &str) -> Option<Mode> {
    match word {
        "leased" => Some(Mode::Leased),
        "exact" => Some(Mode::Exact),
        _ => None,
    }
}
