/* What Swift can't do: run code between fork and exec, and in a signal handler. */
#ifndef CTTLPROCESS_H
#define CTTLPROCESS_H

#include <stdbool.h>
#include <sys/types.h>

struct ttl_child {
    /* The program's file, and its arguments and environment, each ended by NULL. */
    const char *path;
    char *const *arguments;
    char *const *environment;
    /* The descriptors that become 0, 1 and 2. Others are inherited unless they close on exec, or
       the child leads a session: nobody who waits for the end of a pipe or of a lock waits for it. */
    int input, output, errors;
    /* Linux: the signal that the child gets when the calling thread ends; 0 for none. */
    int signal_of_death;
    /* Whether it leads a session of its own, without a terminal. */
    bool leads_session;
};

/* Starts a child, with the signals as they were when the process began.
   A file that the system can't execute, and that has no #! line, is given to /bin/sh, as execvp does.
   Returns its process id; -1 with errno, also where the program could not be executed. */
pid_t ttl_start(const struct ttl_child *child);

/* Executes a program in the place of this one, with this environment and with the signals as they were when the process
   began. Returns only if that fails, with the errno. */
int ttl_become(const char *path, char *const *arguments);

/* Remembers which signals are ignored or blocked. Called once, before anything changes them. From then on the ends of
   children are reported, also where the process has begun with SIGCHLD ignored. */
void ttl_remember_signals(void);

/* Added to the number of a signal that no process has sent: the terminal has, to each process of its foreground. */
enum { ttl_from_terminal = 0x80 };

/* From now on the signals are written as bytes to a pipe that does not block. Signals that are ignored stay so.
   Called once, with the only thread of the process.
   Returns the end to read; -1 with errno. */
int ttl_pipe_signals(const int *numbers, int count);

/* The environment of this process, ended by NULL. */
char *const *ttl_environment(void);

/* Whether waitpid reported a regular end, with the status, or one by a signal, with the signal. */
bool ttl_has_exited(int report);
int ttl_exit_status(int report);
int ttl_ending_signal(int report);

#endif
