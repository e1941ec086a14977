#if canImport(Darwin)
import Darwin
#elseif canImport(Musl)
import Musl
#else
import Glibc
#endif

/// Runs `body` on that many threads at once, and returns when all have ended.
package func onThreads(_ count: Int, _ body: @escaping @Sendable (Int) -> Void) {
    var handles: [pthread_t] = []
    for number in 0..<count {
        let start = Unmanaged.passRetained(ThreadStart { body(number) })
        #if canImport(Darwin)
        var handle: pthread_t?
        pthread_create(&handle, nil, { runThread($0) }, start.toOpaque())
        if let handle { handles.append(handle) }
        #else
        var handle = pthread_t()
        pthread_create(&handle, nil, { $0.flatMap(runThread) }, start.toOpaque())
        handles.append(handle)
        #endif
    }
    for handle in handles { pthread_join(handle, nil) }
}

private final class ThreadStart: Sendable {
    let body: @Sendable () -> Void

    init(_ body: @escaping @Sendable () -> Void) { self.body = body }
}

private func runThread(_ argument: UnsafeMutableRawPointer) -> UnsafeMutableRawPointer? {
    Unmanaged<ThreadStart>.fromOpaque(argument).takeRetainedValue().body()
    return nil
}
