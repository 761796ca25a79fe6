//! The provider: listens, and serves each association on a thread of its own.
//!
//! Threads, because making an instance durable blocks anyway, one association's reads never wait for
//! another's, and their number is limited.

use super::association;
use super::negotiate::AeTitles;
use super::status::StoreFailure;
use super::transport::{Connection, Control, Limits};
use super::upper::UpperLayer;
use rustls::ServerConfig;
use socket2::SockRef;
use std::collections::HashMap;
use std::io::{self, Read};
use std::net::{Shutdown, SocketAddr, TcpListener, TcpStream};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::thread::JoinHandle;
use std::time::Duration;

/// Callers beyond the limit are told so, this many at a time; the rest are just closed.
const REJECTED_AT_ONCE: usize = 16;
/// How long a caller may take to begin an association, however slowly bytes drip: what is usual for
/// the ARTIM timer (PS3.8 §9.1.5).
pub const ASSOCIATE_WITHIN: Duration = Duration::from_secs(15);
const THREAD_STACK_BYTES: usize = 512 << 10;

/// Who may send, how much, how long.
#[derive(Clone)]
pub struct Settings {
    /// Names we may be called by.
    pub called: AeTitles,
    /// Who may call.
    pub calling: AeTitles,
    /// Associations at a time.
    pub max_associations: usize,
    /// The largest PDU we take, told to the caller; 4 KiB to 1 MiB is sensible.
    pub max_pdu_bytes: u32,
    /// A caller that has not begun an association by then is cut; [`ASSOCIATE_WITHIN`] will do.
    pub associate_within: Duration,
    /// An association on which nothing comes for this long is aborted, and so is one on which hardly
    /// anything comes in the course of a message.
    pub idle: Duration,
    /// TLS, where it is wanted (PS3.15 B.12).
    pub tls: Option<Arc<ServerConfig>>,
}

/// Who is on the other end.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Peer {
    /// The caller's AE title.
    pub calling_ae_title: String,
    /// The name we were called by.
    pub called_ae_title: String,
}

/// One C-STORE request.
#[derive(Debug, Clone, Copy)]
pub struct StoreRequest<'a> {
    /// Affected SOP Class UID.
    pub sop_class_uid: &'a str,
    /// Affected SOP Instance UID.
    pub sop_instance_uid: &'a str,
    /// What the data set is encoded in.
    pub transfer_syntax_uid: &'a str,
}

/// Takes the instances of one association, one after the other.
pub trait Session: Send {
    /// Reads the data set to its end and keeps it durably. It need not read on after a failure.
    ///
    /// # Errors
    /// The [`StoreFailure`] to answer with. If reading itself failed, any: no answer is sent then.
    fn store(&mut self, request: &StoreRequest<'_>, data_set: &mut dyn Read) -> Result<(), StoreFailure>;
}

/// Makes a session for each association.
pub trait Store: Send + Sync + 'static {
    /// A session for `peer`.
    ///
    /// # Errors
    /// If there are no means for one; the association is then rejected as for congestion.
    fn session(&self, peer: &Peer) -> io::Result<Box<dyn Session + '_>>;
}

/// A running provider. Dropping it does not stop it; [`Scp::stop`] does.
pub struct Scp {
    shared: Arc<Shared>,
    listener: Arc<TcpListener>,
    acceptor: JoinHandle<()>,
    address: SocketAddr,
}

struct Shared {
    settings: Settings,
    store: Box<dyn Store>,
    control: Arc<Control>,
    stopping: AtomicBool,
    open: Mutex<Open>,
    closed: Condvar,
}

#[derive(Default)]
struct Open {
    callers: HashMap<u64, Caller>,
    last_number: u64,
}

struct Caller {
    /// To be shut when a drain takes too long.
    socket: TcpStream,
    /// It takes up one of the associations there may be: it was not turned away and has not ended yet.
    counts: bool,
}

