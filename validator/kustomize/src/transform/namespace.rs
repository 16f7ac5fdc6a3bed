//! `namespace` (NamespaceTransformer and `api/filters/namespace`).

use crate::context::Context;
use crate::context::budget::Cost;
use crate::context::decode::Text;
use crate::error::Error;
use crate::object::field_spec::{CreateAs, FieldSpec};
use crate::object::resource::Resource;
use crate::object::resource_map::ResourceMap;
use crate::yaml::node::{Node, Scalar, Tag};

/// Which subjects of a RoleBinding or ClusterRoleBinding get the namespace.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) enum Subjects {
    /// Those whose name is `default`.
    #[default]
    DefaultOnly,
    /// Every ServiceAccount.
    AllServiceAccounts,
    /// None.
    None,
}

/// What to set, and where.
#[derive(Clone, Debug)]
pub(crate) struct Namespace<'a> {
    pub(crate) namespace: &'a Text,
    pub(crate) specs: &'a [FieldSpec],
    /// Leave what is set already.
    pub(crate) unset_only: bool,
    pub(crate) subjects: Subjects,
}

/// Puts the objects in the namespace.
pub(crate) fn apply(context: &Context, map: &mut ResourceMap, transform: &Namespace<'_>) -> Result<(), Error> {
    let duplicate = map.change(|resource| {
        if resource.keeps_namespace {
            return Ok(());
        }
        resource.store_id();
        transform.object(context, resource)
    })?;
    match duplicate.and_then(|at| map.resources().get(at)) {
        None => Ok(()),
        Some(resource) => {
            let message = format!("this namespace gives two objects the identity {}", resource.id());
            Err(map.with_both(context, context.invalid(&transform.namespace.origin, message), resource))
        }
    }
}

impl Namespace<'_> {
    /// Puts one object in the namespace; its identity before that is not kept.
    pub(crate) fn object(&self, context: &Context, resource: &mut Resource) -> Result<(), Error> {
        let gvk = resource.gvk();
        let is_binding = matches!(&*gvk.kind, "RoleBinding" | "ClusterRoleBinding");
        if !resource.is_cluster_scoped() {
            let spec = FieldSpec { path: "metadata/namespace".into(), create: true, ..FieldSpec::default() };
            self.field(context, resource, &spec)?;
        }
        if is_binding {
            self.subjects(context, &mut resource.node)?;
        }
        let is_core = resource.api_version() == "v1";
        let is_special = |spec: &FieldSpec| match spec.path.as_str() {
            "metadata/namespace" => true,
            // The name of a Namespace, and not of another group's object of that kind.
            "metadata/name" => !is_core,
            "subjects/namespace" => is_binding && matches!(spec.kind.as_str(), "RoleBinding" | "ClusterRoleBinding"),
            _ => false,
        };
        for spec in self.specs.iter().filter(|spec| !is_special(spec) && spec.matches(&gvk.group, &gvk.version, &gvk.kind)) {
            self.field(context, resource, spec)?;
        }
        Ok(())
    }

    fn field(&self, context: &Context, resource: &mut Resource, spec: &FieldSpec) -> Result<(), Error> {
        let create = Some(CreateAs::Scalar(Tag::Str));
        let mut wrote_shared = false;
        spec.visit(&mut resource.node, create, &self.namespace.origin, context, &mut |node| {
            self.set(context, node)?;
            wrote_shared |= node.is_share_written();
            Ok(())
        })?;
        if wrote_shared { resource.settle_shares(context, &self.namespace.origin) } else { Ok(()) }
    }

    fn set(&self, context: &Context, node: &mut Node) -> Result<(), Error> {
        let Some(scalar) = node.as_scalar() else {
            return Err(context.invalid(&node.origin, "a namespace must be a string"));
        };
        if self.unset_only && !scalar.text.is_empty() && scalar.tag != Tag::Null {
            return Ok(());
        }
        let style = scalar.style;
        context.charge(Cost::text(&self.namespace.value), &self.namespace.origin)?;
        let new = Scalar::new(self.namespace.value.clone(), Tag::Str, style);
        // A field that was just made has no history.
        let origin = self.namespace.origin.clone();
        if node.origin == origin {
            *node = Node::scalar(new, origin)
        } else {
            node.replace(Node::scalar(new, origin))
        }
        Ok(())
    }

    fn subjects(&self, context: &Context, object: &mut Node) -> Result<(), Error> {
        let wanted: (&str, &str) = match self.subjects {
            Subjects::DefaultOnly => ("name", "default"),
            Subjects::AllServiceAccounts => ("kind", "ServiceAccount"),
            Subjects::None => return Ok(()),
        };
        let Some(subjects) = object.get_mut("subjects").filter(|node| !node.is_null()) else { return Ok(()) };
        let origin = subjects.origin.clone();
        let Some(seq) = subjects.as_seq_mut() else {
            return Err(context.invalid(&origin, "`subjects` must be a list"));
        };
        for subject in &mut seq.items {
            if subject.as_map().is_none() && !subject.is_null() {
                return Err(context.invalid(&subject.origin, "a subject must be a map"));
            }
            if subject.get(wanted.0).and_then(Node::text) != Some(wanted.1) {
                continue;
            }
            let Some(map) = subject.as_map_mut() else { continue };
            if map.get("namespace").is_none() {
                map.set("namespace", Node::string("", self.namespace.origin.clone()));
            }
            if let Some(node) = map.get_mut("namespace") {
                self.set(context, node)?;
            }
        }
        Ok(())
    }
}
