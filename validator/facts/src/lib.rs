//! Facts about rendered Kubernetes objects, computed in Rust so that rules need not join objects themselves.
//!
//! This crate knows objects and their paths. It knows nothing of files, of Rego or of environments.
