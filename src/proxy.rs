//! One request, from arrival to report. The only place where an [`Error`] becomes a response.

mod forward;

use serde_json::json;

use crate::answer::Answer;
use crate::billing;
use crate::catalogue::{self, Catalogue, Question};
use crate::clients::{self, Caller};
use crate::config::Config;
use crate::cors;
use crate::error::{Error, Kind, Result};
use crate::exchange::{self, Exchange};
use crate::explain;
use crate::headers::Headers;
use crate::health::{self, Checkup};
use crate::inference;
use crate::instances;
use crate::limits::Admission;
use crate::platform::{ClientBody, Lane, Platform};
use crate::report::Report;
use crate::reporter::Reporter;
use crate::surface::{self, BodyLimits, Call, Operation, Route, Surface, Unread, Wanted};
use crate::tab::Tab;

/// The name a client of Azure's gives a call.
pub(crate) const CALL_ID: &str = "x-ms-client-request-id";

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
    let named = request.headers.get(CALL_ID).map(str::to_owned);
    let (report, tab) = (&mut reporter.report, &mut reporter.tab);
    let outcome = answer(platform, config, request, report, tab).await;
    let mut answer = outcome.unwrap_or_else(|error| refuse(&error, &mut reporter.report));
    if matches!(
        reporter.report.surface,
        Some(Surface::Azure | Surface::Inference)
    ) {
        name_as_azure(
            &reporter.report.request_id,
            named.as_deref(),
            &mut answer.headers,
        );
    }
    cors::allow(&config.origins, origin.as_deref(), &mut answer.headers);
    if platform.has_begun() {
        let responses = Some(Operation::Responses.name());
        answer = answer.in_events(reporter.report.operation == responses);
    }
    reporter.finish(answer)
}

