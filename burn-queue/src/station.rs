//! A burning station: takes a disc from the queue, burns it, reads it back, says how it went.
//!
//! Whatever happens to the station, it never burns a disc twice: what it is about to do is in its [`Memory`]
//! before it does it. One that starts again with a burn in its memory reads the disc back and reports that,
//! before it takes another.

use crate::code::Code;
use crate::disc::Attempt;
use crate::drive::{Drive, DriveError, Tray};
use crate::image::{Hashing, Image, first_difference};
use crate::medium::Medium;
use crate::packing::Place;
use serde::{Deserialize, Serialize};
use std::io::{self, Read};
use std::ops::ControlFlow;

/// How often an image that broke off is asked for again, from where it broke off.
const RESUMES: u32 = 8;
/// How long to wait before the first of these; doubled with each further one.
const RESUME_AFTER_MS: u64 = 500;

/// A disc to be burned, as a station is given it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Work {
    /// The disc.
    pub disc: Code,
    /// Its place in its set.
    pub place: Place,
    /// The right to burn it.
    pub attempt: Attempt,
    /// What goes on it.
    pub image: Image,
    /// The medium it is meant for.
    pub medium: Medium,
    /// How long the lease is, in milliseconds; it is renewed at a third of that.
    pub lease_ms: u32,
}

/// How a burn ended.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "ended", rename_all = "snake_case")]
pub enum Report {
    /// The disc was read back and is what it should be.
    Verified,
    /// It is not; it is written off.
    Failed {
        /// What went wrong.
        reason: String,
    },
}

/// The queue as a station sees it.
pub trait Queue {
    /// Takes the next disc for a blank of one of these media; none if none waits. A station that asks has none:
    /// one it was given before and has not begun waits again.
    ///
    /// # Errors
    /// [`QueueError`]; after an answer that was lost the disc comes back by itself.
    fn lease(&self, blanks: &[Medium]) -> Result<Option<Work>, QueueError>;

    /// Says that the station is still at it.
    ///
    /// # Errors
    /// [`QueueError::Refused`] if the disc is no longer this station's.
    fn renew(&self, work: &Work) -> Result<(), QueueError>;

    /// Gives the disc back; the drive was not touched.
    ///
    /// # Errors
    /// [`QueueError`]; then it comes back by itself.
    fn release(&self, work: &Work) -> Result<(), QueueError>;

    /// Puts on record that the drive is about to be touched.
    ///
    /// # Errors
    /// [`QueueError::Refused`] if the disc is no longer this station's: then it must not be.
    fn begin(&self, work: &Work) -> Result<(), QueueError>;

    /// The image from byte `from` on.
    ///
    /// # Errors
    /// [`QueueError`] if it does not come.
    fn image(&self, work: &Work, from: u64) -> Result<Box<dyn Read>, QueueError>;

    /// Says that the drive has written everything.
    ///
    /// # Errors
    /// [`QueueError::Refused`] if nobody wants to know any more.
    fn burned(&self, work: &Work) -> Result<(), QueueError>;

    /// Says how it ended.
    ///
    /// # Errors
    /// [`QueueError::Refused`] if what was burned is not the disc that is wanted any more.
    fn ended(&self, work: &Work, report: &Report) -> Result<(), QueueError>;
}

/// The queue did not do what it was asked.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum QueueError {
    /// It does not answer. Asking again does no harm.
    #[error("the queue does not answer: {0}")]
    Unreachable(String),
    /// It says no, and will again.
    #[error("the queue refuses: {0}")]
    Refused(String),
}

/// What a station must not forget when it falls over.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Note {
    /// The disc it has.
    pub work: Work,
    /// How far it is.
    pub phase: Phase,
}

/// How far a station is with its disc.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Phase {
    /// The drive is untouched.
    Leased,
    /// The drive may have been touched.
    Burning,
    /// It is over and the queue is to be told.
    Ended(Report),
}

/// Where a station keeps its note.
pub trait Memory {
    /// The note, if there is one.
    ///
    /// # Errors
    /// If it cannot be read. Then a person must look what the drive was doing.
    fn load(&self) -> io::Result<Option<Note>>;

    /// Replaces the note, durably.
    ///
    /// # Errors
    /// If it cannot be written.
    fn save(&self, note: &Note) -> io::Result<()>;

    /// Forgets the note, durably.
    ///
    /// # Errors
    /// If it cannot be removed.
    fn clear(&self) -> io::Result<()>;
}

/// Time as a station needs it.
pub trait Time {
    /// Milliseconds since any fixed moment.
    fn now_ms(&self) -> u64;

    /// Lets so many milliseconds pass.
    fn wait(&self, ms: u64);
}

/// What a step came to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Step {
    /// No disc waits.
    Idle,
    /// A blank is to be put into the tray.
    NeedsBlank {
        /// What lies there instead.
        found: Tray,
    },
    /// A disc was burned and read back, or spoiled, and the queue knows.
    Ended {
        /// The disc.
        work: Work,
        /// How it ended.
        report: Report,
    },
    /// The disc is no longer this station's.
    Lost {
        /// The disc.
        work: Work,
        /// Whether what lies in the tray must be thrown away.
        discard: bool,
    },
}

