#if Sessions
internal import Crypto
#endif