async fn answer<P: Platform>(
    platform: &P,
    config: &Config,
    request: Request<P::ClientBody>,
    report: &mut Report,
    tab: &mut Tab,
) -> Result<Answer<P::UpstreamBody>> {
    if request.method == "OPTIONS" {
        return Ok(preflight(&request.headers));
    }
    let (route, request) = forward::recognise(config, request, report)?;
    match route {
        Route::Root => Ok(root()),
        Route::Health => Ok(health::answer(platform, config, &request.headers).await),
        Route::Healthz => Ok(Answer::json(200, r#"{"status":"healthy"}"#)),
        Route::HealthOf(model) => {
            check_up(platform, config, &model, &request.headers, report).await
        }
        Route::Favicon => Ok(Answer::empty(204)),
        Route::Instances => {
            let caller = config.caller(&request.headers)?;
            report.client = Some(caller.name().to_owned());
            report.operation = Some("instances");
            instances::answer(platform, config, &caller).await
        }
        Route::Call(wanted) => serve(platform, config, wanted, request, report, tab).await,
        Route::Forward(address) => {
            forward::answer(platform, config, &address, request, report, tab).await
        }
    }
}

async fn check_up<P: Platform>(
    platform: &P,
    config: &Config,
    model: &str,
    headers: &Headers,
    report: &mut Report,
) -> Result<Answer<P::UpstreamBody>> {
    let caller = config.caller(headers)?;
    report.client = Some(caller.name().to_owned());
    report.operation = Some("health");
    report.model_asked = Some(model.to_owned());
    let checkup = Checkup {
        platform,
        config,
        caller: &caller,
    };
    if explain::is_wanted(headers, &caller)? {
        return Ok(explain::answer(&checkup.explain(model)?));
    }
    checkup.answer(model, report).await
}

async fn serve<P: Platform>(
    platform: &P,
    config: &Config,
    wanted: Wanted,
    mut request: Request<P::ClientBody>,
    report: &mut Report,
    tab: &mut Tab,
) -> Result<Answer<P::UpstreamBody>> {
    surface::reword(&wanted, &mut request.query, &mut request.headers);
    report.surface = Some(wanted.surface);
    report.operation = Some(wanted.operation.name());
    let caller = admit(config, &wanted, &request.headers, report)?;
    if config.makes_up_billing
        && let Some(json) = billing::made_up(&request.method, &wanted.path)
    {
        return Ok(Answer::json(200, json.to_string()));
    }
    if wanted.operation == Operation::Models {
        return list(platform, config, &caller, &wanted, &request, report, tab).await;
    }
    let is_explained = explain::is_wanted(&request.headers, &caller)?;
    let call = read(platform, config, &caller, wanted, request).await?;
    report.model_asked.clone_from(&call.model);
    report.stream = call.stream && !is_explained;
    check_models(&caller, &call)?;
    if is_explained {
        let explanation = exchange::explain(platform, config, &caller, call).await?;
        return Ok(explain::answer(&explanation));
    }
    let (_, pool) = config.serving(&call.wanted, call.model.as_deref())?;
    let admission = Admission {
        platform,
        config,
        caller: &caller,
    };
    admission.admit(&call, &pool, tab).await?;
    let exchange = Exchange {
        platform,
        config,
        caller: &caller,
        call,
        lane: Lane::First,
        gated: false,
        first_output_millis: None,
        report,
        tab,
    };
    exchange.run(&pool).await
}

/// Who calls, if it may.
fn admit(
    config: &Config,
    wanted: &Wanted,
    headers: &Headers,
    report: &mut Report,
) -> Result<Caller> {
    let is_inference = wanted.surface == Surface::Inference;
    if is_inference {
        clients::check_agreement(headers)?;
    }
    let caller = config.caller(headers)?;
    report.client = Some(caller.name().to_owned());
    if is_inference {
        inference::version::check(&config.inference, wanted.version.as_deref())?;
    }
    Ok(caller)
}

/// Answers a question about models.
async fn list<P: Platform>(
    platform: &P,
    config: &Config,
    caller: &Caller,
    wanted: &Wanted,
    request: &Request<P::ClientBody>,
    report: &mut Report,
    tab: &mut Tab,
) -> Result<Answer<P::UpstreamBody>> {
    let question = Question {
        wanted,
        query: &request.query,
        is_impatient: caller.is_known() && catalogue::wants_new(&request.headers),
    };
    let catalogue = Catalogue {
        platform,
        config,
        caller,
    };
    if explain::is_wanted(&request.headers, caller)? {
        return Ok(explain::answer(&catalogue.explain(wanted)?));
    }
    if question.is_impatient {
        // Upstreams are asked for it, as for a call.
        let admission = Admission {
            platform,
            config,
            caller,
        };
        admission.admit_one(tab).await?;
    }
    catalogue.answer(&question, report).await
}

/// A call, with a model if it must have one.
async fn read<P: Platform>(
    platform: &P,
    config: &Config,
    caller: &Caller,
    wanted: Wanted,
    request: Request<P::ClientBody>,
) -> Result<Call<P::ClientBody>> {
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
    if call.wanted.surface == Surface::Inference {
        settle(platform, config, caller, &mut call).await?;
        return Ok(call);
    }
    if call.model.is_none() && call.wanted.operation.needs_model() {
        call.model = default_model(config)?;
    }
    Ok(call)
}

/// A call of Azure AI Model Inference: its extra parameters, its model, and whether that is served.
async fn settle<P: Platform>(
    platform: &P,
    config: &Config,
    caller: &Caller,
    call: &mut Call<P::ClientBody>,
) -> Result<()> {
    call.settle(&config.inference)?;
    if call.model.is_none() {
        let catalogue = Catalogue {
            platform,
            config,
            caller,
        };
        call.model = catalogue.model_of_none().await?;
    }
    config.check_served(call.wanted.operation, call.model.as_deref())
}

/// Whether the caller may use every model the call names.
fn check_models(caller: &Caller, call: &Call<impl ClientBody>) -> Result<()> {
    match call.wanted.operation {
        Operation::Relay => caller.may_relay()?,
        _ if caller.is_limited() && call.has_second_model() => {
            let problem = "The request names a second model: in its query, a header, or its body beside its path.";
            return Err(Error::bad_request("invalid_model", problem).param("model"));
        }
        _ => caller.may_use(call.model.as_deref())?,
    }
    if caller.is_limited() {
        for model in call.models_of_tools() {
            caller.may_use(Some(&model))?;
        }
    }
    Ok(())
}

/// None where the address of who gets such calls names the deployment.
fn default_model(config: &Config) -> Result<Option<String>> {
    let model = config.default_model.clone();
    if model.is_none() && !config.is_pinned() {
        return Err(Error::no_model());
    }
    Ok(model)
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
    report.error = Some(error.word().to_owned());
    report.detail = error.detail.as_deref().map(str::to_owned);
    let surface = match report.surface.unwrap_or_default() {
        // What a list does not have is no deployment that was called.
        Surface::Azure if report.operation == Some(Operation::Models.name()) => Surface::OpenAi,
        surface => surface,
    };
    let mut answer = Answer::json(error.status(), error.body(surface));
    let headers = &mut answer.headers;
    // OpenAI's SDKs show this name to their users.
    headers.push("x-request-id", &report.request_id);
    if surface == Surface::Inference {
        headers.push(inference::errors::HEADER, inference::errors::code(error));
    }
    for (name, value) in &error.headers {
        headers.set(name, value);
    }
    match error.kind {
        Kind::MethodNotAllowed { allow } => headers.push("allow", allow),
        Kind::Unauthorized => headers.push("www-authenticate", "Bearer"),
        Kind::RateLimited { retry_after_secs } => {
            headers.push("retry-after", &retry_after_secs.to_string());
        }
        Kind::OverLimit {
            retry_after_secs, ..
        } => headers.push("retry-after", &retry_after_secs.to_string()),
        // The SDKs retry a 500 by themselves; no retry repairs a setting.
        Kind::Configuration => headers.push("x-should-retry", "false"),
        _ => {}
    }
    answer
}

/// The names under which Azure's clients know a call: their own, and the server's where no upstream gave one.
pub(crate) fn name_as_azure(ours: &str, theirs: Option<&str>, headers: &mut Headers) {
    if let Some(theirs) = theirs {
        headers.set(CALL_ID, theirs);
    }
    for name in ["apim-request-id", "x-request-id"] {
        if headers.get(name).is_none() {
            headers.push(name, ours);
        }
    }
}
