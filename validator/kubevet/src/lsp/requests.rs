//! What the editor asked and nobody answered yet.

use std::collections::HashMap;
use std::sync::Arc;

use lsp_server::{RequestId, Response};

use super::ask::Ask;
use super::documents::Documents;
use super::worker::Job;
use crate::stop::Stop;

/// Open requests.
#[derive(Debug, Default)]
pub(super) struct Requests {
    /// Those that the worker does not know yet.
    new: Vec<(RequestId, Ask)>,
    /// Those that it does, each with what tells it that nobody waits any more.
    given: HashMap<RequestId, Stop>,
}

impl Requests {
    pub(super) fn add(&mut self, id: RequestId, ask: Ask) {
        self.new.push((id, ask));
    }

    /// Whether something is asked about what overlays render to.
    pub(super) fn need_judgement(&self) -> bool {
        self.new.iter().any(|(_, ask)| ask.is_about_renders())
    }

    /// What the worker can be given: answers are about the files as they are now, so those about renders wait until these are judged.
    pub(super) fn give(&mut self, is_judged: bool, documents: &Documents) -> Vec<Job> {
        if self.new.is_empty() {
            return Vec::new();
        }
        let (now, later): (Vec<_>, Vec<_>) =
            std::mem::take(&mut self.new).into_iter().partition(|(_, ask)| is_judged || !ask.is_about_renders());
        self.new = later;
        let documents = Arc::new(documents.clone());
        let job = |(id, ask): (RequestId, Ask)| {
            let stop = Stop::default();
            self.given.insert(id.clone(), stop.clone());
            Job::Ask { id, ask, documents: Arc::clone(&documents), stop }
        };
        now.into_iter().map(job).collect()
    }

    /// Whether an answer is still waited for.
    pub(super) fn is_answered_by(&mut self, response: &Response) -> bool {
        self.given.remove(&response.id).is_some()
    }

    /// Forgets a request; tells whether it was open.
    pub(super) fn cancel(&mut self, id: &RequestId) -> bool {
        let before = self.new.len();
        self.new.retain(|(known, _)| known != id);
        let given = self.given.remove(id);
        given.iter().for_each(Stop::now);
        given.is_some() || self.new.len() < before
    }
}
