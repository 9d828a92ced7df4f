//! One target under one name: sent, and sent again where a refusal says exactly what to change.

use crate::anthropic::Expects;
use crate::azure::lessons::{self, Lessons};
use crate::credentials::entra::{self, Identity};
use crate::demo;
use crate::dialect::Encoded;
use crate::error::Result;
use crate::exchange::{Exchange, Refused, Reply};
use crate::headers::Headers;
use crate::platform::{ClientBody, Edit, Platform};
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
    pub(super) lessons: Lessons,
    /// A token that was refused.
    pub(super) refused_token: Option<String>,
    /// Entra ID's token that went along last.
    pub(super) token: Option<String>,
    /// A credential of ours went along.
    pub(super) is_ours: bool,
    /// What the encoding promised of the answer.
    pub(super) expects: Expects,
}

impl Sending<'_> {
    /// Where lessons about a deployment are remembered, if its dialect has any.
    fn lessons_key(&self) -> Option<String> {
        if !self.endpoint.dialect.has_lessons() {
            return None;
        }
        let provider = encode(&self.target.provider.name);
        let mode = lessons::mode(&self.text);
        let model = self.model.unwrap_or_default();
        Some(format!("lessons:{provider}:{mode}:{model}"))
    }
}

/// Whose token was refused, if a new one may not be.
fn whose_stale_token<'a>(sending: &'a Sending<'_>, refused: &Refused) -> Option<&'a Identity> {
    let (status, body) = (refused.status, &refused.body);
    match &sending.endpoint.auth {
        Auth::Entra(identity) if refused.dialect.is_stale_token(status, body) => Some(identity),
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
        self.note(target, model);
        let endpoint = target.provider.endpoint(&Demand {
            wanted: &self.call.wanted,
            method: &self.call.method,
            query: &self.call.query_for(model),
            asked: self.call.model.as_deref(),
            deployment,
            is_upgrade: self.call.is_upgrade(),
        })?;
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
                let sending = Sending {
                    target,
                    endpoint: &endpoint,
                    url,
                    model,
                    text: endpoint.dialect.text(&self.call),
                    lessons: Lessons::default(),
                    refused_token: None,
                    token: None,
                    is_ours: false,
                    expects: Expects::default(),
                };
                self.send_until_taught(sending).await
            }
        }
    }

    async fn send_until_taught(
        &mut self,
        mut sending: Sending<'_>,
    ) -> Result<Reply<P::UpstreamBody>> {
        let key = sending.lessons_key();
        if let Some(key) = &key {
            sending.lessons = self.lessons(key);
        }
        let mut repeats = 0;
        loop {
            let reply = self.send(&mut sending).await?;
            let Reply::Refused(refused) = &reply else {
                return Ok(reply);
            };
            let may_repeat = repeats < MOST_REPEATS && self.call.body.is_replayable();
            if !may_repeat && let Some(identity) = whose_stale_token(&sending, refused) {
                let token = sending.token.as_deref().unwrap_or_default();
                entra::discard(self.platform, identity, token);
            }
            if !(may_repeat && self.is_taught(&mut sending, key.as_deref(), refused)) {
                return Ok(reply);
            }
            repeats += 1;
        }
    }

    /// Whether a refusal says exactly what to do otherwise; then it is remembered.
    fn is_taught(&self, sending: &mut Sending<'_>, key: Option<&str>, refused: &Refused) -> bool {
        if sending.refused_token.is_none() && whose_stale_token(sending, refused).is_some() {
            sending.refused_token = sending.token.take();
            return true;
        }
        let operation = self.call.wanted.operation;
        let learnt =
            refused
                .dialect
                .learn(sending.lessons, operation, refused.status, &refused.body);
        let (Some(key), Some(lessons)) = (key, learnt) else {
            return false;
        };
        if !lessons::may_be_believed(&sending.text) {
            return false;
        }
        let until = self.platform.now_millis() + REMEMBERED_MILLIS;
        let bits = lessons.bits().to_string();
        self.platform.memory().keep(key, &bits, until);
        let before = self.edits(sending);
        sending.lessons = lessons;
        // Not all that is refused may go: of two answers asked for, none is left out.
        self.edits(sending) != before
    }

    fn edits(&self, sending: &Sending<'_>) -> Option<Vec<Edit>> {
        let dialect = sending.endpoint.dialect;
        match dialect.encode(&self.call, &sending.text, sending.model, sending.lessons) {
            Ok(Encoded::Edited(edits)) => Some(edits),
            _ => None,
        }
    }

    fn lessons(&self, key: &str) -> Lessons {
        let now = self.platform.now_millis();
        let bits = self.platform.memory().recall(key, now);
        let bits = bits.and_then(|bits| bits.parse().ok());
        bits.map(Lessons::from_bits).unwrap_or_default()
    }

    fn note(&mut self, target: &Target, model: Option<&str>) {
        let provider = &target.provider.name;
        self.report.provider = Some(provider.clone());
        self.report.target = Some(match model {
            Some(model) => format!("{provider}/{model}"),
            None => provider.clone(),
        });
        self.report.model_used = model.map(str::to_owned);
    }

    fn ask_demo(&self) -> Result<demo::Reply> {
        demo::answer(&demo::Ask {
            operation: self.call.wanted.operation,
            path: &self.call.wanted.path,
            method: &self.call.method,
            body: &self.call.body.whole(),
            id: &self.report.request_id,
            now_secs: self.report.arrived_millis / 1000,
        })
    }
}
