//! One connection to a PipeWire server: its nodes, its default sink, its end.
//!
//! Input: the server's registry and metadata events, on the audio thread.
//! Output: [`News`] in the order of arrival, read at the next turn.
//!
//! # Promises
//!
//! - **V1** callbacks only queue news; nothing is destroyed while PipeWire calls us.
//! - **V2** proxies go before the registry and the registry before the core.

use std::cell::RefCell;
use std::collections::VecDeque;
use std::rc::Rc;
use std::time::Duration;

use pipewire::context::ContextRc;
use pipewire::core::{self, CoreRc, PW_ID_CORE};
use pipewire::main_loop::MainLoopRc;
use pipewire::metadata::{Metadata, MetadataListener};
use pipewire::properties::PropertiesBox;
use pipewire::registry::{self, GlobalObject, RegistryRc};
use pipewire::types::ObjectType;

use crate::alarm::Alarm;
use crate::endpoint::Endpoint;
use crate::engine::ServerAddress;

/// What happened on the connection.
#[derive(Debug)]
pub(crate) enum News {
    /// A round trip came back.
    Settled,
    /// The connection is unusable.
    Lost(String),
    /// An object was announced.
    Appeared(GlobalObject<PropertiesBox>),
    /// An object is gone.
    Gone(u32),
    /// The server's default sink changed.
    Default(Option<String>),
    /// One of our streams began or ceased to move samples.
    Flowing(u64, bool),
}

/// News in order of arrival. Each rings the alarm, and the next turn takes them all.
#[derive(Clone, Debug)]
pub(crate) struct NewsQueue {
    news: Rc<RefCell<VecDeque<News>>>,
    alarm: Alarm,
}

impl NewsQueue {
    pub(crate) fn new(alarm: Alarm) -> Self {
        Self {
            news: Rc::default(),
            alarm,
        }
    }

    pub(crate) fn push(&self, news: News) {
        self.news.borrow_mut().push_back(news);
        self.alarm.ring_in(Duration::ZERO);
    }

    pub(crate) fn pop(&self) -> Option<News> {
        self.news.borrow_mut().pop_front()
    }

    pub(crate) fn is_empty(&self) -> bool {
        self.news.borrow().is_empty()
    }

    pub(crate) fn clear(&self) {
        self.news.borrow_mut().clear();
    }
}

/// An established connection. The order of the fields is the order of their end (V2).
pub(crate) struct Link {
    default_listener: Option<MetadataListener>,
    metadata: Option<(u32, Metadata)>,
    _registry_listener: registry::Listener,
    registry: RegistryRc,
    _core_listener: core::Listener,
    core: CoreRc,
    news: NewsQueue,
    sinks: Vec<(u32, Endpoint)>,
    default_sink: Option<String>,
}

impl Link {
    /// Connects to the socket and asks for everything the server has.
    pub(crate) fn connect(
        main_loop: &MainLoopRc,
        address: &ServerAddress,
        news: NewsQueue,
    ) -> Result<Self, pipewire::Error> {
        let context = ContextRc::new(main_loop, None)?;
        let core = context.connect_rc(remote(address))?;
        let registry = core.get_registry_rc()?;
        let link = Self {
            default_listener: None,
            metadata: None,
            _core_listener: listen_core(&core, &news),
            _registry_listener: listen_registry(&registry, &news),
            registry,
            core,
            news,
            sinks: Vec::new(),
            default_sink: None,
        };
        link.settle()?;
        Ok(link)
    }

    /// Asks for a round trip; its end is [`News::Settled`].
    pub(crate) fn settle(&self) -> Result<(), pipewire::Error> {
        self.core.sync(0).map(|_| ())
    }

    /// The connection that streams are opened on.
    pub(crate) fn core(&self) -> &CoreRc {
        &self.core
    }

    /// Notes an announced object.
    pub(crate) fn appeared(&mut self, object: &GlobalObject<PropertiesBox>) {
        let Some(props) = &object.props else { return };
        let is = |key, value| props.get(key) == Some(value);
        if object.type_ == ObjectType::Node && is("media.class", "Audio/Sink") {
            let Some(name) = props.get("node.name") else {
                return;
            };
            let description = props.get("node.description").unwrap_or(name);
            let endpoint = Endpoint {
                id: name.to_owned(),
                description: description.to_owned(),
                is_default: false,
            };
            self.sinks.push((object.id, endpoint));
        } else if object.type_ == ObjectType::Metadata && is("metadata.name", "default") {
            self.follow_default(object);
        }
    }

