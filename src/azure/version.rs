//! The api-version of an endpoint, and what came with which.

/// A dated version as a number (`2024-10-21` is 20241021), or the form without dates, which is newer than any.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Version(u32);

impl Version {
    /// The last dated one that is no preview.
    pub const DEFAULT: Self = Self::of(2024, 10, 21);
    /// `/openai/v1`.
    pub const V1: Self = Self(u32::MAX);

    const fn of(year: u32, month: u32, day: u32) -> Self {
        Self(year * 10_000 + month * 100 + day)
    }

    /// `2024-10-21`, `2025-04-01-preview`.
    pub fn parse(text: &str) -> Option<Self> {
        let date = text.strip_suffix("-preview").unwrap_or(text);
        let (year, month_and_day) = date.split_once('-')?;
        let (month, day) = month_and_day.split_once('-')?;
        let number = |digits: &str, length| {
            let is_number = digits.len() == length && digits.bytes().all(|it| it.is_ascii_digit());
            is_number.then(|| digits.parse::<u32>().ok()).flatten()
        };
        let (year, month, day) = (number(year, 4)?, number(month, 2)?, number(day, 2)?);
        let is_date = (1..=12).contains(&month) && (1..=31).contains(&day);
        is_date.then(|| Self::of(year, month, day))
    }

    pub fn number(self) -> u32 {
        self.0
    }

    /// Whether what came with a version is there: `since(2024, 9, 1)`.
    pub fn since(self, year: u32, month: u32, day: u32) -> bool {
        self >= Self::of(year, month, day)
    }
}

#[cfg(test)]
mod tests {
    use super::Version;

    #[test]
    fn versions_are_dates() {
        let version = |text| Version::parse(text).unwrap();
        assert_eq!(version("2024-10-21"), Version::DEFAULT);
        assert!(version("2024-09-01-preview").since(2024, 9, 1));
        assert!(!version("2024-06-01").since(2024, 9, 1));
        assert!(Version::V1.since(2030, 1, 1));
        for nonsense in [
            "",
            "2024",
            "2024-10",
            "2024-1-1",
            "v2",
            "2024-10-21-beta",
            "20241021",
            "2024-13-01",
            "2024-10-32",
            "2024-00-10",
        ] {
            assert_eq!(Version::parse(nonsense), None, "{nonsense}");
        }
    }
}
