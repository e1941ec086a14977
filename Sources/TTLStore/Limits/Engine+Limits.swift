extension Engine {
    /// As far as is known without a look at the file.
    var isOverLimit: Bool {
        guard let sizeGauge else { return false }
        return sizeGauge.limits.isExceeded(.limit, by: sizeGauge.size)
    }

    func pages() throws(TTLStoreError) -> FilePages {
        try read("pages") { reader in try FilePages(reader.connection) }
    }
}
