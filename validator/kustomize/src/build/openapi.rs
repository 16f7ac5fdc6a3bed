//! `openapi` of a kustomization: the document that tells of kinds from then on.

use crate::context::Context;
use crate::context::decode::Pairs;
use crate::context::openapi::{BUILTIN_VERSION, Definitions, cluster_scoped_kinds};
use crate::error::Error;
use crate::file::load::Root;
use crate::object::gvk::is_cluster_scoped;

/// Takes the document that a kustomization in `root` names, unless one before it has named one.
///
/// # Errors
/// Where it can't be read, where it is none, and where it tells of kinds without a namespace.
pub(super) fn set(context: &mut Context, root: &Root, fields: &Pairs) -> Result<(), Error> {
    let field = |name: &str| fields.iter().find(|(key, _)| *key.value == *name).map(|(_, value)| value);
    // It is read whether it counts or not.
    let document = match field("path") {
        Some(path) => Some((path, root.load(context, path)?.into_source(context)?)),
        None => None,
    };
    if context.openapi.is_set() {
        return Ok(());
    }
    match (document, field("version")) {
        (Some(_), Some(version)) => Err(context.invalid(&version.origin, "`openapi` is a `version` or a `path`, not both")),
        (Some((path, id)), None) => {
            let document = context.read_first(id)?;
            let none = "an OpenAPI document is a map with `definitions`, and this file is empty";
            let document = document.ok_or_else(|| context.invalid(&path.origin, none))?;
            if let Some((api_version, kind)) =
                cluster_scoped_kinds(&document).into_iter().find(|(version, kind)| !is_cluster_scoped(version, kind))
            {
                let message = format!("`{}` says that {kind} of {api_version} is in no namespace, which is not supported", path.value);
                return Err(context.unsupported(&path.origin, message));
            }
            let definitions = Definitions::new(&document).map_err(|why| context.invalid(&document.origin, why))?;
            context.openapi.set(definitions);
            Ok(())
        }
        (None, Some(version)) if !version.value.is_empty() && *version.value != *BUILTIN_VERSION => {
            let message = format!("there is no OpenAPI document of Kubernetes `{}` in Kustomize", version.value);
            Err(context.invalid(&version.origin, message).help(format!("it has that of {BUILTIN_VERSION}; `path` names a file")))
        }
        (None, Some(version)) if !version.value.is_empty() => {
            context.openapi.set_builtin();
            Ok(())
        }
        (None, _) => Ok(()),
    }
}
