//! Checks what a Kustomize overlay renders to, and points at the line that caused each finding.
//!
//! Data flows one way: [`input`] finds what to judge, [`renderer`] renders it, [`policy`] evaluates the rules, [`locate`]
//! turns paths in objects into lines of sources, [`waivers`] accept some findings, and [`report`] prints. [`check`] joins them.
//!
//! The modules below are its layers, from the ground up: each uses those above it in this list and none below (the test `layers` sees to that).

/// Words of messages.
mod words;

/// What goes into reports, so that nothing in it is taken for something else.
pub mod escape;

/// Paths as people should see them.
mod paths;

/// What keeps something from being judged, and what else there is to say.
pub mod problem;

/// Other programs, and how long they may take.
mod process;

/// Work that nobody waits for any more.
pub mod stop;

/// What a long run is at, on a terminal.
mod progress;

/// How long a run may take, and what it is at.
mod watch;

/// What git keeps of the checkout that is judged.
pub mod git;

/// The files that are read.
mod files;

/// Files as they would be.
pub mod drafts;

/// The files that are written.
pub mod write;

/// Files of kubevet's own.
mod config;

/// Objects, paths into them, and places in the sources.
pub mod location;

/// How findings can be mended.
pub mod remedy;

/// From paths in objects to places in the sources.
pub mod locate;

/// What makes a finding the same one tomorrow.
pub mod identity;

/// How strict rules are where.
pub mod levels;

/// What environments are for, as far as names of directories say.
mod role;

/// The table of environments.
pub mod environments;

/// What rules say, and where that comes from.
pub mod findings;

/// What git ignores.
mod ignored;

/// Where policies are: in a directory or in a revision.
pub mod folder;

/// Where there are kustomizations.
pub mod discover;

/// Credentials, which no output shows.
pub mod redact;

/// What kustomizations build on and the project does not hold.
mod vendor;

/// What a change affects.
mod affected;

/// From a directory to objects.
pub mod renderer;

/// What Flux fills into them.
mod flux;

/// A render with the place behind each line.
pub mod origins;

/// Objects and fields by what people call them.
pub mod named;

/// Names in objects that stand for others.
mod mentions;

/// Who set a field.
pub mod trace;

/// Rules in Rego: reading them, asking them.
pub mod policy;

/// Schemas of kubevet's own files, for editors.
pub mod editor;

/// The custom kinds whose schemas kubevet carries.
pub mod schemas;

/// Findings that somebody accepted.
pub mod waivers;

/// Findings that were there when kubevet came.
pub mod baseline;

/// All that a project says of itself.
pub mod project;

/// The cluster's own rules that a project brings.
mod cluster_rules;

/// The rules, listed.
pub mod rules;

/// What may be written where.
pub mod complete;

/// A rule, explained.
pub mod explain;

/// Rules as objects for a cluster.
pub mod export;

/// A first table for a project.
pub mod init;

/// Manifests and charts beside kustomizations.
mod plain;

/// What to judge.
pub mod input;

/// What was judged of the objects.
pub mod coverage;

/// Judging: what all of the above is for.
pub mod check;

/// Edits that mend findings, proved.
pub mod fix;

/// What came of it, in the formats that people and programs read.
pub mod report;

/// Two states of a project compared.
pub mod diff;

/// Pictures of who may talk to whom.
pub mod graph;

/// What is said while people type.
mod lsp;

/// The commands.
pub mod cli;