    /// Forgets an object.
    pub(crate) fn gone(&mut self, id: u32) {
        self.sinks.retain(|(sink, _)| *sink != id);
        if self
            .metadata
            .as_ref()
            .is_some_and(|(metadata, _)| *metadata == id)
        {
            self.default_listener = None;
            self.metadata = None;
            self.default_sink = None;
        }
    }

    /// Notes which sink the session manager made the default.
    pub(crate) fn default_changed(&mut self, name: Option<String>) {
        self.default_sink = name;
    }

    /// The sinks as of now, ordered by id.
    pub(crate) fn sinks(&self) -> Vec<Endpoint> {
        let mark = |(_, sink): &(u32, Endpoint)| Endpoint {
            is_default: self.default_sink.as_ref() == Some(&sink.id),
            ..sink.clone()
        };
        let mut sinks = self.sinks.iter().map(mark).collect::<Vec<_>>();
        sinks.sort_by(|a, b| a.id.cmp(&b.id));
        sinks
    }

    /// Whether a session manager keeps a default endpoint.
    pub(crate) fn keeps_default(&self) -> bool {
        self.metadata.is_some()
    }

    /// Asks the session manager to make a sink the default.
    pub(crate) fn set_default(&self, id: &str) {
        let Some((_, metadata)) = &self.metadata else {
            return;
        };
        let quoted = id.replace('\\', "\\\\").replace('"', "\\\"");
        let value = format!("{{ \"name\": \"{quoted}\" }}");
        let (key, kind) = ("default.configured.audio.sink", "Spa:String:JSON");
        // The server tells nobody of a value that stays the same, so it goes first.
        metadata.set_property(0, key, None, None);
        metadata.set_property(0, key, Some(kind), Some(&value));
    }

    fn follow_default(&mut self, object: &GlobalObject<PropertiesBox>) {
        let metadata = match self.registry.bind::<Metadata, _>(object) {
            Ok(metadata) => metadata,
            Err(error) => {
                tracing::warn!(%error, "the default endpoint cannot be followed");
                return;
            }
        };
        let news = self.news.clone();
        let listener = metadata
            .add_listener_local()
            .property(move |subject, key, _, value| {
                if subject == 0 && key == Some("default.audio.sink") {
                    let name = value.and_then(name_in_json);
                    news.push(News::Default(name));
                }
                0
            });
        self.default_listener = Some(listener.register());
        self.metadata = Some((object.id, metadata));
    }
}

fn remote(address: &ServerAddress) -> Option<PropertiesBox> {
    match address {
        ServerAddress::Session => None,
        ServerAddress::Socket(path) => {
            let mut props = PropertiesBox::new();
            props.insert("remote.name", path.to_string_lossy().replace('\0', ""));
            Some(props)
        }
    }
}

fn listen_core(core: &CoreRc, news: &NewsQueue) -> core::Listener {
    let (settled, lost) = (news.clone(), news.clone());
    core.add_listener_local()
        .done(move |id, _| {
            if id == PW_ID_CORE {
                settled.push(News::Settled);
            }
        })
        .error(move |id, _, code, message| {
            // Errors of other objects concern one stream, which reports its own state.
            if id == PW_ID_CORE && code == BROKEN_PIPE {
                lost.push(News::Lost(message.to_owned()));
            }
        })
        .register()
}

fn listen_registry(registry: &RegistryRc, news: &NewsQueue) -> registry::Listener {
    let (appeared, gone) = (news.clone(), news.clone());
    registry
        .add_listener_local()
        .global(move |object| {
            if matches!(object.type_, ObjectType::Node | ObjectType::Metadata) {
                appeared.push(News::Appeared(object.to_owned()));
            }
        })
        .global_remove(move |id| gone.push(News::Gone(id)))
        .register()
}

/// `-EPIPE`, which PipeWire reports on the core object when the server is gone.
const BROKEN_PIPE: i32 = -32;

/// The value of `name` in the one-member object that the session manager writes.
fn name_in_json(json: &str) -> Option<String> {
    let (_, rest) = json.split_once("\"name\"")?;
    let (_, rest) = rest.split_once(':')?;
    let rest = rest.trim_start().strip_prefix('"')?;
    let mut name = String::new();
    let mut chars = rest.chars();
    while let Some(next) = chars.next() {
        match next {
            '"' => return Some(name),
            '\\' => name.push(chars.next()?),
            other => name.push(other),
        }
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_found_in_what_session_managers_write() {
        check(r#"{"name":"speaker"}"#, Some("speaker"));
        check(r#"{ "name": "a \"b\" \\c" }"#, Some(r#"a "b" \c"#));
        check(r#"{ "name": "open"#, None);
        check("{}", None);
        check("", None);
    }

    #[track_caller]
    fn check(json: &str, want: Option<&str>) {
        assert_eq!(name_in_json(json).as_deref(), want);
    }
}
