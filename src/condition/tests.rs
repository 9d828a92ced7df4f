//! Tests of a condition as a whole.
