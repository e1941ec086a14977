/// One call of `getOrCompute` that did not find the value at once: decides the next step. The synchronous and the
/// suspending form carry it out, and report the outcome.
///
/// Whoever carries out `wait` gets a seat in the flight of the key, and every step after `readValue` or `acquireLease`
/// may be the leader's: only `end` leaves the loop, and then the lead has been handed on.
struct ComputeCall<Content: Codable & Sendable> {
    enum Step {
        case readValue
        case acquireLease
        /// Sleep, and report it.
        case pause(Milliseconds)
        /// Wait for the leader.
        case wait(FlightPlan.Seat, until: MonotonicTime)
        /// Run the closure, within `running`.
        case compute
        case store(NewEntry, token: Int64)
        case release(token: Int64)
        case end(Result<Content, any Error>)
    }

    private(set) var computation: Computation
    let running: RunningComputation
    private let engine: Engine
    private let begun = MonotonicTime.now
    private var plan: ComputePlan
    private var sighting: ComputePlan.Sighting?
    /// The seat of this call while it leads.
    private var seat: FlightPlan.Seat?
    private var token: Int64?
    /// Why there is no lease.
    private var unusable: TTLStoreError?
    /// The result or the error of the closure.
    private var result: Result<Content, any Error>?
    private var value: Value?

    /// - Throws: the error of the first reading, unless the file is at fault; `reentrant` if the caller runs within a
    ///   computation of the same key. Both are found out before the call could wait for itself.
    init(
        _ computation: Computation, _ engine: Engine, _ first: Result<ComputePlan.Sighting, TTLStoreError>
    ) throws(TTLStoreError) {
        if case .failure(let error) = first, !error.code.isFaultOfTheFile { throw error }
        running = try RunningComputation(computation.key, in: engine)
        self.computation = computation
        self.engine = engine
        plan = ComputePlan(patience: computation.patience)
    }

    private var deadline: MonotonicTime { begun + computation.patience }

    // MARK: Reading

    mutating func valueRead(_ result: Result<ComputePlan.Sighting, TTLStoreError>) -> Step {
        if let unusable { return serveWithoutLease(result, after: unusable) }
        switch result {
        case .success(let sighting): return saw(sighting)
        case .failure(let error):
            let recourse = Recourse(readingFailed: error, isStrict: computation.isStrict)
            guard recourse != .fail else { return fail(error) }
            engine.activity.noteFailure(error)
            // The reading would have refused times that make no sense.
            do throws(TTLStoreError) { _ = try computation.leaseEnd(now: engine.clock.now) } catch {
                return end(.failure(error))
            }
            return recourse == .acquireLease ? lead(.acquireLease) : computeAlone(error)
        }
    }

    private mutating func saw(_ sighting: ComputePlan.Sighting) -> Step {
        var sighting = sighting
        // A stale value may be served, too.
        if case .stale(let value, let isHeld) = sighting, (try? computation.decode(value, as: Content.self)) == nil,
            computation.ignore(value, engine.activity)
        {
            sighting = .absent(isHeld: isHeld)
        }
        self.sighting = sighting
        return switch plan.next(sighting, waited: MonotonicTime.now.milliseconds(since: begun)) {
        case .serve(let value): serve(value)
        case .acquireLease: lead(.acquireLease)
        case .wait(let pause): lead(.pause(pause))
        case .giveUp: end(.failure(computation.timedOut))
        }
    }

    /// The lease could not be acquired, so a stored value is served as it is.
    private mutating func serveWithoutLease(
        _ result: Result<ComputePlan.Sighting, TTLStoreError>, after error: TTLStoreError
    ) -> Step {
        switch result {
        case .success(.fresh(let value, _)), .success(.stale(let value, _)):
            sighting = try? result.get()
            return serve(value)
        case .failure(let error) where !error.code.isFaultOfTheFile: return fail(error)
        default: return computation.isStrict ? fail(error) : computeAlone(error)
        }
    }

    private mutating func serve(_ value: Value) -> Step {
        if case .fresh(_, let writtenAt)? = sighting {
            handOn(.stored(value, writtenAt: writtenAt))
        }
        return deliver(value)
    }

    /// Ends the call with a stored value. Where that can't be decoded, the call goes on as if there were none, if the
    /// options say so: once in any case, and again until its time to wait is over.
    private mutating func deliver(_ value: Value) -> Step {
        do throws(TTLStoreError) { return end(.success(try computation.decode(value, as: Content.self))) } catch {
            let mayGoOn = computation.undecodable == nil || MonotonicTime.now < deadline
            guard mayGoOn, computation.ignore(value, engine.activity) else { return end(.failure(error)) }
            sighting = .absent(isHeld: false)
            guard let unusable else { return lead(.acquireLease) }
            return computation.isStrict ? fail(unusable) : computeAlone(unusable)
        }
    }

    // MARK: Leading and waiting

