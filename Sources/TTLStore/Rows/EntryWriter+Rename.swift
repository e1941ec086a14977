extension EntryWriter {
    /// Gives a live entry another key, and replaces an entry that has the new key, live or expired.
    func rename(_ key: Key, to newKey: Key, when condition: RenameCondition, now: Timestamp) throws -> RenameOutcome {
        guard try reader.isLive(key, now: now) else { return .absent }
        // Compared by bytes, as in the file.
        let isSame = key.text.utf8.elementsEqual(newKey.text.utf8)
        if condition == .ifAbsent, try reader.isLive(newKey, now: now) { return .conditionNotMet }
        if isSame { return .renamed }
        // One statement changes both rows, so that an error changes neither. What it displaces is read before.
        let isTaken = try reader.hasRow(newKey)
        let overwritten = isTaken ? try leaving(newKey, as: .overwritten, now: now) : nil
        let removed = try leaving(key, as: .removed, now: now)
        try expectInsertion()
        _ = try run(.rename, key, now, newKey: newKey)
        if isTaken { counts.rows -= 1 }
        for entry in [overwritten, removed] { if let entry { removals.add(entry) } }
        // The new key may be longer.
        try enforceLimits(sparing: newKey, now: now)
        return .renamed
    }

    /// Changes when the live entries of the scope expire, and returns how many there are.
    func touchAll(_ scope: EntryScope, expiring expiry: Expiry, now: Timestamp) throws -> Int {
        let expiresAt = try resolve(expiry, now: now, in: "touchAll")
        if case .passed = expiresAt { return try removeAll(scope, now: now) }
        guard !expiresAt.keeps else { return try reader.count(scope, now: now) }
        let statement = try Statement(
            "UPDATE entries SET expires_at = ?6 WHERE \(scope.sql()) AND \(LiveRule.live(now: "?2"))", on: connection)
        try scope.bind(statement)
        noteChangeOfAll()
        statement.bind(2, now)
        statement.bind(6, expiresAt.timestamp)
        try statement.run()
        if connection.changes > 0 { note(expiresAt.timestamp) }
        return connection.changes
    }
}
