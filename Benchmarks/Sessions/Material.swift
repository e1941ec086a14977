#if Hummingbird
import Foundation
import TTLSessions
import TTLStore

/// The folder in which the databases of a run lie.
final class Workshop {
    let options: Options
    let folder: String
    private var number = 0

    init(_ options: Options) throws {
        self.options = options
        let parent = options.folder ?? FileManager.default.temporaryDirectory.path
        folder = parent + "/session-benchmarks-\(ProcessInfo.processInfo.processIdentifier)"
        try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: false)
    }

    func remove() { try? FileManager.default.removeItem(atPath: folder) }

    /// A path that names nothing yet.
    func newPath() -> String {
        number += 1
        return "\(folder)/\(number).db"
    }
}

/// What an application keeps in a session: 200 bytes of JSON.
struct Payload: Codable, Sendable {
    var cart: [Int]
    var language: String
    var name: String
    var notice: String
    var visits: Int

    static let size = 200

    /// - Throws: `WrongResult` if it has not 200 bytes.
    static func of(_ user: Int) throws -> Payload {
        let notice = "Your order was sent today. You can follow it on its way by the number in our last letter."
        var payload = Payload(
            cart: [48_151, 62_342, 10_803], language: "en-GB", name: "User \(user)", notice: notice, visits: 1000)
        payload.notice += String(repeating: ".", count: size - (try text(payload).utf8.count))
        guard try text(payload).utf8.count == size else { throw WrongResult("the payload has not \(size) bytes") }
        return payload
    }

    private static func text(_ payload: Payload) throws -> String {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
        return String(decoding: try encoder.encode(payload), as: UTF8.self)
    }

    /// As the sessions and the store encode it.
    static func json(_ user: Int) throws -> String { try text(try of(user)) }
}

/// Sessions as a login from a browser makes them, of users with the same number of sessions each.
enum Material {
    static let client = SessionClient(
        label: "Firefox on Linux",
        userAgent:
            "Mozilla/5.0 (X11; Ubuntu; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0 (benchmark of loads)",
        address: "203.0.113.24")

    static func subject(_ user: Int) -> String { "user-\(user)" }

    /// No write is due for an hour, however long the run takes.
    static var configuration: SessionConfiguration {
        var configuration = SessionConfiguration()
        configuration.useInterval = .seconds(3600)
        return configuration
    }

    /// Stores sessions of `users` users in turn, in the form that `Sessions.create` gives them.
    /// - Returns: the tokens of the first `sample` of them.
    static func fill(_ store: TTLStore, _ count: Int, users: Int, sample: Int) async throws -> [String] {
        let storage = try TTLStoreSessionStorage(store)
        let now = TTLStore.WallClock.system.now
        var tokens: [String] = []
        for first in stride(from: 0, to: count, by: 2000) {
            var batch: [(id: SessionID, record: SessionRecord)] = []
            for number in first..<min(count, first + 2000) {
                let token = SessionToken.make()
                if tokens.count < sample { tokens.append(token.text) }
                batch.append((token.id, try record(number % users, now)))
            }
            try await storage.create(batch)
        }
        return tokens
    }

    private static func record(_ user: Int, _ now: Int64) throws -> SessionRecord {
        let day: Int64 = 86_400_000
        return SessionRecord(
            handle: .make(), subject: subject(user), createdAt: now, writtenAt: now, authenticatedAt: now,
            tokenIssuedAt: now, idleTimeout: 14 * day, expiresAt: now + 14 * day, endsAt: now + 30 * day,
            isRemembered: true, client: client, flash: [], payload: try Payload.json(user))
    }
}
#endif
