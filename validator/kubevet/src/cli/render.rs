//! `kubevet render`

use std::io;
use std::path::PathBuf;

use clap::Args;
use kustomize::{Assumptions, Error, ErrorKind, Render, Settings};

use super::engine::KustomizeArgs;
use super::{ColorChoice, TimeArgs, output};
use crate::discover::kustomization_file;
use crate::named;
use crate::origins;
use crate::problem::{Problem, whole};
use crate::project::{self, Policies};
use crate::renderer::{self, Renderer};

/// Arguments of `render`.
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  kubevet render overlays/prod             as `kubectl kustomize` prints it
  kubevet render overlays/prod --origins   with the place behind each line
  kubevet render overlays/prod --origins --object Deployment/somabrain")]
pub(super) struct RenderArgs {
    /// The directory of a kustomization.
    #[arg(value_name = "PATH")]
    path: PathBuf,
    /// native [default], kubectl or auto (native, else kubectl).
    #[arg(long, value_name = "WHICH", default_value = "native", hide_default_value = true, hide_possible_values = true)]
    renderer: Renderer,
    /// Put beside each line the place that set it, what it replaced, and what was removed.
    #[arg(long, conflicts_with = "renderer")]
    origins: bool,
    /// Only this object, as Deployment/web.
    #[arg(long, value_name = "KIND/NAME", conflicts_with = "renderer")]
    object: Option<String>,
    #[command(flatten)]
    kustomize: KustomizeArgs,
    #[command(flatten)]
    time: TimeArgs,
}

/// Runs the command and gives its exit code.
pub(super) fn run(args: RenderArgs, color: ColorChoice) -> io::Result<u8> {
    output::in_time(args.time.timeout, color, move || print(&args, color))
}

fn print(args: &RenderArgs, color: ColorChoice) -> io::Result<u8> {
    let settings = match args.kustomize.for_overlay(&args.path) {
        Ok(settings) => settings,
        Err(problem) => return Ok(output::fail(vec![problem], color)),
    };
    let text = match args.renderer {
        renderer if args.origins || args.object.is_some() => {
            renderer.render(&args.path, &settings).and_then(|rendered| some(rendered.render, args))
        }
        Renderer::Kubectl => renderer::kubectl_output(&args.path, &settings).map_err(|error| Problem::unjudged("render-failed", error)),
        renderer => match renderer.render(&args.path, &settings) {
            Ok(rendered) => {
                output::to_stdout(|out| rendered.render.write_yaml(out))?;
                // The process is about to end: freeing a large tree node by node would only take time.
                std::mem::forget(rendered);
                return Ok(0);
            }
            Err(problem) => Err(problem),
        },
    };
    match text {
        Ok(text) => {
            output::to_stdout(|out| out.write_all(text.as_bytes()))?;
            Ok(0)
        }
        Err(problem) => Ok(output::fail(vec![all_or_nothing(args, &settings, problem)], color)),
    }
}

/// What is asked for of a render.
fn some(mut render: Render, args: &RenderArgs) -> Result<String, Problem> {
    if let Some(name) = &args.object {
        let place = || whole(&kustomization_file(&args.path).unwrap_or_else(|| args.path.clone()));
        let object = named::object(&render, name).map_err(|error| Problem::nothing("no-object", error.at(place())))?.clone();
        render.objects = vec![object];
    }
    if args.origins { origins::annotate(&render).map_err(|error| Problem::unjudged("render-failed", error)) } else { Ok(render.to_yaml()) }
}

/// The problem; where the table lets `check` do without what can't be built, it says that this is not for who may apply what is printed.
fn all_or_nothing(args: &RenderArgs, settings: &Settings, problem: Problem) -> Problem {
    let folders = Policies::find(&[], Some(&args.path)).folders;
    let assumptions = project::assumptions(&folders, &args.path).unwrap_or_default();
    if problem.error.kind != ErrorKind::Unsupported || assumptions == Assumptions::default() {
        return problem;
    }
    let settings = Settings { assumptions, ..settings.clone() };
    if Renderer::Native.render(&args.path, &settings).is_err() {
        return problem;
    }
    let help = "`check`, `diff` and `graph` do without it, as `assume` in the table says; `render` prints all that there is or nothing";
    Problem { error: Box::new(Error { help: Some(help.to_owned()), ..*problem.error }), ..problem }
}
