//! How a call is paid for: an [`Auth`] becomes a header, here and nowhere else.

pub mod entra;
pub mod google;
pub mod keys;
pub mod token;

mod masked;

use crate::clients::{Caller, missing_key};
use crate::error::{Error, Result};
use crate::headers::Headers;
use crate::platform::Platform;
use crate::providers::{Auth, Endpoint, Provider};
use crate::secret::Secret;

use token::Identity;

pub use masked::{mask, mask_owners};

/// Whose credential goes along.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Whose {
    Ours,
    TheClients,
    Nobodys,
}

/// Settles whose credential an endpoint gets. The client's own goes only where we have none.
pub fn whose(endpoint: &Endpoint, provider: &Provider, caller: &Caller) -> Result<Whose> {
    match &endpoint.auth {
        Auth::None => Ok(Whose::Nobodys),
        Auth::Bearer(Some(_)) | Auth::Header(_, Some(_)) | Auth::Token(_) | Auth::Keys(..) => {
            Ok(Whose::Ours)
        }
        // The owner's own headers are a credential too.
        _ if provider.has_credential() => Ok(Whose::Ours),
        _ if caller.own_credential.is_some() => Ok(Whose::TheClients),
        _ if let Some(problem) = provider.lacks_credential() => Err(Error::configuration(problem)),
        _ if caller.may_come_without() => Ok(Whose::Nobodys),
        _ => Err(missing_key()),
    }
}

/// What an attempt knows of the credential it needs.
#[derive(Clone, Copy, Default)]
pub struct Proof<'a> {
    /// The token an upstream has just refused.
    pub refused: Option<&'a str>,
    /// Which of several keys.
    pub key: Option<usize>,
}

/// What pays for a request, and in which header.
enum Payment<'a> {
    Nothing,
    Key(&'a str, &'a Secret),
    /// A token, which is issued for this identity.
    Token(&'a Identity),
}

impl<'a> Payment<'a> {
    fn of(
        whose: Whose,
        endpoint: &'a Endpoint,
        caller: &'a Caller,
        key: Option<usize>,
    ) -> Payment<'a> {
        let pick = |ours: &'a Option<Secret>| match whose {
            Whose::Ours => ours.as_ref(),
            Whose::TheClients => caller.own_credential.as_ref(),
            Whose::Nobodys => None,
        };
        let (name, key) = match &endpoint.auth {
            Auth::None => return Self::Nothing,
            Auth::Bearer(ours) => ("authorization", pick(ours)),
            Auth::Header(name, ours) => match pick(ours) {
                Some(key) if whose == Whose::TheClients && is_token(key.expose()) => {
                    ("authorization", Some(key))
                }
                key => (*name, key),
            },
            Auth::Token(identity) => return Self::Token(identity),
            Auth::Keys(name, keys) => (*name, keys.at(key.unwrap_or_default())),
        };
        key.map_or(Self::Nothing, |key| Self::Key(name, key))
    }
}

/// Writes the credential into a request. Exactly one: what Azure does with two is not documented.
/// Gives the token, where it was issued.
pub async fn authorise<P: Platform>(
    platform: &P,
    whose: Whose,
    endpoint: &Endpoint,
    caller: &Caller,
    proof: Proof<'_>,
    out: &mut Headers,
) -> Result<Option<String>> {
    match Payment::of(whose, endpoint, caller, proof.key) {
        Payment::Nothing => {}
        Payment::Key(name, key) => put(name, key.expose(), out),
        Payment::Token(identity) => {
            let token = token::token(platform, identity, proof.refused).await?;
            put("authorization", &token, out);
            return Ok(Some(token));
        }
    }
    Ok(None)
}

/// Writes what a client pays with itself, as it sent it, into a request to a host that no provider is configured for.
/// Where clients have keys of ours they bring nothing else, and such a key goes nowhere: then it pays with nothing.
pub fn pass_on(caller: &Caller, client: &Headers, out: &mut Headers) -> Result<()> {
    const NAMES: [&str; 4] = ["authorization", "api-key", "x-api-key", "x-goog-api-key"];
    match &caller.own_credential {
        Some(own) => {
            out.extend_where(client, |name| NAMES.contains(&name));
            // A page that opens a WebSocket has it among the protocols.
            if !NAMES.iter().any(|name| out.get(name).is_some()) {
                put("authorization", own.expose(), out);
            }
            Ok(())
        }
        None if caller.may_come_without() => Ok(()),
        None => Err(missing_key()),
    }
}

/// Writes the owner's own headers: for the provider's own host, and no other.
pub fn add_owners(provider: &Provider, out: &mut Headers) {
    for (name, value) in &provider.headers {
        out.push(name, value.expose());
    }
}

fn put(name: &str, credential: &str, out: &mut Headers) {
    if name == "authorization" {
        out.push(name, &format!("Bearer {credential}"));
    } else {
        out.push(name, credential);
    }
}

/// A JWT, or an access token of Google's, which are taken as `Bearer` only; a key is taken in a header of another name
/// only.
fn is_token(credential: &str) -> bool {
    let is_jwt = credential.starts_with("eyJ") && credential.matches('.').count() == 2;
    is_jwt || credential.starts_with("ya29.")
}
