//! `kubevet test`

use std::io::{self, Write};

use clap::Args;
use kustomize::Place;

use super::{ColorChoice, DataArgs, PolicyArgs, PolicyTimeArgs, TimeArgs, output};
use crate::paths::shown;
use crate::policy::{Outcome, PolicyFiles, TestReport, portability, run_tests};
use crate::problem::{Failure, Problem, invalid};
use crate::project::{Policies, data};
use crate::words::plural;

/// Arguments of `test`.
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  kubevet test
  kubevet test --run liveness --verbose
  kubevet test --threshold 95 --coverage

Exit codes: 0 all pass, 1 some fail or cover too little, 2 a policy is wrong,
4 there is no test")]
pub(super) struct TestArgs {
    #[command(flatten)]
    policy: PolicyArgs,
    #[command(flatten)]
    data: DataArgs,
    /// Run only tests whose name contains TEXT.
    #[arg(long, short, value_name = "TEXT", default_value = "", hide_default_value = true)]
    run: String,
    /// Fail where the tests evaluate less than PERCENT of your policies' lines.
    #[arg(long, value_name = "PERCENT")]
    threshold: Option<f64>,
    /// Name the lines that no test evaluates.
    #[arg(long)]
    coverage: bool,
    /// Name every test, not only those that fail.
    #[arg(long, short)]
    verbose: bool,
    #[command(flatten)]
    time: TimeArgs,
    #[command(flatten)]
    policy_time: PolicyTimeArgs,
}

/// Runs the command and gives its exit code.
pub(super) fn run(args: TestArgs, color: ColorChoice) -> io::Result<u8> {
    output::in_time(args.time.timeout, color, move || print(&args, color))
}

fn print(args: &TestArgs, color: ColorChoice) -> io::Result<u8> {
    let folders = Policies::find(&args.policy.directories, None).folders;
    let data = match data::read(&args.data.data, None) {
        Ok(data) => data,
        Err(problem) => return Ok(output::fail(vec![problem], color)),
    };
    let run = |files| run_tests(&files, &data, &args.run, args.policy_time.policy_timeout).map(|report| (report, portability(&files)));
    let (report, warnings) = match PolicyFiles::of_with_tests(&folders).map_err(|problem| vec![problem]).and_then(run) {
        Ok(done) => done,
        Err(problems) => return Ok(output::fail(problems, color)),
    };
    if !warnings.is_empty() {
        output::fail(warnings, color);
    }
    if report.results.is_empty() {
        let error = if args.run.is_empty() {
            invalid("there is no test to run").help("a test is a rule `test_…` in a file policies/<group>/<rule>_test.rego")
        } else {
            invalid(format!("no test's name contains \"{}\"", args.run)).help("`kubevet test --verbose` names every test")
        };
        return Ok(output::fail(vec![Problem::nothing("no-tests", error)], color));
    }
    output::text_to_stdout(|out| write(&report, args, out))?;
    let failed = report.count(|outcome| matches!(outcome, Outcome::Failed | Outcome::Error(_))) > 0;
    let thin = args.threshold.is_some_and(|threshold| report.percent_covered() < threshold);
    Ok(if failed || thin { Failure::Denied.exit_code() } else { 0 })
}

fn write(report: &TestReport, args: &TestArgs, out: &mut dyn Write) -> io::Result<()> {
    for result in &report.results {
        let (word, detail) = match &result.outcome {
            Outcome::Passed if !args.verbose => continue,
            Outcome::Passed => ("pass", ""),
            Outcome::Failed => ("FAIL", ""),
            Outcome::Error(message) => ("ERROR", message.as_str()),
            Outcome::Skipped => ("skip", ""),
        };
        writeln!(out, "{word} {} ({})", result.name, at(&result.place))?;
        if !detail.is_empty() {
            writeln!(out, "    {detail}")?;
        }
        result.prints.iter().try_for_each(|print| writeln!(out, "    {print}"))?;
    }
    if args.coverage {
        for file in report.coverage.iter().filter(|file| !file.not_covered.is_empty()) {
            let lines: Vec<String> = file.not_covered.iter().map(u32::to_string).collect();
            writeln!(out, "not covered: {}:{}", file.path.display(), lines.join(","))?;
        }
    }
    let passed = report.count(|outcome| *outcome == Outcome::Passed);
    let skipped = report.count(|outcome| *outcome == Outcome::Skipped);
    let failed = report.results.len() - passed - skipped;
    let percent = report.percent_covered();
    write!(out, "{}: {passed} passed, {failed} failed, {skipped} skipped; ", plural(report.results.len(), "test"))?;
    match args.threshold.filter(|threshold| percent < *threshold) {
        Some(threshold) => writeln!(out, "{percent:.1}% of lines covered, below the threshold of {threshold}%"),
        None => writeln!(out, "{percent:.1}% of lines covered"),
    }
}

fn at(place: &Place) -> String {
    format!("{}:{}", shown(place.source.path()).display(), place.source.position(place.start).0)
}
