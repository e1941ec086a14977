extension TTLStore {
    /// How `getOrCompute` shares the work with other callers, and what it does where the file can't be used.
    public struct ComputeOptions: Hashable, Sendable {
        /// How long the closure may take. After that its result is not stored, and another caller may compute the
        /// value. Where a process is killed while it computes, the other callers wait for that long.
        public var leaseDuration: Duration
        /// How long to wait for a value that another caller computes; with zero a caller never waits.
        public var timeout: Duration
        /// Whether it is an error that the file can't be read or written: a full disk, a lock that another process
        /// keeps, a store that was opened for reading only. Otherwise the value is computed and returned all the same;
        /// see <doc:GetOrCompute>.
        public var requiresStoring: Bool

        /// Whether a stored value that can't be decoded as `Content` is computed anew and replaced, for example a value
        /// of an older version of the type. `Statistics.undecodableValues` counts such values. Otherwise the value is
        /// `decodingFailed` or `wrongKind`.
        public var recomputesUndecodable: Bool

        /// By default half a minute for both times, and a value is returned also where the file can't be used or the
        /// stored value can't be decoded.
        public init(
            leaseDuration: Duration = .seconds(30), timeout: Duration = .seconds(30), requiresStoring: Bool = false,
            recomputesUndecodable: Bool = true
        ) {
            self.leaseDuration = leaseDuration
            self.timeout = timeout
            self.requiresStoring = requiresStoring
            self.recomputesUndecodable = recomputesUndecodable
        }
    }
    /// A value that a closure of `getOrCompute` has computed, and when it expires, for values that know their time to
    /// live, such as tokens.
    public struct Computed<Content> {
        /// The value.
        public var value: Content
        /// When it expires. A date that has passed stores nothing.
        public var expiry: Expiry

        /// A value with an expiry of its own.
        public init(_ value: Content, expiring expiry: Expiry) {
            self.value = value
            self.expiry = expiry
        }
    }
}

extension TTLStore.Computed: Sendable where Content: Sendable {}
