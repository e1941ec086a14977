@testable import TTLStore

/// Operations on many entries, and on leases.
extension ModelStep {
    static func setAll(
        _ keys: [String], _ value: Value, _ expiry: Term, tag: String?, _ condition: BatchCondition
    ) -> ModelStep {
        let entries = keys.map { TTLStore.BatchEntry($0, value, expiring: expiry.inStore, tag: tag) }
        return ModelStep(
            "set all of \(keys) to \(value), expiring \(expiry), tag \(tag ?? "none"), \(condition)", keys: keys,
            tag: keys.isEmpty ? nil : tag,
            model: { try $0.setAll(keys, value, expiry, tag: tag, condition) },
            store: { try await $0.setAll(entries, when: condition) },
            transaction: { try $0.setAll(entries, when: condition) })
    }

    static func getAll(_ keys: [String]) -> ModelStep {
        ModelStep(
            "get all of \(keys)", keys: keys,
            model: { model in keys.map { model.live($0)?.value } },
            store: { try await $0.getAll(keys, as: TTLStore.Value.self) },
            transaction: { try $0.getAll(keys, as: TTLStore.Value.self) })
    }

    static func removeAll(_ keys: [String]) -> ModelStep {
        ModelStep(
            "remove all of \(keys)", keys: keys,
            model: { $0.removeAll(keys) },
            store: { try await $0.removeAll(keys) },
            transaction: { try $0.removeAll(keys) })
    }

    static func removeAll(_ scope: ModelScope) -> ModelStep {
        ModelStep(
            "remove all of \(scope)", tag: scope.tag,
            model: { $0.removeAll($0.liveKeys(scope)) },
            store: { store in try await store.removeAll(scope) },
            transaction: { transaction in try transaction.removeAll(scope) })
    }

    static func touchAll(_ scope: ModelScope, _ expiry: Term) -> ModelStep {
        ModelStep(
            "touch all of \(scope), expiring \(expiry)", tag: scope.tag,
            model: { try $0.touchAll(scope, expiry) },
            store: { try await $0.touchAll(scope, expiring: expiry.inStore) },
            transaction: { try $0.touchAll(scope, expiring: expiry.inStore) })
    }

    static func count(_ scope: ModelScope) -> ModelStep {
        ModelStep(
            "count \(scope)", tag: scope.tag,
            model: { $0.liveKeys(scope).count },
            store: { store in try await store.count(scope) },
            transaction: { transaction in try transaction.count(scope) })
    }

    /// Page by page.
    static func keys(_ scope: ModelScope, limit: Int) -> ModelStep {
        ModelStep(
            "list the keys of \(scope), \(limit) at a time", tag: scope.tag,
            model: { model in
                guard limit > 0 else { throw refusal(.invalidArgument) }
                return model.liveKeys(scope)
            },
            store: { store in
                try await Pages.all(limit) { cursor in try await store.keys(scope, limit: limit, after: cursor) }
            },
            transaction: { transaction in
                try Pages.all(limit) { cursor in try transaction.keys(scope, limit: limit, after: cursor) }
            })
    }

    /// Page by page.
    static func entries(_ scope: ModelScope, limit: Int) -> ModelStep {
        ModelStep(
            "list the entries of \(scope), \(limit) at a time", tag: scope.tag,
            model: { model in
                guard limit > 0 else { throw refusal(.invalidArgument) }
                return model.liveKeys(scope).compactMap { model.shown($0) }
            },
            store: { store in
                try await Pages.all(limit) { cursor in try await store.entries(scope, limit: limit, after: cursor) }
                    .map(ShownEntry.init)
            },
            transaction: { transaction in
                try Pages.all(limit) { cursor in try transaction.entries(scope, limit: limit, after: cursor) }.map(
                    ShownEntry.init)
            })
    }

