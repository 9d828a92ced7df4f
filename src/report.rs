//! One structured line per request. Nothing secret can be in it: it has no field a key, a prompt, a completion
//! or a query string could stand in.

use serde::Serialize;

use crate::calendar;
use crate::platform::Level;
use crate::surface::Surface;
use crate::usage::Usage;

/// The error of what is done in the background for no request: a list of models that is still an old one, in part or
/// whole.
pub const NOT_RENEWED: &str = "models_not_renewed";

/// What is known of one request, filled in on its way.
#[derive(Clone, Debug, Default, PartialEq, Serialize)]
pub struct Report {
    /// RFC 3339, UTC, of the request's arrival.
    pub time: String,
    pub level: &'static str,
    pub request_id: String,
    pub method: String,
    /// The path below `/v1`, with ids as they are: they name objects, not people.
    pub path: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub client: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub surface: Option<Surface>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub operation: Option<&'static str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub model_asked: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub model_used: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub provider: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub target: Option<String>,
    pub attempts: u32,
    /// What came of each, where there was more than one target to try: `provider/model 429`.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub outcomes: Vec<String>,
    pub status: u16,
    pub stream: bool,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub upstream_status: Option<u16>,
    /// From the request's arrival to the upstream's response headers.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub ttfb_ms: Option<u64>,
    pub duration_ms: u64,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub bytes_in: Option<u64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub bytes_out: Option<u64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub tokens_in: Option<u64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub tokens_out: Option<u64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub error: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub detail: Option<String>,

    #[serde(skip)]
    pub arrived_millis: u64,
    /// Time spent waiting for upstreams, all attempts together.
    #[serde(skip)]
    pub upstream_millis: u64,
}

/// Where an answer came from.
pub struct Source {
    provider: Option<String>,
    target: Option<String>,
    model_used: Option<String>,
    upstream_status: Option<u16>,
    ttfb_ms: Option<u64>,
}

/// How a streamed answer ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Ending {
    Complete,
    /// The upstream broke; the client was told.
    Broken,
    /// The client left.
    HungUp,
}

impl Report {
    /// Notes how a stream ended.
    pub fn end(&mut self, ending: Ending) {
        self.error = match ending {
            Ending::Complete => return,
            Ending::Broken => Some("upstream_stream_broken".to_owned()),
            Ending::HungUp => Some("client_closed".to_owned()),
        };
    }

    pub fn note_usage(&mut self, usage: Option<Usage>) {
        self.tokens_in = usage.map(|usage| usage.input).or(self.tokens_in);
        self.tokens_out = usage.map(|usage| usage.output).or(self.tokens_out);
    }

    /// Where the last attempt's answer came from.
    pub fn source(&self) -> Source {
        Source {
            provider: self.provider.clone(),
            target: self.target.clone(),
            model_used: self.model_used.clone(),
            upstream_status: self.upstream_status,
            ttfb_ms: self.ttfb_ms,
        }
    }

    /// The answer is that of an earlier attempt.
    pub fn come_from(&mut self, source: Source) {
        self.provider = source.provider;
        self.target = source.target;
        self.model_used = source.model_used;
        self.upstream_status = source.upstream_status;
        self.ttfb_ms = source.ttfb_ms;
    }

    /// That of an attempt beside this one.
    #[must_use]
    pub fn beside(&self) -> Self {
        Self {
            attempts: 0,
            outcomes: Vec::new(),
            ..self.clone()
        }
    }

    /// Both were of one call; what is waited for at the same time is waited for once.
    pub fn join(&mut self, beside: &Self, is_its_answer: bool) {
        self.attempts += beside.attempts;
        self.upstream_millis = self.upstream_millis.max(beside.upstream_millis);
        self.outcomes.extend_from_slice(&beside.outcomes);
        if is_its_answer {
            self.come_from(beside.source());
        }
    }

    /// The line, if this severity is to be written at all.
    pub fn line(&mut self, now_millis: u64, least: Level) -> Option<(Level, String)> {
        let level = self.severity();
        if level < least {
            return None;
        }
        self.level = name(level);
        self.time = rfc3339(self.arrived_millis);
        self.duration_ms = now_millis.saturating_sub(self.arrived_millis);
        let line = serde_json::to_string(self).unwrap_or_default();
        Some((level, line))
    }

    fn severity(&self) -> Level {
        match (self.status, self.error.as_deref()) {
            (500.., _) | (_, Some("upstream_stream_broken")) => Level::Error,
            (499, _) | (_, Some("client_closed")) => Level::Info,
            (400.., _) | (_, Some(NOT_RENEWED)) => Level::Warn,
            _ => Level::Info,
        }
    }
}

fn name(level: Level) -> &'static str {
    match level {
        Level::Debug => "debug",
        Level::Info => "info",
        Level::Warn => "warn",
        Level::Error => "error",
    }
}

/// `2026-11-20T08:15:30.123Z`.
fn rfc3339(millis: u64) -> String {
    let (seconds, millis) = (millis / 1000, millis % 1000);
    let (days, second_of_day) = (seconds / 86_400, seconds % 86_400);
    let (year, month, day) = calendar::date(days);
    let (hour, minute, second) = (
        second_of_day / 3600,
        second_of_day / 60 % 60,
        second_of_day % 60,
    );
    format!("{year:04}-{month:02}-{day:02}T{hour:02}:{minute:02}:{second:02}.{millis:03}Z")
}
