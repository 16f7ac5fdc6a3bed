//! Another name for an object, wherever it is named.

use std::sync::Arc;

use kustomize::{Node, Source};

use super::definition::object_meant;
use super::places::{Spot, View, fields_at};
use crate::fix::{Library, Renamed, kinds_named_at};
use crate::location::{Object, Step};
use crate::mentions;

/// What a name at a spot stands for.
#[derive(Debug)]
pub(super) struct Subject {
    pub(super) what: Renamed,
    /// The bytes of the name there.
    pub(super) bytes: (usize, usize),
    /// What stands before the object's own name there, and behind it.
    around: (String, String),
}

impl Subject {
    /// The object's new name in its own file, when it is to be this at the spot.
    ///
    /// # Errors
    /// What stands around the name comes from elsewhere.
    pub(super) fn new_name<'n>(&self, text: &'n str) -> Result<&'n str, String> {
        let (before, behind) = &self.around;
        let bare = text.strip_prefix(before.as_str()).and_then(|text| text.strip_suffix(behind.as_str()));
        bare.filter(|bare| !bare.is_empty())
            .ok_or_else(|| format!("a kustomization makes it {before}…{behind}: that stays around the name"))
    }
}

/// The object that is named at a spot.
///
/// # Errors
/// Says why nothing there can be renamed.
pub(super) fn subject(views: &[View], spot: Spot<'_>) -> Result<Subject, String> {
    let scalar = scalar(spot).ok_or("nothing there is the name of an object")?;
    let bytes = scalar.bytes;
    let text = spot.text.get(bytes.0..bytes.1).unwrap_or_default();
    let what = named(views, spot, &scalar, text).ok_or("nothing there is the name of an object that an overlay has")?;
    let at = text.rfind(&what.name).ok_or("what stands there is not the name that the object has in its file")?;
    let around = (text[..at].to_owned(), text[at + what.name.len()..].to_owned());
    Ok(Subject { what, bytes, around })
}

/// A plain text that a spot is in.
struct Scalar {
    /// Its document: of the file, or of a patch that stands in it.
    root: Node,
    /// Where the spot is in that.
    at: u32,
    /// The bytes of the file, without quotes.
    bytes: (usize, usize),
}

fn scalar(spot: Spot<'_>) -> Option<Scalar> {
    let source = Arc::new(Source::new(spot.file, spot.text));
    let holder = Library::default().holder(&source, u32::try_from(spot.offset).ok()?).ok()?;
    let at = holder.offset(spot.offset)?;
    let holds = |node: &&Node| (node.origin.start as usize..=node.origin.end as usize).contains(&at);
    let mut node = &holder.root;
    while let Some(inner) = node.entries().iter().map(|entry| &entry.value).chain(node.items()).find(holds) {
        node = inner;
    }
    // The lines of a patch are indented; within one, an offset is as far from another as in the file.
    let start = spot.offset.checked_sub(at.checked_sub(node.origin.start as usize)?)?;
    let text = spot.text.get(start..start + (node.origin.end - node.origin.start) as usize)?;
    let bare = Some(text).filter(|text| node.as_str().is_some() && !text.contains('\n'))?.trim_matches(['"', '\'']);
    let start = start + text.find(bare)?;
    Some(Scalar { at: u32::try_from(at).ok()?, bytes: (start, start + bare.len()), root: holder.root })
}

fn named(views: &[View], spot: Spot<'_>, Scalar { root, at, .. }: &Scalar, text: &str) -> Option<Renamed> {
    for view in views {
        let render = &view.render;
        for field in fields_at(render, spot) {
            let Some(object) = render.objects.get(field.object) else { continue };
            let is_name =
                matches!(field.path.as_slice(), [Step::Key(metadata), Step::Key(name)] if metadata == "metadata" && name == "name");
            let mention = || mentions::of(object).into_iter().find(|mention| mention.path == field.path);
            let meant = if is_name { Some(object) } else { mention().and_then(|mention| object_meant(render, object, &mention)) };
            if let Some(found) = meant.and_then(|meant| Renamed::of(&render.sources, meant)) {
                return Some(found);
            }
        }
    }
    // What a patch or an entry of a kustomization names is set by neither.
    let objects = || views.iter().flat_map(|view| view.render.objects.iter().map(move |object| (view, object)));
    let is_patch_name = root.at(&["metadata", "name"]).is_some_and(|name| (name.origin.start..=name.origin.end).contains(at));
    let own = root.str_at(&["kind"]).filter(|_| is_patch_name).map(str::to_owned);
    let kinds: Vec<String> = objects().map(|(_, object)| Object::of(object).kind).collect();
    let listed = kinds_named_at(root, *at, kinds.iter().map(String::as_str));
    objects().find_map(|(view, object)| {
        let it = Object::of(object);
        let is_kind = own.as_ref().map_or_else(|| listed.contains(&it.kind.as_str()), |own| *own == it.kind);
        let found = Renamed::of(&view.render.sources, object).filter(|_| is_kind)?;
        (found.name == text || crate::identity::without_hash(&it.name) == text).then_some(found)
    })
}
