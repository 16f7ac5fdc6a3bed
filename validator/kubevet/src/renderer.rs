//! Renders an overlay: in this process, or with `kubectl kustomize`.

use std::borrow::Cow;
use std::io::{BufReader, Read};
use std::path::{Path, PathBuf};
use std::process::{ChildStdout, Command};
use std::sync::{Arc, LazyLock};
use std::time::Duration;

use kustomize::{Builder, Error, ErrorKind, LoadRestrictor, Render, Settings, Source};
use regex::Regex;

use crate::discover::{FILE_NAMES, kustomization_file};
use crate::files;
use crate::problem::{Problem, invalid, whole};
use crate::process;
use crate::redact::Secrets;
use crate::vendor::Locked;

/// What renders overlays.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, clap::ValueEnum)]
pub enum Renderer {
    /// The engine inside kubevet, and kubectl for what the engine refuses, unless it is remote.
    Auto,
    /// Only the engine inside kubevet.
    #[default]
    Native,
    /// Only `kubectl kustomize`; findings then point at whole files.
    Kubectl,
}

/// A rendered overlay.
#[derive(Debug)]
pub struct Rendered {
    /// The objects and where they come from.
    pub render: Render,
    /// Why kubectl rendered it although the engine was asked first.
    pub fallback: Option<Error>,
}

impl Renderer {
    /// Renders the kustomization in a directory.
    pub fn render(self, dir: &Path, settings: &Settings) -> Result<Rendered, Problem> {
        let builder = Builder::for_one().with_settings(settings.clone()).with_supplier(Arc::new(Locked::of(dir)));
        self.render_with(dir, settings, |dir| builder.build(dir))
    }

    /// Renders the kustomization in a directory; `build` is the engine inside kubevet.
    pub(crate) fn render_with(
        self,
        dir: &Path,
        settings: &Settings,
        build: impl FnOnce(&Path) -> Result<Render, Error>,
    ) -> Result<Rendered, Problem> {
        if kustomization_file(dir).is_none() {
            if let Some(file) = FILE_NAMES.iter().map(|name| dir.join(name)).find(|file| files::is_there(file)) {
                return Err(Problem::unjudged("render-failed", files::not_regular(&file)));
            }
            let error = invalid(format!("{} holds no kustomization", dir.display())).at(whole(dir));
            let help = "name a directory with a kustomization.yaml, or pass --manifests to judge its YAML files as they are";
            return Err(Problem::nothing("no-kustomization", error.help(help)));
        }
        let failed = |error| Problem::unjudged("render-failed", error);
        match self {
            Self::Native => build(dir).map(Rendered::native).map_err(failed),
            Self::Kubectl => with_kubectl(dir, settings).map(Rendered::native).map_err(failed),
            Self::Auto => match build(dir) {
                Ok(render) => Ok(Rendered::native(render)),
                Err(error) if error.kind == ErrorKind::Unsupported => {
                    // That something is remote says more than what is refused beside it.
                    kustomize::check_local(settings, dir).map_err(failed)?;
                    match with_kubectl(dir, settings) {
                        Ok(render) => Ok(Rendered { render, fallback: Some(error) }),
                        Err(kubectl) => {
                            Err(failed(Error { help: Some(format!("kubectl could not render it either: {}", kubectl.message)), ..error }))
                        }
                    }
                }
                Err(error) => Err(failed(error)),
            },
        }
    }
}

impl Rendered {
    pub(crate) fn native(render: Render) -> Self {
        Self { render, fallback: None }
    }
}

/// How long kubectl may take for an overlay.
const PATIENCE: Duration = Duration::from_secs(60);

/// The most bytes of a render that are read from kubectl.
const LONGEST_RENDER: u64 = 1 << 28;

/// What `kubectl kustomize DIR` prints, unless the directory leads to something remote.
pub fn kubectl_output(dir: &Path, settings: &Settings) -> Result<String, Error> {
    kustomize::check_local(settings, dir)?;
    ask_kubectl(dir, settings)
}

/// What `kubectl kustomize DIR` prints, for a directory that leads to local files only.
fn ask_kubectl(dir: &Path, settings: &Settings) -> Result<String, Error> {
    let mut command = Command::new("kubectl");
    command.arg("kustomize").arg(no_option(dir));
    // What a table opens, kubectl would open for the whole machine.
    if settings.load_restrictor == LoadRestrictor::None {
        command.args(["--load-restrictor", &settings.load_restrictor.to_string()]);
    }
    let read = |out: &mut BufReader<ChildStdout>| {
        let mut text = String::new();
        out.take(LONGEST_RENDER).read_to_string(&mut text).map(|_| text)
    };
    process::ask(command, Vec::new(), PATIENCE, read).map_err(|error| {
        let place = whole(&kustomization_file(dir).unwrap_or_else(|| dir.to_owned()));
        match error.kind {
            ErrorKind::Io => error.help("install kubectl, or use --renderer native, which needs nothing else"),
            _ => Error { message: without_log_header(&error.message).into_owned(), ..error }.at(place),
        }
    })
}

