//! The tests of the model, in one program.

mod cases;
mod common;
mod core;
mod gaps;
mod merge;
mod oracle;
mod rules;
mod splats;
mod texts;
