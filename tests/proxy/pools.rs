//! Several upstreams behind one model name.

mod failures;
mod gate;
mod keepalive;
