//! What an editor can do with answers.

use gen_lsp_types::{ClientCapabilities, ResourceOperationKind};

use super::position::Encoding;

/// What an editor says that it can do.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Abilities {
    /// How it counts columns.
    pub(super) encoding: Encoding,
    /// It asks for the edit of an action when that is chosen.
    pub(super) resolves_actions: bool,
    /// It shows why an action that is chosen can't be done.
    pub(super) knows_disabled: bool,
    /// It takes edits of a certain version of a text, in an order.
    pub(super) versions_edits: bool,
    /// It makes files.
    pub(super) creates_files: bool,
}

impl Abilities {
    pub(super) fn of(client: &ClientCapabilities) -> Self {
        let offered = client.general.as_ref().and_then(|general| general.position_encodings.as_deref());
        let actions = client.text_document.as_ref().and_then(|text| text.code_action.as_ref());
        let resolved = actions.and_then(|actions| actions.resolve_support.as_ref()).map(|support| support.properties.as_slice());
        let resolves = |property: &str| resolved.is_some_and(|resolved| resolved.iter().any(|known| known == property));
        let edits = client.workspace.as_ref().and_then(|workspace| workspace.workspace_edit.as_ref());
        let operations = edits.and_then(|edits| edits.resource_operations.as_deref()).unwrap_or_default();
        let versions_edits = edits.and_then(|edits| edits.document_changes) == Some(true);
        Self {
            encoding: Encoding::of_client(offered),
            resolves_actions: resolves("edit") && actions.and_then(|actions| actions.data_support) == Some(true),
            knows_disabled: resolves("disabled"),
            versions_edits,
            creates_files: versions_edits && operations.contains(&ResourceOperationKind::Create),
        }
    }
}
