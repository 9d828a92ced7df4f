//! Paths that fail as asked, for the tests that one request's failure is its own. Compiled only into their build.

pub(super) fn fail_if_asked(path: &str) {
    assert!(path != "/faults/panic", "asked to");
    if path == "/faults/trap" {
        core::arch::wasm32::unreachable();
    }
}
