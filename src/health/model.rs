//! `GET /health/{model}`: every target of the model is asked for a sign of life, and what came of it is kept for a
//! moment. One run of probes serves whoever asks while it lasts.

use std::convert::Infallible;

use serde_json::{Value, json};

use crate::answer::Answer;
use crate::catalogue::{Catalogue, no_such};
use crate::clients::Caller;
use crate::config::Config;
use crate::error::{Error, Kind, Result};
use crate::explain::OBJECT;
use crate::health::probe::{Asker, Finding, Probe, probes};
use crate::json::Writer;
use crate::memory::LOOK_AGAIN_MILLIS;
use crate::platform::{Lane, Platform};
use crate::pool::Pool;
use crate::report::Report;
use crate::surface::encode;
use crate::together::{AT_ONCE, together};

/// Monitors ask every few seconds, and several of them.
const KEPT_MILLIS: u64 = 10_000;
/// No name of a model is so long; what is kept is kept by the name.
const LONGEST_NAME: usize = 256;

const KEPT: &str = "nobody is asked while an answer is kept, which it is for ten seconds, nor for a model that is \
                    neither configured nor listed";

/// Somebody asks how a model is.
pub struct Checkup<'a, P: Platform> {
    pub platform: &'a P,
    pub config: &'a Config,
    pub caller: &'a Caller,
}

/// What is told of a model.
struct State {
    status: u16,
    body: String,
}

impl State {
    fn to_text(&self) -> String {
        format!("{} {}", self.status, self.body)
    }

    fn parse(text: &str) -> Option<Self> {
        let (status, body) = text.split_once(' ')?;
        Some(Self {
            status: status.parse().ok()?,
            body: body.to_owned(),
        })
    }

    fn answer<Body>(self, cache: &str, report: &mut Report) -> Answer<Body> {
        if self.status != 200 {
            report.error = Some("model_unhealthy".to_owned());
        }
        let mut answer = Answer::json(self.status, self.body);
        answer.headers.push("x-isthmus-cache", cache);
        answer
    }
}

