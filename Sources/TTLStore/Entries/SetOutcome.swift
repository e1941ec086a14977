/// Under which condition a value is stored. An expired entry counts as absent.
public enum SetCondition: Hashable, Sendable {
    /// Whatever is there.
    case always
    /// Only if no live entry has the key.
    case ifAbsent
    /// Only if a live entry has the key.
    case ifPresent
}

/// What `set` did.
public enum SetOutcome: Hashable, Sendable {
    /// The value is in the file.
    case stored
    /// The condition did not hold; nothing was changed.
    case conditionNotMet
    /// The condition held and the expiry had already passed: an entry that had the key is gone.
    case alreadyExpired
}

/// Under which condition an expiry is changed.
public enum TouchCondition: Hashable, Sendable {
    /// Whatever expiry the entry has.
    case always
    /// Only if less than this remains. Where more remains nothing is written, and no lock is taken: a session that
    /// slides by 30 minutes costs one write in five minutes with `.remainingLess(than: .seconds(25 * 60))`.
    case remainingLess(than: Duration)
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

/// What `persist` did.
public enum PersistOutcome: Hashable, Sendable {
    /// The entry no longer expires.
    case madePermanent
    /// The entry did not expire before either; nothing was changed.
    case wasPermanent
    /// No live entry has the key.
    case absent
}
