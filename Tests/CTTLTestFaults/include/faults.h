// A file system, and an allocator, that fail when a test says so. They are the whole process's: only for a process of
// its own.
#ifndef TTL_TEST_FAULTS_H
#define TTL_TEST_FAULTS_H

#include <stdbool.h>

/// What SQLite asks of the system.
typedef enum {
    TTL_FAULT_READ,
    TTL_FAULT_WRITE,
    TTL_FAULT_OPEN,
    TTL_FAULT_TRUNCATE,
    TTL_FAULT_LOCK,
    TTL_FAULT_MAP,
    TTL_FAULT_SYNC,
    TTL_FAULT_MEMORY,
} ttl_fault_call;

/// Takes the place of the calls that SQLite's "unix" VFS makes (https://www.sqlite.org/c3ref/vfs.html, xSetSystemCall),
/// and of its allocator. Before the process opens its first connection.
/// @return an SQLite result code.
int ttl_faults_install(void);

/// From now on calls of that kind are counted, and those fail that come as number `first`, or, if `lasting`, from there
/// on. `number` is the errno of a failed call.
void ttl_faults_begin(ttl_fault_call call, int first, bool lasting, int number);

/// No call fails any more.
/// @return how many have failed.
int ttl_faults_end(void);

/// Before SQLite opens a file whose path ends with `suffix`, the files with the ends in `lost` instead lose their
/// names: once, at the first such opening. The ends in `lost` have four characters each.
void ttl_faults_lose_at_opening(const char *suffix, const char *lost);

/// From now on `faccessat` fails with `EPERM`, whatever it is asked.
void ttl_faults_answer_no_questions(void);

/// Exchanges two names in one step, where the system can.
/// @return 0, or -1.
int ttl_exchange_names(const char *one, const char *other);

#endif
