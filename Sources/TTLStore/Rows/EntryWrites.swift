extension WriteOperation where Success == SetOutcome {
    static func set(_ item: NewEntry, when condition: SetCondition) -> WriteOperation {
        WriteOperation("set") { writer, now in try writer.set(item, when: condition, now: now, in: "set") }
    }
}

extension WriteOperation where Success == ExchangeOutcome {
    static func exchange(_ item: NewEntry, when condition: SetCondition) -> WriteOperation {
        WriteOperation("exchange") { writer, now in try writer.exchange(item, when: condition, now: now) }
    }
}

extension WriteOperation where Success == Int64 {
    static func increment(
        _ key: String, by amount: Int64, expiring expiry: Expiry, tag: String?, _ configuration: TTLStore.Configuration,
        in operation: String
    ) throws(TTLStoreError) -> WriteOperation {
        let item = try NewEntry(
            key, .integer(amount), expiring: expiry, tag: tag, configuration, in: operation)
        return WriteOperation(operation) { writer, now in
            try writer.increment(item, by: amount, now: now, in: operation)
        }
    }
}

extension WriteOperation where Success == Void {
    /// Writes the value of an update, whose entry keeps its tag.
    static func replaceValue(_ item: NewEntry) -> WriteOperation {
        WriteOperation("update") { writer, now in
            // Read again: the closure of the update may have changed the entry itself.
            let isLive = try writer.reader.isLive(item.key, now: now)
            if isLive, item.expiry != .keep {
                let always = try TouchRule(.always, in: "update")
                let outcome = try writer.touch(
                    item.key, expiring: item.expiry, when: always, now: now, in: "update")
                guard outcome == .touched else { return }
            }
            try writer.replaceValue(item, isLive: isLive, now: now, in: "update")
        }
    }
}

extension WriteOperation where Success == Bool {
    static func remove(
        _ key: String, when condition: RemoveCondition, in operation: String = "remove"
    ) throws(TTLStoreError) -> WriteOperation {
        let key = try Key(key, in: operation)
        return WriteOperation(operation) { writer, now in try writer.remove(key, when: condition, now: now) }
    }

    static func setAll(_ items: [NewEntry], when condition: BatchCondition) -> WriteOperation {
        WriteOperation("setAll", sharesCommit: false) { writer, now in
            try writer.setAll(items, when: condition, now: now)
        }
    }
}

extension WriteOperation where Success == Int {
    static func removeAll(_ scope: EntryScope) -> WriteOperation {
        WriteOperation("removeAll", sharesCommit: false) { writer, now in try writer.removeAll(scope, now: now) }
    }

    static func removeAll(_ keys: [String]) throws(TTLStoreError) -> WriteOperation {
        let keys = try keys.map { (key) throws(TTLStoreError) in try Key(key, in: "removeAll") }
        return WriteOperation("removeAll", sharesCommit: false) { writer, now in try writer.removeAll(keys, now: now) }
    }
}

extension WriteOperation {
    static func take<Taken>(
        _ key: String, _ read: @escaping @Sendable (Value) throws -> Taken
    ) throws(TTLStoreError) -> WriteOperation where Success == Taken? {
        let key = try Key(key, in: "take")
        return WriteOperation("take") { writer, now in try writer.take(key, now: now, read) }
    }
}

extension WriteOperation where Success == RenameOutcome {
    static func rename(
        _ key: String, to newKey: String, when condition: RenameCondition
    ) throws(TTLStoreError) -> WriteOperation {
        let (key, newKey) = (try Key(key, in: "rename"), try Key(newKey, in: "rename"))
        return WriteOperation("rename") { writer, now in
            try writer.rename(key, to: newKey, when: condition, now: now)
        }
    }
}

extension WriteOperation where Success == Int {
    static func touchAll(_ scope: EntryScope, expiring expiry: Expiry) -> WriteOperation {
        WriteOperation("touchAll", sharesCommit: false) { writer, now in
            try writer.touchAll(scope, expiring: expiry, now: now)
        }
    }
}

extension WriteOperation where Success == PersistOutcome {
    static func persist(_ key: String) throws(TTLStoreError) -> WriteOperation {
        let key = try Key(key, in: "persist")
        return WriteOperation("persist") { writer, now in try writer.persist(key, now: now) }
    }
}
