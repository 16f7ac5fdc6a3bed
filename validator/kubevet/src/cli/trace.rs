//! `kubevet trace`

use std::io;
use std::path::PathBuf;

use clap::{Args, ValueEnum};
use kustomize::{Place, Render};

use super::engine::KustomizeArgs;
use super::{ColorChoice, TimeArgs, output};
use crate::check::Report;
use crate::discover::kustomization_file;
use crate::named;
use crate::problem::{Problem, whole};
use crate::redact::Secrets;
use crate::renderer::Renderer;
use crate::trace::Trace;

/// Arguments of `trace`.
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  kubevet trace overlays/prod Deployment/somabrain spec.strategy
  kubevet trace overlays/prod Deployment/somabrain 'spec.template.spec.containers[somabrain].image'
  kubevet trace overlays/prod Service/somabrain        all of it, with the place behind each line")]
pub(super) struct TraceArgs {
    /// The directory of a kustomization.
    #[arg(value_name = "OVERLAY")]
    overlay: PathBuf,
    /// As Deployment/web, or Deployment/NAMESPACE/web.
    #[arg(value_name = "KIND/NAME")]
    object: String,
    /// As findings write it, or a JSON pointer [default: all of the object].
    #[arg(value_name = "FIELD")]
    field: Option<String>,
    /// human or json [default: human].
    #[arg(long, short, value_name = "FORMAT", default_value = "human", hide_default_value = true, hide_possible_values = true)]
    format: Format,
    #[command(flatten)]
    kustomize: KustomizeArgs,
    #[command(flatten)]
    time: TimeArgs,
}

#[derive(Clone, Copy, Debug, ValueEnum)]
enum Format {
    /// The value, then each place that set it, the newest first.
    Human,
    /// The same as a document.
    Json,
}

/// Runs the command and gives its exit code.
pub(super) fn run(args: TraceArgs, color: ColorChoice) -> io::Result<u8> {
    output::in_time(args.time.timeout, color, move || print(&args, color))
}

fn print(args: &TraceArgs, color: ColorChoice) -> io::Result<u8> {
    let settings = match args.kustomize.for_overlay(&args.overlay) {
        Ok(settings) => settings,
        Err(problem) => return Ok(output::fail(vec![problem], color)),
    };
    let render = match Renderer::Native.render(&args.overlay, &settings) {
        Ok(rendered) => rendered.render,
        Err(problem) => return Ok(output::fail(vec![problem], color)),
    };
    let mut secrets = Secrets::default();
    secrets.add(&render);
    secrets.add_named(&render);
    let trace = match find(args, &render) {
        Ok(trace) => trace,
        Err(problem) => return Ok(output::print(&Report::of_problems_and_secrets(vec![problem], secrets), color)),
    };
    output::to_stdout(|out| match args.format {
        Format::Human => trace.write_human(&render, &secrets, out),
        Format::Json => trace.write_json(&render, &secrets, out),
    })?;
    Ok(0)
}

fn find<'r>(args: &TraceArgs, render: &'r Render) -> Result<Trace<'r>, Problem> {
    let place = || whole(&kustomization_file(&args.overlay).unwrap_or_else(|| args.overlay.clone()));
    let object = named::object(render, &args.object).map_err(|error| Problem::nothing("no-object", error.at(place())))?;
    let found = named::path(object, args.field.as_deref().unwrap_or_default()).and_then(|path| Trace::of(render, object, &path));
    found.map_err(|error| {
        let origin = &object.at(&["metadata", "name"]).unwrap_or(object).origin;
        Problem::nothing("no-field", error.at(Place::of(&render.sources, origin)))
    })
}
