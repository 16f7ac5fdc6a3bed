//! The thread that judges. Each thing that it does is watched: what breaks or takes too long costs an answer, never the server.

use std::path::PathBuf;
use std::sync::Arc;
use std::thread;
use std::time::Duration;

use crossbeam_channel::{Receiver, Sender, unbounded};

use super::diagnostics::Diagnostics;
use super::position::Encoding;
use super::session::{Options, Session};
use crate::check::Report;
use crate::drafts::Drafts;
use crate::progress::Progress;
use crate::watch;

/// How long it may take to judge everything once.
const PATIENCE: Duration = Duration::from_secs(60);

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
    },
}

/// What came of it.
#[derive(Debug)]
pub(super) enum Done {
    /// What there is to say of all folders.
    Judged(Diagnostics),
}

/// Starts the thread.
pub(super) fn start(options: Options, encoding: Encoding) -> std::io::Result<(Sender<Job>, Receiver<Done>)> {
    let (jobs, todo) = unbounded();
    let (tell, done) = unbounded();
    thread::Builder::new().name("worker".to_owned()).spawn(move || {
        let mut worker = Worker { options, encoding, sessions: Vec::new() };
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
    encoding: Encoding,
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
            Job::Judge { drafts, changed } => {
                let mut diagnostics = Diagnostics::default();
                for session in &mut self.sessions {
                    let report = judge(session, Arc::clone(&drafts), changed.clone());
                    diagnostics.add(&report, self.encoding);
                }
                Some(Done::Judged(diagnostics))
            }
        }
    }
}

/// Judges a folder. A session that breaks or is given up begins anew.
fn judge(session: &mut Session, drafts: Arc<Drafts>, changed: Option<Vec<PathBuf>>) -> Report {
    let fresh = session.renewed();
    let mut working = std::mem::replace(session, fresh);
    let work = move || {
        let report = working.judge(&drafts, changed.as_deref());
        (working, report)
    };
    match watch::run(PATIENCE, &Progress::default(), work) {
        Ok((working, report)) => {
            *session = working;
            report
        }
        Err(problem) => Report::of_problems(vec![problem]),
    }
}
