//! Where an edit of an object goes: the line that made the field, a patch that is there, the base, a new patch.

use std::path::{Path, PathBuf};

use kustomize::{Node, Render, Sources, Tag, merge_keys};
use serde_json::{Value as Json, json};

use super::edit::documents;
use super::holder::{Holder, Kind, Library, anchor, base};
use super::operation::{Habits, Named, NewPatch, Operation, Selector};
use super::refusal::Refusal;
use super::tree::{self, Change};
use crate::discover::kustomization_file;
use crate::files;
use crate::locate;
use crate::location::{Object, Step};
use crate::paths::shown;
use crate::remedy::{Edit, SourceEdit};

/// One way to do an edit.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Way {
    pub(crate) operation: Operation,
    /// The file that decides which overlays it affects: the one that is edited, or that lists what is new.
    pub(crate) file: PathBuf,
    /// Where the object begins that it changes, so that only overlays with that object count; none for a new object.
    pub(crate) anchor: Option<(PathBuf, u32)>,
}

impl Way {
    fn new(operation: Operation) -> Self {
        Self { file: operation.file().clone(), operation, anchor: None }
    }

    fn of(self, anchor: &(PathBuf, u32)) -> Self {
        Self { anchor: Some(anchor.clone()), ..self }
    }
}

/// An overlay, for edits of what it renders to.
#[derive(Clone, Copy)]
pub(crate) struct View<'a> {
    pub(crate) directory: &'a Path,
    pub(crate) render: &'a Render,
    pub(crate) library: &'a Library,
}

