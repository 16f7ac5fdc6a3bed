//! The thread that speaks with the editor.

use std::io;
use std::path::PathBuf;
use std::sync::Arc;

use crossbeam_channel::{Receiver, Sender, select};
use gen_lsp_types::{
    DidChangeTextDocumentParams, DidChangeWatchedFilesParams, DidChangeWorkspaceFoldersParams, DidCloseTextDocumentParams,
    DidOpenTextDocumentParams,
};
use lsp_server::{ErrorCode, Message, Notification, Request, RequestId, Response};
use serde::Deserialize;
use serde::de::DeserializeOwned;
use serde_json::Value;

use super::ask::Ask;
use super::client::{self, Client};
use super::diagnostics::Diagnostics;
use super::documents::Documents;
use super::pending::Pending;
use super::requests::Requests;
use super::screen::Screen;
use super::uri;
use super::wire::{Incoming, Wire};
use super::worker::{self, Done, Job};

/// A request that is answered when all that the server was told is judged and shown: for tests, and for scripts.
const JUDGED: &str = "kubevet/judged";

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
        requests: Requests::default(),
        screen: Screen::default(),
        is_shut_down: false,
        waiting: Vec::new(),
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

struct Server {
    outgoing: Sender<Message>,
    jobs: Sender<Job>,
    client: Client,
    documents: Documents,
    folders: Vec<PathBuf>,
    pending: Pending,
    requests: Requests,
    screen: Screen,
    is_shut_down: bool,
    /// Who waits for everything to be judged.
    waiting: Vec<RequestId>,
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
                        self.pending.end(diagnostics.is_some());
                        diagnostics.into_iter().for_each(|diagnostics| self.show(diagnostics));
                        self.tell_waiting();
                    }
                    Ok(Done::Answered(response)) => {
                        if self.requests.is_answered_by(&response) {
                            send(&self.outgoing, response);
                        }
                    }
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
                self.pending.hurry();
                self.tell_waiting();
            }
            Message::Request(request) => match Ask::read(&request.method, request.params.clone()).filter(|_| !self.is_shut_down) {
                Some(Ok(ask)) => self.requests.add(request.id, ask),
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

    /// Has the worker answer what the editor asked.
    fn ask(&mut self) {
        if self.requests.need_judgement() && self.pending.is_ready() {
            self.judge();
        }
        for job in self.requests.give(self.pending.is_given(), &self.documents) {
            let _ = self.jobs.send(job);
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
                let waited = self.waiting.len();
                self.waiting.retain(|known| *known != id);
                if self.requests.cancel(&id) || self.waiting.len() < waited {
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
        let (changed, stop) = self.pending.begin();
        let _ = self.jobs.send(Job::Judge { drafts: Arc::new(self.documents.drafts()), changed, stop });
    }

    fn show(&mut self, diagnostics: Diagnostics) {
        self.screen.show(diagnostics, &self.documents).into_iter().for_each(|message| send(&self.outgoing, message));
    }

    /// Answers those who wait for everything to be judged.
    fn tell_waiting(&mut self) {
        if self.pending.is_done() {
            self.waiting.drain(..).for_each(|id| send(&self.outgoing, Response::new_ok(id, Value::Null)));
        }
    }
}

/// The parameters of a notification; of one that has none that make sense, nothing: there is nobody to tell.
fn params<T: DeserializeOwned>(notification: Notification) -> Option<T> {
    serde_json::from_value(notification.params).ok()
}
