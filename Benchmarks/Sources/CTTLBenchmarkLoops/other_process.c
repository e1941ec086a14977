#include "store.h"

#include <poll.h>
#include <stdlib.h>
#include <unistd.h>

static int write_all(const void *bytes, size_t count) {
    const char *next = bytes;
    while (count > 0) {
        ssize_t written = write(STDOUT_FILENO, next, count);
        if (written < 0) return SQLITE_IOERR;
        next += written;
        count -= (size_t)written;
    }
    return SQLITE_OK;
}

static int input_ends_within(int milliseconds) {
    struct pollfd input = {.fd = STDIN_FILENO, .events = POLLIN};
    return poll(&input, 1, milliseconds) != 0;
}

int ttl_bench_other_process(const char *path, const char *settings, const char *set, int pause) {
    enum { CAPACITY = 1 << 20, ROWS = 1000 };
    ttl_bench_store *store = NULL;
    int code = ttl_bench_open(path, settings, NULL, set, &store);
    if (code != SQLITE_OK) return code;
    // Longer than anybody would wait: what is measured is how long it takes, not that it fails.
    sqlite3_busy_timeout(store->db, 120000);
    ttl_bench_write *writes = calloc(CAPACITY, sizeof *writes);
    if (!writes) return SQLITE_NOMEM;
    char key[TTL_BENCH_KEY_LENGTH + 1], value[TTL_BENCH_VALUE_LENGTH + 1];
    ttl_bench_value(value);
    size_t count = 0;
    do {
        // Numbers that no other row of the file has.
        ttl_bench_key(key, (UINT64_C(1) << 40) + count % ROWS);
        int64_t begun = ttl_bench_steady();
        code = ttl_bench_set_one(store, key, ttl_bench_wall(), 3600000, value);
        writes[count] = (ttl_bench_write){begun, ttl_bench_steady() - begun};
        if (count++ == 0) write_all("", 1);
    } while (code == SQLITE_OK && count < CAPACITY && !input_ends_within(pause));
    if (code == SQLITE_OK) code = write_all(writes, count * sizeof *writes);
    free(writes);
    ttl_bench_close(store);
    return code;
}

int ttl_bench_hold_lock(const char *path, const char *settings) {
    ttl_bench_store *store = NULL;
    int code = ttl_bench_open(path, settings, NULL, NULL, &store);
    if (code != SQLITE_OK) return code;
    code = sqlite3_exec(store->db, "BEGIN IMMEDIATE", NULL, NULL, NULL);
    if (code == SQLITE_OK) code = write_all("", 1);
    char rest;
    while (code == SQLITE_OK && read(STDIN_FILENO, &rest, 1) > 0) continue;
    ttl_bench_close(store);
    return code;
}
