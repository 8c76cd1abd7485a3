//! The Linux kernel's lock validator, as a library: lock events in; findings and a graph of lock dependencies out.
//!
//! It knows nothing of where the events come from: a simulator that explores every interleaving, a recorded trace, a program under test.
//! The rules are those of `Documentation/locking/lockdep-design.rst`. No threads, files or clocks; the same events give the same bytes.
//!
//! Who has events in the order in which they happened starts with [`validator::Validator`]:
//!
//! ```
//! use lockdep_model::class::{ContextId, InstanceId, LockType, Place};
//! use lockdep_model::settings::Settings;
//! use lockdep_model::validator::{Take, Validator};
//!
//! let mut v = Validator::new(Settings::default());
//! let (a, b) = (InstanceId(0xa0), InstanceId(0xb0));
//! for (lock, name) in [(a, "a"), (b, "b")] {
//!     let key = v.key(name, LockType::Mutex);
//!     v.init(ContextId(0), lock, key, Place(0))?;
//! }
//! for (task, [first, second]) in [(1, [a, b]), (2, [b, a])] {
//!     v.acquire(ContextId(task), first, Take::write());
//!     v.acquire(ContextId(task), second, Take::write());
//!     v.release(ContextId(task), second, Place(0));
//!     v.release(ContextId(task), first, Place(0));
//! }
//! assert_eq!(v.reports()[0].heading(), "WARNING: possible circular locking dependency detected");
//! println!("{}", lockdep_model::dot::dot(&v.graph(), |_| None));
//! # Ok::<(), lockdep_model::validator::Error>(())
//! ```
//!
//! Who explores many executions keeps a [`held::HeldStack`] in each state, calls [`step`] with a recorder of [`facts::Facts`], merges what
//! several searchers saw, and asks [`exact::check`] at the end.
//!
//! - [`class`]: locks, their classes and types; [`held`]: what a context holds; [`usage`]: the bits of `{-.+?}`.
//! - [`step`]: what each event does to the locks held, and the [`fact`]s that it shows; [`memo`]: which it need not show again.
//! - [`facts`]: the set of all facts; [`exact`]: the verdict over it. [`kernel`]: the kernel's own algorithm, over one sequence of events.
//! - [`report`]: what is found; [`scenario`]: the table of who does what until all wait.
//! - [`graph`]: the graph; [`mod@dot`] and [`proc`]: as pictures and as proc files.

pub mod class;
pub mod dot;
pub mod exact;
pub mod fact;
pub mod facts;
pub mod graph;
pub mod held;
pub mod kernel;
pub mod memo;
pub mod proc;
pub mod report;
pub mod scenario;
pub mod settings;
pub mod step;
pub mod usage;
pub mod validator;
