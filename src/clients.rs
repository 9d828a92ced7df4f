//! Who is calling: a key -> a [`Client`], and what that client may use.
//!
//! Keys are held and compared as SHA-256 digests: the comparison takes the same time whatever was sent, and
//! the configuration need not know the keys themselves.

use std::borrow::Cow;
use std::rc::Rc;

use sha2::{Digest, Sha256};

use crate::allowed::KEY_PROTOCOL;
use crate::error::{Error, Kind, Result};
use crate::glob::Glob;
use crate::headers::Headers;
use crate::hex;
use crate::limits::Limits;
use crate::secret::Secret;

/// Somebody with a key of ours.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Client {
    pub name: String,
    /// The models this client may use; empty means all.
    pub models: Vec<Glob>,
    /// All over the world together.
    pub limits: Limits,
}

/// A key of ours, as its digest.
#[derive(Clone, PartialEq, Eq)]
pub struct Key {
    pub digest: [u8; 32],
    pub client: Rc<Client>,
}

impl Key {
    pub fn digest_of(key: &str) -> [u8; 32] {
        Sha256::digest(key.as_bytes()).into()
    }
}

/// Who is let in. Worked out once from the configuration.
pub enum Access {
    /// Only who presents one of these.
    Keys(Vec<Key>),
    /// Everybody, on our credentials; the owner said so in so many words.
    Anonymous,
    /// Everybody, on the credential they bring: there is none of ours to misuse.
    PassThrough,
    /// Nobody: there are credentials on our side, and no way to tell friend from stranger.
    Closed,
}

/// A client that was let in.
#[derive(Clone)]
pub struct Caller {
    client: Option<Rc<Client>>,
    /// What it presented, when that is not a key of ours: an upstream may know it.
    pub own_credential: Option<Secret>,
    /// Whether it was let in without being asked for a credential, or on a key of ours.
    admitted: bool,
}

/// Says who is calling, or why that is not enough.
pub fn authenticate(access: &Access, headers: &Headers) -> Result<Caller> {
    let presented = presented(headers);
    let caller = |client, own_credential, admitted| Caller {
        client,
        own_credential,
        admitted,
    };
    match access {
        Access::Keys(keys) => {
            let Some(presented) = presented else {
                return Err(missing_key());
            };
            find(keys, presented.expose())
                .map(|client| caller(Some(client), None, true))
                .ok_or_else(|| {
                    Error::new(
                        Kind::Unauthorized,
                        "invalid_api_key",
                        "The API key is not one of this gateway's.",
                    )
                })
        }
        Access::Anonymous => Ok(caller(None, presented, true)),
        Access::PassThrough => Ok(caller(None, presented, false)),
        Access::Closed => Err(Error::new(
            Kind::Forbidden,
            "gateway_closed",
            "This gateway holds a provider's credential but no client keys, so it serves nobody. Its owner \
             should set the secret PROXY_API_KEYS, or ALLOW_ANONYMOUS=true to let everybody in.",
        )),
    }
}

/// Azure's SDKs send one key in two headers. Of two that differ nobody could say which counts.
pub fn check_agreement(headers: &Headers) -> Result<()> {
    let key = headers.get("api-key").and_then(Secret::new);
    let bearer = headers.get("authorization").and_then(bearer);
    let digest = |it: Secret| Key::digest_of(it.expose());
    match (key.map(digest), bearer.map(digest)) {
        (Some(key), Some(bearer)) if !same(&key, &bearer) => Err(Error::new(
            Kind::Unauthorized,
            "invalid_api_key",
            "The headers `api-key` and `authorization` hold different keys.",
        )),
        _ => Ok(()),
    }
}

pub fn missing_key() -> Error {
    Error::new(
        Kind::Unauthorized,
        "missing_api_key",
        "No API key. Send it as `Authorization: Bearer <key>`, `api-key`, `x-api-key` or `x-goog-api-key`.",
    )
}

/// Every key is looked at, whichever matches.
fn find(keys: &[Key], presented: &str) -> Option<Rc<Client>> {
    let digest = Key::digest_of(presented);
    let mut found = None;
    for key in keys {
        if same(&key.digest, &digest) {
            found = Some(key.client.clone());
        }
    }
    found
}

/// Constant in time: no byte decides alone.
fn same(left: &[u8; 32], right: &[u8; 32]) -> bool {
    let difference = left
        .iter()
        .zip(right)
        .fold(0, |difference, (left, right)| difference | (left ^ right));
    std::hint::black_box(difference) == 0
}

/// The credential a client sent, in any of the styles clients have.
fn presented(headers: &Headers) -> Option<Secret> {
    ["api-key", "x-api-key", "x-goog-api-key"]
        .iter()
        .find_map(|name| Secret::new(headers.get(name)?))
        .or_else(|| bearer(headers.get("authorization")?))
        .or_else(|| among_protocols(headers.get("sec-websocket-protocol")?))
}

