//! The thread that speaks with the editor.

use std::collections::BTreeSet;
use std::io;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::{Duration, Instant};

use crossbeam_channel::{Receiver, Sender, after, never, select};
use gen_lsp_types::{
    Diagnostic, DiagnosticSeverity, DidChangeTextDocumentParams, DidChangeWatchedFilesParams, DidChangeWorkspaceFoldersParams,
    DidCloseTextDocumentParams, DidOpenTextDocumentParams, LogMessageNotification, LogMessageParams, MessageType, Notification as _,
    PublishDiagnosticsNotification, PublishDiagnosticsParams,
};
use lsp_server::{ErrorCode, Message, Notification, Request, RequestId, Response};
use serde::Deserialize;
use serde::de::DeserializeOwned;
use serde_json::Value;

use super::ask::Ask;
use super::client::{self, Client};
use super::diagnostics::{Diagnostics, OfFiles};
use super::documents::Documents;
use super::uri;
use super::wire::{Incoming, Wire};
use super::worker::{self, Done, Job};

/// A request that is answered when all that the server was told is judged and shown: for tests, and for scripts.
const JUDGED: &str = "kubevet/judged";

/// How long nobody must have typed before what they typed is judged.
const PAUSE: Duration = Duration::from_millis(40);

/// Serves the editor at standard input and output until it says that it is done. Gives whether it ended as the protocol wants it.
///
/// # Errors
/// Where a thread can't be started.
pub(crate) fn serve() -> io::Result<bool> {
    let wire = Wire::stdio()?;
    let Some((client, id)) = initialize(&wire) else {
        wire.finish();
        return Ok(false);
    };
    let result = client.initialize_result();
    send(&wire.outgoing, Response::new_ok(id, result));
    let (jobs, done) = worker::start(client.options.clone(), client.abilities)?;
    let documents = Documents::new(client.abilities.encoding);
    let mut server = Server {
        outgoing: wire.outgoing.clone(),
        jobs,
        documents,
        folders: client.folders.clone(),
        client,
        pending: Pending::default(),
        published: OfFiles::new(),
        told: BTreeSet::new(),
        is_shut_down: false,
        waiting: Vec::new(),
        asked: Vec::new(),
    };
    let is_orderly = server.run(&wire.incoming, &done);
    drop(server);
    wire.finish();
    Ok(is_orderly)
}

/// Waits for the first request, which must be `initialize`; nothing where the editor goes away before.
fn initialize(wire: &Wire) -> Option<(Client, RequestId)> {
    for incoming in &wire.incoming {
        match incoming {
            Incoming::Malformed(response) => send(&wire.outgoing, response),
            Incoming::Message(Message::Request(request)) if request.method == "initialize" => match Client::new(request.params) {
                Ok(client) => return Some((client, request.id)),
                Err(error) => send(&wire.outgoing, refuse(request.id, ErrorCode::InvalidParams, &error)),
            },
            Incoming::Message(Message::Request(request)) => {
                send(&wire.outgoing, refuse(request.id, ErrorCode::ServerNotInitialized, "initialize comes first"));
            }
            Incoming::Message(Message::Notification(notification)) if notification.method == "exit" => return None,
            Incoming::Message(_) => {}
        }
    }
    None
}

fn refuse(id: RequestId, code: ErrorCode, why: &str) -> Response {
    Response::new_err(id, code as i32, why.to_owned())
}

fn send(outgoing: &Sender<Message>, message: impl Into<Message>) {
    // Where the editor no longer listens, the input ends too.
    let _ = outgoing.send(message.into());
}

/// What is to be judged.
#[derive(Default)]
struct Pending {
    /// The files that are not as they were.
    changed: BTreeSet<PathBuf>,
    /// Whether anything may be another.
    everything: bool,
    /// When nobody will have typed for a while.
    due: Option<Instant>,
    /// Whether the worker is at it.
    is_judging: bool,
}

impl Pending {
    fn add(&mut self, path: Option<PathBuf>) {
        if let Some(path) = path {
            self.changed.insert(path);
            self.due = Some(Instant::now() + PAUSE);
        }
    }

    fn add_everything(&mut self) {
        (self.everything, self.due) = (true, Some(Instant::now()));
    }

    /// Fires when it is time to judge.
    fn timer(&self) -> Receiver<Instant> {
        match self.due.filter(|_| !self.is_judging) {
            Some(due) => after(due.saturating_duration_since(Instant::now())),
            None => never(),
        }
    }
}

