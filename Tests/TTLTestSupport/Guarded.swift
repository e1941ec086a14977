import Foundation

/// A value that several threads use, one at a time.
///
/// In the place of the one in `Synchronization`, which waits by `futex` itself: the thread sanitizer doesn't know of it
/// and reports races.
package final class Guarded<Value: Sendable>: @unchecked Sendable {
    // Sendable: the lock guards the value.
    private let lock = NSLock()
    private var value: Value

    package init(_ value: Value) { self.value = value }

    package func withLock<Result>(_ body: (inout Value) throws -> Result) rethrows -> Result {
        try lock.withLock { try body(&value) }
    }
}