impl<P: Platform> Checkup<'_, P> {
    pub async fn answer(
        &self,
        model: &str,
        report: &mut Report,
    ) -> Result<Answer<P::UpstreamBody>> {
        let pool = self.pool(model)?;
        let key = self.key(model, &pool);
        let memory = self.platform.memory();
        let patience = self.patience(&pool);
        loop {
            let now = self.platform.now_millis();
            let kept = memory.recall(&key, now);
            if let Some(state) = kept.as_deref().and_then(State::parse) {
                return Ok(state.answer("hit", report));
            }
            // It passes by itself after a while, should its holder never end.
            if let Some(_turn) = memory.turn(&key, now, patience) {
                let state = self.find_out(model, &pool, report).await?;
                let until = self.platform.now_millis() + KEPT_MILLIS;
                memory.keep(&key, &state.to_text(), until);
                return Ok(state.answer("miss", report));
            }
            self.platform.sleep(LOOK_AGAIN_MILLIS).await;
        }
    }

    /// What would be asked, and how.
    pub fn explain(&self, model: &str) -> Result<Value> {
        let probes = probes(&self.pool(model)?, model);
        let asker = self.asker();
        let probes = probes.iter().map(|probe| probe.explain(&asker));
        Ok(json!({
            "object": OBJECT,
            "operation": "health",
            "model": model,
            "client": self.caller.name(),
            "note": KEPT,
            "probes": probes.collect::<Vec<_>>(),
        }))
    }

    fn pool(&self, model: &str) -> Result<Pool> {
        self.caller.may_use(Some(model))?;
        if model.trim().is_empty() || model.len() > LONGEST_NAME {
            return Err(no_such("model", model));
        }
        self.config.route(Some(model))
    }

    fn asker(&self) -> Asker<'_, P> {
        Asker {
            platform: self.platform,
            caller: self.caller,
        }
    }

    /// It changes with the configuration, and with the credential where that is the client's own. No name can end like
    /// another's turn.
    fn key(&self, model: &str, pool: &Pool) -> String {
        let fingerprint = &self.config.fingerprint;
        let is_clients = pool
            .targets()
            .iter()
            .any(|it| !it.provider.has_credential());
        let credential = self.caller.fingerprint().filter(|_| is_clients);
        let credential = credential.unwrap_or_default();
        format!("health:{fingerprint}:{credential}:{}", encode(model))
    }

    /// What finding out may take: so many probes go at once, behind the list that may have to be asked for.
    fn patience(&self, pool: &Pool) -> u64 {
        let targets = pool.targets().iter();
        let rounds = u64::try_from(targets.len().div_ceil(AT_ONCE)).unwrap_or(u64::MAX);
        let longest = targets.map(|it| it.provider.probe.timeout_millis).max();
        let probes = rounds.saturating_mul(longest.unwrap_or_default().into());
        probes.saturating_add(self.config.lists.timeout_millis.into())
    }

    async fn find_out(&self, model: &str, pool: &Pool, report: &mut Report) -> Result<State> {
        let catalogue = Catalogue {
            platform: self.platform,
            config: self.config,
            caller: self.caller,
        };
        if let Some(target) = pool.targets().iter().next() {
            catalogue.must_exist(model, target).await?;
        }
        let probes = probes(pool, model);
        let asker = self.asker();
        let running = probes
            .iter()
            .map(|probe| async { Ok::<_, Infallible>(probe.run(&asker).await) });
        let Ok(findings) = together(AT_ONCE, running).await;
        // The answers' bodies are nobody's, and who did not answer in time is not waited for.
        self.platform.abandon(Lane::First);
        report.attempts += findings.iter().map(|it| it.attempts).sum::<u32>();
        if let Some(error) = self.clients_fault(model, &findings) {
            return Err(error);
        }
        let is_well = findings.iter().all(|it| it.problem.is_none());
        let (status, word) = if is_well { (200, "ok") } else { (503, "error") };
        let mut out = Writer::default();
        out.open();
        out.word("status", word);
        out.string("model", model);
        // Whom no key of ours lets in is not told what stands behind the name.
        if self.caller.has_key() {
            write_targets(&probes, &findings, &mut out);
        }
        out.close();
        let body = out.into_text();
        Ok(State { status, body })
    }

    /// What the call itself is to blame for, where that is all there is to say: a credential that its client has to
    /// bring, a name that is none.
    fn clients_fault(&self, model: &str, findings: &[Finding]) -> Option<Error> {
        // What the owner wrote for a name is not the client's.
        let is_ours = self.config.knows(model);
        let is_clients = |problem: &&Error| match problem.kind {
            Kind::Unauthorized => true,
            _ => problem.status() < 500 && !is_ours,
        };
        let faults = findings
            .iter()
            .map(|it| it.problem.as_ref().filter(is_clients));
        let faults: Option<Vec<&Error>> = faults.collect();
        faults?.first().map(|error| (*error).clone())
    }
}

/// All of them, in the order of the pool.
fn write_targets(probes: &[Probe], findings: &[Finding], out: &mut Writer) {
    let mut told: Vec<(usize, &str, &Finding)> = Vec::new();
    for (probe, finding) in probes.iter().zip(findings) {
        let targets = probe.targets.iter();
        told.extend(targets.map(|(at, name)| (*at, name.as_str(), finding)));
    }
    told.sort_by_key(|(at, ..)| *at);
    out.open_list("targets");
    for (_, name, finding) in told {
        describe(name, finding, out);
    }
    out.close_list();
}

fn describe(target: &str, finding: &Finding, out: &mut Writer) {
    out.open();
    out.string("target", target);
    match &finding.problem {
        None => out.word("status", "ok"),
        Some(problem) => {
            out.word("status", "error");
            out.string("error", problem.word());
            out.string("message", &problem.message);
        }
    }
    if let Some(status) = finding.status {
        out.number("upstream_status", status.into());
    }
    out.number("duration_ms", finding.duration_millis);
    out.close();
}
