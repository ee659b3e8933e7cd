//! What the server says about one node or device beyond its announcement: traits, and mute.
//!
//! Input: announced nodes and devices. Output: [`News::Described`] and [`News::Muted`].
//!
//! # Promises
//!
//! - **WA1** the kind of an endpoint comes from properties of the node and its device; names are
//!   read only where these say nothing.
//! - **WA2** a listener goes before the object it listens to.

use pipewire::device::{Device, DeviceChangeMask, DeviceListener};
use pipewire::node::{Node, NodeChangeMask, NodeListener};
use pipewire::properties::PropertiesBox;
use pipewire::registry::{GlobalObject, RegistryRc};
use pipewire::spa::param::ParamType;
use pipewire::spa::pod::Pod;
use pipewire::spa::sys::SPA_PROP_mute;
use pipewire::spa::utils::Id;
use pipewire::spa::utils::dict::DictRef;

use crate::endpoint::Kind;
use crate::server::{News, NewsQueue};

/// A node or device that is followed; dropping it ends that.
pub(crate) enum Watched {
    Node {
        _listener: NodeListener,
        _node: Node,
    },
    Device {
        _listener: DeviceListener,
        _device: Device,
    },
}

impl Watched {
    /// Follows a node: what it is, and whether it is muted.
    pub(crate) fn node(
        registry: &RegistryRc,
        object: &GlobalObject<PropertiesBox>,
        news: &NewsQueue,
    ) -> Option<Self> {
        let node: Node = bound(registry.bind(object))?;
        let (described, muted, id) = (news.clone(), news.clone(), object.id);
        let listener = node
            .add_listener_local()
            .info(move |info| {
                // Without this mark the properties of an event are empty, and say nothing.
                if info.change_mask().contains(NodeChangeMask::PROPS) {
                    tell(&described, id, info.props());
                }
            })
            .param(move |_, kind, _, _, pod| {
                if kind == ParamType::Props
                    && let Some(on) = pod.and_then(mute_of)
                {
                    muted.push(News::Muted(id, on));
                }
            })
            .register();
        node.subscribe_params(&[ParamType::Props]);
        Some(Self::Node {
            _listener: listener,
            _node: node,
        })
    }

    /// Follows a device: what it is.
    pub(crate) fn device(
        registry: &RegistryRc,
        object: &GlobalObject<PropertiesBox>,
        news: &NewsQueue,
    ) -> Option<Self> {
        let device: Device = bound(registry.bind(object))?;
        let (described, id) = (news.clone(), object.id);
        let listener = device
            .add_listener_local()
            .info(move |info| {
                if info.change_mask().contains(DeviceChangeMask::PROPS) {
                    tell(&described, id, info.props());
                }
            })
            .register();
        Some(Self::Device {
            _listener: listener,
            _device: device,
        })
    }
}

fn bound<T>(object: Result<T, pipewire::Error>) -> Option<T> {
    object
        .inspect_err(|error| tracing::warn!(%error, "an audio object cannot be looked at"))
        .ok()
}

fn tell(news: &NewsQueue, id: u32, props: Option<&DictRef>) {
    if let Some(props) = props {
        news.push(News::Described(id, Traits::of(|key| props.get(key))));
    }
}

/// Whether these properties of a node say that it is muted.
fn mute_of(props: &Pod) -> Option<bool> {
    let mute = props.as_object().ok()?.find_prop(Id(SPA_PROP_mute))?;
    mute.value().get_bool().ok()
}

/// What the properties of a node or a device say about what it is.
#[derive(Clone, Debug, Default, Eq, PartialEq)]
pub(crate) struct Traits {
    form_factor: Option<String>,
    bus: Option<String>,
    api: Option<String>,
    bluetooth_profile: Option<String>,
    port: Option<String>,
    /// The device that a node belongs to.
    pub(crate) device: Option<u32>,
}

