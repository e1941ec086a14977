/// A length of time.
typealias Milliseconds = Int64
