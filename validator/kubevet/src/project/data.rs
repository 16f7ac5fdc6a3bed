//! `--data`: documents that rules read below `data`, as `conftest --data` and `opa --data` merge them.

use std::path::{Path, PathBuf};

use kustomize::Error;

use super::Project;
use crate::config::Document;
use crate::files;
use crate::folder::Folder;
use crate::git::Snapshot;
use crate::paths::shown;
use crate::policy::Data;
use crate::problem::{Problem, invalid, whole};

/// A document.
struct DataFile {
    /// As people should see it.
    path: PathBuf,
    /// Its path below `data`.
    under: Vec<String>,
    text: String,
}

impl Project {
    /// The same with data from files and directories, as they are in a revision where there is one.
    pub fn with_data(mut self, paths: &[PathBuf], revision: Option<&Snapshot>) -> Result<Self, Problem> {
        self.data = read(paths, revision)?;
        self.data_places = paths.iter().map(|path| place(path)).collect();
        self.catalog.give(&self.data).map_err(failed)?;
        Ok(self)
    }
}

fn failed(error: Error) -> Problem {
    Problem::configuration("data", error)
}

/// Reads data from files and directories: in a directory, the path of a file's directory is where in `data` it belongs. Of what lies outside of the
/// checkout of a revision, and so is no part of a change, there is only what is there.
pub(crate) fn read(paths: &[PathBuf], revision: Option<&Snapshot>) -> Result<Data, Problem> {
    let mut data = Data::default();
    for path in paths {
        let inside = revision.and_then(|revision| Some((revision, revision.checkout.inside(&place(path))?)));
        let files = match inside {
            Some((revision, inside)) => in_revision(path, &inside, revision),
            None => on_disk(path),
        };
        for file in files.map_err(failed)? {
            add(&mut data, file).map_err(failed)?;
        }
    }
    Ok(data)
}

fn add(data: &mut Data, file: DataFile) -> Result<(), Error> {
    let mut document = Document::parse(&file.path, file.text)?;
    document.make_canonical()?;
    if file.under.is_empty() && document.root.as_map().is_none() {
        return Err(document.error(&document.root, "data must be a map at the top"));
    }
    data.add(&file.under, &document.root).map_err(|error| error.at(document.place(&document.root)))
}

/// The file or directory that a person means.
pub(crate) fn place(path: &Path) -> PathBuf {
    split(path).1
}

/// A path, and where in `data` its files belong: `a.b:path`, as OPA has it.
fn split(path: &Path) -> (Vec<String>, PathBuf) {
    let prefixed = path.to_str().filter(|_| !path.exists()).and_then(|text| text.split_once(':'));
    match prefixed {
        Some((prefix, path)) => (prefix.split('.').map(str::to_owned).collect(), PathBuf::from(path)),
        None => (Vec::new(), path.to_owned()),
    }
}

fn on_disk(path: &Path) -> Result<Vec<DataFile>, Error> {
    let (prefix, path) = split(path);
    if !path.is_dir() {
        check_name(&path)?;
        return Ok(vec![DataFile { path: shown(&path), under: prefix, text: files::read_text(&path)? }]);
    }
    of_folder(&Folder::on_disk(&path), &prefix)
}

fn in_revision(path: &Path, inside: &Path, snapshot: &Snapshot) -> Result<Vec<DataFile>, Error> {
    let (prefix, _) = split(path);
    if let Some(text) = snapshot.read(inside)? {
        check_name(inside)?;
        return Ok(vec![DataFile { path: snapshot.shown(inside), under: prefix, text }]);
    }
    match Folder::in_revision(snapshot, inside)? {
        Some(folder) => of_folder(&folder, &prefix),
        None => {
            let error = invalid(format!("{} is not there in revision \"{}\"", shown(path).display(), snapshot.name));
            Err(error.help("data is taken from that revision; it counts once it is in it"))
        }
    }
}

fn of_folder(folder: &Folder, prefix: &[String]) -> Result<Vec<DataFile>, Error> {
    let names: Vec<PathBuf> = folder.files("")?.into_iter().filter(|name| files::is_manifest(name)).collect();
    if names.is_empty() {
        let error = invalid(format!("{} holds no data", folder.path().display())).at(whole(folder.path()));
        return Err(error.help(FILES));
    }
    let data = |name: PathBuf| {
        let above = name.parent().into_iter().flat_map(Path::iter).map(|part| part.to_string_lossy().into_owned());
        let under = prefix.iter().cloned().chain(above).collect();
        Ok(DataFile { path: folder.shown(&name), under, text: folder.read(&name)? })
    };
    names.into_iter().map(data).collect()
}

const FILES: &str = "data is in files .yaml, .yml or .json, one document each";

fn check_name(path: &Path) -> Result<(), Error> {
    if files::is_manifest(path) {
        Ok(())
    } else {
        Err(invalid(format!("{} is no file of data", path.display())).at(whole(path)).help(FILES))
    }
}
