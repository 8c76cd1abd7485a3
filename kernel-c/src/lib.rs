//! Kernel C to [`sim_core::program::Program`].

pub mod ast;
pub mod diagnostic;
pub mod front;
mod intern;
mod lexer;
mod literal;
pub mod loader;
mod parser;
mod preprocess;
pub mod render;
pub mod source_map;
mod token;

pub use preprocess::OptionUse;
