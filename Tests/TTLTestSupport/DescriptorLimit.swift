package import Foundation

/// How many descriptors this process may have open: `RLIMIT_NOFILE`.
package enum DescriptorLimit {
    /// Waiting tests keep their stores open, all at once: a thousand descriptors and more, where the usual limit is
    /// 1024. Code that needs many descriptors asks for this.
    static let isRaised: Bool = {
        guard let limit = current else { return false }
        return limit.rlim_cur >= 8192 || set(min(limit.rlim_max, 8192))
    }()

    package static var soft: rlim_t? { current?.rlim_cur }

    package static func set(_ soft: rlim_t) -> Bool {
        guard var limit = current else { return false }
        limit.rlim_cur = soft
        return setrlimit(resource, &limit) == 0
    }

    /// Allows that many more than are open, whose numbers may have gaps.
    package static func leave(_ spare: Int) -> Bool {
        var (number, free) = (Int32(0), 0)
        while free < spare || fcntl(number, F_GETFD) >= 0 {
            if fcntl(number, F_GETFD) < 0 { free += 1 }
            number += 1
        }
        return set(rlim_t(number))
    }

    private static var current: rlimit? {
        var limit = rlimit()
        return getrlimit(resource, &limit) == 0 ? limit : nil
    }

    #if canImport(Darwin)
    private static let resource = RLIMIT_NOFILE
    #else
    private static let resource = __rlimit_resource_t(RLIMIT_NOFILE.rawValue)
    #endif
}
