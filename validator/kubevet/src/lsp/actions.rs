//! What can be done about findings: their fixes, each proved before it is done, and accepting them in place.

use std::path::Path;
use std::sync::Arc;

use gen_lsp_types::{
    Code, CodeAction, CodeActionContext, CodeActionDisabled, CodeActionKind, CodeActionParams, Diagnostic, Message, Position, Range,
    TextEdit, Uri,
};
use serde::{Deserialize, Serialize};

use super::abilities::Abilities;
use super::changes;
use super::diagnostics;
use super::documents::Documents;
use super::position::Lines;
use super::session::Session;
use crate::escape;
use crate::files;
use crate::findings::Finding;
use crate::fix::{self, Chosen, Refusal};
use crate::paths::shown;
use crate::remedy::{Edit, PLACEHOLDER, Remedy, has_placeholder};
use crate::stop::Stop;

/// Where an editor can't ask for what an action does when it is chosen, all of it is proved when actions are listed: no more than these.
const MOST_PROVED: usize = 8;

/// All fixes of a document at once.
pub(super) const FIX_ALL: &str = "source.fixAll.kubevet";

/// What an action without an edit says of itself.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Data {
    /// The document that it was listed for.
    pub(super) uri: Uri,
    /// The fix; all of the document where there is none.
    fix: Option<Fix>,
}

/// A fix, by what outlives edits of the lines around the finding.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
struct Fix {
    rule: String,
    object: String,
    path: String,
    message: String,
    title: String,
}

/// What actions are listed and proved with.
#[derive(Clone, Copy, Debug)]
pub(super) struct Desk<'a> {
    pub(super) session: &'a Session,
    pub(super) documents: &'a Documents,
    pub(super) abilities: Abilities,
    pub(super) stop: &'a Stop,
}

impl<'a> Desk<'a> {
    /// The actions at a range of a file.
    pub(super) fn list(self, file: &Path, text: &str, params: &CodeActionParams) -> Vec<CodeAction> {
        let CodeActionParams { text_document, range, context, .. } = params;
        let mut actions = Vec::new();
        if is_wanted(context, "quickfix") {
            actions.extend(self.fixes(file, *range, context, &text_document.uri));
            actions.extend(self.waivers(&context.diagnostics, file, text));
        }
        // Editors that run it whenever a file is saved ask for it by its name.
        if context.only.is_some() && is_wanted(context, FIX_ALL) && self.of_file(file).any(|(finding, _)| has_safe(finding)) {
            let data = Data { uri: text_document.uri.clone(), fix: None };
            actions.extend(self.proved(action("Mend what can be mended without a person's look", FIX_ALL.into(), &data), &data));
        }
        actions
    }

    /// An action with what it does.
    ///
    /// # Errors
    /// Says why it can't be done, to an editor that does not know actions that can't be.
    pub(super) fn resolve(self, mut action: CodeAction) -> Result<CodeAction, String> {
        let data: Option<Data> = action.data.clone().and_then(|data| serde_json::from_value(data).ok());
        let Some(data) = data else { return Ok(action) };
        match self.prove(&data) {
            Ok(edit) => action.edit = Some(edit),
            Err(reason) if self.abilities.knows_disabled => action.disabled = Some(CodeActionDisabled { reason }),
            Err(reason) => return Err(reason),
        }
        Ok(action)
    }

    /// The findings of a file, each with where they are shown.
    fn of_file(self, file: &Path) -> impl Iterator<Item = (&'a Finding, Range)> {
        let findings = self.session.findings().iter().filter(|finding| !finding.is_accepted() && !finding.remedies.is_empty());
        let encoding = self.abilities.encoding;
        // Of most, the name tells that they are elsewhere.
        let may_be = move |finding: &&Finding| {
            let other = |path: &Path| path.file_name() != file.file_name() && !path.starts_with("<kubevet>");
            !finding.cause().is_some_and(|cause| other(cause.source.path()))
        };
        findings.filter(may_be).filter_map(move |finding| {
            let (path, range) = diagnostics::place_of(finding, encoding);
            let is_it = path == file || (path.file_name() == file.file_name() && path.canonicalize().is_ok_and(|path| path == file));
            is_it.then_some((finding, range))
        })
    }

    fn fixes(self, file: &Path, range: Range, context: &CodeActionContext, uri: &Uri) -> Vec<CodeAction> {
        let mut known: Vec<(Fix, Range)> = Vec::new();
        let mut actions = Vec::new();
        for (finding, place) in self.of_file(file) {
            if place.end.line < range.start.line || range.end.line < place.start.line {
                continue;
            }
            for remedy in &finding.remedies {
                let fix = Fix::of(finding, &remedy.title);
                // What is denied in one environment and warned of in another is mended once.
                let is_same = |(other, at): &(Fix, Range)| *at == place && (&other.rule, &other.title) == (&fix.rule, &fix.title);
                if known.iter().any(is_same) {
                    continue;
                }
                known.push((fix.clone(), place));
                let data = Data { uri: uri.clone(), fix: Some(fix) };
                let mended: Vec<Diagnostic> = context.diagnostics.iter().filter(|one| is_of(one, finding, place)).cloned().collect();
                let action = CodeAction {
                    diagnostics: Some(mended).filter(|mended| !mended.is_empty()),
                    is_preferred: remedy.safe.then_some(true),
                    ..action(&title(remedy), CodeActionKind::QuickFix, &data)
                };
                if self.abilities.resolves_actions || actions.len() < MOST_PROVED {
                    actions.extend(self.proved(action, &data));
                }
            }
        }
        // What is right as it is comes before what somebody must still look at.
        actions.sort_by_key(|action| action.is_preferred != Some(true));
        actions
    }

