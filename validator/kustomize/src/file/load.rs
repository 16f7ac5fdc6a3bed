//! Files and directories: what a kustomization may read, and what it may build on.

use std::io;
use std::path::{Component, Path, PathBuf};
use std::sync::Arc;

use crate::context::budget::Cost;
use crate::context::decode::Text;
use crate::context::files::File;
use crate::context::tree::{FileTree, Files, Found as There};
use crate::context::{Context, Visit};
use crate::elsewhere::address::{Repository, is_remote_file};
use crate::elsewhere::supply::Supplied;
use crate::elsewhere::whereabouts::{Whereabouts, tidy};
use crate::error::{Error, ErrorKind, Place};
use crate::settings::LoadRestrictor;
use crate::source::{Source, SourceId};
use crate::yaml::LONGEST_FILE;

/// The names that a kustomization file may have.
pub(crate) const FILE_NAMES: [&str; 3] = ["kustomization.yaml", "kustomization.yml", "Kustomization"];

/// Deepest chain of kustomizations that build on each other. Real ones have less than ten.
const DEEPEST_CHAIN: usize = 64;

/// Steps that going into a directory counts as: about the time that it takes to look for its files.
const STEPS_OF_VISIT: usize = 5_000;

/// The directory of a kustomization, and those of the kustomizations that led to it.
#[derive(Clone, Debug)]
pub(crate) struct Root {
    /// The files that it is among.
    tree: Files,
    /// With symbolic links resolved.
    real: PathBuf,
    /// As it was reached.
    shown: PathBuf,
    /// As it was reached from the directory that is built, or from the top of the repository that it is in.
    whereabouts: Whereabouts,
    /// The repository that it is in, where that is not the project's.
    repository: Option<Arc<Cloned>>,
    /// The real directories on the way here, outermost first, this one included.
    chain: Vec<PathBuf>,
    /// Whether it is that of a component, whose files other builds are likely to read too.
    is_component: bool,
}

/// A repository that a kustomization builds on.
#[derive(Debug)]
struct Cloned {
    repository: Repository,
    /// Its directory, with symbolic links resolved.
    real: PathBuf,
    /// The one that led to it.
    before: Option<Arc<Cloned>>,
}

/// The content of a file that was read.
pub(crate) struct Loaded {
    content: Content,
    /// The path as people should see it.
    pub(crate) path: PathBuf,
    /// Where to keep it for others: the path with symbolic links resolved.
    keep: Option<PathBuf>,
    /// Where it is from, if not from here.
    address: Option<String>,
}

/// A file that may be read.
struct Found {
    real: PathBuf,
    there: There,
    /// As people should see it.
    shown: PathBuf,
    address: Option<String>,
}

enum Content {
    Bytes(Vec<u8>),
    Known(Arc<File>),
}

impl Root {
    /// The directory to build.
    pub(crate) fn open(context: &mut Context, directory: &Path) -> Result<Self, Error> {
        let fail = |why: String| Error::new(ErrorKind::Io, format!("cannot build {}: {why}", directory.display()));
        let tree = context.shared.tree.clone();
        let real = tree.0.real(directory).map_err(|error| fail(reason(&error)))?;
        if !is_directory(&*tree.0, &real) {
            return Err(fail("it is not a directory".to_owned()));
        }
        context.inputs.push(directory.to_owned());
        Ok(Self {
            tree,
            chain: vec![real.clone()],
            real,
            shown: directory.to_owned(),
            whereabouts: Whereabouts::default(),
            repository: None,
            is_component: false,
        })
    }

    /// Whether a build of this directory that made `visits` would go the same way from here, whatever led there then.
    pub(crate) fn allows(&self, visits: &[Visit]) -> bool {
        let leads_back = |visit: &Visit| match &visit.address {
            Some(address) => self.is_within(address),
            None => self.chain.iter().any(|visited| visited.starts_with(&visit.real)),
        };
        let is_too_deep = |visit: &Visit| self.chain.len() + visit.depth > DEEPEST_CHAIN;
        !visits.iter().any(|visit| leads_back(visit) || is_too_deep(visit))
    }

    /// How many kustomizations led here, this one included.
    pub(crate) fn depth(&self) -> usize {
        self.chain.len()
    }

    /// The directory, and how people see the way to it.
    pub(crate) fn paths(&self) -> (&Path, &Path) {
        (&self.real, &self.shown)
    }

    /// What is the same for all directories that come out the same: the paths, and the repository that they may not lead out of.
    pub(crate) fn key(&self) -> (PathBuf, PathBuf, Option<String>) {
        (self.real.clone(), self.shown.clone(), self.repository.as_ref().map(|cloned| cloned.repository.address.clone()))
    }

