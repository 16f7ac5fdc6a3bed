//! The rows of `waivers.yaml` that name an object which gets another name.

use std::collections::BTreeSet;
use std::path::PathBuf;

use jiff::civil::Date;
use kustomize::Place;

use super::occurrences::{Names, Splice};
use super::refusal::Refusal;
use super::texts::Texts;
use crate::check::Examined;
use crate::findings::Finding;
use crate::locate;
use crate::location::Object;
use crate::paths::shown;
use crate::project::Project;
use crate::waivers::{self, Waiver};

/// Where rows name an object of an environment.
pub(super) fn splices(rows: &[Waiver], environment: &str, object: &Object, names: Names<'_>) -> Vec<Splice> {
    let splice = |row: &Waiver| {
        // Of what has a hash at its end, a person writes `*` instead.
        let (stem, behind) = row.name.strip_suffix("-*").map_or((row.name.as_str(), ""), |stem| (stem, "-*"));
        let text = names.renamed(stem, &object.name)? + behind;
        let Place { source, start, end } = &row.name_place;
        let at = source.text().get(*start as usize..*end as usize)?.rfind(&row.name)?;
        let start = *start as usize + at;
        Some(Splice { file: shown(source.path()), start, end: start + row.name.len(), text })
    };
    rows.iter().filter(|row| row.is_in(environment) && row.is_about(object)).filter_map(splice).collect()
}

/// The rows as they are with the new name.
pub(super) struct Exceptions {
    rows: Vec<Waiver>,
    today: Date,
}

impl Exceptions {
    /// # Errors
    /// They can't be read any more.
    pub(super) fn of(project: &Project, texts: &Texts, today: Date) -> Result<Self, Refusal> {
        let file = |row: &Waiver| shown(row.place.source.path());
        let edited: BTreeSet<PathBuf> = texts.edited().map(|(path, _)| path.to_owned()).collect();
        let (changed, mut rows): (Vec<Waiver>, Vec<Waiver>) = project.waivers.iter().cloned().partition(|row| edited.contains(&file(row)));
        for path in changed.iter().map(file).collect::<BTreeSet<PathBuf>>() {
            let read = waivers::parse(&path, texts.read(&path)?.to_string());
            rows.extend(read.map_err(|error| Refusal::new(error.message))?.findings);
        }
        Ok(Self { rows, today })
    }

    /// Whether a finding is accepted then: `waivers.yaml` was read before, and nothing else.
    pub(super) fn accept(&self, examined: &Examined, finding: &Finding) -> bool {
        let is_elsewhere = finding.baselined || finding.waived.as_ref().is_some_and(|waived| waived.in_place);
        is_elsewhere || self.cover(examined, finding)
    }

    /// Whether a row covers a finding.
    pub(super) fn cover(&self, examined: &Examined, finding: &Finding) -> bool {
        let of_overlay = examined.renders.iter().filter(|(judged, _)| finding.overlays.contains(&judged.path));
        let mut objects = of_overlay.flat_map(|(_, renders)| renders).flat_map(|render| &render.objects);
        let node = objects.find(|node| Object::of(node) == finding.object);
        let names = node.map_or_else(|| vec![None; finding.path.len()], |node| locate::element_names(node, &finding.path));
        let covers = |row: &Waiver, environment: &str| {
            !row.expired(self.today) && row.covers(&finding.rule, environment, &finding.object, &finding.path, &names)
        };
        finding.environments.iter().any(|environment| self.rows.iter().any(|row| covers(row, environment)))
    }
}
