/// A consumer from which tasks read.
final class RemovalStream: RemovalConsumer, @unchecked Sendable {
    // Sendable: the lock guards the mutable properties. No task is resumed under it.
    let demand: RemovalDemand
    private let lock = Lock()
    private var buffer: RemovalBuffer
    private var isFinished = false
    /// Tasks that wait because the buffer was empty.
    private var waiting: [CheckedContinuation<TTLStore.Removal?, Never>] = []

    init(_ demand: RemovalDemand) {
        self.demand = demand
        buffer = RemovalBuffer(demand)
    }

    var dropped: Int { lock.withLock { buffer.dropped } }

    func append(_ batch: RemovalBatch) -> Int { lock.withLock { buffer.append(batch) } }

    func wake() {
        let woken = lock.withLock {
            var woken: [(CheckedContinuation<TTLStore.Removal?, Never>, TTLStore.Removal?)] = []
            while !waiting.isEmpty, !buffer.isEmpty { woken.append((waiting.removeFirst(), buffer.takeFirst())) }
            if isFinished {
                woken += waiting.map { ($0, nil) }
                waiting = []
            }
            return woken
        }
        for (continuation, removal) in woken { continuation.resume(returning: removal) }
    }

    func finish() {
        lock.withLock { isFinished = true }
        wake()
    }

    /// Ends the stream at once, and drops the buffered removals.
    func cancel() {
        lock.withLock { _ = buffer.takeAll() }
        finish()
    }

    /// The next removal without waiting; the outer nil means that the caller has to wait.
    func takeNext() -> TTLStore.Removal?? {
        lock.withLock {
            if let removal = buffer.takeFirst() { return removal }
            return isFinished ? .some(nil) : nil
        }
    }

    /// Resumes the continuation with the next removal, now or later.
    func next(_ continuation: CheckedContinuation<TTLStore.Removal?, Never>) {
        lock.withLock { waiting.append(continuation) }
        wake()
    }
}

/// The life of one stream: the stream ends when the last reference to this object goes. The feed refers to the stream
/// only.
final class RemovalSubscription: Sendable {
    let stream: RemovalStream
    private let feed: RemovalFeed

    init(_ stream: RemovalStream, _ feed: RemovalFeed) {
        self.stream = stream
        self.feed = feed
    }

    deinit { feed.remove(stream) }

    func next(isolation: isolated (any Actor)?) async -> TTLStore.Removal? {
        guard !Task.isCancelled else {
            cancel()
            return nil
        }
        if let next = stream.takeNext() { return next }
        return await withTaskCancellationHandler(
            operation: { await withCheckedContinuation(isolation: isolation) { stream.next($0) } },
            onCancel: { cancel() }, isolation: isolation)
    }

    private func cancel() {
        feed.remove(stream)
        stream.cancel()
    }
}
