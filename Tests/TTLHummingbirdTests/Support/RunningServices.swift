#if Hummingbird
import Logging
import ServiceLifecycle

/// Runs services in a group, as an application does, while the body runs. Then shuts the group down gracefully, and
/// returns when all services have ended.
func withServices<Success: Sendable>(
    _ services: [any Service], _ body: () async throws -> Success
) async throws -> Success {
    let (begun, hasBegun) = AsyncStream<Void>.makeStream()
    let group = ServiceGroup(services: services + [LastService(hasBegun: hasBegun)], logger: .silent)
    async let end: Void = group.run()
    // A group that is shut down before it has begun never ends.
    for await _ in begun {}
    let result: Result<Success, any Error>
    do { result = .success(try await body()) } catch { result = .failure(error) }
    await group.triggerGracefulShutdown()
    try await end
    return try result.get()
}

/// Begins after the others.
private struct LastService: Service {
    let hasBegun: AsyncStream<Void>.Continuation

    func run() async {
        hasBegun.finish()
        try? await gracefulShutdown()
    }
}
#endif
