//! A real drive, worked by `xorriso` as a child process.

use super::{Drive, DriveError, Tray, Watch, copy};
use crate::code::Code;
use crate::image::Image;
use crate::medium::Medium;
use std::io::{self, Read};
use std::process::{Child, ChildStdout, Command, Stdio};

const XORRISO: &str = "xorriso";
/// How a file that plays a disc is named. It needs no padding: a CD does, whose last sectors many drives cannot
/// read.
const PLAIN_FILE: &str = "stdio:";

/// The drive at a device path, such as `/dev/sr0`. `stdio:FILE` makes a file play the disc in it.
#[derive(Debug)]
pub struct OpticalDrive {
    device: String,
}

impl OpticalDrive {
    /// The drive at `device`.
    #[must_use]
    pub fn new(device: impl Into<String>) -> Self {
        Self { device: device.into() }
    }

    fn run(&self, arguments: &[&str]) -> Result<String, DriveError> {
        let output = Command::new(XORRISO)
            .args(["-outdev", &self.device])
            .args(arguments)
            .stdin(Stdio::null())
            .output()
            .map_err(no_program)?;
        let words =
            String::from_utf8_lossy(&output.stderr).into_owned() + &String::from_utf8_lossy(&output.stdout);
        if output.status.success() { Ok(words) } else { Err(gave_up(&words)) }
    }
}

fn no_program(source: io::Error) -> DriveError {
    DriveError::NoProgram { program: XORRISO.to_owned(), source }
}

fn gave_up(words: &str) -> DriveError {
    let last = words.lines().rev().map(str::trim).find(|line| !line.is_empty());
    let last_words = last.unwrap_or("it said nothing").to_owned();
    DriveError::Program { program: XORRISO.to_owned(), last_words }
}

/// Reads `Media status : is blank` and `Media blocks : 0 readable , 359847 writable , 359847 overall`.
fn tray_of(report: &str) -> Option<Tray> {
    let after = |label: &str| {
        let lines = report.lines().rev();
        lines.filter_map(|line| line.split_once(':')).find(|(name, _)| name.trim() == label)
    };
    if after("Media current")?.1.contains("is not present") {
        return Some(Tray::Empty);
    }
    let (_, status) = after("Media status")?;
    if status.contains("is not present") {
        return Some(Tray::Empty);
    }
    if !status.contains("is blank") {
        return Some(Tray::Written);
    }
    let (_, blocks) = after("Media blocks")?;
    let writable = blocks.split(',').find(|part| part.contains("writable"))?;
    let sectors = writable.split_whitespace().next()?.parse().ok()?;
    Some(Tray::Blank(Medium::of_blank(sectors).into_iter().collect()))
}

impl Drive for OpticalDrive {
    fn tray(&mut self) -> Result<Tray, DriveError> {
        tray_of(&self.run(&["-toc"])?).ok_or(DriveError::Unclear)
    }

    fn burn(
        &mut self,
        _: Code,
        image: &Image,
        source: &mut dyn Read,
        watch: &mut Watch<'_>,
    ) -> Result<(), DriveError> {
        let mut command = Command::new(XORRISO);
        command.args(["-as", "cdrecord", "-v", &format!("dev={}", self.device)]);
        command.arg(format!("tsize={}s", image.sectors()));
        if self.device.starts_with(PLAIN_FILE) {
            command.arg("padsize=0");
        } else {
            command.args(["-sao", "padsize=300k"]);
        }
        command.arg("-").stdin(Stdio::piped()).stdout(Stdio::null()).stderr(Stdio::piped());
        let mut writer = Running(command.spawn().map_err(no_program)?);
        let words = writer.0.stderr.take().map(|stderr| std::thread::spawn(move || said(stderr)));
        let copied = match writer.0.stdin.take() {
            Some(mut stdin) => copy(image, source, &mut stdin, watch),
            None => Err(DriveError::Drive(io::ErrorKind::BrokenPipe.into())),
        };
        if matches!(copied, Err(DriveError::Source(_) | DriveError::Stopped)) {
            return copied;
        }
        // It may have given up before it took all: its own words say why.
        let status = writer.0.wait().map_err(DriveError::Drive)?;
        let words = words.and_then(|words| words.join().ok()).unwrap_or_default();
        if status.success() { copied } else { Err(gave_up(&words)) }
    }

    fn read_back(&mut self, _: Code, image: &Image) -> Result<Box<dyn Read + '_>, DriveError> {
        // Not through the device file: the kernel may still remember the blank.
        let last = format!("max_lba={}", image.sectors() - 1);
        let mut reader = Command::new(XORRISO)
            .args(["-outdev", &self.device])
            .args(["-check_media", "use=outdev", "what=disc", "min_lba=0", &last, "data_to=-", "--"])
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()
            .map_err(no_program)?;
        let bytes = reader.stdout.take().ok_or(DriveError::Drive(io::ErrorKind::BrokenPipe.into()))?;
        Ok(Box::new(ReadBack { bytes, _reader: Running(reader) }))
    }

    fn eject(&mut self) -> Result<(), DriveError> {
        self.run(&["-eject", "out"]).map(drop)
    }
}

/// The last lines of what a program says, and no more of it than fits in memory.
fn said(mut stderr: impl Read) -> String {
    const KEPT: usize = 16 * 1024;
    let (mut kept, mut piece) = (Vec::new(), [0; 4096]);
    while let Ok(read @ 1..) = stderr.read(&mut piece) {
        kept.extend_from_slice(&piece[..read]);
        let surplus = kept.len().saturating_sub(KEPT);
        kept.drain(..surplus);
    }
    String::from_utf8_lossy(&kept).into_owned()
}

/// A child process that does not outlive its use.
struct Running(Child);

impl Drop for Running {
    fn drop(&mut self) {
        // It has ended already, or is to end now; either way it is waited for.
        drop(self.0.kill());
        drop(self.0.wait());
    }
}

struct ReadBack {
    bytes: ChildStdout,
    _reader: Running,
}

impl Read for ReadBack {
    fn read(&mut self, buf: &mut [u8]) -> io::Result<usize> {
        self.bytes.read(buf)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_xorriso_says_of_a_tray_is_understood() {
        let blank = "Media current: CD-R\nMedia status : is blank\n\
                     Media blocks : 0 readable , 359847 writable , 359847 overall\n";
        assert_eq!(tray_of(blank), Some(Tray::Blank(vec![Medium::Cd])));
        let written = "Media current: DVD-R sequential recording\nMedia status : is written , is closed\n";
        assert_eq!(tray_of(written), Some(Tray::Written));
        let empty = "Media current: is not recognizable\nMedia status : is not present\n";
        assert_eq!(tray_of(empty), Some(Tray::Empty));
        assert_eq!(tray_of("something else"), None);
    }
}
