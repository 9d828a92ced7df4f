//! The same headers with words in place of credentials, for whoever asks what would be sent.

use crate::clients::Caller;
use crate::credentials::keys::Keys;
use crate::credentials::{Payment, Whose, put};
use crate::headers::Headers;
use crate::providers::{Endpoint, Provider};

/// Writes whose credential a request would carry, where [`super::authorise`] writes the credential.
pub fn mask(
    whose: Whose,
    endpoint: &Endpoint,
    provider: &Provider,
    caller: &Caller,
    out: &mut Headers,
) {
    match Payment::of(whose, endpoint, caller, None) {
        Payment::Nothing => {}
        Payment::Key(name, _) => put(name, &words(whose, endpoint, &provider.name), out),
        Payment::Token(identity) => {
            let words = format!("<token of {}>", identity.holder());
            put("authorization", &words, out);
        }
    }
}

/// The owner's own headers without what they say.
pub fn mask_owners(provider: &Provider, out: &mut Headers) {
    let words = format!("<header of the provider `{}`>", provider.name);
    for (name, _) in &provider.headers {
        out.push(name, &words);
    }
}

fn words(whose: Whose, endpoint: &Endpoint, provider: &str) -> String {
    let several = endpoint.keys().map(Keys::count);
    match (whose, several.filter(|count| *count > 1)) {
        (Whose::TheClients, _) => "<the caller's own key>".to_owned(),
        (_, Some(count)) => format!("<one of {count} keys of `{provider}`, in turn>"),
        (_, None) => format!("<key of the provider `{provider}`>"),
    }
}
