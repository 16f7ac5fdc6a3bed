//! `kubevet fix`

use std::io::{self, BufRead, IsTerminal as _, Write};
use std::path::PathBuf;
use std::time::Duration;

use clap::{Args, ValueEnum};

use kubevet_facts::schema::Version;

use super::engine::KustomizeArgs;
use super::gate::{Gate, Wanted};
use super::{ColorChoice, DataArgs, PolicyArgs, PolicyTimeArgs, TimeArgs, output};
use crate::check::{self, Settings};
use crate::escape;
use crate::fix::{self, Decision, Mended, Options, Palette, Person, Refusal};
use crate::input::{Input, Inputs};
use crate::problem::{Failure, Problem};
use crate::progress::Progress;
use crate::watch;
use crate::write;

const EXAMPLES: &str = "\
Examples:
  kubevet fix                             show what can be fixed, as a diff
  kubevet fix overlays/prod --rule 'probes/*' --write
  kubevet fix --suggestions               with what a person must look at
  kubevet fix --interactive               decide on each

Exit codes: 0 nothing to fix, or all of it written; 1 there are fixes that are
not written; 2 wrong usage or configuration; 3 not rendered, read or evaluated;
4 nothing was evaluated";

/// Arguments of `fix`.
#[derive(Debug, Args)]
#[command(after_help = EXAMPLES)]
pub(super) struct FixArgs {
    /// Overlays or directories whose findings are fixed [default: .]
    #[arg(value_name = "PATH")]
    paths: Vec<PathBuf>,
    /// Write the files instead of showing a diff.
    #[arg(long)]
    write: bool,
    /// Take suggestions too, which a person must look at.
    #[arg(long)]
    suggestions: bool,
    /// Ask for each fix, suggestions too, and write those that are wanted.
    #[arg(long, conflicts_with = "write")]
    interactive: bool,
    /// human or json [default: human].
    #[arg(
        long,
        short,
        value_name = "FORMAT",
        default_value = "human",
        hide_default_value = true,
        hide_possible_values = true,
        conflicts_with = "interactive"
    )]
    format: Format,
    /// Only findings of rules that match, as 'probes/*'.
    #[arg(long = "rule", value_name = "GLOB")]
    rules: Vec<String>,
    /// Judge for this environment.
    #[arg(long, short, value_name = "NAME")]
    environment: Option<String>,
    #[command(flatten)]
    policy: PolicyArgs,
    #[command(flatten)]
    data: DataArgs,
    /// Leave the findings that FILE lists.
    #[arg(long, value_name = "FILE")]
    baseline: Option<PathBuf>,
    /// Kubernetes to judge by.
    #[arg(long, value_name = "X.Y", default_value_t)]
    kubernetes_version: Version,
    #[command(flatten)]
    kustomize: KustomizeArgs,
    #[command(flatten)]
    time: TimeArgs,
    #[command(flatten)]
    policy_time: PolicyTimeArgs,
}

#[derive(Clone, Copy, Debug, ValueEnum)]
enum Format {
    /// The diff, or what was written, and a summary.
    Human,
    /// What is fixed, what is not and why, as a document.
    Json,
}

/// The limit of a run that waits for a person.
const A_DAY: Duration = Duration::from_secs(24 * 60 * 60);

/// Who sits at the terminal, or writes into the pipe.
struct Terminal {
    palette: Palette,
}

impl Person for Terminal {
    fn decide(&mut self, ways: &[Mended]) -> Decision {
        // Who can't be asked wants nothing.
        ask(ways, self.palette, &mut io::stdin().lock(), &mut io::stdout().lock()).unwrap_or(Decision::End)
    }

    fn choose(&mut self, placeholder: &str, refused: Option<&Refusal>) -> Option<String> {
        ask_value(placeholder, refused, &mut io::stdin().lock(), &mut io::stdout().lock()).ok().flatten()
    }
}

/// Asks for the value of a placeholder.
fn ask_value(placeholder: &str, refused: Option<&Refusal>, input: &mut dyn BufRead, out: &mut dyn Write) -> io::Result<Option<String>> {
    if let Some(why) = refused {
        writeln!(out, "that does not do: {}", escape::line(&why.to_string()))?;
    }
    write!(out, "{} = (nothing keeps the placeholder) ", escape::line(placeholder))?;
    out.flush()?;
    let mut answer = String::new();
    if input.read_line(&mut answer)? == 0 {
        writeln!(out)?;
    }
    Ok(Some(answer.trim().to_owned()).filter(|answer| !answer.is_empty()))
}

