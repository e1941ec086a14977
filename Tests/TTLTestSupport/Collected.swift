import Foundation

/// What several threads or tasks have found, in the order in which they added it.
package final class Collected<Element: Sendable>: @unchecked Sendable {
    // Sendable: the lock guards the elements.
    private let lock = NSLock()
    private var elements: [Element] = []

    package init() {}

    package var all: [Element] { lock.withLock { elements } }

    package func append(_ element: Element) { lock.withLock { elements.append(element) } }
}