impl Traits {
    /// Reads the properties that count.
    pub(crate) fn of<'p>(get: impl Fn(&str) -> Option<&'p str>) -> Self {
        let word = |key: &str| get(key).map(str::to_ascii_lowercase);
        Self {
            form_factor: word("device.form-factor").or_else(|| word("device.form_factor")),
            bus: word("device.bus"),
            api: word("device.api"),
            bluetooth_profile: word("api.bluez5.profile"),
            port: word("device.profile.name"),
            device: get("device.id").and_then(|id| id.parse().ok()),
        }
    }

    /// What a node is, with what is known of its device; the node's own word counts first.
    pub(crate) fn kind(&self, device: Option<&Self>, name: &str) -> Kind {
        let all = || [Some(self), device].into_iter().flatten();
        let is = |field: fn(&Self) -> &Option<String>, word: &str| {
            all().any(|traits| field(traits).as_deref() == Some(word))
        };
        let bluetooth = is(|t| &t.bus, "bluetooth")
            || is(|t| &t.api, "bluez5")
            || all().any(|traits| traits.bluetooth_profile.is_some());
        if bluetooth {
            return Kind::Bluetooth;
        }
        let factor = all().find_map(|traits| traits.form_factor.as_deref());
        let port = all().find_map(|traits| traits.port.as_deref());
        factor
            .and_then(of_form_factor)
            .or_else(|| port.and_then(of_words))
            .unwrap_or_else(|| of_name(name))
    }
}

/// The words of PipeWire's `device.form-factor` (and PulseAudio's before it).
fn of_form_factor(word: &str) -> Option<Kind> {
    match word {
        "headset" | "headphone" | "hands-free" => Some(Kind::Headset),
        "handset" => Some(Kind::Handset),
        "speaker" | "portable" | "car" | "hifi" | "tv" | "computer" => Some(Kind::Speaker),
        // "internal" says where it is, not what.
        _ => None,
    }
}

fn of_words(words: &str) -> Option<Kind> {
    let has = |part| words.contains(part);
    if has("headset") || has("headphone") {
        Some(Kind::Headset)
    } else if has("handset") || has("earpiece") {
        Some(Kind::Handset)
    } else {
        None
    }
}

/// The last resort: the server names Bluetooth nodes `bluez_…`.
fn of_name(name: &str) -> Kind {
    let name = name.to_ascii_lowercase();
    if name.starts_with("bluez") {
        Kind::Bluetooth
    } else {
        of_words(&name).unwrap_or(Kind::Speaker)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn traits(pairs: &[(&str, &'static str)]) -> Traits {
        Traits::of(|key| {
            let found = pairs.iter().find(|(name, _)| *name == key);
            found.map(|(_, value)| *value)
        })
    }

    #[test]
    fn properties_count_before_names() {
        let plain = traits(&[]);
        let usb = traits(&[("device.form-factor", "headset"), ("device.bus", "usb")]);
        let bluez = traits(&[("api.bluez5.profile", "headset-head-unit")]);
        let bus = traits(&[
            ("device.form-factor", "speaker"),
            ("device.bus", "bluetooth"),
        ]);
        let internal = traits(&[("device.form-factor", "internal")]);
        let port = traits(&[("device.profile.name", "HiFi: Headphones: sink")]);
        let cases = [
            (&plain, None, "alsa_output.pci", Kind::Speaker),
            (&plain, None, "bluez_output.00_11", Kind::Bluetooth),
            (&plain, None, "alsa_output.usb-Headset", Kind::Headset),
            (&plain, None, "alsa_output.earpiece", Kind::Handset),
            (&plain, Some(&usb), "alsa_output.usb-Jabra", Kind::Headset),
            (&bluez, None, "some_output", Kind::Bluetooth),
            (&plain, Some(&bus), "some_output", Kind::Bluetooth),
            (&internal, None, "alsa_output.headphones", Kind::Headset),
            (&port, None, "alsa_output.pci", Kind::Headset),
        ];
        for (node, device, name, want) in cases {
            assert_eq!(node.kind(device, name), want, "{name} {node:?}");
        }
        let speaker = traits(&[("device.form-factor", "speaker")]);
        assert_eq!(speaker.kind(None, "Not a Headset"), Kind::Speaker);
    }
}
