#if Sessions
import TTLSessions
import TTLStore
import TTLStoreTesting
import TTLTestSupport

struct Cart: Codable, Hashable, Sendable {
    var items: [String] = []
}

/// Sessions in a store of their own, with a clock that the test moves.
struct SessionsUnderTest {
    let temporary: TemporaryStore
    let sessions: Sessions<Cart>
    let events = Collected<SessionEvent>()

    init(_ change: (inout SessionConfiguration) -> Void = { _ in }) throws {
        temporary = try TemporaryStore()
        var configuration = SessionConfiguration()
        configuration.onEvent = { [events] in events.append($0) }
        change(&configuration)
        sessions = try Sessions(store: temporary.store, configuration: configuration)
    }

    var store: TTLStore { temporary.store }
    var clock: ManualClock { temporary.clock }

    /// Sessions in another store on the same file, as another process has them.
    func others() throws -> Sessions<Cart> {
        var configuration = TTLStore.Configuration()
        configuration.clock = clock.wallClock
        configuration.purging = .manual
        return try Sessions(
            store: TTLStore(path: temporary.path, configuration: configuration), configuration: sessions.configuration)
    }

    /// How many rows of sessions the file has, live or not.
    func rows() throws -> Int { try store.count(.prefix("ttl.session:")) }
}

/// The code of the error that a closure throws; nil if it throws none, or one of another type.
func code(_ body: () async throws -> Void) async -> SessionError.Code? {
    do { try await body() } catch let error as SessionError { return error.code } catch {}
    return nil
}
#endif