    /// What expires in the same millisecond comes in any order.
    static func expiringNext(_ scope: ModelScope, limit: Int) -> ModelStep {
        ModelStep(
            "list what expires next of \(scope), \(limit) at most", tag: scope.tag,
            model: { model -> [Int64?] in
                guard limit > 0 else { throw refusal(.invalidArgument) }
                return Array(model.liveKeys(scope).compactMap { model.live($0)?.expiresAt }.sorted().prefix(limit))
            },
            store: { store in
                try await store.expiringNext(scope, limit: limit).map { TimeConversion.timestamp($0.expiresAt) }
            },
            transaction: nil)
    }

    static func tags(_ prefix: String, limit: Int) -> ModelStep {
        ModelStep(
            "list the tags with \(prefix), \(limit) at most",
            model: { model -> [String] in
                guard limit > 0 else { throw refusal(.invalidArgument) }
                let tags = Set(model.liveKeys().compactMap { model.live($0)?.tag })
                return Array(Array(tags).filter { $0.hasPrefix(prefix) }.sortedByBytes().prefix(limit))
            },
            store: { store in try await store.tags(prefix: prefix, limit: limit) },
            transaction: nil)
    }

    // MARK: Leases

    static func acquireLease(_ name: String, for duration: Int64, owner: String?) -> ModelStep {
        let time = Duration.milliseconds(duration)
        return ModelStep(
            "acquire \(name) for \(duration) ms, owner \(owner ?? "by default")",
            model: { model in
                guard name != "", owner != "" else { throw refusal(.invalidArgument) }
                return try model.acquireLease(name, for: duration, owner: owner)
            },
            store: { try await $0.acquireLease(name, for: time, owner: owner).map(ShownLease.init) },
            transaction: { try $0.acquireLease(name, for: time, owner: owner).map(ShownLease.init) })
    }

    static func renew(_ name: String, _ lease: StoreModel.EarlierLease, for duration: Int64) -> ModelStep {
        let time = Duration.milliseconds(duration)
        return ModelStep(
            "renew \(name), \(lease), for \(duration) ms",
            model: { try $0.renew(name, lease, for: duration) },
            store: { store -> ShownLease? in
                guard let lease = try await lease.lease(name, store) else { return nil }
                return try await store.renew(lease, for: time).map(ShownLease.init)
            },
            transaction: { transaction -> ShownLease? in
                guard let lease = try lease.lease(name, transaction) else { return nil }
                return try transaction.renew(lease, for: time).map(ShownLease.init)
            })
    }

    static func release(_ name: String, _ lease: StoreModel.EarlierLease) -> ModelStep {
        ModelStep(
            "release \(name), \(lease)",
            model: { $0.release(name, lease) },
            store: { store in
                guard let lease = try await lease.lease(name, store) else { return false }
                return try await store.release(lease)
            },
            transaction: { transaction in
                guard let lease = try lease.lease(name, transaction) else { return false }
                return try transaction.release(lease)
            })
    }
}

/// The pages of a listing, one after the other.
private enum Pages {
    static func all<Element>(
        _ limit: Int, _ page: (TTLStore.Cursor?) async throws -> TTLStore.Page<Element>
    ) async throws -> [Element] {
        var (elements, next) = ([Element](), TTLStore.Cursor?.none)
        repeat { try add(try await page(next), limit, &elements, &next) } while next != nil
        return elements
    }

    static func all<Element>(
        _ limit: Int, _ page: (TTLStore.Cursor?) throws -> TTLStore.Page<Element>
    ) throws -> [Element] {
        var (elements, next) = ([Element](), TTLStore.Cursor?.none)
        repeat { try add(try page(next), limit, &elements, &next) } while next != nil
        return elements
    }

    /// Only the last page has room left, and a listing that goes round in circles ends.
    private static func add<Element>(
        _ page: TTLStore.Page<Element>, _ limit: Int, _ elements: inout [Element], _ next: inout TTLStore.Cursor?
    ) throws {
        let isFull = page.elements.count == limit
        guard page.next == nil ? page.elements.count <= limit : isFull, elements.count < 100 else {
            throw Divergence(description: "a page of \(page.elements.count), with \(elements.count) before it")
        }
        elements += page.elements
        next = page.next
    }
}
