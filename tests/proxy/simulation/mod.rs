//! Many isolates of one gateway, deployments at Azure with their quotas, and more requests than those can serve; in
//! virtual time, and the same in every run.
//!
//! A client is refused rightly where no target was open for its call: it had no room, or had asked to be left alone. Room
//! that came only just now does not count, since nobody can know of it: `late_millis`. Of a hundred calls one may be
//! refused wrongly: what an isolate has heard from the others is always a little old.

mod azure;
mod dice;
mod load;
mod tasks;
mod world;

use serde_json::{Value, json};

use azure::{Azure, Counts, MINUTE, Quota, Window};
use load::{Call, START};
use world::{Outcome, World};

const QUOTAS: [u64; 4] = [120_000, 180_000, 240_000, 500_000];
/// The buckets of our own limits are of a second.
const BUCKET: u64 = 1_000;
/// A lease nobody uses is handed back after two seconds, in a round of one.
const UNUSED_LEASE: u64 = 3_000;

struct Setup {
    isolates: usize,
    calls: u64,
    /// Tokens a minute that arrive.
    load: u64,
    quotas: Vec<Quota>,
    document: Value,
    late_millis: u64,
}

struct Ran {
    world: World,
    calls: Vec<Call>,
    outcome: Outcome,
}

impl Setup {
    /// A fifth of it serves a fifth of the isolates, which have as much to do each.
    fn pool(parts: u64, strategy: &str, window: Window) -> Self {
        let quotas = QUOTAS.map(|tpm| Quota {
            tpm: tpm / parts,
            counts: Counts::Asked,
            window,
        });
        let target = |(at, quota): (usize, &Quota)| json!({"to": format!("az{at}/m"), "weight": quota.tpm / 100});
        let targets: Vec<Value> = quotas.iter().enumerate().map(target).collect();
        Self {
            isolates: 50 / usize::try_from(parts).unwrap(),
            calls: 10_000 / parts,
            load: QUOTAS.iter().sum::<u64>() / parts * 120 / 100,
            quotas: quotas.into(),
            document: json!({"models": {"m": {"targets": targets, "strategy": strategy}}}),
            late_millis: BUCKET,
        }
    }

    /// With the targets' quotas as limits of ours, which are settled by what was used: so the targets count, too.
    fn limited(mut self, mode: &str) -> Self {
        self.document["limits"] = json!({"mode": mode});
        for (at, quota) in self.quotas.iter_mut().enumerate() {
            quota.counts = Counts::Used;
            self.document["models"]["m"]["targets"][at]["tpm"] = quota.tpm.into();
        }
        // About five sixths of what is asked for is used.
        self.load = self.load * 6 / 5;
        self
    }

    fn run(self) -> Ran {
        let azures = (0..).zip(self.quotas);
        let azures = azures.map(|(at, quota)| Azure::new(at, quota));
        let world = World::new(self.isolates, azures.collect(), self.document);
        let calls = load::calls(self.calls, self.load, self.isolates);
        let outcome = world.run(&calls, self.late_millis);
        Ran {
            world,
            calls,
            outcome,
        }
    }
}

impl Ran {
    fn check_clients(&self, name: &str) {
        let Outcome {
            served,
            refused,
            wrongly_refused,
        } = self.outcome;
        assert_eq!(served + refused, self.calls.len(), "{name}");
        assert!(refused * 20 > self.calls.len(), "{name}: no overload");
        let percent = self.world.throughput(&self.calls);
        assert!(percent >= 95, "{name}: {percent} %");
        assert!(
            wrongly_refused * 100 <= self.calls.len(),
            "{name}: {wrongly_refused}"
        );
    }

    fn millis(&self) -> u64 {
        self.calls.last().expect("a call").at - START
    }

    /// Tokens a target accepted in each full minute but the first, in percent.
    fn minutes(&self, azure: usize, of: u64) -> Vec<u64> {
        let minutes = load::minutes(&self.calls).into_iter();
        let azure = &self.world.azures[azure];
        minutes
            .map(|(from, to)| azure.accepted(from, to) * 100 / of)
            .collect()
    }
}

