//! Commands: what an overlay renders to with the line behind each field, and who may talk to whom in it.

use std::path::Path;

use gen_lsp_types::Uri;
use kubevet_facts::schema::Version;
use kubevet_facts::traffic;
use kustomize::{Node, Source};
use serde_json::{Value, json};

use super::places::View;
use super::session::Session;
use super::uri;
use crate::paths::shown;
use crate::redact::Secrets;
use crate::{graph, origins};

/// The commands that an editor can run by itself.
pub(super) const NAMES: [&str; 2] = ["kubevet.render", "kubevet.graph"];

/// Carries another command and its argument, for editors that open what it answers.
pub(super) const SHOW: &str = "kubevet.show";

/// Runs a command with its arguments.
///
/// # Errors
/// Says why there is no answer.
pub(super) fn run(session: &Session, command: &str, arguments: &[Value]) -> Result<Value, String> {
    let (command, argument) = match (command, arguments) {
        (SHOW, [Value::String(inner), argument, ..]) => (inner.as_str(), argument),
        (command, [argument, ..]) => (command, argument),
        _ => return Err(format!("{command} wants the URI of a file or directory of an overlay")),
    };
    let path = argument.as_str().and_then(|text| uri::to_path(&Uri(text.to_owned()))).ok_or("the argument is no URI of a file")?;
    let view = overlay(session, &path)?;
    let name = shown(&view.overlay).display().to_string();
    match command {
        "kubevet.render" => {
            let text = origins::annotate(&view.render).map_err(|error| error.message)?;
            let text = session.secrets().lines(&Source::new("render.yaml", text)).join("\n");
            Ok(json!({"text": text, "language": "yaml", "title": format!("{name} ({})", view.environment)}))
        }
        "kubevet.graph" => {
            let text = picture(session, &view, session.secrets())?;
            Ok(json!({"text": text, "language": "mermaid", "title": format!("{name} ({})", view.environment)}))
        }
        other => Err(format!("there is no command {}", crate::escape::line(other))),
    }
}

/// The overlay that a path is, is in, or is used by.
fn overlay(session: &Session, path: &Path) -> Result<View, String> {
    let path = path.canonicalize().unwrap_or_else(|_| path.to_owned());
    let views = session.views();
    let depth = |view: &View| {
        let dir = view.overlay.canonicalize().ok()?;
        path.starts_with(&dir).then(|| dir.components().count())
    };
    let around = views.iter().filter_map(|view| Some((depth(view)?, view))).max_by_key(|(depth, _)| *depth).map(|(_, view)| view);
    let user = || {
        let users = session.users(&path);
        views.iter().find(|view| users.iter().any(|(_, overlay)| *overlay == view.overlay))
    };
    around.or_else(user).cloned().ok_or_else(|| format!("{} belongs to no overlay that can be built", shown(&path).display()))
}

fn picture(session: &Session, view: &View, secrets: &Secrets) -> Result<String, String> {
    let project = session.project().ok_or("the policies can't be read")?;
    let nodes: Vec<&Node> = view.render.objects.iter().collect();
    let reach = traffic::analyse(&nodes, &project.workloads.read(&nodes), &project.products, &Version::ALL);
    let reach = reach.map_err(|refused| {
        let first = refused.first().map(|refused| format!("{}: {} {}", refused.object, refused.path, refused.message));
        format!("the API server refuses something, so what it allows is not known: {}", first.unwrap_or_default())
    })?;
    let mut picture = Vec::new();
    graph::mermaid(&reach, &mut picture).map_err(|error| error.to_string())?;
    Ok(secrets.scrub(&String::from_utf8_lossy(&picture)).into_owned())
}
