//! The command line.

mod check;
mod diff;
mod engine;
mod export;
mod fix;
mod gate;
mod generate;
mod graph;
mod init;
mod lsp;
mod output;
mod project;
mod render;
mod schema;
mod schemas;
mod test;
mod trace;
mod vendor;

use std::io;
use std::path::PathBuf;
use std::process::ExitCode;
use std::sync::LazyLock;
use std::time::Duration;

use clap::{ArgMatches, Args, CommandFactory, FromArgMatches, Parser, Subcommand, ValueEnum};

use kubevet_facts::schema as kubernetes;
pub use output::color;

use crate::problem::Failure;

// Trees are very many small pieces: with the system's allocator a render takes a sixth more time, a check half as much again.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

const EXIT_CODES: &str = "\
Examples:
  kubevet check                   judge every overlay below this directory
  kubevet explain probes/liveness

Exit codes:
  0  clean: no finding at deny
  1  findings at deny, or an expired waiver
  2  wrong usage or configuration
  3  something could not be rendered, read or evaluated
  4  nothing was evaluated";

/// With what it builds as and judges by: of each the versions that options name, the default one marked.
static LONG_VERSION: LazyLock<String> = LazyLock::new(|| {
    let kustomize = kustomize::Version::ALL.map(|version| marked(version.description(), version == kustomize::Version::default()));
    let kubernetes = kubernetes::Version::ALL.map(|version| marked(version.as_str(), version == kubernetes::Version::default()));
    format!(
        "{}\n{}\nSchemas of Kubernetes {}, and of custom kinds, whose versions `kubevet schemas` lists",
        env!("CARGO_PKG_VERSION"),
        kustomize.join("\n"),
        kubernetes.join(", ")
    )
});

fn marked(version: &str, is_default: bool) -> String {
    format!("{version}{}", if is_default { " (default)" } else { "" })
}

/// Checks what a Kustomize overlay renders to, and points at the line that caused each finding.
#[derive(Debug, Parser)]
#[command(name = "kubevet", version, long_version = LONG_VERSION.as_str(), max_term_width = 100, after_help = EXIT_CODES)]
struct Cli {
    /// auto (heeds NO_COLOR), always or never.
    #[arg(long, global = true, value_name = "WHEN", default_value = "auto", hide_default_value = true, hide_possible_values = true)]
    color: ColorChoice,
    #[command(subcommand)]
    command: Command,
}

/// When to use colour.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, ValueEnum)]
pub enum ColorChoice {
    /// On a terminal, unless NO_COLOR is set.
    #[default]
    Auto,
    /// Always.
    Always,
    /// Never.
    Never,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// Judge overlays, manifests or a rendered stream.
    Check(Box<check::CheckArgs>),
    /// Say what a change does to each environment.
    Diff(Box<diff::DiffArgs>),
    /// Mend findings, where that is proved.
    Fix(Box<fix::FixArgs>),
    /// Print what an overlay renders to, as `kubectl kustomize` does.
    Render(render::RenderArgs),
    /// Say who set a field, and what it was before.
    Trace(trace::TraceArgs),
    /// Show who may talk to whom, what is needed of it and what is not.
    Graph(graph::GraphArgs),
    /// Say what a rule asks for, why, and where its level comes from.
    Explain(project::ExplainArgs),
    /// Print the table of rules and environments.
    Rules(project::RulesArgs),
    /// Write rules as objects that a cluster enforces.
    Export(export::ExportArgs),
    /// List the custom kinds whose schemas kubevet carries.
    Schemas(schemas::SchemasArgs),
    /// Run the unit tests of the policies.
    Test(test::TestArgs),
    /// Fetch the remote bases of overlays, and write kubevet.lock.
    Vendor(vendor::VendorArgs),
    /// Serve an editor: findings while people type.
    Lsp(lsp::LspArgs),
    /// Write a first policies/environments.yaml for your overlays.
    Init(init::InitArgs),
    /// Print the JSON Schema of one of kubevet's files, for editors.
    Schema(schema::SchemaArgs),
    /// Print a completion script for a shell.
    Completions(generate::CompletionsArgs),
    /// Print the manual page.
    Man(generate::ManArgs),
}

