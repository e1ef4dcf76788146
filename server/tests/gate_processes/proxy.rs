//! A proxy to Postgres that can be interrupted.

use sqlx::PgPool;
use std::io::{Read, Write};
use std::net::{Shutdown, TcpListener, TcpStream};
use std::os::unix::net::UnixStream;
use std::path::PathBuf;
use std::sync::{Arc, Condvar, Mutex};

/// What the proxy does with connections.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Mode {
    /// Forwards to Postgres.
    Forward,
    /// Forwards nothing and closes nothing, as a network that drops all packets.
    Stall,
    /// Closes every connection, new ones at once.
    Cut,
    /// The proxy is gone.
    End,
}

/// Where Postgres is, and who asks.
#[derive(Clone)]
enum Upstream {
    Socket(PathBuf),
    Tcp(String),
}

impl Upstream {
    fn of(pool: &PgPool) -> Self {
        let options = pool.connect_options();
        let (host, port) = (options.get_host(), options.get_port());
        let folder = options.get_socket().cloned();
        match folder.or_else(|| host.starts_with('/').then(|| PathBuf::from(host))) {
            Some(folder) => Self::Socket(folder.join(format!(".s.PGSQL.{port}"))),
            None => Self::Tcp(format!("{host}:{port}")),
        }
    }

    /// Copies both ways until either side ends.
    fn join(&self, near: TcpStream, shared: &Arc<Shared>) {
        match self {
            Self::Socket(path) => {
                let Ok(far) = UnixStream::connect(path) else { return };
                let (Ok(near2), Ok(far2)) = (near.try_clone(), far.try_clone()) else { return };
                shared.pump(near2, far, |far| drop(far.shutdown(Shutdown::Both)));
                shared.pump(far2, near, |near| drop(near.shutdown(Shutdown::Both)));
            }
            Self::Tcp(at) => {
                let Ok(far) = TcpStream::connect(at) else { return };
                let (Ok(near2), Ok(far2)) = (near.try_clone(), far.try_clone()) else { return };
                shared.pump(near2, far, |far| drop(far.shutdown(Shutdown::Both)));
                shared.pump(far2, near, |near| drop(near.shutdown(Shutdown::Both)));
            }
        }
    }
}

struct Shared {
    mode: Mutex<Mode>,
    changed: Condvar,
    /// Every connection that came in.
    open: Mutex<Vec<TcpStream>>,
}

impl Shared {
    /// Copies in a thread of its own; while nothing is forwarded, what was read waits.
    fn pump<R, W>(self: &Arc<Self>, mut from: R, mut to: W, end: fn(&W))
    where
        R: Read + std::marker::Send + 'static,
        W: Write + std::marker::Send + 'static,
    {
        let shared = Arc::clone(self);
        std::thread::spawn(move || {
            let mut buffer = vec![0; 1 << 16];
            while let Ok(read @ 1..) = from.read(&mut buffer) {
                if shared.moves() != Mode::Forward || to.write_all(&buffer[..read]).is_err() {
                    break;
                }
            }
            end(&to);
        });
    }

    /// Waits while nothing is forwarded.
    fn moves(&self) -> Mode {
        let mode = self.mode.lock().unwrap();
        *self.changed.wait_while(mode, |mode| *mode == Mode::Stall).unwrap()
    }
}

pub struct Proxy {
    shared: Arc<Shared>,
    port: u16,
}

impl Proxy {
    pub fn start(pool: &PgPool) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let port = listener.local_addr().unwrap().port();
        let upstream = Upstream::of(pool);
        let shared = Arc::new(Shared {
            mode: Mutex::new(Mode::Forward),
            changed: Condvar::new(),
            open: Mutex::default(),
        });
        let accepting = Arc::clone(&shared);
        std::thread::spawn(move || {
            for near in listener.incoming() {
                let Ok(near) = near else { return };
                let mode = *accepting.mode.lock().unwrap();
                match mode {
                    Mode::End => return,
                    Mode::Cut => continue,
                    Mode::Forward | Mode::Stall => {}
                }
                let _ = near.set_nodelay(true);
                accepting.open.lock().unwrap().push(near.try_clone().unwrap());
                upstream.join(near, &accepting);
            }
        });
        Self { shared, port }
    }

    pub fn port(&self) -> u16 {
        self.port
    }

    pub fn set(&self, mode: Mode) {
        *self.shared.mode.lock().unwrap() = mode;
        self.shared.changed.notify_all();
        if matches!(mode, Mode::Cut | Mode::End) {
            for near in self.shared.open.lock().unwrap().drain(..) {
                let _ = near.shutdown(Shutdown::Both);
            }
        }
    }
}

impl Drop for Proxy {
    fn drop(&mut self) {
        self.set(Mode::End);
        // One more connection wakes the listener.
        let _ = TcpStream::connect(("127.0.0.1", self.port));
    }
}

/// The address of a test's database as a server is told it: Postgres itself, or the proxy at a
/// port of this machine.
pub fn url(pool: &PgPool, proxy: Option<u16>) -> String {
    let named = std::env::var("DATABASE_URL").unwrap();
    let user = named.split_once("://").unwrap().1.split_once('@').unwrap().0;
    let options = pool.connect_options();
    let database = options.get_database().unwrap();
    match (proxy, Upstream::of(pool)) {
        (Some(port), _) => {
            format!("postgres://{user}@127.0.0.1:{port}/{database}?sslmode=disable")
        }
        (None, Upstream::Tcp(at)) => format!("postgres://{user}@{at}/{database}"),
        (None, Upstream::Socket(path)) => {
            let folder = path.parent().unwrap().display();
            let port = options.get_port();
            format!("postgres://{user}@localhost:{port}/{database}?host={folder}")
        }
    }
}
