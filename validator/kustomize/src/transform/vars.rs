//! `vars` (`api/filters/refvar`): `$(NAME)` in some fields stands for a field of another object.

use std::collections::HashMap;

use ecow::EcoString;

use crate::context::Context;
use crate::context::budget::Cost;
use crate::error::Error;
use crate::file::var::Var;
use crate::note::NoteKind;
use crate::object::field_path;
use crate::object::field_spec::FieldSpec;
use crate::object::gvk::{Gvk, is_cluster_scoped};
use crate::object::lookup;
use crate::object::resource::{ResId, Resource};
use crate::object::resource_map::ResourceMap;
use crate::source::Origin;
use crate::yaml::go_float;
use crate::yaml::node::{Node, Scalar, Style, Tag, Value};

impl Var {
    /// Whether its object is `resource`, by what that is or was; without a namespace any will do.
    fn is_about(&self, resource: &Resource) -> bool {
        let Gvk { group, version, kind } = &self.gvk;
        let api_version = if group.is_empty() { version.to_string() } else { format!("{group}/{version}") };
        let by_namespace = !self.namespace.is_empty() || is_cluster_scoped(&api_version, kind);
        let wanted = ResId::new(&api_version, kind, &self.object_name, &self.namespace);
        let is = |id: ResId<'_>| if by_namespace { id == wanted } else { ResId { namespace: wanted.namespace, ..id } == wanted };
        is(resource.id()) || resource.previous_ids().any(is)
    }
}

/// The vars of a kustomization and of all below it.
#[derive(Clone, Debug, Default)]
pub(crate) struct Vars(Vec<Var>);

impl Vars {
    /// Adds the vars of a kustomization, and marks the objects that they take their values from.
    pub(crate) fn define(&mut self, context: &Context, map: &mut ResourceMap, vars: &[Var]) -> Result<(), Error> {
        for var in vars {
            let positions = map.named(&var.object_name).to_vec();
            context.charge(Cost::steps(positions.len()), &var.origin)?;
            let about = |at: &usize| map.resources().get(*at).is_some_and(|resource| var.is_about(resource));
            let mut found = positions.iter().map(|at| *at as usize).filter(about);
            let (first, second) = (found.next(), found.next());
            if second.is_some() {
                return Err(context.invalid(&var.origin, format!("more than one object is the one of the var `{}`", var.name)));
            }
            if let Some(resource) = first.and_then(|at| map.resources_mut().get_mut(at)) {
                resource.vars.push(var.name.clone());
            }
        }
        self.extend(context, vars.to_vec())
    }

    /// Changes every origin.
    pub(crate) fn change_origins(&mut self, change: &mut impl FnMut(&mut Origin)) {
        self.0.iter_mut().for_each(|var| change(&mut var.origin));
    }

    /// Takes over the vars of another kustomization.
    pub(crate) fn merge(&mut self, context: &Context, other: Self) -> Result<(), Error> {
        self.extend(context, other.0)
    }

    fn extend(&mut self, context: &Context, vars: Vec<Var>) -> Result<(), Error> {
        for var in vars {
            context.charge(Cost::steps(self.0.len()), &var.origin)?;
            if let Some(first) = self.0.iter().find(|other| other.name == var.name) {
                let error = context.invalid(&var.origin, format!("var '{}' already encountered", var.name));
                return Err(error.related(crate::Place::of(&context.sources, &first.origin), "the first one"));
            }
            self.0.push(var);
        }
        Ok(())
    }

    /// Replaces the references in the fields that `specs` name.
    pub(crate) fn resolve(&self, context: &mut Context, map: &mut ResourceMap, specs: &[FieldSpec]) -> Result<(), Error> {
        let mut expansion = Expansion { values: HashMap::with_capacity(self.0.len()), wrote_shared: false };
        let mut holders: HashMap<EcoString, usize> = HashMap::new();
        for (at, resource) in map.resources().iter().enumerate() {
            for name in &resource.vars {
                holders.entry(name.clone()).or_insert(at);
            }
        }
        for var in &self.0 {
            let value = var.value(context, holders.get(&var.name).and_then(|at| map.resources().get(*at)))?;
            expansion.values.insert(&var.name, Known { value, cause: &var.origin, used: false });
        }
        if expansion.values.is_empty() {
            return Ok(());
        }
        for resource in map.resources_mut() {
            let gvk = resource.gvk();
            let origin = resource.node.origin.clone();
            for spec in specs.iter().filter(|spec| spec.matches(&gvk.group, &gvk.version, &gvk.kind)) {
                spec.visit(&mut resource.node, None, &origin, context, &mut |node| expansion.node(context, node))?;
                if std::mem::take(&mut expansion.wrote_shared) {
                    resource.settle_shares(context, &origin)?;
                }
            }
        }
        for var in &self.0 {
            if expansion.values.get(&*var.name).is_some_and(|known| !known.used) {
                context.note(NoteKind::VariableUnused, &var.origin, format!("the var `{}` is used nowhere", var.name));
            }
        }
        map.reindex_all();
        Ok(())
    }
}

