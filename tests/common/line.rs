//! A line to a server on which things go wrong: it is slow, breaks off, or is cut.

use imaging::chance::SeededChance;
use std::io;
use std::net::SocketAddr;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, Instant};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::tcp::{ReadHalf, WriteHalf};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::watch;

/// Bytes taken at a time: one step of a slow line.
const CHUNK_BYTES: usize = 16 << 10;
/// A connection that fails does so after at most this many bytes.
const FAILS_WITHIN_BYTES: u64 = 32 << 20;
/// What was asked is taken in for so long after it was refused, so that the answer is not lost.
const LISTENS_ON_FOR: Duration = Duration::from_secs(1);

/// How the line is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Weather {
    /// Nothing is in the way.
    Fine,
    /// Each connection carries so many bytes a second each way, and a question is on its way for a while.
    Slow { bytes_per_second: u64, latency: Duration },
    /// Of four connections one is answered 500 or 503; the others are reset after some bytes.
    Failing,
    /// What was open says nothing any more; what comes is reset, or let in and never answered.
    Cut,
}

/// What the line did so far.
#[derive(Debug, Default)]
pub struct Done {
    /// Connections answered with an error.
    pub refused: AtomicU64,
    /// Connections reset on the way.
    pub broken: AtomicU64,
    /// Connections that met a line that was cut, or were open when it was.
    pub cut: AtomicU64,
}

/// A line to a server. Whenever its weather changes, what is open breaks.
pub struct Line {
    /// Where it begins.
    pub address: SocketAddr,
    /// What it did.
    pub done: Arc<Done>,
    weather: watch::Sender<Weather>,
}

impl Line {
    /// A line to this server in fine weather. Whatever fails on it follows from the seed.
    pub async fn to(server: SocketAddr, seed: u64) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        let (weather, watching) = watch::channel(Weather::Fine);
        let done = Arc::new(Done::default());
        let counting = Arc::clone(&done);
        tokio::spawn(async move {
            let chance = SeededChance::new(seed);
            loop {
                let (client, _) = listener.accept().await.unwrap();
                let one = Connection {
                    client,
                    server,
                    weather: watching.clone(),
                    fate: chance.next_u64(),
                    done: Arc::clone(&counting),
                };
                tokio::spawn(one.live());
            }
        });
        Self { address, done, weather }
    }

    /// Its address, as a server's.
    pub fn endpoint(&self) -> String {
        format!("http://{}", self.address)
    }

    /// Changes the weather.
    pub fn turn(&self, weather: Weather) {
        self.weather.send_replace(weather);
    }
}

/// Somebody who came.
struct Connection {
    client: TcpStream,
    server: SocketAddr,
    weather: watch::Receiver<Weather>,
    fate: u64,
    done: Arc<Done>,
}

impl Connection {
    /// Carries what is said until one side ends it, or the weather changes.
    async fn live(self) {
        let Self { mut client, server, mut weather, fate, done } = self;
        let now = *weather.borrow_and_update();
        let count = |counter: &AtomicU64| counter.fetch_add(1, Ordering::SeqCst);
        let whole = match now {
            Weather::Failing if fate.is_multiple_of(4) => {
                count(&done.refused);
                return refuse(client, fate.is_multiple_of(8)).await;
            }
            Weather::Cut if fate.is_multiple_of(2) => {
                count(&done.cut);
                false
            }
            Weather::Cut => {
                count(&done.cut);
                // The end of the channel is the end of the test.
                weather.changed().await.unwrap_or_default();
                false
            }
            weather_now => {
                let mut carried = Box::pin(carry(&mut client, server, weather_now, fate));
                tokio::select! {
                    carried = &mut carried => carried.is_ok(),
                    _ = weather.changed() => {
                        if *weather.borrow_and_update() == Weather::Cut {
                            count(&done.cut);
                            // Nothing is carried, and nobody is told.
                            weather.changed().await.unwrap_or_default();
                        }
                        false
                    }
                }
            }
        };
        if !whole {
            count(&done.broken);
            client.set_zero_linger().unwrap();
        }
    }
}

/// How fast a connection is, and how much of it there is.
struct Pace {
    bytes_per_second: Option<u64>,
    latency: Duration,
    left: AtomicU64,
}

async fn carry(client: &mut TcpStream, server: SocketAddr, weather: Weather, fate: u64) -> io::Result<()> {
    let mut pace = Pace { bytes_per_second: None, latency: Duration::ZERO, left: AtomicU64::new(u64::MAX) };
    match weather {
        Weather::Slow { bytes_per_second, latency } => {
            (pace.bytes_per_second, pace.latency) = (Some(bytes_per_second), latency);
        }
        Weather::Failing => pace.left = AtomicU64::new((fate >> 8) % FAILS_WITHIN_BYTES),
        Weather::Fine | Weather::Cut => {}
    }
    let mut upstream = TcpStream::connect(server).await?;
    let (mut asked, mut asking) = client.split();
    let (mut answered, mut answering) = upstream.split();
    let there = pass(&mut asked, &mut answering, &pace, pace.latency);
    let back = pass(&mut answered, &mut asking, &pace, Duration::ZERO);
    tokio::try_join!(there, back).map(drop)
}

/// Passes on what comes until it ends.
async fn pass(
    from: &mut ReadHalf<'_>,
    to: &mut WriteHalf<'_>,
    pace: &Pace,
    latency: Duration,
) -> io::Result<()> {
    let (mut chunk, mut last) = (vec![0; CHUNK_BYTES], None::<Instant>);
    loop {
        let read = from.read(&mut chunk).await?;
        if read == 0 {
            return to.shutdown().await;
        }
        if last.is_none_or(|last| last.elapsed() > latency) {
            tokio::time::sleep(latency).await;
        }
        last = Some(Instant::now());
        if let Some(bytes_per_second) = pace.bytes_per_second {
            tokio::time::sleep(Duration::from_secs(1).mul_f64(read as f64 / bytes_per_second as f64)).await;
        }
        let taken = |left: u64| left.checked_sub(read as u64);
        if pace.left.fetch_update(Ordering::SeqCst, Ordering::SeqCst, taken).is_err() {
            return Err(io::ErrorKind::ConnectionReset.into());
        }
        to.write_all(&chunk[..read]).await?;
    }
}

/// Hears what is asked, and says that it cannot be done now.
async fn refuse(mut client: TcpStream, is_down: bool) {
    let (mut asked, mut byte) = (Vec::new(), [0]);
    while !asked.ends_with(b"\r\n\r\n") {
        match client.read(&mut byte).await {
            Ok(1) => asked.extend_from_slice(&byte),
            _ => return,
        }
    }
    let (status, code) =
        if is_down { ("500 Internal Server Error", "InternalError") } else { ("503 Slow Down", "SlowDown") };
    let body =
        format!("<?xml version=\"1.0\"?><Error><Code>{code}</Code><Message>Not now.</Message></Error>");
    let shown = if asked.starts_with(b"HEAD ") { "" } else { &body };
    let length = body.len();
    let answer = format!(
        "HTTP/1.1 {status}\r\nContent-Type: application/xml\r\nContent-Length: {length}\r\nConnection: close\r\n\r\n{shown}"
    );
    // Whoever does not wait for the answer does not get it.
    if client.write_all(answer.as_bytes()).await.is_ok() {
        let mut nowhere = tokio::io::sink();
        let listening = tokio::io::copy(&mut client, &mut nowhere);
        drop(tokio::time::timeout(LISTENS_ON_FOR, listening).await);
    }
}
