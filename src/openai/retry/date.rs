//! Dates as HTTP writes them.

use crate::openai::listing::time;

const MONTHS: [&str; 12] = [
    "Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec",
];

/// `Fri, 20 Nov 2026 20:40:52 GMT`, and the two older forms that are to be understood: milliseconds since 1970.
/// <https://www.rfc-editor.org/rfc/rfc9110#section-5.6.7>
pub fn millis(date: &str) -> Option<u64> {
    let (mut month, mut time, mut numbers) = (None, None, Vec::new());
    for word in date.split([' ', ',', '-']).filter(|word| !word.is_empty()) {
        let mut months = MONTHS.iter();
        if let Some(at) = months.position(|name| name.eq_ignore_ascii_case(word)) {
            month = Some(at + 1);
        } else if word.contains(':') {
            time = Some(word);
        } else {
            numbers.extend(word.parse::<u16>().ok());
        }
    }
    let [day, year] = <[u16; 2]>::try_from(numbers).ok()?;
    let year = match year {
        0..70 => year + 2000,
        70..100 => year + 1900,
        _ => year,
    };
    let (month, time) = (month?, time?);
    let seconds = time::seconds(&format!("{year:04}-{month:02}-{day:02}T{time}Z"))?;
    seconds.checked_mul(1000)
}

#[cfg(test)]
mod tests {
    use super::millis;

    #[test]
    fn dates_are_read_in_each_form() {
        for (date, expected) in [
            ("Sun, 06 Nov 1994 08:49:37 GMT", Some(784_111_777_000)),
            ("Sunday, 06-Nov-94 08:49:37 GMT", Some(784_111_777_000)),
            ("Sun Nov  6 08:49:37 1994", Some(784_111_777_000)),
            ("Fri, 20 Nov 2026 00:00:00 GMT", Some(1_795_132_800_000)),
            ("Friday, 20-Nov-26 00:00:00 GMT", Some(1_795_132_800_000)),
            ("Mon, 31 Feb 2026 00:00:00 GMT", None),
            ("Fri, 20 Nov 2026 24:00:00 GMT", None),
            ("Fri, 20 Nov 2026", None),
            ("Fri, 20 2026 00:00:00 GMT", None),
            ("20 Nov 2026 1 00:00:00", None),
            ("45", None),
            ("soon", None),
            ("", None),
        ] {
            assert_eq!(millis(date), expected, "{date}");
        }
    }
}
