extension TTLStore {
    /// Several operations as one: all are kept, or none is. Valid inside the closure of
    /// ``TTLStore/TTLStore/transaction(_:)-62b8y`` only.
    ///
    /// Its operations are those of the store, and cost only the access to the row: the commit comes once, at the end.
    /// All of them use one reading of the clock, and reads see earlier writes of the transaction. An operation that
    /// throws an error of its arguments or of the stored value has changed nothing, and the closure may go on. After an
    /// error of the file the transaction is lost, even if the closure catches the error.
    ///
    /// Each operation throws the errors of the store's operation of that name for its arguments and for the stored
    /// value; `transactionEnded` after the closure has returned; `wrongThread` on another thread; `closed` once the
    /// store is being closed.
    public final class Transaction {
        let writer: EntryWriter
        let configuration: Configuration
        /// The one time of all its operations.
        let now: Timestamp
        private let stop: StopFlag
        private let thread = ThreadNumber.current
        private let forkGeneration = ForkGuard.current
        private var isActive = true
        /// Why it can't be committed.
        private(set) var failure: TTLStoreError?

        init(_ writer: EntryWriter, now: Timestamp, configuration: Configuration, stop: StopFlag) {
            self.writer = writer
            self.now = now
            self.configuration = configuration
            self.stop = stop
        }

        func end() {
            isActive = false
            if failure == nil, ForkGuard.current != forkGeneration { failure = ForkGuard.error("transaction") }
            if failure == nil, stop.isSet { failure = .closed("transaction") }
        }

        func run<Success>(_ operation: WriteOperation<Success>) throws(TTLStoreError) -> Success {
            try run(operation.name) { try operation.body(writer, now) }
        }

        func run<Success>(_ operation: ReadOperation<Success>) throws(TTLStoreError) -> Success {
            try run(operation.name) { try operation.body(writer.reader, now) }
        }

        func run<Success>(_ read: KeyedRead<Success>, _ key: String) throws(TTLStoreError) -> Success? {
            let key = try Key(key, in: read.name)
            return try run(read.name) { try read.read(writer.reader, key, now) }
        }

        private func run<Success>(_ name: String, _ body: () throws -> Success) throws(TTLStoreError) -> Success {
            guard isActive else {
                throw TTLStoreError(.transactionEnded, "the closure of the transaction has returned", in: name)
            }
            guard thread == ThreadNumber.current else {
                throw TTLStoreError(.wrongThread, "a transaction belongs to the thread that runs its closure", in: name)
            }
            if ForkGuard.current != forkGeneration { throw ForkGuard.error(name) }
            if stop.isSet { throw .closed(name) }
            if let failure { throw failure.renamed(name) }
            do {
                return try body()
            } catch {
                let failure = TTLStoreError(any: error, in: name)
                if error is SQLiteError { self.failure = failure }
                throw failure
            }
        }
    }
}

@available(*, unavailable, message: "a transaction belongs to the thread that runs its closure")
extension TTLStore.Transaction: Sendable {}
