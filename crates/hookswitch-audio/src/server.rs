//! One connection to a PipeWire server: its nodes and devices, its defaults, its end.
//!
//! Input: the server's registry and metadata events, on the audio thread.
//! Output: [`News`] in the order of arrival, read at the next turn.
//!
//! # Promises
//!
//! - **V1** callbacks only queue news; nothing is destroyed while PipeWire calls us.
//! - **V2** proxies go before the registry and the registry before the core.

use std::cell::RefCell;
use std::collections::{BTreeMap, VecDeque};
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
use crate::endpoint::{Endpoint, Kind};
use crate::engine::ServerAddress;
use crate::watched::{Traits, Watched};

/// Which default.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) enum Which {
    /// Where streams play.
    Sink,
    /// Where streams record.
    Microphone,
}

impl Which {
    fn of_key(key: &str) -> Option<Self> {
        match key {
            "default.audio.sink" => Some(Self::Sink),
            "default.audio.source" => Some(Self::Microphone),
            _ => None,
        }
    }
}

/// A node that sound goes to or comes from.
struct Place {
    object: u32,
    name: String,
    description: String,
    which: Which,
    muted: bool,
}

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
    /// The server's default sink or microphone changed.
    Default(Which, Option<String>),
    /// What a node or a device says about itself.
    Described(u32, Traits),
    /// A node was muted or unmuted where it is.
    Muted(u32, bool),
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
    watched: BTreeMap<u32, Watched>,
    _registry_listener: registry::Listener,
    registry: RegistryRc,
    _core_listener: core::Listener,
    core: CoreRc,
    news: NewsQueue,
    places: Vec<Place>,
    traits: BTreeMap<u32, Traits>,
    default_sink: Option<String>,
    default_microphone: Option<String>,
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
            watched: BTreeMap::new(),
            _core_listener: listen_core(&core, &news),
            _registry_listener: listen_registry(&registry, &news),
            registry,
            core,
            news,
            places: Vec::new(),
            traits: BTreeMap::new(),
            default_sink: None,
            default_microphone: None,
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
        if object.type_ == ObjectType::Device && props.get("media.class") == Some("Audio/Device") {
            let device = Watched::device(&self.registry, object, &self.news);
            self.watched
                .extend(device.map(|device| (object.id, device)));
        } else if object.type_ == ObjectType::Metadata
            && props.get("metadata.name") == Some("default")
        {
            self.follow_default(object);
        } else if object.type_ == ObjectType::Node {
            self.note_node(object, props);
        }
    }

    fn note_node(&mut self, object: &GlobalObject<PropertiesBox>, props: &PropertiesBox) {
        let (Some(name), Some(class)) = (props.get("node.name"), props.get("media.class")) else {
            return;
        };
        let which = match class {
            "Audio/Sink" => Which::Sink,
            "Audio/Source" | "Audio/Source/Virtual" => Which::Microphone,
            _ => return,
        };
        self.places.push(Place {
            object: object.id,
            name: name.to_owned(),
            description: props.get("node.description").unwrap_or(name).to_owned(),
            which,
            muted: false,
        });
        let told = Traits::of(|key| props.get(key));
        self.traits.insert(object.id, told);
        let node = Watched::node(&self.registry, object, &self.news);
        self.watched.extend(node.map(|node| (object.id, node)));
    }

    /// Forgets an object.
    pub(crate) fn gone(&mut self, id: u32) {
        self.places.retain(|place| place.object != id);
        self.watched.remove(&id);
        self.traits.remove(&id);
        if self
            .metadata
            .as_ref()
            .is_some_and(|(metadata, _)| *metadata == id)
        {
            self.default_listener = None;
            self.metadata = None;
            self.default_sink = None;
            self.default_microphone = None;
        }
    }

    /// Notes what the session manager made the default.
    pub(crate) fn default_changed(&mut self, which: Which, name: Option<String>) {
        match which {
            Which::Sink => self.default_sink = name,
            Which::Microphone => self.default_microphone = name,
        }
    }

    /// Notes what a node or a device says about itself.
    pub(crate) fn described(&mut self, id: u32, traits: Traits) {
        self.traits.insert(id, traits);
    }

    /// Notes that a node was muted or unmuted.
    pub(crate) fn muted(&mut self, id: u32, on: bool) {
        let place = self.places.iter_mut().find(|place| place.object == id);
        if let Some(place) = place {
            place.muted = on;
        }
    }

    /// Whether the default microphone is muted where it is.
    pub(crate) fn microphone_muted(&self) -> bool {
        let is_default = |place: &&Place| {
            place.which == Which::Microphone
                && self.default_microphone.as_ref() == Some(&place.name)
        };
        self.places
            .iter()
            .find(is_default)
            .is_some_and(|place| place.muted)
    }

    /// The sinks as of now, ordered by id.
    pub(crate) fn sinks(&self) -> Vec<Endpoint> {
        let sinks = self
            .places
            .iter()
            .filter(|place| place.which == Which::Sink);
        let endpoint = |place: &Place| Endpoint {
            id: place.name.clone(),
            description: place.description.clone(),
            kind: self.kind(place),
            is_default: self.default_sink.as_ref() == Some(&place.name),
        };
        let mut sinks = sinks.map(endpoint).collect::<Vec<_>>();
        sinks.sort_by(|a, b| a.id.cmp(&b.id));
        sinks
    }

    fn kind(&self, place: &Place) -> Kind {
        let unknown = Traits::default();
        let node = self.traits.get(&place.object).unwrap_or(&unknown);
        let device = node.device.and_then(|device| self.traits.get(&device));
        node.kind(device, &place.name)
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
                if subject == 0
                    && let Some(which) = key.and_then(Which::of_key)
                {
                    let name = value.and_then(name_in_json);
                    news.push(News::Default(which, name));
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
            let followed = [ObjectType::Node, ObjectType::Device, ObjectType::Metadata];
            if followed.contains(&object.type_) {
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
