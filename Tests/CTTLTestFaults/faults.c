#define _GNU_SOURCE

#include "faults.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <sqlite3.h>
#include <stdarg.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <unistd.h>

static atomic_bool is_installed;
static atomic_int failing_call = -1;
static atomic_int failing_number;
static atomic_bool is_lasting;
/// Counts down to the call that fails.
static atomic_int calls_left;
static atomic_int failures;

void ttl_faults_begin(ttl_fault_call call, int first, bool lasting, int number) {
    failing_number = number;
    is_lasting = lasting;
    calls_left = first;
    failures = 0;
    failing_call = (int)call;
}

int ttl_faults_end(void) {
    failing_call = -1;
    return failures;
}

static bool fails(ttl_fault_call call) {
    if (failing_call != (int)call) return false;
    int left = atomic_fetch_sub(&calls_left, 1);
    if (left > 1 || (left < 1 && !is_lasting)) return false;
    atomic_fetch_add(&failures, 1);
    errno = failing_number;
    return true;
}

// MARK: The file system

static ssize_t test_read(int descriptor, void *bytes, size_t count, off_t offset) {
    return fails(TTL_FAULT_READ) ? -1 : pread(descriptor, bytes, count, offset);
}

static ssize_t test_write(int descriptor, const void *bytes, size_t count, off_t offset) {
    return fails(TTL_FAULT_WRITE) ? -1 : pwrite(descriptor, bytes, count, offset);
}

// The end of the path whose opening is waited for, or NULL, and the ends of the paths that are removed then.
static const char *opened_suffix;
static const char *lost_suffix;

void ttl_faults_lose_at_opening(const char *suffix, const char *lost) {
    lost_suffix = lost;
    opened_suffix = suffix;
}

static void lose(const char *path) {
    char lost[PATH_MAX];
    size_t length = strlen(path), end = strlen(opened_suffix);
    if (length < end || strcmp(path + length - end, opened_suffix)) return;
    opened_suffix = NULL;
    for (const char *suffix = lost_suffix; *suffix; suffix += 4) {
        snprintf(lost, sizeof lost, "%.*s%.4s", (int)(length - end), path, suffix);
        unlink(lost);
    }
}

static int test_open(const char *path, int flags, int mode) {
    if (opened_suffix) lose(path);
    return fails(TTL_FAULT_OPEN) ? -1 : open(path, flags, mode);
}

static int test_truncate(int descriptor, off_t size) {
    return fails(TTL_FAULT_TRUNCATE) ? -1 : ftruncate(descriptor, size);
}

static int test_lock(int descriptor, int command, ...) {
    va_list arguments;
    va_start(arguments, command);
    void *argument = va_arg(arguments, void *);
    va_end(arguments);
    // Giving a lock back does not fail on a local file system, nor do the other commands.
    bool locks = command == F_SETLK && ((struct flock *)argument)->l_type != F_UNLCK;
    return locks && fails(TTL_FAULT_LOCK) ? -1 : fcntl(descriptor, command, argument);
}

static void *test_map(void *address, size_t count, int protection, int flags, int descriptor, off_t offset) {
    return fails(TTL_FAULT_MAP) ? MAP_FAILED : mmap(address, count, protection, flags, descriptor, offset);
}

static int install_system_calls(void) {
    sqlite3_vfs *unix_vfs = sqlite3_vfs_find("unix");
    if (!unix_vfs || unix_vfs->iVersion < 3) return SQLITE_NOTFOUND;
    struct {
        const char *name;
        sqlite3_syscall_ptr call;
    } calls[] = {
        {"pread", (sqlite3_syscall_ptr)test_read},      {"pread64", (sqlite3_syscall_ptr)test_read},
        {"pwrite", (sqlite3_syscall_ptr)test_write},    {"pwrite64", (sqlite3_syscall_ptr)test_write},
        {"open", (sqlite3_syscall_ptr)test_open},       {"ftruncate", (sqlite3_syscall_ptr)test_truncate},
        {"fcntl", (sqlite3_syscall_ptr)test_lock},      {"mmap", (sqlite3_syscall_ptr)test_map},
    };
    for (size_t index = 0; index < sizeof calls / sizeof *calls; index++) {
        int code = unix_vfs->xSetSystemCall(unix_vfs, calls[index].name, calls[index].call);
        if (code != SQLITE_OK) return code;
    }
    return SQLITE_OK;
}

#if defined(__linux__)
// SQLite's own call can't be replaced, but a symbol of the executable comes before that of the C library.
// Tests of faults don't wait for the disk: none of them cuts the power.
int fdatasync(int descriptor) {
    if (fails(TTL_FAULT_SYNC)) return -1;
    return is_installed ? 0 : (int)syscall(SYS_fdatasync, descriptor);
}
#endif

#if defined(__linux__)
static atomic_bool answers_no_questions;

void ttl_faults_answer_no_questions(void) { answers_no_questions = true; }

// As an old container's filter of system calls answers the one behind `faccessat`, which it does not know.
int faccessat(int folder, const char *path, int mode, int flags) {
    if (answers_no_questions) {
        errno = EPERM;
        return -1;
    }
#if defined(SYS_faccessat2)
    return (int)syscall(SYS_faccessat2, folder, path, mode, flags);
#else
    return (int)syscall(SYS_faccessat, folder, path, mode);
#endif
}
#else
void ttl_faults_answer_no_questions(void) {}
#endif

// MARK: Memory

static sqlite3_mem_methods allocator;

static void *test_malloc(int size) { return fails(TTL_FAULT_MEMORY) ? NULL : allocator.xMalloc(size); }

static void *test_realloc(void *memory, int size) {
    return fails(TTL_FAULT_MEMORY) ? NULL : allocator.xRealloc(memory, size);
}

static int install_allocator(void) {
    sqlite3_shutdown();
    int code = sqlite3_config(SQLITE_CONFIG_GETMALLOC, &allocator);
    if (code != SQLITE_OK) return code;
    sqlite3_mem_methods methods = allocator;
    methods.xMalloc = test_malloc;
    methods.xRealloc = test_realloc;
    return sqlite3_config(SQLITE_CONFIG_MALLOC, &methods);
}

int ttl_faults_install(void) {
    int code = install_allocator();
    if (code == SQLITE_OK) code = sqlite3_initialize();
    if (code == SQLITE_OK) code = install_system_calls();
    is_installed = code == SQLITE_OK;
    return code;
}

int ttl_exchange_names(const char *one, const char *other) {
#if defined(SYS_renameat2)
    enum { EXCHANGE = 2 };
    return (int)syscall(SYS_renameat2, AT_FDCWD, one, AT_FDCWD, other, EXCHANGE);
#else
    (void)one, (void)other;
    errno = ENOSYS;
    return -1;
#endif
}