/// Where the policies are.
#[derive(Clone, Debug, Args)]
struct PolicyArgs {
    /// Read rules and table here, not policies/.
    #[arg(long = "policy", short = 'p', value_name = "DIR")]
    directories: Vec<PathBuf>,
}

/// What rules know besides their input.
#[derive(Clone, Debug, Args)]
struct DataArgs {
    /// Put YAML or JSON below `data`.
    #[arg(long, short = 'd', value_name = "PATH")]
    data: Vec<PathBuf>,
}

/// How rules that were written for conftest are asked.
#[derive(Clone, Debug, Args)]
struct ConftestArgs {
    /// conftest's packages to ask [default: main].
    #[arg(long = "namespace", short, value_name = "NAME")]
    namespaces: Vec<String>,
    /// All of them.
    #[arg(long, conflicts_with = "namespaces")]
    all_namespaces: bool,
    /// Give them all objects at once, as a list.
    #[arg(long)]
    combine: bool,
}

impl ConftestArgs {
    /// The patterns of the packages to ask; none for those that conftest asks by itself.
    fn patterns(&self) -> Vec<String> {
        if self.all_namespaces { vec!["*".to_owned()] } else { self.namespaces.clone() }
    }
}

/// How long things may take.
#[derive(Clone, Debug, Args)]
struct TimeArgs {
    /// End the run after so long.
    #[arg(long, value_name = "TIME", default_value = "5m", value_parser = time)]
    timeout: Duration,
}

/// How long rules may take.
#[derive(Clone, Debug, Args)]
struct PolicyTimeArgs {
    /// What a rule may take of it.
    #[arg(long, value_name = "TIME", default_value = "10s", value_parser = time)]
    policy_timeout: Duration,
}

/// `90s`, `5m`, `1h 30m`
fn time(text: &str) -> Result<Duration, String> {
    let time: jiff::SignedDuration = text.parse().map_err(|_| "write a time such as 90s or 5m".to_owned())?;
    Duration::try_from(time).ok().filter(|time| !time.is_zero()).ok_or_else(|| "it must be longer than nothing".to_owned())
}

/// Runs the command and gives its exit code.
pub fn main() -> ExitCode {
    let matches = match Cli::command().try_get_matches() {
        Ok(matches) => matches,
        Err(error) => {
            // Help and version go to standard output and are no error; clap knows which is which.
            let code = u8::try_from(error.exit_code()).unwrap_or(2);
            return match error.print() {
                Err(error) if error.kind() != io::ErrorKind::BrokenPipe => ExitCode::from(Failure::Unjudged.exit_code()),
                _ => ExitCode::from(code),
            };
        }
    };
    let cli = match Cli::from_arg_matches(&matches) {
        Ok(cli) => cli,
        Err(error) => error.exit(),
    };
    let color = cli.color;
    // Only what goes to standard output can still fail here.
    match run(cli, &matches) {
        Ok(code) => ExitCode::from(code),
        Err(error) => ExitCode::from(output::fail(vec![output::unwritten(error)], color)),
    }
}

fn run(cli: Cli, matches: &ArgMatches) -> io::Result<u8> {
    match cli.command {
        Command::Check(args) => Ok(check::run(*args, matches.subcommand_matches("check"), cli.color)),
        Command::Diff(args) => Ok(diff::run(*args, matches.subcommand_matches("diff"), cli.color)),
        Command::Fix(args) => fix::run(*args, cli.color),
        Command::Render(args) => render::run(args, cli.color),
        Command::Trace(args) => trace::run(args, cli.color),
        Command::Graph(args) => graph::run(args, cli.color),
        Command::Explain(args) => project::explain(&args, cli.color),
        Command::Rules(args) => project::rules(&args, cli.color),
        Command::Export(args) => export::run(&args, cli.color),
        Command::Schemas(args) => schemas::run(&args, cli.color),
        Command::Test(args) => test::run(args, cli.color),
        Command::Vendor(args) => vendor::run(args, cli.color),
        Command::Lsp(args) => Ok(lsp::run(&args, cli.color)),
        Command::Init(args) => init::run(&args, cli.color),
        Command::Schema(args) => schema::run(&args, cli.color),
        Command::Completions(args) => generate::completions(&args, Cli::command()),
        Command::Man(args) => generate::man(&args, Cli::command(), cli.color),
    }
}
