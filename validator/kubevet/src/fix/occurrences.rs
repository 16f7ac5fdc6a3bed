//! Where the name of an object stands: in its file, in patches and kustomizations that name it, and in what refers to it.

use std::collections::BTreeSet;
use std::path::PathBuf;

use kubevet_facts::mentions::endpoints;
use kustomize::yaml::Dialect;
use kustomize::{Node, Origin, Render, Source};
use serde_json::json;

use super::edit::documents;
use super::embedded::Outer;
use super::entries::{blocks, entries, replacement_files};
use super::operation::Operation;
use super::spot::Spot;
use super::tree::Change;
use crate::discover::FILE_NAMES;
use crate::identity::without_hash;
use crate::location::{Object, Step};
use crate::paths::shown;
use crate::remedy::Edit;
use crate::{locate, mentions};

/// An old name and a new one.
#[derive(Clone, Copy, Debug)]
pub(super) struct Names<'a> {
    pub(super) kind: &'a str,
    /// As the object's own file has it, before prefixes, suffixes and hashes.
    pub(super) old: &'a str,
    pub(super) new: &'a str,
}

/// Text in the place of some bytes of a file.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Splice {
    pub(super) file: PathBuf,
    pub(super) start: usize,
    pub(super) end: usize,
    pub(super) text: String,
}

/// Everything that has to be another.
#[derive(Debug, Default)]
pub(super) struct Occurrences {
    pub(super) splices: BTreeSet<Splice>,
    /// Where nothing of a render tells the bytes: entries of kustomizations, and patches.
    pub(super) operations: Vec<Operation>,
}

impl Names<'_> {
    /// What a text that is the name, or has it between a prefix and a suffix as `rendered` does, becomes.
    pub(super) fn renamed(self, text: &str, rendered: &str) -> Option<String> {
        if text == self.old {
            return Some(self.new.to_owned());
        }
        (text == rendered || text == without_hash(rendered)).then(|| self.rendered(text)).flatten()
    }

    /// A rendered name with the new one in it; its hash stays.
    pub(super) fn rendered(self, text: &str) -> Option<String> {
        let at = without_hash(text).rfind(self.old)?;
        Some([&text[..at], self.new, &text[at + self.old.len()..]].concat())
    }
}

