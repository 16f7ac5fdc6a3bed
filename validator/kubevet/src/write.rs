//! Writes the files that people asked for, and nothing else: a change that is judged can prepare links and files where a report goes.

use std::fs::{self, File};
use std::hash::{BuildHasher, RandomState};
use std::io::{self, BufWriter, Read, Write};
use std::path::{Component, Path, PathBuf};

use kustomize::{Error, ErrorKind};

use crate::git::Snapshot;
use crate::problem::{Problem, invalid};

/// Where a process finds its own streams, as in `--output /dev/stdout` or `--output >(command)`. No change can prepare what is there.
const STREAMS: [&str; 2] = ["/dev", "/proc/self/fd"];

/// What a person would not want a report to take the place of, whether this run came to read it or not.
const WRITTEN_BY_PEOPLE: [&str; 3] = ["yaml", "yml", "rego"];

/// What only a report says near its beginning.
const MARKS: [&str; 6] = ["kubevet", "\"findings\"", "error[", "warning[", "::error ", "::warning "];

/// How much of a file is looked at for [`MARKS`], in bytes.
const BEGINNING: u64 = 4096;

/// What a run read, so that no report may take its place.
#[derive(Clone, Debug, Default)]
pub struct Inputs {
    /// Files.
    pub files: Vec<PathBuf>,
    /// Directories of which every file counts.
    pub trees: Vec<PathBuf>,
    /// Whether that is all; a run that fails does not come to know what it would have read.
    pub are_known: bool,
}

impl Inputs {
    /// Why a file that is there stays, if it does.
    fn keep(&self, real: &Path) -> Option<&'static str> {
        let is_input = |input: &PathBuf| input.canonicalize().is_ok_and(|input| input == real);
        let is_below = |tree: &PathBuf| tree.canonicalize().is_ok_and(|tree| real.starts_with(tree));
        if self.files.iter().any(is_input) || self.trees.iter().any(is_below) {
            return Some("this run read it");
        }
        if real.extension().is_some_and(|extension| WRITTEN_BY_PEOPLE.iter().any(|known| extension == *known)) {
            return Some("it is there, and kubevet writes over no YAML or Rego");
        }
        if real.iter().any(|part| part == ".git") {
            return Some("it belongs to git");
        }
        if is_report(real) {
            return None;
        }
        if is_committed(real) {
            return Some("it is committed, and no report");
        }
        (!self.are_known).then_some("it is there, it is no report, and what this run would have read is not known")
    }
}

/// Whether a file is empty or looks like a report.
fn is_report(path: &Path) -> bool {
    let mut beginning = Vec::new();
    let read = File::open(path).and_then(|file| file.take(BEGINNING).read_to_end(&mut beginning));
    let text = String::from_utf8_lossy(&beginning);
    read.is_ok() && (text.is_empty() || MARKS.iter().any(|mark| text.contains(mark)))
}

/// Whether the checkout has the file in its last commit.
fn is_committed(real: &Path) -> bool {
    let committed = || {
        let snapshot = Snapshot::open(real, "HEAD").ok()?;
        snapshot.tree.get(&snapshot.checkout.inside(real)?).map(|_| ())
    };
    committed().is_some()
}

/// Makes a file of what `write` gives, or puts it in the place of the file that is there: at once, so that nobody sees half of it.
///
/// # Errors
/// Where it can't be written, or should not be: over a link, behind one, over what is no file, and over one of the `inputs` of the run, unless
/// there are none because what is there is of the same kind.
pub(crate) fn replace(path: &Path, inputs: Option<&Inputs>, write: impl FnOnce(&mut dyn Write) -> io::Result<()>) -> Result<(), Error> {
    let failed = |error: io::Error| failed(path, &error);
    if STREAMS.iter().any(|streams| path.starts_with(streams)) && !path.starts_with("/dev/shm") {
        let mut out = BufWriter::new(File::options().append(true).open(path).map_err(failed)?);
        return write(&mut out).and_then(|()| out.flush()).map_err(failed);
    }
    refuse_links(path)?;
    if let Ok(metadata) = path.symlink_metadata() {
        refuse_content(path, &metadata, inputs)?;
    }
    let directory = directory(path);
    fs::create_dir_all(&directory).map_err(failed)?;
    let beside = directory.join(format!(".kubevet-{:016x}.tmp", RandomState::new().hash_one(std::process::id())));
    let written = File::create_new(&beside).and_then(|file| {
        let mut out = BufWriter::new(file);
        write(&mut out)?;
        out.flush()?;
        fs::rename(&beside, path)
    });
    written.map_err(|error| {
        let _ = fs::remove_file(&beside);
        failed(error)
    })
}

/// Makes a file that is not there yet.
///
/// # Errors
/// Where it is there, can't be written, or lies behind a link.
pub(crate) fn create(path: &Path, text: &str) -> Result<(), Error> {
    refuse_links(path)?;
    fs::create_dir_all(directory(path))
        .and_then(|()| File::create_new(path))
        .and_then(|mut file| file.write_all(text.as_bytes()))
        .map_err(|error| failed(path, &error))
}

/// What stands in the way of a file: a wrong argument, or the system.
pub(crate) fn problem(error: Error) -> Problem {
    if error.kind == ErrorKind::Io { Problem::unjudged("output", error) } else { Problem::configuration("output", error) }
}

fn failed(path: &Path, error: &io::Error) -> Error {
    Error::new(ErrorKind::Io, format!("cannot write {}: {error}", path.display()))
}

fn refused(path: &Path, why: &str) -> Error {
    invalid(format!("cannot write {}: {why}", path.display())).help("name another file")
}

