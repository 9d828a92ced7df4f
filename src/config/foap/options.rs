//! What stands in a file's objects, by its kind: texts, times, addresses.

use std::time::Duration;

use serde_json::Value;

use crate::config::draft::Draft;
use crate::config::settings::Settings;
use crate::config::table::Table;
use crate::providers::address;

/// A day: a timer of the runtime's ends at 24 days.
const MOST_MILLIS: u32 = 86_400_000;

#[derive(Clone, Copy, PartialEq, Eq, Hash)]
pub(super) struct Times {
    pub(super) request_millis: u32,
    pub(super) health_millis: Option<u32>,
}

impl Draft {
    /// A text that is there and not null; a blank one says nothing.
    pub(super) fn text_at<'t>(
        &mut self,
        place: &str,
        options: &'t Table,
        key: &str,
    ) -> Option<&'t str> {
        match options.get(key)? {
            Value::Null => None,
            Value::String(text) => Some(text.trim()).filter(|text| !text.is_empty()),
            _ => {
                self.warn(format!("{place}.{key} should be text."));
                None
            }
        }
    }

    pub(super) fn is_on(&mut self, place: &str, options: &Table, key: &str) -> bool {
        self.switch(place, options, key).unwrap_or_default()
    }

    pub(super) fn times(&mut self, place: &str, options: &Table, usual: Times) -> Times {
        let request = self.millis_of(place, options, "request_timeout");
        let health = self.millis_of(place, options, "health_timeout");
        Times {
            request_millis: request.unwrap_or(usual.request_millis),
            health_millis: health.or(usual.health_millis),
        }
    }

    /// Seconds, as a number or as text with one.
    fn millis_of(&mut self, place: &str, options: &Table, key: &str) -> Option<u32> {
        let seconds = match options.get(key)? {
            Value::Null => return None,
            Value::String(text) => text.trim().parse().ok(),
            value => value.as_f64(),
        };
        let time = seconds.and_then(|seconds| Duration::try_from_secs_f64(seconds).ok());
        let millis = time.map(|time| u32::try_from(time.as_millis()).unwrap_or(MOST_MILLIS));
        let millis = millis.filter(|millis| *millis > 0);
        if millis.is_none() {
            self.warn(format!(
                "{place}.{key} should be a number of seconds above 0."
            ));
        }
        millis.map(|millis| millis.min(MOST_MILLIS))
    }

    /// What clients call the gateway itself.
    pub(super) fn public_address(&mut self, settings: &Settings) -> Option<String> {
        let text = settings.get("BASE_URL")?.trim_end_matches('/');
        let text = text.strip_suffix("/v1").unwrap_or(text);
        match address::split(text) {
            Ok(_) if text.contains("://") => Some(text.to_owned()),
            _ => {
                self.warn(
                    "BASE_URL should be the gateway's own address, as https://host.".to_owned(),
                );
                None
            }
        }
    }
}
