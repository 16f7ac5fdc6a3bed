//! `kubevet init`

use std::collections::BTreeSet;
use std::io;
use std::path::{Path, PathBuf};

use clap::Args;

use super::{ColorChoice, output};
use crate::discover::Search;
use crate::paths::{quoted, shown};
use crate::plain::Plain;
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
                next(&args.directory, &path, out)
            })?;
            Ok(0)
        }
        Err(problems) => Ok(output::fail(problems, color)),
    }
}

/// What to type next.
fn next(directory: &Path, table: &Path, out: &mut dyn io::Write) -> io::Result<()> {
    let check = match shown(directory) {
        here if here == Path::new(".") => "kubevet check".to_owned(),
        directory => format!("kubevet check {}", quoted(&directory)),
    };
    let baseline = quoted(&shown(&table.with_file_name("baseline.json")));
    writeln!(out, "look at it, then:\n\n  {check}\n      to see what there is to mend")?;
    writeln!(out, "  {check} --write-baseline {baseline}\n      to accept what is there for now")?;
    writeln!(out, "  {check} --baseline {baseline}\n      in CI, to let nothing new in")
}

fn write_table(directory: &Path) -> Result<(PathBuf, usize), Vec<Problem>> {
    let failed = |problem| vec![problem];
    let path = init::path(directory);
    if path.symlink_metadata().is_ok() {
        let error = invalid(format!("{} is there already", shown(&path).display()));
        return Err(failed(Problem::configuration("init", error.help("kubevet never overwrites it; `kubevet rules` prints what it says"))));
    }
    let roots = discover::roots(directory, &Search { spelled: BTreeSet::new(), named: &|_| false, drafts: None })
        .map_err(|error| failed(Problem::unjudged("unreadable", error)))?;
    if roots.judged.is_empty() {
        let error = invalid(format!("{} holds no kustomization, nor does a directory below it", directory.display()));
        // Without overlays, rules are as strict as they can be, and there is nothing to write.
        let advice = Plain::below(directory).ok().and_then(|plain| plain.advice());
        let help = advice.map_or("run it where your overlays are".to_owned(), |advice| format!("there is no need of a table: {advice}"));
        return Err(failed(Problem::nothing("no-kustomization", error.help(help))));
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
