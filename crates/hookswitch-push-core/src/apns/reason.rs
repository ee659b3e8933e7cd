//! The complaints of the provider API, with their statuses.

macro_rules! reasons {
    ($($(#[$doc:meta])* $name:ident $status:literal;)*) => {
        /// Why a request was refused; the name is the `reason` of the answer's body.
        #[derive(Clone, Copy, Debug, Eq, Ord, PartialEq, PartialOrd)]
        pub enum Reason {
            $($(#[$doc])* $name,)*
        }

        /// All of them.
        pub const REASONS: &[Reason] = &[$(Reason::$name,)*];

        impl Reason {
            /// The HTTP status.
            #[must_use]
            pub fn status(self) -> u16 {
                match self {
                    $(Self::$name => $status,)*
                }
            }

            /// The name in the answer's body.
            #[must_use]
            pub fn name(self) -> &'static str {
                match self {
                    $(Self::$name => stringify!($name),)*
                }
            }
        }
    };
}

reasons! {
    /// The collapse id is longer than 64 bytes.
    BadCollapseId 400;
    /// The token is no hex, or nobody has it in this environment.
    BadDeviceToken 400;
    /// The expiration is not a whole number of seconds.
    BadExpirationDate 400;
    /// The id is not a canonical UUID.
    BadMessageId 400;
    /// The priority is not 10, 5 or 1, or not allowed for this push type.
    BadPriority 400;
    /// The topic is malformed, or has not the suffix of the push type.
    BadTopic 400;
    /// The token belongs to another app or service.
    DeviceTokenNotForTopic 400;
    /// A header came more than once.
    DuplicateHeaders 400;
    /// The connection was idle for too long.
    IdleTimeout 400;
    /// The push type is not one of the known ones.
    InvalidPushType 400;
    /// The path has no token.
    MissingDeviceToken 400;
    /// The topic is missing and the certificate does not name exactly one.
    MissingTopic 400;
    /// The body is empty, or not one JSON object.
    PayloadEmpty 400;
    /// This sender may not use this topic.
    TopicDisallowed 400;
    /// Broadcast is not offered by this gateway.
    FeatureNotEnabled 400;
    /// The certificate is not one of a sender.
    BadCertificate 403;
    /// The certificate is for the other environment.
    BadCertificateEnvironment 403;
    /// The provider token is older than an hour.
    ExpiredProviderToken 403;
    /// This sender may not do this.
    Forbidden 403;
    /// The provider token is malformed, not signed by a known key, or of another team.
    InvalidProviderToken 403;
    /// There is neither a provider token nor a certificate.
    MissingProviderToken 403;
    /// The key is of another family than the one of this connection's first push.
    UnrelatedKeyIdInToken 403;
    /// The key is for the other environment.
    BadEnvironmentKeyIdInToken 403;
    /// There is nothing at this path.
    BadPath 404;
    /// The method is not POST.
    MethodNotAllowed 405;
    /// The token has expired.
    ExpiredToken 410;
    /// The app does not want pushes for this token any more.
    Unregistered 410;
    /// The body is over the limit of its push type.
    PayloadTooLarge 413;
    /// The provider token changes more often than every 20 minutes.
    TooManyProviderTokenUpdates 429;
    /// Too many pushes wait for this device.
    TooManyRequests 429;
    /// The gateway made a mistake.
    InternalServerError 500;
    /// The gateway cannot take the push now.
    ServiceUnavailable 503;
    /// The gateway stops.
    Shutdown 503;
}
