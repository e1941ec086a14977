import Foundation
package import TTLStore

/// Holds a store for a callback, which can release it.
package final class StoreHolder: @unchecked Sendable {
    // Sendable: the lock guards the reference.
    private let lock = NSLock()
    private var held: TTLStore?
    package let callbacks = Counter()

    package init() {}

    package var store: TTLStore? {
        get { lock.withLock { held } }
        set {
            // The former store is released outside the lock.
            let before = lock.withLock {
                defer { held = newValue }
                return held
            }
            withExtendedLifetime(before) {}
        }
    }
}
