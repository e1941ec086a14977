extension TTLStore {
    /// Under which condition a value is stored. An expired entry counts as absent.
    public enum SetCondition: Hashable, Sendable {
        /// Always, whether a live entry has the key or not.
        case always
        /// Only if no live entry has the key. There is no expiry to keep then: ``TTLStore/Expiry/keep`` means
        /// ``TTLStore/Expiry/default``.
        case ifAbsent
        /// Only if a live entry has the key.
        case ifPresent
        /// Only if a live entry has the key and its value has not been written since the revision: compare and set. An
        /// entry that was removed and made anew has another revision, even with the same value.
        case ifUnchanged(since: TTLStore.Revision)
    }

    /// Under which condition an entry is removed. An expired entry counts as absent.
    public enum RemoveCondition: Hashable, Sendable {
        /// Always, whatever its value.
        case always
        /// Only if its value has not been written since the revision.
        case ifUnchanged(since: TTLStore.Revision)
    }

    /// Under which condition an expiry is changed. "Never" counts as infinitely late.
    ///
    /// Where the condition does not hold, nothing is written and no lock is taken. With ``TTLStore/Expiry/keep``, which
    /// changes nothing, the condition decides only what the touch returns.
    public enum TouchCondition: Hashable, Sendable {
        /// Always, whatever expiry the entry has.
        case always
        /// Only if the entry never expires.
        case ifPermanent
        /// Only if the entry expires.
        case ifExpiring
        /// Only if the new expiry is later than the one that the entry has; an equal one is not later. So never with
        /// ``TTLStore/Expiry/keep``.
        case ifLater
        /// Only if the new expiry is earlier than the one that the entry has; an equal one is not earlier. So never
        /// with ``TTLStore/Expiry/keep``.
        case ifEarlier
        /// Only if the entry has less time left than this: a session that slides by 30 minutes costs one write in five
        /// minutes with `.ifRemainingLess(than: .seconds(25 * 60))`. Zero and less are `invalidArgument`; an entry that
        /// never expires never meets the condition.
        case ifRemainingLess(than: Duration)
    }

    /// Under which condition an entry gets another key. An expired entry counts as absent.
    public enum RenameCondition: Hashable, Sendable {
        /// Always; a live entry that has the new key is replaced.
        case always
        /// Only if no live entry has the new key.
        case ifAbsent
    }

    /// Under which condition a batch of values is stored.
    public enum BatchCondition: Hashable, Sendable {
        /// Always, whether live entries have the keys or not.
        case always
        /// Only if no live entry has any of the keys. ``TTLStore/Expiry/keep`` means ``TTLStore/Expiry/default`` then.
        case ifAllAbsent
    }
}

extension TTLStore.SetCondition {
    var revision: TTLStore.Revision? {
        if case .ifUnchanged(let revision) = self { revision } else { nil }
    }
}
