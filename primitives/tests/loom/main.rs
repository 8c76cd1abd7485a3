//! The primitives under loom: `primitives/loom` runs them all. Each model is small (two or three threads), and explored whole unless its test
//! says by how many preemptions it is bounded. What a test is called says what it shows; a model ends when all its threads do, so
//! that a lost wake-up is a deadlock to loom, and an endless wait is more branches than loom allows.
//!
//! `examples/weaken.rs` runs the module that is called as the source file, with one ordering of that file weakened.
#![cfg(loom)]

mod clh;
mod mcs;
mod raw_locks;
mod rcu;
mod rwlocks;
mod seqlock;
mod support;
mod waiter;
mod workqueue;
