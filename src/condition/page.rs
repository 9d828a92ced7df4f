//! Conditions, for who only looks at them.

use crate::condition::known::{Conditions, of_provider};
use crate::condition::sharing::share;
use crate::condition::snapshot::Snapshot;
use crate::platform::Platform;

/// Asks what others have seen of some providers, unless that was done a moment ago.
pub async fn look<P: Platform>(platform: &P, providers: impl Iterator<Item = &str>) {
    let (conditions, now) = (platform.memory().conditions(), platform.now_millis());
    for provider in providers {
        conditions.part(&of_provider(provider)).look_at(now);
    }
    conditions.signals().traffic.set(true);
    if conditions.wants_sharing(now) {
        share(platform).await;
    }
}

impl Conditions {
    /// The targets of a provider that were met here or heard of, by what it calls their models.
    pub fn targets_of(&self, provider: &str, now_millis: u64) -> Vec<(String, Snapshot)> {
        let parts = self.parts().into_iter();
        let models = parts.filter_map(|(key, _)| {
            let model = key.strip_prefix(provider)?.strip_prefix('/')?;
            Some(model.to_owned())
        });
        let mut models: Vec<String> = models.collect();
        models.sort_unstable();
        let snapshot = |model: String| {
            let condition = self.of(&format!("{provider}/{model}"), provider);
            (model, condition.snapshot(now_millis))
        };
        models.into_iter().map(snapshot).collect()
    }
}
