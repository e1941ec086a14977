extension TTLStore.Entry {
    /// The value decoded as `type`.
    /// - Throws: `wrongKind` or `decodingFailed`.
    public func decode<Decoded: Decodable>(as type: Decoded.Type) throws(TTLStoreError) -> Decoded {
        try ValueCoding.decode(type, from: value, in: "decode")
    }
}
