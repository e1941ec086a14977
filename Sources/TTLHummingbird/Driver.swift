#if Hummingbird
internal import Hummingbird
#endif
