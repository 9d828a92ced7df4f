//! Until when a call may be tried.

use crate::exchange::Exchange;
use crate::headers::Headers;
use crate::openai::retry;
use crate::platform::{ClientBody, Platform};
use crate::pool::Rules;

/// How long OpenAI's SDKs wait, in seconds: openai-node for headers, without the fraction of a second (what is below one
/// is 0); openai-python for the next byte.
const PATIENCE: [&str; 2] = ["x-stainless-timeout", "x-stainless-read-timeout"];

impl<P: Platform> Exchange<'_, P> {
    /// Whether the call may be sent once more now.
    pub(super) fn may_repeat(&self, rules: &Rules) -> bool {
        self.elapsed_millis() < u64::from(rules.deadline_millis) && self.call.body.is_replayable()
    }

    /// A pause, if there is still time for an attempt behind it: for us, and for who is waiting.
    pub(super) fn may_wait(&self, rules: &Rules, millis: u64) -> Option<u32> {
        let end = self.elapsed_millis().saturating_add(millis);
        let is_in_time = end < u64::from(rules.deadline_millis)
            && patience_millis(&self.call.headers).is_none_or(|patience| end < patience);
        let millis = u32::try_from(millis).ok();
        millis.filter(|_| is_in_time && self.call.body.is_replayable())
    }

    fn elapsed_millis(&self) -> u64 {
        let now_millis = self.platform.now_millis();
        now_millis.saturating_sub(self.report.arrived_millis)
    }
}

fn patience_millis(client: &Headers) -> Option<u64> {
    let said = PATIENCE.into_iter().filter_map(|name| client.get(name));
    said.filter_map(retry::seconds).min()
}
