import TTLStore

/// Work on a store whose file another process may keep locked for long, as for a vacuum: each try is short, and signals
/// are looked at in between.
struct BusyRetry {
    typealias Instant = ContinuousClock.Instant

    /// How long the store waits for the file's lock in one try.
    static let busyTimeout = Duration.milliseconds(250)
    /// How long to try in all: as long as a store waits by itself.
    static let patience = TTLStore.Configuration().busyTimeout

    private let signals: SignalPipe
    /// Nil to try for ever.
    private let deadline: Instant?

    init(signals: SignalPipe, for patience: Duration = BusyRetry.patience) {
        self.init(signals: signals, until: .now + patience)
    }

    init(signals: SignalPipe, until deadline: Instant?) { (self.signals, self.deadline) = (signals, deadline) }

    /// - Throws: `Interrupted` for a signal that ends this process; the error of the last try.
    @discardableResult
    func callAsFunction<Result>(_ body: () throws -> Result) throws -> Result {
        while true {
            do {
                return try body()
            } catch  where BusyRetry.isBusy(error) && hasTimeLeft {
                if let ending = signals.read().first(where: SignalPipe.endings.contains) {
                    throw Interrupted(signal: ending)
                }
            }
        }
    }

    private var hasTimeLeft: Bool { deadline.map { .now < $0 } ?? true }

    private static func isBusy(_ error: any Error) -> Bool {
        ((error as? TTLStoreError)?.code ?? (error as? CommandFailure)?.code) == .busy
    }
}
