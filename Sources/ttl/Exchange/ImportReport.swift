/// What has become of the lines.
struct ImportReport: Equatable {
    var stored = 0
    /// Skipped, since they had expired.
    var expired = 0
    /// Skipped, since a live entry has the key.
    var present = 0
    var bad = 0

    mutating func add(_ other: ImportReport) {
        stored += other.stored
        expired += other.expired
        present += other.present
        bad += other.bad
    }

    var text: String {
        let skipped = [(expired, "expired"), (present, "present"), (bad, "bad")].filter { $0.0 > 0 }.map {
            "\(Figures.grouped($0)) \($1)"
        }
        return "\(Figures.grouped(stored)) stored" + (skipped.isEmpty ? "" : ", skipped: ")
            + skipped.joined(separator: ", ")
    }

    var json: String { #"{"bad":\#(bad),"expired":\#(expired),"present":\#(present),"stored":\#(stored)}"# }
}
