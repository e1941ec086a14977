import Foundation
import TTLStore

/// An operation that runs on a store, inside a transaction, and on the model alike. What it answers is compared as
/// text.
enum ModelStep: Sendable {
    case set(String, Value, StoreModel.Term, tag: String?, SetCondition, isUnchanged: Bool)
    case exchange(String, Value, StoreModel.Term, tag: String?)
    case take(String)
    case getTouching(String, StoreModel.Term, TouchCondition)
    case touch(String, StoreModel.Term, TouchCondition)
    case increment(String, by: Int64, StoreModel.Term, tag: String?)
    /// Of a number; nil removes it.
    case update(String, Int64?, StoreModel.Term)
    case setAll([String], Value, StoreModel.Term, BatchCondition)
    case getAll([String])
    case removeAll([String])
    case removeAllOf(tag: String)

    /// Those that it may write.
    var keys: [String] {
        switch self {
        case .set(let key, _, _, _, _, _), .exchange(let key, _, _, _), .take(let key), .getTouching(let key, _, _):
            [key]
        case .touch(let key, _, _), .increment(let key, _, _, _), .update(let key, _, _): [key]
        case .setAll(let keys, _, _, _), .removeAll(let keys): keys
        case .getAll, .removeAllOf: []
        }
    }

    /// False for those that leave the revision alone.
    var writesValues: Bool {
        switch self {
        case .touch, .getTouching, .getAll: false
        default: true
        }
    }

    // MARK: On the model

    func answer(_ model: inout StoreModel) -> String {
        switch self {
        case .set(let key, let value, let expiry, let tag, let condition, let isUnchanged):
            return "\(model.set(key, value, expiry, tag: tag, condition, isUnchanged: isUnchanged))"
        case .exchange(let key, let value, let expiry, let tag):
            let previous = model.live(key)?.value
            return "\(model.set(key, value, expiry, tag: tag, .always)), \(text(previous))"
        case .take(let key): return text(model.take(key))
        case .getTouching(let key, let expiry, let condition):
            let value = model.live(key)?.value
            _ = model.touch(key, expiry, condition)
            return text(value)
        case .touch(let key, let expiry, let condition): return "\(model.touch(key, expiry, condition))"
        case .increment(let key, let amount, let expiry, let tag):
            return model.increment(key, by: amount, expiry, tag: tag).map(String.init) ?? "refused"
        case .update(let key, let number, let expiry): return update(key, number, expiry, &model)
        case .setAll(let keys, let value, let expiry, let condition):
            if condition == .ifAllAbsent, keys.contains(where: { model.live($0) != nil }) { return "false" }
            for key in keys { _ = model.set(key, value, expiry, .always) }
            return "true"
        case .getAll(let keys): return keys.map { text(model.live($0)?.value) }.joined(separator: "; ")
        case .removeAll(let keys): return "\(model.removeAll(keys))"
        case .removeAllOf(let tag): return "\(model.removeAll(model.liveKeys(tag: tag)))"
        }
    }

    private func update(
        _ key: String, _ number: Int64?, _ expiry: StoreModel.Term, _ model: inout StoreModel
    ) -> String {
        let old = model.live(key)?.value
        switch old {
        case .text?, .bytes?: return "refused"
        default: break
        }
        if let number, old != nil {
            model.replace(key, .integer(number))
            _ = model.touch(key, expiry, .always)
        } else if let number {
            _ = model.set(key, .integer(number), expiry, .always)
        } else {
            _ = model.remove(key)
        }
        return text(old)
    }

    // MARK: On the store

