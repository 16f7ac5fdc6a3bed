//! What a patch takes out by putting something in its place, and what a person would want to know of it.

use crate::note::NoteKind;
use crate::object::schema::Schema;
use crate::yaml::node::Node;

use super::super::lost::{Loss, loss, lost_any, lost_elements, quoted};
use super::directive::DIRECTIVE;
use super::walk::{Merge, Path};

/// Lists of Kubernetes' own kinds that are replaced as a whole although people add to them: rules that allow something, and what a container or a
/// scheduler is told. A point stands for whatever is before it.
const ADDED_TO: [&str; 7] =
    ["spec.ingress", "spec.egress", "rules", "subjects", ".containers.envFrom", ".initContainers.envFrom", ".spec.tolerations"];

fn is_added_to(path: &str) -> bool {
    ADDED_TO.iter().any(|known| if known.starts_with('.') { path.ends_with(known) } else { *known == path })
}

impl Merge<'_> {
    /// Replaces a list that has no merge key.
    pub(super) fn replace_list(&mut self, dest: &mut Node, patch: &Node, schema: Schema<'_>, path: Path<'_>) {
        const WHY: &str = "is replaced, not merged, because Kustomize knows no merge key for it";
        let (old, new) = (dest.items(), patch.items());
        let loss = loss(old, new).filter(|_| matches!(schema, Schema::Unknown));
        let message = match loss {
            // Who writes an empty list means it.
            _ if new.is_empty() => None,
            Some(Loss::Elements(lost)) => Some(format!("the list `{path}` {WHY}; lost: {}", quoted(&lost))),
            Some(Loss::Fields(label, fields)) => Some(format!("the list `{path}` {WHY}; `{label}` loses {}", quoted(&fields))),
            Some(Loss::Count(gone)) => Some(format!("the list `{path}` {WHY}; {gone} of its {} elements are gone", old.len())),
            None => (is_added_to(&path.to_string()) && lost_any(old, new))
                .then(|| format!("the list `{path}` is replaced, not merged, and what it had is gone")),
        };
        message.into_iter().for_each(|message| self.note(NoteKind::ListReplaced, message, &patch.origin));
        if let Some(directive) = new.iter().find_map(|item| item.get(DIRECTIVE)) {
            let message = format!("`$patch` stays in `{path}` as a field: Kustomize knows no merge key for this list, and replaces it");
            self.note(NoteKind::DirectiveIgnored, message, &directive.origin);
        }
        let lost = lost_elements(old, new, &patch.origin);
        dest.replace(patch.clone());
        if let Some(seq) = dest.as_seq_mut() {
            lost.into_iter().for_each(|removal| seq.note_removal(removal));
        }
    }
}
