//! How long to wait before the targets of a pool are asked once more.

/// What the SDKs of OpenAI begin with and end at, too: half a second, doubled each time, up to eight.
const FIRST_MILLIS: u64 = 500;
const MOST_MILLIS: u64 = 8_000;
/// To ask again at once is of no use to anybody.
const LEAST_MILLIS: u64 = 50;
/// What is said beyond ten minutes is not waited for by any request.
const LONGEST_SAID_MILLIS: u64 = 600_000;

/// `round`: how often all were asked already and failed, less one. Any time up to the round's own is as good as another
/// (full jitter), since those who failed together must not come back together; but not before the time an upstream
/// `said`.
pub fn backoff_millis(round: u32, dice: u64, said_millis: Option<u64>) -> u64 {
    let ceiling = 2_u64
        .checked_pow(round)
        .and_then(|times| FIRST_MILLIS.checked_mul(times))
        .map_or(MOST_MILLIS, |millis| millis.min(MOST_MILLIS));
    match said_millis {
        None => LEAST_MILLIS + dice % (ceiling - LEAST_MILLIS + 1),
        // Behind its time they come over a moment, not all in the first of its milliseconds.
        Some(millis) => millis.min(LONGEST_SAID_MILLIS) + dice % (FIRST_MILLIS + 1),
    }
}

#[cfg(test)]
mod tests {
    use super::backoff_millis;

    /// The bounds of each round, and what chance makes of them.
    #[test]
    fn grows_within_its_bounds() {
        for (round, said, least, most) in [
            (0, None, 50, 500),
            (1, None, 50, 1_000),
            (3, None, 50, 4_000),
            (4, None, 50, 8_000),
            (5, None, 50, 8_000),
            (63, None, 50, 8_000),
            (u32::MAX, None, 50, 8_000),
            (0, Some(0), 0, 500),
            (0, Some(1_200), 1_200, 1_700),
            (9, Some(1_200), 1_200, 1_700),
            (0, Some(u64::MAX), 600_000, 600_500),
        ] {
            let all: Vec<u64> = (0..20_000)
                .chain([u64::MAX])
                .map(|dice| backoff_millis(round, dice, said))
                .collect();
            let ends = (all.iter().min().copied(), all.iter().max().copied());
            assert_eq!(ends, (Some(least), Some(most)), "{round} {said:?}");
        }
    }
}
