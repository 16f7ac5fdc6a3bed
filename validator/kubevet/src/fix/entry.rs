//! Entries of kustomizations: those that a note of the build is about, and those that make a field what it is.

use kustomize::{Node, Sources};
use serde_json::{Value as Json, json};

use super::address::scalar;
use super::holder::{Holder, Kind, Library};
use super::operation::Operation;
use super::refusal::Refusal;
use super::tree::Change;
use super::way::Way;
use crate::locate;
use crate::location::Step;
use crate::policy::json as json_of;
use crate::remedy::SourceEdit;

/// What changes the entry that a note of the build is about.
///
/// # Errors
/// The entry is not found, or the file is not the project's.
pub(crate) fn of_note(library: &Library, sources: &Sources, origin: &kustomize::Origin, edit: &SourceEdit) -> Result<Way, Refusal> {
    let holder = library.holder(sources.get(origin.source), origin.start)?;
    let mut path = holder.find(origin).ok_or_else(Refusal::not_there)?;
    let mut changes = match edit {
        SourceEdit::Remove => {
            // A list without elements says nothing.
            if let Some((Step::Index(_), above)) = path.split_last()
                && locate::resolve(&holder.root, above).is_some_and(|list| list.items().len() == 1)
                && holder.kind == Kind::Kustomization
            {
                path.pop();
            }
            vec![Change::Remove(path)]
        }
        SourceEdit::Quote => vec![Change::Quote(path)],
        SourceEdit::Rename(to) => moved(&holder.root, path, to, None)?,
        SourceEdit::Rewrite { to: Some(to), value } => moved(&holder.root, path, to, Some(value))?,
        SourceEdit::Rewrite { to: None, value } => vec![Change::Set(path, value.clone())],
    };
    Ok(Way::new(match (changes.pop(), changes.is_empty()) {
        (Some(change), true) => Operation::Change(holder.spot, change),
        (last, _) => Operation::Changes(holder.spot, changes.into_iter().chain(last).collect()),
    }))
}

/// What puts the value of a field, or another one, under another key: to the end of the list that is there, if one is.
fn moved(root: &Node, path: Vec<Step>, to: &str, value: Option<&Json>) -> Result<Vec<Change>, Refusal> {
    let above = path.split_last().map(|(_, above)| above).ok_or_else(Refusal::not_there)?;
    let target = [above, &[Step::Key(to.to_owned())]].concat();
    let Some(there) = locate::resolve(root, &target) else {
        let written = value.map(|value| Change::Set(target, value.clone()));
        return Ok(std::iter::once(Change::Rename(path, to.to_owned())).chain(written).collect());
    };
    let value = match value {
        Some(value) => value.clone(),
        None => json_of(locate::resolve(root, &path).ok_or_else(Refusal::not_there)?),
    };
    match value {
        Json::Array(items) if there.as_seq().is_some() => {
            let added = items.into_iter().map(|item| Change::Add(target.clone(), item));
            Ok(added.chain([Change::Remove(path.clone())]).collect())
        }
        _ => Err(Refusal::new("there is a field of the new name already")),
    }
}

/// What an entry of `images` must say for an image to become another one.
pub(super) fn image(holder: &Holder, at: &[Step], value: &Json) -> Vec<Way> {
    let (Some(value), [Step::Key(list), Step::Index(index), ..]) = (value.as_str(), at) else { return Vec::new() };
    if list != "images" {
        return Vec::new();
    }
    let entry = vec![Step::Key(list.clone()), Step::Index(*index)];
    let Some(old) = locate::resolve(&holder.root, &entry) else { return Vec::new() };
    let (rest, digest) = value.split_once('@').map_or((value, None), |(rest, digest)| (rest, Some(digest)));
    let (name, tag) = match rest.rsplit_once(':') {
        Some((name, tag)) if !tag.contains('/') => (name, Some(tag)),
        _ => (rest, None),
    };
    let mut fields = serde_json::Map::new();
    old.entries().iter().for_each(|entry| drop(fields.insert(entry.key.text.to_string(), scalar(&entry.value).unwrap_or_default())));
    for (key, new) in [("newTag", tag), ("digest", digest)] {
        match new {
            Some(new) => drop(fields.insert(key.to_owned(), json!(new))),
            None => drop(fields.remove(key)),
        }
    }
    let known = old.str_at(&["newName"]).or_else(|| old.str_at(&["name"]));
    if known != Some(name) {
        fields.insert("newName".to_owned(), json!(name));
    }
    vec![Way::new(Operation::Change(holder.spot.clone(), Change::Set(entry, fields.into())))]
}
