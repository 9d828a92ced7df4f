//! A realtime session that is asked for over HTTP: its model stands inside of the request.

use crate::exchange::Exchange;
use crate::exchange::attempt::Sending;
use crate::json::{self, Value};
use crate::platform::{Edit, Platform};

impl<P: Platform> Exchange<'_, P> {
    /// The edit that names the deployment, where the owner's map has one.
    pub(super) fn session_edit(&self, sending: &Sending<'_>) -> Option<Edit> {
        let is_session = self.call.wanted.path.starts_with("realtime/");
        if !(is_session && sending.endpoint.dialect.names_deployments()) {
            return None;
        }
        let model = Value::first(&sending.text)?.get("session")?.get("model")?;
        let deployment = sending.target.provider.names.mapped(&model.as_str()?)?;
        Some(json::replace(model, json::quoted(&deployment)))
    }
}
