#if Sessions
import Testing
@testable import TTLSessions
#endif
