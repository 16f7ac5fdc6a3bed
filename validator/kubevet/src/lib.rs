//! Checks what a Kustomize overlay renders to, and points at the line that caused each finding.
//!
//! Data flows one way: [`input`] finds what to judge, [`renderer`] renders it, [`policy`] evaluates the rules, [`locate`]
//! turns paths in objects into lines of sources, [`waivers`] accept some findings, and [`report`] prints. [`check`] joins them.

mod affected;
pub mod baseline;
pub mod check;
pub mod cli;
mod config;
pub mod coverage;
pub mod diff;
pub mod discover;
pub mod editor;
pub mod environments;
pub mod escape;
pub mod explain;
mod files;
pub mod findings;
pub mod folder;
pub mod git;
pub mod graph;
pub mod identity;
mod ignored;
pub mod init;
pub mod input;
pub mod levels;
pub mod locate;
pub mod origins;
mod paths;
pub mod policy;
pub mod problem;
mod process;
pub mod project;
pub mod redact;
pub mod renderer;
pub mod report;
pub mod rules;
pub mod schemas;
mod vendor;
pub mod waivers;
mod watch;
pub mod write;