struct Server {
    outgoing: Sender<Message>,
    jobs: Sender<Job>,
    client: Client,
    documents: Documents,
    folders: Vec<PathBuf>,
    pending: Pending,
    /// What the editor shows.
    published: OfFiles,
    /// What was logged.
    told: BTreeSet<String>,
    is_shut_down: bool,
    /// Who waits for everything to be judged.
    waiting: Vec<RequestId>,
    /// What the editor asked and nobody answers yet.
    asked: Vec<(RequestId, Ask)>,
}

/// What `$/cancelRequest` says.
#[derive(Deserialize)]
struct CancelParams {
    id: RequestId,
}

impl Server {
    /// Gives whether the editor said that it is done before it went.
    fn run(&mut self, incoming: &Receiver<Incoming>, done: &Receiver<Done>) -> bool {
        loop {
            let timer = self.pending.timer();
            select! {
                recv(incoming) -> incoming => match incoming {
                    Ok(Incoming::Message(Message::Notification(notification))) if notification.method == "exit" => return self.is_shut_down,
                    Ok(Incoming::Message(message)) => self.take(message),
                    Ok(Incoming::Malformed(response)) => send(&self.outgoing, response),
                    Err(_) => return self.is_shut_down,
                },
                recv(done) -> done => match done {
                    Ok(Done::Judged(diagnostics)) => {
                        self.pending.is_judging = false;
                        self.publish(diagnostics);
                    }
                    Ok(Done::Answered(response)) => send(&self.outgoing, response),
                    // What the worker does is watched; itself it does nothing that breaks.
                    Err(_) => return false,
                },
                recv(timer) -> _ => self.judge(),
            }
            self.ask();
        }
    }

    fn take(&mut self, message: Message) {
        match message {
            Message::Request(request) if request.method == JUDGED && !self.is_shut_down => {
                self.waiting.push(request.id);
                // Whoever asks has finished typing.
                self.pending.due = self.pending.due.map(|_| Instant::now());
                self.tell_waiting();
            }
            Message::Request(request) => match Ask::read(&request.method, request.params.clone()).filter(|_| !self.is_shut_down) {
                Some(Ok(ask)) => self.asked.push((request.id, ask)),
                Some(Err(why)) => send(&self.outgoing, refuse(request.id, ErrorCode::InvalidParams, &why)),
                None => {
                    let response = self.answer(request);
                    send(&self.outgoing, response);
                }
            },
            Message::Notification(notification) => self.hear(notification),
            // Nothing hangs on what the editor answers.
            Message::Response(_) => {}
        }
    }

    /// Has the worker answer what the editor asked. The answers are about the files as they are now, so these are judged before.
    fn ask(&mut self) {
        if self.asked.is_empty() {
            return;
        }
        let needs_judgement = self.asked.iter().any(|(_, ask)| ask.is_about_renders());
        if needs_judgement && self.pending.due.is_some() && !self.pending.is_judging {
            self.judge();
        }
        let is_judged = self.pending.due.is_none();
        let documents = Arc::new(self.documents.clone());
        let (now, later): (Vec<_>, Vec<_>) =
            std::mem::take(&mut self.asked).into_iter().partition(|(_, ask)| is_judged || !ask.is_about_renders());
        self.asked = later;
        for (id, ask) in now {
            let _ = self.jobs.send(Job::Ask { id, ask, documents: Arc::clone(&documents) });
        }
    }

    fn answer(&mut self, request: Request) -> Response {
        if self.is_shut_down {
            return refuse(request.id, ErrorCode::InvalidRequest, "the server is shut down");
        }
        match request.method.as_str() {
            "shutdown" => {
                self.is_shut_down = true;
                Response::new_ok(request.id, Value::Null)
            }
            "initialize" => refuse(request.id, ErrorCode::InvalidRequest, "initialize came already"),
            method => {
                let why = format!("kubevet has no {}", crate::escape::line(method));
                refuse(request.id, ErrorCode::MethodNotFound, &why)
            }
        }
    }

