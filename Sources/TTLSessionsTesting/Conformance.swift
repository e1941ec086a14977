#if Sessions
internal import TTLSessions
#endif