/// A path that no program takes for an option.
fn no_option(path: &Path) -> PathBuf {
    if path.as_os_str().as_encoded_bytes().starts_with(b"-") { Path::new(".").join(path) } else { path.to_owned() }
}

/// What kubectl says, without the headers that its log puts before lines (`E0102 03:04:05.678901   12 run.go:74]`).
fn without_log_header(message: &str) -> Cow<'_, str> {
    static HEADER: LazyLock<Option<Regex>> = LazyLock::new(|| Regex::new(r"\b[IWEF]\d{4} [\d:.]+ +\d+ [\w.-]+:\d+\] ?").ok());
    HEADER.as_ref().map_or(Cow::Borrowed(message), |header| header.replace_all(message, ""))
}

/// Renders with kubectl. Nothing is known of where a field comes from, so every origin is the kustomization file as a whole.
fn with_kubectl(dir: &Path, settings: &Settings) -> Result<Render, Error> {
    let path: PathBuf = kustomization_file(dir).unwrap_or_else(|| dir.to_owned());
    let text = kubectl_output(dir, settings)?;
    let mut render = kustomize::read_manifests(&path, text)?;
    let kustomization = files::read_text(&path)?;
    let length = u32::try_from(kustomization.len()).unwrap_or(u32::MAX);
    let id = render.sources.add(Source::new(path, kustomization));
    let origin = kustomize::Origin::new(id, 0, length);
    render.objects.iter_mut().for_each(|object| set_origin(object, &origin));
    Ok(render)
}

fn set_origin(node: &mut kustomize::Node, origin: &kustomize::Origin) {
    node.origin = origin.clone();
    if let Some(map) = node.as_map_mut() {
        map.entries_mut().iter_mut().for_each(|entry| set_origin(&mut entry.value, origin));
    } else if let Some(seq) = node.as_seq_mut() {
        seq.items.iter_mut().for_each(|item| set_origin(item, origin));
    }
}

/// Compares a render, made as the settings say, with kubectl's, and says where the first difference is.
pub fn verify(dir: &Path, render: &Render, settings: &Settings) -> Result<(), Problem> {
    if let Some(address) = render.sources.iter().find_map(|(_, source)| source.address()) {
        let message = format!("{} builds on {address}, for which kubectl would go to the network", dir.display());
        let help = "leave --verify-render out; `kubevet vendor --check` goes there, and compares";
        return Err(Problem::unjudged("verify-render", invalid(message).at(whole(dir)).help(help)));
    }
    // What the engine could build is local.
    let theirs = ask_kubectl(dir, settings).map_err(|error| Problem::unjudged("verify-render", error))?;
    let ours = render.to_yaml();
    if ours == theirs {
        return Ok(());
    }
    let shared = std::iter::zip(ours.lines(), theirs.lines());
    let line = shared.clone().position(|(ours, theirs)| ours != theirs).unwrap_or_else(|| shared.count());
    let message = format!("the render of {} differs from kubectl's at {}", dir.display(), yaml_path(&theirs, line));
    // A render is a source like any other: what it hides is known by what stands around it.
    let mut secrets = Secrets::default();
    secrets.add(render);
    let shown =
        |text: &str| if line < text.lines().count() { secrets.line(&Source::new("render.yaml", text), line) } else { "<end>".to_owned() };
    let help = format!(
        "kubevet: {}\nkubectl: {}\nwhich kubectl counts too: the reference is {}; --kustomize names another",
        shown(&ours),
        shown(&theirs),
        settings.version.description()
    );
    Err(Problem::unjudged("verify-render", Error::new(ErrorKind::Invalid, message).help(help)))
}

/// What a line of rendered YAML belongs to: the object, and the keys that lead there by indentation.
fn yaml_path(text: &str, line: usize) -> String {
    let lines: Vec<&str> = text.lines().collect();
    let start = lines.iter().take(line + 1).rposition(|line| *line == "---").map_or(0, |at| at + 1);
    let end = lines.iter().skip(start).position(|line| *line == "---").map_or(lines.len(), |at| start + at);
    let document = lines.get(start..end).unwrap_or_default();
    let field = |name: &str| document.iter().find_map(|line| line.strip_prefix(name)).unwrap_or("?").trim();
    let mut keys: Vec<&str> = Vec::new();
    let mut depth = usize::MAX;
    for text in lines.iter().take(line + 1).skip(start).rev() {
        let content = text.trim_start_matches([' ', '-']);
        let indent = text.len() - content.len();
        if let Some((key, _)) = content.split_once(':').filter(|_| indent < depth) {
            keys.push(key);
            depth = indent;
        }
    }
    keys.reverse();
    format!("{} {}: {}", field("kind:"), field("  name:"), keys.join("."))
}
