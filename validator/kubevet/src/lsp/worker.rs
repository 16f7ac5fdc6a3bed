//! The thread that judges. Each thing that it does is watched: what breaks or takes too long costs an answer, never the server.

use std::path::PathBuf;
use std::sync::Arc;
use std::thread;
use std::time::Duration;

use crossbeam_channel::{Receiver, Sender, unbounded};
use lsp_server::{ErrorCode, RequestId, Response};
use serde_json::Value;

use super::abilities::Abilities;
use super::ask::Ask;
use super::diagnostics::Diagnostics;
use super::documents::Documents;
use super::session::{Options, Session};
use crate::check::Report;
use crate::drafts::Drafts;
use crate::problem::Problem;
use crate::progress::Progress;
use crate::stop::Stop;
use crate::watch;

/// How long it may take to judge everything once.
const PATIENCE: Duration = Duration::from_secs(60);

/// How long it may take to answer a request.
const PROMPTLY: Duration = Duration::from_secs(10);

/// What to do.
#[derive(Debug)]
pub(super) enum Job {
    /// Judge these folders from now on.
    Folders(Vec<PathBuf>),
    /// Judge files as they are now.
    Judge {
        /// What is not as the disk has it.
        drafts: Arc<Drafts>,
        /// The files that are not as they were; nothing where anything may be another.
        changed: Option<Vec<PathBuf>>,
        /// Whether they are not so any more.
        stop: Stop,
    },
    /// Answer a request.
    Ask {
        /// The request.
        id: RequestId,
        /// What is asked.
        ask: Ask,
        /// What the editor has open.
        documents: Arc<Documents>,
        /// Whether nobody wants to know any more.
        stop: Stop,
    },
}

/// What came of it.
#[derive(Debug)]
pub(super) enum Done {
    /// What there is to say of all folders; nothing where the files changed meanwhile.
    Judged(Option<Diagnostics>),
    /// The answer to a request.
    Answered(Response),
}

/// Starts the thread.
pub(super) fn start(options: Options, abilities: Abilities) -> std::io::Result<(Sender<Job>, Receiver<Done>)> {
    let (jobs, todo) = unbounded();
    let (tell, done) = unbounded();
    thread::Builder::new().name("worker".to_owned()).spawn(move || {
        let mut worker = Worker { options, abilities, sessions: Vec::new() };
        for job in todo {
            // Nobody listens any more where the server ends.
            if worker.run(job).is_some_and(|done| tell.send(done).is_err()) {
                break;
            }
        }
    })?;
    Ok((jobs, done))
}

struct Worker {
    options: Options,
    abilities: Abilities,
    sessions: Vec<Session>,
}

impl Worker {
    fn run(&mut self, job: Job) -> Option<Done> {
        match job {
            Job::Folders(folders) => {
                let mut known = std::mem::take(&mut self.sessions);
                for folder in folders {
                    let at = known.iter().position(|session| session.folder() == folder);
                    let session = at.map_or_else(|| Session::new(folder, self.options.clone()), |at| known.swap_remove(at));
                    self.sessions.push(session);
                }
                None
            }
            Job::Judge { drafts, changed, stop } => {
                let mut diagnostics = Diagnostics::default();
                let mut is_whole = true;
                for session in &mut self.sessions {
                    let (drafts, changed, stop) = (Arc::clone(&drafts), changed.clone(), stop.clone());
                    // Each folder hears of what changed, whether it is judged now or later.
                    let judged = watched(session, PATIENCE, move |session| session.judge(&drafts, changed.as_deref(), &stop));
                    match judged.unwrap_or_else(|problem| Some(Arc::new(Report::of_problems(vec![problem])))) {
                        Some(report) => diagnostics.add(&report, self.abilities.encoding),
                        None => is_whole = false,
                    }
                }
                Some(Done::Judged(Some(diagnostics).filter(|_| is_whole)))
            }
            Job::Ask { stop, .. } if stop.is_wanted() => None,
            Job::Ask { id, ask, documents, stop } => Some(Done::Answered(self.answer(id, ask, documents, stop))),
        }
    }
}

impl Worker {
    /// Answers by what is known of the innermost folder that the file is in.
    fn answer(&mut self, id: RequestId, ask: Ask, documents: Arc<Documents>, stop: Stop) -> Response {
        let abilities = self.abilities;
        let depth = |session: &Session| {
            let folder = session.folder().canonicalize().unwrap_or_default();
            ask.file.starts_with(&folder).then(|| folder.components().count())
        };
        let Some(session) = self.sessions.iter_mut().max_by_key(|session| depth(session)) else { return Response::new_ok(id, Value::Null) };
        match watched(session, PROMPTLY, move |session| ask.answer(session, &documents, abilities, &stop)) {
            Ok(Ok(answer)) => Response::new_ok(id, answer),
            Ok(Err(why)) => Response::new_err(id, ErrorCode::RequestFailed as i32, why),
            Err(problem) => Response::new_err(id, ErrorCode::InternalError as i32, problem.error.message),
        }
    }
}

/// Gives a session to something that may break or take too long. Then the session begins anew, and knows nothing.
fn watched<T: Send + 'static>(
    session: &mut Session,
    patience: Duration,
    work: impl FnOnce(&mut Session) -> T + Send + 'static,
) -> Result<T, Problem> {
    let fresh = session.renewed();
    let mut working = std::mem::replace(session, fresh);
    let work = move || {
        let result = work(&mut working);
        (working, result)
    };
    let (working, result) = watch::run(patience, &Progress::default(), work)?;
    *session = working;
    Ok(result)
}