impl Occurrences {
    /// Adds those of one object of a render; gives what the objects of the render should then be.
    pub(super) fn add<'r>(&mut self, render: &'r Render, object: &'r Node, names: Names<'_>) -> Vec<(&'r Node, Edit)> {
        let mut expected = Vec::new();
        let own = Object::of(object);
        let name = vec![Step::Key("metadata".to_owned()), Step::Key("name".to_owned())];
        self.add_field(render, object, name, &own.name, names, &mut expected);
        for other in &render.objects {
            let from = Object::of(other);
            let is_meant = |path: &Vec<Step>| {
                let named = path.split_last().and_then(|(_, above)| locate::resolve(other, above)?.str_at(&["namespace"]));
                let namespace = named.or(from.namespace.as_deref());
                namespace.is_none() || own.namespace.is_none() || namespace == own.namespace.as_deref()
            };
            let of_facts = mentions::of(other).into_iter().filter(|mention| mention.kind == own.kind && mention.name == own.name);
            let mut paths: BTreeSet<Vec<Step>> = of_facts.map(|mention| mention.path).collect();
            fields(other, &mut Vec::new(), &mut |path, text| {
                if text == own.name && is_reference(&from.kind, path, &own.kind) {
                    paths.insert(path.to_vec());
                }
            });
            paths.into_iter().filter(is_meant).for_each(|path| self.add_field(render, other, path, &own.name, names, &mut expected));
            if own.kind == "Service" {
                let is_here = from.namespace.is_none() || own.namespace.is_none() || from.namespace == own.namespace;
                let host = Host { name: &own.name, namespace: own.namespace.as_deref(), is_here };
                let mut hosts = Vec::new();
                fields(other, &mut Vec::new(), &mut |path, text| {
                    if host.places(text).next().is_some() {
                        hosts.push(path.to_vec());
                    }
                });
                hosts.into_iter().for_each(|path| self.add_host(render, other, path, host, names, &mut expected));
            }
        }
        let replacements = replacement_files(&render.sources);
        for (_, source) in render.sources.iter().filter(|(_, source)| source.address().is_none()) {
            self.add_file(render, source, replacements.contains(&shown(source.path())), &own.name, names);
        }
        expected
    }

    /// A field that is the name.
    fn add_field<'r>(
        &mut self,
        render: &Render,
        object: &'r Node,
        path: Vec<Step>,
        rendered: &str,
        names: Names<'_>,
        expected: &mut Vec<(&'r Node, Edit)>,
    ) {
        let (Some(node), Some(new)) = (locate::resolve(object, &path), names.rendered(rendered)) else { return };
        for origin in node.origin.history() {
            let Some((file, start, written)) = written(render, origin) else { continue };
            if let Some(text) = names.renamed(written, rendered) {
                self.splices.insert(Splice { file, start, end: start + written.len(), text });
            }
        }
        expected.push((object, Edit::Set { object: None, path, value: json!(new) }));
    }

    /// A text with the name as a host.
    fn add_host<'r>(
        &mut self,
        render: &Render,
        object: &'r Node,
        path: Vec<Step>,
        host: Host<'_>,
        names: Names<'_>,
        expected: &mut Vec<(&'r Node, Edit)>,
    ) {
        let rendered = host.name;
        let (Some(node), Some(new)) = (locate::resolve(object, &path), names.rendered(rendered)) else { return };
        let Some(text) = node.text() else { return };
        for origin in node.origin.history() {
            let Some((file, start, written)) = written(render, origin) else { continue };
            let splices = host.places(written).map(|at| {
                let start = start + at;
                Splice { file: file.clone(), start, end: start + rendered.len(), text: new.clone() }
            });
            self.splices.extend(splices);
        }
        let mut value = text.to_owned();
        host.places(text).collect::<Vec<_>>().into_iter().rev().for_each(|at| value.replace_range(at..at + rendered.len(), &new));
        expected.push((object, Edit::Set { object: None, path, value: json!(value) }));
    }

    /// A kustomization, or a file that it reads patches or replacements from.
    fn add_file(&mut self, render: &Render, source: &Source, is_replacements: bool, rendered: &str, names: Names<'_>) {
        if !source.text().contains(names.old) {
            return;
        }
        let file = shown(source.path());
        let is_kustomization = is_replacements || FILE_NAMES.iter().any(|name| file.ends_with(name));
        let dialect = if is_kustomization { Dialect::YamlV2 } else { Dialect::YamlV3 };
        let Ok(all) = documents(source.text(), dialect) else { return };
        let mut set = |spot: &Spot, path: Vec<Step>, text: &str| {
            if let Some(new) = names.renamed(text, rendered) {
                let operation = Operation::Change(spot.clone(), Change::Set(path, json!(new)));
                if !self.operations.contains(&operation) {
                    self.operations.push(operation);
                }
            }
        };
        for (document, root) in all.iter().enumerate() {
            let spot = Spot { file: file.clone(), outer: None, is_v2: is_kustomization, document };
            if !is_kustomization {
                if names_object(root, names.kind) && !is_other(render, source, root, names.kind, rendered) {
                    set(&spot, name_path(&[]), root.str_at(&["metadata", "name"]).unwrap_or_default());
                }
                continue;
            }
            for (path, text) in entries(root, names.kind) {
                set(&spot, path, text);
            }
            for (path, text) in blocks(root) {
                let inner = documents(text, Dialect::YamlV3).unwrap_or_default();
                for (number, patch) in inner.iter().enumerate().filter(|(_, patch)| names_object(patch, names.kind)) {
                    let outer = Some(Outer { document, path: path.clone(), is_kustomization });
                    let spot = Spot { file: file.clone(), outer, is_v2: false, document: number };
                    set(&spot, name_path(&[]), patch.str_at(&["metadata", "name"]).unwrap_or_default());
                }
            }
        }
    }
}

