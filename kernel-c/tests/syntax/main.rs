//! Tests of the syntactic half of the front end.

mod garbage;
mod preprocess;
mod shape;
mod shapes;
mod support;
mod ui;
