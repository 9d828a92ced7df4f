//! A batch file on its way up: the models and paths on its lines become the upstream's.

use crate::azure::batch;
use crate::exchange::Exchange;
use crate::exchange::attempt::Sending;
use crate::platform::{ClientBody, Edit, Platform};

impl<P: Platform> Exchange<'_, P> {
    /// The edits for an upload that may be a batch file. Larger than a form may be held it passes as it is, with the
    /// upstream's own names in it.
    pub(super) async fn batch_edits(&mut self, sending: &Sending<'_>) -> Vec<Edit> {
        let is_upload = self.call.wanted.path == "files"
            && self.call.method == "POST"
            && sending.endpoint.dialect.names_deployments();
        let content_type = self.call.headers.get("content-type").unwrap_or_default();
        if !is_upload || self.is_too_large() {
            return Vec::new();
        }
        let content_type = content_type.to_owned();
        self.hold().await;
        if !self.call.body.is_replayable() {
            return Vec::new();
        }
        let form = self.call.body.whole();
        let Some(file) = batch::file_part(&form, &content_type) else {
            return Vec::new();
        };
        if file.purpose.as_deref() != Some("batch") {
            return Vec::new();
        }
        let names = &sending.target.provider.names;
        let lines = form.get(file.content.clone()).unwrap_or_default();
        let edits = batch::rewrite_lines(lines, |model| names.mapped(model));
        let start = file.content.start;
        edits.into_iter().map(|edit| edit.behind(start)).collect()
    }

    /// More than may be held, by its own word.
    pub(super) fn is_too_large(&self) -> bool {
        let length = self.call.headers.get("content-length");
        let length = length.and_then(|length| length.parse::<u64>().ok());
        length.is_some_and(|length| length > self.config.body_limits.multipart)
    }
}