impl<'a> View<'a> {
    /// The object of that identity.
    pub(crate) fn object(&self, identity: &Object) -> Option<&'a Node> {
        self.render.objects.iter().find(|node| Object::of(node) == *identity)
    }

    /// The ways to do an edit, the best first. `own` is the object of the finding.
    ///
    /// # Errors
    /// There is none.
    pub(crate) fn ways(&self, own: &Object, edit: &Edit) -> Result<Vec<Way>, Refusal> {
        let named = |object: &Option<Object>| {
            let identity = object.as_ref().unwrap_or(own);
            self.object(identity).ok_or_else(|| Refusal::new("the object is not one of the overlay's own"))
        };
        let (object, ways) = match edit {
            Edit::Set { object, path, value } => {
                named(object).and_then(|object| Ok((object, self.setting(object, path, value, false)?)))?
            }
            Edit::Add { object, path, value } => named(object).and_then(|object| Ok((object, self.setting(object, path, value, true)?)))?,
            Edit::Remove { object, path } => named(object).and_then(|object| Ok((object, self.removing(object, path)?)))?,
            Edit::Create { object } => return self.creating(self.object(own), object),
            Edit::Source(_) => return Err(Refusal::new("only a finding on a note of the build changes an entry")),
        };
        let anchor = anchor(self.sources(), object);
        Ok(ways.into_iter().map(|way| way.of(&anchor)).collect())
    }

    fn sources(&self) -> &'a Sources {
        &self.render.sources
    }

    fn setting(&self, object: &Node, path: &[Step], value: &Json, is_addition: bool) -> Result<Vec<Way>, Refusal> {
        let there = tree::depth(object, path);
        let rest = path.get(there..).unwrap_or_default();
        let node = locate::resolve(object, path.get(..there).unwrap_or_default()).ok_or_else(Refusal::not_there)?;
        let change = |mut at: Vec<Step>| {
            at.extend(rest.iter().cloned());
            if is_addition { Change::Add(at, value.clone()) } else { Change::Set(at, value.clone()) }
        };
        let mut ways = Vec::new();
        // A patch that takes the field out is where it belongs.
        let removal = match rest.first() {
            Some(Step::Key(key)) => node.removed().iter().rev().find(|removal| *removal.key == **key),
            _ => None,
        };
        if let Some(removal) = removal
            && let Ok(holder) = self.library.holder(self.sources().get(removal.by.source), removal.by.start)
            && let Some(mut at) = holder.find(&removal.by)
        {
            at.extend(rest.iter().skip(1).cloned());
            let change = if is_addition { Change::Add(at, value.clone()) } else { Change::Set(at, value.clone()) };
            ways.push(Way::new(Operation::Change(holder.spot, change)));
        }
        let origin = &node.origin;
        let mut refusal = None;
        match self.library.holder(self.sources().get(origin.source), origin.start) {
            Ok(holder) => {
                let place = holder.find(origin).and_then(|at| Some((locate::resolve(&holder.root, &at)?.clone(), at)));
                match place {
                    Some((written, at)) if holder.kind != Kind::Kustomization || written == *node => {
                        ways.push(Way::new(Operation::Change(holder.spot.clone(), change(at))))
                    }
                    Some((_, at)) if rest.is_empty() => ways.extend(image(&holder, &at, value)),
                    _ => {}
                }
            }
            Err(why) => refusal = Some(why),
        }
        let selectors = selectors(object, path);
        let whole = |value: &Json| if is_addition { json!([value]) } else { value.clone() };
        // In a patch a list stands for the whole, unless its elements are merged.
        let is_merged =
            !is_addition || keys_of(object, path).is_some_and(|keys| keys.iter().all(|key| value.get(key).is_some())) || there < path.len();
        if let (Ok(path), true) = (&selectors, is_merged) {
            for holder in self.patches(object) {
                ways.push(Way::new(Operation::Merge { patch: holder.spot, path: path.clone(), value: Some(whole(value)) }));
            }
        }
        match (selectors, is_merged) {
            (Ok(path), true) => ways.extend(self.new_merge(object, path, Some(whole(value)))),
            _ => {
                let kind = if there == path.len() && !is_addition { "replace" } else { "add" };
                let (pointer, value) = pointer(object, path, value, is_addition)?;
                ways.extend(self.new_json(object, json!({"op": kind, "path": pointer, "value": value})));
            }
        }
        ways.dedup();
        if ways.is_empty() {
            Err(refusal.unwrap_or_else(|| Refusal::new("nothing in the files is the place of the edit")))
        } else {
            Ok(ways)
        }
    }

    fn removing(&self, object: &Node, path: &[Step]) -> Result<Vec<Way>, Refusal> {
        let node = locate::resolve(object, path).ok_or_else(Refusal::not_there)?;
        let mut ways = Vec::new();
        if node.origin.previous().is_none()
            && let Ok(holder) = self.library.holder(self.sources().get(node.origin.source), node.origin.start)
            && holder.kind != Kind::Kustomization
            && let Some(at) = holder.find(&node.origin)
        {
            ways.push(Way::new(Operation::Change(holder.spot, Change::Remove(at))));
        }
        match selectors(object, path) {
            Ok(path) => {
                ways.extend(
                    self.patches(object)
                        .into_iter()
                        .map(|holder| Way::new(Operation::Merge { patch: holder.spot, path: path.clone(), value: None })),
                );
                ways.extend(self.new_merge(object, path, None));
            }
            Err(_) => {
                let pointer: String = path.iter().map(|step| format!("/{}", escaped(step))).collect();
                ways.extend(self.new_json(object, json!({"op": "remove", "path": pointer})));
            }
        }
        if ways.is_empty() { Err(Refusal::new("nothing in the files is the place of the edit")) } else { Ok(ways) }
    }

    /// The strategic merge patches of an object.
    fn patches(&self, object: &Node) -> Vec<Holder> {
        let (source, start) = base(self.sources(), object);
        let own = self.library.holder(source, start).map(|holder| holder.spot);
        let named = self.named(object);
        let is_patch = |holder: &Holder| {
            let is_own = own.as_ref().is_ok_and(|own| *own == holder.spot);
            holder.kind == Kind::Object && !is_own && named.as_ref().is_some_and(|named| named.is_named_in(&holder.root))
        };
        self.library.holders(self.sources(), object).into_iter().filter(is_patch).collect()
    }

    /// The object as its first document names it.
    fn named(&self, object: &Node) -> Option<Named> {
        let (source, start) = base(self.sources(), object);
        let root = self.library.holder(source, start).ok().filter(|holder| holder.kind == Kind::Object)?.root;
        let text = |keys: &[&str]| root.str_at(keys).map(str::to_owned);
        Some(Named {
            api_version: text(&["apiVersion"])?,
            kind: text(&["kind"])?,
            name: text(&["metadata", "name"])?,
            namespace: text(&["metadata", "namespace"]),
        })
    }

    fn new_merge(&self, object: &Node, path: Vec<Selector>, value: Option<Json>) -> Option<Way> {
        let named = self.named(object)?;
        let kustomization = shown(&kustomization_file(self.directory)?);
        let file = self.new_patch(&kustomization, &named, self.habits(object))?;
        Some(Way::new(Operation::NewMerge { kustomization, file, object: named, path, value }))
    }

    fn new_json(&self, object: &Node, operation: Json) -> Option<Way> {
        let kustomization = shown(&kustomization_file(self.directory)?);
        Some(Way::new(Operation::NewJson { kustomization, object: self.named(object)?, operation }))
    }

    fn habits(&self, object: &Node) -> Habits {
        Habits::of(base(self.sources(), object).0.text())
    }

    /// Where a new patch stands, as those do that the kustomization has.
    fn new_patch(&self, kustomization: &Path, object: &Named, style: Habits) -> Option<NewPatch> {
        let root = self.kustomization(kustomization)?;
        let directory = kustomization.parent().unwrap_or(Path::new(""));
        let listed = |list: &str| root.get(list).map(Node::items).unwrap_or_default();
        let files = listed("patches").iter().filter_map(|entry| entry.str_at(&["path"]));
        let old_files: Vec<&str> =
            listed("patchesStrategicMerge").iter().filter_map(Node::as_str).filter(|entry| !entry.contains('\n')).collect();
        let files: Vec<&str> = files.collect();
        let deprecated = files.is_empty() && !old_files.is_empty();
        if files.is_empty() && !deprecated && listed("patches").iter().any(|entry| entry.get("patch").is_some()) {
            return Some(NewPatch::Inline { style });
        }
        let names = files.iter().chain(&old_files).filter_map(|name| pattern(directory, name)).collect::<Vec<_>>();
        let common = names.iter().max_by_key(|name| names.iter().filter(|other| other == name).count()).cloned();
        let fill = |pattern: &str| directory.join(pattern.replace("{name}", &object.name).replace("{kind}", &object.kind.to_lowercase()));
        let common = common.unwrap_or_else(|| "patch-{name}.yaml".to_owned());
        let tries = [common.as_str(), "patch-{name}.yaml", "patch-{name}-{kind}.yaml"].map(fill);
        let is_free = |path: &&PathBuf| path.symlink_metadata().is_err();
        Some(NewPatch::File { path: tries.iter().find(is_free)?.clone(), deprecated, style })
    }

    fn kustomization(&self, path: &Path) -> Option<Node> {
        let source = self.sources().iter().map(|(_, source)| source).find(|source| shown(source.path()) == path)?;
        documents(source.text(), kustomize::yaml::Dialect::YamlV2).ok()?.into_iter().next()
    }

    fn creating(&self, beside: Option<&'a Node>, object: &Json) -> Result<Vec<Way>, Refusal> {
        let kind = object["kind"].as_str().unwrap_or_default().to_lowercase();
        let name = object["metadata"]["name"].as_str().unwrap_or_default();
        let is_name =
            |text: &str| !text.is_empty() && text.chars().all(|character| character.is_ascii_alphanumeric() || "-.".contains(character));
        if !is_name(&kind) || !is_name(name) {
            return Err(Refusal::new("the new object's name makes no file name"));
        }
        let near = beside.map(|node| base(self.sources(), node).0).filter(|source| source.address().is_none());
        let near = near.and_then(|source| kustomization_file(source.path().parent()?));
        let own = kustomization_file(self.directory);
        let habits = beside.map_or_else(|| Habits::of(""), |node| self.habits(node));
        let mut ways = Vec::new();
        for kustomization in near.into_iter().chain(own).map(|path| shown(&path)) {
            let directory = kustomization.parent().unwrap_or(Path::new(""));
            let tries = [format!("{kind}.yaml"), format!("{name}-{kind}.yaml")].map(|file| directory.join(file));
            let free = tries.iter().find(|path| path.symlink_metadata().is_err());
            let mut object = object.clone();
            // What the kustomization gives its objects need not be said again.
            let namespace = self.kustomization(&kustomization).and_then(|root| root.str_at(&["namespace"]).map(str::to_owned));
            let plain = beside.is_some_and(|node| self.named(node).is_some_and(|named| named.namespace.is_none()));
            if (namespace.is_some() && namespace.as_deref() == object["metadata"]["namespace"].as_str()) || plain {
                object["metadata"].as_object_mut().into_iter().for_each(|metadata| drop(metadata.remove("namespace")));
            }
            ways.extend(free.map(|file| {
                Way::new(Operation::NewObject { kustomization: kustomization.clone(), file: file.clone(), object, style: habits })
            }));
        }
        ways.dedup();
        if ways.is_empty() { Err(Refusal::new("there is no free file name for the new object")) } else { Ok(ways) }
    }
}

