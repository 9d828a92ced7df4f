//! Access tokens that somebody issues for an identity: kept in the isolate and in KV, renewed before they expire, asked
//! for once however many calls need one.
//!
//! No call awaits what another call began (the runtime forbids it): while one call asks, the others look again every
//! few milliseconds. A call whose client leaves drops its [`Turn`](crate::memory::Turn), and another takes it.

use sha2::{Digest, Sha256};

use crate::credentials::{entra, google};
use crate::error::{Error, Kind, Result};
use crate::headers::Headers;
use crate::hex;
use crate::memory::{LOOK_AGAIN_MILLIS, Memory};
use crate::platform::{Bounds, Lane, Outbound, Payload, Platform};
use crate::surface::encode;

/// Whom a token is for, and who issues it.
pub enum Identity {
    Entra(entra::Application),
    Google(google::Account),
}

/// What an issuer is asked with.
pub(super) struct Form {
    pub(super) url: String,
    pub(super) fields: Vec<(&'static str, String)>,
}

/// Tokens live for an hour or a little more. One call renews a token that has less than this left, the others use
/// it meanwhile.
const RENEWED_BEFORE_MILLIS: u64 = 300_000;
/// A token with less than this left is as good as expired: clocks differ, requests travel.
const MARGIN_MILLIS: u64 = 30_000;
const TIMEOUT_MILLIS: u32 = 10_000;
/// How many times a call looks whether another has brought the token.
const LOOKS: u32 = TIMEOUT_MILLIS / LOOK_AGAIN_MILLIS;
const MAX_ANSWER: usize = 64 << 10;
/// Of a token whose answer does not say it; the standard only recommends to. One that dies earlier is refused, and
/// another asked for.
const UNSAID_SECS: u64 = 600;
/// For so long a refusal is every call's: one after the other they would all ask in vain, and wait for each other.
const REFUSED_FOR_MILLIS: u64 = 2_000;

/// A token for an identity. `refused`: the one an upstream has just refused; it is not given again.
pub async fn token<P: Platform>(
    platform: &P,
    identity: &Identity,
    refused: Option<&str>,
) -> Result<String> {
    let key = identity.key();
    let usable = |token: &Token| refused != Some(token.text.as_str());
    for _ in 0..LOOKS {
        let now = platform.now_millis();
        let known = Token::recall(platform.memory(), &key, now).filter(usable);
        let fresh = known.as_ref().filter(|token| !token.is_due(now));
        if let Some(token) = fresh {
            return Ok(token.text.clone());
        }
        if let Some(answer) = platform.memory().recall(&refusal_of(&key), now) {
            return known
                .map(|token| token.text)
                .ok_or_else(|| identity.refusal(answer.as_bytes()));
        }
        match (
            platform.memory().turn(&key, now, TIMEOUT_MILLIS.into()),
            known,
        ) {
            (Some(_turn), known) => return renew(platform, identity, &key, known, usable).await,
            (None, Some(token)) => return Ok(token.text),
            (None, None) => platform.sleep(LOOK_AGAIN_MILLIS).await,
        }
    }
    // Whoever asks waits as long as this did: to ask as well would be to wait again.
    Err(failed(format!("{} does not answer.", identity.issuer())))
}

/// Forgets a token that was refused to a call that cannot be sent again: the next asks for another.
pub fn discard<P: Platform>(platform: &P, identity: &Identity, refused: &str) {
    let key = identity.key();
    let known = Token::recall(platform.memory(), &key, platform.now_millis());
    if known.is_some_and(|token| token.text == refused) {
        platform.memory().forget(&key);
        // What is no token is as good as none.
        platform.store(&key, "", 60);
    }
}

/// What another isolate has left is as good as a new one. A token that still holds is used if there is no new one.
async fn renew<P: Platform>(
    platform: &P,
    identity: &Identity,
    key: &str,
    known: Option<Token>,
    usable: impl Fn(&Token) -> bool,
) -> Result<String> {
    let now = platform.now_millis();
    let stored = platform.stored(key).await;
    let stored = stored.and_then(|text| Token::parse(&text));
    if let Some(token) = stored.filter(|token| usable(token) && !token.is_due(now)) {
        token.keep(platform.memory(), key);
        return Ok(token.text);
    }
    match (mint(platform, identity, key).await, known) {
        (Ok(token), _) | (Err(_), Some(token)) => Ok(token.text),
        (Err(error), None) => Err(error),
    }
}

async fn mint<P: Platform>(platform: &P, identity: &Identity, key: &str) -> Result<Token> {
    let mut headers = Headers::default();
    headers.push("content-type", "application/x-www-form-urlencoded");
    headers.push("accept", "application/json");
    let form = identity.form(platform).await?;
    let fields = form.encoded();
    let sent = platform.fetch(Outbound {
        method: "POST",
        url: &form.url,
        headers: &headers,
        payload: Payload::Own(fields.as_bytes()),
        timeout_millis: TIMEOUT_MILLIS,
        lane: Lane::First,
        is_beside: true,
    });
    let mut inbound = sent.await.map_err(|problem| {
        let message = format!("{} could not be reached.", identity.issuer());
        failed(message).detail(format!("{problem:?}"))
    })?;
    let bounds = Bounds {
        bytes: MAX_ANSWER,
        idle_millis: TIMEOUT_MILLIS,
    };
    let body = platform.read(&mut inbound.body, bounds).await?.bytes;
    let now = platform.now_millis();
    let Some(token) = Token::of_answer(&body, now) else {
        if matches!(inbound.status, 400 | 401 | 403) {
            let (name, answer) = (refusal_of(key), String::from_utf8_lossy(&body));
            platform
                .memory()
                .keep(&name, &answer, now + REFUSED_FOR_MILLIS);
        }
        return Err(identity.refusal(&body));
    };
    token.keep(platform.memory(), key);
    let secs = token.until_millis.saturating_sub(now) / 1000;
    platform.store(key, &token.to_text(), secs);
    Ok(token)
}

impl Identity {
    fn issuer(&self) -> &'static str {
        match self {
            Self::Entra(_) => "Microsoft Entra ID",
            Self::Google(_) => "Google",
        }
    }

