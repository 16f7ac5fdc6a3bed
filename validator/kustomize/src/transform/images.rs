//! `images` (ImageTagTransformer and `api/filters/imagetag`).

use std::collections::HashMap;

use ecow::EcoString;

use crate::context::Context;
use crate::context::budget::Cost;
use crate::error::{Error, Place};
use crate::file::entry::Image;
use crate::note::NoteKind;
use crate::object::expression::Expression;
use crate::object::field_spec::FieldSpec;
use crate::object::resource_map::ResourceMap;
use crate::source::Origin;
use crate::suggest::closest;
use crate::yaml::node::{Node, Value};

use crate::object::set::set_text;

/// Overrides name, tag or digest of the images that the names match, one override after the other on each object.
pub(crate) fn apply(context: &mut Context, map: &mut ResourceMap, images: &[Image], specs: &[FieldSpec]) -> Result<(), Error> {
    let mut overrides = images.iter().map(|image| Override::new(context, image)).collect::<Result<Vec<_>, _>>()?;
    for resource in map.resources_mut() {
        let gvk = resource.gvk();
        if &*gvk.kind == "CustomResourceDefinition" {
            continue;
        }
        let has_containers = has_containers(&resource.node);
        for change in &mut overrides {
            if has_containers {
                change.containers(context, &mut resource.node)?;
            }
            for spec in specs.iter().filter(|spec| spec.matches(&gvk.group, &gvk.version, &gvk.kind)) {
                let origin = change.image.origin.clone();
                spec.visit(&mut resource.node, None, &origin, context, &mut |node| change.set(context, node))?;
            }
            if std::mem::take(&mut change.wrote_shared) {
                resource.settle_shares(context, &change.origin)?;
            }
        }
    }
    let mut messages = Vec::new();
    for change in overrides.iter().filter(|change| !change.matched) {
        let name = change.name();
        let elsewhere = map.resources().iter().find(|resource| has_text(&resource.node, &|text| change.pattern.matches(context, text)));
        let message = match elsewhere {
            Some(other) => {
                format!(
                    "`{name}` stands in {}, in a field where Kustomize looks for no image: list it under `images` in `configurations`",
                    other.id()
                )
            }
            None => format!("no image of any object is named `{name}`{}", suggestion(map, name)),
        };
        messages.push((NoteKind::ImageMatchesNothing, change.image.origin.clone(), message));
    }
    for (at, change) in overrides.iter().enumerate().filter(|(_, change)| change.matched) {
        let name = change.name();
        let is_undone = |later: &Override<'_>| later.matched && later.name() == change.name() && later.sets_version();
        if !change.changes_anything() {
            let message = format!("`{name}` is named here, and nothing of it is changed: there is no newName, newTag or digest");
            messages.push((NoteKind::ImageMatchesNothing, change.image.origin.clone(), message));
        } else if change.sets_version() && overrides.iter().skip(at + 1).any(is_undone) {
            let message = format!("`{name}` comes again below, and the last one counts");
            messages.push((NoteKind::KeyRepeated, change.image.origin.clone(), message));
        }
    }
    for (kind, origin, message) in messages {
        context.note(kind, &origin, message);
    }
    Ok(())
}

/// The end of a message on a name that no image has: one that ends in the same word, or is nearly the same.
fn suggestion(map: &ResourceMap, name: &str) -> String {
    let mut names = Vec::new();
    map.resources().iter().for_each(|resource| image_names(&resource.node, &mut names));
    let last = |name: &str| name.rsplit('/').next().unwrap_or_default().to_owned();
    let same = names.iter().copied().find(|other| last(other) == last(name));
    let meant = same.or_else(|| closest(name, names.iter().copied()));
    meant.map_or(String::new(), |meant| format!("; did you mean `{meant}`?"))
}

/// The names of the images of all containers, without tag and digest.
fn image_names<'n>(node: &'n Node, names: &mut Vec<&'n str>) {
    match &node.value {
        Value::Scalar(_) => {}
        Value::Seq(seq) => seq.items.iter().for_each(|item| image_names(item, names)),
        Value::Map(map) => {
            for entry in map.entries() {
                let containers = if is_containers(&entry.key.text) { entry.value.items() } else { &[] };
                names.extend(containers.iter().filter_map(|container| container.str_at(&["image"])).map(|image| split(image).0));
                image_names(&entry.value, names);
            }
        }
    }
}

