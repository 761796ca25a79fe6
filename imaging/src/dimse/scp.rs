//! The provider: listens, and serves each association on a thread of its own.
//!
//! Threads, because making an instance durable blocks anyway, one association's reads never wait for
//! another's, and their number is limited.

use super::message::{self, Command, MAX_COMMAND_BYTES};
use super::negotiate::{self, AeTitles, Rejection};
use super::status::{self, StoreFailure};
use super::transport::{Connection, Control};
use super::upper::{Ended, Fragment, Next, UpperLayer};
use dicom::ul::pdu::{Pdu, PresentationContextResultReason};
use rustls::ServerConfig;
use std::collections::{BTreeMap, HashMap};
use std::io::{self, Read};
use std::net::{Shutdown, SocketAddr, TcpListener, TcpStream};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::thread::JoinHandle;
use std::time::Duration;

/// Callers beyond the limit are told so, this many at a time; the rest are just closed.
const REJECTED_AT_ONCE: usize = 16;
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
    /// An association on which nothing comes for this long is aborted.
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
    /// Sockets by number, to be shut when a drain takes too long.
    sockets: HashMap<u64, TcpStream>,
    last_number: u64,
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
        let accepting = Arc::clone(&shared);
        let acceptor = std::thread::Builder::new()
            .name("dimse-accept".into())
            .spawn(move || accept(&listener, &accepting))?;
        Ok(Self { shared, acceptor, address })
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
        // The acceptor waits in `accept`; a caller wakes it.
        drop(TcpStream::connect_timeout(&self.address, Duration::from_secs(1)));
        drop(self.acceptor.join());
        let all_closed = |open: &mut Open| !open.sockets.is_empty();
        let (open, timeout) = self
            .shared
            .closed
            .wait_timeout_while(self.shared.open(), grace, all_closed)
            .unwrap_or_else(PoisonError::into_inner);
        if timeout.timed_out() {
            tracing::warn!(
                associations = open.sockets.len(),
                "associations are cut: they did not finish in time"
            );
            open.sockets.values().for_each(|socket| drop(socket.shutdown(Shutdown::Both)));
        }
        let closing = self.shared.closed.wait_timeout_while(open, Duration::from_secs(5), all_closed);
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
    let busy = open.sockets.len();
    if busy >= shared.settings.max_associations + REJECTED_AT_ONCE {
        return Ok(());
    }
    open.last_number += 1;
    let number = open.last_number;
    open.sockets.insert(number, stream.try_clone()?);
    drop(open);
    let crowded = busy >= shared.settings.max_associations;
    let serving = Arc::clone(shared);
    let thread = std::thread::Builder::new().name("dimse".into()).stack_size(THREAD_STACK_BYTES);
    let spawned = thread.spawn(move || {
        let _closing = Closing { shared: &serving, number };
        serve(stream, &serving, crowded);
    });
    if let Err(error) = spawned {
        shared.open().sockets.remove(&number);
        return Err(error);
    }
    Ok(())
}

/// Takes the association off the list however its thread ends.
struct Closing<'a> {
    shared: &'a Shared,
    number: u64,
}

impl Drop for Closing<'_> {
    fn drop(&mut self) {
        self.shared.open().sockets.remove(&self.number);
        self.shared.closed.notify_all();
    }
}

fn serve(stream: TcpStream, shared: &Shared, crowded: bool) {
    let settings = &shared.settings;
    let control = Arc::clone(&shared.control);
    let connection = match Connection::new(stream, settings.tls.clone(), settings.idle, control) {
        Ok(connection) => connection,
        Err(error) => return tracing::warn!(%error, "a connection could not be set up"),
    };
    let mut upper = UpperLayer::new(connection, settings.max_pdu_bytes);
    match associate_and_serve(&mut upper, shared, crowded) {
        Ok(()) => upper.close(),
        Err(ended) => {
            tracing::info!(reason = &ended as &dyn std::error::Error, "an association ended early");
            upper.abort(&ended);
        }
    }
}

fn associate_and_serve(upper: &mut UpperLayer, shared: &Shared, crowded: bool) -> Result<(), Ended> {
    let settings = &shared.settings;
    let request = match upper.receive_first()? {
        Pdu::AssociationRQ(request) => request,
        _ => return Err(Ended::Protocol("an association does not begin like this")),
    };
    let peer = Peer {
        calling_ae_title: request.calling_ae_title.clone(),
        called_ae_title: request.called_ae_title.clone(),
    };
    let admitted = if crowded {
        Err(Rejection::Congestion)
    } else {
        negotiate::admit(&request, &settings.called, &settings.calling)
    };
    let session = admitted.and_then(|()| {
        shared.store.session(&peer).map_err(|error| {
            tracing::error!(%error, "no session for an association");
            Rejection::Congestion
        })
    });
    let session = match session {
        Ok(session) => session,
        Err(rejection) => {
            upper.send(&Pdu::AssociationRJ(rejection.pdu()))?;
            return Err(rejection.into());
        }
    };
    let acceptance = negotiate::accept(&request, settings.max_pdu_bytes);
    let accepted = acceptance.presentation_contexts.iter();
    let contexts = accepted
        .filter(|context| context.reason == PresentationContextResultReason::Acceptance)
        .map(|context| (context.id, context.transfer_syntax.clone()))
        .collect();
    upper.send(&Pdu::AssociationAC(acceptance))?;
    upper.associated();
    Association { upper, contexts, session }.serve()?;
    upper.send(&Pdu::ReleaseRP)
}

