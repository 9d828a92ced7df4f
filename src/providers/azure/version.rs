//! The api-version as its owner wrote it.

use std::borrow::Cow;

use crate::azure::version::Version;

/// What an `api-version` setting, or the query of a pasted address, says.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum ApiVersion {
    /// `2024-10-21`, `2025-04-01-preview`: as it goes into the query.
    Dated(Cow<'static, str>),
    /// `/openai/v1` without a query: `v1`, `latest`.
    V1,
    /// `/openai/v1` with `?api-version=preview`.
    Preview,
}

/// The last dated version that is no preview.
pub static USUAL: ApiVersion = ApiVersion::Dated(Cow::Borrowed("2024-10-21"));
/// The last dated version there is, for what no other has.
pub static LAST_PREVIEW: ApiVersion = ApiVersion::Dated(Cow::Borrowed("2025-04-01-preview"));
/// Of Azure AI Model Inference.
pub static MODELS: ApiVersion = ApiVersion::Dated(Cow::Borrowed("2024-05-01-preview"));
/// The last that still lists a resource's deployments.
pub static DEPLOYMENTS: ApiVersion = ApiVersion::Dated(Cow::Borrowed("2022-12-01"));
/// The first of those that take an image's request now and give the image later.
pub static SUBMIT_IMAGE: ApiVersion = ApiVersion::Dated(Cow::Borrowed("2023-06-01-preview"));
/// The form without dates.
pub static V1: ApiVersion = ApiVersion::V1;

impl ApiVersion {
    /// None for what is no version. A date that YAML took for a time keeps only the date (stulzq#31, #52).
    pub fn parse(text: &str) -> Option<Self> {
        let text = text.trim().to_ascii_lowercase();
        let text = match text.as_bytes().get(10) {
            Some(b' ' | b't') => text.get(..10)?,
            _ => &text,
        };
        match text {
            "v1" | "latest" => Some(Self::V1),
            "preview" => Some(Self::Preview),
            dated => Version::parse(dated).map(|_| Self::Dated(dated.to_owned().into())),
        }
    }

    pub fn is_dated(&self) -> bool {
        matches!(self, Self::Dated(_))
    }

    /// As a number that features are asked for by.
    pub fn number(&self) -> Version {
        match self {
            Self::Dated(text) => Version::parse(text).unwrap_or(Version::DEFAULT),
            Self::V1 | Self::Preview => Version::V1,
        }
    }

    /// As it stands in a query; the form without dates wants none.
    pub fn in_query(&self) -> Option<&str> {
        match self {
            Self::Dated(text) => Some(text),
            Self::V1 => None,
            Self::Preview => Some("preview"),
        }
    }

    /// Whether it has what came with a preview and never left it.
    pub fn has_preview(&self, (year, month, day): (u32, u32, u32)) -> bool {
        match self {
            Self::Dated(text) => {
                text.ends_with("-preview") && self.number().since(year, month, day)
            }
            Self::V1 | Self::Preview => true,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::ApiVersion;

    #[test]
    fn versions_as_people_write_them() {
        let dated = |text| Some(ApiVersion::Dated(text));
        for (written, meant) in [
            ("2024-10-21", dated("2024-10-21".into())),
            (" 2025-04-01-Preview ", dated("2025-04-01-preview".into())),
            ("2023-05-15 00:00:00 +0000 UTC", dated("2023-05-15".into())),
            ("2023-05-15T00:00:00Z", dated("2023-05-15".into())),
            ("v1", Some(ApiVersion::V1)),
            ("latest", Some(ApiVersion::V1)),
            ("preview", Some(ApiVersion::Preview)),
            ("2024/10/21", None),
            ("", None),
        ] {
            assert_eq!(ApiVersion::parse(written), meant, "{written}");
        }
    }
}
