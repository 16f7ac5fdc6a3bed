//! The `kubevet` command.

fn main() {}
