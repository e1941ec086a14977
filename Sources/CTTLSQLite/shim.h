// What Swift can't import from C headers: variadic functions, macros with casts, and GNU extensions.
#ifndef CTTLSQLITE_SHIM_H
#define CTTLSQLITE_SHIM_H

#include <pthread.h>
#include <sqlite3.h>
#include <stdint.h>
#if defined(__linux__)
#include <sys/syscall.h>
#include <unistd.h>
#endif

/// `sqlite3_db_config` for the options that take an on/off flag.
static inline int ttl_sqlite3_db_config_flag(sqlite3 *db, int option, int on) {
    return sqlite3_db_config(db, option, on, (int *)0);
}

/// `SQLITE_TRANSIENT`: SQLite copies the bytes before the call returns.
static inline int ttl_sqlite3_bind_text_copy(sqlite3_stmt *statement, int index, const char *bytes, int count) {
    return sqlite3_bind_text(statement, index, bytes, count, SQLITE_TRANSIENT);
}

/// As the function before, for a BLOB.
static inline int ttl_sqlite3_bind_blob_copy(sqlite3_stmt *statement, int index, const void *bytes, int count) {
    return sqlite3_bind_blob(statement, index, bytes, count, SQLITE_TRANSIENT);
}

/// A word of memory that other processes write. What is read afterwards is not older.
static inline uint32_t ttl_load_word(const void *address) {
    return __atomic_load_n((const uint32_t *)address, __ATOMIC_ACQUIRE);
}

#if defined(__linux__)
// Declared by <pthread.h> only under _GNU_SOURCE, which an importer can't set.
extern int pthread_setname_np(pthread_t thread, const char *name);
#endif

/// Names the calling thread, for `ps -T` and debuggers. Linux cuts nothing: it refuses more than 15 bytes.
static inline int ttl_name_current_thread(const char *name) {
#if defined(__linux__)
    return pthread_setname_np(pthread_self(), name);
#elif defined(__APPLE__)
    return pthread_setname_np(name);
#else
    return 0;
#endif
}

/// Whether a path is the root of a mount: 1, 0, or -1 where the system doesn't tell.
///
/// By statx(2), whose attribute STATX_ATTR_MOUNT_ROOT Linux has from 5.8 on. By number, since C libraries declare it
/// under _GNU_SOURCE only, and old ones not at all.
static inline int ttl_is_mount_root(const char *path) {
#if defined(__linux__) && defined(SYS_statx)
    enum { CURRENT_FOLDER = -100, MOUNT_ROOT = 0x2000 };
    // struct statx: 256 bytes, of which stx_attributes are those from 8 on and stx_attributes_mask those from 56 on.
    uint64_t answer[32] = {0};
    if (syscall(SYS_statx, CURRENT_FOLDER, path, 0, 0, answer) != 0) return -1;
    if (!(answer[7] & MOUNT_ROOT)) return -1;
    return (answer[1] & MOUNT_ROOT) != 0;
#else
    (void)path;
    return -1;
#endif
}

#endif
