//! What an editor asks about a place, and the answers.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use gen_lsp_types::{
    CodeAction, CodeActionParams, CodeLens, CodeLensParams, Command, ExecuteCommandParams, Hover, Location, MarkupContent, MarkupKind,
    Position, Range, ReferenceParams, RenameParams, TextDocumentPositionParams, Uri,
};
use serde::de::DeserializeOwned;
use serde_json::Value;

use super::abilities::Abilities;
use super::actions::{self, Desk};
use super::changes;
use super::commands;
use super::completion;
use super::definition::{self, Target};
use super::documents::Documents;
use super::hover;
use super::places::Spot;
use super::position::{Encoding, Lines};
use super::rename;
use super::session::Session;
use super::uri;
use crate::files;
use crate::paths::shown;
use crate::stop::Stop;

/// More lenses than this fit on no line.
const MOST_LENSES: usize = 8;

/// A question about a file.
#[derive(Clone, Debug)]
pub(super) struct Ask {
    /// The file, without links; of a command, the one that it is about.
    pub(super) file: PathBuf,
    what: What,
}

#[derive(Clone, Debug)]
enum What {
    Hover(Position),
    Definition(Position),
    References(Position),
    Completion(Position),
    Lenses,
    Actions(Box<CodeActionParams>),
    Resolve(Box<CodeAction>),
    PrepareRename(Position),
    Rename(Position, String),
    Command(String, Vec<Value>),
}

impl Ask {
    /// Reads the parameters of a request; nothing where kubevet knows no such request.
    ///
    /// # Errors
    /// The parameters are not what the protocol says that they are.
    pub(super) fn read(method: &str, params: Value) -> Option<Result<Self, String>> {
        Some(match method {
            "textDocument/hover" => at(params, What::Hover),
            "textDocument/definition" => at(params, What::Definition),
            "textDocument/completion" => at(params, What::Completion),
            "textDocument/prepareRename" => at(params, What::PrepareRename),
            "textDocument/rename" => parsed(params).and_then(|params: RenameParams| {
                let place = params.text_document_position_params;
                Self::new(&place.text_document.uri, What::Rename(place.position, params.new_name))
            }),
            "textDocument/references" => parsed(params).and_then(|params: ReferenceParams| {
                let place = params.text_document_position_params;
                Self::new(&place.text_document.uri, What::References(place.position))
            }),
            "textDocument/codeLens" => parsed(params).and_then(|params: CodeLensParams| Self::new(&params.text_document.uri, What::Lenses)),
            "textDocument/codeAction" => parsed(params)
                .and_then(|params: CodeActionParams| Self::new(&params.text_document.uri.clone(), What::Actions(Box::new(params)))),
            "codeAction/resolve" => parsed(params).and_then(|action: CodeAction| {
                let data: actions::Data = parsed(action.data.clone().unwrap_or_default())?;
                Self::new(&data.uri, What::Resolve(Box::new(action)))
            }),
            "workspace/executeCommand" => parsed(params).map(|params: ExecuteCommandParams| {
                let arguments = params.arguments.unwrap_or_default();
                let file = arguments.iter().filter_map(Value::as_str).find_map(|text| uri::to_path(&Uri(text.to_owned())));
                Self { file: file.unwrap_or_default(), what: What::Command(params.command, arguments) }
            }),
            _ => return None,
        })
    }

    fn new(uri: &Uri, what: What) -> Result<Self, String> {
        let file = uri::to_path(uri).ok_or("no file of this machine")?;
        let file = file.canonicalize().unwrap_or(file);
        Ok(Self { file, what })
    }

    /// Whether the answer is about what overlays render to, rather than about the text alone.
    pub(super) fn is_about_renders(&self) -> bool {
        !matches!(self.what, What::Completion(_))
    }

