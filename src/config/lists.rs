//! How the list of models is made and kept.

use crate::config::draft::Draft;
use crate::config::settings::Settings;

/// Fresh for so long; less makes no sense where KV is a minute behind.
const USUAL_SECS: u64 = 300;
const LEAST_SECS: u64 = 60;
const USUAL_TIMEOUT_SECS: u64 = 2;
/// A client that waits for a list shows nothing meanwhile; and what goes on behind an answer has half a minute.
const MOST_TIMEOUT_SECS: u64 = 20;

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Lists {
    pub mode: ListMode,
    /// How long a list is fresh.
    pub fresh_millis: u64,
    /// How long each upstream has while somebody waits.
    pub timeout_millis: u32,
}

/// What is in it beside the configured names.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum ListMode {
    /// What upstreams list, as far as it can be called.
    #[default]
    Callable,
    /// Nothing: no upstream is asked.
    Configured,
    /// Whatever upstreams list: all of Azure's base models, too.
    All,
}

impl Draft {
    pub(super) fn lists(&mut self, settings: &Settings) -> Lists {
        let mode = match settings.get("MODELS_LIST").map(str::to_ascii_lowercase) {
            None => ListMode::default(),
            Some(word) => match word.as_str() {
                "callable" => ListMode::Callable,
                "configured" => ListMode::Configured,
                "all" => ListMode::All,
                other => {
                    self.warn(format!(
                        "MODELS_LIST is `{other}`; it should be callable, configured or all."
                    ));
                    ListMode::default()
                }
            },
        };
        let secs = self.number(settings, "MODELS_CACHE_TTL");
        let timeout = self.number(settings, "MODELS_TIMEOUT");
        let timeout = timeout.unwrap_or(USUAL_TIMEOUT_SECS).min(MOST_TIMEOUT_SECS);
        Lists {
            mode,
            fresh_millis: secs
                .unwrap_or(USUAL_SECS)
                .max(LEAST_SECS)
                .saturating_mul(1000),
            timeout_millis: super::read::millis(timeout),
        }
    }
}
