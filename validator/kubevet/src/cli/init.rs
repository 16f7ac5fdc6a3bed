//! `kubevet init`

use std::io::{self, Write};
use std::path::{Path, PathBuf};

use clap::Args;

use super::{ColorChoice, output};
use crate::paths::shown;
use crate::policy::{Catalog, PolicyFiles};
use crate::problem::{Problem, invalid, unreadable};
use crate::report::plural;
use crate::{discover, init, project};

/// Arguments of `init`.
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  kubevet init          writes policies/environments.yaml, and never over one
  kubevet init deploy   the same for the overlays below deploy/")]
pub(super) struct InitArgs {
    /// The project's directory.
    #[arg(value_name = "DIR", default_value = ".")]
    directory: PathBuf,
}

/// Runs the command and gives its exit code.
pub(super) fn run(args: &InitArgs, color: ColorChoice) -> io::Result<u8> {
    match write(&args.directory) {
        Ok((path, overlays)) => {
            let overlays = plural(overlays, "overlay");
            output::to_stdout(|out| {
                writeln!(out, "wrote {} for {overlays}; look at it, then run `kubevet check`", shown(&path).display())
            })?;
            Ok(0)
        }
        Err(problems) => output::fail(problems, color),
    }
}

fn write(directory: &Path) -> Result<(PathBuf, usize), Vec<Problem>> {
    let failed = |problem| vec![problem];
    let path = init::path(directory);
    let io = |error: io::Error| {
        vec![if error.kind() == io::ErrorKind::AlreadyExists {
            let error = invalid(format!("{} is there already", shown(&path).display()));
            Problem::configuration("init", error.help("kubevet never overwrites it; `kubevet rules` prints what it says"))
        } else {
            Problem::configuration("init", unreadable(&path, &error))
        }]
    };
    if path.exists() {
        return Err(io(io::Error::from(io::ErrorKind::AlreadyExists)));
    }
    let roots = discover::roots(directory, |_| false).map_err(|error| failed(Problem::unjudged("unreadable", error)))?;
    if roots.is_empty() {
        let error = invalid(format!("{} holds no kustomization, nor does a directory below it", directory.display()));
        return Err(failed(Problem::nothing("no-kustomization", error.help("run it where your overlays are"))));
    }
    let overlays: Vec<PathBuf> = roots.iter().map(|root| root.strip_prefix(directory).unwrap_or(root).to_owned()).collect();
    let catalog = Catalog::load(&PolicyFiles::embedded())?;
    let text = init::table(&overlays, &catalog, &project::default_table().map_err(failed)?);
    std::fs::create_dir_all(path.parent().unwrap_or(directory)).map_err(io)?;
    let mut file = std::fs::File::create_new(&path).map_err(io)?;
    file.write_all(text.as_bytes()).map_err(io)?;
    Ok((path, overlays.len()))
}