/// What changes the entry that a note of the build is about.
///
/// # Errors
/// The entry is not found, or the file is not the project's.
pub(crate) fn of_note(library: &Library, sources: &Sources, origin: &kustomize::Origin, edit: &SourceEdit) -> Result<Way, Refusal> {
    let holder = library.holder(sources.get(origin.source), origin.start)?;
    let mut path = holder.find(origin).ok_or_else(Refusal::not_there)?;
    let change = match edit {
        SourceEdit::Remove => {
            // A list without elements says nothing.
            if let Some((Step::Index(_), above)) = path.split_last()
                && locate::resolve(&holder.root, above).is_some_and(|list| list.items().len() == 1)
                && holder.kind == Kind::Kustomization
            {
                path.pop();
            }
            Change::Remove(path)
        }
        SourceEdit::Quote => Change::Quote(path),
        SourceEdit::Rename(to) => Change::Rename(path, to.clone()),
        SourceEdit::Rewrite { to: None, value } => Change::Set(path, value.clone()),
        SourceEdit::Rewrite { .. } => return Err(Refusal::new("an entry gets a new key or a new value, not both")),
    };
    Ok(Way::new(Operation::Change(holder.spot, change)))
}

/// The keys by which the elements of the list at a path are merged.
fn keys_of(object: &Node, path: &[Step]) -> Option<&'static [&'static str]> {
    let keys = path.iter().filter_map(|step| match step {
        Step::Key(key) => Some(key.as_str()),
        Step::Index(_) => None,
    });
    merge_keys(object.str_at(&["apiVersion"])?, object.str_at(&["kind"])?, keys)
}

