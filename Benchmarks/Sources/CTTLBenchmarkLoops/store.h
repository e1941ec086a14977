#ifndef STORE_H
#define STORE_H

#include "CTTLBenchmarkLoops.h"

#include <sqlite3.h>

struct ttl_bench_store {
    sqlite3 *db;
    sqlite3_stmt *get;
    sqlite3_stmt *set;
};

/// One row, in a commit of its own.
int ttl_bench_set_one(ttl_bench_store *store, const char *key, int64_t time_to_live, const char *value);

#endif