    /// Takes the step of a leader, once this call leads.
    private mutating func lead(_ step: Step) -> Step {
        if seat == nil {
            // A caller with a stale value gets that and does not wait.
            let deadline = staleValue == nil ? deadline : nil
            switch engine.flights.join(running.key, until: deadline, isStrict: computation.isStrict) {
            case .lead(let seat): self.seat = seat
            case .wait(let seat): return .wait(seat, until: self.deadline)
            case .occupied: return end(servable ?? .failure(computation.timedOut))
            case .closed: return end(.failure(TTLStoreError.closed(Computation.name)))
            }
        }
        if let seat { engine.flights.mark(seat) }
        return step
    }

    private var servable: Result<Content, any Error>? {
        staleValue.flatMap { try? computation.decode($0, as: Content.self) }.map(Result.success)
    }

    private var staleValue: Value? {
        guard case .stale(let value, _)? = sighting else { return nil }
        return value
    }

    /// - Parameter isCancelled: whether the task is cancelled. It then hands on the lead that it has just got.
    mutating func woken(_ seat: FlightPlan.Seat, _ ending: FlightPlan.Ending, isCancelled: Bool = false) -> Step {
        switch ending {
        case .lead:
            self.seat = seat
            return isCancelled ? cancelled() : lead(.readValue)
        case .outcome(.stored(let value, let writtenAt)):
            let isFresh = writtenAt.map { computation.isFresh(writtenAt: $0, now: engine.clock.now) } ?? true
            return isFresh ? deliver(value) : saw(.stale(value, isHeld: false))
        case .outcome(.unstored(let value, let error)):
            return computation.isStrict ? end(.failure(error)) : deliver(value)
        case .outcome(.failed(let error)): return end(.failure(error))
        case .timedOut: return end(.failure(computation.timedOut))
        case .cancelled: return cancelled()
        case .closed, .outcome(.none): return end(.failure(TTLStoreError.closed(Computation.name)))
        }
    }

    mutating func paused() -> Step { lead(.readValue) }

    mutating func cancelled() -> Step { end(.failure(CancellationError())) }

    // MARK: Computing

    mutating func acquired(_ result: Result<Computation.Acquisition, TTLStoreError>) -> Step {
        switch result {
        case .success(.seen(let sighting)): return saw(sighting)
        case .success(.acquired(let token, let end)):
            self.token = token
            engine.computations.begin(token)
            if let seat { engine.flights.hold(seat, until: end) }
            return .compute
        case .failure(let error):
            let recourse = Recourse(acquiringFailed: error, at: sighting, isStrict: computation.isStrict)
            guard recourse != .fail else { return fail(error) }
            unusable = error
            // A store that was opened for reading only is no failure.
            if error.code != .readOnlyStore { engine.activity.noteFailure(error) }
            return recourse == .serve ? lead(.readValue) : computeAlone(error)
        }
    }

    /// The file can't be used. Within this store still one caller computes for all.
    private mutating func computeAlone(_ error: TTLStoreError) -> Step {
        let step = lead(.compute)
        guard let seat else { return step }
        unusable = error
        do throws(TTLStoreError) {
            engine.flights.hold(seat, until: try computation.leaseEnd(now: engine.clock.now))
        } catch { return end(.failure(error)) }
        return step
    }

    /// - Parameter result: with an expiry, if the closure names one.
    mutating func computed(_ result: Result<(content: Content, expiry: Expiry?), any Error>) -> Step {
        running.end()
        self.result = result.map(\.content)
        do {
            let (content, expiry) = try result.get()
            let entry = try computation.entry(content, expiring: expiry)
            value = entry.value
            if let token { return lead(.store(entry, token: token)) }
            handOnUnstored()
            return ended()
        } catch {
            self.result = .failure(error)
            return token.map { .release(token: $0) } ?? ended()
        }
    }

    mutating func stored(_ outcome: Result<Computation.Storing, TTLStoreError>) -> Step {
        switch outcome {
        case .success(.stored): if let value { handOn(.stored(value, writtenAt: nil)) }
        case .success(.tooLate): engine.activity.noteUncachedComputation()
        case .success(.alreadyExpired): break
        case .failure(let error):
            unusable = error
            if error.code.isFaultOfTheFile { handOnUnstored() }
            if computation.isStrict || !error.code.isFaultOfTheFile {
                result = .failure(error)
            } else {
                engine.activity.noteFailure(error)
            }
            return token.map { .release(token: $0) } ?? ended()
        }
        return ended()
    }

    /// If the lease could not be given back, it runs out by itself.
    mutating func released() -> Step { ended() }

    /// The waiting callers get the computed value, or the error if they are strict.
    private mutating func handOnUnstored() {
        engine.activity.noteUncachedComputation()
        if let value, let unusable { handOn(.unstored(value, unusable)) }
    }

    // MARK: Ending

    private mutating func ended() -> Step { end(result ?? .failure(TTLStoreError.closed(Computation.name))) }

    private mutating func fail(_ error: TTLStoreError) -> Step {
        if error.code.isFaultOfTheFile { handOn(.failed(error)) }
        return end(.failure(error))
    }

    private mutating func end(_ result: Result<Content, any Error>) -> Step {
        handOn(.none)
        if let token { engine.computations.end(token) }
        token = nil
        return .end(result)
    }

    /// Ends the lead, if this call leads.
    private mutating func handOn(_ outcome: FlightPlan.Outcome) {
        if let seat { engine.flights.end(seat, outcome) }
        seat = nil
    }
}
