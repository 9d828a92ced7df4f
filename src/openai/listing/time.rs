//! Dates as RFC 3339 writes them, in seconds since 1970.

/// `2024-08-06T12:30:00.123Z`, `2024-08-06T14:30:00+02:00`; None for what is no such date, or before 1970.
pub fn seconds(date: &str) -> Option<u64> {
    let (day, time) = date.split_once(['T', 't', ' '])?;
    let [year, month, day] = numbers::<3>(day, '-', [4, 2, 2])?;
    let (time, offset) = zone(time)?;
    let whole = match time.split_once('.') {
        Some((whole, parts)) => is_digits(parts).then_some(whole)?,
        None => time,
    };
    let [hour, minute, second] = numbers::<3>(whole, ':', [2, 2, 2])?;
    let is_date = (1..=12).contains(&month) && (1..=days_of(year, month)).contains(&day);
    // The sixtieth is a leap second.
    let is_time = hour < 24 && minute < 60 && second <= 60;
    (is_date && is_time).then_some(())?;
    let days = days_since_1970(year, month, day);
    u64::try_from(days * 86_400 + hour * 3_600 + minute * 60 + second - offset).ok()
}

/// The time without its zone, and how many seconds that is ahead.
fn zone(time: &str) -> Option<(&str, i64)> {
    if let Some(time) = time.strip_suffix(['Z', 'z']) {
        return Some((time, 0));
    }
    let at = time.rfind(['+', '-'])?;
    let (time, zone) = time.split_at(at);
    let sign = if zone.starts_with('-') { -1 } else { 1 };
    let [hours, minutes] = numbers::<2>(zone.get(1..)?, ':', [2, 2])?;
    (hours < 24 && minutes < 60).then_some((time, sign * (hours * 3_600 + minutes * 60)))
}

/// Numbers of so many digits each.
fn numbers<const N: usize>(text: &str, mark: char, lengths: [usize; N]) -> Option<[i64; N]> {
    let parts: Vec<&str> = text.split(mark).collect();
    let parts: [&str; N] = parts.try_into().ok()?;
    let mut numbers = [0; N];
    for ((number, part), length) in numbers.iter_mut().zip(parts).zip(lengths) {
        (part.len() == length && is_digits(part)).then_some(())?;
        *number = part.parse().ok()?;
    }
    Some(numbers)
}

fn is_digits(text: &str) -> bool {
    !text.is_empty() && text.bytes().all(|it| it.is_ascii_digit())
}

fn days_of(year: i64, month: i64) -> i64 {
    let is_leap = year % 4 == 0 && (year % 100 != 0 || year % 400 == 0);
    match month {
        2 if is_leap => 29,
        2 => 28,
        4 | 6 | 9 | 11 => 30,
        _ => 31,
    }
}

/// The year begins in March here: the day that is not always there is its last.
fn days_since_1970(year: i64, month: i64, day: i64) -> i64 {
    let year = if month < 3 { year - 1 } else { year };
    let months_since_march = (month + 9) % 12;
    // Five months of 31, 30, 31, 30 and 31 days have 153.
    let day_of_year = (153 * months_since_march + 2) / 5 + day - 1;
    let leap_days = year / 4 - year / 100 + year / 400;
    // From March of the year 0 to 1970.
    year * 365 + leap_days + day_of_year - 719_468
}

#[cfg(test)]
mod tests {
    use super::seconds;

    #[test]
    fn dates_are_seconds() {
        for (date, expected) in [
            ("1970-01-01T00:00:00Z", Some(0)),
            ("2024-08-06T12:30:05Z", Some(1_722_947_405)),
            ("2024-08-06T12:30:05.1234567Z", Some(1_722_947_405)),
            ("2024-08-06t14:30:05+02:00", Some(1_722_947_405)),
            ("2024-08-06 07:00:05-05:30", Some(1_722_947_405)),
            ("2000-02-29T00:00:00Z", Some(951_782_400)),
            ("2000-03-01T00:00:00Z", Some(951_868_800)),
            ("2026-12-31T23:59:60Z", Some(1_798_761_600)),
            ("1969-12-31T23:59:59Z", None),
            ("1970-01-01T00:00:00+01:00", None),
            ("1900-02-29T00:00:00Z", None),
            ("2023-02-29T00:00:00Z", None),
            ("2024-13-01T00:00:00Z", None),
            ("2024-08-06T24:00:00Z", None),
            ("2024-08-06T12:30:05", None),
            ("2024-08-06", None),
            ("2024-8-6T12:30:05Z", None),
            ("+024-08-06T12:30:05Z", None),
            ("2024-08-06T12:30:05.Z", None),
            ("2024-08-06T12:30:05+2", None),
            ("2024-08-06T12:30:05+é0:00", None),
            ("", None),
        ] {
            assert_eq!(seconds(date), expected, "{date}");
        }
    }
}
