//! A provider that keeps what it is sent in memory.

use imaging::dimse::negotiate::AeTitles;
use imaging::dimse::scp::{self, Peer, Scp, Session, Settings, Store, StoreRequest};
use imaging::dimse::status::StoreFailure;
use std::io::{self, Read};
use std::net::{SocketAddr, TcpListener};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

/// An instance that was acknowledged.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Kept {
    pub from: String,
    pub sop_class_uid: String,
    pub sop_instance_uid: String,
    pub transfer_syntax_uid: String,
    pub bytes: Vec<u8>,
}

/// What the store does with an instance.
#[derive(Debug, Clone, Copy, Default)]
pub enum Manner {
    #[default]
    Keep,
    /// Refuses before reading anything.
    Refuse(StoreFailure),
    /// Says it took what it has not read.
    Forget,
    /// Has no sessions to give.
    Busy,
}

#[derive(Clone, Default)]
pub struct Memory {
    kept: Arc<Mutex<Vec<Kept>>>,
    sessions: Arc<AtomicUsize>,
    manner: Manner,
}

impl Memory {
    pub fn kept(&self) -> Vec<Kept> {
        self.kept.lock().unwrap().clone()
    }

    /// Sessions that are open.
    pub fn sessions(&self) -> usize {
        self.sessions.load(Ordering::SeqCst)
    }
}

struct InMemory {
    memory: Memory,
    from: String,
}

impl Store for Memory {
    fn session(&self, peer: &Peer) -> io::Result<Box<dyn Session + '_>> {
        if matches!(self.manner, Manner::Busy) {
            return Err(io::ErrorKind::OutOfMemory.into());
        }
        self.sessions.fetch_add(1, Ordering::SeqCst);
        Ok(Box::new(InMemory { memory: self.clone(), from: peer.calling_ae_title.clone() }))
    }
}

impl Drop for InMemory {
    fn drop(&mut self) {
        self.memory.sessions.fetch_sub(1, Ordering::SeqCst);
    }
}

impl Session for InMemory {
    fn store(&mut self, request: &StoreRequest<'_>, data_set: &mut dyn Read) -> Result<(), StoreFailure> {
        match self.memory.manner {
            Manner::Refuse(failure) => return Err(failure),
            Manner::Forget => return Ok(()),
            Manner::Keep | Manner::Busy => {}
        }
        let mut bytes = Vec::new();
        data_set.read_to_end(&mut bytes).map_err(|_| StoreFailure::OutOfResources)?;
        self.memory.kept.lock().unwrap().push(Kept {
            from: self.from.clone(),
            sop_class_uid: request.sop_class_uid.to_owned(),
            sop_instance_uid: request.sop_instance_uid.to_owned(),
            transfer_syntax_uid: request.transfer_syntax_uid.to_owned(),
            bytes,
        });
        Ok(())
    }
}

pub fn settings() -> Settings {
    Settings {
        called: AeTitles::Any,
        calling: AeTitles::Any,
        max_associations: 8,
        max_pdu_bytes: 16 << 10,
        associate_within: scp::ASSOCIATE_WITHIN,
        idle: Duration::from_secs(20),
        tls: None,
    }
}

/// A provider for one test. Dropped, it stops, and every association must have ended with it.
pub struct Provider {
    pub memory: Memory,
    pub address: SocketAddr,
    scp: Option<Scp>,
}

impl Provider {
    pub fn start() -> Self {
        Self::with(settings(), Manner::Keep)
    }

    pub fn with(settings: Settings, manner: Manner) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let memory = Memory { manner, ..Memory::default() };
        let scp = Scp::start(listener, settings, memory.clone()).unwrap();
        Self { memory, address: scp.address(), scp: Some(scp) }
    }

    /// Stops and says how long that took.
    pub fn stop(&mut self, grace: Duration) -> Duration {
        let from = Instant::now();
        self.scp.take().unwrap().stop(grace);
        from.elapsed()
    }

    /// Waits until every session has ended.
    pub fn wait_for_no_sessions(&self) {
        let from = Instant::now();
        while self.memory.sessions() > 0 {
            assert!(from.elapsed() < Duration::from_secs(5), "a session did not end");
            std::thread::sleep(Duration::from_millis(5));
        }
    }
}

impl Drop for Provider {
    fn drop(&mut self) {
        if let Some(scp) = self.scp.take() {
            scp.stop(Duration::from_secs(2));
        }
    }
}