    /// The same directory as that of a component.
    pub(crate) fn of_component(self) -> Self {
        Self { is_component: true, ..self }
    }

    /// The directory's own name.
    pub(crate) fn name(&self) -> String {
        self.real.file_name().map_or_else(|| "/".to_owned(), |name| name.to_string_lossy().into_owned())
    }

    /// What `path` in this directory leads to, as Kustomize writes it down.
    pub(crate) fn whereabouts(&self, path: &str) -> Whereabouts {
        self.whereabouts.append(path)
    }

    /// Whether one of the repositories on the way here has an address that begins with this one: Kustomize calls that a circle.
    fn is_within(&self, address: &str) -> bool {
        let mut repositories = std::iter::successors(self.repository.as_ref(), |cloned| cloned.before.as_ref());
        repositories.any(|cloned| cloned.repository.address.starts_with(address))
    }

    /// Where a path without symbolic links is, if in a repository from elsewhere.
    fn address(&self, real: &Path) -> Option<String> {
        let cloned = self.repository.as_ref()?;
        Some(cloned.repository.address_of(&real.strip_prefix(&cloned.real).ok()?.to_string_lossy()))
    }

    /// The directory at `reference`, relative to this one.
    pub(crate) fn descend(&self, context: &mut Context, reference: &Text) -> Result<Self, Error> {
        let path = &*reference.value;
        if path.is_empty() {
            return Err(context.invalid(&reference.origin, "an empty path"));
        }
        if let Some(repository) = Repository::parse(path) {
            return self.clone_of(context, reference, repository);
        }
        if Path::new(path).is_absolute() {
            return Err(context.invalid(&reference.origin, format!("the directory `{path}` must be a relative path")));
        }
        let (real, there) = resolve(&*self.tree.0, &self.real, path)
            .map_err(|error| context.error(ErrorKind::Io, &reference.origin, format!("cannot read `{path}`: {}", reason(&error))))?;
        if there != There::Directory {
            return Err(context.invalid(&reference.origin, format!("`{path}` is not a directory")));
        }
        if let Some(cloned) = self.repository.as_ref().filter(|cloned| !real.starts_with(&cloned.real)) {
            let message = format!("`{path}` leads out of the repository {}", cloned.repository.url);
            return Err(context.invalid(&reference.origin, message).help("name a directory of the same repository"));
        }
        if let Some(visited) = self.chain.iter().rev().find(|visited| visited.starts_with(&real)) {
            let message = format!("`{path}` contains the kustomization that refers to it: a cycle");
            let help = if *visited == self.real { "refer to a directory that is not above this one" } else { "break the cycle" };
            return Err(context.invalid(&reference.origin, message).help(help));
        }
        let (shown, repository) = (tidy(&self.shown.join(path)), self.repository.clone());
        self.enter(context, reference, real, shown, repository, None)
    }

    /// The directory of a repository from elsewhere.
    fn clone_of(&self, context: &mut Context, reference: &Text, repository: Repository) -> Result<Self, Error> {
        let path = &*reference.value;
        if self.is_within(path) {
            let message = format!("`{path}` leads to a repository that refers to it: a cycle");
            return Err(context.invalid(&reference.origin, message).help("break the cycle"));
        }
        let supplied = context.supplied(reference, |supplier| supplier.repository(&repository))?;
        let missing = |context: &Context, error: &io::Error| {
            let message = format!("`{}` is no directory of {}: {}", repository.directory, repository.url, reason(error));
            context.error(ErrorKind::Io, &reference.origin, message)
        };
        let top = self.tree.0.real(&supplied.path).map_err(|error| missing(context, &error))?;
        let (real, there) = resolve(&*self.tree.0, &top, &repository.directory).map_err(|error| missing(context, &error))?;
        if there != There::Directory || !real.starts_with(&top) {
            return Err(missing(context, &io::Error::other("it is a file, or leads out")));
        }
        let shown = tidy(&supplied.path.join(&repository.directory));
        let cloned = Arc::new(Cloned { repository, real: top, before: self.repository.clone() });
        self.enter(context, reference, real, shown, Some(cloned), Some(path.to_owned()))
    }