    /// The answer, as JSON.
    ///
    /// # Errors
    /// Says why there is none.
    pub(super) fn answer(&self, session: &Session, documents: &Documents, abilities: Abilities, stop: &Stop) -> Result<Value, String> {
        let encoding = abilities.encoding;
        if let What::Command(command, arguments) = &self.what {
            return commands::run(session, command, arguments);
        }
        let text = documents.text(&self.file).map_or_else(|| files::read_text(&self.file).unwrap_or_default(), str::to_owned);
        let lines = Lines::new(&text, encoding);
        let spot = |position: &Position| Spot { file: &self.file, text: &text, offset: lines.offset(*position) };
        let locations = |targets: Vec<Target>| to_json(&targets.iter().map(|target| location(target, encoding)).collect::<Vec<_>>());
        Ok(match &self.what {
            What::Hover(position) => {
                let spot = spot(position);
                let found = session
                    .project()
                    .and_then(|project| hover::of_rule(project, spot).filter(|_| may_name_rules(&self.file, spot, &lines)));
                let Some((text, (start, end))) = found.or_else(|| hover::of_field(&session.views(), spot, session.secrets())) else {
                    return Ok(Value::Null);
                };
                let contents = MarkupContent { kind: MarkupKind::Markdown, value: text };
                to_json(&Hover { contents: contents.into(), range: Some(lines.range(start, end)) })
            }
            What::Definition(position) => {
                let spot = spot(position);
                let file = definition::of_file(spot);
                locations(file.map_or_else(|| definition::of_field(&session.views(), spot), |file| vec![file]))
            }
            What::References(position) => locations(definition::references_of(&session.views(), spot(position))),
            What::Completion(position) => to_json(&completion::list(session, &self.file, &text, spot(position).offset, &lines)),
            What::Lenses => to_json(&lenses(session, &self.file)),
            What::Actions(params) => to_json(&Desk { session, documents, abilities, stop }.list(&self.file, &text, params)),
            What::Resolve(action) => to_json(&Desk { session, documents, abilities, stop }.resolve(*action.clone())?),
            What::PrepareRename(position) => {
                let (start, end) = rename::subject(&session.views(), spot(position))?.bytes;
                to_json(&lines.range(start, end))
            }
            What::Rename(position, to) => {
                let subject = rename::subject(&session.views(), spot(position))?;
                let files = session.rename(&Arc::new(documents.drafts()), &subject.what, subject.new_name(to)?, stop)?;
                to_json(&changes::of_files(&files, documents, abilities)?)
            }
            What::Command(..) => Value::Null,
        })
    }
}

fn at(params: Value, what: impl FnOnce(Position) -> What) -> Result<Ask, String> {
    let place: TextDocumentPositionParams = parsed(params)?;
    Ask::new(&place.text_document.uri, what(place.position))
}

fn parsed<T: DeserializeOwned>(params: Value) -> Result<T, String> {
    serde_json::from_value(params).map_err(|error| error.to_string())
}

fn to_json(value: &impl serde::Serialize) -> Value {
    serde_json::to_value(value).unwrap_or_default()
}

/// Whether words at a spot are names of rules: in policies and tables, and in comments that waive.
fn may_name_rules(file: &Path, spot: Spot<'_>, lines: &Lines<'_>) -> bool {
    let is_table = ["environments.yaml", "waivers.yaml", "workloads.yaml"].iter().any(|name| file.ends_with(name));
    let is_rego = file.extension().is_some_and(|extension| extension == "rego");
    let line = lines.position(spot.offset).line as usize;
    is_table || is_rego || spot.text.lines().nth(line).is_some_and(|line| line.contains("kubevet"))
}

fn location(target: &Target, encoding: Encoding) -> Location {
    let range = target
        .bytes
        .as_ref()
        .map_or_else(Range::default, |(source, start, end)| Lines::new(source.text(), encoding).range(*start as usize, *end as usize));
    Location { uri: uri::of_path(&target.path), range }
}

/// Above a file, which overlays are made of it, where that is not clear from its place; each shows what it renders to.
fn lenses(session: &Session, file: &Path) -> Vec<CodeLens> {
    let users = session.users(file);
    let is_own = |overlay: &PathBuf| overlay.canonicalize().is_ok_and(|dir| file.starts_with(dir));
    if users.len() == 1 && users.iter().any(|(_, overlay)| is_own(overlay)) {
        return Vec::new();
    }
    let more = users.len().saturating_sub(MOST_LENSES);
    let lens = |(at, (environment, overlay)): (usize, &(String, PathBuf))| {
        let more = if at + 1 == MOST_LENSES && more > 0 { format!(" and {more} more") } else { String::new() };
        let title = crate::escape::line(&format!("{environment}: {}{more}", shown(overlay).display())).into_owned();
        let arguments = vec![Value::from("kubevet.render"), Value::from(uri::of_path(overlay).0)];
        let command = Command { title, command: commands::SHOW.to_owned(), arguments: Some(arguments), ..Command::default() };
        CodeLens { range: Range::default(), command: Some(command), data: None }
    };
    users.iter().take(MOST_LENSES).enumerate().map(lens).collect()
}
