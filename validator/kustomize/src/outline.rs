//! What a kustomization builds on, without building it.

use std::path::Path;

use crate::context::Context;
use crate::error::Error;
use crate::kustomization::Kustomization;
use crate::load::Root;
use crate::source::Origin;

/// What tells which kustomizations build on which.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Outline {
    /// Whether it says `kind: Component`.
    pub is_component: bool,
    /// What `resources`, `bases` and `components` name, as written: directories, files and addresses.
    pub references: Vec<String>,
}

/// Reads the kustomization in `directory` as a build does.
///
/// # Errors
/// As [`crate::build`] for the file itself: there is none, or more than one, or it isn't a kustomization.
pub fn outline(directory: &Path) -> Result<Outline, Error> {
    let mut context = Context::default();
    let root = Root::open(&mut context, directory)?;
    let loaded = root.kustomization_file(&mut context, None)?;
    let id = loaded.into_source(&mut context)?;
    let document = context.read_first(id)?;
    let kustomization = Kustomization::read(&context, document.as_ref(), &Origin::new(id, 0, 0))?;
    let references = kustomization.resources.iter().chain(&kustomization.components);
    Ok(Outline { is_component: kustomization.is_component, references: references.map(|text| text.value.to_string()).collect() })
}
