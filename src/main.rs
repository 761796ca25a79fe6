//! Filmroom's one program.

fn main() {}
