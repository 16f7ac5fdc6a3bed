//! The Common Expression Language as the API server of Kubernetes speaks it.
//!
//! [`syntax`] reads expressions, [`check`] finds what the server refuses when they are created, [`cost`] estimates what they cost it at most, and
//! [`eval`] evaluates them over values that [`value`] makes of objects. The functions that Kubernetes adds come from the crate `kube-cel`. Its evaluation does not: it copies whole
//! objects at each use of a variable, has no bound, and lacks macros of two variables.
//!
//! This crate knows nothing of files, definitions or policies.

pub mod check;
pub mod cost;
pub mod eval;
pub mod names;
pub mod syntax;
pub mod value;

pub use eval::{Budget, Fault, Variables, evaluate};
pub use syntax::{Expr, SyntaxError, parse};
pub use value::Value;
