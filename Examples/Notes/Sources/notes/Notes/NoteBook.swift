import Foundation
import TTLStore

/// One user's note.
struct Note {
    let id: String
    let text: String
    let createdAt: Date
    /// How long it is still kept; nil for ever.
    let remaining: Duration?
}

/// Notes in the store, each an entry `notes:note:<user>:<id>` with the text as its value.
///
/// The store keeps the dates, and removes a note when its time is over.
struct NoteBook {
    let store: TTLStore

    static let longestText = 10_000

    /// A user's notes, the latest first.
    func notes(of user: String) async throws -> [Note] {
        let prefix = prefix(user)
        var notes: [Note] = []
        for try await entry in store.allEntries(.prefix(prefix)) {
            notes.append(
                Note(
                    id: String(entry.key.dropFirst(prefix.count)), text: try entry.decode(as: String.self),
                    createdAt: entry.createdAt, remaining: entry.remaining))
        }
        return notes.sorted { $0.createdAt > $1.createdAt }
    }

    func add(_ text: String, of user: String, expiring expiry: TTLStore.Expiry) async throws {
        try await store.set(prefix(user) + UUID().uuidString, text, expiring: expiry)
    }

    /// - Returns: false if the user has no such note.
    func remove(_ id: UUID, of user: String) async throws -> Bool {
        try await store.remove(prefix(user) + id.uuidString)
    }

    private func prefix(_ user: String) -> String { "notes:note:\(user):" }
}
