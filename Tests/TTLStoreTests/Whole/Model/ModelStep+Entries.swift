@testable import TTLStore

/// Operations on one entry.
extension ModelStep {
    typealias Term = StoreModel.Term

    static func look(_ key: String) -> ModelStep {
        ModelStep(
            "look at \(key)", keys: [key],
            model: { ($0.live(key)?.value, $0.live(key) != nil, $0.shown(key)) },
            store: {
                (
                    try await $0.get(key, as: TTLStore.Value.self), try await $0.contains(key),
                    try await $0.entry(key).map(ShownEntry.init)
                )
            },
            transaction: {
                (try $0.get(key, as: TTLStore.Value.self), try $0.contains(key), try $0.entry(key).map(ShownEntry.init))
            })
    }

    static func set(
        _ key: String, _ value: Value, _ expiry: Term, tag: String?, _ condition: StoreModel.Condition
    ) -> ModelStep {
        ModelStep(
            "set \(key) to \(value), expiring \(expiry), tag \(tag ?? "none"), \(condition)", keys: [key], tag: tag,
            model: { try $0.set(key, value, expiry, tag: tag, condition) },
            store: { store in
                let condition = try await condition.inStore(key, store)
                return try await store.set(key, value, expiring: expiry.inStore, tag: tag, when: condition)
            },
            transaction: { transaction in
                let condition = try condition.inStore(key, transaction)
                return try transaction.set(key, value, expiring: expiry.inStore, tag: tag, when: condition)
            })
    }

    static func exchange(
        _ key: String, _ value: Value, _ expiry: Term, tag: String?, _ condition: StoreModel.Condition
    ) -> ModelStep {
        ModelStep(
            "exchange \(key) for \(value), expiring \(expiry), tag \(tag ?? "none"), \(condition)", keys: [key],
            tag: tag,
            model: { try $0.exchange(key, value, expiry, tag: tag, condition) },
            store: { store in
                let condition = try await condition.inStore(key, store)
                return try await store.exchange(key, value, expiring: expiry.inStore, tag: tag, when: condition)
            },
            transaction: { transaction in
                let condition = try condition.inStore(key, transaction)
                return try transaction.exchange(key, value, expiring: expiry.inStore, tag: tag, when: condition)
            })
    }

    static func increment(_ key: String, by amount: Int64, _ expiry: Term, tag: String?) -> ModelStep {
        ModelStep(
            "increment \(key) by \(amount), expiring \(expiry), tag \(tag ?? "none")", keys: [key], tag: tag,
            model: { try $0.increment(key, by: amount, expiry, tag: tag) },
            store: { try await $0.increment(key, by: amount, expiring: expiry.inStore, tag: tag) },
            transaction: { try $0.increment(key, by: amount, expiring: expiry.inStore, tag: tag) })
    }

    static func decrement(_ key: String, by amount: Int64, _ expiry: Term, tag: String?) -> ModelStep {
        ModelStep(
            "decrement \(key) by \(amount), expiring \(expiry), tag \(tag ?? "none")", keys: [key], tag: tag,
            model: { model in
                guard amount != .min else { throw refusal(.numberOverflow) }
                return try model.increment(key, by: -amount, expiry, tag: tag)
            },
            store: { try await $0.decrement(key, by: amount, expiring: expiry.inStore, tag: tag) },
            transaction: { try $0.decrement(key, by: amount, expiring: expiry.inStore, tag: tag) })
    }

    /// Of a number; nil removes it.
    static func update(_ key: String, to number: Int64?, _ expiry: Term) -> ModelStep {
        @Sendable func change(_ content: inout Int64?) -> Int64? {
            defer { content = number }
            return content
        }
        return ModelStep(
            "update \(key) to \(number.map(String.init) ?? "nothing"), expiring \(expiry)", keys: [key],
            model: { try $0.update(key, to: number, expiry) },
            store: { try await $0.update(key, as: Int64.self, expiring: expiry.inStore) { change(&$0) } },
            transaction: { try $0.update(key, as: Int64.self, expiring: expiry.inStore) { change(&$0) } })
    }

    static func remove(_ key: String) -> ModelStep {
        ModelStep(
            "remove \(key)", keys: [key],
            model: { $0.remove(key) },
            store: { try await $0.remove(key) },
            transaction: { try $0.remove(key) })
    }

    static func remove(_ key: String, ifUnchangedSince state: StoreModel.EarlierState) -> ModelStep {
        ModelStep(
            "remove \(key) if unchanged since \(state)", keys: [key],
            model: { $0.isUnchanged(key, since: state) && $0.remove(key) },
            store: { try await $0.remove(key, when: .ifUnchanged(since: state.revision(key, $0))) },
            transaction: { try $0.remove(key, when: .ifUnchanged(since: state.revision(key, $0))) })
    }

    static func take(_ key: String) -> ModelStep {
        ModelStep(
            "take \(key)", keys: [key],
            model: { $0.take(key) },
            store: { try await $0.take(key, as: TTLStore.Value.self) },
            transaction: { try $0.take(key, as: TTLStore.Value.self) })
    }

    static func touch(_ key: String, _ expiry: Term, _ condition: TouchCondition) -> ModelStep {
        ModelStep(
            "touch \(key), expiring \(expiry), \(condition)", keys: [key],
            model: { try $0.touch(key, expiry, condition) },
            store: { try await $0.touch(key, expiring: expiry.inStore, when: condition) },
            transaction: { try $0.touch(key, expiring: expiry.inStore, when: condition) })
    }

    static func getTouching(_ key: String, _ expiry: Term, _ condition: TouchCondition) -> ModelStep {
        ModelStep(
            "get \(key), touching: expiring \(expiry), \(condition)", keys: [key],
            model: { try $0.getTouching(key, expiry, condition) },
            store: { try await $0.get(key, as: TTLStore.Value.self, touching: expiry.inStore, when: condition) },
            transaction: { try $0.get(key, as: TTLStore.Value.self, touching: expiry.inStore, when: condition) })
    }

    static func persist(_ key: String) -> ModelStep {
        ModelStep(
            "persist \(key)", keys: [key],
            model: { $0.persist(key) },
            store: { try await $0.persist(key) },
            transaction: { try $0.persist(key) })
    }

    static func rename(_ key: String, to newKey: String, _ condition: RenameCondition) -> ModelStep {
        ModelStep(
            "rename \(key) to \(newKey), \(condition)", keys: [key, newKey],
            model: { $0.rename(key, to: newKey, condition) },
            store: { try await $0.rename(key, to: newKey, when: condition) },
            transaction: { try $0.rename(key, to: newKey, when: condition) })
    }

    /// - Parameter computed: what the closure returns; nil if it throws.
    static func getOrCompute(
        _ key: String, _ expiry: Term, staleAfter: Int64?, tag: String?, computed: Int64?
    ) -> ModelStep {
        let age = staleAfter.map { Duration.milliseconds($0) }
        let number = computed.map(String.init) ?? "nothing"
        return ModelStep(
            """
            get \(key) or compute \(number), expiring \(expiry), fresh for \(staleAfter ?? .max) ms, \
            tag \(tag ?? "none")
            """,
            keys: [key], tag: tag,
            model: { try $0.getOrCompute(key, expiry, staleAfter: staleAfter, tag: tag, computed: computed) },
            store: { store -> Int64? in
                do {
                    return try await store.getOrCompute(
                        key, as: Int64.self, expiring: expiry.inStore, staleAfter: age, tag: tag
                    ) {
                        guard let computed else { throw CancellationError() }
                        return computed
                    }
                } catch is CancellationError { return nil }
            },
            transaction: nil)
    }
}
