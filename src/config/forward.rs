//! To whom requests are passed on at a client's word, and on whose account.

use std::rc::Rc;

use crate::config::Config;
use crate::config::draft::Draft;
use crate::config::settings::Settings;
use crate::forward::{Allowed, Host};
use crate::providers::{Kind, Provider};
use crate::surface::Address;

const SETTING: &str = "FORWARD_ALLOWED_HOSTS";

impl Draft {
    pub(super) fn forwards(&mut self, settings: &Settings) -> Allowed {
        let Some(list) = settings.get(SETTING) else {
            return Allowed::default();
        };
        let mut hosts = Vec::new();
        for (index, item) in list.split(',').enumerate() {
            let item = item.trim().trim_matches(['"', '\'']).trim();
            if item.is_empty() {
                continue;
            }
            match Host::parse(item) {
                Ok(host) => hosts.push(host),
                // A pasted address may hold a password: the item is not shown.
                Err(problem) => self.warn(format!(
                    "Item {} of {SETTING} is not in force: {problem}.",
                    index + 1
                )),
            }
        }
        Allowed::new(hosts)
    }
}

impl Config {
    /// The provider whose API begins at such an address, and the path below it. Another path of the same host may be
    /// another tenant's: a key goes nowhere but below the address it was configured for. What provider files offer is
    /// all that can be asked on their keys.
    pub fn server_at(&self, address: &Address) -> Option<(Rc<Provider>, String)> {
        let below = self.general().filter_map(|provider| {
            let Kind::OpenAi(base) = &provider.kind else {
                return None;
            };
            let below = base.below(&address.origin(), &address.path)?;
            Some((provider.clone(), below.to_owned()))
        });
        // Of two bases the one that says more, of the same the first.
        below.min_by_key(|(_, below)| below.len())
    }
}
