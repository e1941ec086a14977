extension WriteOperation where Success == TTLStore.Lease? {
    static func acquireLease(
        _ name: String, for duration: Duration, owner: String?
    ) throws(TTLStoreError) -> WriteOperation {
        let key = try Key(name, as: .lease, in: "acquireLease")
        let owner = try Key(owner ?? LeaseTable.ownProcess, as: .leaseOwner, in: "acquireLease")
        return WriteOperation("acquireLease") { writer, now in
            let expiresAt = try LeaseTable.end(duration, now: now, in: "acquireLease")
            return try writer.leases.acquire(.lease, key, owner: owner, until: expiresAt, now: now)
                .map { TTLStore.Lease(name, $0) }
        }
    }

    static func renew(_ lease: TTLStore.Lease, for duration: Duration) throws(TTLStoreError) -> WriteOperation {
        let key = try Key(lease.name, as: .lease, in: "renew")
        return WriteOperation("renew") { writer, now in
            let expiresAt = try LeaseTable.end(duration, now: now, in: "renew")
            guard try writer.leases.renew(.lease, key, token: lease.token, until: expiresAt, now: now) else {
                return nil
            }
            return TTLStore.Lease(lease.name, .init(token: lease.token, owner: lease.owner, expiresAt: expiresAt))
        }
    }
}

extension WriteOperation where Success == Bool {
    static func release(_ lease: TTLStore.Lease) throws(TTLStoreError) -> WriteOperation {
        let key = try Key(lease.name, as: .lease, in: "release")
        return WriteOperation("release") { writer, now in
            try writer.leases.release(.lease, key, token: lease.token, now: now)
        }
    }
}

extension ReadOperation where Success == TTLStore.Lease? {
    static func lease(named name: String) throws(TTLStoreError) -> ReadOperation {
        let key = try Key(name, as: .lease, in: "lease")
        return ReadOperation("lease") { reader, now in
            try reader.leases.holding(.lease, key, now: now).map { TTLStore.Lease(name, $0) }
        }
    }
}

extension ReadOperation where Success == [TTLStore.Lease] {
    static func leases(prefix: String) -> ReadOperation {
        let names = KeyRange(prefix: prefix)
        return ReadOperation("leases") { reader, now in
            try reader.leases.all(.lease, names, now: now).map { TTLStore.Lease($0, $1) }
        }
    }
}

extension LeaseTable {
    /// The default owner.
    static var ownProcess: String { "process \(ProcessNumber.current)" }

    static func end(_ duration: Duration, now: Timestamp, in operation: String) throws(TTLStoreError) -> Timestamp {
        try ResolvedExpiry.timestamp(duration, now: now, of: "the lease", in: operation)
    }
}
