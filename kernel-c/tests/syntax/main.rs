//! Tests of the syntactic half of the front end.

mod shape;
mod shapes;
mod support;
mod ui;
