#if Hummingbird
internal import HTTPTypes
internal import Hummingbird
internal import NIOCore

extension ResponseBody {
    /// A streamed body, which is cut off if a change of the session comes while it is written: the session was saved
    /// before, and the change is lost. It is noticed at the next part of the body, and at its end.
    ///
    /// Not for a body of a known length: the server sends a buffer together with the head, in a third of the writes,
    /// and by its end the client has all of another one.
    func refusingLateChanges(_ box: RequestSessionBox<some Codable & Sendable>) -> ResponseBody {
        let body = self
        return ResponseBody { writer in
            try await body.write(
                LateChangeWriter(inner: writer) {
                    if box.withLock({ $0.wasChangedTooLate }) { throw ChangedTooLate() }
                })
        }
    }
}

/// A handler has changed the session while it wrote the response's body.
struct ChangedTooLate: Error {}

private struct LateChangeWriter: ResponseBodyWriter {
    var inner: any ResponseBodyWriter
    let check: () throws -> Void

    mutating func write(_ buffer: ByteBuffer) async throws {
        try check()
        try await inner.write(buffer)
    }

    mutating func write(contentsOf buffers: some Sequence<ByteBuffer>) async throws {
        try check()
        try await inner.write(contentsOf: buffers)
    }

    consuming func finish(_ trailingHeaders: HTTPFields?) async throws {
        try check()
        try await inner.finish(trailingHeaders)
    }
}
#endif
