//! Filmroom's one program.

fn main() -> std::process::ExitCode {
    filmroom::cli::run()
}
