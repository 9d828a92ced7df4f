//! When an answer was made.

use super::read::number;

/// The seconds since 1970 of a time in UTC, as Google writes it: `2026-04-02T17:03:50.399550Z`. None if it is none.
pub fn seconds(time: &[u8]) -> Option<u64> {
    let field = |from: usize, to: usize| number::<u64>(time.get(from..to)?);
    let is_utc = time.ends_with(b"Z") || time.ends_with(b"+00:00");
    let (year, month, day) = (field(0, 4)?, field(5, 7)?, field(8, 10)?);
    let is_date = year >= 1970 && (1..=12).contains(&month) && (1..=31).contains(&day);
    if !is_utc || !is_date || time.get(10) != Some(&b'T') {
        return None;
    }
    let seconds = field(11, 13)? * 3600 + field(14, 16)? * 60 + field(17, 19)?;
    Some(days(year, month, day) * 86400 + seconds)
}

/// The days since 1970, with years that begin in March, so that the day that is sometimes missing is the last.
/// <https://howardhinnant.github.io/date_algorithms.html#days_from_civil>
fn days(year: u64, month: u64, day: u64) -> u64 {
    let year = if month > 2 { year } else { year - 1 };
    let day_of_year = (153 * ((month + 9) % 12) + 2) / 5 + day - 1;
    year * 365 + year / 4 - year / 100 + year / 400 + day_of_year - 719_468
}

#[cfg(test)]
mod tests {
    use super::seconds;

    #[test]
    fn times_are_counted() {
        for (time, expected) in [
            ("1970-01-01T00:00:00Z", Some(0)),
            ("2026-04-02T17:03:50.399550Z", Some(1_775_149_430)),
            ("2024-02-29T23:59:59+00:00", Some(1_709_251_199)),
            ("2024-03-01T00:00:00Z", Some(1_709_251_200)),
            ("2026-04-02T17:03:50+02:00", None),
            ("0000-01-01T00:00:00Z", None),
            ("2026-13-02T17:03:50Z", None),
            ("yesterday", None),
            ("", None),
        ] {
            assert_eq!(seconds(time.as_bytes()), expected, "{time}");
        }
    }
}
