//! Members of answers and chunks that are Azure's own.

/// Whether a member is one of the content filter's annotations, or an inference server's own.
pub(super) fn is_annotation(name: &str) -> bool {
    let others = [
        "prompt_filter_results",
        "prompt_annotations",
        "content_filters",
        "matched_stop",
    ];
    name.starts_with("content_filter_") || others.contains(&name)
}
