//! An object on its way through a build: its tree, its identity and every identity it had before.
//!
//! Kustomize keeps this history in annotations of the object (`internal.config.kubernetes.io/…`) and takes them out at the
//! end. Here it is in fields; what such annotations in the input say is taken over.

use ecow::EcoString;
use thin_vec::ThinVec;

use crate::context::Context;
use crate::context::budget::Cost;
use crate::error::Error;
use crate::object::annotations::{self, OddList};
use crate::object::gvk::{Gvk, is_cluster_scoped, selects, split_api_version};
use crate::object::provenance::Provenance;
use crate::source::Origin;
use crate::yaml::node::{Node, Tag, Value};
use crate::yaml::share::{self, Share};

/// The namespace part of an identity that has no namespace.
const NO_NAMESPACE: &str = "_non_namespaceable_";

/// An identity that an object had.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct PreviousId {
    pub(crate) namespace: EcoString,
    pub(crate) name: EcoString,
    pub(crate) kind: EcoString,
}

/// An identity to look for. The namespace is the effective one.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(crate) struct ResId<'a> {
    pub(crate) api_version: &'a str,
    pub(crate) kind: &'a str,
    pub(crate) name: &'a str,
    pub(crate) namespace: &'a str,
}

/// What a generated object does with one of the same identity that is there already.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) enum Behavior {
    /// None was named, which is as good as `create`.
    #[default]
    Unspecified,
    /// `create`
    Create,
    /// `replace`
    Replace,
    /// `merge`
    Merge,
}

/// An object, and what was done to its identity.
#[derive(Clone, Debug)]
pub(crate) struct Resource {
    pub(crate) node: Node,
    /// Oldest first.
    pub(crate) previous: ThinVec<PreviousId>,
    /// How many of them are in the index of the map, which need not be looked at again.
    pub(crate) indexed: u32,
    pub(crate) prefixes: ThinVec<EcoString>,
    pub(crate) suffixes: ThinVec<EcoString>,
    /// Whether its name gets a hash of its content.
    pub(crate) needs_hash: bool,
    /// That of a generated object.
    pub(crate) behavior: Option<Behavior>,
    /// The generator's entry that made it.
    pub(crate) generator: Option<Origin>,
    /// The entry of the kustomization at hand that brought it along.
    pub(crate) way: Option<Origin>,
    /// Whether a patch was allowed to change its name, or its kind.
    pub(crate) was_free: (bool, bool),
    /// Whether Kustomize would have bookkeeping annotations on it now. They make `metadata.annotations` exist.
    pub(crate) has_bookkeeping: bool,
    /// What the annotations of `buildMetadata` will say.
    pub(crate) provenance: Provenance,
    /// Whether helm has put it into its namespace, so that Kustomize leaves it there.
    pub(crate) keeps_namespace: bool,
    /// Names of the vars whose value it has.
    pub(crate) vars: ThinVec<EcoString>,
    /// How many groups of [shared](crate::yaml::share) scalars it has.
    shares: u16,
}

impl PreviousId {
    /// Whether `selector` selects this identity of an object of the given `apiVersion`.
    pub(crate) fn is_selected(&self, api_version: &str, selector: &Gvk) -> bool {
        let (group, version) = split_api_version(api_version);
        selects(selector, group, version, &self.kind)
    }
}

impl<'a> ResId<'a> {
    /// The identity of an object in `namespace`, which is empty for the default one.
    pub(crate) fn new(api_version: &'a str, kind: &'a str, name: &'a str, namespace: &'a str) -> Self {
        Self { api_version, kind, name, namespace: effective_namespace(api_version, kind, namespace) }
    }
}

impl std::fmt::Display for ResId<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{} {}", self.kind, self.name)?;
        if self.namespace == NO_NAMESPACE { Ok(()) } else { write!(f, " in namespace {}", self.namespace) }
    }
}

fn effective_namespace<'a>(api_version: &str, kind: &str, namespace: &'a str) -> &'a str {
    if is_cluster_scoped(api_version, kind) {
        NO_NAMESPACE
    } else if namespace.is_empty() {
        "default"
    } else {
        namespace
    }
}

impl Resource {
    /// An object as it was read or generated.
    pub(crate) fn new(node: Node) -> Self {
        let mut resource = Self {
            node,
            previous: ThinVec::new(),
            indexed: 0,
            prefixes: ThinVec::new(),
            suffixes: ThinVec::new(),
            needs_hash: false,
            behavior: None,
            generator: None,
            way: None,
            was_free: (false, false),
            has_bookkeeping: false,
            provenance: Provenance::default(),
            keeps_namespace: false,
            vars: ThinVec::new(),
            shares: 0,
        };
        resource.absorb_bookkeeping();
        resource
    }

    pub(crate) fn api_version(&self) -> &str {
        self.node.get("apiVersion").and_then(Node::text).unwrap_or_default()
    }

    pub(crate) fn kind(&self) -> &str {
        self.node.get("kind").and_then(Node::text).unwrap_or_default()
    }

    pub(crate) fn gvk(&self) -> Gvk {
        Gvk::new(self.api_version(), self.kind())
    }