    func answer(_ store: StoreUnderTest) async throws -> String {
        switch self {
        case .set(let key, let value, let expiry, let tag, let condition, _):
            return "\(try await store.set(key, value, expiring: expiry.inStore, tag: tag, when: condition))"
        case .exchange(let key, let value, let expiry, let tag):
            let result = try await store.exchange(key, value, expiring: expiry.inStore, tag: tag)
            return "\(result.outcome), \(text(result.previous))"
        case .take(let key): return text(try await store.takeValue(key))
        case .getTouching(let key, let expiry, let condition):
            return text(try await store.getValue(key, touching: expiry.inStore, when: condition))
        case .touch(let key, let expiry, let condition):
            return "\(try await store.touch(key, expiring: expiry.inStore, when: condition))"
        case .increment(let key, let amount, let expiry, let tag):
            return try await ModelStep.orRefused {
                try await store.increment(key, by: amount, expiring: expiry.inStore, tag: tag)
            }
        case .getAll(let keys): return try await store.getAll(keys).map(text).joined(separator: "; ")
        case .setAll(let keys, let value, let expiry, let condition):
            let entries = keys.map { TTLStore.BatchEntry($0, value, expiring: expiry.inStore) }
            return "\(try await store.setAll(entries, when: condition))"
        case .removeAll(let keys): return "\(try await store.removeAll(keys))"
        case .removeAllOf(let tag): return "\(try await store.removeAll(tag: tag))"
        case .update(let key, let number, let expiry):
            return try await ModelStep.orRefused {
                try await store.update(key, as: Int64.self, expiring: expiry.inStore) { content in
                    defer { content = number }
                    return text(content.map { .integer($0) })
                }
            }
        }
    }

    func answer(_ transaction: TTLStore.Transaction) throws -> String {
        switch self {
        case .set(let key, let value, let expiry, let tag, let condition, _):
            return "\(try transaction.set(key, value, expiring: expiry.inStore, tag: tag, when: condition))"
        case .exchange(let key, let value, let expiry, let tag):
            let result = try transaction.exchange(key, value, expiring: expiry.inStore, tag: tag)
            return "\(result.outcome), \(text(result.previous))"
        case .take(let key): return text(try transaction.takeValue(key))
        case .getTouching(let key, let expiry, let condition):
            let value = try transaction.getValue(key)
            try transaction.touch(key, expiring: expiry.inStore, when: condition)
            return text(value)
        case .touch(let key, let expiry, let condition):
            return "\(try transaction.touch(key, expiring: expiry.inStore, when: condition))"
        case .increment(let key, let amount, let expiry, let tag):
            return try ModelStep.orRefused {
                try transaction.increment(key, by: amount, expiring: expiry.inStore, tag: tag)
            }
        case .update(let key, let number, let expiry):
            return try ModelStep.orRefused {
                try transaction.update(key, as: Int64.self, expiring: expiry.inStore) { content in
                    defer { content = number }
                    return text(content.map { .integer($0) })
                }
            }
        case .setAll(let keys, let value, let expiry, let condition):
            let entries = keys.map { TTLStore.BatchEntry($0, value, expiring: expiry.inStore) }
            return "\(try transaction.setAll(entries, when: condition))"
        case .getAll(let keys): return try transaction.getAll(keys).map(text).joined(separator: "; ")
        case .removeAll(let keys): return "\(try transaction.removeAll(keys))"
        case .removeAllOf(let tag): return "\(try transaction.removeAll(tag: tag))"
        }
    }

    private static func orRefused(_ body: () async throws -> some CustomStringConvertible) async throws -> String {
        do {
            return "\(try await body())"
        } catch TTLStoreError.Code.wrongKind, TTLStoreError.Code.decodingFailed, TTLStoreError.Code.numberOverflow {
            return "refused"
        }
    }

    private static func orRefused(_ body: () throws -> some CustomStringConvertible) throws -> String {
        do {
            return "\(try body())"
        } catch TTLStoreError.Code.wrongKind, TTLStoreError.Code.decodingFailed, TTLStoreError.Code.numberOverflow {
            return "refused"
        }
    }

    private func text(_ value: Value?) -> String { value.map { "\($0)" } ?? "nil" }
}

extension StoreModel.Term {
    var inStore: Expiry {
        switch self {
        case .byDefault: .default
        case .never: .never
        case .keep: .keep
        case .after(let duration): .after(.milliseconds(duration))
        case .at(let time): .at(Date(timeIntervalSince1970: Double(time) / 1000))
        }
    }
}
