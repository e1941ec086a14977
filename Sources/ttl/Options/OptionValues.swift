import ArgumentParser

#if canImport(FoundationEssentials)
import FoundationEssentials
#else
import Foundation
#endif

// A mistake in the value of an option is a mistake of usage.

extension DurationFormat {
    static func parse(_ text: String, option: String) throws -> Duration {
        do throws(Failure) {
            return try parse(text)
        } catch {
            throw ValidationError("\(option): \(error.message)")
        }
    }
}

extension DateFormat {
    static func parse(_ text: String, option: String) throws -> Date {
        guard let date = parse(text) else {
            throw ValidationError("\(option): not a date such as 2027-01-01T00:00:00Z or 2027-01-01T02:00:00+02:00")
        }
        return date
    }
}