    pub(crate) fn name(&self) -> &str {
        self.node.at(&["metadata", "name"]).and_then(Node::text).unwrap_or_default()
    }

    /// The namespace as it is written.
    pub(crate) fn namespace(&self) -> &str {
        self.node.at(&["metadata", "namespace"]).filter(|node| !node.is_null()).and_then(Node::text).unwrap_or_default()
    }

    pub(crate) fn effective_namespace(&self) -> &str {
        effective_namespace(self.api_version(), self.kind(), self.namespace())
    }

    pub(crate) fn is_cluster_scoped(&self) -> bool {
        is_cluster_scoped(self.api_version(), self.kind())
    }

    /// The identity that it has now.
    pub(crate) fn id(&self) -> ResId<'_> {
        ResId::new(self.api_version(), self.kind(), self.name(), self.namespace())
    }

    /// The identities that it had, oldest first, without the current one.
    pub(crate) fn previous_ids(&self) -> impl Iterator<Item = ResId<'_>> {
        self.previous.iter().map(|id| ResId { api_version: self.api_version(), kind: &id.kind, name: &id.name, namespace: &id.namespace })
    }

    /// The identity that it had first.
    pub(crate) fn original_id(&self) -> ResId<'_> {
        self.previous_ids().next().unwrap_or_else(|| self.id())
    }

    /// Remembers the current identity as a previous one.
    pub(crate) fn store_id(&mut self) {
        let id = self.id();
        let id = PreviousId { namespace: id.namespace.into(), name: id.name.into(), kind: id.kind.into() };
        self.previous.push(id);
        self.has_bookkeeping = true;
        // Kustomize notes it in the annotations, and what is no map does not survive that.
        if let Some(metadata) = self.node.get_mut("metadata").and_then(Node::as_map_mut)
            && metadata.get("annotations").is_some_and(|annotations| annotations.as_scalar().is_some())
        {
            metadata.entries_mut().retain(|entry| &*entry.key.text != "annotations");
        }
    }

    /// A new group of scalars that are one.
    pub(crate) fn new_share(&mut self) -> Share {
        self.shares = self.shares.checked_add(1).unwrap_or_else(|| {
            share::separate(&mut self.node);
            1
        });
        Share::group(self.shares)
    }

    /// Makes scalars that are one equal again, after something was written.
    ///
    /// # Errors
    /// Where the build has used up what it may use, at `cause`.
    pub(crate) fn settle_shares(&mut self, context: &Context, cause: &Origin) -> Result<(), Error> {
        if self.shares == 0 {
            return Ok(());
        }
        let looked_at = share::settle(&mut self.node);
        context.charge(Cost::steps(looked_at), cause)
    }

    /// Ends all sharing, as a passage through JSON does.
    pub(crate) fn end_shares(&mut self) {
        if self.shares > 0 {
            share::separate(&mut self.node);
            self.shares = 0;
        }
    }

    /// Whether Kustomize would have dropped it as empty.
    pub(crate) fn is_empty(&self) -> bool {
        is_nil_or_empty(&self.node)
    }

    /// The value of an annotation, whatever its tag.
    pub(crate) fn annotation(&self, key: &str) -> Option<&str> {
        self.node.at(&["metadata", "annotations"])?.get(key)?.text()
    }

    /// Changes every origin that it has.
    pub(crate) fn change_origins(&mut self, change: &mut impl FnMut(&mut Origin)) {
        self.node.change_origins(change);
        self.generator.iter_mut().chain(&mut self.way).for_each(change);
    }

    /// Leaves the annotations as Kustomize leaves them when it has taken its own out.
    ///
    /// # Errors
    /// Those of [`annotations::rewrite`].
    pub(crate) fn finish_annotations(&mut self) -> Result<(), OddList> {
        if self.node.get("metadata").is_none() {
            // Only a list without items has none.
            let origin = self.node.origin.clone();
            if let Some(map) = self.node.as_map_mut() {
                map.set("metadata", Node::map(origin));
            }
        }
        self.rewrite_annotations()
    }

    /// Reads the annotations and writes them back, as Kustomize does now and then.
    ///
    /// # Errors
    /// Those of [`annotations::rewrite`].
    pub(crate) fn rewrite_annotations(&mut self) -> Result<(), OddList> {
        self.node.get_mut("metadata").and_then(Node::as_map_mut).map_or(Ok(()), |metadata| annotations::rewrite(metadata, "annotations"))
    }
}

impl Behavior {
    /// As `NewGenerationBehavior` reads it.
    pub(crate) fn from_name(name: &str) -> Self {
        match name {
            "replace" => Self::Replace,
            "merge" => Self::Merge,
            "create" => Self::Create,
            _ => Self::Unspecified,
        }
    }

    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::Unspecified => "unspecified",
            Self::Create => "create",
            Self::Replace => "replace",
            Self::Merge => "merge",
        }
    }
}

/// `IsNilOrEmpty`: null, or an empty map, list or string.
pub(crate) fn is_nil_or_empty(node: &Node) -> bool {
    match &node.value {
        Value::Scalar(scalar) => scalar.tag == Tag::Null,
        Value::Map(map) => map.entries().is_empty(),
        Value::Seq(seq) => seq.items.is_empty(),
    }
}
