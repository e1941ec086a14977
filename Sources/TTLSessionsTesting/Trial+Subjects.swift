#if Sessions
internal import TTLSessions

extension Trial {
    static let subjects = [
        Trial("a subject's records are listed, and nobody else's") { test in
            let mine = [
                try await test.create(test.record(subject: "ada")).id,
                try await test.create(test.record(subject: "ada")).id,
            ]
            for subject in ["ad", "adam", "Ada", nil] { _ = try await test.create(test.record(subject: subject)) }
            let listed = try await test.storage.list("ada").map(\.id)
            try test.expect(listed.count == 2 && Set(listed) == Set(mine), "\(listed.count) other records")
        },
        Trial("subjects are compared by bytes") { test in
            _ = try await test.create(test.record(subject: "caf\u{E9}"))
            try test.expect(try await test.storage.list("cafe\u{301}").isEmpty, "another spelling has its records")
            try test.expect(try await test.storage.list("caf\u{E9}").count == 1, "its own spelling has none")
        },
        Trial("one record of a subject ends by its handle, and not another subject's") { test in
            let one = try await test.create(test.record(subject: "ada"))
            let other = try await test.create(test.record(subject: "ada"))
            let ended = try await test.storage.end(.one(one.record.handle), of: "bob")
            try test.expect(ended == 0, "another subject ended it")
            try test.expect(try await test.storage.end(.one(one.record.handle), of: "ada") == 1, "it was not found")
            try test.expect(try await test.storage.list("ada").map(\.id) == [other.id], "the wrong one ended")
            try test.expect(try await test.storage.load(one.id) == nil, "it opens")
        },
        Trial("all records of a subject but one end") { test in
            let one = try await test.create(test.record(subject: "ada"))
            for _ in 1...120 { _ = try await test.create(test.record(subject: "ada")) }
            let bob = try await test.create(test.record(subject: "bob"))
            let ended = try await test.storage.end(.allExcept(one.record.handle), of: "ada")
            try test.expect(ended == 120, "\(ended) instead of 120")
            try test.expect(try await test.storage.list("ada").map(\.id) == [one.id], "the wrong ones are left")
            try test.expect(try await test.storage.load(bob.id) != nil, "another subject's ended")
        },
        Trial("all records of a subject end") { test in
            for _ in 1...3 { _ = try await test.create(test.record(subject: "ada")) }
            let nobody = try await test.create(test.record())
            try test.expect(try await test.storage.end(.all, of: "ada") == 3, "not three")
            try test.expect(try await test.storage.load(nobody.id) != nil, "a record without a subject ended")
        },
        Trial("all records end") { test in
            var ids: [SessionID] = []
            for number in 1...450 {
                ids.append(try await test.create(test.record(subject: number % 2 == 0 ? "ada" : nil)).id)
            }
            let ended = try await test.storage.endAll()
            try test.expect(ended == 450, "\(ended) instead of 450")
            for id in ids { try test.expect(try await test.storage.load(id) == nil, "one is left") }
        },
        Trial("some records of a subject end") { test in
            var handles: [SessionHandle] = []
            for _ in 1...5 { handles.append(try await test.create(test.record(subject: "ada")).record.handle) }
            let ended = try await test.storage.end(.some([handles[1], handles[3], .make()]), of: "ada")
            try test.expect(ended == 2, "\(ended) instead of 2")
            let left = try await test.storage.list("ada").map(\.record.handle)
            try test.expect(Set(left) == [handles[0], handles[2], handles[4]], "the wrong ones are left")
        },
        Trial("a save can give a record a subject") { test in
            let stored = try await test.create(test.record())
            var record = stored.record
            record.subject = "ada"
            _ = try await test.storage.save(record, id: stored.id, ifUnchanged: stored.revision).revision()
            try test.expect(try await test.storage.list("ada").map(\.id) == [stored.id], "the subject has none")
        },
    ]

    static let concurrency = [
        Trial("all records end, also one that changes its identifier meanwhile") { test in
            for _ in 1...300 { _ = try await test.create(test.record()) }
            let first = try await test.create(test.record())
            async let last: SessionID? = {
                var stored = first
                while true {
                    let newID = test.newID()
                    let write = try await test.storage.rotate(
                        stored.id, to: newID, stored.record, ifUnchanged: stored.revision, graceEnd: nil)
                    guard case .written(let revision) = write else { return nil }
                    stored = StoredSession(record: stored.record, id: newID, revision: revision)
                }
            }()
            let ended = try await test.storage.endAll()
            _ = try await last
            try test.expect((300...301).contains(ended), "\(ended) instead of 301")
            // The rotation ends only when the record has.
        },
        Trial("of many saves on one revision one is written") { test in
            let stored = try await test.create(test.record())
            let writes = try await withThrowingTaskGroup(of: SessionWrite.self) { group in
                for number in 1...50 {
                    var record = stored.record
                    record.payload = "[\(number)]"
                    group.addTask { [record] in
                        try await test.storage.save(record, id: stored.id, ifUnchanged: stored.revision)
                    }
                }
                return try await group.reduce(into: []) { $0.append($1) }
            }
            let written = writes.count { if case .written = $0 { true } else { false } }
            try test.expect(written == 1, "\(written) were written")
            try test.expect(writes.count { $0 == .changed } == 49, "the others are not changed")
        },
        Trial("of a save and an end at the same time none leaves a record") { test in
            for _ in 1...200 {
                let stored = try await test.create(test.record())
                async let write = test.storage.save(stored.record, id: stored.id, ifUnchanged: stored.revision)
                async let isEnded = test.storage.end(stored.id)
                let (_, ended) = try await (write, isEnded)
                try test.expect(ended, "end found none")
                try test.expect(try await test.storage.load(stored.id) == nil, "the save brought it back")
            }
        },
        Trial("of a rotation and an end of the subject at the same time none leaves a record") { test in
            for _ in 1...200 {
                let (stored, newID) = (try await test.create(test.record(subject: "ada")), test.newID())
                async let write = test.storage.rotate(
                    stored.id, to: newID, stored.record, ifUnchanged: stored.revision, graceEnd: nil)
                async let ended = test.storage.end(.all, of: "ada")
                let (_, count) = try await (write, ended)
                try test.expect(count == 1, "end found \(count)")
                try test.expect(try await test.storage.load(newID) == nil, "the rotation brought it back")
            }
        },
    ]

    static let locks = [
        Trial("one caller has exclusive access, until it gives it back") { test in
            let handle = SessionHandle.make()
            guard let lock = try await test.storage.lock(handle, milliseconds: 1000) else {
                throw Violation(what: "nobody gets it")
            }
            try test.expect(try await test.storage.lock(handle, milliseconds: 1000) == nil, "two have it")
            try test.expect(
                try await test.storage.lock(.make(), milliseconds: 1000) != nil, "another session's is taken")
            try await test.storage.unlock(lock)
            try test.expect(try await test.storage.lock(handle, milliseconds: 1000) != nil, "it is not given back")
        },
        Trial("exclusive access ends by itself, and then is not given back by the old caller") { test in
            let handle = SessionHandle.make()
            guard let old = try await test.storage.lock(handle, milliseconds: 1000) else {
                throw Violation(what: "nobody gets it")
            }
            test.advance(by: .seconds(1))
            try test.expect(try await test.storage.lock(handle, milliseconds: 1000) != nil, "it does not end")
            try await test.storage.unlock(old)
            try test.expect(
                try await test.storage.lock(handle, milliseconds: 1000) == nil, "the old caller gave it back")
        },
    ]
}
#endif
