//! Fixes: the edits that mend findings, where a person would write them, and proved before they are offered.
//!
//! A rule says in terms of objects how to mend what it finds ([`crate::remedy`]). Here that becomes edits of files, in one direction: `place` finds the documents that an
//! object is made of and the ways to do the edit there, `plan` chooses those that affect only overlays that ask for it, [`mend()`] does them on texts in memory, judges
//! everything again and keeps what is proved.

mod address;
mod candidate;
mod chain;
mod chosen;
mod compare;
mod edit;
mod embedded;
mod entries;
mod entry;
mod exceptions;
mod fresh;
mod holder;
mod index;
mod json;
mod mark;
mod marks;
mod mend;
mod merge;
mod occurrences;
mod one_by_one;
mod operation;
mod outcome;
mod place;
mod place_in_text;
mod plan;
mod proof;
mod refusal;
mod rename;
mod said;
mod save;
mod show;
mod spot;
mod style;
mod texts;
mod tree;
mod way;
mod work;
mod writer;

pub use chosen::{Choice, Chosen};
pub use edit::edit;
pub(crate) use holder::Library;
pub use json::write_json;
pub use mark::mark;
pub use mend::{mend, mend_again};
pub use one_by_one::{Decision, Person, mend_as_decided, offers};
pub use outcome::{Fixed, FixedFile, Mended, Options, Refused};
pub use refusal::Refusal;
pub use rename::{Renamed, kinds_named_at, rename};
pub use save::save;
pub use show::{Palette, write_diff, write_summary};
pub use tree::Change;
