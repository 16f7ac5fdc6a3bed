//! `kubevet graph`

use std::collections::BTreeSet;
use std::io::{self, Write};
use std::path::PathBuf;

use clap::{Args, ValueEnum};
use kubevet_facts::schema::Version;
use kubevet_facts::traffic::{self, network::Invalid, reach::Reachability};
use kustomize::{Error, Node, NoteKind, Place, Render, Sources};

use super::engine::KustomizeArgs;
use super::{ColorChoice, PolicyArgs, TimeArgs, output};
use crate::check::Report;
use crate::discover::Search;
use crate::escape;
use crate::graph;
use crate::input::Input;
use crate::problem::{Problem, invalid, whole};
use crate::project::{self, Policies};
use crate::redact::Secrets;
use crate::renderer::Renderer;

/// Arguments of `graph`.
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  kubevet graph overlays/prod
  kubevet graph overlays/prod --format dot | dot -Tsvg -o traffic.svg
  helm template chart | kubevet graph -")]
pub(super) struct GraphArgs {
    /// An overlay, a manifest file, or - for a stream.
    #[arg(value_name = "PATH", required_unless_present = "manifests", conflicts_with = "manifests")]
    path: Option<PathBuf>,
    /// Read YAML and JSON files as they are.
    #[arg(long, value_name = "DIR")]
    manifests: Option<PathBuf>,
    /// mermaid, dot, json [default: mermaid].
    #[arg(long, short, value_name = "FORMAT", default_value = "mermaid", hide_default_value = true, hide_possible_values = true)]
    format: Format,
    /// Whose API to go by [default: all].
    #[arg(long, value_name = "X.Y")]
    kubernetes_version: Option<Version>,
    #[command(flatten)]
    policy: PolicyArgs,
    /// native, kubectl, auto [default: native].
    #[arg(long, value_name = "WHICH", default_value = "native", hide_default_value = true, hide_possible_values = true)]
    renderer: Renderer,
    #[command(flatten)]
    kustomize: KustomizeArgs,
    #[command(flatten)]
    time: TimeArgs,
}

#[derive(Clone, Copy, Debug, ValueEnum)]
enum Format {
    /// A flowchart that Markdown shows.
    Mermaid,
    /// A digraph for Graphviz.
    Dot,
    /// Every workload, every allowed and every needed flow.
    Json,
}

/// Runs the command and gives its exit code.
pub(super) fn run(args: GraphArgs, color: ColorChoice) -> io::Result<u8> {
    output::in_time(args.time.timeout, color, move || print(&args, color))
}

fn print(args: &GraphArgs, color: ColorChoice) -> io::Result<u8> {
    let mut secrets = Secrets::default();
    let (reach, warnings) = match analyse(args, &mut secrets) {
        Ok(found) => found,
        Err(problems) => return Ok(output::print(&Report::of_problems_and_secrets(problems, secrets), color)),
    };
    let mut picture = Vec::new();
    match args.format {
        Format::Mermaid => graph::mermaid(&reach, &mut picture)?,
        Format::Dot => graph::dot(&reach, &mut picture)?,
        Format::Json => writeln!(picture, "{}", escape::json(&serde_json::to_string(&reach)?))?,
    }
    if !warnings.is_empty() {
        output::print(&Report::of_problems_and_secrets(warnings, secrets.clone()), color);
    }
    output::to_stdout(|out| out.write_all(secrets.scrub(&String::from_utf8_lossy(&picture)).as_bytes()))?;
    Ok(0)
}

/// What reaches what, what that leaves out, and the secrets that no picture nor error of it shows.
fn analyse(args: &GraphArgs, secrets: &mut Secrets) -> Result<(Reachability, Vec<Problem>), Vec<Problem>> {
    let path = args.manifests.clone().or_else(|| args.path.clone()).unwrap_or_default();
    let search = Search { spelled: BTreeSet::new(), named: &|_| true, drafts: None };
    let inputs = Input::collect(std::slice::from_ref(&path), args.manifests.is_some(), &search)?.list;
    let [input] = inputs.as_slice() else {
        let error = invalid(format!("{} holds {} overlays; a picture shows one", path.display(), inputs.len()));
        return Err(vec![Problem::configuration("several-overlays", error.at(whole(&path)).help("name the directory of one overlay"))]);
    };
    let folders = Policies::find(&args.policy.directories, Some(&path)).folders;
    let mut settings = args.kustomize.of_folders(&folders).map_err(|problem| vec![problem])?;
    if let Input::Overlay(dir) = input {
        settings.assumptions = project::assumptions(&folders, dir).map_err(|problem| vec![problem])?;
    }
    let renders = render(input, args.renderer, &settings)?;
    let skipped: Vec<Problem> = renders.iter().flat_map(not_run).collect();
    let objects: Vec<(&Sources, &Node)> =
        renders.iter().flat_map(|render| render.objects.iter().map(|object| (&render.sources, object))).collect();
    if objects.is_empty() {
        let error = invalid(format!("{} renders to nothing", path.display())).at(whole(&path));
        return Err(vec![Problem::nothing("empty-render", error)]);
    }
    let products = project::products(&folders).map_err(|problem| vec![problem])?;
    let workloads = project::workloads(&folders).map_err(|problem| vec![problem])?;
    let nodes: Vec<&Node> = objects.iter().map(|(_, node)| *node).collect();
    let versions = args.kubernetes_version.map_or(Version::ALL.to_vec(), |version| vec![version]);
    renders.iter().for_each(|render| secrets.add(render));
    let reach = traffic::analyse(&nodes, &workloads.read(&nodes), &products, &versions).map_err(|refused| {
        let problem = |refused: &Invalid| {
            let error = invalid(format!("{}: {} {}", refused.object, refused.path, refused.message));
            let error = error.help("the API server refuses this, so what it allows is not known");
            let place = objects.get(refused.at).map(|(sources, node)| Place::of(sources, &refused.path.nearest(node).origin));
            Problem::unjudged("refused", place.into_iter().fold(error, Error::at))
        };
        refused.iter().map(problem).collect::<Vec<_>>()
    })?;
    Ok((reach, skipped))
}

/// A warning for each plugin that a build has passed over, as the table lets it.
fn not_run(render: &Render) -> impl Iterator<Item = Problem> {
    let skipped = render.notes.iter().filter(|note| note.kind == NoteKind::PluginSkipped);
    skipped.map(|note| Problem::warning("plugin-skipped", invalid(note.message.clone()).at(Place::of(&render.sources, &note.origin))))
}

fn render(input: &Input, renderer: Renderer, settings: &kustomize::Settings) -> Result<Vec<Render>, Vec<Problem>> {
    match input {
        Input::Overlay(dir) => renderer.render(dir, settings).map(|rendered| vec![rendered.render]).map_err(|problem| vec![problem]),
        Input::Manifests { texts, .. } => {
            let read = |(path, text): &(PathBuf, String)| kustomize::read_manifests(path, text.clone());
            texts.iter().map(read).collect::<Result<_, _>>().map_err(|error| vec![Problem::unjudged("unreadable", error)])
        }
    }
}
