//! Writes an overlay for timing: `overlay DIRECTORY OBJECTS`; prints the directory to build.

use std::io::Write;
use std::path::Path;

#[path = "../benches/overlay/mod.rs"]
mod overlay;

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let mut arguments = std::env::args().skip(1);
    let (Some(directory), Some(objects)) = (arguments.next(), arguments.next()) else {
        return Err("usage: overlay DIRECTORY OBJECTS".into());
    };
    let built = overlay::write(Path::new(&directory), objects.parse()?)?;
    writeln!(std::io::stdout(), "{}", built.display())?;
    Ok(())
}
