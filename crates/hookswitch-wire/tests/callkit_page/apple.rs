//! What must have a row: the names and numbers of Apple's public reference, as a list to tick off.
//!
//! Sources: developer.apple.com/documentation/callkit, /pushkit, /livecommunicationkit and
//! /avfaudio/avaudiosession. A name of several words is a method; only its first word counts.

use super::page::{Row, names};

/// A section of the page, and what must stand in its first column.
const NAMES: &[(&str, &str)] = &[
    ("CXHandle", "CXHandle type value"),
    (
        "CXCallUpdate",
        "CXCallUpdate remoteHandle localizedCallerName supportsHolding supportsGrouping \
         supportsUngrouping supportsDTMF hasVideo",
    ),
    (
        "CXProviderConfiguration",
        "CXProviderConfiguration localizedName ringtoneSound iconTemplateImageData \
         maximumCallGroups maximumCallsPerCallGroup includesCallsInRecents supportsVideo \
         supportedHandleTypes supportsAudioTranslation",
    ),
    (
        "CXProvider",
        "CXProvider init(configuration:) setDelegate(_:queue:) configuration \
         reportNewIncomingCall(with:update:completion:) reportCall(with:updated:) \
         reportCall(with:endedAt:reason:) reportOutgoingCall(with:startedConnectingAt:) \
         reportOutgoingCall(with:connectedAt:) reportNewIncomingVoIPPushPayload(_:completion:) \
         invalidate() pendingTransactions pendingCallActions(of:withCall:)",
    ),
    (
        "CXProviderDelegate",
        "providerDidBegin providerDidReset provider(_:execute:) provider(_:perform:) \
         provider(_:timedOutPerforming:) provider(_:didActivate:) provider(_:didDeactivate:)",
    ),
    (
        "CXAction, CXCallAction",
        "CXAction CXAction.uuid CXCallAction CXCallAction.callUUID isComplete timeoutDate \
         fulfill() fulfill(withDateStarted:) fulfill(withDateConnected:) fulfill(withDateEnded:) \
         fulfill(using:) fail()",
    ),
    (
        "Actions",
        "CXStartCallAction handle contactIdentifier isVideo CXAnswerCallAction CXEndCallAction \
         CXSetHeldCallAction isOnHold CXSetMutedCallAction isMuted CXSetGroupCallAction \
         callUUIDToGroupWith CXPlayDTMFCallAction digits type CXSetTranslatingCallAction \
         isTranslating localLanguage remoteLanguage",
    ),
    (
        "CXTransaction, CXCallController",
        "CXTransaction actions addAction CXTransaction.uuid CXTransaction.isComplete \
         CXCallController init(queue:) CXCallController.callObserver request(_:completion:) \
         requestTransaction(with:completion:)",
    ),
    (
        "CXCallObserver, CXCall",
        "CXCallObserver calls callObserver(_:callChanged:) CXCall CXCall.uuid isOutgoing isOnHold \
         hasConnected hasEnded callNotesStatus",
    ),
    (
        "PushKit",
        "PKPushRegistry desiredPushTypes PKPushRegistry.delegate init(queue:) pushToken(for:) \
         PKPushType voIP fileProvider complication PKPushCredentials type token PKPushPayload \
         dictionaryPayload PKVoIPPushMetadata mustReport pushRegistry(_:didUpdate:for:) \
         pushRegistry(_:didInvalidatePushTokenFor:) \
         pushRegistry(_:didReceiveIncomingPushWith:for:completion:) \
         pushRegistry(_:didReceiveIncomingVoIPPushWith:metadata:withCompletionHandler:)",
    ),
    (
        "Call Directory",
        "CXCallDirectoryPhoneNumber CXCallDirectoryManager sharedInstance \
         reloadExtension(withIdentifier:) getEnabledStatusForExtension(withIdentifier:) \
         openSettings CXCallDirectoryProvider beginRequest(with:) \
         CXCallDirectoryExtensionContext isIncremental \
         addBlockingEntry(withNextSequentialPhoneNumber:) \
         addIdentificationEntry(withNextSequentialPhoneNumber:label:) \
         removeBlockingEntry(withPhoneNumber:) removeAllBlockingEntries \
         removeIdentificationEntry(withPhoneNumber:) removeAllIdentificationEntries \
         completeRequest(completionHandler:) requestFailed(for:withError:)",
    ),
    (
        "AVAudioSession",
        "setActive(_:options:) setCategory(_:mode:options:) overrideOutputAudioPort(_:) \
         currentRoute availableInputs routeChangeNotification interruptionNotification \
         mediaServicesWereResetNotification prefersNoInterruptionsFromSystemAlerts \
         AVAudioApplication.isInputMuted promptStyle",
    ),
    (
        "AVAudioSession.Category, Mode",
        "ambient soloAmbient playback record playAndRecord multiRoute voiceChat videoChat gameChat \
         spokenAudio voicePrompt default measurement moviePlayback videoRecording",
    ),
];