    fn hear(&mut self, notification: Notification) {
        match notification.method.as_str() {
            "initialized" => {
                if let Some(request) = self.client.watch_files() {
                    send(&self.outgoing, request);
                }
                self.judge_folders();
            }
            "textDocument/didOpen" => {
                let Some(DidOpenTextDocumentParams { text_document: item }) = params(notification) else { return };
                let path = self.documents.open(item.uri, item.version, item.text);
                self.pending.add(path);
            }
            "textDocument/didChange" => {
                let Some(DidChangeTextDocumentParams { text_document: item, content_changes }) = params(notification) else { return };
                let path = self.documents.change(&item.text_document_identifier.uri, item.version, content_changes);
                self.pending.add(path);
            }
            "textDocument/didClose" => {
                let Some(DidCloseTextDocumentParams { text_document }) = params(notification) else { return };
                let path = self.documents.close(&text_document.uri);
                self.pending.add(path);
            }
            "workspace/didChangeWatchedFiles" => {
                let Some(DidChangeWatchedFilesParams { changes }) = params(notification) else { return };
                changes.iter().for_each(|change| self.pending.add(uri::to_path(&change.uri)));
            }
            "workspace/didChangeWorkspaceFolders" => {
                let Some(DidChangeWorkspaceFoldersParams { event }) = params(notification) else { return };
                let removed: Vec<PathBuf> = event.removed.iter().filter_map(|folder| uri::to_path(&folder.uri)).collect();
                self.folders.retain(|folder| !removed.contains(folder));
                for folder in event.added.iter().filter_map(|folder| uri::to_path(&folder.uri)) {
                    if !self.folders.contains(&folder) {
                        self.folders.push(folder);
                    }
                }
                self.judge_folders();
            }
            "$/cancelRequest" => {
                let Some(CancelParams { id }) = params(notification) else { return };
                // What the worker is at is done soon.
                if let Some(at) = self.asked.iter().position(|(asked, _)| *asked == id) {
                    let (id, _) = self.asked.remove(at);
                    send(&self.outgoing, refuse(id, ErrorCode::RequestCanceled, "canceled"));
                }
            }
            _ => {}
        }
    }

    fn judge_folders(&mut self) {
        let folders = self.folders.iter().map(|folder| client::as_argument(folder)).collect();
        let _ = self.jobs.send(Job::Folders(folders));
        self.pending.add_everything();
    }

    fn judge(&mut self) {
        let Pending { changed, everything, .. } = std::mem::take(&mut self.pending);
        self.pending.is_judging = true;
        let changed = (!everything).then(|| changed.into_iter().collect());
        let _ = self.jobs.send(Job::Judge { drafts: Arc::new(self.documents.drafts()), changed });
    }

    /// Tells the editor what is not as it shows it.
    fn publish(&mut self, diagnostics: Diagnostics) {
        let Diagnostics { of_files, elsewhere } = diagnostics;
        let gone: Vec<PathBuf> = self.published.keys().filter(|path| !of_files.contains_key(*path)).cloned().collect();
        for path in gone {
            self.show(path, Vec::new());
        }
        let new: Vec<_> = of_files.iter().filter(|(path, list)| self.published.get(*path) != Some(list)).collect();
        for (path, list) in new {
            self.show(path.clone(), list.clone());
        }
        self.published = of_files;
        let told: BTreeSet<String> = elsewhere.iter().map(|(_, message)| message.clone()).collect();
        for (severity, message) in elsewhere.into_iter().filter(|(_, message)| !self.told.contains(message)) {
            let kind = if severity == DiagnosticSeverity::Error { MessageType::Error } else { MessageType::Warning };
            let message = crate::escape::lines(&message);
            self.notify(LogMessageNotification::METHOD.to_string(), LogMessageParams { kind, message });
        }
        self.told = told;
        self.tell_waiting();
    }

    /// Answers those who wait for everything to be judged.
    fn tell_waiting(&mut self) {
        if self.pending.due.is_none() && !self.pending.is_judging {
            self.waiting.drain(..).for_each(|id| send(&self.outgoing, Response::new_ok(id, Value::Null)));
        }
    }

    fn show(&self, path: PathBuf, diagnostics: Vec<Diagnostic>) {
        let (uri, version) = self.documents.name(&path);
        self.notify(PublishDiagnosticsNotification::METHOD.to_string(), PublishDiagnosticsParams { uri, version, diagnostics });
    }

    fn notify(&self, method: String, params: impl serde::Serialize) {
        send(&self.outgoing, Notification::new(method, params));
    }
}

/// The parameters of a notification; of one that has none that make sense, nothing: there is nobody to tell.
fn params<T: DeserializeOwned>(notification: Notification) -> Option<T> {
    serde_json::from_value(notification.params).ok()
}