/// Whether a text below a field called like an image is what is looked for.
fn has_text(node: &Node, is_wanted: &dyn Fn(&str) -> bool) -> bool {
    match &node.value {
        Value::Scalar(_) => false,
        Value::Seq(seq) => seq.items.iter().any(|item| has_text(item, is_wanted)),
        Value::Map(map) => map.entries().iter().any(|entry| {
            let is_image = entry.key.text.to_ascii_lowercase().contains("image");
            (is_image && entry.value.as_str().is_some_and(is_wanted)) || has_text(&entry.value, is_wanted)
        }),
    }
}

/// Whether there is anything for the legacy walk, which would be made once for each override.
fn has_containers(node: &Node) -> bool {
    match &node.value {
        Value::Scalar(_) => false,
        Value::Seq(seq) => seq.items.iter().any(has_containers),
        Value::Map(map) => map.entries().iter().any(|entry| is_containers(&entry.key.text) || has_containers(&entry.value)),
    }
}

fn is_containers(key: &str) -> bool {
    matches!(key, "containers" | "initContainers")
}

struct Override<'a> {
    image: &'a Image,
    pattern: Pattern,
    /// Whether an image text matches: the same few images stand in many objects.
    known: HashMap<EcoString, Option<EcoString>>,
    /// The line that decides: the tag or digest if there is one, else the name.
    origin: Origin,
    matched: bool,
    /// Whether it wrote to a scalar that is one with others.
    wrote_shared: bool,
}

impl<'a> Override<'a> {
    fn new(context: &Context, image: &'a Image) -> Result<Self, Error> {
        let name = image.name.as_ref().map_or("", |name| &*name.value);
        let pattern = Pattern::new(context, name).map_err(|error| error.at(Place::of(&context.sources, &image.origin)))?;
        let parts = [&image.new_tag, &image.digest, &image.tag_suffix, &image.new_name];
        let origin = parts.into_iter().flatten().next().map_or(&image.origin, |text| &text.origin).clone();
        Ok(Self { image, pattern, known: HashMap::new(), origin, matched: false, wrote_shared: false })
    }

    /// The legacy walk: images in every list called `containers` or `initContainers`, at any depth of any kind.
    fn containers(&mut self, context: &Context, node: &mut Node) -> Result<(), Error> {
        context.charge(Cost::steps(1), &self.image.origin)?;
        match &mut node.value {
            Value::Scalar(_) => {}
            Value::Seq(seq) => {
                for item in &mut seq.items {
                    self.containers(context, item)?;
                }
            }
            Value::Map(map) => {
                for entry in map.entries_mut() {
                    self.containers(context, &mut entry.value)?;
                    if !is_containers(&entry.key.text) {
                        continue;
                    }
                    for container in entry.value.as_seq_mut().map(|seq| &mut seq.items).into_iter().flatten() {
                        if let Some(image) = container.get_mut("image") {
                            self.set(context, image)?;
                        }
                    }
                }
            }
        }
        Ok(())
    }

    fn name(&self) -> &str {
        self.image.name.as_ref().map_or("", |name| &*name.value)
    }

    /// Whether it gives images another tag or digest.
    fn sets_version(&self) -> bool {
        self.image.new_tag.is_some() || self.image.digest.is_some()
    }

    fn changes_anything(&self) -> bool {
        self.sets_version() || self.image.new_name.is_some() || self.image.tag_suffix.is_some()
    }

    fn set(&mut self, context: &Context, node: &mut Node) -> Result<(), Error> {
        let Some(scalar) = node.as_scalar() else {
            return Err(context.invalid(&node.origin, "an image must be a string"));
        };
        let new = match self.known.get(&scalar.text) {
            Some(new) => new.clone(),
            None => {
                let new = self.pattern.matches(context, &scalar.text).then(|| EcoString::from(self.rewrite(&scalar.text)));
                self.known.insert(scalar.text.clone(), new.clone());
                new
            }
        };
        let Some(new) = new else { return Ok(()) };
        self.matched = true;
        // The two walks meet most images twice; one that is set already stays as it is.
        if *new != *scalar.text {
            set_text(context, node, new, &self.origin)?;
            self.wrote_shared |= node.is_share_written();
        }
        Ok(())
    }

    fn rewrite(&self, old: &str) -> String {
        let text = |part: &'a Option<crate::context::decode::Text>| part.as_ref().map(|text| &*text.value);
        let (name, mut tag, mut digest) = split(old);
        let (new_tag, new_digest) = (text(&self.image.new_tag), text(&self.image.digest));
        let mut suffix = "";
        match (new_tag, new_digest) {
            (None, None) => {
                if let Some(tag_suffix) = text(&self.image.tag_suffix) {
                    suffix = tag_suffix;
                    digest = "";
                }
            }
            _ => {
                tag = new_tag.unwrap_or_default();
                digest = new_digest.unwrap_or_default();
            }
        }
        let mut new = text(&self.image.new_name).unwrap_or(name).to_owned();
        if !tag.is_empty() || !suffix.is_empty() {
            new.push(':');
            new.push_str(tag);
            new.push_str(suffix);
        }
        if !digest.is_empty() {
            new.push('@');
            new.push_str(digest);
        }
        new
    }
}

