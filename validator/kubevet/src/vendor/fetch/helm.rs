//! Asks the user's own helm for a chart, as `kustomize build --enable-helm` does (`HelmChartInflationGenerator`).
//!
//! The settings come from a change. So none of them is an option, nothing of the project configures helm or adds plugins to it, and what is pulled goes into
//! a directory of its own. Templates run nothing.

use std::fs;
use std::io::Read as _;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::Duration;

use kustomize::{Chart, Error, ErrorKind, ValuesMerge, Version, yaml};

use super::super::tree;
use crate::files::read_text;
use crate::problem::invalid;
use crate::process;

/// How long helm may take for one step.
const LONGEST: Duration = Duration::from_secs(600);

/// What helm made of a chart.
#[derive(Clone, Debug)]
pub(in super::super) struct Inflated {
    /// The file with it.
    pub(in super::super) path: PathBuf,
    /// The hash of the chart.
    pub(in super::super) chart: String,
    /// The files of a chart of the project's.
    pub(in super::super) own: Vec<PathBuf>,
}

/// Renders a chart; `work` is an empty directory for what that takes, `allowed` those in which charts may be.
pub(super) fn inflate(chart: &Chart, version: Version, work: &Path, allowed: &[&Path]) -> Result<Inflated, Error> {
    let helm = Helm { chart, work };
    helm.check(version)?;
    let own = chart.home().join(&chart.name);
    let (dir, files) = if own.is_dir() {
        let real = own.canonicalize().map_err(|error| kept(&own, &error))?;
        if !allowed.iter().any(|allowed| allowed.canonicalize().is_ok_and(|allowed| real.starts_with(allowed))) {
            return Err(
                invalid(format!("the chart `{}` is outside of the project", chart.name)).help("put it below the project's directory")
            );
        }
        (real, tree::files(&own)?.into_iter().map(|name| own.join(name)).collect())
    } else if chart.repo.is_empty() {
        return Err(invalid(format!("there is no chart in {}, and no `repo` to pull it from", own.display())));
    } else {
        let charts = work.join("charts");
        fs::create_dir(&charts).map_err(|error| kept(&charts, &error))?;
        helm.run(&chart.pull_arguments(&charts))?;
        (charts.join(&chart.name), Vec::new())
    };
    let values = helm.values(&dir)?;
    let printed = helm.run(&chart.template_arguments(&dir, &values))?;
    let path = work.join("chart.yaml");
    fs::write(&path, printed).map_err(|error| kept(&path, &error))?;
    Ok(Inflated { path, chart: tree::hash(&dir)?, own: files })
}

fn kept(path: &Path, error: &std::io::Error) -> Error {
    Error::new(ErrorKind::Io, format!("cannot use {}: {error}", path.display()))
}

struct Helm<'a> {
    chart: &'a Chart,
    work: &'a Path,
}

impl Helm<'_> {
    /// Refuses what helm would take for an option, and versions of helm that Kustomize refuses.
    fn check(&self, version: Version) -> Result<(), Error> {
        let Chart { name, release_name, repo, .. } = self.chart;
        for text in [name, release_name, repo] {
            if text.starts_with('-') || text.contains(char::is_control) {
                return Err(invalid(format!("`{text}` would be an option of helm's")).help("begin it with a letter"));
            }
        }
        let (arguments, majors) = if version >= Version::V5_8 {
            (&["version", "--short"][..], &["3", "4"][..])
        } else {
            (&["version", "-c", "--short"][..], &["3"][..])
        };
        let said = self.run(&arguments.iter().map(|argument| (*argument).to_owned()).collect::<Vec<_>>())?;
        let number = said.trim().trim_start_matches('v');
        if majors.iter().any(|major| number.strip_prefix(major).is_some_and(|rest| rest.starts_with('.'))) {
            return Ok(());
        }
        let message = format!("Kustomize {version} works with helm {}, and the one on PATH is {}", majors.join(" or "), said.trim());
        Err(invalid(message).help("put such a helm first on PATH, or see whether --kustomize 5.8 knows this one"))
    }

    /// The files of values that helm gets, in their order.
    fn values(&self, dir: &Path) -> Result<Vec<PathBuf>, Error> {
        let Chart { values_file, values_inline, values_merge, additional_values, .. } = self.chart;
        let file = match values_file {
            Some(content) => String::from_utf8_lossy(content).into_owned(),
            None if values_inline.is_some() && *values_merge == ValuesMerge::Replace => String::new(),
            None => read_text(&dir.join("values.yaml"))?,
        };
        let first = values_inline.as_ref().map_or(Ok(file.clone()), |inline| kustomize::merge_values(&file, inline, *values_merge))?;
        let contents = std::iter::once(first.as_bytes()).chain(additional_values.iter().map(Vec::as_slice));
        let write = |(at, content): (usize, &[u8])| {
            let path = self.work.join(format!("values-{at}.yaml"));
            fs::write(&path, content).map(|()| path.clone()).map_err(|error| kept(&path, &error))
        };
        contents.enumerate().map(write).collect()
    }

    fn run(&self, arguments: &[String]) -> Result<String, Error> {
        let mut command = Command::new("helm");
        let own = self.work.join("helm");
        command.env("HELM_CONFIG_HOME", &own).env("HELM_CACHE_HOME", own.join(".cache")).env("HELM_DATA_HOME", own.join(".data"));
        command.env("HELM_PLUGINS", own.join("none")).env_remove("HELM_POST_RENDERER").current_dir(self.work).args(arguments);
        let read = |out: &mut std::io::BufReader<std::process::ChildStdout>| {
            let mut said = String::new();
            out.take(yaml::LONGEST_FILE + 1).read_to_string(&mut said).map(|_| said)
        };
        process::ask(command, Vec::new(), LONGEST, read).map_err(|error| match error.kind {
            ErrorKind::Io => error.help("install helm: `kubevet vendor` asks it for the charts of kustomizations"),
            _ => {
                let said: Vec<&str> = error.message.lines().map(str::trim).filter(|line| !line.is_empty()).collect();
                Error { message: format!("chart `{}`: {}", self.chart.name, said.join("; ")), ..error }
            }
        })
    }
}
