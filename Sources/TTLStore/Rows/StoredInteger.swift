/// The integer types of the standard library, which are stored as INTEGER, so that `increment` works on all of them.
///
/// A list, and not `FixedWidthInteger`: a program's own integer type is stored by its own coding, which runs the
/// program's code.
protocol StoredInteger: FixedWidthInteger, Codable, Sendable {}

extension StoredInteger {
    /// Nil for a number that SQLite's INTEGER, which has 64 bits and a sign, can't hold.
    var stored: Int64? { Int64(exactly: self) }
}

extension Int: StoredInteger {}
extension Int8: StoredInteger {}
extension Int16: StoredInteger {}
extension Int32: StoredInteger {}
extension Int64: StoredInteger {}
extension Int128: StoredInteger {}
extension UInt: StoredInteger {}
extension UInt8: StoredInteger {}
extension UInt16: StoredInteger {}
extension UInt32: StoredInteger {}
extension UInt64: StoredInteger {}
extension UInt128: StoredInteger {}
