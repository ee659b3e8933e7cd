//! What a lookup gives: who a number belongs to, or whether to block it.
//!
//! Values of the two use cases of a device: one byte, 0 or 1, for blocking; a [`CallIdentity`] for
//! identity (Apple's `pir-service-example`, `CallIdentity.proto`).

use prost::{Enumeration, Message};

/// Who a number belongs to. `Debug` says nothing: it is a name.
#[derive(Clone, Eq, Message, PartialEq)]
#[prost(skip_debug)]
pub struct CallIdentity {
    /// The name that the device shows.
    #[prost(string, tag = "1")]
    pub name: String,
    /// A small picture.
    #[prost(message, optional, tag = "2")]
    pub icon: Option<Icon>,
    /// How long a device may keep the answer, in minutes.
    #[prost(uint32, tag = "3")]
    pub cache_expiry_minutes: u32,
    /// Person or business.
    #[prost(enumeration = "Category", tag = "4")]
    pub category: i32,
}

impl std::fmt::Debug for CallIdentity {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("CallIdentity(..)")
    }
}

/// A picture.
#[derive(Clone, Eq, Message, PartialEq)]
pub struct Icon {
    /// Its format.
    #[prost(enumeration = "IconFormat", tag = "1")]
    pub format: i32,
    /// Its bytes.
    #[prost(bytes = "vec", tag = "2")]
    pub image: Vec<u8>,
}

/// The format of a picture: there is one.
#[derive(Clone, Copy, Debug, Enumeration, Eq, PartialEq)]
#[repr(i32)]
pub enum IconFormat {
    /// None said.
    Unspecified = 0,
    /// HEIC.
    Heic = 1,
}

/// What a number belongs to.
#[derive(Clone, Copy, Debug, Enumeration, Eq, PartialEq)]
#[repr(i32)]
pub enum Category {
    /// None said.
    Unspecified = 0,
    /// A person.
    Person = 1,
    /// A business.
    Business = 2,
}
