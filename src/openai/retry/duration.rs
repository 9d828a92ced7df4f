//! How upstreams write how long something takes: `45`, `34.4s`, `120ms`, `1m30.5s`, `45 seconds`, `01:02:03`. All in
//! milliseconds, rounded up: who comes too early comes in vain.

const UNITS: [(&str, u128); 22] = [
    ("ns", 1),
    ("us", 1_000),
    ("\u{b5}s", 1_000),
    ("ms", MILLI),
    ("millisecond", MILLI),
    ("milliseconds", MILLI),
    ("s", SECOND),
    ("sec", SECOND),
    ("secs", SECOND),
    ("second", SECOND),
    ("seconds", SECOND),
    ("m", MINUTE),
    ("min", MINUTE),
    ("mins", MINUTE),
    ("minute", MINUTE),
    ("minutes", MINUTE),
    ("h", HOUR),
    ("hour", HOUR),
    ("hours", HOUR),
    ("d", DAY),
    ("day", DAY),
    ("days", DAY),
];

/// In nanoseconds, as all of them.
const MILLI: u128 = 1_000_000;
const SECOND: u128 = 1_000 * MILLI;
const MINUTE: u128 = 60 * SECOND;
const HOUR: u128 = 60 * MINUTE;
const DAY: u128 = 24 * HOUR;

/// There are no more units than that in one.
const MOST_PARTS: usize = 6;

/// What a header says; a number alone is seconds.
pub fn seconds(text: &str) -> Option<u64> {
    alone(text, SECOND)
}

/// What a header says; a number alone is milliseconds.
pub fn millis(text: &str) -> Option<u64> {
    alone(text, MILLI)
}

fn alone(text: &str, unit: u128) -> Option<u64> {
    let text = text.trim();
    if let Some(thousandths) = thousandths(text) {
        return in_millis(thousandths.checked_mul(unit)?);
    }
    let (nanos, rest) = units(text)?;
    in_millis(nanos).filter(|_| rest.trim().is_empty())
}

/// What a sentence goes on with. A number alone says nothing there.
pub fn beginning(text: &str) -> Option<u64> {
    clock(text).or_else(|| in_millis(units(text)?.0))
}

fn in_millis(thousandths_of_nanos: u128) -> Option<u64> {
    u64::try_from(thousandths_of_nanos.div_ceil(1_000 * MILLI)).ok()
}

/// One number with its unit behind another: `13h6m45.5s`. In thousandths of nanoseconds, with what follows.
fn units(text: &str) -> Option<(u128, &str)> {
    let (mut total, mut rest) = (None::<u128>, text);
    for _ in 0..MOST_PARTS {
        let Some((amount, behind)) = part(rest.trim_start()) else {
            break;
        };
        total = Some(total.unwrap_or(0).checked_add(amount)?);
        rest = behind;
    }
    Some((total?, rest))
}

fn part(text: &str) -> Option<(u128, &str)> {
    let is_number = |c: char| c.is_ascii_digit() || c == '.';
    let is_unit = |c: char| c.is_ascii_alphabetic() || c == '\u{b5}';
    let (number, behind) = text.split_at(text.find(|c| !is_number(c))?);
    let behind = behind.trim_start();
    let (unit, behind) = behind.split_at(behind.find(|c| !is_unit(c)).unwrap_or(behind.len()));
    let (_, nanos) = UNITS
        .iter()
        .find(|(name, _)| name.eq_ignore_ascii_case(unit))?;
    Some((thousandths(number)?.checked_mul(*nanos)?, behind))
}

