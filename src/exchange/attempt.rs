//! One target under one name: sent, and sent again where a refusal says exactly what to change.

use crate::credentials::Whose;
use crate::credentials::keys::Keys;
use crate::credentials::token::{self, Identity};
use crate::demo;
use crate::dialect::{Asked, Asking, Expects, Learnt};
use crate::error::Result;
use crate::exchange::{Exchange, Refused, Reply};
use crate::gemini::media::Fetched;
use crate::headers::Headers;
use crate::json;
use crate::platform::{ClientBody, Lane, Platform};
use crate::pool::Target;
use crate::providers::names::Deployment;
use crate::providers::{Auth, Demand, Endpoint, Place};
use crate::surface::encode;

/// A deployment may get another model, so what it taught is learnt again after a while.
const REMEMBERED_MILLIS: u64 = 3_600_000;
/// How often one call is sent again for what a refusal taught.
const MOST_REPEATS: u32 = 3;

/// What is sent, and what earlier refusals taught about it.
pub(super) struct Sending<'a> {
    pub(super) target: &'a Target,
    pub(super) endpoint: &'a Endpoint,
    pub(super) url: &'a str,
    /// What the upstream calls the model.
    pub(super) model: Option<&'a str>,
    /// The client's request, where its dialect has to look into it.
    pub(super) text: Vec<u8>,
    /// Where lessons about a deployment are remembered, if its dialect has any.
    lessons_key: Option<String>,
    pub(super) learnt: Learnt,
    /// What stood behind the addresses the request refers to.
    pub(super) fetched: Vec<Fetched>,
    /// A token that was refused.
    pub(super) refused_token: Option<String>,
    /// The issued token that went along last.
    pub(super) token: Option<String>,
    /// Which of several keys went along last, and which before.
    pub(super) key: Option<usize>,
    pub(super) tried_keys: Vec<usize>,
    /// Whose credential went along.
    pub(super) whose: Whose,
    /// What the encoding promised of the answer, and how many requests it made.
    pub(super) expects: Expects,
    pub(super) requests: usize,
    pub(super) lane: Lane,
    /// The usage of its stream is asked for, whether or not the client does.
    pub(super) counts_tokens: bool,
}

impl<'a> Sending<'a> {
    fn new(
        target: &'a Target,
        endpoint: &'a Endpoint,
        url: &'a str,
        model: Option<&'a str>,
    ) -> Self {
        Self {
            target,
            endpoint,
            url,
            model,
            text: Vec::new(),
            lessons_key: None,
            learnt: Learnt::default(),
            fetched: Vec::new(),
            refused_token: None,
            token: None,
            key: None,
            tried_keys: Vec::new(),
            whose: Whose::Nobodys,
            expects: Expects::Nothing,
            requests: 1,
            lane: Lane::First,
            counts_tokens: false,
        }
    }

    pub(super) fn asking(&self) -> Asking<'_> {
        Asking {
            text: &self.text,
            model: self.model,
            learnt: self.learnt,
            fetched: &self.fetched,
            counts_tokens: self.counts_tokens,
        }
    }

    fn find_lessons_key(&self) -> Option<String> {
        if !self.endpoint.dialect.has_lessons() {
            return None;
        }
        let provider = encode(&self.target.provider.name);
        let mode = self.endpoint.dialect.mode(&self.text);
        let model = self.model.unwrap_or_default();
        Some(format!("lessons:{provider}:{mode}:{model}"))
    }

    pub(super) fn keys(&self) -> Option<&'a Keys> {
        self.endpoint.keys()
    }
}

/// Whose token was refused, if a new one may not be.
fn whose_stale_token<'a>(sending: &'a Sending<'_>, refused: &Refused) -> Option<&'a Identity> {
    let (status, body) = (refused.status, &refused.body);
    match &sending.endpoint.auth {
        Auth::Token(identity) if refused.dialect.is_stale_token(status, body) => Some(identity),
        _ => None,
    }
}

