//! The socket under an association: prompt acknowledgements, an idle limit, and a way to be stopped.

use rustls::{ServerConfig, ServerConnection, StreamOwned};
use std::io::{self, BufReader, Read, Write};
use std::net::{Shutdown, TcpStream};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

/// How long a caller may take to begin an association, however slowly bytes drip (the ARTIM timer,
/// PS3.8 §9.1.5).
const ASSOCIATE_WITHIN: Duration = Duration::from_secs(15);
/// How often a waiting association looks whether it is to stop.
const LOOK_UP: Duration = Duration::from_millis(250);
/// Small enough that most of a large PDU goes past it straight to its place, large enough that a small
/// instance and its command arrive in one read.
const READ_AHEAD_BYTES: usize = 16 << 10;

/// What an association and who stops it share.
#[derive(Debug, Default)]
pub(super) struct Control {
    /// No new work: an association ends as soon as it is between two messages.
    pub(super) draining: AtomicBool,
}

/// A TCP stream whose reads give up after the idle limit, or at once when draining between messages.
struct Socket {
    stream: TcpStream,
    idle: Duration,
    connected_at: Instant,
    phase: Arc<Phase>,
    control: Arc<Control>,
}

/// Where an association is, which decides how long its reads may take and whether they may be cut.
#[derive(Default)]
struct Phase {
    associated: AtomicBool,
    within_message: AtomicBool,
}

impl Read for Socket {
    fn read(&mut self, buf: &mut [u8]) -> io::Result<usize> {
        let mut waited = Duration::ZERO;
        loop {
            if !self.phase.associated.load(Ordering::Relaxed)
                && self.connected_at.elapsed() > ASSOCIATE_WITHIN
            {
                return Err(io::Error::new(io::ErrorKind::TimedOut, "no association was begun in time"));
            }
            match self.stream.read(buf) {
                Err(error) if matches!(error.kind(), io::ErrorKind::WouldBlock | io::ErrorKind::TimedOut) => {
                    waited += LOOK_UP;
                    let resting = !self.phase.within_message.load(Ordering::Relaxed);
                    if resting && self.control.draining.load(Ordering::Relaxed) {
                        return Err(io::Error::new(
                            io::ErrorKind::ConnectionAborted,
                            "the service is stopping",
                        ));
                    }
                    if waited >= self.idle {
                        return Err(io::Error::new(io::ErrorKind::TimedOut, "nothing came for too long"));
                    }
                }
                Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
                outcome => {
                    // A sender with Nagle's algorithm on waits for our acknowledgement before its last,
                    // short segment. The kernel forgets this option after a while: set it again each time.
                    quick_ack(&self.stream);
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
        self.stream.write(buf)
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
    /// Whether there is anybody to send to: a TLS handshake was completed, if there is to be one.
    fn stands(&self) -> bool {
        match self {
            Self::Plain(_) => true,
            Self::Tls(stream) => !stream.conn.is_handshaking(),
        }
    }

    fn writer(&mut self) -> &mut dyn Write {
        match self {
            Self::Plain(socket) => socket,
            Self::Tls(stream) => stream,
        }
    }
}

/// A caller's connection, plain or TLS.
pub(super) struct Connection {
    channel: BufReader<Channel>,
    phase: Arc<Phase>,
    handle: TcpStream,
}

impl Connection {
    pub(super) fn new(
        stream: TcpStream,
        tls: Option<Arc<ServerConfig>>,
        idle: Duration,
        control: Arc<Control>,
    ) -> io::Result<Self> {
        stream.set_nodelay(true)?;
        stream.set_read_timeout(Some(LOOK_UP))?;
        stream.set_write_timeout(Some(idle))?;
        let handle = stream.try_clone()?;
        let phase = Arc::new(Phase::default());
        let socket =
            Socket { stream, idle, connected_at: Instant::now(), phase: Arc::clone(&phase), control };
        let channel = match tls {
            None => Channel::Plain(socket),
            Some(config) => {
                let server = ServerConnection::new(config).map_err(io::Error::other)?;
                Channel::Tls(Box::new(StreamOwned::new(server, socket)))
            }
        };
        let channel = BufReader::with_capacity(READ_AHEAD_BYTES, channel);
        Ok(Self { channel, phase, handle })
    }

    /// The association stands: from here on the idle limit counts.
    pub(super) fn associated(&self) {
        self.phase.associated.store(true, Ordering::Relaxed);
    }

    /// Says whether a stop now would cut a message in two.
    pub(super) fn within_message(&self, within: bool) {
        self.phase.within_message.store(within, Ordering::Relaxed);
    }

    /// Sends `bytes`, which should be a whole PDU so that it leaves as one segment.
    ///
    /// # Errors
    /// If it cannot be sent, or TLS does not stand: there it would wait for a caller that speaks no TLS.
    pub(super) fn send(&mut self, bytes: &[u8]) -> io::Result<()> {
        if !self.channel.get_ref().stands() {
            return Err(io::ErrorKind::NotConnected.into());
        }
        let writer = self.channel.get_mut().writer();
        writer.write_all(bytes)?;
        writer.flush()
    }

    /// Says farewell and closes. What the caller still sends is not waited for.
    pub(super) fn close(mut self) {
        if let Channel::Tls(stream) = self.channel.get_mut()
            && !stream.conn.is_handshaking()
        {
            stream.conn.send_close_notify();
            drop(stream.flush());
        }
        drop(self.handle.shutdown(Shutdown::Write));
    }
}

impl Read for Connection {
    fn read(&mut self, buf: &mut [u8]) -> io::Result<usize> {
        self.channel.read(buf)
    }
}
