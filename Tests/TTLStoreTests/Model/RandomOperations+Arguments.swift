@testable import TTLStore

extension RandomOperations {
    /// - Parameter inTransaction: where the revisions of the steps before are not known.
    mutating func randomStep(inTransaction: Bool = false) -> ModelStep {
        let (key, value, expiry, tag) = (randomKey(), randomValue(), randomExpiry(), randomTag())
        switch Int.random(in: 0..<20, using: &generator) {
        case 0..<5:
            let condition = [SetCondition.always, .ifAbsent, .ifPresent].randomElement(using: &generator) ?? .always
            return .set(key, value, expiry, tag: tag, condition, isUnchanged: false)
        case 5..<7:
            guard !inTransaction, let (revision, isCurrent) = randomRevision(key) else { return .take(key) }
            return .set(
                key, value, expiry, tag: tag, .ifUnchanged(since: revision),
                isUnchanged: isCurrent && model.live(key) != nil)
        case 7: return .exchange(key, value, expiry, tag: tag)
        case 8: return .take(key)
        case 9..<11: return .getTouching(key, expiry, randomCondition())
        case 11..<13: return .touch(key, expiry, randomCondition())
        case 13..<15: return .increment(key, by: randomNumber(), expiry, tag: tag)
        case 15: return .update(key, Bool.random(using: &generator) ? nil : randomNumber(), expiry)
        case 16:
            return .setAll(randomKeys(), value, expiry, Bool.random(using: &generator) ? .always : .ifAllAbsent)
        case 17: return .getAll(randomKeys())
        case 18: return .removeAll(randomKeys())
        default: return .removeAllOf(tag: RandomOperations.tags.randomElement(using: &generator) ?? "t")
        }
    }

    mutating func randomKey() -> String { RandomOperations.keys.randomElement(using: &generator) ?? "a" }

    private mutating func randomKeys() -> [String] {
        (0..<Int.random(in: 0...4, using: &generator)).map { _ in randomKey() }
    }

    private mutating func randomTag() -> String? {
        Bool.random(using: &generator) ? nil : RandomOperations.tags.randomElement(using: &generator)
    }

    /// The key's revision or one that it had before.
    private mutating func randomRevision(_ key: String) -> (TTLStore.Revision, isCurrent: Bool)? {
        guard let known = revisions[key] else { return nil }
        guard Bool.random(using: &generator), let past = known.past.min(by: { $0.number < $1.number }) else {
            return (known.current, true)
        }
        return (past, past == known.current)
    }

    private mutating func randomNumber() -> Int64 {
        Int.random(in: 0..<4, using: &generator) == 0
            ? .random(in: .min ... .max, using: &generator) : .random(in: -5...5, using: &generator)
    }

    private mutating func randomCondition() -> TouchCondition {
        switch Int.random(in: 0..<8, using: &generator) {
        case 0: .ifPermanent
        case 1: .ifExpiring
        case 2: .ifLater
        case 3: .ifEarlier
        case 4: .ifRemainingLess(than: .milliseconds(Int64.random(in: 1...60, using: &generator)))
        default: .always
        }
    }

    private mutating func randomValue() -> Value {
        switch Int.random(in: 0..<3, using: &generator) {
        // Never the JSON of a number.
        case 0: .text("t" + String(UInt32.random(in: .min ... .max, using: &generator), radix: 36))
        case 1: .bytes((0..<Int.random(in: 0..<8, using: &generator)).map { UInt8($0) &* 37 })
        default: .integer(randomNumber())
        }
    }

    private mutating func randomExpiry() -> StoreModel.Term {
        switch Int.random(in: 0..<6, using: &generator) {
        case 0: .byDefault
        case 1: .never
        case 2: .keep
        case 3: .at(model.now + .random(in: -3...30, using: &generator))
        default: .after(.random(in: 1...40, using: &generator))
        }
    }
}