    /// An action as it is listed; none where it has to be proved at once, and can't be.
    fn proved(self, action: CodeAction, data: &Data) -> Option<CodeAction> {
        if self.abilities.resolves_actions {
            return Some(action);
        }
        self.prove(data).ok().map(|edit| CodeAction { edit: Some(edit), data: None, ..action })
    }

    fn prove(self, data: &Data) -> Result<gen_lsp_types::WorkspaceEdit, String> {
        let chosen = match &data.fix {
            Some(wanted) => {
                let is_it = |finding: &&Finding| !finding.is_accepted() && Fix::of(finding, &wanted.title) == *wanted;
                let finding = self.session.findings().iter().find(is_it).ok_or("the finding is not there any more")?;
                Chosen::fix(finding, &wanted.title)
            }
            None => {
                let path = super::uri::to_path(&data.uri).ok_or("no file of this machine")?;
                Chosen::File(shown(&path.canonicalize().unwrap_or(path)))
            }
        };
        let options = fix::Options { suggestions: data.fix.is_some(), chosen: Some(chosen), ..fix::Options::default() };
        let mended = self.session.mend(&Arc::new(self.documents.drafts()), &options, self.stop)?;
        if mended.files.is_empty() {
            let reason = mended.refused.first().map(|refused| &refused.reason).map_or_else(nothing, Refusal::to_string);
            return Err(escape::lines(&mended.secrets.scrub(&reason)));
        }
        changes::of_files(&mended.files, self.documents, self.abilities)
    }

    /// For each finding on a line of YAML, a comment that accepts it there; whoever takes it says why.
    fn waivers(self, diagnostics: &[Diagnostic], file: &Path, text: &str) -> Vec<CodeAction> {
        if !files::is_manifest(file) || file.extension().is_some_and(|extension| extension == "json") {
            return Vec::new();
        }
        let lines = Lines::new(text, self.abilities.encoding);
        let mut actions = Vec::new();
        for diagnostic in diagnostics {
            let Some(Code::String(rule)) = &diagnostic.code else { continue };
            // Problems have no group.
            if !rule.contains('/') || diagnostic.source.as_deref() != Some("kubevet") {
                continue;
            }
            let start = lines.offset(Position { line: diagnostic.range.start.line, character: 0 });
            let line = text.get(start..).unwrap_or_default().lines().next().unwrap_or_default();
            let indent = &line[..line.len() - line.trim_start().len()];
            let edit = TextEdit { range: lines.range(start, start), new_text: format!("{indent}# kubevet: allow {rule} because \n") };
            actions.push(CodeAction {
                title: format!("Accept {rule} here: say why"),
                kind: Some(CodeActionKind::QuickFix),
                diagnostics: Some(vec![diagnostic.clone()]),
                edit: Some(changes::of_file(file, edit, self.documents)),
                ..CodeAction::default()
            });
        }
        actions
    }
}

impl Fix {
    fn of(finding: &Finding, title: &str) -> Self {
        Self {
            rule: finding.rule.clone(),
            object: finding.object.to_string(),
            path: finding.identity.path.clone(),
            message: finding.message.clone(),
            title: title.to_owned(),
        }
    }
}

fn action(title: &str, kind: CodeActionKind, data: &Data) -> CodeAction {
    CodeAction { title: title.to_owned(), kind: Some(kind), data: serde_json::to_value(data).ok(), ..CodeAction::default() }
}

fn nothing() -> String {
    "nothing is left that it mends".to_owned()
}

fn has_safe(finding: &Finding) -> bool {
    finding.remedies.iter().any(|remedy| remedy.safe)
}

/// Whether an editor asks for actions of a kind: for those of no kind in particular, of it, or of one that it is of.
fn is_wanted(context: &CodeActionContext, kind: &str) -> bool {
    let is_above = |asked: &CodeActionKind| {
        let asked = String::from(asked.clone());
        kind.strip_prefix(asked.as_str()).is_some_and(|rest| asked.is_empty() || rest.is_empty() || rest.starts_with('.'))
    };
    context.only.as_ref().is_none_or(|only| only.iter().any(is_above))
}

/// Whether a diagnostic is that of a finding.
fn is_of(diagnostic: &Diagnostic, finding: &Finding, place: Range) -> bool {
    let is_rule = matches!(&diagnostic.code, Some(Code::String(code)) if *code == finding.rule);
    let says_it = matches!(&diagnostic.message, Message::String(text) if text.contains(&escape::lines(&finding.message)));
    is_rule && says_it && diagnostic.range == place
}

/// What a fix does, as the title of an action; of one that leaves a choice, what is to be chosen.
fn title(remedy: &Remedy) -> String {
    let mut letters = remedy.title.chars();
    let title: String = letters.next().into_iter().flat_map(char::to_uppercase).chain(letters).collect();
    let choices = remedy.edits.iter().filter_map(Edit::value).filter(|value| has_placeholder(value)).flat_map(placeholders);
    let mut choices: Vec<String> = choices.collect();
    choices.dedup();
    let text = match (choices.is_empty(), remedy.safe) {
        (false, _) => format!("{title}; then choose {}", choices.join(", ")),
        (true, true) => title,
        (true, false) => format!("{title} (suggestion)"),
    };
    escape::line(&text).into_owned()
}

/// What a person must choose in a value.
fn placeholders(value: &serde_json::Value) -> Vec<String> {
    match value {
        serde_json::Value::String(text) => {
            text.split(PLACEHOLDER).skip(1).filter_map(|rest| rest.split('>').next()).map(str::to_owned).collect()
        }
        serde_json::Value::Array(items) => items.iter().flat_map(placeholders).collect(),
        serde_json::Value::Object(fields) => fields.values().flat_map(placeholders).collect(),
        _ => Vec::new(),
    }
}