/// What must stand in the column of LiveCommunicationKit, wherever it is.
const LCK: &str = "Handle Handle.type Handle.value Handle.displayName Conversation.Update \
    Conversation.Update.members Conversation.Update.localMember \
    Conversation.Update.activeRemoteMembers Conversation.Capabilities.pausing \
    Conversation.Capabilities.merging Conversation.Capabilities.unmerging \
    Conversation.Capabilities.playingTones Conversation.Capabilities.video \
    ConversationManager.Configuration ringtoneName maximumConversationGroups \
    maximumConversationsPerConversationGroup includesConversationInRecents \
    ConversationManager reportNewIncomingConversation(uuid:update:) \
    Conversation.Event.conversationUpdated Conversation.Event.conversationEnded \
    Conversation.Event.conversationStartedConnecting Conversation.Event.conversationConnected \
    reportNewIncomingVoIPPushPayload ConversationManager.invalidate \
    ConversationManager.pendingActions pendingConversationActions(of:for:) \
    conversationManagerDidBegin conversationManagerDidReset conversationManager(_:perform:) \
    conversationManager(_:timedOutPerforming:) conversationManager(_:didActivate:) \
    conversationManager(_:didDeactivate:) conversationManager(_:conversationChanged:) \
    ConversationAction ConversationAction.uuid ConversationAction.conversationUUID \
    ConversationAction.state idle running complete ConversationAction.timeoutDate \
    StartConversationAction StartConversationAction.handles StartConversationAction.isVideo \
    JoinConversationAction EndConversationAction PauseConversationAction MuteConversationAction \
    MergeConversationAction UnmergeConversationAction PlayToneAction SetTranslatingAction \
    ConversationManager.perform ConversationManager.conversations Conversation \
    Conversation.State.idle Conversation.State.joining Conversation.State.joined \
    Conversation.State.paused Conversation.State.leaving Conversation.State.left \
    Conversation.localMember Conversation.activeRemoteMembers TelephonyConversationManager \
    startCellularConversation StartCellularConversationAction cellularServices CellularService \
    ConversationHistoryManager recentConversations(matching:) RecentConversation.Status \
    RecentConversation.Direction markConversationAsRead";