    /// Who issues its tokens, and for what, in words that name no account.
    pub(super) fn holder(&self) -> &'static str {
        match self {
            Self::Entra(_) => "Microsoft Entra ID",
            Self::Google(account) if account.is_user => "Google for the user",
            Self::Google(_) => "Google for the service account",
        }
    }

    /// Names the token, and changes with everything it depends on. Secrets are in it as a digest only.
    fn key(&self) -> String {
        let (issuer, parts) = match self {
            Self::Entra(application) => ("entra", application.distinguished()),
            Self::Google(account) => ("google", account.distinguished()),
        };
        let mut digest = Sha256::new();
        for part in parts {
            digest.update(part.as_bytes());
            digest.update([0]);
        }
        format!("{issuer}:{}", hex::encode(digest.finalize()))
    }

    async fn form<P: Platform>(&self, platform: &P) -> Result<Form> {
        match self {
            Self::Entra(application) => Ok(application.form()),
            Self::Google(account) => account.form(platform).await,
        }
    }

    fn refusal(&self, answer: &[u8]) -> Error {
        match self {
            Self::Entra(_) => entra::refusal(answer),
            Self::Google(_) => google::refusal(answer),
        }
    }
}

impl Form {
    fn encoded(&self) -> String {
        let pairs = self.fields.iter();
        let pairs = pairs.map(|(name, value)| format!("{name}={}", encode(value)));
        pairs.collect::<Vec<_>>().join("&")
    }
}

/// A token, and when it expires.
struct Token {
    text: String,
    until_millis: u64,
}

impl Token {
    /// `{"access_token": "...", "expires_in": 3599}`; older endpoints send the number as a string.
    fn of_answer(body: &[u8], now_millis: u64) -> Option<Self> {
        let answer: serde_json::Value = serde_json::from_slice(body).ok()?;
        let secs = match answer.get("expires_in") {
            Some(said) => said.as_u64().or_else(|| said.as_str()?.parse().ok())?,
            None => UNSAID_SECS,
        };
        let text = answer.get("access_token")?.as_str()?;
        (!text.is_empty()).then(|| Self {
            text: text.to_owned(),
            until_millis: now_millis.saturating_add(secs.saturating_mul(1000)),
        })
    }

    fn to_text(&self) -> String {
        format!("{} {}", self.until_millis, self.text)
    }

    fn parse(text: &str) -> Option<Self> {
        let (until, text) = text.split_once(' ')?;
        Some(Self {
            text: text.to_owned(),
            until_millis: until.parse().ok()?,
        })
    }

    fn recall(memory: &Memory, key: &str, now_millis: u64) -> Option<Self> {
        Self::parse(&memory.recall(key, now_millis)?)
    }

    fn keep(&self, memory: &Memory, key: &str) {
        let until = self.until_millis.saturating_sub(MARGIN_MILLIS);
        memory.keep(key, &self.to_text(), until);
    }

    fn is_due(&self, now_millis: u64) -> bool {
        self.until_millis.saturating_sub(now_millis) < RENEWED_BEFORE_MILLIS
    }
}

/// Under which name an identity's last refusal is remembered.
fn refusal_of(key: &str) -> String {
    format!("{key}:refused")
}

pub(super) fn failed(message: impl Into<std::borrow::Cow<'static, str>>) -> Error {
    Error::new(Kind::BadGateway, "upstream_auth_error", message)
}
