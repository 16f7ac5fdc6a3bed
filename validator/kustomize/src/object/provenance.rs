//! Where an object comes from and what has worked on it.

use std::sync::Arc;

use ecow::EcoString;

use crate::elsewhere::whereabouts::Whereabouts;

pub(crate) const ORIGIN: &str = "config.kubernetes.io/origin";
pub(crate) const TRANSFORMATIONS: &str = "alpha.config.kubernetes.io/transformations";

/// Where an object comes from and what has worked on it, as the annotations have it.
#[derive(Clone, Debug, Default)]
pub(crate) struct Provenance {
    pub(crate) origin: Option<Arc<str>>,
    pub(crate) file: Option<Arc<Whereabouts>>,
    pub(crate) transformations: Vec<Arc<str>>,
}

impl Provenance {
    /// Loses what Kustomize keeps in annotations.
    pub(crate) fn forget(&mut self) {
        self.origin = None;
        self.transformations.clear();
    }

    /// Loses what is not kept.
    pub(crate) fn keep(&mut self, origin: bool, transformations: bool) {
        self.origin.take_if(|_| !origin);
        if !transformations {
            self.transformations.clear();
        }
    }

    /// The annotations that say it.
    pub(crate) fn annotations(&self) -> Vec<(&'static str, EcoString)> {
        let mut all = Vec::new();
        all.extend(self.origin.as_ref().map(|text| (ORIGIN, format!("{text}\n").into())));
        if !self.transformations.is_empty() {
            let items = self.transformations.iter().map(|text| format!("- {}\n", text.replace('\n', "\n  ")));
            all.push((TRANSFORMATIONS, items.collect::<String>().into()));
        }
        all
    }

    /// Comes from where `new` comes from, if that is known.
    pub(crate) fn replace_origin(&mut self, new: &mut Self) {
        if let Some(origin) = new.origin.take() {
            self.origin = Some(origin);
        }
    }

    /// The file that the object was read from, where the build keeps that.
    pub(crate) fn file(&self) -> Option<&Whereabouts> {
        self.file.as_deref()
    }
}
