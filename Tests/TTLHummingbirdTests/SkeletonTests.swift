#if Hummingbird
import Testing
@testable import TTLHummingbird
#endif