/// A station could not go on. Its memory is as it should be: another step may be taken.
#[derive(Debug, thiserror::Error)]
pub enum StationError {
    /// Its memory failed.
    #[error("the station's note of what it is burning cannot be kept")]
    Memory(#[from] io::Error),
    /// The queue failed.
    #[error(transparent)]
    Queue(#[from] QueueError),
    /// The drive failed before it was written to.
    #[error("the drive cannot be used")]
    Drive(#[from] DriveError),
}

/// A station.
pub struct Station<Q, D, M, T> {
    queue: Q,
    drive: D,
    memory: M,
    time: T,
}

impl<Q: Queue, D: Drive, M: Memory, T: Time> Station<Q, D, M, T> {
    /// A station of these parts.
    pub fn new(queue: Q, drive: D, memory: M, time: T) -> Self {
        Self { queue, drive, memory, time }
    }

    /// Does the next thing, whatever was done before, by this process or one that is gone.
    ///
    /// # Errors
    /// [`StationError`]; take another step later.
    pub fn step(&mut self, progress: &mut Progress<'_>) -> Result<Step, StationError> {
        match self.memory.load()? {
            None => self.take(progress),
            Some(Note { work, phase: Phase::Leased }) => self.take_up(work, progress),
            Some(Note { work, phase: Phase::Burning }) => {
                let report = self.read_back(&work, progress);
                self.conclude(work, report)
            }
            Some(Note { work, phase: Phase::Ended(report) }) => self.tell(work, report),
        }
    }

    /// Takes a disc for the blank that lies in the tray.
    fn take(&mut self, progress: &mut Progress<'_>) -> Result<Step, StationError> {
        let found = self.drive.tray()?;
        if found.blanks().is_empty() {
            return Ok(Step::NeedsBlank { found });
        }
        let Some(work) = self.queue.lease(found.blanks())? else { return Ok(Step::Idle) };
        self.memory.save(&Note { work: work.clone(), phase: Phase::Leased })?;
        self.burn(work, progress)
    }

    /// Goes on with a disc that was taken before, if it is still this station's and its blank still there.
    fn take_up(&mut self, work: Work, progress: &mut Progress<'_>) -> Result<Step, StationError> {
        if let Some(lost) = self.refused(&work, self.queue.renew(&work), false)? {
            return Ok(lost);
        }
        let found = self.drive.tray();
        if found.as_ref().is_ok_and(|tray| tray.blanks().contains(&work.medium)) {
            return self.burn(work, progress);
        }
        if let Some(lost) = self.refused(&work, self.queue.release(&work), false)? {
            return Ok(lost);
        }
        self.memory.clear()?;
        Ok(Step::NeedsBlank { found: found? })
    }

    fn burn(&mut self, work: Work, progress: &mut Progress<'_>) -> Result<Step, StationError> {
        if let Some(lost) = self.refused(&work, self.queue.begin(&work), false)? {
            return Ok(lost);
        }
        self.memory.save(&Note { work: work.clone(), phase: Phase::Burning })?;
        let report = match self.write(&work, progress) {
            Err(reason) => Report::Failed { reason },
            Ok(()) => {
                // Lost words do no harm: the report that follows says more.
                if let Err(error) = self.queue.burned(&work) {
                    tracing::warn!(disc = %work.disc, %error, "the queue was not told that the disc is burned");
                }
                self.read_back(&work, progress)
            }
        };
        self.conclude(work, report)
    }

    /// Writes the disc; if it fails, in words why.
    fn write(&mut self, work: &Work, progress: &mut Progress<'_>) -> Result<(), String> {
        let Self { queue, drive, time, .. } = self;
        let mut beat = Heartbeat::new(queue, time, work);
        let mut source = Hashing::new(Resuming { queue, time, work, at: 0, open: None });
        let mut watch = |done| {
            beat.renew_if_due();
            progress(work, Doing::Burning, done);
            ControlFlow::Continue(())
        };
        drive.burn(work.disc, &work.image, &mut source, &mut watch).map_err(|error| in_words(&error))?;
        if source.sha256() != work.image.sha256() {
            return Err("what the queue sent is not the image that was ordered".to_owned());
        }
        Ok(())
    }

    fn read_back(&mut self, work: &Work, progress: &mut Progress<'_>) -> Report {
        let Self { queue, drive, time, .. } = self;
        let mut beat = Heartbeat::new(queue, time, work);
        let read = drive.read_back(work.disc, &work.image).map_err(|error| in_words(&error));
        let same = read.and_then(|mut disc| {
            let mut watch = |done| {
                beat.renew_if_due();
                progress(work, Doing::ReadingBack, done);
            };
            work.image.is_on(&mut disc, &mut watch).map_err(|error| in_words(&error))
        });
        match same {
            Ok(true) => Report::Verified,
            Ok(false) => Report::Failed { reason: self.where_it_differs(work) },
            Err(words) => Report::Failed { reason: format!("the disc cannot be read back: {words}") },
        }
    }

    fn where_it_differs(&mut self, work: &Work) -> String {
        let Self { queue, drive, time, .. } = self;
        let mut source = Resuming { queue, time, work, at: 0, open: None };
        let first = match drive.read_back(work.disc, &work.image) {
            Ok(mut disc) => first_difference(&work.image, &mut disc, &mut source).ok().flatten(),
            Err(_) => None,
        };
        match first {
            Some(sector) => format!("what was read back differs from sector {sector} on"),
            None => "what was read back differs".to_owned(),
        }
    }

    fn conclude(&mut self, work: Work, report: Report) -> Result<Step, StationError> {
        self.memory.save(&Note { work: work.clone(), phase: Phase::Ended(report.clone()) })?;
        if let Err(error) = self.drive.eject() {
            tracing::warn!(disc = %work.disc, %error, "the tray does not open");
        }
        self.tell(work, report)
    }

    fn tell(&mut self, work: Work, report: Report) -> Result<Step, StationError> {
        if let Some(lost) = self.refused(&work, self.queue.ended(&work, &report), true)? {
            return Ok(lost);
        }
        self.memory.clear()?;
        Ok(Step::Ended { work, report })
    }

    /// Forgets a disc the queue does not want from this station any more.
    fn refused(
        &self,
        work: &Work,
        answer: Result<(), QueueError>,
        discard: bool,
    ) -> Result<Option<Step>, StationError> {
        match answer {
            Ok(()) => Ok(None),
            Err(QueueError::Refused(why)) => {
                tracing::warn!(disc = %work.disc, why, "the disc is no longer this station's");
                self.memory.clear()?;
                Ok(Some(Step::Lost { work: work.clone(), discard }))
            }
            Err(unreachable) => Err(unreachable.into()),
        }
    }
}

/// Told what happens to which disc, and how many of its bytes are done.
pub type Progress<'p> = dyn FnMut(&Work, Doing, u64) + 'p;

/// What a station does with a disc.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Doing {
    /// Its drive writes.
    Burning,
    /// Its drive reads what it wrote.
    ReadingBack,
}

/// An error with its causes, in one line.
fn in_words(error: &dyn std::error::Error) -> String {
    let mut words = error.to_string();
    let mut cause = error.source();
    while let Some(error) = cause {
        words = format!("{words}: {error}");
        cause = error.source();
    }
    words
}

/// Renews a lease at a third of its length. What the queue answers changes nothing: a drive at work is not
/// stopped, and the report at the end settles it.
struct Heartbeat<'s, Q, T> {
    queue: &'s Q,
    time: &'s T,
    work: &'s Work,
    due_ms: u64,
}

impl<'s, Q: Queue, T: Time> Heartbeat<'s, Q, T> {
    fn new(queue: &'s Q, time: &'s T, work: &'s Work) -> Self {
        let due_ms = time.now_ms().saturating_add(u64::from(work.lease_ms / 3));
        Self { queue, time, work, due_ms }
    }

