//! How long a target takes to its first byte: an average that follows it, and what is slow for it.

/// What was measured so long ago counts for a third.
const MEMORY_MILLIS: f64 = 60_000.0;
/// Each measurement counts for so much at least, however quickly they follow each other.
const LEAST_SHARE: f64 = 0.1;
/// After that nothing is known: a target that was slow gets its chance again.
const FORGOTTEN_MILLIS: u64 = 300_000;

/// Steps of an eighth of a power of two: what is told is too long by an eighth at most, and never too short.
const STEPS: usize = 128;
/// That of the last step: four minutes. What takes longer is taken for that.
const LONGEST_MILLIS: u64 = (1 << 18) - 1;
/// With fewer the slowest one of all would be told.
const LEAST_SAMPLES: u32 = 20;
/// Then the old ones count half.
const MOST_SAMPLES: u32 = 512;

#[derive(Clone, Debug)]
pub struct Latency {
    average: f64,
    at_millis: u64,
    /// Always `samples` is the sum of `steps`, and below [`MOST_SAMPLES`].
    steps: Box<[u16; STEPS]>,
    samples: u32,
}

impl Latency {
    pub fn first(millis: u64, now_millis: u64) -> Self {
        let mut it = Self {
            average: precise(millis),
            at_millis: now_millis,
            steps: Box::new([0; STEPS]),
            samples: 0,
        };
        it.sort_in(millis);
        it
    }

    pub fn add(&mut self, millis: u64, now_millis: u64) {
        if self.average(now_millis).is_none() {
            *self = Self::first(millis, now_millis);
            return;
        }
        let passed = precise(now_millis.saturating_sub(self.at_millis));
        let share = (1.0 - (-passed / MEMORY_MILLIS).exp()).max(LEAST_SHARE);
        self.average += (precise(millis) - self.average) * share;
        self.at_millis = self.at_millis.max(now_millis);
        self.sort_in(millis);
    }

    pub fn average(&self, now_millis: u64) -> Option<u64> {
        let age = now_millis.saturating_sub(self.at_millis);
        (age < FORGOTTEN_MILLIS).then(|| rounded(self.average))
    }

    /// The 95th of a hundred.
    pub fn slow(&self, now_millis: u64) -> Option<u64> {
        self.average(now_millis)?;
        let wanted = (self.samples * 95).div_ceil(100);
        let mut sum = 0;
        let found = self.steps.iter().position(|count| {
            sum += u32::from(*count);
            sum >= wanted
        });
        (self.samples >= LEAST_SAMPLES)
            .then_some(found)?
            .map(longest_of)
    }

    fn sort_in(&mut self, millis: u64) {
        if let Some(count) = self.steps.get_mut(step_of(millis)) {
            *count += 1;
            self.samples += 1;
        }
        if self.samples >= MOST_SAMPLES {
            self.steps.iter_mut().for_each(|count| *count /= 2);
            self.samples = self.steps.iter().map(|count| u32::from(*count)).sum();
        }
    }
}

/// Below 16 each millisecond has a step, above each power of two has eight.
fn step_of(millis: u64) -> usize {
    let millis = millis.min(LONGEST_MILLIS);
    let finer = millis.max(8).ilog2() - 3;
    let step = u64::from(finer) * 8 + (millis >> finer);
    usize::try_from(step).unwrap_or(STEPS - 1)
}

fn longest_of(step: usize) -> u64 {
    let step = u64::try_from(step).unwrap_or(u64::MAX);
    let finer = (step / 8).saturating_sub(1);
    ((step - finer * 8 + 1) << finer) - 1
}

#[expect(clippy::cast_precision_loss, reason = "times stay far below 2^53")]
fn precise(millis: u64) -> f64 {
    millis as f64
}

#[expect(
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "saturates, and averages of times are never negative"
)]
fn rounded(millis: f64) -> u64 {
    millis.round() as u64
}

#[cfg(test)]
mod tests {
    use super::{LONGEST_MILLIS, Latency, STEPS, longest_of, step_of};

    #[test]
    fn a_step_is_too_long_by_an_eighth_at_most() {
        for millis in (0..5_000).chain([65_535, 65_536, 200_000, LONGEST_MILLIS]) {
            let told = longest_of(step_of(millis));
            assert!(told >= millis && told - millis <= millis / 8, "{millis}");
        }
        assert_eq!(step_of(u64::MAX), STEPS - 1);
    }

    #[test]
    fn the_average_follows() {
        let mut latency = Latency::first(100, 0);
        assert_eq!(latency.average(0), Some(100));
        latency.add(200, 1);
        assert_eq!(latency.average(1), Some(110), "a tenth at least");
        latency.add(1000, 120_001);
        assert_eq!(
            latency.average(120_001),
            Some(880),
            "after two minutes most"
        );
        assert_eq!(latency.average(420_001), None, "and then it is forgotten");
        latency.add(7, 500_000);
        assert_eq!(latency.average(500_000), Some(7));
    }

    #[test]
    fn five_of_a_hundred_are_slower() {
        let mut latency = Latency::first(100, 0);
        for at in 1..19 {
            latency.add(100, at);
            assert_eq!(latency.slow(at), None);
        }
        latency.add(9_000, 19);
        let of_hundred = |wanted: u64| longest_of(step_of(wanted));
        assert_eq!(latency.slow(19), Some(of_hundred(100)));
        latency.add(9_000, 20);
        latency.add(9_000, 20);
        assert_eq!(latency.slow(20), Some(of_hundred(9_000)));
        for at in 21..2_000 {
            latency.add(50, at);
        }
        assert_eq!(latency.slow(2_000), Some(of_hundred(50)), "old ones fade");
    }
}
