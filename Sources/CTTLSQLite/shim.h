// Parts of C headers that Swift can't import: variadic functions, macros with casts, and GNU extensions.
#ifndef CTTLSQLITE_SHIM_H
#define CTTLSQLITE_SHIM_H

#include <sqlite3.h>
#include <stdint.h>
// On Linux, include no header that declares a type which Swift uses from the C library's own module, such as `timespec`
// in <pthread.h>: the compiler attributes the type to the module that it reads first.
#if defined(__linux__)
#include <sys/syscall.h>
#include <unistd.h>
#else
#include <pthread.h>
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

/// Loads a word of memory that other processes write. Later reads see no older memory.
static inline uint32_t ttl_load_word(const void *address) {
    return __atomic_load_n((const uint32_t *)address, __ATOMIC_ACQUIRE);
}

/// For a loop that waits for another thread: tells the processor so.
static inline void ttl_relax(void) {
#if defined(__x86_64__) || defined(__i386__)
    __builtin_ia32_pause();
#elif defined(__aarch64__) || defined(__arm__)
    __asm__ volatile("yield");
#endif
}

/// The header of SQLite's wal-index, of which there are two copies at its beginning.
typedef struct {
    uint32_t words[12];
} ttl_log_header;

/// Loads the header from memory that other processes write, word by word.
static inline ttl_log_header ttl_load_header(const void *address) {
    ttl_log_header header;
    for (int i = 0; i < 12; i++) header.words[i] = ttl_load_word((const uint32_t *)address + i);
    return header;
}

/// Whether the header in shared memory equals a label that another thread may replace. No later read comes before it.
static inline int ttl_header_is(const void *address, const ttl_log_header *label) {
    uint32_t difference = 0;
    for (int i = 0; i < 12; i++)
        difference |= ttl_load_word((const uint32_t *)address + i) ^ ttl_load_word(label->words + i);
    return difference == 0;
}

/// Replaces a label that other threads compare meanwhile.
static inline void ttl_store_label(ttl_log_header *label, ttl_log_header header) {
    for (int i = 0; i < 12; i++) __atomic_store_n(label->words + i, header.words[i], __ATOMIC_RELEASE);
}

/// Names the calling thread, for `ps -T` and debuggers. Linux keeps the first 15 bytes.
static inline int ttl_name_current_thread(const char *name) {
#if defined(__linux__)
    enum { SET_NAME = 15 };
    return (int)syscall(SYS_prctl, SET_NAME, name, 0, 0, 0);
#elif defined(__APPLE__)
    return pthread_setname_np(name);
#else
    return 0;
#endif
}

#if defined(__linux__) && defined(SYS_statx)
/// statx(2), by number, since C libraries declare it under _GNU_SOURCE only, and old ones not at all.
/// `answer` is a `struct statx`: 256 bytes, of which a word of 8 bytes each is counted below.
static inline int ttl_statx(int folder, const char *path, unsigned mask, uint64_t answer[32]) {
    return (int)syscall(SYS_statx, folder, path, 0, mask, answer);
}
#endif

/// How many names a file has, and whether the path itself is the root of a mount: 1, or 0, also where the system
/// doesn't report it. Linux does from 5.8 on, by the attribute STATX_ATTR_MOUNT_ROOT: words 1 (stx_attributes), 2
/// (stx_nlink, 4 bytes) and 7 (stx_attributes_mask). -1 if statx can't look at the file. `folder` is a descriptor, or
/// AT_FDCWD.
static inline int ttl_names(int folder, const char *path, uint32_t *count, int *is_mount_root) {
#if defined(__linux__) && defined(SYS_statx)
    enum { NAME_COUNT = 0x4, MOUNT_ROOT = 0x2000 };
    uint64_t answer[32] = {0};
    if (ttl_statx(folder, path, NAME_COUNT, answer) != 0) return -1;
    if (!(*(uint32_t *)answer & NAME_COUNT)) return -1;
    *count = *(uint32_t *)(answer + 2);
    *is_mount_root = (answer[1] & answer[7] & MOUNT_ROOT) != 0;
    return 0;
#else
    (void)folder, (void)path, (void)count, (void)is_mount_root;
    return -1;
#endif
}

/// When a file was made, and when it was last written, in nanoseconds since 1970; -1 where the system doesn't tell the
/// first. Words 10 and 11 (stx_btime: seconds, then 4 bytes of nanoseconds), 14 and 15 (stx_mtime).
static inline int ttl_birth_and_change(int folder, const char *path, int64_t *made, int64_t *written) {
#if defined(__linux__) && defined(SYS_statx)
    enum { TIMES = 0x40 | 0x800 };
    uint64_t answer[32] = {0};
    if (ttl_statx(folder, path, TIMES, answer) != 0) return -1;
    if ((*(uint32_t *)answer & TIMES) != TIMES) return -1;
    *made = (int64_t)(answer[10] * 1000000000u + *(uint32_t *)(answer + 11));
    *written = (int64_t)(answer[14] * 1000000000u + *(uint32_t *)(answer + 15));
    return 0;
#else
    (void)folder, (void)path, (void)made, (void)written;
    return -1;
#endif
}

#endif
