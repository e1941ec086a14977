/// The one home of reading a time from the file.
///
/// A row that got past the schema's constraints may hold anything in the place of a time: any 64 bits, a fraction,
/// text, a BLOB. A time that is read here can be added to and subtracted from without an overflow. It agrees with the
/// rule of expiry, for which SQLite sorts numbers before text, and text before BLOBs.
extension Statement {
    /// The time in a column that is never NULL; 0 for text or a BLOB.
    func time(_ column: Int32) -> Timestamp { optionalTime(column) ?? 0 }

    /// An expiry. Nil for NULL, which means never, and for text or a BLOB, which sorts after every time.
    func optionalTime(_ column: Int32) -> Timestamp? {
        switch type(column) {
        case .integer, .real: TimeConversion.bounded(integer(column))
        case .text, .blob, .null: nil
        }
    }
}
