extension TTLStore {
    /// The entries that leave the store from now on, in the order of the commits, as an asynchronous sequence.
    ///
    /// It ends when the store has closed or was dropped and the buffered removals have been read, and at once when a
    /// task that waits for it is cancelled. It doesn't keep the store open. One task should iterate over it: with
    /// several, each removal goes to one of them. See <doc:Events>.
    public struct Removals: AsyncSequence, Sendable {
        let subscription: RemovalSubscription

        /// How many removals this sequence has lost so far because its buffer was full.
        public var dropped: Int { subscription.stream.dropped }

        /// An iterator; each goes on where another one has stopped.
        public func makeAsyncIterator() -> Iterator { Iterator(subscription: subscription) }

        /// The position in the sequence, which all iterators share.
        public struct Iterator: AsyncIteratorProtocol {
            let subscription: RemovalSubscription

            /// The next removal; nil at the end.
            public func next() async -> Removal? { await subscription.next(isolation: nil) }

            /// The next removal; nil at the end.
            public func next(isolation actor: isolated (any Actor)?) async -> Removal? {
                await subscription.next(isolation: actor)
            }
        }
    }
}
