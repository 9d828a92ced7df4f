//! How a call is paid for: an [`Auth`] becomes a header, here and nowhere else.

pub mod entra;
pub mod google;
pub mod keys;
pub mod token;

use crate::clients::{Caller, missing_key};
use crate::error::{Error, Result};
use crate::headers::Headers;
use crate::platform::Platform;
use crate::providers::{Auth, Endpoint, Provider};
use crate::secret::Secret;

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
    let pick = |ours: &Option<Secret>| match whose {
        Whose::Ours => ours.clone(),
        Whose::TheClients => caller.own_credential.clone(),
        Whose::Nobodys => None,
    };
    match &endpoint.auth {
        Auth::None => {}
        Auth::Bearer(ours) => {
            if let Some(key) = pick(ours) {
                bearer(key.expose(), out);
            }
        }
        Auth::Header(name, ours) => match pick(ours) {
            Some(key) if whose == Whose::TheClients && is_token(key.expose()) => {
                bearer(key.expose(), out);
            }
            Some(key) => put(name, key.expose(), out),
            None => {}
        },
        Auth::Token(identity) => {
            let token = token::token(platform, identity, proof.refused).await?;
            bearer(&token, out);
            return Ok(Some(token));
        }
        Auth::Keys(name, keys) => {
            if let Some(key) = keys.at(proof.key.unwrap_or_default()) {
                put(name, key.expose(), out);
            }
        }
    }
    Ok(None)
}

/// Writes the owner's own headers: for the provider's own host, and no other.
pub fn add_owners(provider: &Provider, out: &mut Headers) {
    for (name, value) in &provider.headers {
        out.push(name, value.expose());
    }
}

fn put(name: &str, credential: &str, out: &mut Headers) {
    if name == "authorization" {
        bearer(credential, out);
    } else {
        out.push(name, credential);
    }
}

fn bearer(credential: &str, out: &mut Headers) {
    out.push("authorization", &format!("Bearer {credential}"));
}

/// A JWT, or an access token of Google's, which are taken as `Bearer` only; a key is taken in a header of another name
/// only.
fn is_token(credential: &str) -> bool {
    let is_jwt = credential.starts_with("eyJ") && credential.matches('.').count() == 2;
    is_jwt || credential.starts_with("ya29.")
}
