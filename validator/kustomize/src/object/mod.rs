//! Kubernetes objects: what identifies one, what selects them, and how a field of one is found and set.

pub(crate) mod annotations;
pub(crate) mod bookkeeping;
pub(crate) mod expression;
pub(crate) mod field_path;
pub(crate) mod field_spec;
pub(crate) mod gvk;
pub(crate) mod kind_order;
pub(crate) mod label_selector;
pub(crate) mod lookup;
pub(crate) mod manifest;
pub(crate) mod manifests;
pub(crate) mod nearest;
pub(crate) mod provenance;
pub(crate) mod render;
pub(crate) mod resource;
pub(crate) mod resource_map;
pub(crate) mod schema;
pub(crate) mod selector;
pub(crate) mod set;
