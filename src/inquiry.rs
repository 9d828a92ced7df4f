//! A question of our own to an upstream, beside whatever else a call does: a list, a sign of life.

use crate::clients::Caller;
use crate::credentials::{self, Proof, Whose};
use crate::error::{Error, Kind, Result};
use crate::exchange::{Refused, redirect, unreachable};
use crate::headers::Headers;
use crate::platform::{Bounds, Inbound, Outbound, Payload, Platform};
use crate::providers::{Endpoint, Outcome, Place, Provider};

/// Hundreds of kilobytes are usual, megabytes where ten thousand models are described at length.
const MAX_LIST: usize = 16 << 20;
/// Of one list: ten thousand models at a thousand a page.
const MOST_PAGES: usize = 12;
const MAX_REFUSAL: usize = 64 << 10;

/// Whom it is put to, and by whom.
pub struct Inquiry<'a, P: Platform> {
    pub platform: &'a P,
    pub caller: &'a Caller,
    pub provider: &'a Provider,
    pub endpoint: &'a Endpoint,
    /// To the headers of an answer, and between its bytes.
    pub timeout_millis: u32,
}

/// An answer, unread.
pub struct Heard<Body> {
    pub inbound: Inbound<Body>,
    /// The question carried a credential of ours.
    pub is_ours: bool,
}

/// Why there is no answer.
#[derive(Clone)]
pub enum Failure {
    Failed(Error),
    Refused(Refused),
}

impl From<Error> for Failure {
    fn from(error: Error) -> Self {
        Self::Failed(error)
    }
}

impl Failure {
    /// A word for whoever looks at the state of things.
    pub fn word(&self) -> String {
        match self {
            Self::Failed(error) => error.word().to_owned(),
            Self::Refused(refused) => format!("status {}", refused.status),
        }
    }

    pub fn status(&self) -> Option<u16> {
        match self {
            Self::Failed(_) => None,
            Self::Refused(refused) => Some(refused.status),
        }
    }
}

impl<P: Platform> Inquiry<'_, P> {
    /// All pages of a list.
    pub async fn list(&self) -> std::result::Result<Vec<Vec<u8>>, Failure> {
        let Place::Url(url) = &self.endpoint.place else {
            return Ok(Vec::new());
        };
        let mut pages = vec![self.page(url).await?];
        let mut size = 0;
        while pages.len() < MOST_PAGES {
            let last = pages.last().map(Vec::as_slice).unwrap_or_default();
            size += last.len();
            let Some(next) = self.endpoint.dialect.next_page(url, last) else {
                break;
            };
            if size > MAX_LIST {
                return Err(too_large().into());
            }
            pages.push(self.page(&next).await?);
        }
        Ok(pages)
    }

    async fn page(&self, url: &str) -> std::result::Result<Vec<u8>, Failure> {
        let Heard { inbound, is_ours } = self.get(url).await?;
        let Inbound {
            status,
            headers,
            mut body,
        } = inbound;
        match status {
            200..300 => {
                let read = self.platform.read(&mut body, self.bounds(MAX_LIST)).await?;
                if read.is_whole {
                    Ok(read.bytes)
                } else {
                    Err(too_large().into())
                }
            }
            300..400 => Err(redirect().into()),
            _ => {
                let read = self
                    .platform
                    .read(&mut body, self.bounds(MAX_REFUSAL))
                    .await?;
                Err(Failure::Refused(Refused {
                    status,
                    headers,
                    body: read.bytes,
                    dialect: self.endpoint.dialect,
                    is_ours,
                    tried: Vec::new(),
                }))
            }
        }
    }

    fn bounds(&self, bytes: usize) -> Bounds {
        Bounds {
            bytes,
            idle_millis: self.timeout_millis,
        }
    }

    /// The answer to a GET, whatever it says. With several keys another is tried where one is refused; a token that is
    /// refused is replaced once.
    pub async fn get(&self, url: &str) -> Result<Heard<P::UpstreamBody>> {
        let (endpoint, provider) = (self.endpoint, self.provider);
        let whose = credentials::whose(endpoint, provider, self.caller)?;
        let mut tried = Vec::new();
        let mut refused = None;
        loop {
            let now = self.platform.now_millis();
            let key = endpoint
                .keys()
                .and_then(|keys| keys.pick(None, now, &tried));
            let proof = Proof {
                refused: refused.as_deref(),
                key,
            };
            let mut headers = usual_headers(endpoint);
            let (platform, caller) = (self.platform, self.caller);
            let token =
                credentials::authorise(platform, whose, endpoint, caller, proof, &mut headers)
                    .await?;
            if self.is_at_home() {
                credentials::add_owners(provider, &mut headers);
            }
            let inbound = self.send(url, &headers).await?;
            tried.extend(key);
            let has_other_key = || {
                let keys = endpoint.keys();
                keys.is_some_and(|keys| keys.has_more(None, now, &tried))
            };
            match inbound.status {
                401 if token.is_some() && refused.is_none() => refused = token,
                401 | 403 | 429 if has_other_key() => {}
                _ => {
                    return Ok(Heard {
                        inbound,
                        is_ours: whose == Whose::Ours,
                    });
                }
            }
        }
    }

    /// The headers of the question, with words in place of credentials.
    pub fn masked(&self) -> Result<Headers> {
        let (endpoint, provider) = (self.endpoint, self.provider);
        let whose = credentials::whose(endpoint, provider, self.caller)?;
        let mut headers = usual_headers(endpoint);
        credentials::mask(whose, endpoint, provider, self.caller, &mut headers);
        if self.is_at_home() {
            credentials::mask_owners(provider, &mut headers);
        }
        Ok(headers)
    }

    /// Whether it goes to the provider's own host, as opposed to whoever manages it.
    fn is_at_home(&self) -> bool {
        let manager = self.provider.manager.as_ref();
        !manager.is_some_and(|manager| std::ptr::eq(manager, self.endpoint))
    }

    async fn send(&self, url: &str, headers: &Headers) -> Result<Inbound<P::UpstreamBody>> {
        let outbound = Outbound {
            method: "GET",
            url,
            headers,
            payload: Payload::None,
            timeout_millis: self.timeout_millis,
            is_beside: true,
        };
        let sent = self.platform.fetch(outbound).await;
        let status = sent.as_ref().ok().map(|inbound| inbound.status);
        let now = self.platform.now_millis();
        self.provider.last.set(Some(Outcome::new(now, status)));
        sent.map_err(|problem| unreachable(&problem, &self.provider.name, self.timeout_millis))
    }
}

fn usual_headers(endpoint: &Endpoint) -> Headers {
    let mut headers = Headers::default();
    headers.push("accept", "application/json");
    headers.push("user-agent", concat!("isthmus/", env!("CARGO_PKG_VERSION")));
    for (name, value) in &endpoint.headers {
        headers.set(name, value);
    }
    headers
}

fn too_large() -> Error {
    let message = format!("The upstream's list is longer than {MAX_LIST} bytes.");
    Error::new(Kind::BadGateway, "list_too_large", message)
}
