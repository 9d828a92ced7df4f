//! A question of our own to an upstream, beside whatever else a call does: a list, a sign of life.

use serde_json::{Map, Value};

use crate::clients::Caller;
use crate::credentials::{self, Proof, Whose};
use crate::error::{Error, Kind, Result};
use crate::exchange::{Refused, meaningless, redirect, refusal, unreachable};
use crate::explain;
use crate::headers::Headers;
use crate::platform::{Bounds, Inbound, Lane, Outbound, Payload, Platform};
use crate::providers::{Endpoint, Provider};

/// Ten thousand models at eight hundred bytes each; hundreds of kilobytes are usual. Read, merged and written, a list is
/// in memory about five times, and an isolate has 128 MB.
const MAX_LIST: usize = 8 << 20;
/// Of one list: ten thousand models at a thousand a page.
const MOST_PAGES: usize = 12;

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
    /// Whose credential the question carried.
    pub whose: Whose,
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

/// What came of a list.
#[derive(Default)]
pub struct Pages {
    pub pages: Vec<Vec<u8>>,
    /// Why there is no more of it, though there should be.
    pub failure: Option<Failure>,
}

impl<P: Platform> Inquiry<'_, P> {
    /// All pages of a list, or as many as came.
    pub async fn pages(&self) -> Pages {
        let mut all = Pages::default();
        let Some(first) = self.endpoint.place.url() else {
            return all;
        };
        let mut room = MAX_LIST;
        let mut next = Some(first.to_owned());
        while let Some(url) = next {
            if all.pages.len() == MOST_PAGES {
                all.failure = Some(too_many_pages().into());
                return all;
            }
            match self.page(&url, room).await {
                Ok(page) => {
                    room = room.saturating_sub(page.len());
                    next = self.endpoint.dialect.next_page(first, &page);
                    all.pages.push(page);
                }
                Err(failure) => {
                    all.failure = Some(failure);
                    return all;
                }
            }
        }
        all
    }

    async fn page(&self, url: &str, room: usize) -> std::result::Result<Vec<u8>, Failure> {
        let Heard { inbound, whose } = self.get(url).await?;
        let Inbound {
            status,
            headers,
            mut body,
        } = inbound;
        match status {
            200..300 => {
                let bounds = Bounds {
                    bytes: room,
                    idle_millis: self.timeout_millis,
                };
                let read = self.platform.read(&mut body, bounds).await?;
                if read.is_whole {
                    Ok(read.bytes)
                } else {
                    Err(too_large().into())
                }
            }
            300..400 => Err(redirect().into()),
            400..600 => Err(Failure::Refused(Refused {
                status,
                headers,
                body: self.refusal(&mut body).await?,
                dialect: self.endpoint.dialect,
                whose,
                tried: Vec::new(),
            })),
            _ => Err(meaningless(status).into()),
        }
    }

    async fn refusal(&self, body: &mut P::UpstreamBody) -> Result<Vec<u8>> {
        refusal(self.platform, body, self.timeout_millis).await
    }

    /// The answer to a GET, whatever it says. With several keys another is tried where one is refused; a token that is
    /// refused is replaced once.
    pub async fn get(&self, url: &str) -> Result<Heard<P::UpstreamBody>> {
        let whose = credentials::whose(self.endpoint, self.provider, self.caller)?;
        let mut tried = Vec::new();
        let mut refused: Option<String> = None;
        loop {
            let key = self.key(&tried);
            let proof = Proof {
                refused: refused.as_deref(),
                key,
            };
            let (token, headers) = self.headers(whose, proof).await?;
            let mut inbound = self.send(url, &headers).await?;
            tried.extend(key);
            if inbound.status == 401 && refused.is_none() && token.is_some() {
                refused = token;
            } else if !self.is_refused(key, &mut inbound).await? || !self.has_key_beside(&tried) {
                return Ok(Heard { inbound, whose });
            }
        }
    }

    /// The question itself, with words in place of credentials. None where nobody else is asked.
    fn explain(&self) -> Result<Option<Value>> {
        let (endpoint, provider) = (self.endpoint, self.provider);
        let Some(url) = endpoint.place.url() else {
            return Ok(None);
        };
        let whose = credentials::whose(endpoint, provider, self.caller)?;
        let mut headers = usual_headers(endpoint);
        credentials::mask(whose, endpoint, provider, self.caller, &mut headers);
        if self.is_at_home() {
            credentials::mask_owners(provider, &mut headers);
        }
        Ok(Some(explain::request("GET", url, &headers).into()))
    }

    /// Which of several keys.
    fn key(&self, tried: &[usize]) -> Option<usize> {
        let keys = self.endpoint.keys()?;
        keys.pick(None, self.platform.now_millis(), tried)
    }

    fn has_key_beside(&self, tried: &[usize]) -> bool {
        let now = self.platform.now_millis();
        let keys = self.endpoint.keys();
        keys.is_some_and(|keys| keys.has_more(None, now, tried))
    }

    /// Whether it is for the one of several keys that an answer is a refusal: another may do better. One that is of no use
    /// for a while rests: AI Studio says so with a `400`.
    async fn is_refused(
        &self,
        key: Option<usize>,
        inbound: &mut Inbound<P::UpstreamBody>,
    ) -> Result<bool> {
        let (Some(keys), Some(key)) = (self.endpoint.keys(), key) else {
            return Ok(false);
        };
        let status = inbound.status;
        if !(400..500).contains(&status) {
            return Ok(false);
        }
        let body = self.refusal(&mut inbound.body).await?;
        let dialect = self.endpoint.dialect;
        let unusable = dialect.unusable_millis(status, &inbound.headers, &body);
        // A limit is a model's, or a list's.
        if let Some(millis) = unusable.filter(|_| status != 429) {
            let now = self.platform.now_millis();
            keys.rest(key, None, now.saturating_add(millis));
        }
        Ok(unusable.is_some() || matches!(status, 401 | 403 | 429))
    }

    /// Gives the token too, where one was issued.
    async fn headers(&self, whose: Whose, proof: Proof<'_>) -> Result<(Option<String>, Headers)> {
        let (platform, endpoint, caller) = (self.platform, self.endpoint, self.caller);
        let mut headers = usual_headers(endpoint);
        let token =
            credentials::authorise(platform, whose, endpoint, caller, proof, &mut headers).await?;
        if self.is_at_home() {
            credentials::add_owners(self.provider, &mut headers);
        }
        Ok((token, headers))
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
            lane: Lane::First,
            is_beside: true,
        };
        let sent = self.platform.fetch(outbound).await;
        let status = sent.as_ref().ok().map(|inbound| inbound.status);
        let now = self.platform.now_millis();
        self.provider.note(now, status);
        sent.map_err(|problem| unreachable(&problem, &self.provider.name, self.timeout_millis))
    }
}

/// Tells of questions as `requests`, and why one would not be put. Gives how many would.
pub fn explain<'a, P: Platform + 'a>(
    inquiries: impl IntoIterator<Item = Inquiry<'a, P>>,
    told: &mut Map<String, Value>,
) -> usize {
    let mut requests = Vec::new();
    for inquiry in inquiries {
        match inquiry.explain() {
            Ok(Some(request)) => requests.push(request),
            Ok(None) => {
                told.insert("note".to_owned(), explain::HERE.into());
            }
            Err(error) => {
                told.insert("problem".to_owned(), explain::problem(&error));
            }
        }
    }
    let count = requests.len();
    told.insert("requests".to_owned(), requests.into());
    count
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

fn too_many_pages() -> Error {
    let message = format!("The upstream's list has more than {MOST_PAGES} pages.");
    Error::new(Kind::BadGateway, "list_too_large", message)
}
