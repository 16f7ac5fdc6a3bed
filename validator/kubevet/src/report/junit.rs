//! JUnit XML: a suite an overlay, a case a rule and object that has a finding, and one for the rest; one more suite for
//! what is no finding.

use std::io::{self, Write};
use std::time::Duration;

use super::position::Region;
use crate::check::{Judged, Report};
use crate::environments::Level;
use crate::escape;
use crate::findings::Finding;
use crate::paths::shown;
use crate::problem::Problem;

pub(super) fn write(report: &Report, out: &mut dyn Write) -> io::Result<()> {
    let errors = report.failures();
    let suites: Vec<Suite<'_>> = report.judged.iter().map(|judged| Suite::of(judged, report)).collect();
    let failures: usize = suites.iter().map(Suite::failures).sum();
    let tests = report.problems.len() + suites.iter().map(Suite::tests).sum::<usize>() + usize::from(!suites.is_empty());
    let time = report.judged.iter().map(|judged| judged.time).sum::<Duration>().as_secs_f64();
    writeln!(out, "<?xml version=\"1.0\" encoding=\"UTF-8\"?>")?;
    writeln!(out, "<testsuites name=\"kubevet\" tests=\"{tests}\" failures=\"{failures}\" errors=\"{errors}\" time=\"{time:.3}\">")?;
    if !report.problems.is_empty() {
        let tests = report.problems.len();
        let skipped = report.problems.iter().filter(|problem| problem.accepted.is_some()).count();
        writeln!(
            out,
            "  <testsuite name=\"kubevet\" tests=\"{tests}\" failures=\"0\" errors=\"{errors}\" skipped=\"{skipped}\" time=\"0\">"
        )?;
        report.problems.iter().try_for_each(|problem| problem_case(problem, out))?;
        writeln!(out, "  </testsuite>")?;
    }
    suites.iter().try_for_each(|suite| suite.write(out))?;
    if !suites.is_empty() {
        coverage(report, out)?;
    }
    writeln!(out, "</testsuites>")
}

/// What was not judged; whether that fails, rules have said.
fn coverage(report: &Report, out: &mut dyn Write) -> io::Result<()> {
    let skipped = usize::from(!report.coverage.is_whole());
    writeln!(out, "  <testsuite name=\"coverage\" tests=\"1\" failures=\"0\" errors=\"0\" skipped=\"{skipped}\" time=\"0\">")?;
    let (name, text) = (format!("{} of {} objects", report.coverage.whole, report.coverage.objects), escape(&report.coverage.to_string()));
    writeln!(out, "    <testcase name=\"{name}\" classname=\"kubevet\" time=\"0\">")?;
    let element = if skipped > 0 { format!("<skipped message=\"{text}\"/>") } else { format!("<system-out>{text}</system-out>") };
    writeln!(out, "      {element}\n    </testcase>\n  </testsuite>")
}

/// What kept something from being judged, or is worth knowing.
fn problem_case(problem: &Problem, out: &mut dyn Write) -> io::Result<()> {
    let place = problem.error.place.as_ref();
    let file = place.map(|place| shown(place.source.path()).display().to_string()).unwrap_or_default();
    let (code, message) = (escape(problem.code), escape(&problem.error.message));
    writeln!(out, "    <testcase name=\"{code}\" classname=\"{}\" time=\"0\">", escape(&file))?;
    match problem.failure {
        _ if problem.accepted.is_some() => writeln!(out, "      <skipped message=\"{message}\"/>")?,
        Some(_) => writeln!(out, "      <error message=\"{message}\" type=\"{code}\"/>")?,
        None => writeln!(out, "      <system-out>{message}</system-out>")?,
    }
    writeln!(out, "    </testcase>")
}

/// One overlay and the findings in it; a finding that overlays share is a case in each.
struct Suite<'a> {
    judged: &'a Judged,
    findings: Vec<&'a Finding>,
}

impl<'a> Suite<'a> {
    fn of(judged: &'a Judged, report: &'a Report) -> Self {
        let path = shown(&judged.path);
        Self { judged, findings: report.findings.iter().filter(|finding| finding.overlays.contains(&path)).collect() }
    }

    /// The last case stands for everything that was evaluated without a finding, so that a clean overlay is seen to be one. It has the time of all:
    /// rules are asked together.
    fn tests(&self) -> usize {
        self.findings.len() + 1
    }

    fn failures(&self) -> usize {
        self.findings.iter().filter(|finding| fails(finding)).count()
    }

    fn write(&self, out: &mut dyn Write) -> io::Result<()> {
        let time = self.judged.time.as_secs_f64();
        let skipped = self.findings.iter().filter(|finding| finding.is_accepted()).count();
        writeln!(
            out,
            "  <testsuite name=\"{}\" tests=\"{}\" failures=\"{}\" errors=\"0\" skipped=\"{skipped}\" time=\"{time:.3}\">",
            escape(&format!("{} ({})", shown(&self.judged.path).display(), self.judged.environment)),
            self.tests(),
            self.failures()
        )?;
        self.findings.iter().try_for_each(|finding| case(finding, out))?;
        let evaluations = self.judged.evaluations;
        writeln!(out, "    <testcase name=\"{evaluations} evaluations\" classname=\"kubevet\" time=\"{time:.3}\"/>")?;
        writeln!(out, "  </testsuite>")
    }
}

fn fails(finding: &Finding) -> bool {
    finding.level == Level::Deny && !finding.is_accepted()
}

fn case(finding: &Finding, out: &mut dyn Write) -> io::Result<()> {
    let name = format!("{}: {}: {}", finding.rule, finding.object_text(), finding.message);
    let place = finding.cause().map(|cause| (shown(cause.source.path()), Region::of(&cause.source, cause.start, cause.end)));
    let (file, line) = place.map(|(file, region)| (file.display().to_string(), region.start_line)).unwrap_or_default();
    write!(out, "    <testcase name=\"{}\" classname=\"{}\"", escape(&name), escape(&finding.rule))?;
    writeln!(out, " file=\"{}\" line=\"{line}\" time=\"0\">", escape(&file))?;
    let text = escape(&format!("{file}:{line}: {}", finding.help.as_deref().unwrap_or_default().trim()));
    let message = escape(&finding.message);
    if let Some(waived) = &finding.waived {
        writeln!(out, "      <skipped message=\"{}\"/>", escape(&format!("waived {waived}")))?;
    } else if finding.baselined {
        writeln!(out, "      <skipped message=\"in the baseline\"/>")?;
    } else if fails(finding) {
        writeln!(out, "      <failure message=\"{message}\" type=\"{}\">{text}</failure>", escape(&finding.rule))?;
    } else {
        writeln!(out, "      <system-out>{message} {text}</system-out>")?;
    }
    writeln!(out, "    </testcase>")
}

/// XML text and attribute values. XML can't hold controls, not even escaped ones.
fn escape(text: &str) -> String {
    let mut escaped = String::with_capacity(text.len());
    for character in escape::lines(text).chars() {
        match character {
            '&' => escaped.push_str("&amp;"),
            '<' => escaped.push_str("&lt;"),
            '>' => escaped.push_str("&gt;"),
            '"' => escaped.push_str("&quot;"),
            '\n' => escaped.push_str("&#10;"),
            '\t' => escaped.push_str("&#9;"),
            other => escaped.push(other),
        }
    }
    escaped
}
