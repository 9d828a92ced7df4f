//! How a call is paid for: an [`Auth`] becomes a header, here and nowhere else.

pub mod entra;

use crate::clients::{Caller, missing_key};
use crate::error::Result;
use crate::headers::Headers;
use crate::providers::{Auth, Endpoint, Provider};

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

/// Writes the credential, and the owner's own headers, into a request.
pub fn authorise(
    whose: Whose,
    endpoint: &Endpoint,
    provider: &Provider,
    caller: &Caller,
    out: &mut Headers,
) {
    let ours = match &endpoint.auth {
        Auth::Bearer(ours) | Auth::Header(_, ours) => ours.as_ref(),
        Auth::None | Auth::Entra(_) => None,
    };
    let credential = match whose {
        Whose::Ours => ours,
        Whose::TheClients => caller.own_credential.as_ref(),
        Whose::Nobodys => None,
    };
    match (&endpoint.auth, credential) {
        (Auth::Header(name, _), Some(credential)) => out.push(name, credential.expose()),
        (_, Some(credential)) => {
            out.push("authorization", &format!("Bearer {}", credential.expose()));
        }
        (_, None) => {}
    }
    for (name, value) in &provider.headers {
        out.push(name, value.expose());
    }
}
