//! Where output goes and whether it is coloured.

use std::io::{self, BufWriter, IsTerminal, Write};
use std::os::fd::AsFd;
use std::path::PathBuf;
use std::time::Duration;

use clap::ArgMatches;
use kustomize::{Error, ErrorKind};

use super::ColorChoice;
use crate::check::Report;
use crate::escape;
use crate::problem::{Failure, Problem, invalid};
use crate::progress::Progress;
use crate::report::{self, Format, Links, Style};
use crate::watch;

/// Whether to colour what goes to a terminal or not.
pub fn color(choice: ColorChoice, is_terminal: bool) -> bool {
    match choice {
        ColorChoice::Always => true,
        ColorChoice::Never => false,
        ColorChoice::Auto => {
            let is_plain = std::env::var_os("NO_COLOR").is_some_and(|value| !value.is_empty());
            is_terminal && !is_plain && std::env::var_os("TERM").is_none_or(|terminal| terminal != "dumb")
        }
    }
}

/// How many columns lines have: as many as `COLUMNS` says, else as the terminal has. What goes elsewhere is not wrapped, so that it can be searched.
fn width(out: impl AsFd) -> Option<usize> {
    let said = std::env::var("COLUMNS").ok().and_then(|columns| columns.parse().ok()).filter(|columns| *columns > 0);
    said.or_else(|| terminal_size::terminal_size_of(out).map(|(width, _)| usize::from(width.0)))
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

/// Writes the report to each target, whatever becomes of the others, and gives the exit code. Where none is standard output, one line on standard
/// error says how it ended.
pub(super) fn write(report: &Report, targets: &[Target], choice: ColorChoice, show_waived: bool) -> u8 {
    write_with(report, targets, choice, show_waived, |format, style, out| report::write(report, format, style, out))
}

/// The same of what says how a report is written.
pub(super) fn write_with(
    report: &Report,
    targets: &[Target],
    choice: ColorChoice,
    show_waived: bool,
    write: impl Fn(Format, Style, &mut dyn Write) -> io::Result<()>,
) -> u8 {
    let mut problems = Vec::new();
    // Files come first: whoever reads standard output may be gone.
    for (format, path) in targets.iter().filter_map(|target| Some((target.format, target.file.as_ref()?))) {
        let style = Style { color: color(choice, false), show_waived, width: None, links: Links::of_run() };
        let written = crate::write::replace(path, Some(&report.inputs), |out| write(format, style, out));
        problems.extend(written.map_err(crate::write::problem).err());
    }
    let style = Style { color: color(choice, io::stdout().is_terminal()), show_waived, width: width(io::stdout()), links: Links::of_run() };
    for target in targets.iter().filter(|target| target.file.is_none()) {
        problems.extend(to_stdout(|out| write(target.format, style, out)).map_err(unwritten).err());
    }
    if targets.iter().all(|target| target.file.is_some()) {
        let _ = report::summary(report, Style { width: width(io::stderr()), ..Style::default() }, &mut io::stderr());
    }
    let failure = problems.iter().filter_map(|problem| problem.failure).chain(report.failure()).max();
    print(&Report::of_problems(problems), choice);
    failure.map_or(0, Failure::exit_code)
}

/// Standard output can't be written to.
pub(super) fn unwritten(error: io::Error) -> Problem {
    Problem::unjudged("output", Error::new(ErrorKind::Io, format!("cannot write to standard output: {error}")))
}

/// Does what makes the output, in the time that it may take, and gives the exit code.
pub(super) fn in_time(limit: Duration, choice: ColorChoice, work: impl FnOnce() -> io::Result<u8> + Send + 'static) -> io::Result<u8> {
    watch::run(limit, &Progress::default(), work).unwrap_or_else(|problem| Ok(fail(vec![problem], choice)))
}

/// Buffers standard output. That nobody reads it any more, as in `kubevet rules | head`, is no error.
pub(super) fn to_stdout(write: impl FnOnce(&mut dyn Write) -> io::Result<()>) -> io::Result<()> {
    let mut out = BufWriter::new(io::stdout().lock());
    match write(&mut out).and_then(|()| out.flush()) {
        Err(error) if error.kind() == io::ErrorKind::BrokenPipe => {
            // What is left would be tried again when the buffer goes away.
            drop(out.into_parts());
            Ok(())
        }
        done => done,
    }
}

/// Writes text with lines of its own, of which nothing in them makes more.
pub(super) fn text_to_stdout(write: impl FnOnce(&mut dyn Write) -> io::Result<()>) -> io::Result<()> {
    let mut text = Vec::new();
    write(&mut text)?;
    to_stdout(|out| out.write_all(escape::lines(&String::from_utf8_lossy(&text)).as_bytes()))
}

/// Prints problems on standard error and gives the exit code.
pub(super) fn fail(problems: Vec<Problem>, choice: ColorChoice) -> u8 {
    print(&Report::of_problems(problems), choice)
}

/// Prints the problems of a report on standard error and gives the exit code.
pub(super) fn print(report: &Report, choice: ColorChoice) -> u8 {
    let style = Style { color: color(choice, io::stderr().is_terminal()), show_waived: false, width: width(io::stderr()), links: None };
    // Where nobody can be told, the exit code still says it.
    let _ = report::Human::new(report, style).problems(&mut io::stderr().lock());
    report.exit_code()
}
