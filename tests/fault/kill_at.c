/*
 * kill_at.c: run a program and kill it at its n-th system call.
 *
 * Usage: kill_at N[:SIGNAL] PROGRAM [ARGUMENT...]. It is killed before the
 * kernel does the call; what is there behind a call is there before the next
 * one, too, as no process changes a file but by calls. N = 0 kills never. The
 * last line of standard output is `killed`, or `ended STATUS CALLS` with the
 * count of calls that there were; exit status 0. 99: this system does not let
 * us trace.
 *
 * Another SIGNAL than SIGKILL, by its number, comes when the call is done, and
 * the program ends as it will: the last line is `signalled STATUS` then.
 */
#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/ptrace.h>
#include <sys/wait.h>
#include <unistd.h>

static void
run_program(char **argv)
{
	if (ptrace(PTRACE_TRACEME, 0, NULL, NULL) != 0)
		_exit(99);
	execvp(argv[0], argv);
	_exit(98);
}

/* Deliver what is a signal; a stop at a system call is none, nor is the one
 * of exec. */
static int
signal_of(int status, int *is_call)
{
	int number = WSTOPSIG(status);

	*is_call = number == (SIGTRAP | 0x80);
	return *is_call || number == SIGTRAP ? 0 : number;
}

static int
status_of(int status)
{
	return WIFEXITED(status) ? WEXITSTATUS(status) :
				   128 + WTERMSIG(status);
}

static void
end(pid_t child, int signal)
{
	int status;

	kill(child, signal);
	if (signal != SIGKILL)
		ptrace(PTRACE_DETACH, child, NULL, 0);
	waitpid(child, &status, 0);
	if (signal == SIGKILL)
		puts("killed");
	else
		printf("signalled %d\n", status_of(status));
}

int
main(int argc, char **argv)
{
	char *behind = NULL;
	long wanted = argc > 2 ? strtol(argv[1], &behind, 10) : -1, n = 0;
	int status, is_call = 0, is_before = 0, number;
	pid_t child;

	if (wanted < 0)
		return 2;
	child = fork();
	if (child == 0)
		run_program(argv + 2);
	if (child < 0 || waitpid(child, &status, 0) != child ||
	    !WIFSTOPPED(status))
		return 99;
	ptrace(PTRACE_SETOPTIONS, child, NULL,
	       PTRACE_O_TRACESYSGOOD | PTRACE_O_EXITKILL);
	for (number = 0; ; number = signal_of(status, &is_call)) {
		is_before ^= is_call;
		n += is_call & is_before;
		if (wanted && n == wanted && is_before) {
			end(child, *behind == ':' ? atoi(behind + 1) :
						    SIGKILL);
			return 0;
		}
		if (ptrace(PTRACE_SYSCALL, child, NULL, number) != 0 ||
		    waitpid(child, &status, 0) != child)
			return 99;
		if (!WIFSTOPPED(status))
			break;
	}
	printf("ended %d %ld\n", status_of(status), n);
	return 0;
}
