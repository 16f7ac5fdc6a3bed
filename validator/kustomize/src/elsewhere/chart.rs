//! A Helm chart as a kustomization asks for it (`api/types/helmchartargs.go`, `HelmChartInflationGenerator`).

use std::path::{Path, PathBuf};

/// What is done with `valuesInline` and the values of a file, its own or the chart's.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum ValuesMerge {
    /// The inline ones win.
    #[default]
    Override,
    /// Those of the file win.
    Merge,
    /// There are only the inline ones.
    Replace,
}

/// A chart, with the content of the files that the kustomization names.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Chart {
    /// The directory of the kustomization.
    pub root: PathBuf,
    /// `chartHome`, from there.
    pub home: String,
    /// The chart's name.
    pub name: String,
    /// Its version; empty for the newest.
    pub version: String,
    /// Where it is pulled from where it is not in `home`; empty where it must be there.
    pub repo: String,
    /// What the templates know as the release's name; helm makes one up where it is empty.
    pub release_name: String,
    /// A template for it.
    pub name_template: String,
    /// The release's namespace.
    pub namespace: String,
    /// What `Capabilities.KubeVersion` says.
    pub kube_version: String,
    /// What `Capabilities.APIVersions` has besides.
    pub api_versions: Vec<String>,
    /// Whether the chart's definitions are printed too.
    pub include_crds: bool,
    /// Whether hooks are left out.
    pub skip_hooks: bool,
    /// Whether tests are left out.
    pub skip_tests: bool,
    /// Whether helm says more.
    pub debug: bool,
    /// Whether versions of development count.
    pub devel: bool,
    /// The content of `valuesFile`; the chart's own values where there is none.
    pub values_file: Option<Vec<u8>>,
    /// `valuesInline` as YAML.
    pub values_inline: Option<String>,
    /// What is done with both.
    pub values_merge: ValuesMerge,
    /// The contents of `additionalValuesFiles`.
    pub additional_values: Vec<Vec<u8>>,
}

impl Chart {
    /// The directory that holds the directory of the chart, if that is in the project.
    pub fn home(&self) -> PathBuf {
        let home = self.root.join(&self.home);
        if self.version.is_empty() || self.repo.is_empty() { home } else { home.join(format!("{}-{}", self.name, self.version)) }
    }

    /// Everything that makes a difference to the render but the chart itself and the directory, in one form.
    pub fn settings(&self) -> Vec<u8> {
        let Self { root: _, home: _, additional_values, values_file, values_inline, values_merge, .. } = self;
        let flags = [self.include_crds, self.skip_hooks, self.skip_tests, self.debug, self.devel];
        let texts = [&self.name, &self.version, &self.repo, &self.release_name, &self.name_template, &self.namespace, &self.kube_version];
        let mut settings = Vec::new();
        // With their lengths, so that no two settings are one text.
        let mut add = |bytes: &[u8]| {
            settings.extend_from_slice(format!("{}:", bytes.len()).as_bytes());
            settings.extend_from_slice(bytes);
        };
        texts.iter().for_each(|text| add(text.as_bytes()));
        add(format!("{flags:?} {values_merge:?} {}", self.api_versions.len()).as_bytes());
        self.api_versions.iter().for_each(|version| add(version.as_bytes()));
        add(values_file.as_deref().unwrap_or(b"the chart's own"));
        add(if values_file.is_some() { b"named" } else { b"none" });
        add(values_inline.as_deref().unwrap_or_default().as_bytes());
        additional_values.iter().for_each(|values| add(values));
        settings
    }

    /// What helm is asked to pull the chart into a directory.
    pub fn pull_arguments(&self, into: &Path) -> Vec<String> {
        let mut arguments = vec!["pull".to_owned(), "--untar".into(), "--untardir".into(), into.to_string_lossy().into_owned()];
        if self.repo.starts_with("oci://") {
            arguments.push(format!("{}/{}", self.repo.strip_suffix('/').unwrap_or(&self.repo), self.name));
        } else {
            arguments.extend(["--repo".to_owned(), self.repo.clone(), self.name.clone()]);
        }
        arguments.extend(pair("--version", &self.version));
        arguments.extend(flag("--devel", self.devel));
        arguments
    }

    /// What helm is asked to render a chart with files of values.
    pub fn template_arguments(&self, chart: &Path, values: &[PathBuf]) -> Vec<String> {
        let mut arguments = vec!["template".to_owned()];
        arguments.push(if self.release_name.is_empty() { "--generate-name".to_owned() } else { self.release_name.clone() });
        arguments.push(chart.to_string_lossy().into_owned());
        arguments.extend(pair("--namespace", &self.namespace));
        arguments.extend(pair("--name-template", &self.name_template));
        arguments.extend(values.iter().flat_map(|file| pair("-f", &file.to_string_lossy())));
        arguments.extend(self.api_versions.iter().flat_map(|version| pair("--api-versions", version)));
        arguments.extend(pair("--kube-version", &self.kube_version));
        let flags = [
            ("--include-crds", self.include_crds),
            ("--skip-tests", self.skip_tests),
            ("--no-hooks", self.skip_hooks),
            ("--debug", self.debug),
            ("--devel", self.devel),
        ];
        arguments.extend(flags.into_iter().flat_map(|(name, is_set)| flag(name, is_set)));
        arguments
    }
}

fn pair(name: &str, value: &str) -> Vec<String> {
    if value.is_empty() { Vec::new() } else { vec![name.to_owned(), value.to_owned()] }
}

fn flag(name: &str, is_set: bool) -> Option<String> {
    is_set.then(|| name.to_owned())
}
