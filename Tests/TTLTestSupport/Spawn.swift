import Foundation

/// Both ends of a pipe, which no other child inherits.
struct PipeEnds {
    let reading: FileHandle
    let writing: FileHandle

    init() throws {
        var ends: [Int32] = [-1, -1]
        try spawning.withLock {
            guard pipe(&ends) == 0 else { throw SystemFailure(call: "pipe", number: errno) }
            for end in ends { _ = fcntl(end, F_SETFD, FD_CLOEXEC) }
        }
        reading = FileHandle(fileDescriptor: ends[0], closeOnDealloc: true)
        writing = FileHandle(fileDescriptor: ends[1], closeOnDealloc: true)
    }
}

/// Starts a process with these three descriptors as its first.
/// - Returns: its number.
func spawn(
    _ executable: String, _ arguments: [String], environment: [String: String], input: FileHandle, output: FileHandle,
    errors: FileHandle
) throws -> pid_t {
    #if canImport(Darwin)
    var actions: posix_spawn_file_actions_t?
    var attributes: posix_spawnattr_t?
    #else
    var actions = posix_spawn_file_actions_t()
    var attributes = posix_spawnattr_t()
    #endif
    posix_spawn_file_actions_init(&actions)
    defer { posix_spawn_file_actions_destroy(&actions) }
    for (number, handle) in [input, output, errors].enumerated() {
        posix_spawn_file_actions_adddup2(&actions, handle.fileDescriptor, Int32(number))
    }
    // A test that writes to an ended process gets an error from the write; the child has the usual signal handling.
    _ = ignoreBrokenPipes
    posix_spawnattr_init(&attributes)
    defer { posix_spawnattr_destroy(&attributes) }
    var signals = sigset_t()
    sigemptyset(&signals)
    sigaddset(&signals, SIGPIPE)
    posix_spawnattr_setsigdefault(&attributes, &signals)
    posix_spawnattr_setflags(&attributes, Int16(POSIX_SPAWN_SETSIGDEF))
    var child = pid_t()
    let result = withCStrings([executable] + arguments) { arguments in
        withCStrings(environment.map { "\($0)=\($1)" }) { environment in
            spawning.withLock { posix_spawn(&child, executable, &actions, &attributes, arguments, environment) }
        }
    }
    guard result == 0 else { throw SystemFailure(call: "posix_spawn", number: result) }
    return child
}

/// Held while there are pipes that a child would inherit, and while a child comes to be.
private let spawning = NSLock()

private let ignoreBrokenPipes: Void = { _ = signal(SIGPIPE, SIG_IGN) }()

private struct SystemFailure: Error, CustomStringConvertible {
    let call: String
    let number: Int32

    var description: String { "\(call): \(String(cString: strerror(number)))" }
}

private func withCStrings<Result>(
    _ strings: [String], _ body: ([UnsafeMutablePointer<CChar>?]) -> Result
) -> Result {
    let copies = strings.map { strdup($0) } + [nil]
    defer { copies.forEach { free($0) } }
    return body(copies)
}
