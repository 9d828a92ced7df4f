//! What one attempt sends, but for the credential: the same for a call that is sent and for one that is explained.

use crate::allowed;
use crate::credentials::{self, Whose};
use crate::dialect::{Encoded, Outgoing};
use crate::error::Result;
use crate::exchange::Exchange;
use crate::exchange::attempt::Sending;
use crate::headers::Headers;
use crate::json;
use crate::platform::{Edit, Platform};
use crate::surface::Naming;

/// A call as it is written for an endpoint, and whose credential it wants.
pub(super) struct Prepared {
    pub(super) whose: Whose,
    pub(super) headers: Headers,
    encoded: Encoded,
}

/// What goes out as the body of a request.
pub(super) enum Content {
    /// The client's own bytes with these changes.
    Edited(Vec<Edit>),
    /// A request of ours, or several at once.
    Anew(Vec<Outgoing>),
}

/// How what is written anew is sent.
pub(super) const METHOD: &str = "POST";

/// And where to.
pub(super) fn address(sending: &Sending<'_>, request: &Outgoing) -> String {
    format!("{}{}", sending.url, request.method)
}

impl<P: Platform> Exchange<'_, P> {
    pub(super) fn prepare(&self, sending: &mut Sending<'_>) -> Result<Prepared> {
        let (endpoint, provider) = (sending.endpoint, &sending.target.provider);
        let whose = credentials::whose(endpoint, provider, self.caller)?;
        sending.whose = whose;
        let mut encoded = endpoint.dialect.encode(&self.call, &sending.asking())?;
        if let Encoded::Anew(requests, expects) = &mut encoded {
            sending.requests = requests.len();
            sending.expects = std::mem::take(expects);
        }
        let headers = self.headers(whose, sending);
        Ok(Prepared {
            whose,
            headers,
            encoded,
        })
    }

    /// Gives the body, once the credential is among the headers, and adds the headers that tell of it.
    pub(super) async fn complete(
        &mut self,
        prepared: Prepared,
        sending: &Sending<'_>,
    ) -> (Headers, Content) {
        let mut headers = prepared.headers;
        let content = match prepared.encoded {
            Encoded::Edited(mut edits) => {
                edits.extend(self.batch_edits(sending).await);
                edits.extend(self.session_edit(sending));
                json::sort(&mut edits);
                Content::Edited(edits)
            }
            Encoded::Anew(requests, _) => {
                headers.set("content-type", "application/json");
                if let Some((name, value)) = sending.expects.header() {
                    headers.set(name, value);
                }
                Content::Anew(requests)
            }
        };
        (headers, content)
    }

    /// What the upstream gets of the client's headers, and what we add.
    fn headers(&self, whose: Whose, sending: &Sending<'_>) -> Headers {
        let mut headers = Headers::default();
        let client = &self.call.headers;
        let passes_account =
            whose == Whose::TheClients && sending.endpoint.dialect.knows_accounts();
        if sending.endpoint.dialect.is_googles() {
            allowed::to_translated(client, &mut headers);
        } else {
            allowed::to_upstream(client, passes_account, &mut headers);
        }
        let content_type = match self.call.naming {
            // What was scanned is JSON in UTF-8, whatever `curl -d` or a charset called it.
            Naming::Json(_) => Some("application/json"),
            _ => client.get("content-type"),
        };
        if let Some(content_type) = content_type {
            headers.push("content-type", content_type);
        }
        if self.call.is_upgrade() {
            allowed::upgrade(client, passes_account, &mut headers);
        }
        // Not every operation asks for a stream with `stream`.
        if self.call.stream || sending.endpoint.dialect.streams(&self.asked(sending)) {
            // A compressor in between may hold events back.
            headers.push("accept-encoding", "identity");
        }
        for (name, value) in &sending.endpoint.headers {
            headers.set(name, value);
        }
        self.say_extra_parameters(sending.endpoint, &mut headers);
        headers
    }
}
