@testable import TTLStore

extension RandomOperations {
    mutating func randomStep() -> ModelStep {
        switch Int.random(in: 0..<10, using: &generator) {
        case 0..<3: randomSet()
        case 3..<6: randomChange()
        case 6..<8: randomBatch()
        case 8: randomListing()
        default: randomLease()
        }
    }

    /// A step that a transaction has, too.
    mutating func randomStepForTransaction() -> ModelStep {
        while true {
            let step = randomStep()
            if step.isForTransactions { return step }
        }
    }

    private mutating func randomSet() -> ModelStep {
        let (key, value, expiry, tag) = (randomKey(), randomValue(), randomExpiry(), randomTag())
        return switch Int.random(in: 0..<6, using: &generator) {
        case 0: .exchange(key, value, expiry, tag: tag, randomCondition(key))
        case 1:
            .getOrCompute(
                key, expiry, staleAfter: pick([nil, randomDuration(), randomAge(key)]), tag: tag,
                computed: pick([nil, randomNumber(), randomNumber()]))
        default: .set(key, value, expiry, tag: tag, randomCondition(key))
        }
    }

    private mutating func randomChange() -> ModelStep {
        let (key, expiry, tag) = (randomKey(), randomExpiry(), randomTag())
        switch Int.random(in: 0..<14, using: &generator) {
        case 12..<14: return .rename(key, to: randomKey(), pick([.always, .ifAbsent]))
        case 0: return .increment(key, by: randomNumber(), expiry, tag: tag)
        case 1:
            // The store looks at the amount before it looks at the key and the tag.
            return .decrement(key, by: key == "" || tag == "" ? 1 : randomNumber(), expiry, tag: tag)
        case 2: return .update(key, to: pick([nil, randomNumber(), randomNumber()]), expiry)
        case 3: return .remove(key)
        case 4: return .remove(key, ifUnchangedSince: randomEarlierState(key))
        case 5: return .take(key)
        case 6..<8: return .touch(key, expiry, randomTouchCondition())
        case 8..<10: return .getTouching(key, expiry, randomTouchCondition())
        case 10: return .persist(key)
        default: return .look(key)
        }
    }

    private mutating func randomBatch() -> ModelStep {
        switch Int.random(in: 0..<6, using: &generator) {
        case 5: .touchAll(randomScope(), randomExpiry())
        case 0..<2:
            .setAll(
                randomKeys(), randomValue(), randomExpiry(), tag: randomTag(), pick([.always, .ifAllAbsent]))
        case 2: .getAll(randomKeys())
        case 3: .removeAll(randomKeys())
        default: .removeAll(randomScope())
        }
    }

    private mutating func randomListing() -> ModelStep {
        let (scope, limit) = (randomScope(), Int.random(in: 0...5, using: &generator))
        return pick([
            .count(scope), .keys(scope, limit: limit), .entries(scope, limit: limit),
            .expiringNext(scope, limit: limit), .tags(pick(["", "t", "x"]), limit: limit),
        ])
    }

    private mutating func randomLease() -> ModelStep {
        let name = pick(RandomOperations.leases)
        return switch Int.random(in: 0..<5, using: &generator) {
        case 0..<2: .acquireLease(name, for: randomDuration(), owner: pick([nil, "owner", "another owner"]))
        case 2..<4: .renew(name, seen.lease(name, using: &generator), for: randomDuration())
        default: .release(name, seen.lease(name, using: &generator))
        }
    }

    // MARK: Arguments

    /// Seldom an invalid key.
    private mutating func randomKey() -> String { isOdd() ? "" : pick(RandomOperations.keys) }

    private mutating func randomKeys() -> [String] {
        (0..<Int.random(in: 0...4, using: &generator)).map { _ in randomKey() }
    }

    private mutating func randomTag() -> String? {
        Bool.random(using: &generator) ? nil : isOdd() ? "" : pick(RandomOperations.tags)
    }

    private mutating func randomScope() -> ModelScope {
        pick([.prefix(pick(RandomOperations.prefixes)), .tag(isOdd() ? "" : pick(RandomOperations.tags)), .all])
    }

    private mutating func randomCondition(_ key: String) -> StoreModel.Condition {
        pick([.always, .always, .always, .ifAbsent, .ifPresent, .ifUnchanged(randomEarlierState(key))])
    }

    private mutating func randomEarlierState(_ key: String) -> StoreModel.EarlierState {
        seen.state(key, using: &generator)
    }

    private mutating func randomTouchCondition() -> TouchCondition {
        let limit = Duration.milliseconds(isOdd() ? 0 : Int64.random(in: 1...60, using: &generator))
        return pick([
            .always, .always, .always, .ifPermanent, .ifExpiring, .ifLater, .ifEarlier, .ifRemainingLess(than: limit),
        ])
    }

    private mutating func randomNumber() -> Int64 {
        switch Int.random(in: 0..<8, using: &generator) {
        case 0: pick([.min, .max, .min + 1, .max - 1])
        case 1: .random(in: .min ... .max, using: &generator)
        default: .random(in: -5...5, using: &generator)
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

    /// The age of the live entry, or a millisecond more; none for an entry that has just been written.
    private mutating func randomAge(_ key: String) -> Int64 {
        model.now - (model.live(key)?.updatedAt ?? model.now) + .random(in: 0...1, using: &generator)
    }

    /// In milliseconds; seldom an invalid time to live.
    private mutating func randomDuration() -> Int64 {
        isOdd() ? pick([0, -1, .min]) : .random(in: 1...40, using: &generator)
    }

    private mutating func randomExpiry() -> StoreModel.Term {
        switch Int.random(in: 0..<6, using: &generator) {
        case 0: .byDefault
        case 1: .never
        case 2: .keep
        case 3: .at(isOdd() ? TimeConversion.latest + 1 : model.now + .random(in: -3...30, using: &generator))
        default: .after(isOdd() ? TimeConversion.latest : randomDuration())
        }
    }

    private mutating func isOdd() -> Bool { Int.random(in: 0..<40, using: &generator) == 0 }

    private mutating func pick<Element>(_ elements: [Element]) -> Element {
        // No list here is empty.
        elements[Int.random(in: elements.indices, using: &generator)]
    }
}
