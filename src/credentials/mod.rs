//! How a call is paid for: an [`Auth`] becomes a header, here and nowhere else.

pub mod entra;

use crate::clients::{Caller, missing_key};
use crate::error::Result;
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
        Auth::Bearer(Some(_)) | Auth::Header(_, Some(_)) | Auth::Entra(_) => Ok(Whose::Ours),
        // The owner's own headers are a credential too.
        _ if provider.has_credential() => Ok(Whose::Ours),
        _ if caller.own_credential.is_some() => Ok(Whose::TheClients),
        _ if caller.may_come_without() => Ok(Whose::Nobodys),
        _ => Err(missing_key()),
    }
}

/// Writes the credential into a request. Exactly one: what Azure does with two is not documented.
/// Gives the token, where it is one of Entra ID's; `refused`: the one an upstream has just refused.
pub async fn authorise<P: Platform>(
    platform: &P,
    whose: Whose,
    endpoint: &Endpoint,
    caller: &Caller,
    refused: Option<&str>,
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
            Some(key) => out.push(name, key.expose()),
            None => {}
        },
        Auth::Entra(identity) => {
            let token = entra::token(platform, identity, refused).await?;
            bearer(&token, out);
            return Ok(Some(token));
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

fn bearer(credential: &str, out: &mut Headers) {
    out.push("authorization", &format!("Bearer {credential}"));
}

/// A JWT, which Azure takes as `Bearer` only; a key of its own it takes in a header of another name only.
fn is_token(credential: &str) -> bool {
    credential.starts_with("eyJ") && credential.matches('.').count() == 2
}
