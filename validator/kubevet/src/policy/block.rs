//! The METADATA block of a policy, with the places of what is wrong in it.

use std::sync::Arc;

use kustomize::{Error, Place};

use super::files::PolicyFile;
use super::metadata::{self, Metadata, Mistake};
use crate::config::yaml_error;
use crate::problem::{invalid, suggest};

/// What a policy says about itself, less the examples where the binary knows it.
pub(super) fn known_metadata(file: &PolicyFile) -> Result<Metadata, Error> {
    match file.known.and_then(|known| known.metadata.as_ref()) {
        Some(known) => Ok(known.into()),
        None => metadata(file),
    }
}

/// What a policy says about itself; nothing where it has no block.
pub(super) fn metadata(file: &PolicyFile) -> Result<Metadata, Error> {
    let source = &file.source;
    metadata::parse(source.text()).map(Option::unwrap_or_default).map_err(|mistake| match mistake {
        Mistake::Line(line) => {
            let place = Place { source: Arc::clone(source), start: line.start as u32, end: line.end as u32 };
            invalid("expected `# ` or `package` after the METADATA block").at(place)
        }
        Mistake::Deep(line) => {
            let place = Place { source: Arc::clone(source), start: line.start as u32, end: line.end as u32 };
            invalid("the METADATA block nests more than 100 brackets").at(place)
        }
        Mistake::Yaml(before, error) => {
            let error = yaml_error(source, before, &error);
            let help = unknown_word(&error.message).unwrap_or_else(|| WORDS.to_owned());
            let message = format!("the METADATA block is wrong: {}", error.message);
            Error { message, ..error }.help(help)
        }
    })
}

/// What a block may say.
const WORDS: &str = "it is YAML in comments: title, description, and custom with kinds, keys, texts, needs, scope (object, overlay, \
                     environments or change), parameters, help and examples (good, bad)";

/// What was meant by a word that the reader doesn't know, and lists the known ones behind it.
fn unknown_word(message: &str) -> Option<String> {
    let mut words = message.split_once("unknown ")?.1.split('`').skip(1).step_by(2);
    let word = words.next()?;
    let known: Vec<&str> = words.collect();
    // In the list of what stands beside title are OPA's words too.
    let is_top = known.contains(&"title");
    let hint = suggest(word, known.into_iter().filter(|known| !is_top || ["title", "description", "custom"].contains(known)));
    Some(if is_top && !hint.starts_with("did you mean") { format!("{word} may belong below custom; {WORDS}") } else { hint })
}
