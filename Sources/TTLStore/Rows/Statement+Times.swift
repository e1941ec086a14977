/// The one home of reading a time from the file.
///
/// A row that got past the schema's constraints may hold anything in the place of a time: any 64 bits, a fraction,
/// text, a BLOB. What is read here can be added to and subtracted from without an overflow, and is in keeping with the
/// rule of expiry, which SQLite decides by its own order: numbers come before text, and text before a BLOB.
extension Statement {
    /// The time in a column that is never NULL; 0 for what is no number.
    func time(_ column: Int32) -> Timestamp { optionalTime(column) ?? 0 }

    /// When something expires. Nil for NULL, which means never, and for what is no number and so comes after every
    /// time.
    func optionalTime(_ column: Int32) -> Timestamp? {
        switch type(column) {
        case .integer, .real: TimeConversion.bounded(integer(column))
        case .text, .blob, .null: nil
        }
    }
}
