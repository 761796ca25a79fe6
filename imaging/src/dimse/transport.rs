//! The socket under an association: prompt acknowledgements, an idle limit, and a way to be stopped.

use rustls::{ServerConfig, ServerConnection, StreamOwned};
use std::io::{self, BufReader, Read, Write};
use std::net::{Shutdown, TcpStream};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

/// How often a waiting association looks whether it is to stop.
const LOOK_UP: Duration = Duration::from_millis(250);
/// Small enough that most of a large PDU goes past it straight to its place, large enough that a small
/// instance and its command arrive in one read.
const READ_AHEAD_BYTES: usize = 16 << 10;
/// A caller who keeps us waiting for the idle limit in all before this much has come is as good as idle:
/// otherwise a byte now and then would hold an association open for ever.
const SLOWEST_BYTES: usize = 4 << 10;
/// How long a caller may take to close its side once the association is over (PS3.8 §9.2.3, Sta13).
const FAREWELL: Duration = Duration::from_secs(1);

/// How long callers may keep us waiting.
#[derive(Debug, Clone, Copy)]
pub(super) struct Limits {
    /// For an association to begin, however bytes drip (the ARTIM timer, PS3.8 §9.1.5).
    pub(super) associate_within: Duration,
    /// For anything to come after that, or for our answers to be taken.
    pub(super) idle: Duration,
}

/// What an association and who stops it share.
#[derive(Debug, Default)]
pub(super) struct Control {
    /// No new work: an association ends as soon as it is between two messages.
    pub(super) draining: AtomicBool,
}

impl Control {
    fn is_draining(&self) -> bool {
        self.draining.load(Ordering::Relaxed)
    }
}

/// A TCP stream whose reads give up after the idle limit, or at once when draining between messages.
struct Socket {
    stream: TcpStream,
    limits: Limits,
    connected_at: Instant,
    /// How long was waited for the latest bytes, and how many those are.
    waited: Duration,
    bytes: usize,
    phase: Arc<Phase>,
    control: Arc<Control>,
}

/// Where an association is, which decides how long its reads may take and whether they may be cut.
#[derive(Default)]
struct Phase {
    associated: AtomicBool,
    within_message: AtomicBool,
    /// A message ended: patience with the caller begins anew.
    message_ended: AtomicBool,
}

impl Socket {
    fn new(stream: TcpStream, limits: Limits, phase: Arc<Phase>, control: Arc<Control>) -> Self {
        let connected_at = Instant::now();
        Self { stream, limits, connected_at, waited: Duration::ZERO, bytes: 0, phase, control }
    }

    fn check_patience(&self, waiting: Duration) -> io::Result<()> {
        let associated = self.phase.associated.load(Ordering::Relaxed);
        if !associated && self.connected_at.elapsed() >= self.limits.associate_within {
            return Err(io::Error::new(io::ErrorKind::TimedOut, "no association was begun in time"));
        }
        if self.waited + waiting >= self.limits.idle {
            return Err(io::Error::new(io::ErrorKind::TimedOut, "nothing came for too long"));
        }
        Ok(())
    }

    fn check_stop(&self) -> io::Result<()> {
        let resting = !self.phase.within_message.load(Ordering::Relaxed);
        if resting && self.control.is_draining() { Err(stopping()) } else { Ok(()) }
    }

    fn count(&mut self, waited: Duration, bytes: usize) {
        self.waited += waited;
        self.bytes += bytes;
        if self.bytes >= SLOWEST_BYTES {
            (self.waited, self.bytes) = (Duration::ZERO, 0);
        }
    }

    /// Waits until the caller closes, so that it can read what was said last: a connection closed with
    /// bytes unread is reset, and the reset may overtake them.
    fn await_close(&mut self) {
        let from = Instant::now();
        let mut unwanted = [0; 8 << 10];
        loop {
            let patience = if self.control.is_draining() { LOOK_UP } else { FAREWELL };
            match self.stream.read(&mut unwanted) {
                Ok(0) => return,
                Err(error) if !is_timeout(&error) && error.kind() != io::ErrorKind::Interrupted => return,
                _ if from.elapsed() >= patience => return,
                _ => {}
            }
        }
    }
}

fn stopping() -> io::Error {
    io::Error::new(io::ErrorKind::ConnectionAborted, "the service is stopping")
}

/// What a socket with a timeout says when it passes depends on the system.
fn is_timeout(error: &io::Error) -> bool {
    matches!(error.kind(), io::ErrorKind::WouldBlock | io::ErrorKind::TimedOut)
}

impl Read for Socket {
    fn read(&mut self, buf: &mut [u8]) -> io::Result<usize> {
        if self.phase.message_ended.swap(false, Ordering::Relaxed) {
            (self.waited, self.bytes) = (Duration::ZERO, 0);
        }
        let from = Instant::now();
        loop {
            self.check_patience(from.elapsed())?;
            match self.stream.read(buf) {
                Err(error) if is_timeout(&error) => self.check_stop()?,
                Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
                outcome => {
                    // A sender with Nagle's algorithm on waits for our acknowledgement before its last,
                    // short segment. The kernel forgets this option after a while: set it again each time.
                    quick_ack(&self.stream);
                    self.count(from.elapsed(), *outcome.as_ref().unwrap_or(&0));
                    return outcome;
                }
            }
        }
    }
}

