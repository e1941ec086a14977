import Foundation

/// Elements from several threads or tasks, in the order in which they were added.
package final class Collected<Element: Sendable>: @unchecked Sendable {
    // Sendable: the lock guards the elements.
    private let lock = NSLock()
    private var elements: [Element] = []

    package init() {}

    package var all: [Element] { lock.withLock { elements } }

    package func append(_ element: Element) { lock.withLock { elements.append(element) } }
}
