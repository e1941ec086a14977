import TTLStore

extension Tour {
    // MARK: One step

    /// Leaves the file as it was.
    func actInOneStep(_ store: TTLStore) throws {
        try stage.chapter("Do in one step what nobody may come between")
        let tag = "user:ada"
        let sums = try (1...3).map { _ in try store.increment("visits:ada", expiring: .after(.seconds(60)), tag: tag) }
        try stage.check("increment() counted \(sums.map(String.init).joined(separator: ", "))", sums == [1, 2, 3])
        try store.set("code:ada", "483902", expiring: .after(.seconds(300)), tag: tag)
        let codes = [try store.take("code:ada"), try store.take("code:ada")]
        try stage.check("take() gave the code to the first, and nothing to the second", codes == ["483902", nil])
        try store.set("cart:ada", "tea", tag: tag)
        try stage.check("a transaction that throws changed nothing", try failToOrder(store) == "tea")
        let removed = try store.removeAll(.tag(tag))
        try stage.check("removeAll(.tag(…)) removed \(removed) entries at once", removed == 2)
    }

    private struct SoldOut: Error {}

    /// - Returns: the contents of the cart afterwards.
    private func failToOrder(_ store: TTLStore) throws -> String? {
        do {
            try store.transaction { transaction in
                try transaction.remove("cart:ada")
                try transaction.set("order:ada", "tea")
                throw SoldOut()
            }
        } catch is SoldOut {}
        return try store.contains("order:ada") ? nil : store.get("cart:ada")
    }
}
