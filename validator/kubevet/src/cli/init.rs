//! `kubevet init`

use std::collections::BTreeSet;
use std::io;
use std::path::{Path, PathBuf};

use clap::Args;

use super::{ColorChoice, output};
use crate::discover::Search;
use crate::paths::shown;
use crate::policy::{Catalog, PolicyFiles};
use crate::problem::{Problem, invalid};
use crate::words::plural;
use crate::{discover, editor, init, project, write};

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
    match write_table(&args.directory) {
        Ok((path, overlays)) => {
            let overlays = plural(overlays, "overlay");
            output::text_to_stdout(|out| {
                writeln!(out, "wrote {} for {overlays}, and its schema for editors beside it", shown(&path).display())?;
                writeln!(out, "look at it, then run `kubevet check`")
            })?;
            Ok(0)
        }
        Err(problems) => Ok(output::fail(problems, color)),
    }
}

fn write_table(directory: &Path) -> Result<(PathBuf, usize), Vec<Problem>> {
    let failed = |problem| vec![problem];
    let path = init::path(directory);
    if path.symlink_metadata().is_ok() {
        let error = invalid(format!("{} is there already", shown(&path).display()));
        return Err(failed(Problem::configuration("init", error.help("kubevet never overwrites it; `kubevet rules` prints what it says"))));
    }
    let roots = discover::roots(directory, &Search { spelled: BTreeSet::new(), named: &|_| false })
        .map_err(|error| failed(Problem::unjudged("unreadable", error)))?;
    if roots.judged.is_empty() {
        let error = invalid(format!("{} holds no kustomization, nor does a directory below it", directory.display()));
        return Err(failed(Problem::nothing("no-kustomization", error.help("run it where your overlays are"))));
    }
    let overlays: Vec<PathBuf> = roots.judged.iter().map(|root| root.strip_prefix(directory).unwrap_or(root).to_owned()).collect();
    let catalog = Catalog::load(&PolicyFiles::embedded())?;
    let text = init::table(&overlays, &catalog, &project::default_table().map_err(failed)?);
    write::create(&path, &text).map_err(|error| failed(write::problem(error)))?;
    let beside = editor::beside(&path);
    if let Some(schema) = editor::schema("environments", &catalog).filter(|_| beside.symlink_metadata().is_err()) {
        write::create(&beside, &format!("{schema:#}\n")).map_err(|error| failed(write::problem(error)))?;
    }
    Ok((path, overlays.len()))
}
