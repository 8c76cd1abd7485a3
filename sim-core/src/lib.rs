//! A deterministic model of the Linux kernel's concurrency, and the search over its executions.
//!
//! | module | what it is |
//! |---|---|
//! | [`program`] | what a scenario means after compilation |
//! | [`machine`] | one state of the simulated kernel, and its steps |
//! | [`model`] | the seam between machine and search |
//! | [`search`] | which choices to take |
//! | [`check`] | from a program to findings |
//! | [`finding`] | what can be found |
//! | [`view`] | one description of an execution, for people |

pub mod check;
pub mod finding;
pub mod machine;
pub mod model;
pub mod program;
pub mod search;
pub mod view;
