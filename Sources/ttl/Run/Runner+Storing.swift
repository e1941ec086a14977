import TTLStore

extension Runner {
    /// Stores a run, or leaves it to those who wait for it if it is not to be stored, and releases the lease.
    /// - Parameter lease: nil for a run beside others.
    func keep(_ outcome: Recording.Outcome, _ lease: RunLease?, in store: TTLStore) throws {
        guard let run = outcome.recorded else {
            if outcome.isTooLarge { end(lease) } else { lease?.release() }
            return
        }
        let isStored = isToBeStored(outcome.end)
        do {
            if let lease {
                try keep(run, isStored: isStored, lease)
            } else if isStored {
                try retry { try store.set(plan.key, run, expiring: .after(plan.query.storedFor), tag: plan.tag) }
            }
        } catch let error as TTLStoreError {
            if isStored { warn("the output is not stored: \(reason(error))") }
            end(lease)
        }
    }

    private func reason(_ error: TTLStoreError) -> String {
        guard error.code == .valueTooLarge else { return error.withoutOperation }
        return "as JSON, which is a third longer where the output is not text, it has more than 16 MiB"
    }

    private func isToBeStored(_ end: ChildProcess.End) -> Bool {
        guard case .exited(let status) = end else { return false }
        return status == 0 || !plan.discardsFailures
    }

    private func keep(_ run: RecordedRun, isStored: Bool, _ lease: RunLease) throws {
        // Encoded before other writers wait.
        let stored = isStored ? try JSONLine.text(run) : nil
        // One that is gone very soon could be missed by those who wait.
        let isForWaiting = !isStored || plan.query.storedFor < UnstoredRun.lifetime
        let left = isForWaiting ? try JSONLine.text(unstored(run, lease)) : nil
        try retry {
            try lease.release { transaction in
                if let stored {
                    try transaction.set(plan.key, stored, expiring: .after(plan.query.storedFor), tag: plan.tag)
                }
                if let left { try leave(left, transaction) }
            }
        }
    }

    /// Tells those who wait that the run can't be shared, and releases the lease.
    /// - Returns: false if the store can't be written now. Then the lease is still held.
    func tellTooLarge(_ lease: RunLease) -> Bool {
        do {
            let left = try JSONLine.text(unstored(nil, lease))
            try lease.release { try leave(left, $0) }
            return true
        } catch { return false }
    }

    /// The same at the end of a run. Where the store can't be written, those who wait run the command one after the
    /// other.
    private func end(_ lease: RunLease?) {
        if let lease, !tellTooLarge(lease) { lease.release() }
    }

    private func unstored(_ run: RecordedRun?, _ lease: RunLease) -> UnstoredRun {
        UnstoredRun(token: lease.token, run: run, limit: plan.limit)
    }

    private func leave(_ text: String, _ transaction: TTLStore.Transaction) throws {
        try transaction.set(
            UnstoredRun.key(plan.key), text, expiring: .after(UnstoredRun.lifetime), tag: UnstoredRun.tag(plan.tag))
    }
}
