//! What a build has at hand on its way: the files that it has read, what it may use, and what it has to say.

pub(crate) mod budget;
pub(crate) mod decode;
pub(crate) mod files;
pub(crate) mod hashes;
pub(crate) mod openapi;
pub(crate) mod shared;
pub(crate) mod tree;

use std::collections::HashMap;
use std::path::PathBuf;
use std::sync::Arc;

use crate::elsewhere::supply::{Supplied, Supplier};
use crate::error::{Error, ErrorKind, Place};
use crate::note::{Note, NoteKind};
use crate::settings::{Assumptions, LoadRestrictor, Settings};
use crate::source::{Origin, SourceId, Sources};
use crate::version::Version;
use crate::yaml::node::Node;
use crate::yaml::{self, Dialect, Documents};

use budget::{Budget, Cost};
use decode::{Decoder, Text};
use files::File;
use openapi::OpenApi;
use shared::Shared;

/// What is said of content that no reader of Kustomize's takes: the same for all readers, as a file may meet more than one.
const IGNORED: &str = "Kustomize ignores this: it reads no further than the end of the document above";

/// The files, notes and inputs of one build.
#[derive(Debug, Default)]
pub(crate) struct Context {
    /// What it may use and has used.
    pub(crate) budget: Budget,
    /// Which Kustomize counts.
    pub(crate) version: Version,
    /// Which files may be read.
    pub(crate) load_restrictor: LoadRestrictor,
    /// What is known of kinds.
    pub(crate) openapi: OpenApi,
    /// What may be left out.
    pub(crate) assumptions: Assumptions,
    pub(crate) sources: Sources,
    pub(crate) notes: Vec<Note>,
    /// What gives what is not in the project.
    pub(crate) supplier: Option<Arc<dyn Supplier>>,
    /// Every file read and directory visited, in that order.
    pub(crate) inputs: Vec<PathBuf>,
    /// The directories that have been gone into.
    pub(crate) visits: Vec<Visit>,
    /// What there is of other builds, or of the same directory in this one.
    pub(crate) shared: Arc<Shared>,
    /// Those of the sources that others read too.
    pub(crate) files: HashMap<SourceId, Arc<File>>,
    /// Whether what is built is a base that others may use.
    pub(crate) is_base: bool,
}

/// A directory that a build has gone into.
#[derive(Clone, Debug)]
pub(crate) struct Visit {
    /// The directory, with symbolic links resolved.
    pub(crate) real: PathBuf,
    /// How many kustomizations led there, itself included.
    pub(crate) depth: usize,
    /// The address that led there, where it is in a repository from elsewhere and the first directory of it on this way.
    pub(crate) address: Option<String>,
}

impl Context {
    /// That of a build that has done nothing yet.
    pub(crate) fn new(settings: &Settings) -> Self {
        Self {
            version: settings.version,
            load_restrictor: settings.load_restrictor.clone(),
            assumptions: settings.assumptions,
            ..Self::default()
        }
    }

    /// The documents of a source, as [`yaml::read()`] gives them; what it passes over is noted.
    pub(crate) fn read(&mut self, id: SourceId, dialect: Dialect) -> Result<Vec<Node>, Error> {
        let Documents { nodes, passed_over, repeated } = match self.files.get(&id) {
            Some(file) => file.read(&self.sources, id, dialect),
            None => yaml::read_all(&self.sources, id, dialect),
        }?;
        for document in &nodes {
            self.charge(Cost::tree(document), &document.origin)?;
        }
        passed_over.iter().for_each(|origin| self.note(NoteKind::ContentIgnored, origin, IGNORED));
        for (key, origin) in repeated {
            let message = format!("Kustomize ignores this `{key}`: the key comes again below, and the last one counts");
            self.note(NoteKind::KeyRepeated, &origin, message);
        }
        Ok(nodes)
    }

    /// The first document of a source, which is all that `sigs.k8s.io/yaml` takes of it; others are noted.
    pub(crate) fn read_first(&mut self, id: SourceId) -> Result<Option<Node>, Error> {
        let mut documents = self.read(id, Dialect::YamlV2)?.into_iter();
        let first = documents.next();
        if let Some(other) = documents.find(|document| !document.is_null()) {
            self.note(NoteKind::ContentIgnored, &other.origin, IGNORED);
        }
        Ok(first)
    }

