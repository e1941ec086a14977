extension TTLStore {
    /// How `getOrCompute` shares the work with other callers, and what it does where the file is of no use.
    public struct ComputeOptions: Hashable, Sendable {
        /// How long the closure may take. After that its result is not stored any more, and another caller may compute
        /// the value: where a process was killed while it computed, others wait for so long.
        public var leaseDuration: Duration
        /// How long to wait for a value that another caller computes; zero for not at all.
        public var timeout: Duration
        /// Whether it is an error that the file can't be read or written: a full disk, a lock that another process
        /// keeps, a store that was opened for reading only. Otherwise the value is computed and returned all the same;
        /// see <doc:GetOrCompute>.
        public var requiresStoring: Bool

        /// Whether a stored value that is no `Content`, as of an older version of the type, is computed anew and
        /// replaced; `Statistics.undecodableValues` counts them. Otherwise it is `decodingFailed` or `wrongKind`.
        public var recomputesUndecodable: Bool

        /// Half a minute each, and a value also where the file, or what is stored, is of no use, unless it is said
        /// otherwise.
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
    /// What a closure of `getOrCompute` has computed, and when it expires: a token knows its own time to live.
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
