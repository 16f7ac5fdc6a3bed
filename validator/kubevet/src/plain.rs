//! What directories hold that are no kustomizations: manifests, and Helm charts, which have to be rendered first.

use std::collections::BTreeSet;
use std::io::Read;
use std::path::{Path, PathBuf};

use kustomize::Error;

use crate::files;
use crate::paths::{quoted, shown};
use crate::problem::{Problem, invalid, whole};

/// What makes a directory a chart.
const CHART: &str = "Chart.yaml";

/// So much of a file is looked at to see whether it is a manifest.
const LOOK: u64 = 16 << 10;

/// So many files are looked at.
const FILES: usize = 1_000;

/// Files that may be manifests, and the charts beside them.
#[derive(Debug, Default)]
pub(crate) struct Plain {
    /// YAML and JSON files that belong to no chart.
    pub(crate) files: Vec<PathBuf>,
    /// The directories of charts that are in no other one.
    pub(crate) charts: Vec<PathBuf>,
}

impl Plain {
    /// What is below a directory.
    pub(crate) fn below(dir: &Path) -> Result<Self, Error> {
        let all = files::below(dir, files::is_manifest)?;
        let charts: BTreeSet<&Path> = all.iter().filter(|path| path.ends_with(CHART)).filter_map(|path| path.parent()).collect();
        let is_in_chart = |path: &Path| path.ancestors().skip(1).any(|above| charts.contains(above));
        let outermost = charts.iter().filter(|chart| !is_in_chart(chart)).map(|chart| (*chart).to_owned()).collect();
        Ok(Self { files: all.iter().filter(|path| !is_in_chart(path)).cloned().collect(), charts: outermost })
    }

    /// A word on each chart.
    pub(crate) fn left_out(&self) -> impl Iterator<Item = Problem> {
        self.charts.iter().map(|chart| {
            let error = invalid(format!("{} is a Helm chart: its templates are no manifests", shown(chart).display()));
            let help = format!("`{}` judges what it renders to", render(chart));
            Problem::warning("left-out", error.at(whole(&chart.join(CHART))).help(help))
        })
    }

    /// What to do instead of judging kustomizations that are not there.
    pub(crate) fn advice(&self) -> Option<String> {
        let manifests: BTreeSet<&Path> =
            self.files.iter().take(FILES).filter(|path| looks_like_manifest(path)).filter_map(|path| path.parent()).collect();
        // The directory that holds all of them.
        let around = manifests.iter().skip(1).fold(manifests.first().map(|first| first.to_path_buf()), |around, dir| {
            Some(around?.ancestors().find(|above| dir.starts_with(above))?.to_path_buf())
        });
        let manifests = around.map(|dir| {
            let dir = if dir.as_os_str().is_empty() { Path::new(".") } else { &dir };
            format!("judge the manifests there: `kubevet check --manifests {} --environment prod`", quoted(&shown(dir)))
        });
        let charts = self.charts.first().map(|chart| format!("render the charts first: `{} --environment prod`", render(chart)));
        let advice: Vec<String> = charts.into_iter().chain(manifests).collect();
        (!advice.is_empty()).then(|| advice.join("; "))
    }
}

/// `helm template CHART | kubevet check -`
fn render(chart: &Path) -> String {
    format!("helm template {} | kubevet check -", quoted(&shown(chart)))
}

/// Whether a file has the first words of an object. It is no promise.
fn looks_like_manifest(path: &Path) -> bool {
    let mut text = Vec::new();
    let is_read = files::open(path).is_ok_and(|file| file.take(LOOK).read_to_end(&mut text).is_ok());
    let text = String::from_utf8_lossy(&text);
    let has =
        |key: &str| text.lines().any(|line| line.starts_with(&format!("{key}:")) || line.trim_start().starts_with(&format!("\"{key}\":")));
    is_read && has("apiVersion") && has("kind")
}