    /// Goes into a directory that was found.
    fn enter(
        &self,
        context: &mut Context,
        reference: &Text,
        real: PathBuf,
        shown: PathBuf,
        repository: Option<Arc<Cloned>>,
        address: Option<String>,
    ) -> Result<Self, Error> {
        if self.chain.len() >= DEEPEST_CHAIN {
            let message = format!("more than {DEEPEST_CHAIN} kustomizations build on each other");
            return Err(context.error(ErrorKind::Limit, &reference.origin, message));
        }
        context.charge(Cost::steps(STEPS_OF_VISIT), &reference.origin)?;
        context.inputs.push(shown.clone());
        let mut chain = self.chain.clone();
        chain.push(real.clone());
        context.visits.push(Visit { real: real.clone(), depth: chain.len(), address });
        Ok(Self {
            tree: self.tree.clone(),
            real,
            shown,
            whereabouts: self.whereabouts(&reference.value),
            repository,
            chain,
            is_component: false,
        })
    }

    /// Whether `path` leads to a directory.
    pub(crate) fn is_directory(&self, path: &str) -> bool {
        is_directory(&*self.tree.0, &self.real.join(path))
    }

    /// Reads the file at `reference`, which must be in or below this directory with symbolic links resolved.
    pub(crate) fn load(&self, context: &mut Context, reference: &Text) -> Result<Loaded, Error> {
        let path = &*reference.value;
        let read = if is_remote_file(path) { self.fetched(context, reference) } else { self.read(context, path) };
        read.map_err(|error| error.at(Place::of(&context.sources, &reference.origin)))
    }

    /// Reads a file from elsewhere.
    fn fetched(&self, context: &mut Context, reference: &Text) -> Result<Loaded, Error> {
        let url = &*reference.value;
        let supplied = context.supplied(reference, |supplier| supplier.file(url))?;
        self.supplied_file(context, reference, &Supplied { address: Some(url.to_owned()), ..supplied })
    }

    /// Reads a file that was supplied for what `reference` names.
    pub(crate) fn supplied_file(&self, context: &mut Context, reference: &Text, supplied: &Supplied) -> Result<Loaded, Error> {
        let fail = |error: io::Error| Error::new(ErrorKind::Io, format!("cannot read `{}`: {}", supplied.path.display(), reason(&error)));
        let real = self.tree.0.real(&supplied.path).map_err(fail)?;
        let there = self.tree.0.look(&real).map_err(fail)?;
        let found = Found { real, there, shown: supplied.path.clone(), address: supplied.address.clone() };
        self.open_file(context, &reference.value, found)
    }

    /// Reads a file; the error has no place.
    fn read(&self, context: &mut Context, path: &str) -> Result<Loaded, Error> {
        let fail = |error: &io::Error| Error::new(ErrorKind::Io, format!("cannot read `{path}`: {}", reason(error)));
        let (real, there) = resolve(&*self.tree.0, &self.real, path).map_err(|error| fail(&error))?;
        if there == There::Directory {
            return Err(Error::new(ErrorKind::Invalid, format!("`{path}` is a directory where a file must be")));
        }
        // What is cloned is never let out, as in Kustomize.
        let restrictor = if self.repository.is_some() { &LoadRestrictor::RootOnly } else { &context.load_restrictor };
        if !restrictor.allows(&self.real, &real) {
            let why = format!("`{path}` is not in or below the directory of the kustomization, `{}`", self.shown.display());
            let error = Error::new(ErrorKind::Invalid, why);
            return Err(if self.repository.is_some() { error } else { error.help(restrictor.help()) });
        }
        let (shown, address) = (tidy(&self.shown.join(path)), self.address(&real));
        self.open_file(context, path, Found { real, there, shown, address })
    }

    /// Reads a file that was found; the error has no place.
    fn open_file(&self, context: &mut Context, path: &str, found: Found) -> Result<Loaded, Error> {
        let Found { real, there, shown, address } = found;
        let fail = |error: &io::Error| Error::new(ErrorKind::Io, format!("cannot read `{path}`: {}", reason(error)));
        // Reading a pipe or a device may never end.
        let not_regular = || Error::new(ErrorKind::Invalid, format!("`{path}` is not a regular file"));
        let There::File(length) = there else { return Err(not_regular()) };
        let too_large = || {
            Error::new(ErrorKind::Limit, format!("`{path}` is larger than {} MiB", LONGEST_FILE >> 20)).help("split it into several files")
        };
        if length > LONGEST_FILE {
            return Err(too_large());
        }
        context.budget.charge(Cost::of(1, length as usize))?;
        if let Some(file) = context.shared.files.get(&real, &shown) {
            context.inputs.push(shown.clone());
            return Ok(Loaded { content: Content::Known(file), path: shown, keep: None, address });
        }
        let bytes = self.tree.0.read(&real, LONGEST_FILE).map_err(|error| fail(&error))?.ok_or_else(not_regular)?;
        if bytes.len() as u64 > LONGEST_FILE {
            return Err(too_large());
        }
        context.inputs.push(shown.clone());
        Ok(Loaded { content: Content::Bytes(bytes), path: shown, keep: Some(real).filter(|_| self.is_component), address })
    }