impl<P: Platform> Exchange<'_, P> {
    pub(super) async fn attempt(
        &mut self,
        target: &Target,
        deployment: Option<&Deployment>,
        model: Option<&str>,
    ) -> Result<Reply<P::UpstreamBody>> {
        self.note_target(target, model);
        let endpoint = self.endpoint(target, deployment, model)?;
        self.fit(&endpoint)?;
        match &endpoint.place {
            Place::Here => {
                self.report.attempts += 1;
                self.ask_demo().map(Reply::Demo)
            }
            Place::Known(json) => {
                let json = json.clone().into_bytes();
                Ok(Reply::json(200, Headers::default(), json))
            }
            Place::Url(url) => {
                let mut sending = self.sending(target, &endpoint, url, model).await?;
                self.look_up(&mut sending).await?;
                self.send_until_taught(sending).await
            }
        }
    }

    pub(super) fn endpoint(
        &self,
        target: &Target,
        deployment: Option<&Deployment>,
        model: Option<&str>,
    ) -> Result<Endpoint> {
        target.provider.endpoint(&Demand {
            wanted: &self.call.wanted,
            method: &self.call.method,
            query: &self.call.query_for(model),
            asked: self.call.model.as_deref(),
            deployment,
            is_upgrade: self.call.is_upgrade(),
        })
    }

    /// The call as that endpoint is to get it, with what is known of how to ask there.
    pub(super) async fn sending<'s>(
        &mut self,
        target: &'s Target,
        endpoint: &'s Endpoint,
        url: &'s str,
        model: Option<&'s str>,
    ) -> Result<Sending<'s>> {
        if endpoint.dialect.needs_whole() {
            self.hold_whole().await?;
        }
        let mut sending = Sending::new(target, endpoint, url, model);
        sending.lane = self.lane;
        sending.counts_tokens = self.tab.counts_tokens && target.provider.asks_usage;
        sending.text = if sending.counts_tokens {
            endpoint.dialect.text_of_counted(&self.call)
        } else {
            endpoint.dialect.text(&self.call)
        };
        sending.lessons_key = sending.find_lessons_key();
        if let Some(key) = &sending.lessons_key {
            sending.learnt = self.learnt(key);
        }
        Ok(sending)
    }

    async fn send_until_taught(
        &mut self,
        mut sending: Sending<'_>,
    ) -> Result<Reply<P::UpstreamBody>> {
        let mut repeats = 0;
        loop {
            let reply = self.send(&mut sending).await?;
            let Reply::Refused(refused) = &reply else {
                return Ok(reply);
            };
            let is_replayable = self.call.body.is_replayable();
            let has_other_key = self.rest_key(&mut sending, refused);
            if is_replayable && has_other_key {
                continue;
            }
            let may_repeat = repeats < MOST_REPEATS && is_replayable;
            if !may_repeat && let Some(identity) = whose_stale_token(&sending, refused) {
                let token = sending.token.as_deref().unwrap_or_default();
                token::discard(self.platform, identity, token);
            }
            if !(may_repeat && self.is_taught(&mut sending, refused)) {
                return Ok(reply);
            }
            repeats += 1;
        }
    }

    /// Lets a key rest that was refused for what is the key's alone, and says whether another is left.
    fn rest_key(&self, sending: &mut Sending<'_>, refused: &Refused) -> bool {
        let (Some(keys), Some(key)) = (sending.keys(), sending.key) else {
            return false;
        };
        let Some(millis) = refused.unusable_millis() else {
            return false;
        };
        let now = self.platform.now_millis();
        // A limit is a model's; a key that is refused is refused everywhere.
        let model = sending.model.filter(|_| refused.status == 429);
        keys.rest(key, model, now.saturating_add(millis));
        sending.tried_keys.push(key);
        keys.has_more(sending.model, now, &sending.tried_keys)
    }

    /// Whether a refusal says exactly what to do otherwise; then it is remembered.
    fn is_taught(&self, sending: &mut Sending<'_>, refused: &Refused) -> bool {
        if sending.refused_token.is_none() && whose_stale_token(sending, refused).is_some() {
            sending.refused_token = sending.token.take();
            return true;
        }
        let (status, body) = (refused.status, &refused.body);
        let learnt = refused
            .dialect
            .learn(sending.learnt, &self.call, &sending.text, status, body);
        let (Some(key), Some(learnt)) = (&sending.lessons_key, learnt) else {
            return false;
        };
        let until = self.platform.now_millis() + REMEMBERED_MILLIS;
        let lasting = refused.dialect.lasting(learnt).0.to_string();
        self.platform.memory().keep(key, &lasting, until);
        let encode = |sending: &Sending<'_>| {
            let dialect = sending.endpoint.dialect;
            dialect.encode(&self.call, &sending.asking()).ok()
        };
        let before = encode(sending);
        sending.learnt = learnt;
        // Not all that is refused may go: of two answers asked for, none is left out.
        encode(sending) != before
    }

    fn learnt(&self, key: &str) -> Learnt {
        let now = self.platform.now_millis();
        let learnt = self.platform.memory().recall(key, now);
        let learnt = learnt.and_then(|bits| bits.parse().ok());
        learnt.map(Learnt).unwrap_or_default()
    }

    pub(super) fn asked<'s>(&'s self, sending: &'s Sending<'_>) -> Asked<'s, P::ClientBody> {
        Asked {
            call: &self.call,
            text: &sending.text,
            id: &self.report.request_id,
            now_secs: self.report.arrived_millis / 1000,
            expects: &sending.expects,
            requests: sending.requests,
            counts_tokens: sending.counts_tokens,
        }
    }

    fn note_target(&mut self, target: &Target, model: Option<&str>) {
        self.report.provider = Some(target.provider.name.clone());
        self.report.target = Some(target.called(model));
        self.report.model_used = model.map(str::to_owned);
    }

    pub(super) fn ask_demo(&self) -> Result<demo::Reply> {
        // The path may have named the model, or the owner.
        let model = self.call.model.as_deref();
        let edits = model.map_or_else(Vec::new, |model| self.call.naming.rename(model));
        demo::answer(&demo::Ask {
            operation: self.call.wanted.operation,
            path: &self.call.wanted.path,
            method: &self.call.method,
            body: &json::apply(&self.call.body.whole(), &edits),
            id: &self.report.request_id,
            now_secs: self.report.arrived_millis / 1000,
        })
    }
}
