extension TTLStore {
    /// All keys or entries of a selection, sorted by the bytes of their keys.
    ///
    /// It is read page by page, on demand: a loop that ends early reads little, and memory holds one page. Each page is
    /// a read of its own: entries that come or go meanwhile may or may not be seen, the others are seen exactly once.
    /// Each loop reads anew.
    ///
    /// A listing keeps the store from being dropped, as long as it or its iterator is kept.
    ///
    /// In a task, `for try await entry in store.allEntries(.tag("t"))`; elsewhere ``forEach(_:)``, or `for result in
    /// store.allKeys().results`.
    public struct Listing<Element: Sendable>: AsyncSequence, Sendable {
        /// What a read throws.
        public typealias Failure = TTLStoreError

        let source: ListingSource<Element>

        /// Begins at the first key.
        public func makeAsyncIterator() -> Iterator { Iterator(position: ListingPosition(source)) }

        /// Reads the pages of a listing in a task, whose cancellation is ignored.
        public struct Iterator: AsyncIteratorProtocol {
            /// What a read throws.
            public typealias Failure = TTLStoreError

            fileprivate var position: ListingPosition<Element>

            /// The next element; nil at the end, and after an error. Most calls take it from memory; one per page
            /// reads.
            /// - Throws: `invalidTag`; the errors of a read.
            public mutating func next() async throws(TTLStoreError) -> Element? { try await next(isolation: nil) }

            /// As `next()`.
            public mutating func next(
                isolation actor: isolated (any Actor)?
            ) async throws(TTLStoreError) -> Element? {
                while position.isEmpty {
                    guard let request = position.request else { return nil }
                    do throws(TTLStoreError) {
                        position.add(try await position.source.readSuspending(request))
                    } catch {
                        position.end()
                        throw error
                    }
                }
                return position.take()
            }
        }

        /// Calls `body` for each element, on the calling thread and outside every lock.
        /// - Throws: what `body` throws, which ends it; `invalidTag`; the errors of a read.
        public func forEach(_ body: (Element) throws -> Void) throws {
            var position = ListingPosition(source)
            // A loop over `results` asks the runtime for the types of its elements anew with each of them.
            while let request = position.request {
                let page = try source.read(request)
                position.pass(page)
                for element in page.elements { try body(element) }
            }
        }

        /// The elements, for a loop on a thread. A failed read ends it.
        public var results: Results { Results(position: ListingPosition(source)) }

        /// Reads the pages of a listing on the calling thread.
        public struct Results: Sequence, IteratorProtocol {
            fileprivate var position: ListingPosition<Element>

            /// The next element, or why it could not be read; nil at the end. Most calls take it from memory.
            public mutating func next() -> Result<Element, TTLStoreError>? {
                while position.isEmpty {
                    guard let request = position.request else { return nil }
                    do throws(TTLStoreError) { position.add(try position.source.read(request)) } catch {
                        position.end()
                        return .failure(error)
                    }
                }
                return position.take().map { .success($0) }
            }
        }
    }

    /// The keys of live entries. O(keys), plus the expired entries that are passed over; a page of 1,000 at a time.
    /// - Parameter selection: which entries.
    public func allKeys(_ selection: Selection = .all) -> Listing<String> { allKeys(selection, expired: false) }

    /// The live entries. O(entries) and their values, plus the expired entries that are passed over; at most some 4 MiB
    /// of values, or one that is larger, at a time. It ends with `valueTooLarge` at a value that is larger than
    /// `Configuration.maximumValueSize` and 16 MiB.
    /// - Parameter selection: which entries.
    public func allEntries(_ selection: Selection = .all) -> Listing<Entry> { allEntries(selection, expired: false) }
}

/// Reads the pages of a listing.
struct ListingSource<Element: Sendable>: Sendable {
    struct Request: Sendable {
        let cursor: TTLStore.Cursor?
        let limit: Int
    }

    /// Open as long as the listing is kept.
    let store: TTLStore
    /// The most elements in all; nil for all.
    let maximum: Int?
    let operation: @Sendable (Request) throws(TTLStoreError) -> ReadOperation<TTLStore.Page<Element>>

    func read(_ request: Request) throws(TTLStoreError) -> TTLStore.Page<Element> {
        try store.engine.read(operation(request))
    }

    func readSuspending(_ request: Request) async throws(TTLStoreError) -> TTLStore.Page<Element> {
        try await store.engine.read(operation(request))
    }
}

/// The position in a listing.
struct ListingPosition<Element: Sendable> {
    private static var pageLimit: Int { 1000 }

    let source: ListingSource<Element>
    private var elements: ArraySlice<Element> = []
    /// The next page to read; nil at the end.
    private(set) var request: ListingSource<Element>.Request?
    /// How many more elements the listing may have.
    private var rest: Int

    init(_ source: ListingSource<Element>) {
        self.source = source
        rest = source.maximum ?? .max
        ask(after: nil)
    }

    var isEmpty: Bool { elements.isEmpty }

    mutating func take() -> Element? { elements.popFirst() }

    mutating func end() { request = nil }

    mutating func add(_ page: TTLStore.Page<Element>) {
        elements = page.elements[...]
        pass(page)
    }

    /// Goes to the next page; for a caller that takes the elements of this one itself.
    mutating func pass(_ page: TTLStore.Page<Element>) {
        rest -= page.elements.count
        if let next = page.next { ask(after: next) } else { end() }
    }

    private mutating func ask(after cursor: TTLStore.Cursor?) {
        request = rest > 0 ? ListingSource<Element>.Request(cursor: cursor, limit: min(Self.pageLimit, rest)) : nil
    }
}
