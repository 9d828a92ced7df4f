//! A call explained: it goes the way every call goes, up to where something would be sent.

use serde_json::{Map, Value, json};

use crate::clients::{Access, Caller};
use crate::config::Config;
use crate::config::overview::{self, Bounds};
use crate::credentials;
use crate::dialect::Outgoing;
use crate::error::Result;
use crate::exchange::attempt::Sending;
use crate::exchange::prepare::{self, Content};
use crate::exchange::search::{Names, Search};
use crate::exchange::{Exchange, may_go_to_another_target};
use crate::explain::{HERE, OBJECT, problem, request};
use crate::headers::Headers;
use crate::limits::Admission;
use crate::platform::{ClientBody, Edit, Lane, Platform};
use crate::pool::{Pool, Target};
use crate::providers::Place;
use crate::providers::names::Deployment;
use crate::report::Report;
use crate::surface::Call;
use crate::tab::Tab;

/// Of one attempt; of the others it is said how many there are.
const MOST_REQUESTS: usize = 8;
const MOST_CHANGES: usize = 100;
/// Of bodies and changes, in bytes: as a tree of JSON they take many times as much.
const MOST_SHOWN: usize = 512 << 10;

const LISTED: &str = "a deployment that the provider lists for the model";
const SENT_ONCE: &str =
    "not tried: the body is passed on as it comes, and cannot be sent a second time";

/// Where a call would go, and what would be sent. The call is one that the caller may make, and names its model if it
/// must name one.
pub async fn explain<P: Platform>(
    platform: &P,
    config: &Config,
    caller: &Caller,
    call: Call<P::ClientBody>,
) -> Result<Value> {
    let (rule, pool) = config.serving(&call.wanted, call.model.as_deref())?;
    let mut shown = Map::new();
    let mut show = |name: &str, value: Value| shown.insert(name.to_owned(), value);
    show("object", OBJECT.into());
    show("operation", call.wanted.operation.name().into());
    if let Some(model) = &call.model {
        show("model", model.as_str().into());
    }
    show("stream", call.stream.into());
    show("client", caller.name().into());
    for (name, limits) in [
        ("limits", caller.limits()),
        ("limits_of_all", config.limits),
    ] {
        if !limits.is_none() {
            show(name, json!(Bounds::from(limits)));
        }
    }
    show("route", rule.to_string().into());
    shown.extend(choice(&pool));
    let mut report = Report {
        arrived_millis: platform.now_millis(),
        ..Report::default()
    };
    let mut tab = Tab::default();
    let admission = Admission {
        platform,
        config,
        caller,
    };
    admission.weigh(&call, &pool, &mut tab);
    let exchange = Exchange {
        platform,
        config,
        caller: &as_any_client(config, caller),
        call,
        lane: Lane::First,
        gated: false,
        first_output_millis: None,
        report: &mut report,
        tab: &mut tab,
    };
    let left = MOST_SHOWN;
    Explaining { exchange, left }
        .targets(&pool, &mut shown)
        .await;
    Ok(shown.into())
}

/// How the pool chooses, as far as that is not the usual.
fn choice(pool: &Pool) -> Map<String, Value> {
    let mut shown = Map::new();
    if pool.has_alternatives() {
        let word = pool.rules().strategy.word();
        shown.insert("strategy".to_owned(), word.into());
    }
    let rules = overview::rules(pool);
    if !rules.is_empty() {
        shown.insert("rules".to_owned(), rules.into());
    }
    let fallback = pool.rules().fallback.by_reason();
    let fallback: Map<_, _> = fallback
        .map(|(reason, model)| (reason.to_owned(), model.into()))
        .collect();
    if !fallback.is_empty() {
        shown.insert("fallback".to_owned(), fallback.into());
    }
    shown
}

/// Without client keys it is an owner's program that asks, for clients that bring keys of their own.
fn as_any_client(config: &Config, caller: &Caller) -> Caller {
    let caller = caller.clone();
    match config.access {
        Access::Anonymous | Access::PassThrough => caller.with_a_credential_of_its_own(),
        Access::Keys(_) | Access::Closed => caller,
    }
}

struct Explaining<'a, P: Platform> {
    exchange: Exchange<'a, P>,
    /// So many bytes may still be shown.
    left: usize,
}

