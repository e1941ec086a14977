import TTLStore

/// Takes an entry out of a store for a reader that may be slow or leave: a pipe or a terminal.
///
/// No other taker gets the entry meanwhile, and no lock is held. An entry that can't be handed over is put back.
struct Handover {
    let store: TTLStore
    let key: String

    /// - Returns: false if there is no such entry.
    /// - Throws: an error if the value could not be written, with a message that says whether the entry was put back;
    ///   `Interrupted`.
    func run() throws -> Bool {
        guard let entry = try take() else { return false }
        do {
            var output = Output(isInterruptible: true)
            output.write(entry.value.rawBytes)
            try output.flush()
        } catch let interrupt as Interrupted {
            let fate = putBack(entry)
            if fate != .isBack { Terminal.writeError("ttl: take: interrupted; \(fate.text)\n") }
            throw interrupt
        } catch is OutputClosed {
            throw CommandFailure(message: "take: the reader of standard output has left; \(putBack(entry).text)")
        } catch let failure as CommandFailure {
            throw CommandFailure(message: "take: \(failure.message); \(putBack(entry).text)")
        }
        return true
    }

    /// Once the entry is removed, no signal ends the process before the entry is written or put back.
    private func take() throws -> TTLStore.Entry? {
        try store.transaction { transaction in
            guard let entry = try transaction.entry(key) else { return nil }
            Interrupts.listen()
            try transaction.remove(key)
            return entry
        }
    }

    private enum Fate: Equatable {
        case isBack
        case hasExpired
        case isReplaced
        case isLost(TTLStoreError)

        var text: String {
            switch self {
            case .isBack: "the entry is back"
            case .hasExpired: "the entry has expired meanwhile"
            case .isReplaced: "its value is lost, since the key has a new entry"
            case .isLost(let error): "its value is lost, since it can't be put back: \(error.withoutOperation)"
            }
        }
    }

    private func putBack(_ entry: TTLStore.Entry) -> Fate {
        do {
            let expiry = entry.expiresAt.map(TTLStore.Expiry.at) ?? .never
            switch try store.set(key, entry.value, expiring: expiry, tag: entry.tag, when: .ifAbsent) {
            case .stored: return .isBack
            case .alreadyExpired: return .hasExpired
            case .conditionNotMet: return .isReplaced
            }
        } catch {
            return .isLost(error)
        }
    }
}
