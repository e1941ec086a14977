#if canImport(Darwin)
import Darwin
#elseif canImport(Musl)
import Musl
#else
import Glibc
#endif

enum ProcessNumber {
    static var current: Int32 { getpid() }
}