    /// Reads the one kustomization file of this directory; `reference` is what led here.
    pub(crate) fn kustomization_file(&self, context: &mut Context, reference: Option<Place>) -> Result<Loaded, Error> {
        let (mut found, mut unread) = (Vec::new(), None);
        for name in FILE_NAMES {
            match self.read(context, name) {
                Ok(loaded) => found.push(loaded),
                Err(error) if error.kind == ErrorKind::Limit => {
                    let file = Place { source: Arc::new(Source::new(tidy(&self.shown.join(name)), "")), start: 0, end: 0 };
                    return Err(error.at(file));
                }
                Err(error) if self.tree.0.look(&self.real.join(name)).is_ok() => unread = unread.or(Some(error.message)),
                Err(_) => {}
            }
        }
        let fail = |message: String| match reference {
            Some(place) => Error::new(ErrorKind::Invalid, message).at(place),
            None => Error::new(ErrorKind::Invalid, message),
        };
        let shown = self.shown.display();
        match (found.pop(), found.is_empty(), unread) {
            (Some(loaded), true, _) => Ok(loaded),
            (Some(_), false, _) => Err(fail(format!("more than one kustomization file in {shown}"))),
            (None, _, Some(why)) => Err(fail(format!("no kustomization file in {shown}: {why}"))),
            (None, _, None) => Err(fail(format!("no kustomization file in {shown}"))
                .help(format!("a kustomization is in a file named {}, {} or {}", FILE_NAMES[0], FILE_NAMES[1], FILE_NAMES[2]))),
        }
    }
}

impl Loaded {
    /// Adds the content to the sources as text.
    pub(crate) fn into_source(self, context: &mut Context) -> Result<SourceId, Error> {
        let file = match self.content {
            Content::Known(file) => file,
            Content::Bytes(bytes) => {
                let text = crate::yaml::decode(&self.path, bytes)?;
                let source = Arc::new(Source::new(self.path, text).with_address(self.address));
                // What it is read as takes some ten times as much memory.
                let has_room = || context.shared.has_room(Cost::of(0, 10 * source.text().len()));
                match self.keep.filter(|_| context.shared.for_many && has_room()) {
                    Some(real) => context.shared.files.add(real, source),
                    None => return Ok(context.sources.share(source)),
                }
            }
        };
        let id = context.sources.share(Arc::clone(&file.source));
        context.files.insert(id, file);
        Ok(id)
    }

    /// The content as it is.
    pub(crate) fn into_bytes(self) -> Vec<u8> {
        match self.content {
            Content::Bytes(bytes) => bytes,
            Content::Known(file) => file.source.text().as_bytes().to_vec(),
        }
    }
}

/// What `path` leads to from `directory`, whose own path has no symbolic links: the path without any.
///
/// That looks at every directory from the root of the file system on. Here only those below `directory` are looked at as long as none
/// is a link.
fn resolve(tree: &dyn FileTree, directory: &Path, path: &str) -> io::Result<(PathBuf, There)> {
    let in_full = || {
        let real = tree.real(&directory.join(path))?;
        let there = tree.look(&real)?;
        Ok((real, there))
    };
    let mut real = directory.to_owned();
    let mut found: Option<There> = None;
    for component in Path::new(path).components() {
        if found.is_some_and(|there| there != There::Directory) {
            return in_full();
        }
        match component {
            Component::CurDir => {}
            Component::ParentDir => {
                real.pop();
                found = None;
            }
            Component::Normal(name) => {
                real.push(name);
                let there = tree.look(&real)?;
                if there == There::Link {
                    return in_full();
                }
                found = Some(there);
            }
            Component::RootDir | Component::Prefix(_) => return in_full(),
        }
    }
    match found {
        // A slash at the end is an error behind a file.
        Some(there) if there == There::Directory || !path.ends_with(['/', '.']) => Ok((real, there)),
        Some(_) => in_full(),
        // Only `..` led here, from a path without links.
        None => tree.look(&real).map(|there| (real, there)),
    }
}

/// Whether a path leads to a directory, links followed.
fn is_directory(tree: &dyn FileTree, path: &Path) -> bool {
    tree.real(path).and_then(|real| tree.look(&real)).is_ok_and(|there| there == There::Directory)
}

/// The reason without Rust's `(os error 2)`.
fn reason(error: &io::Error) -> String {
    let text = error.to_string();
    text.split(" (os error").next().unwrap_or_default().to_lowercase()
}