/// Which images a name stands for: `^NAME(:[a-zA-Z0-9_.{}-]*)?(@sha256:[a-zA-Z0-9_.{}-]*)?$`, where the name goes into the expression as it
/// is.
enum Pattern {
    /// A name without anything special but dots, each of which matches any character.
    Name(EcoString),
    Expression(Expression),
}

impl Pattern {
    fn new(context: &Context, name: &str) -> Result<Self, Error> {
        if name.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"/.-_:@".contains(&byte)) {
            return Ok(Self::Name(name.into()));
        }
        Expression::new(context, name, &format!("^{name}(:[a-zA-Z0-9_.{{}}-]*)?(@sha256:[a-zA-Z0-9_.{{}}-]*)?$")).map(Self::Expression)
    }

    fn matches(&self, context: &Context, image: &str) -> bool {
        let name = match self {
            Self::Name(name) => name,
            Self::Expression(expression) => return expression.is_match(context, image),
        };
        let mut rest = image.chars();
        if !name.chars().all(|wanted| rest.next().is_some_and(|found| found == wanted || wanted == '.' && found != '\n')) {
            return false;
        }
        let behind = |text: &str| text.trim_start_matches(|char: char| char.is_ascii_alphanumeric() || "_.{}-".contains(char)).len();
        let mut rest = rest.as_str();
        for start in [":", "@sha256:"] {
            if let Some(part) = rest.strip_prefix(start) {
                rest = &part[part.len() - behind(part)..];
            }
        }
        rest.is_empty()
    }
}

/// Name, tag and digest of an image; a colon before the first slash is that of a port.
fn split(image: &str) -> (&str, &str, &str) {
    let host = image.find('/').unwrap_or(0);
    let (_, path) = image.split_at(host);
    let at = path.find('@').map(|at| at + host);
    let colon = path.find(':').map(|at| at + host);
    match (colon, at) {
        (None, None) => (image, "", ""),
        (Some(colon), None) => (&image[..colon], &image[colon + 1..], ""),
        (Some(colon), Some(at)) if colon < at => (&image[..colon], &image[colon + 1..at], &image[at + 1..]),
        (_, Some(at)) => (&image[..at], "", &image[at + 1..]),
    }
}

#[cfg(test)]
mod tests {
    use super::{Context, Pattern, split};
    use regex::Regex;

    #[test]
    fn simple_names_match_what_the_expression_matches() {
        let names = ["", "a", "a.b/c-d", "a:1", "localhost:5000/a", ".", "a@sha256:1", "a@sha256"];
        let parts = ["a", "aéb/c-d", "axb/c-d", "a.b/c-d", "a:1", "localhost:5000/a", "\n", "é", "", "b"];
        let ends =
            ["", ":", ":1.2_{}-A", "@sha256:", "@sha256:ab", ":1@sha256:ab", "@sha256:ab:1", ":1:2", "@ab", ":é", ":1\n", "/b", ":@"];
        let context = Context::default();
        for name in names {
            let pattern = Pattern::new(&context, name).unwrap();
            assert!(matches!(pattern, Pattern::Name(_)));
            let expression = Regex::new(&format!("^{name}(:[a-zA-Z0-9_.{{}}-]*)?(@sha256:[a-zA-Z0-9_.{{}}-]*)?$")).unwrap();
            for image in parts.iter().flat_map(|part| ends.iter().map(move |end| format!("{part}{end}"))) {
                assert_eq!(pattern.matches(&context, &image), expression.is_match(&image), "{name:?} {image:?}");
            }
        }
    }

    #[test]
    fn images_split_into_name_tag_and_digest() {
        assert_eq!(split("nginx"), ("nginx", "", ""));
        assert_eq!(split("localhost:5000/nginx"), ("localhost:5000/nginx", "", ""));
        assert_eq!(split("localhost:5000/nginx:1.2"), ("localhost:5000/nginx", "1.2", ""));
        assert_eq!(split("nginx@sha256:ab"), ("nginx", "", "sha256:ab"));
        assert_eq!(split("a/nginx:1@sha256:ab"), ("a/nginx", "1", "sha256:ab"));
    }
}
