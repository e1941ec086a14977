// Declarations that the Swift blocks of the articles use.
import Foundation
import TTLStore

struct Session: Codable, Sendable { var user = "" }
struct Forecast: Codable, Sendable { var text = "" }
struct Cart: Codable, Sendable {}
struct Answer: Sendable { var accessToken = "", expiresAt = Date.distantFuture }
struct LeaseLost: Error {}
struct Rejected: Error {}
struct Images: Sendable { func delete(_ key: String) {} }

let images = Images()
// Compiled, and never run.
let lease: TTLStore.Lease = {
    guard let lease = try? TTLStore.inMemory().acquireLease("job", for: .seconds(1)) else { fatalError("no lease") }
    return lease
}()
let id = "7", token = "token", user = "alice", address = "127.0.0.1"
let cart = Cart()
let client = "client", old = "old", new = "new"
func fetchToken(_ client: String) async throws -> Answer { Answer() }
func writeReport(fencedBy token: Int64) throws {}
let report = "report"
func log(_ text: String) {}
func makeReport() throws {}
func fetchForecast(_ place: String = "berlin") async throws -> Forecast { Forecast() }
func fetchForecast(_ place: String = "berlin") throws -> Forecast { Forecast() }
func edit(_ entry: TTLStore.Entry) async throws -> String { "" }
