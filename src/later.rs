//! Work that goes on when its request is answered.

use crate::catalogue::Refresh;
use crate::condition;
use crate::config::Config;
use crate::limits;
use crate::platform::Platform;

/// What is to be done. It holds nothing of the request it came from: that is over by then.
pub enum Job {
    /// The list of models is out of date.
    RefreshModels(Refresh),
    /// Leases run out, or something is to be settled.
    TendLimits,
    /// Others are to know how targets stand.
    ShareConditions,
}

/// Leaves to be done in the background what limits and targets want done, if nobody does it already.
pub fn tidy_up<P: Platform>(platform: &P) {
    let (now, memory) = (platform.now_millis(), platform.memory());
    if memory.leases().want_tending(now) {
        platform.later(Job::TendLimits);
    }
    if memory.conditions().wants_sharing(now) {
        platform.later(Job::ShareConditions);
    }
}

impl Job {
    pub async fn run<P: Platform>(self, platform: &P, config: &Config) {
        match self {
            Self::RefreshModels(refresh) => refresh.run(platform, config).await,
            Self::TendLimits => limits::tend(platform).await,
            Self::ShareConditions => condition::share(platform).await,
        }
    }
}
