//! Where output goes and whether it is coloured.

use std::fs::File;
use std::io::{self, BufWriter, IsTerminal, Write};
use std::path::{Path, PathBuf};
use std::time::Duration;

use clap::ArgMatches;

use super::ColorChoice;
use crate::check::Report;
use crate::problem::{Problem, invalid};
use crate::report::{self, Format, Style};
use crate::watch;

/// Whether to colour what goes to a terminal or not.
pub fn color(choice: ColorChoice, is_terminal: bool) -> bool {
    match choice {
        ColorChoice::Always => true,
        ColorChoice::Never => false,
        ColorChoice::Auto => is_terminal && std::env::var_os("NO_COLOR").is_none_or(|value| value.is_empty()),
    }
}

/// A report to write: in what form, and to which file; `None` for standard output.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Target {
    pub(super) format: Format,
    pub(super) file: Option<PathBuf>,
}

/// Pairs each `--output` with the `--format` before it (or, for the first, after it).
pub(super) fn targets(formats: &[Format], outputs: &[PathBuf], matches: Option<&ArgMatches>) -> Result<Vec<Target>, Problem> {
    let positions = |name: &str| -> Vec<usize> {
        let given = |matches: &&ArgMatches| matches.value_source(name) == Some(clap::parser::ValueSource::CommandLine);
        matches.filter(given).and_then(|matches| matches.indices_of(name)).into_iter().flatten().collect()
    };
    let usage = |message: &str| {
        Problem::configuration("usage", invalid(message).help("for example: --format sarif --output kubevet.sarif --format human"))
    };
    if formats.is_empty() {
        return match outputs {
            [] => Ok(vec![Target { format: Format::default(), file: None }]),
            [file] => Ok(vec![Target { format: Format::default(), file: Some(file.clone()) }]),
            _ => Err(usage("several --output need a --format each")),
        };
    }
    let mut targets: Vec<Target> = formats.iter().map(|format| Target { format: *format, file: None }).collect();
    let at_format = positions("format");
    for (file, at) in std::iter::zip(outputs, positions("output")) {
        let before = at_format.iter().rposition(|position| *position < at).unwrap_or(0);
        match targets.get_mut(before) {
            Some(target) if target.file.is_none() => target.file = Some(file.clone()),
            _ => return Err(usage("two --output for one --format")),
        }
    }
    if targets.iter().filter(|target| target.file.is_none()).count() > 1 {
        return Err(usage("only one --format can go to standard output; give the others an --output FILE"));
    }
    Ok(targets)
}

/// Writes the report to each target; where none is standard output, one line on standard error says how it ended.
pub(super) fn write(report: &Report, targets: &[Target], choice: ColorChoice, show_waived: bool) -> io::Result<()> {
    for target in targets {
        let style = Style { color: color(choice, target.file.is_none() && io::stdout().is_terminal()), show_waived };
        match &target.file {
            None => to_stdout(|out| report::write(report, target.format, style, out))?,
            Some(path) => {
                let failed = |error: io::Error| io::Error::new(error.kind(), format!("cannot write {}: {error}", path.display()));
                let mut file = BufWriter::new(create(path).map_err(failed)?);
                report::write(report, target.format, style, &mut file).and_then(|()| file.flush()).map_err(failed)?;
            }
        }
    }
    if targets.iter().all(|target| target.file.is_some()) {
        report::Human::new(report, Style::default()).summary(&mut io::stderr())?;
    }
    Ok(())
}

fn create(path: &Path) -> io::Result<File> {
    if let Some(parent) = path.parent() {
        std::fs::create_dir_all(parent)?;
    }
    File::create(path)
}

/// Does what makes the output, in the time that it may take, and gives the exit code.
pub(super) fn in_time(limit: Duration, choice: ColorChoice, work: impl FnOnce() -> io::Result<u8> + Send + 'static) -> io::Result<u8> {
    watch::run(limit, work).unwrap_or_else(|problem| fail(vec![problem], choice))
}

/// Buffers standard output.
pub(super) fn to_stdout(write: impl FnOnce(&mut dyn Write) -> io::Result<()>) -> io::Result<()> {
    let mut out = BufWriter::new(io::stdout().lock());
    write(&mut out)?;
    out.flush()
}

/// Prints problems on standard error and gives the exit code.
pub(super) fn fail(problems: Vec<Problem>, choice: ColorChoice) -> io::Result<u8> {
    let report = Report::of_problems(problems);
    let style = Style { color: color(choice, io::stderr().is_terminal()), show_waived: false };
    let mut err = io::stderr().lock();
    report::Human::new(&report, style).problems(&mut err)?;
    Ok(report.exit_code())
}
