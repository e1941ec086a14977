extension Statement {
    /// Copies the text; nil is NULL.
    func bind(_ index: Int32, _ text: Key?) throws(SQLiteError) {
        guard let text else { return bindNull(index) }
        try text.withBytes { (bytes) throws(SQLiteError) in try bind(index, copying: Array(bytes)) }
    }

    /// Binds a value without copying it for as long as `body` runs.
    func binding<Result>(
        _ index: Int32, _ value: Value, _ body: () throws(SQLiteError) -> Result
    ) throws(SQLiteError) -> Result {
        var outcome: Swift.Result<Result, SQLiteError>?
        func run(_ bind: () throws(SQLiteError) -> Void) {
            do throws(SQLiteError) {
                try bind()
                outcome = .success(try body())
            } catch { outcome = .failure(error) }
        }
        switch value {
        case .integer(let integer): run { () throws(SQLiteError) in bind(index, integer) }
        case .text(var text):
            text.withUTF8 { bytes in run { () throws(SQLiteError) in try bindBorrowed(index, text: bytes) } }
        case .bytes(let bytes):
            bytes.withUnsafeBufferPointer { bytes in
                run { () throws(SQLiteError) in try bindBorrowed(index, blob: bytes) }
            }
        }
        // Each branch calls `run` exactly once.
        return try outcome!.get()
    }
}
