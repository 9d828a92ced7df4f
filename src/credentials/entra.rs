//! Access tokens of Microsoft Entra ID, by client credentials.

use crate::secret::Secret;

/// An application that Entra ID knows, and what its tokens are for.
pub struct Identity {
    /// `https://login.microsoftonline.com`, or a sovereign cloud's; no slash at the end.
    pub authority: String,
    pub tenant: String,
    pub client_id: String,
    pub client_secret: Secret,
    pub scope: String,
}
