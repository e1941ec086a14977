import TTLStore

/// What a check has found, with what to do about it.
struct CheckResult {
    typealias Report = TTLStore.CheckReport

    let path: String
    /// The worst first.
    let findings: [Finding]
    /// Nil if the store could not be opened.
    private let report: Report?

    struct Finding {
        let severity: Report.Severity
        let code: Report.Code
        let message: String
    }

    init(path: String, report: Report) {
        self.path = path
        self.report = report
        findings = report.findings.map { Finding(severity: $0.severity, code: $0.code, message: $0.message) }
    }

    /// - Parameter message: why a store can't be opened that is damaged.
    init(path: String, unopened message: String) {
        self.path = path
        report = nil
        findings = [Finding(severity: .error, code: .damaged, message: message)]
    }

    private var isComplete: Bool { report?.isComplete ?? false }

    /// Whether there is nothing to do; notes are for information.
    var isWell: Bool { findings.allSatisfy { $0.severity == .note } }
}

extension CheckResult: Encodable {
    private enum CodingKeys: String, CodingKey {
        case path, well, complete, findings
        case schemaVersion = "schema_version"
        case sqliteVersion = "sqlite_version"
        case commandVersion = "ttl_version"
    }

    private struct FindingRecord: Encodable {
        let severity, code, message, advice: String
    }

    func encode(to encoder: any Encoder) throws {
        var container = encoder.container(keyedBy: CodingKeys.self)
        try container.encode(path, forKey: .path)
        try container.encode(isWell, forKey: .well)
        try container.encode(isComplete, forKey: .complete)
        try container.encode(
            findings.map {
                FindingRecord(
                    severity: $0.severity.rawValue, code: $0.code.rawValue, message: $0.message, advice: advice($0))
            }, forKey: .findings)
        try container.encode(report?.schemaVersion, forKey: .schemaVersion)
        try container.encode(report?.sqliteVersion, forKey: .sqliteVersion)
        try container.encode(TTLCommand.version, forKey: .commandVersion)
    }

}

// MARK: Text

extension CheckResult {
    /// - Parameter columns: of the terminal; nil where there is none.
    func text(columns: Int?) -> String {
        let lines = findings.indices.map { index in
            let finding = findings[index]
            let message = CheckResult.wrapped(PrintableText.escaped(finding.message), columns)
            let line = "\n\(Figures.left(finding.severity.rawValue, CheckResult.indent))\(message)\n"
            // Findings with the same advice, such as damaged pages, stand together, and it stands below them.
            let advice = advice(finding)
            guard index + 1 == findings.endIndex || self.advice(findings[index + 1]) != advice else { return line }
            return line + CheckResult.margin + shown(PrintableText.escaped(advice), columns) + "\n"
        }
        return heading + lines.joined() + "\n\(summary)\n"
    }

    private static let indent = 9
    private static let margin = String(repeating: " ", count: indent)

    private static func wrapped(_ text: String, _ columns: Int?) -> String {
        PrintableText.wrapped(text, indent: indent, columns: columns)
    }

    /// Advice, of which the command line stays whole, so that it can be copied.
    private func shown(_ advice: String, _ columns: Int?) -> String {
        guard let columns, CheckResult.indent + advice.count > columns, let colon = advice.firstRange(of: ": ") else {
            return CheckResult.wrapped(advice, columns)
        }
        let words = CheckResult.wrapped(String(advice[..<colon.lowerBound]) + ":", columns)
        return "\(words)\n\(CheckResult.margin)\(advice[colon.upperBound...])"
    }

    private var heading: String {
        var versions = ["ttl \(TTLCommand.version)"]
        if let report { versions += ["schema \(report.schemaVersion)", "SQLite \(report.sqliteVersion)"] }
        return "store    \(PrintableText.escaped(path))\nversions \(versions.joined(separator: ", "))\n"
    }

    private var summary: String {
        let counts = [Report.Severity.error, .warning].compactMap { severity -> String? in
            let count = findings.count { $0.severity == severity }
            return count == 0 ? nil : "\(count) \(severity.rawValue)\(count == 1 ? "" : "s")"
        }
        if counts.isEmpty { return "All is well." }
        return "Found \(counts.joined(separator: " and "))."
            + (isComplete ? "" : " The check ended early, and there may be more.")
    }

}

// MARK: What to do

extension CheckResult {
    private func advice(_ finding: Finding) -> String {
        switch finding.code {
        case .damaged where report == nil:
            "Go back to a backup. A newer sqlite3 than Debian 12's may save rows: sqlite3 \(quoted) .recover"
        case .damaged:
            "Go back to a backup, or save what can still be read: ttl --store \(quoted) export > entries.ndjson"
        case .indexMismatch:
            "The entries are whole. Make the indexes anew: ttl --store \(quoted) shell -- REINDEX"
        case .constraintBroken:
            "Another program has written such rows. Find and mend, or delete, them: ttl --store \(quoted) shell"
        case .objectMissing, .objectChanged:
            "Move the entries into a new store: "
                + "ttl --store \(quoted) export | ttl --store new.db import; then put it in place of this one"
        case .objectAdded:
            "Keep it if you have added it. If nobody has, drop it: ttl --store \(quoted) shell"
        case .wrongIdentity:
            "Another program has changed the number. If the file is a store, set it: ttl --store \(quoted) shell"
        case .wrongMode:
            "If writing to the store does not set it, move the entries into a new store: "
                + "ttl --store \(quoted) export | ttl --store new.db import"
        case .permissions:
            "Take the rights away: "
                + (finding.message.hasPrefix("the folder") ? "chmod go-w \(folder)" : "chmod go-rwx \(quoted)*")
        case .severalNames:
            "Use one of the names, remove the others, and mount the folder instead of the file."
        case .constraintsUnchecked:
            "Check it again as a user who may write to the file and its folder."
        case .walResetBug:
            "Nothing to do for ttl. Let programs that write by other means use a fixed SQLite."
        default:
            "See the article Maintenance in the documentation of TTLStore."
        }
    }

    private var quoted: String { CheckResult.quoted(path) }

    private var folder: String {
        guard let slash = path.lastIndex(of: "/") else { return "." }
        return CheckResult.quoted(slash == path.startIndex ? "/" : String(path[..<slash]))
    }

    /// As a shell reads it: as it is, or between single quotes.
    private static func quoted(_ text: String) -> String {
        let isPlain = text.allSatisfy { $0.isASCII && ($0.isLetter || $0.isNumber || "/._-+:@%,".contains($0)) }
        return isPlain ? text : "'" + text.replacing("'", with: #"'\''"#) + "'"
    }
}
