//! `filmroom serve`, started and stopped.

use super::Site;
use rustix::process::{Pid, Signal, kill_process};
use serde_json::Value;
use std::fs::{self, File};
use std::io::{Read as _, Write as _};
use std::net::{SocketAddr, TcpStream};
use std::path::PathBuf;
use std::process::{Child, ExitStatus};
use std::time::Duration;

const STARTS_WITHIN: Duration = Duration::from_secs(120);
const STOPS_WITHIN: Duration = Duration::from_secs(120);

/// A running service. Dropped, it is killed.
pub struct Service {
    /// Where DIMSE is.
    pub dimse: SocketAddr,
    /// Where pages are.
    pub http: SocketAddr,
    /// What it said when it began to serve.
    pub began: Value,
    /// What it logs.
    pub log: PathBuf,
    child: Child,
    process: Pid,
}

impl Site {
    /// Starts the service and waits until it is ready.
    pub fn serve(&self) -> Service {
        let service = self.begin_to_serve(&[]);
        super::until("the service is ready", STARTS_WITHIN, || service.get("/readyz").0 == 200);
        service
    }

    /// Starts the service, run by another program if `before` is not empty, and waits until it listens.
    pub fn begin_to_serve(&self, before: &[&str]) -> Service {
        let log =
            (0..).map(|number| self.path(&format!("log-{number}"))).find(|path| !path.exists()).unwrap();
        let mut command = self.command(before, &["serve"]);
        let out = File::create(&log).unwrap();
        let mut child = command.stdout(out.try_clone().unwrap()).stderr(out).spawn().unwrap();
        let mut began = Value::Null;
        super::until("the service listens", STARTS_WITHIN, || {
            let said = fs::read_to_string(&log).unwrap();
            assert!(child.try_wait().unwrap().is_none(), "the service ended: {said}");
            let mut lines = said.lines().filter_map(|line| serde_json::from_str::<Value>(line).ok());
            began = lines.find(|line| line["message"] == "serving").unwrap_or_default();
            !began.is_null()
        });
        let address = |name: &str| began[name].as_str().unwrap().parse().unwrap();
        let process = if before.is_empty() { child.id() } else { only_child(child.id()) };
        let process = Pid::from_raw(process.cast_signed()).unwrap();
        Service { dimse: address("dimse"), http: address("http"), began, log, child, process }
    }
}

fn only_child(process: u32) -> u32 {
    let path = format!("/proc/{process}/task/{process}/children");
    fs::read_to_string(path).unwrap().split_whitespace().next().unwrap().parse().unwrap()
}

impl Service {
    /// Asks for a page: its status and its body.
    pub fn get(&self, path: &str) -> (u16, String) {
        let Ok(mut stream) = TcpStream::connect(self.http) else { return (0, String::new()) };
        stream.set_read_timeout(Some(Duration::from_secs(30))).unwrap();
        write!(stream, "GET {path} HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n").unwrap();
        let mut answer = String::new();
        stream.read_to_string(&mut answer).unwrap();
        let status = answer.split(' ').nth(1).and_then(|status| status.parse().ok()).unwrap_or_default();
        (status, answer.split_once("\r\n\r\n").map(|(_, body)| body.to_owned()).unwrap_or_default())
    }

    /// Asks it to stop.
    pub fn terminate(&self) {
        kill_process(self.process, Signal::TERM).unwrap();
    }

    /// Waits for its end.
    pub fn ended(&mut self) -> ExitStatus {
        let ended = super::wait(&mut self.child, STOPS_WITHIN);
        assert!(ended.is_some(), "it does not stop: {}", self.said());
        ended.unwrap()
    }

    /// Stops it in order.
    pub fn stop(mut self) {
        self.terminate();
        let status = self.ended();
        assert!(status.success(), "it did not stop well: {status}: {}", self.said());
    }

    /// Takes it down as a crash would, with no chance to tidy up.
    pub fn kill(mut self) {
        kill_process(self.process, Signal::KILL).unwrap();
        self.child.wait().unwrap();
    }

    /// All it has logged.
    pub fn said(&self) -> String {
        fs::read_to_string(&self.log).unwrap()
    }
}

impl Drop for Service {
    fn drop(&mut self) {
        if let Ok(None) = self.child.try_wait() {
            // It may end by itself meanwhile.
            kill_process(self.process, Signal::KILL).unwrap_or_default();
            self.child.kill().unwrap_or_default();
            self.child.wait().unwrap();
        }
    }
}
