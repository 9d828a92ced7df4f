//! The clock and the console.

use crate::platform::Level;

#[expect(
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "milliseconds since 1970 are whole and positive"
)]
pub(super) fn now_millis() -> u64 {
    js_sys::Date::now() as u64
}

/// The console method is the severity Workers Logs shows.
pub(super) fn log(level: Level, line: &str) {
    match level {
        Level::Debug => worker::console_debug!("{line}"),
        Level::Info => worker::console_log!("{line}"),
        Level::Warn => worker::console_warn!("{line}"),
        Level::Error => worker::console_error!("{line}"),
    }
}
