//! What may be written somewhere, as an editor lists it.

use std::path::Path;
use std::sync::OnceLock;

use gen_lsp_types::{CompletionItem, CompletionItemKind, CompletionItemTag, CompletionList, InsertTextMode, TextEdit};
use kustomize::{Node, Sources};

use super::position::Lines;
use super::session::Session;
use crate::complete::{self, Around, Candidate, Kind};
use crate::escape;
use crate::policy::{Catalog, PolicyFiles};

/// What may be written at a byte of a file.
pub(super) fn list(session: &Session, file: &Path, text: &str, offset: usize, lines: &Lines<'_>) -> CompletionList {
    // Where the policies can't be read, the rules inside the binary are there still.
    let catalog: Option<&Catalog> = match session.project() {
        Some(project) => Some(&project.catalog),
        None => embedded(),
    };
    let Some(catalog) = catalog else { return CompletionList::default() };
    let environments: Vec<&str> = session.environments().collect();
    let views = session.last_views();
    let objects: Vec<(&Sources, &Node)> =
        views.iter().flat_map(|view| view.render.objects.iter().map(|object| (&view.render.sources, object))).collect();
    let around = Around { version: session.version(), catalog, environments: &environments, objects: &objects };
    let (range, candidates) = complete::candidates(file, text, offset, around);
    let range = lines.range(range.start, range.end);
    let item = |(at, candidate): (usize, Candidate)| CompletionItem {
        label: escape::line(&candidate.label).into_owned(),
        kind: Some(kind(candidate.kind)),
        detail: candidate.detail.map(|detail| escape::line(&detail).into_owned()),
        tags: candidate.deprecated.then(|| vec![CompletionItemTag::Deprecated]),
        // In the order in which they were found likely.
        sort_text: Some(format!("{at:04}")),
        filter_text: Some(candidate.label),
        insert_text_mode: Some(InsertTextMode::AsIs),
        text_edit: Some(TextEdit { range, new_text: candidate.text }.into()),
        ..CompletionItem::default()
    };
    CompletionList { is_incomplete: false, items: candidates.into_iter().enumerate().map(item).collect(), ..CompletionList::default() }
}

fn kind(kind: Kind) -> CompletionItemKind {
    match kind {
        Kind::Field => CompletionItemKind::Field,
        Kind::Value => CompletionItemKind::EnumMember,
        Kind::File => CompletionItemKind::File,
        Kind::Rule => CompletionItemKind::Constant,
        Kind::Name => CompletionItemKind::Reference,
    }
}

/// The rules inside the binary.
fn embedded() -> Option<&'static Catalog> {
    static CATALOG: OnceLock<Option<Catalog>> = OnceLock::new();
    CATALOG.get_or_init(|| Catalog::load(&PolicyFiles::of(&[]).ok()?).ok()).as_ref()
}
