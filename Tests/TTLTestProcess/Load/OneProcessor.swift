import Foundation

/// One processor for the whole process. On Apple's systems an environment variable of Dispatch's, which the parent
/// sets, gives tasks one thread; on Linux Dispatch may add threads for sleeping ones.
enum OneProcessor {
    private static let mark = "TTL_ONE_PROCESSOR"

    /// Begins the process anew, on one processor.
    static func enter() throws {
        #if os(Linux)
        guard getenv(mark) == nil else { return }
        try useProcessors([try firstProcessor()])
        setenv(mark, "1", 1)
        let arguments = CommandLine.arguments.map { strdup($0) } + [nil]
        execv("/proc/self/exe", arguments)
        throw CocoaError(.featureUnsupported)
        #endif
    }

    #if os(Linux)
    /// Swift hides both functions; they are looked up by name.
    private typealias Affinity = @convention(c) (Int32, Int, UnsafeMutableRawPointer) -> Int32

    /// Of `cpu_set_t`, in bytes.
    private static let setSize = 128

    private static func useProcessors(_ set: [UInt8]) throws { _ = try call("sched_setaffinity", set) }

    /// A set of the lowest one that the process may use, if that is among the first eight.
    private static func firstProcessor() throws -> UInt8 {
        let first = try call("sched_getaffinity", [])[0]
        return first & ~(first &- 1)
    }

    private static func call(_ name: String, _ set: [UInt8]) throws -> [UInt8] {
        guard let symbol = dlsym(nil, name) else { throw CocoaError(.featureUnsupported) }
        var bytes = set + Array(repeating: 0, count: setSize - set.count)
        let result = bytes.withUnsafeMutableBytes { buffer in
            buffer.baseAddress.map { unsafeBitCast(symbol, to: Affinity.self)(0, setSize, $0) }
        }
        guard result == 0 else { throw CocoaError(.featureUnsupported) }
        return bytes
    }
    #endif
}
