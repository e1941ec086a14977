import Foundation
import TTLStore
import TTLTestSupport

/// A store that a callback reaches, and lets go of.
final class StoreHolder: @unchecked Sendable {
    // Sendable: the lock guards the reference.
    private let lock = NSLock()
    private var held: TTLStore?
    let callbacks = Counter()

    var store: TTLStore? {
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