    /// What decodes kustomization files (strictly) or configurations of plugins (leniently).
    pub(crate) fn decoder(&self, lenient: bool) -> Decoder<'_> {
        Decoder { sources: &self.sources, version: self.version, lenient }
    }

    /// Charges what is made or done because of `origin`.
    ///
    /// # Errors
    /// Where the build has used up what it may use.
    #[inline]
    pub(crate) fn charge(&self, cost: Cost, origin: &Origin) -> Result<(), Error> {
        self.budget.charge(cost).map_err(|error| error.at(Place::of(&self.sources, origin)))
    }

    /// A copy of a tree, made because of `origin`.
    ///
    /// # Errors
    /// As [`Self::charge`].
    pub(crate) fn copy(&self, node: &Node, origin: &Origin) -> Result<Node, Error> {
        self.charge(Cost::tree(node), origin)?;
        Ok(node.clone())
    }

    /// An error of a wrong build at `origin`.
    pub(crate) fn invalid(&self, origin: &Origin, message: impl Into<String>) -> Error {
        self.error(ErrorKind::Invalid, origin, message)
    }

    /// The refusal of a feature at `origin`.
    pub(crate) fn unsupported(&self, origin: &Origin, message: impl Into<String>) -> Error {
        self.error(ErrorKind::Unsupported, origin, message)
            .help("`kubectl kustomize` may build it: --renderer auto asks it, and findings then point at whole files")
    }

    /// An error for what only a network has.
    pub(crate) fn remote(&self, origin: &Origin, name: &str) -> Error {
        self.error(ErrorKind::Unsupported, origin, format!("`{name}` is remote; kubevet never goes to the network"))
            .help("put a copy into the repository (`kustomize localize` makes one, or a submodule) and name that")
    }

    /// What the supplier gives for what `reference` names.
    ///
    /// # Errors
    /// Where it has nothing, or there is none.
    pub(crate) fn supplied(
        &mut self,
        reference: &Text,
        ask: impl FnOnce(&dyn Supplier) -> Result<Supplied, Error>,
    ) -> Result<Supplied, Error> {
        let Some(supplier) = &self.supplier else { return Err(self.remote(&reference.origin, &reference.value)) };
        let supplied = ask(&**supplier).map_err(|error| self.named_at(reference, error))?;
        self.inputs.extend(supplied.records.iter().cloned());
        if let Some(moves) = &supplied.moves {
            let message = format!("`{}` {moves}: kubectl builds what is there on the day that it builds", reference.value);
            self.note(NoteKind::ReferenceMoves, &reference.origin, message);
        }
        Ok(supplied)
    }

    /// Whether `reference`, an address, is that of a file of objects.
    ///
    /// # Errors
    /// As [`Self::supplied`].
    pub(crate) fn is_file(&self, reference: &Text) -> Result<bool, Error> {
        let Some(supplier) = &self.supplier else { return Err(self.remote(&reference.origin, &reference.value)) };
        supplier.is_file(&reference.value).map_err(|error| self.named_at(reference, error))
    }

    /// An error that says where what it is about is named.
    fn named_at(&self, reference: &Text, error: Error) -> Error {
        let place = Place::of(&self.sources, &reference.origin);
        if error.place.is_some() { error.related(place, "named here") } else { error.at(place) }
    }

    /// An error at `origin`.
    pub(crate) fn error(&self, kind: ErrorKind, origin: &Origin, message: impl Into<String>) -> Error {
        Error::new(kind, message).at(Place::of(&self.sources, origin))
    }

    /// Notes something about the line at `origin`.
    pub(crate) fn note(&mut self, kind: NoteKind, origin: &Origin, message: impl Into<String>) {
        self.add_notes([Note::new(kind, message, origin.clone())]);
    }

    /// Adds notes.
    pub(crate) fn add_notes(&mut self, notes: impl IntoIterator<Item = Note>) {
        self.notes.extend(notes.into_iter().inspect(|note| self.budget.count(Cost::text(&note.message))));
    }
}