fn quick_ack(stream: &TcpStream) {
    #[cfg(target_os = "linux")]
    if let Err(error) = socket2::SockRef::from(stream).set_tcp_quickack(true) {
        tracing::debug!(%error, "no quick acknowledgements on this socket");
    }
    #[cfg(not(target_os = "linux"))]
    let _not_needed = stream;
}

impl Write for Socket {
    fn write(&mut self, buf: &[u8]) -> io::Result<usize> {
        self.stream.write(buf).map_err(|error| match error.kind() {
            // A caller that does not take our answers. As `WouldBlock`, TLS would turn to reading.
            io::ErrorKind::WouldBlock => io::ErrorKind::TimedOut.into(),
            _ => error,
        })
    }

    fn flush(&mut self) -> io::Result<()> {
        self.stream.flush()
    }
}

enum Channel {
    Plain(Socket),
    Tls(Box<StreamOwned<ServerConnection, Socket>>),
}

impl Read for Channel {
    fn read(&mut self, buf: &mut [u8]) -> io::Result<usize> {
        match self {
            Self::Plain(socket) => socket.read(buf),
            Self::Tls(stream) => stream.read(buf),
        }
    }
}

impl Channel {
    fn writer(&mut self) -> io::Result<&mut dyn Write> {
        match self {
            Self::Plain(socket) => Ok(socket),
            // Writing would first wait for the handshake to be finished.
            Self::Tls(stream) if stream.conn.is_handshaking() => Err(io::ErrorKind::NotConnected.into()),
            Self::Tls(stream) => Ok(stream),
        }
    }

    fn socket(&mut self) -> &mut Socket {
        match self {
            Self::Plain(socket) => socket,
            Self::Tls(stream) => &mut stream.sock,
        }
    }

    /// TLS says that nothing follows. Not through the stream, which would wait for the handshake.
    fn send_close_notify(&mut self) -> io::Result<()> {
        let Self::Tls(stream) = self else { return Ok(()) };
        stream.conn.send_close_notify();
        while stream.conn.wants_write() {
            stream.conn.write_tls(&mut stream.sock)?;
        }
        Ok(())
    }
}

/// A caller's connection, plain or TLS.
pub(super) struct Connection {
    channel: BufReader<Channel>,
    phase: Arc<Phase>,
    control: Arc<Control>,
    /// A PDU was sent in part: anything sent after it would be read as its rest.
    send_failed: bool,
}

impl Connection {
    pub(super) fn new(
        stream: TcpStream,
        tls: Option<Arc<ServerConfig>>,
        limits: Limits,
        control: Arc<Control>,
    ) -> io::Result<Self> {
        stream.set_nodelay(true)?;
        stream.set_read_timeout(Some(LOOK_UP))?;
        stream.set_write_timeout(Some(limits.idle))?;
        let phase = Arc::new(Phase::default());
        let socket = Socket::new(stream, limits, Arc::clone(&phase), Arc::clone(&control));
        let channel = match tls {
            None => Channel::Plain(socket),
            Some(config) => {
                let server = ServerConnection::new(config).map_err(io::Error::other)?;
                Channel::Tls(Box::new(StreamOwned::new(server, socket)))
            }
        };
        let channel = BufReader::with_capacity(READ_AHEAD_BYTES, channel);
        Ok(Self { channel, phase, control, send_failed: false })
    }

    /// The association stands: from here on the idle limit alone counts.
    pub(super) fn associated(&self) {
        self.phase.associated.store(true, Ordering::Relaxed);
    }

    /// A message began: to stop now would cut it in two.
    pub(super) fn message_begins(&self) {
        self.phase.within_message.store(true, Ordering::Relaxed);
    }

    /// A message ended, or none came yet.
    ///
    /// # Errors
    /// If the service is stopping. A sender that is never at a loss for a next message would not be
    /// noticed to rest by reads alone.
    pub(super) fn message_ended(&self) -> io::Result<()> {
        self.phase.within_message.store(false, Ordering::Relaxed);
        self.phase.message_ended.store(true, Ordering::Relaxed);
        if self.control.is_draining() { Err(stopping()) } else { Ok(()) }
    }

    /// Sends `bytes`, which should be a whole PDU so that it leaves as one segment.
    pub(super) fn send(&mut self, bytes: &[u8]) -> io::Result<()> {
        if self.send_failed {
            return Err(io::ErrorKind::BrokenPipe.into());
        }
        let writer = self.channel.get_mut().writer()?;
        let sent = writer.write_all(bytes).and_then(|()| writer.flush());
        self.send_failed = sent.is_err();
        sent
    }

    /// Says farewell, gives the caller a moment to close first, and closes.
    pub(super) fn close(mut self) {
        let channel = self.channel.get_mut();
        if self.send_failed || channel.send_close_notify().is_err() {
            return;
        }
        let socket = channel.socket();
        if socket.stream.shutdown(Shutdown::Write).is_ok() {
            socket.await_close();
        }
    }
}

impl Read for Connection {
    fn read(&mut self, buf: &mut [u8]) -> io::Result<usize> {
        self.channel.read(buf)
    }
}
