//! The Linux kernel's lock validator, as a library: lock events in; findings and a graph of lock dependencies out.
//!
//! It knows nothing of where the events come from: a simulator that explores every interleaving, a recorded trace, a program under test.
//! The rules are those of `Documentation/locking/lockdep-design.rst`. No threads, files or clocks; the same events give the same bytes.
//!
//! - [`class`]: locks, their classes and types; [`held`]: what a context holds; [`usage`]: the bits of `{-.+?}`.
//! - [`step`]: what each event does to the locks held, and the [`fact`]s that it shows.
//! - [`facts`]: the set of all facts; [`exact`]: the verdict over it.
//! - [`report`]: what is found.

pub mod class;
pub mod exact;
pub mod fact;
pub mod facts;
pub mod held;
pub mod report;
pub mod settings;
pub mod step;
pub mod usage;
