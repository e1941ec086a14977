import CTTLTestFaults
import Foundation

/// A failing system call of SQLite: the k-th call, or all calls from there on.
struct Fault: CustomStringConvertible, Sendable {
    enum Call: String, CaseIterable, Codable, Sendable {
        case read, write, diskFull, open, truncate, lock, map, sync, memory

        fileprivate var call: ttl_fault_call {
            switch self {
            case .read: TTL_FAULT_READ
            case .write, .diskFull: TTL_FAULT_WRITE
            case .open: TTL_FAULT_OPEN
            case .truncate: TTL_FAULT_TRUNCATE
            case .lock: TTL_FAULT_LOCK
            case .map: TTL_FAULT_MAP
            case .sync: TTL_FAULT_SYNC
            case .memory: TTL_FAULT_MEMORY
            }
        }

        /// A disk stays full, and for a lock that never comes SQLite waits for 10 seconds, whatever the busy timeout.
        var extents: [Extent] {
            switch self {
            case .lock: [.once]
            case .diskFull: [.lasting]
            default: Extent.allCases
            }
        }

        fileprivate var number: Int32 {
            switch self {
            case .diskFull: ENOSPC
            case .open: EMFILE
            case .memory, .map: ENOMEM
            default: EIO
            }
        }
    }

    enum Extent: String, CaseIterable, Codable, Sendable {
        /// One call fails.
        case once
        /// All calls fail until the operation has returned, every second time until the store has been closed.
        case lasting
    }

    let call: Call
    let extent: Extent
    /// From 1.
    var first: Int

    var description: String { "\(call) \(first), \(lastsUntilClosed ? "until closed" : extent.rawValue)" }

    var lastsUntilClosed: Bool { extent == .lasting && first % 2 == 0 }

    func begin() { ttl_faults_begin(call.call, Int32(first), extent != .once, call.number) }

    /// The fault to try after this one. An operation allocates memory more than a thousand times, so each run leaves
    /// out most of these faults, by chance; with `TTL_EVERY_FAULT=1` in the environment none is left out.
    var next: Fault {
        var next = self
        next.first += call == .memory && !Fault.triesEvery ? .random(in: 1...1 + first) : 1
        return next
    }

    static let triesEvery = ProcessInfo.processInfo.environment["TTL_EVERY_FAULT"] == "1"

    /// - Returns: how many calls failed.
    static func end() -> Int { Int(ttl_faults_end()) }

    /// Once in a process, before its first store.
    static func install() -> Bool { ttl_faults_install() == 0 }
}
