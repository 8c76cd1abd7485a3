//! Kernel C to [`sim_core::program::Program`].

pub mod ast;
pub mod diagnostic;
pub mod source_map;