impl Shared {
    fn open(&self) -> MutexGuard<'_, Open> {
        self.open.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Scp {
    /// Begins to serve callers of `listener`.
    ///
    /// # Errors
    /// If the listener has no address or there is no thread.
    pub fn start(listener: TcpListener, settings: Settings, store: impl Store) -> io::Result<Self> {
        let address = listener.local_addr()?;
        let shared = Arc::new(Shared {
            settings,
            store: Box::new(store),
            control: Arc::new(Control::default()),
            stopping: AtomicBool::new(false),
            open: Mutex::default(),
            closed: Condvar::new(),
        });
        let (accepting, listener) = (Arc::clone(&shared), Arc::new(listener));
        let listening = Arc::clone(&listener);
        let acceptor = std::thread::Builder::new()
            .name("dimse-accept".into())
            .spawn(move || accept(&listening, &accepting))?;
        Ok(Self { shared, listener, acceptor, address })
    }

    /// Where it listens.
    #[must_use]
    pub fn address(&self) -> SocketAddr {
        self.address
    }

    /// Takes no more callers, lets every association finish its message, and after `grace` cuts those
    /// that have not. What was not acknowledged, its sender sends again.
    pub fn stop(self, grace: Duration) {
        self.shared.stopping.store(true, Ordering::SeqCst);
        self.shared.control.draining.store(true, Ordering::SeqCst);
        // The acceptor waits in `accept`. Linux wakes it like this, descriptors left or not; elsewhere a
        // caller does.
        drop(SockRef::from(&*self.listener).shutdown(Shutdown::Both));
        drop(TcpStream::connect_timeout(&self.address, Duration::from_secs(1)));
        drop(self.acceptor.join());
        let some_left = |open: &mut Open| !open.callers.is_empty();
        let (open, timeout) = self
            .shared
            .closed
            .wait_timeout_while(self.shared.open(), grace, some_left)
            .unwrap_or_else(PoisonError::into_inner);
        if timeout.timed_out() {
            tracing::warn!(
                associations = open.callers.len(),
                "associations are cut: they did not finish in time"
            );
            open.callers.values().for_each(|caller| drop(caller.socket.shutdown(Shutdown::Both)));
        }
        let closing = self.shared.closed.wait_timeout_while(open, Duration::from_secs(5), some_left);
        drop(closing);
    }
}

fn accept(listener: &TcpListener, shared: &Arc<Shared>) {
    for stream in listener.incoming() {
        if shared.stopping.load(Ordering::SeqCst) {
            return;
        }
        match stream.and_then(|stream| admit(stream, shared)) {
            Ok(()) => {}
            Err(error) => {
                tracing::warn!(%error, "a caller could not be served");
                // Out of descriptors or threads: without a pause this would spin.
                std::thread::sleep(Duration::from_millis(20));
            }
        }
    }
}

fn admit(stream: TcpStream, shared: &Arc<Shared>) -> io::Result<()> {
    let mut open = shared.open();
    let limit = shared.settings.max_associations;
    if open.callers.len() >= limit.saturating_add(REJECTED_AT_ONCE) {
        return Ok(());
    }
    let crowded = open.callers.values().filter(|caller| caller.counts).count() >= limit;
    open.last_number += 1;
    let number = open.last_number;
    open.callers.insert(number, Caller { socket: stream.try_clone()?, counts: !crowded });
    drop(open);
    let serving = Arc::clone(shared);
    let thread = std::thread::Builder::new().name("dimse".into()).stack_size(THREAD_STACK_BYTES);
    let spawned = thread.spawn(move || {
        let closing = Closing { shared: &serving, number };
        serve(stream, &closing, crowded);
    });
    if let Err(error) = spawned {
        shared.open().callers.remove(&number);
        return Err(error);
    }
    Ok(())
}

/// Takes the association off the list however its thread ends.
struct Closing<'a> {
    shared: &'a Shared,
    number: u64,
}

impl Closing<'_> {
    /// The association is over and only its farewell is left: who knows of that may call again at once.
    fn make_room(&self) {
        if let Some(caller) = self.shared.open().callers.get_mut(&self.number) {
            caller.counts = false;
        }
    }
}

impl Drop for Closing<'_> {
    fn drop(&mut self) {
        self.shared.open().callers.remove(&self.number);
        self.shared.closed.notify_all();
    }
}

fn serve(stream: TcpStream, closing: &Closing<'_>, crowded: bool) {
    let (shared, settings) = (closing.shared, &closing.shared.settings);
    let control = Arc::clone(&shared.control);
    let limits = Limits { associate_within: settings.associate_within, idle: settings.idle };
    let connection = match Connection::new(stream, settings.tls.clone(), limits, control) {
        Ok(connection) => connection,
        Err(error) => return tracing::warn!(%error, "a connection could not be set up"),
    };
    let mut upper = UpperLayer::new(connection, settings.max_pdu_bytes);
    let outcome = association::serve(&mut upper, settings, &*shared.store, crowded);
    closing.make_room();
    match outcome.and_then(|()| upper.send_release_response()) {
        Ok(()) => upper.close(),
        Err(ended) => {
            tracing::info!(reason = &ended as &dyn std::error::Error, "an association ended early");
            upper.abort(&ended);
        }
    }
}