impl Var {
    /// The field of its object that it stands for; a map or list stands for nothing.
    fn value(&self, context: &Context, holder: Option<&Resource>) -> Result<Option<Node>, Error> {
        let resource = holder.ok_or_else(|| {
            let message = format!("var '{}' cannot be mapped to a field in the set of known resources", self.name);
            context.invalid(&self.origin, message).help("objref needs the object's apiVersion, kind and first name")
        })?;
        let missing = || {
            let message = format!("field `{}` specified in var '{}' not found in corresponding resource", self.field_path, self.name);
            let error = context.invalid(&self.origin, message);
            error.related(crate::Place::of(&context.sources, &resource.node.origin), "the object")
        };
        let parts = field_path::split_bracketed(&self.field_path);
        let parts = parts.iter().flat_map(|part| indexed(part));
        let node = lookup::get(&resource.node, parts).map_err(|_| missing())?.ok_or_else(missing)?;
        let Some(scalar) = node.as_scalar() else { return Ok(None) };
        // Go reads the text as a number or boolean once more.
        let scalar = match scalar.tag {
            Tag::Int => Scalar::plain(scalar.text.parse::<i64>().map_err(|_| missing())?.to_string(), Tag::Int),
            Tag::Float => Scalar::plain(scalar.text.parse::<f64>().map_err(|_| missing())?.to_string(), Tag::Float),
            Tag::Bool => Scalar::plain(scalar.text.to_ascii_lowercase(), Tag::Bool),
            _ => Scalar::string(scalar.text.clone()),
        };
        Ok(Some(Node::scalar(scalar, node.origin.clone())))
    }
}

/// `ports[0]` as `ports` and `0`.
fn indexed(part: &str) -> impl Iterator<Item = &str> {
    let split = part.strip_suffix(']').and_then(|rest| rest.rsplit_once('['));
    let split = split.filter(|(_, index)| !index.is_empty() && index.bytes().all(|byte| byte.is_ascii_digit()));
    let (name, index) = split.map_or((part, None), |(name, index)| (name, Some(index)));
    std::iter::once(name).chain(index)
}

/// Whether Kustomize takes a scalar for a string: also where it wrote it without a tag, whatever it looks like.
fn is_string(scalar: &Scalar) -> bool {
    scalar.tag == Tag::Str || scalar.implicit
}

/// What a var is.
struct Known<'a> {
    value: Option<Node>,
    /// The line that defines it.
    cause: &'a Origin,
    used: bool,
}

struct Expansion<'a> {
    values: HashMap<&'a str, Known<'a>>,
    /// Whether it wrote to a scalar that is one with others.
    wrote_shared: bool,
}

impl Expansion<'_> {
    fn node(&mut self, context: &Context, node: &mut Node) -> Result<(), Error> {
        if node.as_scalar().is_some() {
            return self.scalar(context, node);
        }
        context.charge(Cost::steps(node.entries().len() + node.items().len()), &node.origin)?;
        match &mut node.value {
            Value::Map(map) => {
                for entry in map.entries_mut() {
                    if entry.key.tag != Tag::Str {
                        let message = format!("the key `{}` is not a string, so vars cannot be resolved here", entry.key.text);
                        return Err(context.invalid(&entry.value.origin, message));
                    }
                    self.scalar(context, &mut entry.value)?;
                }
            }
            Value::Seq(seq) => {
                for item in &mut seq.items {
                    if item.as_scalar().is_none_or(|scalar| !is_string(scalar)) {
                        return Err(context.invalid(&item.origin, "this is not a string, so vars cannot be resolved here"));
                    }
                    self.scalar(context, item)?;
                }
            }
            Value::Scalar(_) => {}
        }
        Ok(())
    }

    /// Resolves the references in a string. Whatever is in it, it loses its quotes and its block style.
    fn scalar(&mut self, context: &Context, node: &mut Node) -> Result<(), Error> {
        let Node { value: Value::Scalar(scalar), origin } = node else { return Ok(()) };
        if !is_string(scalar) {
            return Ok(());
        }
        (scalar.tag, scalar.style, scalar.implicit) = (Tag::Str, Style::Plain, false);
        if !scalar.text.contains('$') {
            return Ok(());
        }
        let (new, by) = self.expand(context, &scalar.text, origin)?;
        let share = scalar.share.written();
        self.wrote_shared |= share.is_written();
        *scalar = Scalar { share, ..new };
        if let Some((value, cause)) = by {
            let history = value.replacing(origin);
            *origin = cause.replacing(&history);
        }
        Ok(())
    }

    /// What a text becomes, and the value and definition of the last var in it. A text that is nothing but a var takes its type.
    fn expand(&mut self, context: &Context, text: &str, at: &Origin) -> Result<(Scalar, Option<(Origin, Origin)>), Error> {
        context.charge(Cost::text(text), at)?;
        let mut out = String::with_capacity(text.len());
        let mut by = None;
        let mut rest = text;
        while let Some((before, after)) = rest.split_once('$') {
            out.push_str(before);
            if let Some(escaped) = after.strip_prefix('$') {
                out.push('$');
                rest = escaped;
                continue;
            }
            let Some((name, behind)) = after.strip_prefix('(').and_then(|reference| reference.split_once(')')) else {
                // No reference; what follows the sign is not looked at either.
                let next = after.chars().next().map_or(0, char::len_utf8);
                out.push('$');
                out.push_str(&after[..next]);
                rest = &after[next..];
                continue;
            };
            rest = behind;
            match self.values.get_mut(name).and_then(Known::take) {
                Some((value, origins)) => {
                    context.charge(Cost::text(&value.text), at)?;
                    by = Some(origins);
                    if before.is_empty() && out.is_empty() && behind.is_empty() {
                        return Ok((value, by));
                    }
                    match value.text.parse() {
                        Ok(number) if value.tag == Tag::Float => out.push_str(&go_float(number)),
                        _ => out.push_str(&value.text),
                    }
                }
                None => out.extend(["$(", name, ")"]),
            }
        }
        out.push_str(rest);
        Ok((Scalar::string(out), by))
    }
}

impl Known<'_> {
    /// The value, where it comes from and where the var is defined; nothing where it is a map or list.
    fn take(&mut self) -> Option<(Scalar, (Origin, Origin))> {
        self.used = true;
        let value = self.value.as_ref()?;
        Some((value.as_scalar()?.clone(), (value.origin.clone(), self.cause.clone())))
    }
}
