//! `kubevet rules`: the table, one row a rule, one column an environment.

use std::io::{self, Write};

use crate::project::Project;

/// Writes the table, aligned.
pub fn write(project: &Project, out: &mut dyn Write) -> io::Result<()> {
    let table = &project.table;
    let ids = project.catalog.ids();
    let width = ids.iter().map(|id| id.len()).max().unwrap_or(0).max("RULE".len());
    let columns: Vec<usize> = table.environments.iter().map(|environment| environment.name.len().max("deny".len())).collect();
    write!(out, "{:width$}", "RULE")?;
    for (environment, column) in std::iter::zip(&table.environments, &columns) {
        write!(out, "  {:column$}", environment.name.to_uppercase())?;
    }
    writeln!(out, "  TITLE")?;
    for rule in &project.catalog.rules {
        write!(out, "{:width$}", rule.id)?;
        for (at, column) in columns.iter().enumerate() {
            write!(out, "  {:column$}", table.level(&rule.id, at))?;
        }
        writeln!(out, "  {}", rule.title)?;
    }
    Ok(())
}
