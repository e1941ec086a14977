import Foundation
package import TTLStore

/// A store that a callback reaches, and lets go of.
package final class StoreHolder: @unchecked Sendable {
    // Sendable: the lock guards the reference.
    private let lock = NSLock()
    private var held: TTLStore?
    package let callbacks = Counter()

    package init() {}

    package var store: TTLStore? {
        get { lock.withLock { held } }
        set {
            // What was held goes outside the lock.
            let before = lock.withLock {
                defer { held = newValue }
                return held
            }
            withExtendedLifetime(before) {}
        }
    }
}
