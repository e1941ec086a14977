#define _GNU_SOURCE
#include "CTTLProcess.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>
#ifdef __linux__
#include <sys/prctl.h>
#include <sys/syscall.h>
#endif

extern char **environ;

enum { highest_signal = 31 };

static bool were_ignored[highest_signal + 1];
static sigset_t blocked_before;

void ttl_remember_signals(void) {
    for (int number = 1; number <= highest_signal; number++) {
        struct sigaction action;
        were_ignored[number] = sigaction(number, NULL, &action) == 0 && action.sa_handler == SIG_IGN;
    }
    /* Ignored, it would take the end of each child away before waitpid. */
    if (were_ignored[SIGCHLD]) signal(SIGCHLD, SIG_DFL);
    sigprocmask(SIG_BLOCK, NULL, &blocked_before);
}

/* Safe in a signal handler, as its caller needs it. */
static void restore_signals(void) {
    for (int number = 1; number <= highest_signal; number++) {
        if (number != SIGKILL && number != SIGSTOP) signal(number, were_ignored[number] ? SIG_IGN : SIG_DFL);
    }
    sigprocmask(SIG_SETMASK, &blocked_before, NULL);
}

/* Safe in a signal handler. What no descriptor is open for costs a call where close_range is missing: of very many that
   the limit allows, the highest are left out. */
static void close_others_on_exec(void) {
#ifdef SYS_close_range
    enum { on_exec = 1 << 2 };
    if (syscall(SYS_close_range, 3U, ~0U, on_exec) == 0) return;
#endif
    long limit = sysconf(_SC_OPEN_MAX);
    int end = limit < 0 || limit > 1 << 16 ? 1 << 16 : (int)limit;
    for (int descriptor = 3; descriptor < end; descriptor++) fcntl(descriptor, F_SETFD, FD_CLOEXEC);
}

/* Between fork and exec: only functions that are safe in a signal handler. */
static void become(const struct ttl_child *child, char *const *for_shell, pid_t parent, int report) {
#ifdef __linux__
    if (child->signal_of_death != 0) {
        prctl(PR_SET_PDEATHSIG, child->signal_of_death);
        /* The parent may have ended before. */
        if (getppid() != parent) _exit(127);
    }
#else
    (void)parent;
#endif
    if (child->leads_session) setsid();
    int wanted[3] = {child->input, child->output, child->errors};
    /* Out of the way first: one of them may be the target of another. */
    for (int target = 0; target < 3; target++) {
        if (wanted[target] != target) wanted[target] = fcntl(wanted[target], F_DUPFD_CLOEXEC, 3);
        if (wanted[target] < 0) goto failed;
    }
    for (int target = 0; target < 3; target++) {
        if (wanted[target] != target && dup2(wanted[target], target) < 0) goto failed;
    }
    if (child->leads_session) close_others_on_exec();
    restore_signals();
    execve(child->path, child->arguments, child->environment);
    if (errno == ENOEXEC) execve(for_shell[0], for_shell, child->environment);
failed:;
    int number = errno;
    ssize_t written = write(report, &number, sizeof number);
    _exit(written < 0 ? 126 : 127);
}

int ttl_become(const char *path, char *const *arguments) {
    restore_signals();
    execve(path, arguments, environ);
    return errno;
}

/* The arguments of a shell that reads the file: sh, the file, and all arguments but the first. */
static char **arguments_for_shell(const struct ttl_child *child) {
    size_t count = 0;
    while (child->arguments[count] != NULL) count++;
    char **result = calloc(count + 3, sizeof *result);
    if (result == NULL) return NULL;
    result[0] = "/bin/sh";
    result[1] = (char *)child->path;
    for (size_t index = 1; index < count; index++) result[index + 1] = child->arguments[index];
    return result;
}

/* Returns what the child reports before it is executed: an errno, or 0. */
static int read_report(int report) {
    int number = 0;
    ssize_t count;
    do count = read(report, &number, sizeof number);
    while (count < 0 && errno == EINTR);
    return count == sizeof number ? number : 0;
}

static int open_pipe(int ends[2]) {
    if (pipe(ends) != 0) return -1;
    fcntl(ends[0], F_SETFD, FD_CLOEXEC);
    fcntl(ends[1], F_SETFD, FD_CLOEXEC);
    return 0;
}

pid_t ttl_start(const struct ttl_child *child) {
    char **for_shell = arguments_for_shell(child);
    int report[2];
    if (for_shell == NULL) return -1;
    if (open_pipe(report) != 0) {
        free(for_shell);
        return -1;
    }
    pid_t parent = getpid();
    /* No handler of the parent runs in the child. */
    sigset_t all, before;
    sigfillset(&all);
    pthread_sigmask(SIG_SETMASK, &all, &before);
    pid_t process = fork();
    if (process == 0) become(child, for_shell, parent, report[1]);
    int number = process < 0 ? errno : 0;
    pthread_sigmask(SIG_SETMASK, &before, NULL);
    close(report[1]);
    if (process > 0) number = read_report(report[0]);
    close(report[0]);
    free(for_shell);
    if (number == 0) return process;
    if (process > 0) {
        while (waitpid(process, NULL, 0) < 0 && errno == EINTR) {
        }
    }
    errno = number;
    return -1;
}

static int signal_writer = -1;

static void note(int number, siginfo_t *information, void *context) {
    (void)context;
    int before = errno;
#ifdef __linux__
    bool is_from_terminal = information->si_code == SI_KERNEL;
#else
    bool is_from_terminal = information->si_pid == 0;
#endif
    unsigned char byte = (unsigned char)(number | (is_from_terminal ? ttl_from_terminal : 0));
    /* Where the pipe is full, there is enough to read. */
    ssize_t written = write(signal_writer, &byte, 1);
    (void)written;
    errno = before;
}

int ttl_pipe_signals(const int *numbers, int count) {
    int ends[2];
    if (open_pipe(ends) != 0) return -1;
    fcntl(ends[0], F_SETFL, O_NONBLOCK);
    fcntl(ends[1], F_SETFL, O_NONBLOCK);
    signal_writer = ends[1];
    sigset_t heard;
    sigemptyset(&heard);
    for (int index = 0; index < count; index++) {
        int number = numbers[index];
        sigaddset(&heard, number);
        /* `nohup`, or a shell that runs the command in the background, has had the signal ignored. */
        if (were_ignored[number] && number != SIGCHLD) continue;
        struct sigaction action;
        memset(&action, 0, sizeof action);
        action.sa_sigaction = note;
        action.sa_flags = SA_RESTART | SA_SIGINFO;
        sigaction(number, &action, NULL);
    }
    pthread_sigmask(SIG_UNBLOCK, &heard, NULL);
    return ends[0];
}

char *const *ttl_environment(void) { return environ; }

bool ttl_has_exited(int report) { return WIFEXITED(report); }
int ttl_exit_status(int report) { return WEXITSTATUS(report); }
int ttl_ending_signal(int report) { return WTERMSIG(report); }
