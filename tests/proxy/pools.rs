//! Several upstreams behind one model name.

mod gate;
mod keepalive;
