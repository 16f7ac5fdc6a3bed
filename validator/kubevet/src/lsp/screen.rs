//! What the editor shows.

use std::collections::BTreeSet;
use std::path::PathBuf;

use gen_lsp_types::{
    Diagnostic, DiagnosticSeverity, LogMessageNotification, LogMessageParams, MessageType, Notification as _,
    PublishDiagnosticsNotification, PublishDiagnosticsParams,
};
use lsp_server::Notification;

use super::diagnostics::{Diagnostics, OfFiles};
use super::documents::Documents;

/// What was shown and logged last.
#[derive(Debug, Default)]
pub(super) struct Screen {
    published: OfFiles,
    told: BTreeSet<String>,
}

impl Screen {
    /// What to tell the editor, so that it shows these.
    pub(super) fn show(&mut self, diagnostics: Diagnostics, documents: &Documents) -> Vec<Notification> {
        let Diagnostics { of_files, elsewhere } = diagnostics;
        let mut all = Vec::new();
        for path in self.published.keys().filter(|path| !of_files.contains_key(*path)) {
            all.push(publish(path.clone(), Vec::new(), documents));
        }
        for (path, list) in of_files.iter().filter(|(path, list)| self.published.get(*path) != Some(list)) {
            all.push(publish(path.clone(), list.clone(), documents));
        }
        self.published = of_files;
        let told: BTreeSet<String> = elsewhere.iter().map(|(_, message)| message.clone()).collect();
        for (severity, message) in elsewhere.into_iter().filter(|(_, message)| !self.told.contains(message)) {
            let kind = if severity == DiagnosticSeverity::Error { MessageType::Error } else { MessageType::Warning };
            let params = LogMessageParams { kind, message: crate::escape::lines(&message) };
            all.push(Notification::new(LogMessageNotification::METHOD.to_string(), params));
        }
        self.told = told;
        all
    }
}

fn publish(path: PathBuf, diagnostics: Vec<Diagnostic>, documents: &Documents) -> Notification {
    let (uri, version) = documents.name(&path);
    Notification::new(PublishDiagnosticsNotification::METHOD.to_string(), PublishDiagnosticsParams { uri, version, diagnostics })
}
