//! Who may talk to whom: NetworkPolicies resolved against the workloads of a set of objects.

pub mod addresses;
pub mod cluster;
pub mod facts;
pub mod network;
pub mod policy;
pub mod ports;
