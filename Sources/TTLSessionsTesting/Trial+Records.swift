#if Sessions
internal import TTLSessions

extension Trial {
    static let records = [
        Trial("a record comes back as it was stored") { test in
            var record = test.record(subject: "Ådam \"\\\n,\"payload\":☃", payload: #"{"a":"\u0000,\"payload\":"}"#)
            record.client = SessionClient(label: "é\"", userAgent: "x\\", address: "::1")
            record.flash = [FlashMessage("saved \"it\"", kind: "info"), FlashMessage("", kind: "")]
            record.authenticatedAt = test.now - 5
            record.isRemembered = true
            let stored = try await test.create(record)
            try test.expect(stored.record == record, "\(stored.record) instead of \(record)")
        },
        Trial("an unknown identifier has no record") { test in
            let id = test.newID()
            try test.expect(try await test.storage.load(id) == nil, "load found one")
            try test.expect(try await !test.storage.end(id), "end found one")
            try test.expect(
                try await !test.storage.extend(
                    id, until: test.now + 1000, ifUnchanged: SessionRevision(rawValue: 1)), "extend found one")
        },
        Trial("a save replaces the record, and its revision is the next load's") { test in
            let stored = try await test.create(test.record())
            var record = stored.record
            record.payload = "[2]"
            let revision = try await test.storage.save(record, id: stored.id, ifUnchanged: stored.revision).revision()
            let saved = try await test.storage.load(stored.id)
            try test.expect(saved?.record.payload == "[2]", "the payload is the old one")
            try test.expect(saved?.revision == revision && revision != stored.revision, "the revision is another one")
        },
        Trial("a save on an old revision changes nothing") { test in
            let stored = try await test.create(test.record())
            _ = try await test.storage.save(stored.record, id: stored.id, ifUnchanged: stored.revision).revision()
            var record = stored.record
            record.payload = "[3]"
            let write = try await test.storage.save(record, id: stored.id, ifUnchanged: stored.revision)
            try test.expect(write == .changed, "\(write) instead of changed")
            try test.expect(
                try await test.storage.load(stored.id)?.record.payload == stored.record.payload, "it was written")
        },
        Trial("a save after the end is absent, and brings nothing back") { test in
            let stored = try await test.create(test.record())
            try test.expect(try await test.storage.end(stored.id), "end found none")
            try test.expect(try await !test.storage.end(stored.id), "the second end found one")
            let write = try await test.storage.save(stored.record, id: stored.id, ifUnchanged: stored.revision)
            try test.expect(write == .absent, "\(write) instead of absent")
            try test.expect(try await test.storage.load(stored.id) == nil, "the record is back")
        },
        Trial("an identifier that was ended and stored anew has another revision") { test in
            let stored = try await test.create(test.record())
            _ = try await test.storage.end(stored.id)
            _ = try await test.storage.create(stored.record, id: stored.id)
            let write = try await test.storage.save(stored.record, id: stored.id, ifUnchanged: stored.revision)
            try test.expect(write == .changed, "\(write) instead of changed")
        },
    ]

    static let expiry = [
        Trial("a record is live until one millisecond before its expiry, and absent from then on") { test in
            let stored = try await test.create(test.record())
            test.advance(by: .milliseconds(599_999))
            try test.expect(try await test.storage.load(stored.id) != nil, "it is gone too early")
            test.advance(by: .milliseconds(1))
            try test.expect(try await test.storage.load(stored.id) == nil, "it is there too long")
        },
        Trial("an expired record is absent for every method") { test in
            let stored = try await test.create(test.record(subject: "ada"))
            test.advance(by: .seconds(600))
            let write = try await test.storage.save(stored.record, id: stored.id, ifUnchanged: stored.revision)
            try test.expect(write == .absent, "save: \(write)")
            let rotation = try await test.storage.rotate(
                stored.id, to: test.newID(), stored.record, ifUnchanged: stored.revision, graceEnd: nil)
            try test.expect(rotation == .absent, "rotate: \(rotation)")
            try test.expect(
                try await !test.storage.extend(stored.id, until: test.now + 1000, ifUnchanged: stored.revision),
                "extend revived it")
            try test.expect(try await test.storage.list("ada").isEmpty, "list has it")
            try test.expect(try await test.storage.end(.all, of: "ada") == 0, "end of the subject counts it")
            try test.expect(try await !test.storage.end(stored.id), "end counts it")
        },
        Trial("extending moves the expiry and leaves revision and payload") { test in
            let stored = try await test.create(test.record())
            let later = stored.record.expiresAt + 1000
            try test.expect(
                try await test.storage.extend(stored.id, until: later, ifUnchanged: stored.revision),
                "extend found none")
            let extended = try await test.storage.load(stored.id)
            try test.expect(extended?.record.expiresAt == later, "the expiry is the old one")
            try test.expect(extended?.revision == stored.revision, "the revision is another one")
            try test.expect(extended?.record.payload == stored.record.payload, "the payload is another one")
        },
        Trial("extending to an earlier time changes nothing") { test in
            let stored = try await test.create(test.record())
            let isLive = try await test.storage.extend(
                stored.id, until: stored.record.expiresAt - 1000, ifUnchanged: stored.revision)
            try test.expect(isLive, "extend found none")
            let expiresAt = try await test.storage.load(stored.id)?.record.expiresAt
            try test.expect(expiresAt == stored.record.expiresAt, "the expiry was moved")
        },
        Trial("extending a record that was written meanwhile changes nothing") { test in
            let stored = try await test.create(test.record())
            var record = stored.record
            record.expiresAt = test.now + 1000
            _ = try await test.storage.save(record, id: stored.id, ifUnchanged: stored.revision).revision()
            let isExtended = try await test.storage.extend(
                stored.id, until: test.now + 600_000, ifUnchanged: stored.revision)
            try test.expect(!isExtended, "extend found it")
            test.advance(by: .seconds(1))
            try test.expect(try await test.storage.load(stored.id) == nil, "it is there too long")
        },
        Trial("a save sets the expiry of its record") { test in
            let stored = try await test.create(test.record())
            var record = stored.record
            record.expiresAt = test.now + 1000
            _ = try await test.storage.save(record, id: stored.id, ifUnchanged: stored.revision).revision()
            test.advance(by: .seconds(1))
            try test.expect(try await test.storage.load(stored.id) == nil, "it is there too long")
        },
    ]
}
#endif
