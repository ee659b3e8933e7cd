//! A small built service, the messages of a device that keeps the protocol, and a raw connection
//! for one that does not.
#![allow(dead_code, reason = "each test program uses its part")]

use std::io::{Read, Write};
use std::net::TcpStream;
use std::time::Duration;

use hookswitch_lookup::bounds::Bounds;
use hookswitch_lookup::build::{Options, build};
use hookswitch_lookup::question::{Asker, Put};
use hookswitch_lookup::rows::read;
use hookswitch_lookup::serve::{Front, Stop, pages, serve};
use hookswitch_lookup::service::Service;
use hookswitch_lookup::tokens::verifier::Access;
use hookswitch_lookup_wire::messages::api::{
    Config, ConfigRequest, EvaluationKeys, Request, Requests, request,
};
use hookswitch_lookup_wire::messages::he::serialized_ciphertext::Kind;
use hookswitch_lookup_wire::messages::he::{
    SerializedCiphertext, SerializedKeySwitchKey, SerializedSeededCiphertext,
};
use hookswitch_lookup_wire::messages::lookup::PirRequest;
use tempfile::TempDir;
use tokio::net::TcpListener;
use tokio::task::JoinHandle;

/// The use case that is asked.
pub const USECASE: &str = "org.example.block";
/// Who asks.
pub const USER: &str = "a-device";

const TABLE: &str = "number,name,block,category,expiry
+14085551212,Johnny Appleseed,no,person,60
+12025550101,\"Demo, Inc.\",no,business,
+12025550102,,yes,,
+12025550103,Nuisance,yes,,
";

/// A folder with a small database: two shards that block, one that identifies.
pub fn folder() -> TempDir {
    let folder = tempfile::tempdir().expect("a folder");
    let records = read(TABLE.as_bytes()).expect("a table");
    build(&records, &options(), folder.path()).expect("it is built");
    folder
}

/// How the small database is built.
pub fn options() -> Options {
    Options {
        bundle: "org.example".to_owned(),
        parameters: "n_4096_logq_27_28_28_logt_5".to_owned(),
        rows_per_shard: 2,
    }
}

/// What a device that keeps the protocol knows and sends.
pub struct Device {
    pub asker: Asker<u32>,
    pub config: Config,
    pub keys: EvaluationKeys,
    pub put: Put,
}

impl Device {
    /// A device of this service.
    pub fn new(service: &Service) -> Self {
        let asked = ConfigRequest {
            usecases: vec![USECASE.to_owned()],
            existing_config_ids: Vec::new(),
        };
        let answer = service.config(USER, &asked).expect("a configuration");
        let key_config = answer.key_info[0].key_config.clone().expect("a key config");
        let config = answer.configs[0].config.clone().expect("a configuration");
        let asker = Asker::<u32>::new(&key_config, 7).expect("an asker");
        let put = asker.put(USECASE, &config, "+14085551212");
        Self {
            keys: asker.keys().expect("keys"),
            put: put.expect("a question"),
            asker,
            config,
        }
    }

    /// The question, changed.
    pub fn question(&self, change: impl FnOnce(&mut PirRequest)) -> Requests {
        let mut request = self.put.request.clone();
        if let Some(request::Kind::Pir(pir)) = &mut request.kind {
            change(pir);
        }
        Requests {
            requests: vec![request],
        }
    }

    /// The question without what the device asked.
    pub fn empty_question(&self) -> Request {
        Request {
            usecase: USECASE.to_owned(),
            kind: None,
        }
    }
}

/// The first row of a key, to be spoiled.
pub fn seeded_row(key: &mut SerializedKeySwitchKey) -> &mut SerializedSeededCiphertext {
    let rows = key.key_switch_key.as_mut().expect("rows");
    seeded(&mut rows.ciphertexts[0])
}

/// A seeded ciphertext, to be spoiled.
pub fn seeded(message: &mut SerializedCiphertext) -> &mut SerializedSeededCiphertext {
    match &mut message.kind {
        Some(Kind::Seeded(seeded)) => seeded,
        Some(Kind::Full(_)) | None => panic!("it is seeded"),
    }
}

/// A service that runs.
pub struct Running {
    pub address: String,
    pub device: Device,
    stop: Stop,
    serving: JoinHandle<()>,
    _folder: TempDir,
}

impl Running {
    /// Serves the small database within bounds, to everybody.
    pub async fn start(bounds: Bounds) -> Self {
        Self::start_for(bounds, Access::Open).await
    }

    /// Serves the small database within bounds.
    pub async fn start_for(bounds: Bounds, access: Access) -> Self {
        let folder = folder();
        let service = Service::load(folder.path()).expect("it loads");
        let device = Device::new(&service);
        let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port");
        let address = listener.local_addr().expect("an address").to_string();
        let front = Front::new(bounds);
        let pages = pages(service, access, front.clone());
        let (stop, serving) = serve(listener, None, pages, &front);
        Self {
            address,
            device,
            stop,
            serving: tokio::spawn(serving),
            _folder: folder,
        }
    }

    /// Stops it and waits for its end.
    pub async fn stop(self) {
        self.stop.stop();
        self.serving.await.expect("it ends");
    }
}

/// An answer as it came.
#[derive(Debug)]
pub struct Got {
    pub status: u16,
    pub head: String,
    pub body: Vec<u8>,
}

/// A connection that gives up after ten seconds.
pub fn connect(address: &str) -> TcpStream {
    let stream = TcpStream::connect(address).expect("it listens");
    let patience = Some(Duration::from_secs(10));
    stream.set_read_timeout(patience).expect("a deadline");
    stream.set_write_timeout(patience).expect("a deadline");
    stream
}

/// Reads until the service closes the connection; `None` when it said nothing.
pub fn read_answer(stream: &mut TcpStream) -> Option<Got> {
    let mut bytes = Vec::new();
    // The service may reset a connection whose body it did not want to read.
    let _ = stream.read_to_end(&mut bytes);
    let end = bytes.windows(4).position(|window| window == b"\r\n\r\n")?;
    let head = String::from_utf8_lossy(&bytes[..end]).into_owned();
    let status = head.split(' ').nth(1)?.parse().ok()?;
    Some(Got {
        status,
        body: bytes[end + 4..].to_vec(),
        head,
    })
}

/// Sends a head and a body as they are, and reads the answer.
pub fn exchange(address: &str, head: &str, body: &[u8]) -> Option<Got> {
    let mut stream = connect(address);
    // Whoever is refused early cannot write to the end.
    let _ = stream.write_all(head.as_bytes());
    let _ = stream.write_all(body);
    read_answer(&mut stream)
}

/// The head of a request that keeps the protocol.
pub fn head(path: &str, length: usize) -> String {
    format!(
        "POST {path} HTTP/1.1\r\nHost: x\r\nUser-Agent: a test\r\nUser-Identifier: {USER}\r\n\
         Connection: close\r\nContent-Length: {length}\r\n\r\n"
    )
}

/// Posts a body with a good head.
pub fn post(address: &str, path: &str, body: &[u8]) -> Option<Got> {
    exchange(address, &head(path, body.len()), body)
}
