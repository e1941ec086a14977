/// The entry that a set writes, checked and encoded.
struct NewEntry: Sendable {
    var key: Key
    var value: Value
    var expiry: Expiry
    var tag: Key?

    init(
        _ key: String, _ value: Value, expiring expiry: Expiry, tag: String?,
        _ configuration: TTLStore.Configuration, in operation: String
    ) throws(TTLStoreError) {
        self.key = try Key(key, in: operation)
        self.tag = try Key.tag(tag, in: operation)
        self.expiry = expiry
        self.value = value
        let size = value.size
        // A value that leaves no room for the file's own pages would evict all other entries, and then itself.
        let limit = min(configuration.maximumValueSize, (configuration.maximumBytes ?? .max) / 2)
        guard size <= limit else {
            throw TTLStoreError(
                .valueTooLarge, "the value has \(size) bytes, the store allows \(limit)", in: operation)
        }
    }
}
