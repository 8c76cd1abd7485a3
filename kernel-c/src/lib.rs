//! Kernel C to [`sim_core::program::Program`].

pub mod ast;
mod compile;
pub mod diagnostic;
pub mod front;
mod intern;
mod lexer;
pub mod listing;
mod literal;
pub mod loader;
mod lower;
mod parser;
mod prelude;
mod preprocess;
pub mod render;
pub mod source_map;
pub mod stubs;
mod token;
mod types;

pub use compile::{Compiled, Options, compile};
pub use preprocess::OptionUse;
