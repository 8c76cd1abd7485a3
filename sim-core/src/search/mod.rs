//! Which choices to take.
