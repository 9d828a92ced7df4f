//! Applications that Microsoft Entra ID knows, by client credentials.

use crate::credentials::token::{Form, failed};
use crate::error::Error;
use crate::secret::Secret;
use crate::surface::encode;

/// An application, and what its tokens are for.
pub struct Application {
    /// `https://login.microsoftonline.com`, or a sovereign cloud's; no slash at the end.
    pub authority: String,
    pub tenant: String,
    pub client_id: String,
    pub client_secret: Secret,
    pub scope: String,
}

impl Application {
    pub(super) fn distinguished(&self) -> [&str; 5] {
        let secret = self.client_secret.expose();
        [
            &self.authority,
            &self.tenant,
            &self.client_id,
            &self.scope,
            secret,
        ]
    }

    pub(super) fn form(&self) -> Form {
        let tenant = encode(&self.tenant);
        Form {
            url: format!("{}/{tenant}/oauth2/v2.0/token", self.authority),
            fields: vec![
                ("grant_type", "client_credentials".to_owned()),
                ("client_id", self.client_id.clone()),
                ("client_secret", self.client_secret.expose().to_owned()),
                ("scope", self.scope.clone()),
            ],
        }
    }
}

/// Entra ID's words begin with a code (`AADSTS7000215`) that says what is wrong; they name the application, never
/// the secret. The client gets the code, the log the words.
pub(super) fn refusal(body: &[u8]) -> Error {
    let answer: serde_json::Value = serde_json::from_slice(body).unwrap_or_default();
    let word = |name| answer.get(name).and_then(serde_json::Value::as_str);
    let words = word("error_description").or(word("error"));
    let words = words.unwrap_or("an answer that is no token");
    let code = words.split(':').next().unwrap_or_default();
    let code = if code.starts_with("AADSTS") {
        code
    } else {
        "no token"
    };
    failed(format!(
        "The gateway could not sign in at Microsoft Entra ID ({code})."
    ))
    .detail(words.chars().take(500).collect::<String>())
}
