//! Work that goes on when its request is answered.

use crate::catalogue::Refresh;
use crate::config::Config;
use crate::platform::Platform;

/// What is to be done. It holds nothing of the request it came from: that is over by then.
pub enum Job {
    /// The list of models is out of date.
    RefreshModels(Refresh),
}

impl Job {
    pub async fn run<P: Platform>(self, platform: &P, config: &Config) {
        match self {
            Self::RefreshModels(refresh) => refresh.run(platform, config).await,
        }
    }
}
