extension TTLStore {
    /// What `set` did.
    public enum SetOutcome: Hashable, Sendable {
        /// The value is in the file.
        case stored
        /// The condition did not hold; nothing was changed.
        case conditionNotMet
        /// The condition held and the expiry had already passed: an entry that had the key is gone.
        case alreadyExpired
    }

    /// What `exchange` did, and what it found.
    public struct ExchangeOutcome: Hashable, Sendable {
        /// Whether the new value was stored.
        public let outcome: SetOutcome
        /// The live value that the key had before, whether it was replaced or not; nil if there was none.
        public let previous: Value?
    }

    /// What `touch` did.
    public enum TouchOutcome: Hashable, Sendable {
        /// The entry has the new expiry.
        case touched
        /// The entry is live and the condition did not hold; nothing was changed.
        case conditionNotMet
        /// No live entry has the key.
        case absent
        /// The new expiry had already passed: the entry is gone.
        case alreadyExpired
    }

    /// What `rename` did.
    public enum RenameOutcome: Hashable, Sendable {
        /// The entry has the new key.
        case renamed
        /// A live entry has the new key, and `.ifAbsent` was asked for; nothing was changed.
        case conditionNotMet
        /// No live entry has the old key.
        case absent
    }

    /// What `persist` did.
    public enum PersistOutcome: Hashable, Sendable {
        /// The entry no longer expires.
        case madePermanent
        /// The entry had no expiry before either; nothing was changed.
        case wasPermanent
        /// No live entry has the key.
        case absent
    }
}