/// An accepted association.
struct Association<'a> {
    upper: &'a mut UpperLayer,
    /// Transfer syntaxes by accepted context id.
    contexts: BTreeMap<u8, String>,
    session: Box<dyn Session + 'a>,
}

impl Association<'_> {
    /// Serves message after message until the peer releases.
    fn serve(&mut self) -> Result<(), Ended> {
        loop {
            self.upper.within_message(false);
            let first = match self.upper.next()? {
                Next::Release => return Ok(()),
                Next::Fragment(fragment) => fragment,
            };
            self.upper.within_message(true);
            let command = self.receive_command(first)?;
            match command.field {
                message::C_STORE_RQ => self.store(first.context_id, &command)?,
                message::C_ECHO_RQ => {
                    self.skip_data_set(first.context_id, &command)?;
                    self.answer(first.context_id, &command, status::SUCCESS, None)?;
                }
                message::C_CANCEL_RQ => {}
                _ => {
                    self.skip_data_set(first.context_id, &command)?;
                    self.answer(first.context_id, &command, status::UNRECOGNIZED_OPERATION, None)?;
                }
            }
        }
    }

    fn receive_command(&mut self, first: Fragment) -> Result<Command, Ended> {
        let mut bytes = Vec::with_capacity(256);
        let mut fragment = first;
        loop {
            if !fragment.is_command || fragment.context_id != first.context_id {
                return Err(Ended::Protocol("a message does not begin with its command"));
            }
            let start = bytes.len();
            if start + fragment.bytes > MAX_COMMAND_BYTES {
                return Err(Ended::Protocol("a command is too long"));
            }
            bytes.resize(start + fragment.bytes, 0);
            let mut filled = start;
            while filled < bytes.len() {
                filled += self.upper.read(&mut bytes[filled..])?;
            }
            if fragment.is_last {
                return Command::parse(&bytes).ok_or(Ended::Protocol("a command cannot be read"));
            }
            fragment = match self.upper.next()? {
                Next::Fragment(fragment) => fragment,
                Next::Release => return Err(Ended::Protocol("a release came within a message")),
            };
        }
    }

    fn store(&mut self, context_id: u8, command: &Command) -> Result<(), Ended> {
        let Some(transfer_syntax_uid) = self.contexts.get(&context_id) else {
            return Err(Ended::Protocol("a message came on a context that was not accepted"));
        };
        let request = StoreRequest {
            sop_class_uid: &command.sop_class_uid,
            sop_instance_uid: &command.sop_instance_uid,
            transfer_syntax_uid,
        };
        let mut data_set = DataSet::new(self.upper, context_id, command.has_data_set);
        let outcome = self.session.store(&request, &mut data_set);
        // A refused instance is still read to its end, so that the answer finds its reader.
        data_set.skip()?;
        match outcome {
            Ok(()) => self.answer(context_id, command, status::SUCCESS, None),
            Err(failure) => {
                tracing::warn!(status = failure.status(), %failure, "an instance was not taken");
                self.answer(context_id, command, failure.status(), Some(&failure.to_string()))
            }
        }
    }

    fn skip_data_set(&mut self, context_id: u8, command: &Command) -> Result<(), Ended> {
        DataSet::new(self.upper, context_id, command.has_data_set).skip()
    }

    fn answer(
        &mut self,
        context_id: u8,
        command: &Command,
        status: u16,
        comment: Option<&str>,
    ) -> Result<(), Ended> {
        self.upper.send_command(context_id, command.response(status, comment))
    }
}

/// A message's data set, fragment by fragment, as one stream.
struct DataSet<'a> {
    upper: &'a mut UpperLayer,
    context_id: u8,
    fragment_left: usize,
    is_last: bool,
    /// Why it could not be read to its end. The association then ends.
    ended: Option<Ended>,
}

impl<'a> DataSet<'a> {
    fn new(upper: &'a mut UpperLayer, context_id: u8, exists: bool) -> Self {
        Self { upper, context_id, fragment_left: 0, is_last: !exists, ended: None }
    }

    fn next_bytes(&mut self, buf: &mut [u8]) -> Result<usize, Ended> {
        while self.fragment_left == 0 {
            if self.is_last {
                return Ok(0);
            }
            let Next::Fragment(fragment) = self.upper.next()? else {
                return Err(Ended::Protocol("a release came within a message"));
            };
            if fragment.is_command || fragment.context_id != self.context_id {
                return Err(Ended::Protocol("another message came within a data set"));
            }
            (self.fragment_left, self.is_last) = (fragment.bytes, fragment.is_last);
        }
        let part = buf.len().min(self.fragment_left);
        let read = self.upper.read(&mut buf[..part])?;
        self.fragment_left -= read;
        Ok(read)
    }

    /// Reads what is left and drops it.
    fn skip(mut self) -> Result<(), Ended> {
        if let Some(ended) = self.ended.take() {
            return Err(ended);
        }
        let mut unwanted = [0; 8 << 10];
        while self.next_bytes(&mut unwanted)? > 0 {}
        Ok(())
    }
}

impl Read for DataSet<'_> {
    fn read(&mut self, buf: &mut [u8]) -> io::Result<usize> {
        if self.ended.is_some() || buf.is_empty() {
            return Err(io::ErrorKind::UnexpectedEof.into());
        }
        self.next_bytes(buf).map_err(|ended| {
            self.ended = Some(ended);
            io::ErrorKind::ConnectionAborted.into()
        })
    }
}
