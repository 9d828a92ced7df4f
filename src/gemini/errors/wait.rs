//! How long to wait, in milliseconds, where the headers do not say it.

use crate::openai::retry::{thousandfold, whole};

use super::shape::Fault;

const SECOND: u64 = 1000;
const MINUTE: u64 = 60 * SECOND;
const HOUR: u64 = 60 * MINUTE;

/// By `RetryInfo`, or "Please retry in 34.4s."
pub fn millis(fault: &Fault) -> Option<u64> {
    let said = || fault.message.split_once("Please retry in ");
    let delay = fault.delay.as_deref().and_then(duration);
    delay.or_else(|| duration(said()?.1))
}

/// `34.4s`, `850ms`, `65205s`, `13h6m45s`: what a text begins with.
fn duration(text: &str) -> Option<u64> {
    let mut total: Option<u64> = None;
    let mut rest = text.trim_start();
    // Hours, minutes, seconds, milliseconds: there are no more units.
    for _ in 0..4 {
        let is_number = |c: char| c.is_ascii_digit() || c == '.';
        let end = rest.find(|c| !is_number(c)).unwrap_or(rest.len());
        let Some((number, behind)) = rest.split_at_checked(end).filter(|_| end > 0) else {
            break;
        };
        let letters = behind.find(|c: char| !c.is_ascii_alphabetic());
        let Some((unit, behind)) = behind.split_at_checked(letters.unwrap_or(behind.len())) else {
            break;
        };
        let amount = match unit {
            "ms" => whole(number)?,
            "s" => thousandfold(number)?,
            "m" => whole(number)?.checked_mul(MINUTE)?,
            "h" => whole(number)?.checked_mul(HOUR)?,
            _ => break,
        };
        total = Some(total.unwrap_or(0).checked_add(amount)?);
        rest = behind;
    }
    total
}

#[cfg(test)]
mod tests {
    use super::duration;

    #[test]
    fn durations() {
        for (text, expected) in [
            ("34.4s", Some(34_400)),
            ("34.074824224s.", Some(34_075)),
            ("850ms.", Some(850)),
            ("850.5ms", Some(851)),
            ("65205s", Some(65_205_000)),
            ("0s", Some(0)),
            ("13h6m45.5s.", Some(47_205_500)),
            ("2m", Some(120_000)),
            ("45", None),
            ("s", None),
            ("a while", None),
            ("1.2.3s", None),
            ("99999999999999999999s", None),
            ("18446744073709551615s", None),
            ("", None),
        ] {
            assert_eq!(duration(text), expected, "{text}");
        }
    }
}
