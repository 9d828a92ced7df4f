//! `GET /v1/instances/status`: how the instances stand, as `llm_router` tells it, and the targets of pools. Nobody is asked
//! for it but the shared object, for what other isolates have seen.

mod row;

use crate::answer::Answer;
use crate::clients::{self, Caller};
use crate::condition::{self, Conditions, Snapshot};
use crate::config::Config;
use crate::error::Result;
use crate::glob::Glob;
use crate::json::Writer;
use crate::platform::Platform;
use crate::pool::{Pool, Target, TargetModel};

use row::{Row, together};

/// What an instance is called that stands in for those that could not be read.
const STAND_IN: &str = "default";

pub async fn answer<P: Platform>(
    platform: &P,
    config: &Config,
    caller: &Caller,
) -> Result<Answer<P::UpstreamBody>> {
    if !(caller.may_come_without() || caller.is_known()) {
        return Err(clients::missing_key());
    }
    if platform.has_objects() {
        let providers = config.providers().iter();
        condition::look(platform, providers.map(|it| it.name.as_str())).await;
    }
    let page = Page {
        config,
        caller,
        conditions: platform.memory().conditions(),
        now_millis: platform.now_millis(),
    };
    let mut answer = Answer::json(200, page.write(state(platform)));
    answer.headers.push("cache-control", "no-store");
    Ok(answer)
}

/// Whether what is told is what all have seen.
fn state<P: Platform>(platform: &P) -> &'static str {
    let (memory, now) = (platform.memory(), platform.now_millis());
    let is_degraded = memory.conditions().is_degraded(now) || memory.leases().are_degraded(now);
    match (platform.has_objects(), is_degraded) {
        (false, _) => "isolate",
        (true, true) => "degraded",
        (true, false) => "shared",
    }
}

struct Page<'a> {
    config: &'a Config,
    caller: &'a Caller,
    conditions: &'a Conditions,
    now_millis: u64,
}

impl Page<'_> {
    fn write(&self, state: &str) -> String {
        let rows = self.instances();
        let healthy = rows.iter().filter(|row| row.is_healthy(self.now_millis));
        let healthy = u64::try_from(healthy.count()).unwrap_or(u64::MAX);
        let total = u64::try_from(rows.len()).unwrap_or(u64::MAX);
        let mut out = Writer::default();
        out.open();
        out.word("status", "success");
        out.number("timestamp", self.now_millis / 1000);
        self.list("instances", &rows, &mut out);
        out.number("total_instances", total);
        out.number("healthy_instances", healthy);
        out.word("routing_strategy", self.config.strategy().word());
        out.word("state", state);
        out.open_list("pools");
        for pool in self.pools() {
            out.open();
            out.string("model", &pool.rules().name);
            out.word("strategy", pool.rules().strategy.word());
            self.list("targets", &self.targets_of(pool), &mut out);
            out.close();
        }
        out.close_list();
        out.close();
        out.into_text()
    }

    fn list(&self, name: &str, rows: &[Row<'_>], out: &mut Writer) {
        out.open_list(name);
        for row in rows {
            row.write(self.now_millis, out);
        }
        out.close_list();
    }

    /// Without instances the targets of pools, each once; without those the one resource of the flat settings.
    fn instances(&self) -> Vec<Row<'_>> {
        if let Some(instances) = self.config.instances() {
            let may_serve = |target: &&Target| instances.may_serve(&target.provider, self.caller);
            let targets = instances.pool().targets().iter().filter(may_serve);
            let rows = targets.map(|target| {
                let name = if instances.is_stand_in {
                    STAND_IN
                } else {
                    &target.provider.name
                };
                self.provider(name, target)
            });
            return rows.collect();
        }
        let mut rows: Vec<Row<'_>> = Vec::new();
        for row in self.pools().flat_map(|pool| self.targets_of(pool)) {
            if !rows.iter().any(|it| it.name == row.name) {
                rows.push(row);
            }
        }
        rows
    }

    /// Those of the document that the caller may use.
    fn pools(&self) -> impl Iterator<Item = &Pool> {
        let pools = self.config.pools();
        pools.filter(|pool| self.caller.may_use(Some(&pool.rules().name)).is_ok())
    }

    fn targets_of<'p>(&self, pool: &'p Pool) -> Vec<Row<'p>> {
        let targets = pool.targets().iter();
        let rows = targets.map(|target| match &target.model {
            TargetModel::Named(model) => {
                let name = target.called(Some(model));
                let provider = &target.provider.name;
                let snapshot = self.conditions.told(&name, provider, self.now_millis);
                Row::new(name, &target.share, snapshot)
            }
            TargetModel::AsAsked => {
                let asked = Glob::new(&pool.rules().name);
                let its = self.met(target, |model| asked.matches(model));
                let snapshot = together(its.iter().map(|(_, it)| it), self.now_millis);
                Row::new(target.called(Some("*")), &target.share, snapshot).with(its)
            }
        });
        rows.collect()
    }

    /// A provider as a whole; for who may use some models only, what it is for those.
    fn provider<'t>(&self, name: &str, target: &'t Target) -> Row<'t> {
        let provider = &target.provider.name;
        let its = self.met(target, |_| true);
        let snapshot = if self.caller.is_limited() {
            together(its.iter().map(|(_, it)| it), self.now_millis)
        } else {
            self.conditions.of_provider(provider, self.now_millis)
        };
        Row::new(name.to_owned(), &target.share, snapshot).with(its)
    }

    /// The models a provider was asked for, as far as the caller may know of them.
    fn met(&self, target: &Target, is_asked: impl Fn(&str) -> bool) -> Vec<(String, Snapshot)> {
        let provider = &target.provider.name;
        let mut met = self.conditions.targets_of(provider, self.now_millis);
        met.retain(|(model, _)| is_asked(model) && self.caller.may_use(Some(model)).is_ok());
        met
    }
}
