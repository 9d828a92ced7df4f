//! Why a model stopped, or did not begin.
