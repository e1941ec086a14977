/// A read and a conditional write that take effect as one step. Code of the program runs in between, with no lock held.
/// If the entry was written meanwhile, both are tried again, for as long as a caller waits for a lock.
struct ReadThenWrite<Found: Sendable, Success: Sendable>: Sendable {
    enum Decision {
        case done(Success)
        /// The write returns false if the entry is no longer the one that was read.
        case write(WriteOperation<Bool>, Success)
    }

    /// For errors, e.g. `take`.
    let name: String
    /// Nil for an absent entry, which ends the operation.
    let read: ReadOperation<Found?>
    let decide: @Sendable (Found) throws(TTLStoreError) -> Decision
}

extension Engine {
    func run<Found, Success>(_ steps: ReadThenWrite<Found, Success>) throws(TTLStoreError) -> Success? {
        _ = try writingQueue(steps.name)
        let deadline = deadline
        while let found = try read(steps.read) {
            switch try steps.decide(found) {
            case .done(let success): return success
            case .write(let operation, let success): if try write(operation) { return success }
            }
            try checkDeadline(deadline, steps.name)
        }
        return nil
    }

    func run<Found, Success>(_ steps: ReadThenWrite<Found, Success>) async throws(TTLStoreError) -> Success? {
        _ = try writingQueue(steps.name)
        let deadline = deadline
        while let found = try await read(steps.read) {
            switch try steps.decide(found) {
            case .done(let success): return success
            case .write(let operation, let success): if try await write(operation) { return success }
            }
            try checkDeadline(deadline, steps.name)
        }
        return nil
    }

    private var deadline: MonotonicTime {
        .now + Patience(busyTimeout: configuration.busyTimeoutMilliseconds).turn
    }

    /// Other callers may write the entry again and again.
    private func checkDeadline(_ deadline: MonotonicTime, _ operation: String) throws(TTLStoreError) {
        guard deadline > .now else {
            throw TTLStoreError(.busy, "the entry is written all the time by others", in: operation)
        }
    }
}

extension ReadThenWrite where Found == TTLStore.Entry, Success: Decodable {
    /// Removes an entry, once its value is decoded.
    static func take(_ key: String, as type: Success.Type) throws(TTLStoreError) -> ReadThenWrite {
        ReadThenWrite(name: "take", read: try .entry(key, in: "take")) { (entry) throws(TTLStoreError) in
            let decoded = try ValueCoding.decode(type, from: entry.value, in: "take")
            return .write(try .remove(key, when: .ifUnchanged(since: entry.revision), in: "take"), decoded)
        }
    }
}

extension ReadThenWrite where Found == EntryTouch.Undecoded, Success: Decodable {
    /// Changes the expiry of an entry, once its value is decoded.
    static func get(_ touch: EntryTouch, as type: Success.Type) -> ReadThenWrite {
        ReadThenWrite(name: "get", read: touch.undecoded()) { (found) throws(TTLStoreError) in
            let decoded = try ValueCoding.decode(type, from: found.value, in: "get")
            guard found.isToBeTouched else { return .done(decoded) }
            return .write(touch.write(ifUnchangedSince: found.revision), decoded)
        }
    }
}
