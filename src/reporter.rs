//! The guard behind a request's line.

use crate::answer::{Answer, Body, Unfinished};
use crate::config::Config;
use crate::headers::Headers;
use crate::later;
use crate::limits::{self, estimate::Estimate};
use crate::platform::Platform;
use crate::proxy::Request;
use crate::report::Report;
use crate::surface;
use crate::tab::Tab;

/// Sees to it that a request leaves its line: with its answer, or, when the client hangs up and this is
/// dropped unfinished, without.
pub struct Reporter<'a, P: Platform> {
    platform: &'a P,
    config: &'a Config,
    pub report: Report,
    pub tab: Tab,
    finished: bool,
}

impl<'a, P: Platform> Reporter<'a, P> {
    pub fn begin(platform: &'a P, config: &'a Config, request: &Request<P::ClientBody>) -> Self {
        let length = request.headers.get("content-length");
        Self {
            platform,
            config,
            report: Report {
                request_id: request.id.clone(),
                method: request.method.clone(),
                path: surface::told(&request.path),
                bytes_in: length.and_then(|length| length.parse().ok()),
                arrived_millis: platform.now_millis(),
                ..Report::default()
            },
            tab: Tab::default(),
            finished: false,
        }
    }

    /// Says in the answer's headers what happened, and writes the line; a stream takes its report along, to be
    /// ended with it.
    pub fn finish(mut self, mut answer: Answer<P::UpstreamBody>) -> Answer<P::UpstreamBody> {
        self.finished = true;
        self.report.status = answer.status;
        self.say_what_happened(&mut answer.headers);
        if answer.status >= 400 {
            // Who refuses generates nothing: unless it says otherwise, it has taken no token.
            self.tab.estimate = Estimate::default();
        }
        match &answer.body {
            Body::Events { .. } | Body::Changed(_) => {
                answer.unfinished = Some(Unfinished {
                    report: std::mem::take(&mut self.report),
                    tab: std::mem::take(&mut self.tab),
                });
            }
            Body::Bytes(bytes) => {
                self.report.bytes_out = u64::try_from(bytes.len()).ok();
                self.end();
            }
            Body::Empty | Body::Native(_) => self.end(),
        }
        answer
    }

    /// Nothing is left to come.
    fn end(&mut self) {
        self.report.note_usage(self.tab.usage());
        let now = self.platform.now_millis();
        std::mem::take(&mut self.tab).close(None, now);
        later::tidy_up(self.platform);
        self.write();
    }

    fn say_what_happened(&self, headers: &mut Headers) {
        let report = &self.report;
        headers.push("x-isthmus-request-id", &report.request_id);
        limits::error::say(self.tab.room(), headers);
        let (Some(provider), Some(target)) = (&report.provider, &report.target) else {
            return;
        };
        headers.push("x-isthmus-provider", provider);
        headers.push("x-isthmus-target", target);
        headers.push("x-isthmus-attempts", &report.attempts.to_string());
        let total = self
            .platform
            .now_millis()
            .saturating_sub(report.arrived_millis);
        let upstream = report.upstream_millis;
        let own = total.saturating_sub(upstream);
        headers.push(
            "server-timing",
            &format!("upstream;dur={upstream}, isthmus;dur={own}"),
        );
    }

    fn write(&mut self) {
        let now = self.platform.now_millis();
        if let Some((level, line)) = self.report.line(now, self.config.log_level) {
            self.platform.log(level, &line);
        }
    }
}

impl<P: Platform> Drop for Reporter<'_, P> {
    fn drop(&mut self) {
        if !self.finished {
            let (status, error) = if std::thread::panicking() {
                (500, "internal_error")
            } else {
                (499, "client_closed")
            };
            self.report.status = status;
            self.report.error = Some(error.to_owned());
            self.end();
        }
    }
}
