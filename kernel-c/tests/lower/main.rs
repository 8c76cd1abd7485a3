//! Types, checking and lowering, seen from outside: what a text compiles to, what it computes, and what is said about mistakes in it.

mod api;
mod claims;
mod code;
mod interpreter;
mod layout;
mod messages;
mod rig;
mod robustness;
mod semantics;
mod support;