/// Asks what becomes of a finding.
fn ask(ways: &[Mended], palette: Palette, input: &mut dyn BufRead, out: &mut dyn Write) -> io::Result<Decision> {
    let mut shown = 0;
    loop {
        if let Some(way) = ways.get(shown) {
            fix::write_diff(way, palette, out)?;
        }
        for (number, way) in ways.iter().enumerate().filter(|_| ways.len() > 1) {
            let title = way.fixed.first().map_or("", |fixed| fixed.title.as_str());
            writeln!(out, "{} {}: {}", if number == shown { '*' } else { ' ' }, number + 1, escape::line(title))?;
        }
        let numbers = if ways.len() > 1 { format!(", 1-{} to see another way", ways.len()) } else { String::new() };
        write!(out, "write this? y(es), n(o), a(ll), q(uit){numbers}: ")?;
        out.flush()?;
        let mut answer = String::new();
        if input.read_line(&mut answer)? == 0 {
            writeln!(out)?;
            return Ok(Decision::End);
        }
        match answer.trim() {
            "y" | "yes" => return Ok(Decision::Take(shown)),
            "n" | "no" => return Ok(Decision::Leave),
            "a" | "all" => return Ok(Decision::All),
            "q" | "quit" => return Ok(Decision::End),
            other => match other.parse::<usize>().ok().and_then(|number| number.checked_sub(1)).filter(|number| *number < ways.len()) {
                Some(number) => shown = number,
                None => writeln!(out, "that is none of the answers")?,
            },
        }
    }
}

/// Runs the command and gives its exit code.
///
/// # Errors
/// Those of standard output.
pub(super) fn run(args: FixArgs, color: ColorChoice) -> io::Result<u8> {
    let writes = args.write || args.interactive;
    // Nobody hurries a person.
    let limit = if args.interactive { A_DAY } else { args.time.timeout };
    let start = args.paths.first().cloned().unwrap_or_else(|| PathBuf::from("."));
    let palette = Palette { colored: output::color(color, io::stdout().is_terminal()) };
    let progress = if args.interactive { Progress::default() } else { Progress::on_terminal() };
    let format = args.format;
    let mended = watch::run(limit, &progress, move || mend(&args, palette)).unwrap_or_else(|problem| Err(vec![problem]));
    let mended = match mended {
        Ok(mended) => mended,
        Err(problems) => return Ok(output::fail(problems, color)),
    };
    let mut problems: Vec<Problem> =
        mended.problems.iter().filter(|problem| problem.failure.is_some() && problem.accepted.is_none()).cloned().collect();
    let mut is_written = false;
    if writes && !mended.files.is_empty() {
        match fix::save(&mended.files, &start) {
            Ok(()) => is_written = true,
            Err(error) => problems.push(write::problem(error)),
        }
    }
    output::text_to_stdout(|out| {
        if matches!(format, Format::Json) {
            return fix::write_json(&mended, is_written, out);
        }
        if !is_written {
            fix::write_diff(&mended, palette, out)?;
        }
        fix::write_summary(&mended, is_written, palette, out)
    })?;
    if !problems.is_empty() {
        return Ok(output::fail(problems, color));
    }
    Ok(if mended.files.is_empty() || is_written { 0 } else { Failure::Denied.exit_code() })
}

fn mend(args: &FixArgs, palette: Palette) -> Result<Mended, Vec<Problem>> {
    let paths = if args.paths.is_empty() { vec![PathBuf::from(".")] } else { args.paths.clone() };
    let wanted = Wanted { policy: &args.policy, data: &args.data, policy_from: None, since: None, baseline: args.baseline.as_ref() };
    let gate = Gate::open(wanted, check::start(&paths))?;
    let project = gate.project;
    let inputs = Inputs::of_project(&project, &paths, false)?;
    let within: Vec<PathBuf> = inputs.list.iter().map(|input| input.path().to_owned()).collect();
    let settings = Settings {
        environment: args.environment.clone(),
        kustomize: args.kustomize.or(project.table.building(&project.root)),
        baseline: gate.baseline,
        kubernetes_version: args.kubernetes_version,
        patience: args.policy_time.policy_timeout,
        ..Settings::default()
    };
    let options = Options { rules: args.rules.clone(), suggestions: args.suggestions, within, ..Options::default() };
    // What is shared with other overlays must be right for them too.
    let mut all = inputs.list;
    if args.environment.is_none() {
        let others = project.overlays().unwrap_or_default().iter().map(|dir| crate::paths::shown(&project.root.join(dir)));
        let is_new = |dir: &PathBuf| {
            !all.iter().any(|input| crate::paths::shown(input.path()) == *dir) && project.table.excludes(&project.relative(dir)).is_none()
        };
        let others: Vec<Input> = others.filter(is_new).map(Input::Overlay).collect();
        all.extend(others);
    }
    let mut mended = if args.interactive {
        fix::mend_as_decided(&project, &all, &settings, &Options { suggestions: true, ..options }, &mut Terminal { palette })
    } else {
        fix::mend(&project, &all, &settings, &options)
    };
    mended.problems.extend(inputs.warnings);
    // As in check.
    std::mem::forget(project);
    Ok(mended)
}
