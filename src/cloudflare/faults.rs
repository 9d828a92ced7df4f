//! A path that panics, for the test that one request's panic is its own. Compiled only into the tests' build.

pub(super) fn panic_if_asked(head: &str) {
    let url = head.lines().nth(1).unwrap_or_default();
    assert!(!url.ends_with("/faults/panic"), "asked to");
}
