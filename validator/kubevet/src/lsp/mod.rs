//! `kubevet lsp`: what `kubevet check` says, in an editor and while people type.
//!
//! One thread speaks with the editor and never waits for anything else. Another one judges, texts that nobody saved included; what it works on is
//! watched, so that nothing that somebody wrote into a workspace stops the server.

/// Positions as editors count them.
mod position;

/// Files as URIs name them.
mod uri;

/// Messages on standard input and output.
mod wire;

/// What an editor can do with answers.
mod abilities;

/// What the editor has open.
mod documents;

/// Edits of files, as an editor makes them.
mod changes;

/// From a byte of a file to the fields that it set.
mod places;

/// What there is to know of what stands somewhere.
mod hover;

/// Where what stands somewhere comes from.
mod definition;

/// Another name for an object.
mod rename;

/// Findings and problems as an editor shows them.
mod diagnostics;

/// A workspace folder, judged again and again.
mod session;

/// What may be written somewhere.
mod completion;

/// Renders and pictures to look at.
mod commands;

/// What can be done about findings.
mod actions;

/// What an editor asks about a place.
mod ask;

/// What the editor says of itself.
mod client;

/// The thread that judges.
mod worker;

/// What is to be judged, and when.
mod pending;

/// What the editor asked and nobody answered yet.
mod requests;

/// What the editor shows.
mod screen;

/// The thread that speaks with the editor.
mod server;

pub(crate) use server::serve;