/// The directory of a file, which may be the working directory.
fn directory(path: &Path) -> PathBuf {
    path.parent().filter(|parent| !parent.as_os_str().is_empty()).unwrap_or(Path::new(".")).to_owned()
}

fn refuse_content(path: &Path, metadata: &fs::Metadata, inputs: Option<&Inputs>) -> Result<(), Error> {
    if !metadata.is_file() {
        return Err(refused(path, "it is there, and no regular file"));
    }
    let real = path.canonicalize().map_err(|error| failed(path, &error))?;
    inputs.and_then(|inputs| inputs.keep(&real)).map_or(Ok(()), |why| Err(refused(path, why)))
}

/// Refuses links that a change can have made: those below the working directory, and in a checkout.
fn refuse_links(path: &Path) -> Result<(), Error> {
    let here = std::env::current_dir().and_then(|here| here.canonicalize()).map_err(|error| failed(path, &error))?;
    let is_ours = |directory: &Path| {
        directory.starts_with(&here) || directory.ancestors().any(|directory| directory.join(".git").symlink_metadata().is_ok())
    };
    let mut at = if path.is_absolute() { PathBuf::new() } else { here.clone() };
    let mut components = path.components().peekable();
    while let Some(component) = components.next() {
        let next = at.join(component);
        match component {
            Component::ParentDir => drop(at.pop()),
            Component::Normal(name) if next.is_symlink() => {
                if components.peek().is_none() {
                    return Err(refused(path, "it is a symbolic link"));
                }
                if is_ours(&at) {
                    return Err(refused(path, &format!("{} is a symbolic link", Path::new(name).display())));
                }
                at = next.canonicalize().map_err(|error| failed(path, &error))?;
            }
            _ => at = next,
        }
    }
    Ok(())
}

#[cfg(all(test, unix))]
mod tests {
    use std::os::unix::fs::{PermissionsExt, symlink};

    use super::*;

    fn put(path: &Path, inputs: &Inputs) -> Result<(), String> {
        replace(path, Some(inputs), |out| out.write_all(b"new")).map_err(|error| error.message)
    }

    #[test]
    fn files_are_made_and_replaced() {
        let dir = tempfile::tempdir().unwrap();
        let file = dir.path().join("a/b/report.json");
        put(&file, &Inputs { are_known: true, ..Inputs::default() }).unwrap();
        fs::write(&file, "a longer one of before").unwrap();
        put(&file, &Inputs { files: vec![dir.path().join("other.json")], trees: vec![], are_known: true }).unwrap();
        assert_eq!(fs::read_to_string(&file).unwrap(), "new");
        assert_eq!(fs::read_dir(file.parent().unwrap()).unwrap().count(), 1, "nothing else stays");
        assert_eq!(fs::metadata(&file).unwrap().permissions().mode() & 0o400, 0o400);
    }

    #[test]
    fn what_is_no_report_stays() {
        let dir = tempfile::tempdir().unwrap();
        let at = |name: &str| dir.path().join(name);
        fs::create_dir_all(at("checkout/.git")).unwrap();
        fs::create_dir_all(at("out")).unwrap();
        fs::create_dir_all(at("checkout/policies/schemas")).unwrap();
        fs::write(at("checkout/policies/schemas/a.json"), "old").unwrap();
        fs::write(at("checkout/victim"), "old").unwrap();
        fs::write(at("checkout/values.env"), "old").unwrap();
        fs::write(at("checkout/r.yaml"), "old").unwrap();
        fs::write(at("checkout/.git/config"), "old").unwrap();
        symlink("victim", at("checkout/link")).unwrap();
        symlink("nowhere", at("checkout/dangling")).unwrap();
        symlink("../out", at("checkout/dir")).unwrap();
        symlink("checkout", at("way")).unwrap();
        let inputs = Inputs { files: vec![at("checkout/./values.env")], trees: vec![at("checkout/policies")], are_known: true };
        for (name, reason) in [
            ("checkout/link", "it is a symbolic link"),
            ("checkout/dangling", "it is a symbolic link"),
            ("checkout/dir/report.json", "dir is a symbolic link"),
            ("checkout/dir/../report.json", "dir is a symbolic link"),
            ("checkout/.git", "no regular file"),
            ("checkout/values.env", "this run read it"),
            ("way/values.env", "this run read it"),
            ("checkout/policies/schemas/a.json", "this run read it"),
            ("checkout/r.yaml", "no YAML or Rego"),
            ("checkout/.git/config", "it belongs to git"),
        ] {
            let message = put(&at(name), &inputs).unwrap_err();
            assert!(message.contains(name) && message.ends_with(reason), "{message}");
        }
        for name in ["victim", "values.env", "r.yaml"] {
            assert_eq!(fs::read_to_string(at("checkout").join(name)).unwrap(), "old");
        }
        assert_eq!(fs::read_dir(at("out")).unwrap().count(), 0);
        // Who knows no inputs takes the place of reports alone.
        assert!(put(&at("checkout/victim"), &Inputs::default()).unwrap_err().contains("it is no report"));
        fs::write(at("checkout/old.json"), "{\"version\": 1, \"findings\": []}").unwrap();
        put(&at("checkout/old.json"), &Inputs::default()).unwrap();
        // What lies above a checkout, no change can make.
        put(&at("way/report.json"), &inputs).unwrap();
        assert!(create(&at("checkout/dir/new"), "").is_err() && create(&at("checkout/victim"), "").is_err());
        create(&at("checkout/new/new"), "").unwrap();
    }

    #[test]
    fn streams_are_what_a_person_names() {
        put(Path::new("/dev/null"), &Inputs::default()).unwrap();
        assert!(put(Path::new("/dev/full"), &Inputs::default()).unwrap_err().contains("/dev/full"));
    }
}