impl<P: Platform> Explaining<'_, P> {
    /// As far as they would be tried.
    async fn targets(mut self, pool: &Pool, shown: &mut Map<String, Value>) {
        let mut targets = Vec::new();
        if pool.has_alternatives() {
            self.exchange.hold_form().await;
        }
        let places = self.exchange.places(pool).into_iter();
        let order = places.filter_map(|at| pool.targets().get(at));
        let mut order = order.collect::<Vec<_>>().into_iter();
        let mut is_sent_once = false;
        while let Some(target) = order.next() {
            let mut told = Map::new();
            if !target.share.limits.is_none() {
                told.insert(
                    "limits".to_owned(),
                    json!(Bounds::from(target.share.limits)),
                );
            }
            let outcome = self.target(target, &mut told).await;
            let goes_on = outcome.as_ref().err().is_none_or(may_go_to_another_target);
            is_sent_once = goes_on && order.len() > 0 && !self.is_replayable();
            if let Err(error) = outcome {
                told.insert("problem".to_owned(), problem(&error));
            }
            targets.push(Value::from(told));
            if is_sent_once || !goes_on {
                break;
            }
        }
        shown.insert("targets".to_owned(), targets.into());
        if is_sent_once {
            shown.insert("other_targets".to_owned(), SENT_ONCE.into());
        }
    }

    fn is_replayable(&self) -> bool {
        self.exchange.call.body.is_replayable()
    }

    async fn target(&mut self, target: &Target, told: &mut Map<String, Value>) -> Result<()> {
        let asked = target.model(self.exchange.call.model.as_deref());
        let asked = asked.map(str::to_owned);
        let provider = &target.provider.name;
        told.insert("provider".to_owned(), provider.as_str().into());
        told.insert("target".to_owned(), target.called(asked.as_deref()).into());
        match self.exchange.names(target, asked.as_deref()).await? {
            Names::One(deployment, model) => {
                self.attempt(target, deployment.as_ref(), model, told).await
            }
            Names::Several(search) => self.first_of(target, &search, told).await,
        }
    }

    /// The name that is tried first, and what would be tried after it.
    async fn first_of(
        &mut self,
        target: &Target,
        search: &Search<'_>,
        told: &mut Map<String, Value>,
    ) -> Result<()> {
        let candidates = search.candidates.iter();
        let names: Vec<&str> = candidates.map(|it| it.name.as_str()).collect();
        let first = names.first().copied();
        told.insert("target".to_owned(), target.called(first).into());
        if self.is_replayable() {
            if names.len() > 1 {
                told.insert("names".to_owned(), names.into());
            }
            if search.finds {
                told.insert("otherwise".to_owned(), LISTED.into());
            }
        }
        self.attempt(target, search.candidates.front(), first, told)
            .await
    }

    async fn attempt(
        &mut self,
        target: &Target,
        deployment: Option<&Deployment>,
        model: Option<&str>,
        told: &mut Map<String, Value>,
    ) -> Result<()> {
        told.insert("requests".to_owned(), json!([]));
        let exchange = &mut self.exchange;
        let endpoint = exchange.endpoint(target, deployment, model)?;
        exchange.fit(&endpoint)?;
        let Place::Url(url) = &endpoint.place else {
            told.insert("note".to_owned(), HERE.into());
            if matches!(endpoint.place, Place::Here) {
                // It may refuse the request.
                exchange.ask_demo()?;
            }
            return Ok(());
        };
        let mut sending = exchange.sending(target, &endpoint, url, model).await?;
        self.sending(&mut sending, told).await
    }

    async fn sending(
        &mut self,
        sending: &mut Sending<'_>,
        told: &mut Map<String, Value>,
    ) -> Result<()> {
        let exchange = &mut self.exchange;
        let (endpoint, provider) = (sending.endpoint, &sending.target.provider);
        let operation = exchange.call.wanted.operation;
        let learnt = endpoint.dialect.lessons(operation, sending.learnt);
        if !learnt.is_empty() {
            told.insert("learnt".to_owned(), learnt.into());
        }
        let addresses = exchange.stand_in(sending)?;
        if !addresses.is_empty() {
            told.insert("fetched_before".to_owned(), addresses.into());
        }
        let mut prepared = exchange.prepare(sending)?;
        let (whose, out) = (prepared.whose, &mut prepared.headers);
        credentials::mask(whose, endpoint, provider, exchange.caller, out);
        credentials::mask_owners(provider, out);
        let (headers, content) = exchange.complete(prepared, sending).await;
        let requests = match content {
            Content::Edited(edits) => vec![self.edited(&edits, sending, &headers)],
            Content::Anew(requests) => {
                if let Some(more @ 1..) = requests.len().checked_sub(MOST_REQUESTS) {
                    told.insert("more_requests".to_owned(), more.into());
                }
                let shown = requests.iter().take(MOST_REQUESTS);
                shown.map(|it| self.anew(it, sending, &headers)).collect()
            }
        };
        told.insert("requests".to_owned(), requests.into());
        Ok(())
    }

    /// The client's own bytes, with their changes.
    fn edited(&mut self, edits: &[Edit], sending: &Sending<'_>, headers: &Headers) -> Value {
        let mut shown = request(&self.exchange.call.method, sending.url, headers);
        let body = if edits.is_empty() {
            Vec::new()
        } else {
            self.exchange.call.body.whole()
        };
        let changes = edits.iter().take(MOST_CHANGES);
        let changes: Vec<Value> = changes.map(|edit| self.change(edit, &body)).collect();
        shown.insert("changes".to_owned(), changes.into());
        if let Some(more @ 1..) = edits.len().checked_sub(MOST_CHANGES) {
            shown.insert("more_changes".to_owned(), more.into());
        }
        shown.into()
    }

    fn change(&mut self, edit: &Edit, body: &[u8]) -> Value {
        let at = [edit.range.start, edit.range.end];
        let place = |at: u64| usize::try_from(at).unwrap_or(usize::MAX);
        let from = body.get(place(edit.range.start)..place(edit.range.end));
        let from = from.unwrap_or_default();
        if !self.has_room(from.len() + edit.text.len()) {
            return json!({"at": at, "to_bytes": edit.text.len()});
        }
        let from = String::from_utf8_lossy(from);
        json!({"at": at, "from": from, "to": edit.text})
    }

    fn anew(&mut self, outgoing: &Outgoing, sending: &Sending<'_>, headers: &Headers) -> Value {
        let url = prepare::address(sending, outgoing);
        let mut shown = request(prepare::METHOD, &url, headers);
        let body = &outgoing.body;
        if self.has_room(body.len()) {
            // What is nested deeper than a reader would follow is told as text.
            let body = serde_json::from_slice(body)
                .unwrap_or_else(|_| String::from_utf8_lossy(body).into());
            shown.insert("body".to_owned(), body);
        } else {
            shown.insert("body_bytes".to_owned(), body.len().into());
        }
        shown.into()
    }

    fn has_room(&mut self, bytes: usize) -> bool {
        let left = self.left.checked_sub(bytes);
        self.left = left.unwrap_or(self.left);
        left.is_some()
    }
}
