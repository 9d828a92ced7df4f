//! The scan of a multipart form for its `model` part.
