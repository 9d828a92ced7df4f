//! One instance, or one target, as the page tells of it.

use crate::condition::{Held, Quota, Snapshot, Standing};
use crate::json::{Writer, quoted};
use crate::pool::Share;

pub struct Row<'a> {
    pub name: String,
    share: &'a Share,
    snapshot: Snapshot,
    /// Of what has several: each by itself.
    deployments: Option<Vec<(String, Snapshot)>>,
}

impl<'a> Row<'a> {
    pub fn new(name: String, share: &'a Share, snapshot: Snapshot) -> Self {
        Self {
            name,
            share,
            snapshot,
            deployments: None,
        }
    }

    pub fn with(self, deployments: Vec<(String, Snapshot)>) -> Self {
        Self {
            deployments: Some(deployments),
            ..self
        }
    }

    pub fn is_healthy(&self, now_millis: u64) -> bool {
        self.snapshot.word(now_millis) == "healthy"
    }

    /// The members that `llm_router` has, in its order, and behind them what it has not.
    pub fn write(&self, now_millis: u64, out: &mut Writer) {
        let (snapshot, share) = (&self.snapshot, self.share);
        let (used, most) = (snapshot.used_tokens, share.tpm());
        out.open();
        out.string("name", &self.name);
        out.word("status", snapshot.word(now_millis));
        out.number("current_tpm", used);
        raw(out, "max_tpm", most.map(|it| it.to_string()));
        let percent = most.map(|most| float(hundredths(used, most), 2));
        raw(out, "tpm_usage_percent", percent);
        write_errors(snapshot, now_millis, out);
        out.number("priority", share.priority.into());
        out.number("weight", share.weight.into());
        let last_used = snapshot.last_used_millis.unwrap_or_default();
        raw(out, "last_used", Some(float(last_used.into(), 3)));
        if let Some(deployments) = &self.deployments {
            out.open_list("deployments");
            for (name, snapshot) in deployments {
                out.open();
                out.string("name", name);
                out.word("status", snapshot.word(now_millis));
                out.number("current_tpm", snapshot.used_tokens);
                write_errors(snapshot, now_millis, out);
                write_rest(snapshot, out);
                out.close();
            }
            out.close_list();
        }
        if let Some(rpm) = share.limits.requests {
            out.number("rpm", rpm);
        }
        write_rest(snapshot, out);
        out.close();
    }
}

fn write_errors(snapshot: &Snapshot, now_millis: u64, out: &mut Writer) {
    out.number("error_count", snapshot.errors.into());
    let last_error = snapshot.last_error.as_deref();
    raw(out, "last_error", last_error.map(quoted));
    let until = snapshot.rate_limited_until_millis(now_millis);
    raw(
        out,
        "rate_limited_until",
        until.map(|it| float(it.into(), 3)),
    );
}

/// What is known of it besides; what is not is not there.
fn write_rest(snapshot: &Snapshot, out: &mut Writer) {
    out.number("in_flight", snapshot.in_flight.into());
    if let Some(millis) = snapshot.first_byte_millis {
        out.number("first_byte_ms", millis);
    }
    if let Some(quota) = &snapshot.quota {
        out.open_member("quota");
        write_quota(quota, out);
        out.close();
    }
}

fn write_quota(quota: &Quota, out: &mut Writer) {
    if let Some(tokens) = quota.tokens {
        out.number("tokens", tokens);
    }
    if let Some(requests) = quota.requests {
        out.number("requests", requests);
    }
    raw(out, "until", Some(float(quota.until_millis.into(), 3)));
}

/// JSON that is there already; null where there is none.
fn raw(out: &mut Writer, name: &str, json: Option<String>) {
    let json = json.unwrap_or_else(|| "null".to_owned());
    out.raw(name, json.as_bytes());
}

/// Of a hundred per cent; half a hundredth counts as one.
fn hundredths(part: u64, whole: u64) -> u128 {
    let (part, whole) = (u128::from(part), u128::from(whole.max(1)));
    (part * 20_000 + whole) / (whole * 2)
}

/// A decimal number of so many thousandths, or hundredths, written as Python does: one place at least.
fn float(number: u128, places: u32) -> String {
    let unit = 10_u128.pow(places);
    let places = usize::try_from(places).unwrap_or_default();
    let fraction = format!("{:0places$}", number % unit);
    let fraction = fraction.trim_end_matches('0');
    let fraction = if fraction.is_empty() { "0" } else { fraction };
    format!("{}.{fraction}", number / unit)
}

/// Several as one: as well as the least of them.
pub fn together<'s>(all: impl Iterator<Item = &'s Snapshot>, now_millis: u64) -> Snapshot {
    let badness = |held: Held| match held.standing(now_millis) {
        Standing::Well => (0, 0),
        Standing::Resting { millis, .. } => (1, millis),
        Standing::ToBeTried => (2, 0),
        Standing::Failing { millis } => (2, millis),
    };
    all.fold(Snapshot::default(), |mut sum, one| {
        if badness(one.standing) > badness(sum.standing) {
            sum.standing = one.standing;
        }
        sum.used_tokens = sum.used_tokens.saturating_add(one.used_tokens);
        sum.in_flight = sum.in_flight.saturating_add(one.in_flight);
        sum.errors = sum.errors.max(one.errors);
        sum.last_error = sum.last_error.or_else(|| one.last_error.clone());
        sum.last_used_millis = sum.last_used_millis.max(one.last_used_millis);
        sum
    })
}

#[cfg(test)]
mod tests {
    use super::{float, hundredths};

    #[test]
    fn numbers_are_written_as_python_does() {
        for (number, places, written) in [
            (0, 3, "0.0"),
            (1_700_000_007_000, 3, "1700000007.0"),
            (1_700_000_007_120, 3, "1700000007.12"),
            (7, 3, "0.007"),
            (hundredths(0, 240_000), 2, "0.0"),
            (hundredths(1234, 240_000), 2, "0.51"),
            (hundredths(120_000, 240_000), 2, "50.0"),
            (hundredths(1, 3), 2, "33.33"),
            (hundredths(2, 3), 2, "66.67"),
            (hundredths(5, 0), 2, "500.0"),
            (hundredths(u64::MAX, 1), 2, "1844674407370955161500.0"),
        ] {
            assert_eq!(float(number, places), written);
        }
    }
}
