extension TTLStore {
    /// What `check` has found.
    public struct CheckReport: Hashable, Sendable, Codable {
        /// The worst first.
        public var findings: [Finding] = []
        /// False if the check ended early, as it does on a badly damaged file: there may be more findings.
        public var isComplete = true
        /// The schema version of the file.
        public var schemaVersion = 0
        /// The version of the SQLite library in use.
        public var sqliteVersion = ""

        /// True if no finding is an error. There may be warnings and notes.
        public var isHealthy: Bool { !findings.contains { $0.severity == .error } }

        /// One observation about the file or about SQLite.
        public struct Finding: Hashable, Sendable, Codable {
            /// How bad it is.
            public var severity: Severity
            /// What it is, for a program.
            public var code: Code
            /// One line for a person. Never holds a key or a value.
            public var message: String
        }

        /// How bad a finding is.
        public enum Severity: String, Hashable, Sendable, Codable, CaseIterable, Comparable {
            /// For information; nothing is wrong.
            case note
            /// Nothing is lost; something should be changed.
            case warning
            /// The file is damaged, or not what the library makes.
            case error

            /// `note` is the least.
            public static func < (left: Severity, right: Severity) -> Bool { left.rank < right.rank }

            private var rank: Int {
                switch self {
                case .note: 0
                case .warning: 1
                case .error: 2
                }
            }
        }

        /// The kind of a finding. More may be added.
        public struct Code: RawRepresentable, Hashable, Sendable, Codable {
            /// The code's name, e.g. `damaged`.
            public var rawValue: String

            /// A code of that name.
            public init(rawValue: String) { self.rawValue = rawValue }

            /// Error: pages of the file contradict each other.
            public static let damaged = Code(rawValue: "damaged")
            /// Error: an index doesn't list the rows of its table.
            public static let indexMismatch = Code(rawValue: "indexMismatch")
            /// Error: rows break a constraint of their table.
            public static let constraintBroken = Code(rawValue: "constraintBroken")
            /// Error: a table, index, view or trigger of the schema is missing.
            public static let objectMissing = Code(rawValue: "objectMissing")
            /// Error: a table, index, view or trigger has another definition than the library gives it.
            public static let objectChanged = Code(rawValue: "objectChanged")
            /// Warning: a program has added a table, index, view or trigger.
            public static let objectAdded = Code(rawValue: "objectAdded")
            /// Error: `PRAGMA application_id` or `user_version` is not the library's.
            public static let wrongIdentity = Code(rawValue: "wrongIdentity")
            /// Warning: the journal mode is not WAL, or the vacuum mode not incremental.
            public static let wrongMode = Code(rawValue: "wrongMode")
            /// Warning: other users may read or write the file or its log, or write into its folder.
            public static let permissions = Code(rawValue: "permissions")
            /// Warning: the file has several names, by hard links or since it is mounted by itself, and SQLite keeps
            /// the log beside the one that was opened.
            public static let severalNames = Code(rawValue: "severalNames")
            /// Note: the store was opened for reading only, where SQLite does not look for rows that break a `CHECK`
            /// constraint.
            public static let constraintsUnchecked = Code(rawValue: "constraintsUnchecked")
            /// Note: this SQLite has the WAL-reset bug.
            public static let walResetBug = Code(rawValue: "walResetBug")
        }
    }
}
