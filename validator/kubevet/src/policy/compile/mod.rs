//! Compiles Rego to what the engine evaluates as OPA does. Knows nothing of the engine.
//!
//! A text becomes a tree (`parse`), which is rewritten as OPA's own compiler does (`rewrite`) and printed (`print`). Places of errors are found again
//! through what the printer remembers.
//!
//! The build script compiles the policies that it puts into the binary with this, which therefore uses nothing of the crate.

mod ast;
mod check;
mod cost;
pub(crate) mod fixes;
mod lex;
mod loops;
pub(crate) mod names;
mod older;
mod order;
mod parse;
mod print;
mod rewrite;
mod term;
pub(crate) mod walk;

pub(crate) use ast::{Body, Import, Kind, Mistake, Module, Rule, Stmt, StmtKind, Term};
pub(crate) use check::Program;
pub(crate) use names::Package;
pub(crate) use print::Printed;

/// What a module is written in.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Syntax {
    /// Whichever fits.
    Any,
    /// That before 1.0, unless it imports more.
    Old,
    /// That of 1.0.
    New,
}

/// Reads a module in a syntax.
pub(crate) fn parse_in(text: &str, syntax: Syntax) -> Result<Module, Mistake> {
    match syntax {
        Syntax::Any => parse(text),
        Syntax::Old | Syntax::New => parse::module(text, syntax == Syntax::Old),
    }
}

/// Reads a module, in the syntax of 1.0 or, where only that fits, in the older one. The error says which was tried.
pub(crate) fn parse(text: &str) -> Result<Module, Mistake> {
    let newer = match parse::module(text, false) {
        Ok(module) => return Ok(module),
        Err(mistake) => mistake,
    };
    match parse::module(text, true) {
        Ok(module) => Ok(module),
        // Whichever came further is the one that was meant.
        Err(older) if older.at.start > newer.at.start => {
            Err(Mistake { message: format!("{} (read as Rego before 1.0)", older.message), ..older })
        }
        Err(_) => Err(Mistake { message: format!("{} (read as Rego 1.0)", newer.message), ..newer }),
    }
}

/// What the engine is to read for a module; `package` has what all modules of its package define.
pub(crate) fn compile(module: &mut Module, package: &Package, text: &str) -> Result<Printed, Mistake> {
    rewrite::module(module, package, text)?;
    cost::check(module)?;
    Ok(print::module(module, text))
}

/// A module as it was read from `text`, or as it was changed since.
pub(crate) fn print(module: &Module, text: &str) -> String {
    print::module(module, text).text
}

/// The same for a module that is its whole package.
pub(crate) fn alone(text: &str) -> Result<Printed, Mistake> {
    let mut module = parse(text)?;
    let mut package = Package { path: module.package.path().unwrap_or_default(), ..Package::default() };
    package.extend(&module);
    compile(&mut module, &package, text)
}
