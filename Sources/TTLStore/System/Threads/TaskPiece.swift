/// A piece of a task that runs on a thread of the store's choosing, and is a part of the task there: in it
/// `Task.isCancelled` and the task-local values are the task's. It keeps no thread of the cooperative pool waiting.
///
/// It is an actor of its own, whose executor gets the piece as a job (SE-0392). The code to which the piece was
/// submitted performs the job on a thread of its choosing. Each piece runs once, since an actor's method that does not
/// suspend is one job. If its turn never comes, the piece is skipped, so that the task goes on.
actor TaskPiece {
    private nonisolated let executor = PieceExecutor()

    nonisolated var unownedExecutor: UnownedSerialExecutor { executor.asUnownedSerialExecutor() }

    /// Suspends the task until the piece has been performed or skipped.
    /// - Parameter submit: called once, when the piece may be performed. It may perform or skip the piece itself.
    nonisolated func run(submitting submit: @escaping @Sendable () -> Void) async {
        executor.submit = submit
        await work()
    }

    private func work() { executor.work?() }

    /// Runs `body` on the calling thread, as a part of the task.
    nonisolated func perform(_ body: () -> Void) {
        withoutActuallyEscaping(body) { body in executor.perform(body) }
    }

    /// Lets the task go on. Does nothing if the piece was performed.
    nonisolated func skip() { executor.perform(nil) }
}

/// The executor of one piece.
private final class PieceExecutor: SerialExecutor, @unchecked Sendable {
    // Sendable: the task sets `submit` before the job comes, and `enqueue` sets the job before it submits the piece.
    // From then on both belong to the thread that performs or skips it, which got the piece under a lock.
    var submit: (@Sendable () -> Void)?
    private var job: UnownedJob?
    private(set) var work: (() -> Void)?

    func enqueue(_ job: consuming ExecutorJob) {
        self.job = UnownedJob(job)
        let submit = submit
        self.submit = nil
        submit?()
    }

    func perform(_ body: (() -> Void)?) {
        guard let job else { return }
        self.job = nil
        work = body
        job.runSynchronously(on: asUnownedSerialExecutor())
        work = nil
    }
}

/// The result of a piece.
final class PieceOutcome<Outcome: Sendable>: @unchecked Sendable {
    // Sendable: written before the piece ends, and read by the task after it.
    var result: Outcome

    init(_ result: Outcome) { self.result = result }
}
