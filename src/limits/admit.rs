//! Whether a call is let in, within what bounds its caller and all calls together.

use crate::clients::Caller;
use crate::config::Config;
use crate::error::Result;
use crate::platform::{ClientBody, Platform};
use crate::pool::{Pool, Strategy};
use crate::surface::{Call, Wanted};
use crate::tab::Tab;

use super::{Amount, Limited, Permit, error, estimate, reserve};

/// Of what a limit is, in words for the client.
const CALLERS: &str = "this API key";
const EVERYBODYS: &str = "this gateway";

/// Who wants to be let in, and where.
pub struct Admission<'a, P: Platform> {
    pub platform: &'a P,
    pub config: &'a Config,
    pub caller: &'a Caller,
}

impl<P: Platform> Admission<'_, P> {
    /// Lets a call in that goes to a pool; what it took is on the tab.
    pub async fn admit(
        &self,
        call: &Call<P::ClientBody>,
        pool: &Pool,
        tab: &mut Tab,
    ) -> Result<()> {
        self.weigh(call, pool, tab);
        self.take(tab.estimate.total(), tab).await
    }

    /// Estimates a call if somebody counts tokens.
    pub fn weigh(&self, call: &Call<P::ClientBody>, pool: &Pool, tab: &mut Tab) {
        if self.count_tokens() || counts_tokens(self.config, pool, &call.wanted) {
            tab.estimate = estimate::of_call(call);
            tab.counts_tokens = tells_usage(call);
        }
    }

    /// The same for one of which no tokens are known.
    pub async fn admit_one(&self, tab: &mut Tab) -> Result<()> {
        self.take(0, tab).await
    }

    fn count_tokens(&self) -> bool {
        self.caller.limits().counts_tokens() || self.config.limits.counts_tokens()
    }

    /// One after the other: who is at its own limit takes nothing from all the others.
    async fn take(&self, tokens: u64, tab: &mut Tab) -> Result<()> {
        let amount = Amount {
            requests: 1,
            tokens,
        };
        let mut taken = Taken {
            platform: self.platform,
            permits: Vec::new(),
        };
        for (whose, limited) in self.bounds() {
            let permit = reserve(self.platform, &limited, amount).await;
            let permit = permit.map_err(|denial| {
                let now_millis = self.platform.now_millis();
                let leases = self.platform.memory().leases();
                let room = leases.room(&limited.name, now_millis);
                error::refusal(whose, &denial, amount, room)
            })?;
            taken.permits.push(permit);
        }
        taken.put_on(tab);
        Ok(())
    }

    /// What bounds the call, and whose it is. Empty for most: no name is put together for nothing.
    fn bounds(&self) -> Vec<(&'static str, Limited)> {
        let limited = |name, limits| Limited {
            name,
            limits,
            mode: self.config.limits_mode,
        };
        let mut bounds = Vec::new();
        let callers = self.caller.limits();
        if !callers.is_none() {
            let name = format!("client:{}", self.caller.name());
            bounds.push((CALLERS, limited(name, callers)));
        }
        if !self.config.limits.is_none() {
            bounds.push((EVERYBODYS, limited("all".to_owned(), self.config.limits)));
        }
        bounds
    }
}

/// What was granted to a call that is not let in yet. Dropped, it is given back: all or nothing.
struct Taken<'a, P: Platform> {
    platform: &'a P,
    permits: Vec<Permit>,
}

impl<P: Platform> Taken<'_, P> {
    fn put_on(mut self, tab: &mut Tab) {
        self.permits.drain(..).for_each(|permit| tab.add(permit));
    }
}

impl<P: Platform> Drop for Taken<'_, P> {
    fn drop(&mut self) {
        if self.permits.is_empty() {
            return;
        }
        let now_millis = self.platform.now_millis();
        for permit in self.permits.drain(..) {
            permit.release(now_millis);
        }
    }
}

/// Whether tokens are counted at one of the targets the call may come to, those of another model in this one's place
/// included.
fn counts_tokens(config: &Config, pool: &Pool, wanted: &Wanted) -> bool {
    let mut others = pool.rules().fallback.by_reason();
    of_pool(pool)
        || others.any(|(_, model)| {
            let serving = config.serving(wanted, Some(model));
            serving.is_ok_and(|(_, other)| of_pool(&other))
        })
}

fn of_pool(pool: &Pool) -> bool {
    let rules = pool.rules();
    let mut targets = pool.targets().iter();
    rules.counts_tokens
        || rules.strategy == Strategy::LeastLoaded && pool.has_alternatives()
        || targets.any(|target| target.share.limits.counts_tokens())
}

/// Whether the answer may say what this call took: what is stored tells what the call took that made it.
fn tells_usage(call: &Call<impl ClientBody>) -> bool {
    let path = call.wanted.path.as_str();
    let is_of_stored = path.starts_with("chat/completions/")
        || path.starts_with("responses/") && path != "responses/compact";
    !is_of_stored
}
