//! A burning station at the desk.

use crate::common::Site;
use std::fs::File;
use std::net::SocketAddr;
use std::path::Path;
use std::process::Child;

/// Where, in the folder that goes with a site, its stations log.
pub const LOG: &str = "station-log";

/// A running station. Dropped, it is killed.
pub struct Station(Child);

impl Station {
    /// Starts one, whose drive is the folder `burned`, for the service at `server`.
    pub fn begin(site: &Site, server: SocketAddr, token_file: &Path) -> Self {
        let (server, drive) =
            (format!("http://{server}"), format!("stdio:{}", site.path("burned").display()));
        let arguments =
            ["station", "--name", "desk-1", "--server", &server, "--drive", &drive, "--token-file"];
        let mut command = site.command(&[], &[&arguments[..], &[token_file.to_str().unwrap()]].concat());
        let log = File::options().create(true).append(true).open(site.path(LOG)).unwrap();
        Self(command.stdout(log.try_clone().unwrap()).stderr(log).spawn().unwrap())
    }
}

impl Drop for Station {
    fn drop(&mut self) {
        // It may have ended by itself.
        self.0.kill().unwrap_or_default();
        self.0.wait().unwrap();
    }
}
