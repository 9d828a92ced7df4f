//! One request, from arrival to report. The only place where an [`Error`] becomes a response.

use serde_json::json;

use crate::answer::{Answer, Body};
use crate::clients::{self, Caller};
use crate::config::Config;
use crate::cors;
use crate::error::{Error, Kind, Result};
use crate::exchange::Exchange;
use crate::headers::Headers;
use crate::limits::Reply;
use crate::platform::Platform;
use crate::report::Report;
use crate::surface::{self, BodyLimits, Call, Operation, Route, Unread, Wanted};
use crate::{catalogue, health};

/// A request as the runtime hands it over.
pub struct Request<Body> {
    /// Ours, unique.
    pub id: String,
    pub method: String,
    /// Percent-encoded, with its slash in front.
    pub path: String,
    /// Without the question mark.
    pub query: String,
    pub headers: Headers,
    pub body: Body,
}

/// Answers a request. Total: every outcome is a response, and every request leaves one line, also when its
/// client is gone before there is an answer.
pub async fn handle<P: Platform>(
    platform: &P,
    config: &Config,
    request: Request<P::ClientBody>,
) -> Answer<P::UpstreamBody> {
    let mut reporter = Reporter::begin(platform, config, &request);
    let origin = request.headers.get("origin").map(str::to_owned);
    let outcome = answer(platform, config, request, &mut reporter.report).await;
    let mut answer = outcome.unwrap_or_else(|error| refuse(&error, &mut reporter.report));
    cors::allow(&config.origins, origin.as_deref(), &mut answer.headers);
    reporter.finish(answer)
}

async fn answer<P: Platform>(
    platform: &P,
    config: &Config,
    request: Request<P::ClientBody>,
    report: &mut Report,
) -> Result<Answer<P::UpstreamBody>> {
    if request.method == "OPTIONS" {
        return Ok(preflight(&request.headers));
    }
    match surface::recognise(&request.method, &request.path)? {
        Route::Root => Ok(root()),
        Route::Health => Ok(health::answer(
            config,
            &request.headers,
            platform.now_millis(),
        )),
        Route::Healthz => Ok(Answer::json(200, r#"{"status":"healthy"}"#)),
        Route::Favicon => Ok(Answer::empty(204)),
        Route::Call(wanted) => serve(platform, config, wanted, request, report).await,
    }
}

async fn serve<P: Platform>(
    platform: &P,
    config: &Config,
    wanted: Wanted,
    request: Request<P::ClientBody>,
    report: &mut Report,
) -> Result<Answer<P::UpstreamBody>> {
    report.surface = Some(wanted.surface.name());
    report.operation = Some(wanted.operation.name());
    let caller = clients::authenticate(&config.access, &request.headers)?;
    report.client = Some(caller.name().to_owned());
    let unread = Unread {
        method: request.method,
        query: request.query,
        headers: request.headers,
        body: request.body,
    };
    let limits = BodyLimits {
        exact: caller.is_limited(),
        ..config.body_limits
    };
    let mut call = Call::read(wanted, unread, limits).await?;
    if call.model.is_none() && call.wanted.operation.needs_model() {
        call.model = Some(default_model(config)?);
    }
    report.model_asked.clone_from(&call.model);
    report.stream = call.stream;
    match call.wanted.operation {
        Operation::Models => {
            if let Some(answer) = catalogue::answer(config, &call.wanted, &caller)? {
                return Ok(answer);
            }
        }
        Operation::Relay => caller.may_relay()?,
        _ => caller.may_use(call.model.as_deref())?,
    }
    let pool = config.route(call.model.as_deref())?;
    within_limit(platform, &caller).await?;
    let exchange = Exchange {
        platform,
        caller: &caller,
        call,
        report,
    };
    exchange.run(&pool).await
}

async fn within_limit<P: Platform>(platform: &P, caller: &Caller) -> Result<()> {
    let Some((client, limit)) = caller.rpm() else {
        return Ok(());
    };
    match platform.take(client, 1, limit).await {
        Reply::Granted { .. } => Ok(()),
        Reply::Denied { retry_after_secs } => Err(Error::new(
            Kind::RateLimited { retry_after_secs },
            "rate_limit_exceeded",
            format!(
                "This API key is limited to {limit} requests a minute. Try again in {retry_after_secs} s."
            ),
        )),
    }
}

fn default_model(config: &Config) -> Result<String> {
    config.default_model.clone().ok_or_else(|| {
        Error::bad_request("model_required", "The request names no model.").param("model")
    })
}

fn preflight<UpstreamBody>(request: &Headers) -> Answer<UpstreamBody> {
    let mut answer = Answer::empty(204);
    let asked = request.get("access-control-request-headers");
    cors::preflight(asked, &mut answer.headers);
    answer
}

fn root<UpstreamBody>() -> Answer<UpstreamBody> {
    let about = json!({
        "name": "isthmus",
        "version": env!("CARGO_PKG_VERSION"),
        "docs": "https://platform.openai.com/docs/api-reference",
    });
    Answer::json(200, about.to_string())
}

fn refuse<UpstreamBody>(error: &Error, report: &mut Report) -> Answer<UpstreamBody> {
    report.error = Some(error.code.to_owned());
    report.detail.clone_from(&error.detail);
    let mut answer = Answer::json(error.status(), error.openai_body());
    let headers = &mut answer.headers;
    // OpenAI's SDKs show this name to their users.
    headers.push("x-request-id", &report.request_id);
    match error.kind {
        Kind::MethodNotAllowed { allow } => headers.push("allow", allow),
        Kind::Unauthorized => headers.push("www-authenticate", "Bearer"),
        Kind::RateLimited { retry_after_secs } => {
            headers.push("retry-after", &retry_after_secs.to_string());
        }
        // The SDKs retry a 500 by themselves; no retry repairs a setting.
        Kind::Configuration => headers.push("x-should-retry", "false"),
        _ => {}
    }
    answer
}

/// Sees to it that a request leaves its line: with its answer, or, when the client hangs up and this is
/// dropped unfinished, without.
struct Reporter<'a, P: Platform> {
    platform: &'a P,
    config: &'a Config,
    report: Report,
    finished: bool,
}

impl<'a, P: Platform> Reporter<'a, P> {
    fn begin(platform: &'a P, config: &'a Config, request: &Request<P::ClientBody>) -> Self {
        let length = request.headers.get("content-length");
        Self {
            platform,
            config,
            report: Report {
                request_id: request.id.clone(),
                method: request.method.clone(),
                path: request.path.clone(),
                bytes_in: length.and_then(|length| length.parse().ok()),
                arrived_millis: platform.now_millis(),
                ..Report::default()
            },
            finished: false,
        }
    }

    fn finish(mut self, mut answer: Answer<P::UpstreamBody>) -> Answer<P::UpstreamBody> {
        self.finished = true;
        self.report.status = answer.status;
        self.say_what_happened(&mut answer.headers);
        match &answer.body {
            Body::Events { .. } => answer.unfinished = Some(std::mem::take(&mut self.report)),
            Body::Bytes(bytes) => {
                self.report.bytes_out = u64::try_from(bytes.len()).ok();
                self.write();
            }
            Body::Empty | Body::Native(_) => self.write(),
        }
        answer
    }

    fn say_what_happened(&self, headers: &mut Headers) {
        let report = &self.report;
        headers.push("x-isthmus-request-id", &report.request_id);
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
            self.write();
        }
    }
}
