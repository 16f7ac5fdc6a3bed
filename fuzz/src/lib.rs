//! What several fuzz targets share: inputs that are files, and a whole run over them.

use std::path::{Component, Path};

use jiff::civil::date;
use kubevet::baseline::Baseline;
use kubevet::check::{self, Report, Settings};
use kubevet::input::Inputs;
use kubevet::problem::Problem;
use kubevet::project::Project;
use kubevet::report::{self, Format, Style};
use tempfile::TempDir;

/// Begins a line that names the file whose content follows.
const HEADER: &str = "=== ";

/// Writes the files that a text holds, each after a line `=== PATH`, into a directory of their own. What stands before the first such line, and a path that
/// leads out of the directory, is left out.
pub fn files(text: &str) -> TempDir {
    let directory = tempfile::tempdir().expect("a directory for the input");
    for part in text.split(HEADER).skip(1) {
        let (path, content) = part.split_once('\n').unwrap_or((part, ""));
        let path = Path::new(path);
        let inside = path.components().all(|part| matches!(part, Component::Normal(_))) && path.components().count() > 0;
        let target = directory.path().join(path);
        let parent = target.parent().filter(|_| inside);
        // A file where another one needs a directory, or a name that the system refuses, is nothing that a checkout can hold.
        if let Some(parent) = parent
            && std::fs::create_dir_all(parent).is_ok()
        {
            let _ = std::fs::write(&target, content);
        }
    }
    directory
}

/// Judges everything in a directory, as `kubevet check` does there.
pub fn check(directory: &Path) -> Report {
    let before = std::env::current_dir().expect("the working directory is there");
    std::env::set_current_dir(directory).expect("the directory is there");
    let judge = || {
        let paths = [".".into()];
        let project = Project::open(&[], check::start(&paths))?;
        let inputs = Inputs::of_project(&project, &paths, false)?;
        let baseline = Path::new("baseline.json");
        let baseline = baseline.is_file().then(|| Baseline::open(baseline)).transpose();
        let baseline = baseline.map_err(|error| vec![Problem::configuration("baseline", error)])?;
        let settings = Settings { baseline, today: date(2026, 1, 1), ..Settings::default() };
        Ok(check::check(&project, &inputs.list, &settings))
    };
    let report = judge().unwrap_or_else(Report::of_problems);
    std::env::set_current_dir(before).expect("the working directory is there");
    report
}

/// Each form of a report.
pub fn reports(report: &Report) -> impl Iterator<Item = String> {
    [Format::Human, Format::Json, Format::Sarif, Format::Junit, Format::Github, Format::Markdown].into_iter().map(|format| {
        let mut text = Vec::new();
        report::write(report, format, Style::default(), &mut text).expect("memory takes everything");
        String::from_utf8(text).expect("reports are UTF-8")
    })
}