/// As Azure documents its quotas. Of a target that is full each isolate finds that out by itself once at most.
#[test]
fn ten_thousand_calls_of_fifty_isolates_use_the_whole_quota() {
    let ran = Setup::pool(1, "failover", Window::Resets).run();
    ran.check_clients("failover");
    let minutes = usize::try_from(ran.millis() / MINUTE).unwrap() + 1;
    let refused = ran.world.refused();
    assert!(refused <= 50 * QUOTAS.len() * minutes, "{refused}");
    assert!(refused * 100 <= ran.calls.len() * 6, "{refused}");
}

/// Where room comes each second a target asks to be left alone for a second mostly. It is asked in vain every other
/// second at most.
#[test]
fn every_strategy_uses_the_whole_quota() {
    for strategy in [
        "failover",
        "round_robin",
        "weighted",
        "least_loaded",
        "fastest",
        "affinity",
    ] {
        let ran = Setup::pool(5, strategy, Window::Slides).run();
        ran.check_clients(strategy);
        let seconds = usize::try_from(ran.millis() / 1_000).unwrap();
        let refused = ran.world.refused();
        assert!(
            refused * 2 <= QUOTAS.len() * seconds,
            "{strategy}: {refused}"
        );
    }
}

/// Asked before each call the objects let nothing through that a target refuses. With leases each isolate may send a call
/// before anybody was asked.
#[test]
fn limits_of_ours_keep_targets_from_refusing() {
    for (mode, late_millis, refused_percent) in [("exact", BUCKET, 0), ("leased", UNUSED_LEASE, 4)]
    {
        let setup = Setup {
            late_millis,
            ..Setup::pool(5, "failover", Window::Slides).limited(mode)
        };
        let ran = setup.run();
        ran.check_clients(mode);
        let refused = ran.world.refused();
        assert!(
            refused * 100 <= ran.calls.len() * refused_percent,
            "{mode}: {refused}"
        );
    }
}

/// At half of what both can serve. The first has a third of it.
#[test]
fn what_was_bought_is_used_up_before_what_is_paid_by_use() {
    let quota = |tpm| Quota {
        tpm,
        counts: Counts::Asked,
        window: Window::Slides,
    };
    let setup = Setup {
        isolates: 10,
        calls: 1_000,
        load: 90_000,
        quotas: vec![quota(60_000), quota(120_000)],
        document: json!({"models": {"m": [{"to": "az0/m", "priority": 1}, {"to": "az1/m", "priority": 2}]}}),
        late_millis: BUCKET,
    };
    let ran = setup.run();
    assert_eq!(ran.outcome.served, ran.calls.len());
    let used = ran.minutes(0, 60_000);
    assert!(
        used.len() > 1 && used.iter().all(|it| *it >= 95),
        "{used:?}"
    );
}

/// Exactly: never more, as the upstream counts it. With leases: what each isolate may send before anybody was asked comes
/// on top, one call.
#[test]
fn a_client_gets_its_limit_and_no_more() {
    const LIMIT: u64 = 150_000;
    const ISOLATES: u64 = 50;
    for (mode, most) in [
        ("exact", LIMIT),
        ("leased", LIMIT + ISOLATES * load::LARGEST),
    ] {
        let client = json!({"key": "client-key", "tpm": LIMIT});
        let setup = Setup {
            isolates: usize::try_from(ISOLATES).unwrap(),
            calls: 2_000,
            load: LIMIT * 3 / 2,
            quotas: vec![Quota {
                tpm: 100 * LIMIT,
                counts: Counts::Used,
                window: Window::Slides,
            }],
            document: json!({"models": {"m": "az0/m"}, "clients": {"team": client}, "limits": {"mode": mode}}),
            late_millis: BUCKET,
        };
        let ran = setup.run();
        assert_eq!(
            ran.outcome.served + ran.outcome.refused,
            ran.calls.len(),
            "{mode}"
        );
        let used = ran.minutes(0, LIMIT);
        assert!(
            used.len() > 1 && used.iter().all(|it| *it >= 95),
            "{mode}: {used:?}"
        );
        let peak = ran.world.azures[0].most();
        assert!(peak <= most, "{mode}: {peak}");
    }
}

#[test]
fn every_run_is_the_same() {
    let run = || {
        let setup = Setup::pool(20, "least_loaded", Window::Slides);
        let ran = setup.limited("leased").run();
        let azures = ran.world.azures.iter();
        let served: Vec<_> = azures.map(|it| (it.served(), it.refused())).collect();
        (ran.outcome, served)
    };
    assert_eq!(run(), run());
}
