//! What the editor says of itself, and what it is told it can ask for.

use std::path::{Path, PathBuf};

use gen_lsp_types::{
    ChangeNotifications, CodeActionKind, CodeActionOptions, CodeActionProvider, CodeLensOptions, CompletionOptions,
    DidChangeWatchedFilesRegistrationOptions, ExecuteCommandOptions, FileSystemWatcher, GlobPattern, InitializeParams, InitializeResult,
    Pattern, Registration, RegistrationParams, RenameOptions, RenameProvider, Save, SaveOptions, ServerCapabilities, ServerInfo,
    TextDocumentSync, TextDocumentSyncKind, TextDocumentSyncOptions, WorkspaceFolders, WorkspaceFoldersServerCapabilities,
    WorkspaceOptions,
};
use lsp_server::Request;
use serde_json::Value;

use super::abilities::Abilities;
use super::actions;
use super::commands;
use super::session::Options;
use super::uri;
use crate::paths::normalize;

/// The editor.
#[derive(Debug)]
pub(super) struct Client {
    pub(super) abilities: Abilities,
    pub(super) options: Options,
    /// Absolute paths.
    pub(super) folders: Vec<PathBuf>,
    watches_files: bool,
}

impl Client {
    /// Reads the parameters of `initialize`.
    ///
    /// # Errors
    /// They are not what the protocol or kubevet says that they are.
    pub(super) fn new(params: Value) -> Result<Self, String> {
        let params: InitializeParams = serde_json::from_value(params).map_err(|error| format!("initialize: {error}"))?;
        let options = params.initialization_options.clone().filter(|options| !options.is_null());
        let options = options.map_or(Ok(Options::default()), serde_json::from_value);
        let options = options.map_err(|error| format!("initializationOptions: {error}"))?;
        let folders = folders(&params);
        // All paths in reports begin here, as those of a check that is run in the folder.
        if let Some(first) = folders.first() {
            std::env::set_current_dir(first).map_err(|error| format!("{}: {error}", first.display()))?;
        }
        let abilities = Abilities::of(&params.capabilities);
        let watches = params.capabilities.workspace.and_then(|workspace| workspace.did_change_watched_files);
        Ok(Self { abilities, options, folders, watches_files: watches.and_then(|watches| watches.dynamic_registration) == Some(true) })
    }

    /// The answer to `initialize`.
    pub(super) fn initialize_result(&self) -> InitializeResult {
        let sync = TextDocumentSyncOptions {
            open_close: Some(true),
            change: Some(TextDocumentSyncKind::Incremental),
            save: Some(Save::SaveOptions(SaveOptions::default())),
            ..TextDocumentSyncOptions::default()
        };
        let folders =
            WorkspaceFoldersServerCapabilities { supported: Some(true), change_notifications: Some(ChangeNotifications::Bool(true)) };
        let actions = CodeActionOptions {
            code_action_kinds: Some(vec![CodeActionKind::QuickFix, actions::FIX_ALL.into()]),
            resolve_provider: Some(true),
            ..CodeActionOptions::default()
        };
        let capabilities = ServerCapabilities {
            position_encoding: Some(self.abilities.encoding.kind()),
            text_document_sync: Some(TextDocumentSync::Options(sync)),
            workspace: Some(WorkspaceOptions { workspace_folders: Some(folders), ..WorkspaceOptions::default() }),
            hover_provider: Some(true.into()),
            definition_provider: Some(true.into()),
            references_provider: Some(true.into()),
            rename_provider: Some(RenameProvider::RenameOptions(RenameOptions {
                prepare_provider: Some(true),
                ..RenameOptions::default()
            })),
            code_action_provider: Some(CodeActionProvider::CodeActionOptions(actions)),
            completion_provider: Some(CompletionOptions {
                trigger_characters: Some([" ", ":", "-", "/", ","].map(str::to_owned).to_vec()),
                resolve_provider: Some(false),
                ..CompletionOptions::default()
            }),
            execute_command_provider: Some(ExecuteCommandOptions {
                commands: commands::NAMES.map(str::to_owned).to_vec(),
                ..ExecuteCommandOptions::default()
            }),
            code_lens_provider: Some(CodeLensOptions { resolve_provider: Some(false), ..CodeLensOptions::default() }),
            ..ServerCapabilities::default()
        };
        let server_info = Some(ServerInfo { name: "kubevet".to_owned(), version: Some(env!("CARGO_PKG_VERSION").to_owned()) });
        InitializeResult { capabilities, server_info }
    }

    /// Asks to be told of files that change elsewhere, if the editor can: when another branch is checked out, for one.
    pub(super) fn watch_files(&self) -> Option<Request> {
        if !self.watches_files {
            return None;
        }
        // Generators may read files of any name.
        let everything = FileSystemWatcher { glob_pattern: GlobPattern::Pattern(Pattern::from("**/*".to_owned())), kind: None };
        let options = DidChangeWatchedFilesRegistrationOptions { watchers: vec![everything] };
        let registration = Registration {
            id: "files".to_owned(),
            method: "workspace/didChangeWatchedFiles".to_owned(),
            register_options: serde_json::to_value(options).ok(),
        };
        let params = RegistrationParams { registrations: vec![registration] };
        Some(Request::new("watch".to_owned().into(), "client/registerCapability".to_owned(), params))
    }
}

/// The folders that are open; of an editor without such a thing, the working directory.
fn folders(params: &InitializeParams) -> Vec<PathBuf> {
    let listed = match &params.workspace_folders_initialize_params.workspace_folders {
        Some(WorkspaceFolders::WorkspaceFolderList(folders)) => folders.iter().filter_map(|folder| uri::to_path(&folder.uri)).collect(),
        _ => Vec::new(),
    };
    #[expect(deprecated, reason = "older clients send nothing else")]
    let root = params.root_uri.as_ref().and_then(uri::to_path);
    let here = || std::env::current_dir().ok();
    let found = if listed.is_empty() { root.or_else(here).into_iter().collect() } else { listed };
    found.into_iter().filter(|folder: &PathBuf| folder.is_dir()).collect()
}

/// A folder as a person would name it for `kubevet check`: the working directory as `.`.
pub(super) fn as_argument(folder: &Path) -> PathBuf {
    let here = std::env::current_dir().unwrap_or_default();
    let real = |path: &Path| path.canonicalize().unwrap_or_else(|_| normalize(path));
    if real(folder) == real(&here) { PathBuf::from(".") } else { folder.to_owned() }
}
