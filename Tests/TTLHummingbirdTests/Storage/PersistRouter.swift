#if Hummingbird
import Hummingbird
import TTLHummingbird

/// A value with a member.
struct Named: Codable, Equatable, Sendable {
    var name: String
}

extension RouterUnderTest where Context == BasicRequestContext {
    /// Routes for the functions of a driver. The error `duplicate` becomes 409, `invalidConversion` 400, and an absent
    /// value 204.
    init(persisting driver: TTLStorePersistDriver) {
        let router = Router()
        router.put("/set/:key") { request, context in
            let body = try await String(buffer: request.body.collect(upTo: .max))
            try await driver.set(
                key: context.parameters.require("key"), value: body, expires: request.secondsToLive)
            return HTTPResponse.Status.ok
        }
        router.put("/create/:key") { request, context in
            let body = try await String(buffer: request.body.collect(upTo: .max))
            do {
                try await driver.create(
                    key: context.parameters.require("key"), value: body, expires: request.secondsToLive)
            } catch let error as PersistError where error == .duplicate {
                throw HTTPError(.conflict)
            }
            return HTTPResponse.Status.ok
        }
        router.put("/named/:key") { request, context in
            let named = try await Named(name: String(buffer: request.body.collect(upTo: .max)))
            try await driver.set(key: context.parameters.require("key"), value: named)
            return HTTPResponse.Status.ok
        }
        router.get("/named/:key") { _, context in
            try await driver.get(key: context.parameters.require("key"), as: Named.self)?.name
        }
        router.get("/get/:key") { _, context in
            do {
                return try await driver.get(key: context.parameters.require("key"), as: String.self)
            } catch let error as PersistError where error == .invalidConversion {
                throw HTTPError(.badRequest)
            }
        }
        router.get("/ttl/:key") { _, context in
            try await driver.getWithTTL(key: context.parameters.require("key"), as: String.self)?.ttl.map {
                String($0.components.seconds)
            }
        }
        router.delete("/remove/:key") { _, context in
            try await driver.remove(key: context.parameters.require("key"))
            return HTTPResponse.Status.noContent
        }
        self.init(router)
    }
}

extension Request {
    /// From the query: `?seconds=10`.
    fileprivate var secondsToLive: Duration? {
        uri.queryParameters.get("seconds", as: Int.self).map { .seconds($0) }
    }
}
#endif
