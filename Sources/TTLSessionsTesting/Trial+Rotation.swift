#if Sessions
internal import TTLSessions

extension Trial {
    static let rotation = [
        Trial("a rotation gives the record another identifier, and ends the old one") { test in
            let (stored, newID) = (try await test.create(test.record(subject: "ada")), test.newID())
            var record = stored.record
            record.payload = "[4]"
            let revision = try await test.storage.rotate(
                stored.id, to: newID, record, ifUnchanged: stored.revision, graceEnd: nil
            ).revision()
            try test.expect(try await test.storage.load(stored.id) == nil, "the old identifier opens it")
            let rotated = try await test.storage.load(newID)
            try test.expect(rotated?.record == record, "\(String(describing: rotated?.record)) instead of \(record)")
            try test.expect(rotated?.id == newID && rotated?.revision == revision, "the revision is another one")
            try test.expect(try await test.storage.list("ada").map(\.id) == [newID], "list has another identifier")
        },
        Trial("a rotation on an old revision changes nothing") { test in
            let (stored, newID) = (try await test.create(test.record()), test.newID())
            _ = try await test.storage.save(stored.record, id: stored.id, ifUnchanged: stored.revision).revision()
            let write = try await test.storage.rotate(
                stored.id, to: newID, stored.record, ifUnchanged: stored.revision, graceEnd: nil)
            try test.expect(write == .changed, "\(write) instead of changed")
            try test.expect(try await test.storage.load(stored.id) != nil, "the old identifier is gone")
            try test.expect(try await test.storage.load(newID) == nil, "the new identifier opens something")
        },
        Trial("a rotation of an absent record is absent") { test in
            let (stored, newID) = (try await test.create(test.record()), test.newID())
            _ = try await test.storage.end(stored.id)
            let write = try await test.storage.rotate(
                stored.id, to: newID, stored.record, ifUnchanged: stored.revision, graceEnd: test.now + 1000)
            try test.expect(write == .absent, "\(write) instead of absent")
            try test.expect(try await test.storage.load(newID) == nil, "the new identifier opens something")
        },
        Trial("in the grace period the old identifier leads to the new record, and not longer") { test in
            let (old, newID) = try await rotated(test, grace: 5000)
            test.advance(by: .milliseconds(4999))
            try test.expect(try await test.storage.load(old.id)?.id == newID, "the old identifier leads nowhere")
            test.advance(by: .milliseconds(1))
            try test.expect(try await test.storage.load(old.id) == nil, "the old identifier leads on for too long")
            try test.expect(try await test.storage.load(newID) != nil, "the new identifier is gone")
        },
        Trial("an end by the old identifier in the grace period ends the session") { test in
            let (old, newID) = try await rotated(test, grace: 5000)
            try test.expect(try await test.storage.end(old.id), "end found none")
            try test.expect(try await test.storage.load(newID) == nil, "the new identifier opens it")
            try test.expect(try await test.storage.load(old.id) == nil, "the old identifier opens it")
        },
        Trial("the end of the session ends the grace period") { test in
            let (old, newID) = try await rotated(test, grace: 5000)
            _ = try await test.storage.end(newID)
            try test.expect(try await test.storage.load(old.id) == nil, "the old identifier opens it")
        },
        Trial("a second rotation ends the first one's grace period") { test in
            let (old, secondID) = try await rotated(test, grace: 5000)
            guard let second = try await test.storage.load(secondID) else { throw Violation(what: "it is gone") }
            let thirdID = test.newID()
            _ = try await test.storage.rotate(
                secondID, to: thirdID, second.record, ifUnchanged: second.revision, graceEnd: test.now + 5000
            ).revision()
            try test.expect(try await test.storage.load(old.id) == nil, "the first identifier leads on")
            try test.expect(try await test.storage.load(secondID)?.id == thirdID, "the second one leads nowhere")
        },
        Trial("an end by an identifier from before the last one ends nothing") { test in
            let (old, secondID) = try await rotated(test, grace: 5000)
            guard let second = try await test.storage.load(secondID) else { throw Violation(what: "it is gone") }
            let thirdID = test.newID()
            _ = try await test.storage.rotate(
                secondID, to: thirdID, second.record, ifUnchanged: second.revision, graceEnd: test.now + 5000
            ).revision()
            try test.expect(try await !test.storage.end(old.id), "end found one")
            try test.expect(try await test.storage.load(thirdID) != nil, "the session is gone")
            try test.expect(try await test.storage.load(secondID)?.id == thirdID, "the grace period is gone")
        },
        Trial("an identifier in its grace period is not extended") { test in
            let (old, newID) = try await rotated(test, grace: 5000)
            let isExtended = try await test.storage.extend(
                old.id, until: test.now + 600_000, ifUnchanged: old.revision)
            try test.expect(!isExtended, "extend found it")
            test.advance(by: .seconds(5))
            try test.expect(try await test.storage.load(old.id) == nil, "the old identifier leads on for too long")
            try test.expect(try await test.storage.load(newID) != nil, "the new identifier is gone")
        },
        Trial("a clock that is set back makes no grace period longer") { test in
            let (old, newID) = try await rotated(test, grace: 5000)
            test.advance(by: .seconds(-60))
            try test.expect(try await test.storage.load(old.id) == nil, "the old identifier leads on")
            test.advance(by: .seconds(61))
            try test.expect(try await test.storage.load(old.id) == nil, "the old identifier leads on again")
            try test.expect(try await test.storage.load(newID) != nil, "the new identifier is gone")
        },
        Trial("an identifier in its grace period takes no save and no rotation") { test in
            let (old, newID) = try await rotated(test, grace: 5000)
            let write = try await test.storage.save(old.record, id: old.id, ifUnchanged: old.revision)
            try test.expect(write == .absent, "save: \(write)")
            let rotation = try await test.storage.rotate(
                old.id, to: test.newID(), old.record, ifUnchanged: old.revision, graceEnd: nil)
            try test.expect(rotation == .absent, "rotate: \(rotation)")
            try test.expect(try await test.storage.load(newID) != nil, "the session is gone")
        },
    ]

    private static func rotated(
        _ test: StorageUnderTest, grace: Int64
    ) async throws -> (old: StoredSession, newID: SessionID) {
        let (stored, newID) = (try await test.create(test.record()), test.newID())
        _ = try await test.storage.rotate(
            stored.id, to: newID, stored.record, ifUnchanged: stored.revision, graceEnd: test.now + grace
        ).revision()
        return (stored, newID)
    }
}
#endif