/// A page opening a WebSocket has no other place for its key.
fn among_protocols(protocols: &str) -> Option<Secret> {
    let mut protocols = protocols.split(',').map(str::trim);
    protocols.find_map(|protocol| Secret::new(protocol.strip_prefix(KEY_PROTOCOL)?))
}

/// `Bearer X` with any capitals, or a bare `X`. Other schemes carry no key.
fn bearer(value: &str) -> Option<Secret> {
    match value.trim().split_once(char::is_whitespace) {
        Some((scheme, key)) if scheme.eq_ignore_ascii_case("bearer") => Secret::new(key),
        Some(_) => None,
        None if value.trim().eq_ignore_ascii_case("bearer") => None,
        None => Secret::new(value),
    }
}

impl Caller {
    /// Whoever runs the gateway, on a machine of its own: nothing is denied to it, and nothing counted.
    pub fn owner() -> Self {
        let client = Client {
            name: "owner".to_owned(),
            models: Vec::new(),
            limits: Limits::default(),
        };
        Self {
            client: Some(Rc::new(client)),
            own_credential: None,
            admitted: true,
        }
    }

    /// The same as one that brings a credential an upstream may know.
    #[must_use]
    pub fn with_a_credential_of_its_own(self) -> Self {
        Self {
            own_credential: Secret::new("its own"),
            ..self
        }
    }

    /// The same with its `Authorization` as its own credential, also where it sent another beside: OpenAI takes no
    /// other.
    #[must_use]
    pub fn with_its_authorization(self, headers: &Headers) -> Self {
        let bearer = || bearer(headers.get("authorization")?);
        let own_credential = self.own_credential.map(|own| bearer().unwrap_or(own));
        Self {
            own_credential,
            ..self
        }
    }

    /// The same without what a client put in front of its own credential, as it knows keys of OpenAI's only.
    #[must_use]
    pub fn without_openais_prefix(self) -> Self {
        let bare =
            |own: Secret| Secret::new(own.expose().strip_prefix("sk-").unwrap_or(own.expose()));
        Self {
            own_credential: self.own_credential.and_then(bare),
            ..self
        }
    }

    pub fn name(&self) -> &str {
        self.client
            .as_ref()
            .map_or("anonymous", |client| &client.name)
    }

    /// Tells one credential of its own from another, and nothing else of it.
    pub fn fingerprint(&self) -> Option<String> {
        let credential = self.own_credential.as_ref()?;
        Some(hex::encode(Key::digest_of(credential.expose())))
    }

    /// Whether it presented a key of ours.
    pub fn has_key(&self) -> bool {
        self.client.is_some()
    }

    /// Whether it presented a key of ours, or a credential an upstream may know.
    pub fn is_known(&self) -> bool {
        self.client.is_some() || self.own_credential.is_some()
    }

    /// Whether its call may go to an upstream with no credential at all: one that wants none.
    pub fn may_come_without(&self) -> bool {
        self.admitted
    }

    /// What bounds it, whether or not anything does.
    pub fn limits(&self) -> Limits {
        self.client
            .as_ref()
            .map(|client| client.limits)
            .unwrap_or_default()
    }

    /// Whether it may use some models only.
    pub fn is_limited(&self) -> bool {
        self.allowed().is_some()
    }

    /// Whether this caller may use a model.
    pub fn may_use(&self, model: Option<&str>) -> Result<()> {
        match (self.allowed(), model) {
            (None, _) => Ok(()),
            (Some(globs), Some(model)) if globs.iter().any(|glob| glob.matches(model)) => Ok(()),
            (Some(_), Some(model)) => Err(not_allowed(format!(
                "This API key may not use the model `{model}`."
            ))
            .param("model")),
            (Some(_), None) => Err(not_allowed(
                "This API key is limited to certain models, and this call names none.",
            )),
        }
    }

    /// Whether this caller may use paths that are only passed on. What a batch, a file or an assistant makes an
    /// upstream do cannot be seen from here, whatever model the call names beside it.
    pub fn may_relay(&self) -> Result<()> {
        if self.is_limited() {
            return Err(not_allowed(
                "This API key is limited to certain models, and opens only paths that are routed by model.",
            ));
        }
        Ok(())
    }

    /// The models a limited key names in full.
    pub fn named_models(&self) -> Option<impl Iterator<Item = &str>> {
        let names = self.allowed()?.iter().filter(|glob| !glob.is_pattern());
        Some(names.map(Glob::as_str))
    }

    fn allowed(&self) -> Option<&[Glob]> {
        let models = &self.client.as_ref()?.models;
        (!models.is_empty()).then_some(models)
    }
}

fn not_allowed(message: impl Into<Cow<'static, str>>) -> Error {
    Error::new(Kind::Forbidden, "model_not_allowed", message)
}