/// A number times a thousand, rounded up.
fn thousandths(number: &str) -> Option<u128> {
    let (whole, fraction) = number.split_once('.').unwrap_or((number, ""));
    let is_digits = |text: &str| text.bytes().all(|byte| byte.is_ascii_digit());
    if whole.is_empty() || !is_digits(whole) || !is_digits(fraction) {
        return None;
    }
    let fraction = format!("{fraction:0<3}");
    let (thousandths, finer) = fraction.split_at_checked(3)?;
    let more = finer.bytes().any(|digit| digit != b'0');
    // What does not fit in here is no duration either, and cannot overflow what it is multiplied with.
    let whole = u128::from(whole.parse::<u64>().ok()?);
    Some(whole * 1_000 + thousandths.parse::<u128>().ok()? + u128::from(more))
}

/// `hours:minutes:seconds`, with days in front: `1.02:03:04`.
fn clock(text: &str) -> Option<u64> {
    let is_clock = |c: char| c.is_ascii_digit() || matches!(c, ':' | '.');
    let end = text.find(|c| !is_clock(c)).unwrap_or(text.len());
    let text = text.get(..end)?.trim_end_matches('.');
    let (days, time) = match text.split_once('.') {
        Some((days, time)) if time.contains(':') => (days, time),
        _ => ("0", text),
    };
    let mut parts = time.split(':');
    let units = [DAY, HOUR, MINUTE, SECOND];
    let numbers = [Some(days), parts.next(), parts.next(), parts.next()];
    let mut total: u128 = 0;
    for (number, unit) in numbers.into_iter().zip(units) {
        total = total.checked_add(thousandths(number?)?.checked_mul(unit)?)?;
    }
    in_millis(total)
}

#[cfg(test)]
mod tests {
    use super::{beginning, millis, seconds};

    #[test]
    fn sentences_go_on_with_them() {
        for (text, expected) in [
            ("34.4s", Some(34_400)),
            ("34.074824224s.", Some(34_075)),
            ("850ms.", Some(850)),
            ("850.5ms", Some(851)),
            ("65205s", Some(65_205_000)),
            ("0s", Some(0)),
            ("13h6m45.5s.", Some(47_205_500)),
            ("2m", Some(120_000)),
            ("1.5m", Some(90_000)),
            ("6m0s", Some(360_000)),
            ("45 seconds. Or not", Some(45_000)),
            ("300 Milliseconds", Some(300)),
            ("2 minutes 5 sec", Some(125_000)),
            ("1 day", Some(86_400_000)),
            ("1h", Some(3_600_000)),
            ("999\u{b5}s", Some(1)),
            ("1.5us", Some(1)),
            ("3ns", Some(1)),
            ("01:02:03", Some(3_723_000)),
            ("00:00:01.5 or so", Some(1_500)),
            ("1.02:03:04.", Some(93_784_000)),
            ("45", None),
            ("45 moons", None),
            ("s", None),
            ("a while", None),
            ("1.2.3s", None),
            ("-3s", None),
            (".5s", None),
            ("12:30", None),
            ("9\u{e9}", None),
            ("99999999999999999999s", None),
            ("18446744073709551615d", None),
            ("18446744073709551615s", None),
            ("18446744073709551615:00:00", None),
            ("", None),
        ] {
            assert_eq!(beginning(text), expected, "{text}");
        }
    }

    #[test]
    fn headers_may_leave_out_the_unit() {
        for (text, in_seconds, in_millis) in [
            ("45", Some(45_000), Some(45)),
            (" 1.5 ", Some(1_500), Some(2)),
            ("2000.0", Some(2_000_000), Some(2_000)),
            ("0", Some(0), Some(0)),
            ("1m30.5s", Some(90_500), Some(90_500)),
            ("120ms", Some(120), Some(120)),
            ("7.66s", Some(7_660), Some(7_660)),
            ("7s or so", None, None),
            ("-1", None, None),
            ("+1", None, None),
            ("1e3", None, None),
            ("soon", None, None),
            ("18446744073709551615", None, Some(u64::MAX)),
            ("", None, None),
        ] {
            assert_eq!(
                (seconds(text), millis(text)),
                (in_seconds, in_millis),
                "{text}"
            );
        }
    }
}