/// A path as a strategic merge patch has it.
fn selectors(object: &Node, path: &[Step]) -> Result<Vec<Selector>, Refusal> {
    let mut found = Vec::new();
    for (at, step) in path.iter().enumerate() {
        found.push(match step {
            Step::Key(key) => Selector::Key(key.clone()),
            Step::Index(_) => {
                let replaced = || Refusal::new("Kustomize replaces the list as a whole");
                let above = path.get(..at).unwrap_or_default();
                let keys = keys_of(object, above).filter(|keys| !keys.is_empty()).ok_or_else(replaced)?;
                let element = path.get(..=at).and_then(|path| locate::resolve(object, path)).ok_or_else(Refusal::not_there)?;
                let of = |key: &&str| Some(((*key).to_owned(), scalar(element.get(key)?)?));
                let keys: Vec<_> = keys.iter().filter_map(of).collect();
                if keys.is_empty() {
                    return Err(replaced());
                }
                Selector::Element(keys)
            }
        });
    }
    Ok(found)
}

fn scalar(node: &Node) -> Option<Json> {
    let text = node.text()?;
    Some(match node.as_scalar()?.tag {
        Tag::Int => text.parse::<i64>().map_or_else(|_| json!(text), Json::from),
        Tag::Bool => json!(text == "true"),
        _ => json!(text),
    })
}

/// The pointer of a JSON patch, and its value with the maps that are missing.
fn pointer(object: &Node, path: &[Step], value: &Json, is_addition: bool) -> Result<(String, Json), Refusal> {
    let there = tree::depth(object, path);
    let end = (there + 1).min(path.len());
    let mut pointer: String = path.get(..end).unwrap_or_default().iter().map(|step| format!("/{}", escaped(step))).collect();
    let mut value = value.clone();
    if is_addition && there == path.len() {
        pointer.push_str("/-");
        return Ok((pointer, value));
    }
    if is_addition {
        value = json!([value]);
    }
    for step in path.get(end..).unwrap_or_default().iter().rev() {
        let Step::Key(key) = step else { return Err(Refusal::not_there()) };
        value = json!({key: value});
    }
    Ok((pointer, value))
}

fn escaped(step: &Step) -> String {
    match step {
        Step::Key(key) => key.replace('~', "~0").replace('/', "~1"),
        Step::Index(index) => index.to_string(),
    }
}

/// How the name of a patch's file comes from what it patches: `patches/{name}.yaml`.
fn pattern(directory: &Path, name: &str) -> Option<String> {
    let text = files::read_text(&directory.join(name)).ok()?;
    let root = documents(&text, kustomize::yaml::Dialect::YamlV3).ok()?.into_iter().next()?;
    let (object, kind) = (root.str_at(&["metadata", "name"])?, root.str_at(&["kind"])?.to_lowercase());
    let (above, file) = name.rsplit_once('/').map_or((None, name), |(above, file)| (Some(above), file));
    let replaced = file.replacen(object, "{name}", 1);
    let replaced = if replaced.contains("{name}") { replaced } else { file.replacen(&kind, "{kind}", 1) };
    // A name that says neither is one of its own.
    replaced.contains('{').then(|| above.map_or_else(|| replaced.clone(), |above| format!("{above}/{replaced}")))
}

/// What an entry of `images` must say for an image to become another one.
fn image(holder: &Holder, at: &[Step], value: &Json) -> Vec<Way> {
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
