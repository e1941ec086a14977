package import Foundation

/// Polls until the condition holds; false if it doesn't within the time. For conditions that no clock of a test
/// controls. The limit is far longer than any of them takes, however many tests run at once.
package func eventually(within limit: TimeInterval = 300, _ condition: () throws -> Bool) rethrows -> Bool {
    let deadline = ProcessInfo.processInfo.systemUptime + limit
    while ProcessInfo.processInfo.systemUptime < deadline {
        if try condition() { return true }
        usleep(2000)
    }
    return try condition()
}

/// As `eventually`, for a task: it suspends meanwhile, since the awaited work may need its thread.
package func eventuallyWithoutBlocking(
    within limit: TimeInterval = 600, _ condition: () throws -> Bool
) async rethrows -> Bool {
    let deadline = ProcessInfo.processInfo.systemUptime + limit
    while ProcessInfo.processInfo.systemUptime < deadline {
        if try condition() { return true }
        try? await Task.sleep(for: .milliseconds(2))
    }
    return try condition()
}