/// A section whose rows begin with a number, and what each number is called.
const NUMBERS: &[(&str, &[(i64, &str)])] = &[
    (
        "General: `com.apple.CallKit.error`",
        &[
            (0, "unknownError"),
            (1, "unentitled"),
            (2, "invalidArgument"),
            (3, "missingVoIPBackgroundMode"),
        ],
    ),
    (
        "Incoming call: `com.apple.CallKit.error.incomingcall`",
        &[
            (0, "unknown"),
            (1, "unentitled"),
            (2, "callUUIDAlreadyExists"),
            (3, "filteredByDoNotDisturb"),
            (4, "filteredByBlockList"),
            (5, "filteredDuringRestrictedSharingMode"),
            (6, "callIsProtected"),
            (7, "filteredBySensitiveParticipants"),
        ],
    ),
    (
        "Request transaction: `com.apple.CallKit.error.requesttransaction`",
        &[
            (0, "unknown"),
            (1, "unentitled"),
            (2, "unknownCallProvider"),
            (3, "emptyTransaction"),
            (4, "unknownCallUUID"),
            (5, "callUUIDAlreadyExists"),
            (6, "invalidAction"),
            (7, "maximumCallGroupsReached"),
            (8, "callIsProtected"),
        ],
    ),
    (
        "Call Directory: `com.apple.CallKit.error.calldirectorymanager`",
        &[
            (0, "unknown"),
            (1, "noExtensionFound"),
            (2, "loadingInterrupted"),
            (3, "entriesOutOfOrder"),
            (4, "duplicateEntries"),
            (5, "maximumEntriesExceeded"),
            (6, "extensionDisabled"),
            (7, "currentlyLoading"),
            (8, "unexpectedIncrementalRemoval"),
        ],
    ),
    (
        "Notification service extension: `com.apple.CallKit.error.notificationserviceextension`",
        &[
            (0, "unknown"),
            (1, "invalidClientProcess"),
            (2, "missingNotificationFilteringEntitlement"),
        ],
    ),
    (
        "CXHandle.HandleType",
        &[(1, "generic"), (2, "phoneNumber"), (3, "emailAddress")],
    ),
    (
        "CXPlayDTMFCallAction.ActionType",
        &[(1, "singleTone"), (2, "softPause"), (3, "hardPause")],
    ),
    ("CXTranslationEngine", &[(0, "default"), (1, "custom")]),
    (
        "CXCallDirectoryManager.EnabledStatus",
        &[(0, "unknown"), (1, "disabled"), (2, "enabled")],
    ),
    (
        "AVAudioSession.RouteChangeReason",
        &[
            (0, "unknown"),
            (1, "newDeviceAvailable"),
            (2, "oldDeviceUnavailable"),
            (3, "categoryChange"),
            (4, "override"),
            (6, "wakeFromSleep"),
            (7, "noSuitableRouteForCategory"),
            (8, "routeConfigurationChange"),
        ],
    ),
    (
        "AVAudioSession.InterruptionReason",
        &[
            (0, "default"),
            (1, "appWasSuspended"),
            (2, "builtInMicMuted"),
            (4, "routeDisconnected"),
        ],
    ),
    (
        "AVAudioSession.InterruptionType, InterruptionOptions",
        &[
            (0, "InterruptionType.ended"),
            (1, "InterruptionType.began"),
            (1, "InterruptionOptions.shouldResume"),
        ],
    ),
    (
        "AVAudioSession.SilenceSecondaryAudioHintType, SetActiveOptions",
        &[
            (0, "SilenceSecondaryAudioHintType.end"),
            (1, "SilenceSecondaryAudioHintType.begin"),
            (1, "notifyOthersOnDeactivation"),
        ],
    ),
    (
        "AVAudioSession.CategoryOptions",
        &[
            (0x1, "mixWithOthers"),
            (0x2, "duckOthers"),
            (0x4, "allowBluetoothHFP"),
            (0x8, "defaultToSpeaker"),
            (0x11, "interruptSpokenAudioAndMixWithOthers"),
            (0x20, "allowBluetoothA2DP"),
            (0x40, "allowAirPlay"),
            (0x80, "overrideMutedMicrophoneInterruption"),
            (1 << 19, "bluetoothHighQualityRecording"),
        ],
    ),
    (
        "AVAudioSession.PortOverride, IOType, RouteSharingPolicy",
        &[
            (0, "PortOverride.none"),
            (letters(*b"spkr"), "PortOverride.speaker"),
            (0, "IOType.notSpecified"),
            (1, "IOType.aggregated"),
            (0, "RouteSharingPolicy.default"),
            (1, "longFormAudio"),
            (2, "independent"),
            (3, "longFormVideo"),
        ],
    ),
    (
        "AVAudioSession.ErrorCode",
        &[
            (0, "none"),
            (letters(*b"msrv"), "mediaServicesFailed"),
            (letters(*b"!act"), "isBusy"),
            (letters(*b"!cat"), "incompatibleCategory"),
            (letters(*b"!int"), "cannotInterruptOthers"),
            (letters(*b"ent?"), "missingEntitlement"),
            (letters(*b"siri"), "siriIsRecording"),
            (letters(*b"!pla"), "cannotStartPlaying"),
            (letters(*b"!rec"), "cannotStartRecording"),
            (-50, "badParam"),
            (letters(*b"!pri"), "insufficientPriority"),
            (letters(*b"!res"), "resourceNotAvailable"),
            (letters(*b"what"), "unspecified"),
            (letters(*b"!ses"), "expiredSession"),
            (letters(*b"inac"), "sessionNotActive"),
        ],
    ),
];

/// The number of four letters, big-endian.
const fn letters(four: [u8; 4]) -> i64 {
    u32::from_be_bytes(four) as i64
}

/// What has no row, a row that has another number than Apple's, and a number that is not Apple's.
pub fn missing(rows: &[Row]) -> Vec<String> {
    let mut missing = Vec::new();
    for (section, all) in NAMES {
        for name in all.split_whitespace() {
            let has = |row: &&Row| row.section == *section && stands(row, "CallKit", name);
            if !rows.iter().any(|row| has(&row)) {
                missing.push(format!("{section}: no row for {name}"));
            }
        }
    }
    for name in LCK.split_whitespace() {
        if !rows.iter().any(|row| stands(row, "LCK", name)) {
            missing.push(format!("LiveCommunicationKit: no row for {name}"));
        }
    }
    for (section, all) in NUMBERS {
        let have = rows.iter().filter(|row| row.section == *section);
        let have: Vec<(&str, &str)> = have.filter_map(numbered).collect();
        let want: Vec<(String, &str)> =
            all.iter().map(|(n, name)| (n.to_string(), *name)).collect();
        let want: Vec<(&str, &str)> = want.iter().map(|(n, name)| (&**n, *name)).collect();
        if have != want {
            missing.push(format!("{section}: the page has {have:?}, Apple {want:?}"));
        }
    }
    missing
}

/// A row's number and the name that comes first.
fn numbered(row: &Row) -> Option<(&str, &str)> {
    Some((row.cell("code")?, *row.names("CallKit").first()?))
}

fn stands(row: &Row, head: &str, name: &str) -> bool {
    row.cell(head)
        .is_some_and(|cell| names(cell).contains(&name))
}
