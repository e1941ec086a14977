package import Foundation

/// Polls until the condition holds; false if it doesn't within the time. For what only the real world decides.
package func eventually(within limit: TimeInterval = 60, _ condition: () throws -> Bool) rethrows -> Bool {
    let deadline = ProcessInfo.processInfo.systemUptime + limit
    while ProcessInfo.processInfo.systemUptime < deadline {
        if try condition() { return true }
        usleep(2000)
    }
    return try condition()
}
