#ifndef STORE_H
#define STORE_H

#include "CTTLBenchmarkLoops.h"

#include <sqlite3.h>
#include <stddef.h>

struct ttl_bench_store {
    sqlite3 *db;
    sqlite3_stmt *get;
    sqlite3_stmt *set;
    // Of changes, prepared where they are wanted.
    sqlite3_stmt *begin;
    sqlite3_stmt *commit;
    sqlite3_stmt *read;
    sqlite3_stmt *write;
};

/// One row, in a commit of its own unless a transaction is open.
int ttl_bench_set_one(
    ttl_bench_store *store, const char *key, int64_t now, int64_t time_to_live, const char *value);

/// Copies the text in the first column of a row, NUL excluded, and returns its length; 0 if it is no text. `copy` holds
/// a value and a NUL.
size_t ttl_bench_copy_text(sqlite3_stmt *row, char *copy);

/// Runs a statement that returns no row.
int ttl_bench_run(sqlite3_stmt *statement);

#endif
