import ArgumentParser
import TTLStore

/// The bounds of keys and tags, as the store has them: on the command line another length is a mistake of usage, also
/// where there is no store yet.
enum EntryName {
    private static let sizes = 1...TTLStore.maximumKeyLength

    static func require(key: String) throws { try require(key, "key") }

    static func require(tag: String?) throws { if let tag { try require(tag, "tag") } }

    private static func require(_ name: String, _ kind: String) throws {
        let size = name.utf8.count
        guard sizes.contains(size) else {
            throw ValidationError(
                "a \(kind) has \(sizes.lowerBound) to \(sizes.upperBound) bytes of UTF-8, this one \(size)")
        }
    }
}
