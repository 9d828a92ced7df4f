//! How much each upstream lists, as it is kept.

use crate::catalogue::Catalogue;
use crate::platform::Platform;

/// Of one upstream.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Tally {
    pub models: usize,
    pub at_millis: u64,
    /// It could not be had when it was asked for last.
    pub is_failing: bool,
}

impl<P: Platform> Catalogue<'_, P> {
    /// By the names of the providers; no upstream is asked.
    pub(crate) async fn tallies(&self) -> Vec<(String, Tally)> {
        let list = self.peek().await;
        let sections = list.iter().flat_map(|list| &list.sections);
        let tallies = sections.map(|section| {
            let tally = Tally {
                models: section.models.len(),
                at_millis: section.at_millis,
                is_failing: section.is_failing,
            };
            (section.provider.clone(), tally)
        });
        tallies.collect()
    }
}