    fn renew_if_due(&mut self) {
        if self.time.now_ms() < self.due_ms {
            return;
        }
        if let Err(error) = self.queue.renew(self.work) {
            tracing::warn!(disc = %self.work.disc, %error, "the lease was not renewed");
        }
        self.due_ms = self.time.now_ms().saturating_add(u64::from(self.work.lease_ms / 3));
    }
}

/// An image that is asked for again from where it broke off.
struct Resuming<'s, Q, T> {
    queue: &'s Q,
    time: &'s T,
    work: &'s Work,
    at: u64,
    open: Option<Box<dyn Read>>,
}

impl<Q: Queue, T: Time> Resuming<'_, Q, T> {
    fn attempt(&mut self, buf: &mut [u8]) -> io::Result<usize> {
        let stream = match &mut self.open {
            Some(stream) => stream,
            none => none.insert(self.queue.image(self.work, self.at).map_err(io::Error::other)?),
        };
        match stream.read(buf)? {
            0 => Err(io::ErrorKind::UnexpectedEof.into()),
            read => Ok(read),
        }
    }
}

impl<Q: Queue, T: Time> Read for Resuming<'_, Q, T> {
    fn read(&mut self, buf: &mut [u8]) -> io::Result<usize> {
        if self.at >= self.work.image.bytes() || buf.is_empty() {
            return Ok(0);
        }
        let mut resumed = 0;
        loop {
            match self.attempt(buf) {
                Ok(read) => {
                    self.at += read as u64;
                    return Ok(read);
                }
                Err(error) if resumed == RESUMES => return Err(error),
                Err(_) => {
                    self.open = None;
                    self.time.wait(RESUME_AFTER_MS << resumed);
                    resumed += 1;
                }
            }
        }
    }
}
