//! Fifty isolates, the quotas of four deployments at Azure, and more requests than those can serve; in virtual time.

mod azure;
mod dice;
mod load;
mod tasks;
mod world;

use serde_json::json;

use azure::{Azure, Counts};
use world::World;

const QUOTAS: [u64; 4] = [120_000, 180_000, 240_000, 500_000];

#[test]
fn probe() {
    for strategy in ["failover", "round_robin", "weighted", "least_loaded", "fastest", "affinity"] {
        for (mode, limited, counts) in [("leased", false, Counts::Asked), ("leased", true, Counts::Used), ("exact", true, Counts::Used), ("leased", true, Counts::Asked), ("exact", true, Counts::Asked)] {
            let begun = std::time::Instant::now();
            let targets: Vec<_> = QUOTAS.iter().enumerate().map(|(at, tpm)| {
                let mut target = json!({"to": format!("az{at}/m")});
                if limited { target["tpm"] = (*tpm).into(); }
                if strategy == "weighted" { target["weight"] = (tpm / 1000).into(); }
                target
            }).collect();
            let document = json!({"models": {"m": {"targets": targets, "strategy": strategy}}, "limits": {"mode": mode}});
            let azures = QUOTAS.iter().enumerate().map(|(at, tpm)| Azure::new(at as u64, *tpm, counts)).collect();
            let world = World::new(azures, &document);
            let calls = load::calls(10_000, world.quota() * 120 / 100, 50, 7);
            let got = world.run(&calls);
            let minutes = World::minutes(&calls);
            let parts: Vec<f64> = minutes.iter().map(|(from, to)| {
                let sum: u64 = world.azures.iter().map(|it| it.accepted(*from, *to)).sum();
                sum as f64 / world.quota() as f64
            }).collect();
            let refused: usize = world.azures.iter().map(|it| it.refused()).sum();
            let served: usize = world.azures.iter().map(|it| it.served()).sum();
            let of = |f: &dyn Fn(&&world::Got) -> bool| got.iter().filter(f).count();
            println!("{strategy:13} {mode} {limited} {counts:?} {parts:.3?} 429s {} room {} open {} others {} | up429 {refused} of {served} | {:?}",
                of(&|it| it.status == 429), of(&|it| it.status == 429 && it.had_room), of(&|it| it.status == 429 && it.had_open),
                of(&|it| it.status != 429 && it.status != 200), begun.elapsed());
        }
    }
}