/// What stands at an origin, without quotes, and where it begins.
fn written<'r>(render: &'r Render, origin: &Origin) -> Option<(PathBuf, usize, &'r str)> {
    let source = render.sources.get(origin.source);
    let text = source.text().get(origin.start as usize..origin.end as usize).filter(|_| source.address().is_none())?;
    let bare = text.trim_matches(['"', '\'']);
    Some((shown(source.path()), origin.start as usize + text.find(bare)?, bare))
}

/// Every text of an object.
fn fields(node: &Node, path: &mut Vec<Step>, visit: &mut impl FnMut(&[Step], &str)) {
    node.as_str().into_iter().for_each(|text| visit(path, text));
    for entry in node.entries() {
        path.push(Step::Key(entry.key.text.to_string()));
        fields(&entry.value, path, visit);
        path.pop();
    }
    for (index, item) in node.items().iter().enumerate() {
        path.push(Step::Index(index));
        fields(item, path, visit);
        path.pop();
    }
}

/// Whether Kustomize takes a field for the name of such an object.
fn is_reference(kind: &str, path: &[Step], named: &str) -> bool {
    let keys: Vec<&str> = path.iter().filter_map(|step| if let Step::Key(key) = step { Some(key.as_str()) } else { None }).collect();
    kustomize::name_references(kind, &keys.join("/")).any(|target| target == named)
}

/// A Service as others call it.
#[derive(Clone, Copy)]
struct Host<'a> {
    name: &'a str,
    namespace: Option<&'a str>,
    /// Whether its name is enough.
    is_here: bool,
}

impl<'a> Host<'a> {
    /// Where a text names it: `front`, `front.shop`, `front.shop.svc.cluster.local`, and one of its Pods, `front-0.front`.
    fn places(self, text: &'a str) -> impl Iterator<Item = usize> + 'a {
        let is_named = text.contains(self.name)
            && endpoints::endpoints(text).iter().any(|endpoint| endpoint.host.split('.').take(2).any(|label| label == self.name));
        let ends = |behind: &str| behind.is_empty() || behind.starts_with([':', '/', ',', '?', '"', '\'', '\n', ' ']);
        let is_alone = move |at: &usize| {
            let (before, behind) = (&text[..*at], &text[at + self.name.len()..]);
            let begins = before.is_empty() || before.ends_with("//") || before.ends_with(['@', ',', '=', ' ', '"', '\'', '\n', '[']);
            let in_namespace = behind.strip_prefix('.').and_then(|behind| behind.strip_prefix(self.namespace.unwrap_or("default")));
            (begins || is_pod(before))
                && (self.is_here && ends(behind) || in_namespace.is_some_and(|behind| ends(behind) || behind.starts_with(".svc")))
        };
        text.match_indices(self.name).map(|(at, _)| at).filter(move |at| is_named && is_alone(at))
    }
}

/// Whether a text ends with the name of a StatefulSet's Pod and a dot.
fn is_pod(before: &str) -> bool {
    let label = before.strip_suffix('.').and_then(|before| before.rsplit(|next: char| !next.is_ascii_alphanumeric() && next != '-').next());
    let number = label.and_then(|label| label.rsplit_once('-')).map(|(_, number)| number);
    number.is_some_and(|number| !number.is_empty() && number.bytes().all(|byte| byte.is_ascii_digit()))
}

fn name_path(above: &[Step]) -> Vec<Step> {
    above.iter().cloned().chain(["metadata", "name"].map(|key| Step::Key(key.to_owned()))).collect()
}

fn names_object(root: &Node, kind: &str) -> bool {
    root.str_at(&["kind"]) == Some(kind)
}

/// Whether a document is that of another object of the render.
fn is_other(render: &Render, source: &Source, root: &Node, kind: &str, rendered: &str) -> bool {
    let is_here = |object: &Node| {
        let origin = object.origin.history().last().unwrap_or(&object.origin);
        render.sources.get(origin.source).path() == source.path() && (root.origin.start..=root.origin.end).contains(&origin.start)
    };
    render.objects.iter().any(|object| {
        let it = Object::of(object);
        is_here(object) && (it.kind != kind || it.name != rendered)
    })
}
