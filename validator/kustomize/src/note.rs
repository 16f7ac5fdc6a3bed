//! What Kustomize does without a word and a person would want to know.

use crate::source::Origin;
use crate::yaml::node::Node;

/// Something worth knowing about a build that succeeded.
#[derive(Clone, Debug)]
pub struct Note {
    /// What kind of thing it is.
    pub kind: NoteKind,
    /// What happened, in one sentence without a trailing period.
    pub message: String,
    /// The line that caused it.
    pub origin: Origin,
    /// Other places that belong to it, each with a word on why.
    pub related: Vec<(Origin, &'static str)>,
    /// The field that it says is deprecated.
    pub deprecated: Option<DeprecatedField>,
}

/// A field of a kustomization that another one takes the place of.
#[derive(Clone, Debug)]
pub struct DeprecatedField {
    /// Its name.
    pub name: &'static str,
    /// That of the other one, whose entries may look differently.
    pub successor: &'static str,
    /// What stands there.
    pub value: Node,
}

/// The kinds of [`Note`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum NoteKind {
    /// The target of a patch matches no object.
    TargetMatchesNothing,
    /// An image override matches no image.
    ImageMatchesNothing,
    /// A scalar's value is not what was written (`0777`, `1.10`, a date).
    ValueChanged,
    /// An element of a list was lost in a strategic merge.
    ElementLost,
    /// A strategic merge replaced a whole list because Kustomize knows no merge key for it.
    ListReplaced,
    /// A directive of a strategic merge patch had no effect.
    DirectiveIgnored,
    /// A JSON patch replaced a field that did not exist, and so added it.
    ReplaceAdded,
    /// A variable is defined and never used.
    VariableUnused,
    /// A strategic merge changed the order in which init containers run.
    InitContainersReordered,
    /// A field of a kustomization file is deprecated.
    FieldDeprecated,
    /// A generator gives its objects names without a hash of their content.
    HashDisabled,
    /// A file has content that Kustomize does not read.
    ContentIgnored,
    /// A key stands twice in a file of Kustomize's, which takes the last.
    KeyRepeated,
    /// A prefix or suffix is put to a name that has it already, or a component is applied to objects a second time.
    AffixRepeated,
    /// A patch deletes an element that no object has.
    DeletesNothing,
    /// The target of a patch deletes more objects than the patch names.
    DeletesMore,
    /// The target of a patch takes in more objects than the one that the patch names.
    TargetIsWider,
    /// A value of a file of variables keeps its quotes, or what was meant as a comment.
    QuotesKept,
    /// A configuration of a plugin has a field that Kustomize does not know, and passes over.
    FieldUnknown,
    /// The target of a patch is met by an object that had that name before, beside the one that has it.
    FormerName,
    /// A label is written where it does harm: into selectors that nothing may change, or of what others own.
    LabelSpread,
    /// The namespace of a kustomization is written over that of something outside of it.
    NamespaceOverwritten,
    /// Something names a generated object where Kustomize does not put the hash.
    NameWithoutHash,
    /// Something names an object by the name or the namespace that it had before, in a field that Kustomize does not rewrite.
    ReferenceLeft,
    /// What is fetched is another one from day to day: a branch, or whatever a repository gives where no `ref` is named.
    ReferenceMoves,
    /// A plugin is a program or a container, and was passed over.
    PluginSkipped,
}

impl NoteKind {
    /// All of them.
    pub const ALL: [Self; 26] = [
        Self::TargetMatchesNothing,
        Self::ImageMatchesNothing,
        Self::ValueChanged,
        Self::ElementLost,
        Self::ListReplaced,
        Self::DirectiveIgnored,
        Self::ReplaceAdded,
        Self::VariableUnused,
        Self::InitContainersReordered,
        Self::FieldDeprecated,
        Self::HashDisabled,
        Self::ContentIgnored,
        Self::KeyRepeated,
        Self::AffixRepeated,
        Self::DeletesNothing,
        Self::DeletesMore,
        Self::TargetIsWider,
        Self::QuotesKept,
        Self::FieldUnknown,
        Self::FormerName,
        Self::LabelSpread,
        Self::NamespaceOverwritten,
        Self::NameWithoutHash,
        Self::ReferenceLeft,
        Self::ReferenceMoves,
        Self::PluginSkipped,
    ];
}

impl Note {
    /// A note.
    pub fn new(kind: NoteKind, message: impl Into<String>, origin: Origin) -> Self {
        Self { kind, message: message.into(), origin, related: Vec::new(), deprecated: None }
    }

    /// The same note with one more place that belongs to it.
    pub(crate) fn related(mut self, origin: Origin, why: &'static str) -> Self {
        self.related.push((origin, why));
        self
    }

    /// Changes every origin that it has.
    pub(crate) fn change_origins(&mut self, mut change: impl FnMut(&mut Origin)) {
        change(&mut self.origin);
        self.related.iter_mut().for_each(|(origin, _)| change(origin));
        self.deprecated.iter_mut().for_each(|field| field.value.change_origins(&mut change));
    }
}
