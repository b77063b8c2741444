#include "net/access_log.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <limits.h>
#include <poll.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "base/buffer.h"
#include "base/slice.h"
#include "net/http.h"
#include "net/server.h"

/* Lines of a worker that wait for the writer; more are dropped. */
#define LANE_BYTES ((size_t)1 << 20)

/* So many are worth a call now. */
#define LANE_ENOUGH ((size_t)64 << 10)

#define TEXT_BYTES 1024

/* Of one worker, which shares it with the writer alone. */
struct lane {
	_Alignas(64) pthread_mutex_t lock;
	struct aqi_buffer lines;
	time_t second;
	char date[24];		/* of that second: 2026-11-25T22:38:00 */
};

struct aqi_access_log {
	const char *path;
	struct lane *lanes;		/* (n_lanes,) */
	unsigned n_lanes;
	atomic_uint_fast64_t n_dropped;
	pthread_t writer;
	bool has_writer;

	pthread_mutex_t lock;		/* of the next three */
	pthread_cond_t changed;
	bool is_ending;
	int next_fd;			/* to go on with; -1: none */

	/* The writer's, which is not kept waiting by the lock in a write. */
	int fd;
	bool is_file;			/* a regular one: never waits */
	struct aqi_buffer pending;	/* lines taken from a lane, */
	size_t written;			/* but for so many bytes */
	int failure;			/* errno of the last write, or 0 */
};

static void
add_text(struct aqi_buffer *line, struct aqi_slice text)
{
	static const char hex[] = "0123456789abcdef";
	size_t n = text.size > TEXT_BYTES ? TEXT_BYTES : text.size, k = 0;
	char *room = aqi_buffer_room(line, 5 * n);

	if (!room)
		return;
	for (size_t i = 0; i < n; i++) {
		unsigned char c = (unsigned char)text.data[i];

		if (c >= 0x20 && c < 0x7f && c != '"' && c != '\\') {
			room[k++] = (char)c;
			continue;
		}
		room[k++] = '\\';
		room[k++] = '\\';
		room[k++] = 'x';
		room[k++] = hex[c >> 4];
		room[k++] = hex[c & 15];
	}
	line->size += k;
	if (n < text.size)
		aqi_buffer_add_text(line, "...");
}

static void
add_member(struct aqi_buffer *line, const char *key, struct aqi_slice value)
{
	aqi_buffer_add_text(line, ",\"");
	aqi_buffer_add_text(line, key);
	aqi_buffer_add_text(line, "\":\"");
	add_text(line, value);
	aqi_buffer_add_byte(line, '"');
}

static void
add_time(struct lane *lane)
{
	struct timespec now;
	struct tm tm;

	clock_gettime(CLOCK_REALTIME, &now);
	if (now.tv_sec != lane->second || lane->date[0] == '\0') {
		lane->second = now.tv_sec;
		gmtime_r(&now.tv_sec, &tm);
		strftime(lane->date, sizeof lane->date, "%Y-%m-%dT%H:%M:%S",
			 &tm);
	}
	aqi_buffer_add_format(&lane->lines, "{\"time\":\"%s.%06ldZ\"",
			      lane->date, now.tv_nsec / 1000);
}

static void
add_line(struct lane *lane, const struct aqi_request *request,
	 const struct aqi_answer *answer, uint64_t sent, uint64_t took_ns)
{
	const struct aqi_http_head *head = request->head;
	struct aqi_buffer *line = &lane->lines;
	struct aqi_slice reason = {answer->body.data, answer->body.size}, agent;

	add_time(lane);
	add_member(line, "peer", request->peer);
	if (head) {
		add_member(line, "method", head->method);
		add_member(line, "target", head->target);
	} else {
		/* Without its newline. */
		reason.size -= reason.size > 0;
		add_member(line, "reason", reason);
	}
	aqi_buffer_add_format(line, ",\"status\":%u,\"bytes\":%" PRIu64
			      ",\"ms\":%" PRIu64 ".%03" PRIu64,
			      answer->status, sent, took_ns / 1000000,
			      took_ns / 1000 % 1000);
	if (answer->key)
		add_member(line, "key", aqi_slice_of(answer->key));
	if (head) {
		agent = aqi_http_find(head, "user-agent");
		if (agent.data)
			add_member(line, "agent", agent);
	}
	aqi_buffer_add(line, "}\n", 2);
}

void
aqi_access_log_add(struct aqi_access_log *log, unsigned worker,
		   const struct aqi_request *request,
		   const struct aqi_answer *answer, uint64_t sent,
		   uint64_t took_ns)
{
	struct lane *lane = &log->lanes[worker];
	bool is_urgent = false, is_lost = true;
	size_t before;

	pthread_mutex_lock(&lane->lock);
	before = lane->lines.size;
	if (before < LANE_BYTES) {
		add_line(lane, request, answer, sent, took_ns);
		is_lost = lane->lines.failed;
		if (is_lost) {
			lane->lines.failed = false;
			lane->lines.size = before;
		}
		is_urgent = before < LANE_ENOUGH &&
			    lane->lines.size >= LANE_ENOUGH;
	}
	pthread_mutex_unlock(&lane->lock);
	if (is_lost)
		atomic_fetch_add(&log->n_dropped, 1);
	if (is_urgent)
		pthread_cond_signal(&log->changed);
}

uint64_t
aqi_access_log_dropped(struct aqi_access_log *log)
{
	return atomic_exchange(&log->n_dropped, 0);
}

/*
 * A pipe that nobody reads would keep us for ever. One that is ready takes
 * PIPE_BUF bytes at once.
 */
static bool
may_write(const struct aqi_access_log *log)
{
	struct pollfd fd = {.fd = log->fd, .events = POLLOUT};

	return log->is_file || poll(&fd, 1, AQI_ACCESS_LOG_MS) != 0;
}

/* True when nothing is left of what was taken. */
static bool
write_pending(struct aqi_access_log *log)
{
	struct aqi_buffer *pending = &log->pending;
	size_t left;
	ssize_t n;

	log->failure = 0;
	while ((left = pending->size - log->written) > 0) {
		if (!may_write(log)) {
			log->failure = ETIMEDOUT;
			return false;
		}
		n = write(log->fd, pending->data + log->written,
			  log->is_file || left < PIPE_BUF ? left : PIPE_BUF);
		if (n >= 0) {
			log->written += (size_t)n;
		} else if (errno != EINTR) {
			/* A line that is torn is gone on with later. */
			log->failure = errno;
			return false;
		}
	}
	aqi_buffer_clear(pending);
	log->written = 0;
	return true;
}

/* The lines of one lane after the other, as long as they can be written. */
static void
write_all(struct aqi_access_log *log)
{
	struct aqi_buffer taken;
	struct lane *lane;

	for (unsigned i = 0; i < log->n_lanes && write_pending(log); i++) {
		lane = &log->lanes[i];
		pthread_mutex_lock(&lane->lock);
		taken = lane->lines;
		lane->lines = log->pending;
		pthread_mutex_unlock(&lane->lock);
		log->pending = taken;
	}
	(void)write_pending(log);
}

static void
use_file(struct aqi_access_log *log, int fd)
{
	struct stat st;
	const char *end;

	/* The rest of a torn line has no place in another file. */
	if (log->written > 0 && log->written < log->pending.size &&
	    log->pending.data[log->written - 1] != '\n') {
		end = memchr(log->pending.data + log->written, '\n',
			     log->pending.size - log->written);
		log->written = (size_t)(end + 1 - log->pending.data);
		atomic_fetch_add(&log->n_dropped, 1);
	}
	if (log->fd >= 0)
		close(log->fd);
	log->fd = fd;
	log->is_file = fstat(fd, &st) == 0 && S_ISREG(st.st_mode);
}

/* When the next turn is. */
static struct timespec
soon(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	t.tv_nsec += AQI_ACCESS_LOG_MS * 1000000;
	if (t.tv_nsec >= 1000000000) {
		t.tv_nsec -= 1000000000;
		t.tv_sec++;
	}
	return t;
}

/* Until there is something to do, or may be; true: to end. */
static bool
wait(struct aqi_access_log *log, int *next_fd)
{
	const struct timespec until = soon();
	bool is_ending;

	pthread_mutex_lock(&log->lock);
	if (!log->is_ending && log->next_fd < 0)
		pthread_cond_timedwait(&log->changed, &log->lock, &until);
	is_ending = log->is_ending;
	*next_fd = log->next_fd;
	log->next_fd = -1;
	pthread_mutex_unlock(&log->lock);
	return is_ending;
}

/* Who reads a pipe may have stopped: so often, he is waited for at the end. */
#define LAST_TURNS (AQI_ACCESS_LOG_END_MS / AQI_ACCESS_LOG_MS)

static void *
work(void *self)
{
	struct aqi_access_log *log = self;
	bool is_ending;
	int next_fd;

	do {
		is_ending = wait(log, &next_fd);
		/* What was taken before is for the file before. */
		if (next_fd >= 0) {
			(void)write_pending(log);
			use_file(log, next_fd);
		}
		write_all(log);
	} while (!is_ending);
	for (int i = 1; i < LAST_TURNS && log->failure == ETIMEDOUT; i++)
		write_all(log);
	return NULL;
}

static int
open_file(const char *path, struct aqi_error *err)
{
	int fd = strcmp(path, "-") == 0 ?
			 fcntl(STDOUT_FILENO, F_DUPFD_CLOEXEC, 3) :
			 open(path, O_WRONLY | O_APPEND | O_CREAT | O_CLOEXEC |
			      O_NOCTTY, 0640);

	if (fd < 0) {
		aqi_error_system(err, errno, "cannot open the access log");
		aqi_error_at(err, path, 0, 0);
	}
	return fd;
}

static enum aqi_status
start(struct aqi_access_log *log, struct aqi_error *err)
{
	pthread_condattr_t monotonic;
	int failure;

	pthread_condattr_init(&monotonic);
	pthread_condattr_setclock(&monotonic, CLOCK_MONOTONIC);
	pthread_cond_init(&log->changed, &monotonic);
	pthread_condattr_destroy(&monotonic);
	failure = pthread_create(&log->writer, NULL, work, log);
	log->has_writer = failure == 0;
	return failure ? aqi_error_system(err, failure,
					  "cannot start a thread") : AQI_OK;
}

struct aqi_access_log *
aqi_access_log_open(const char *path, unsigned n_workers, struct aqi_error *err)
{
	struct aqi_access_log *log = calloc(1, sizeof *log);
	int fd;

	if (log)
		log->lanes = aligned_alloc(64, n_workers * sizeof *log->lanes);
	if (!log || !log->lanes) {
		free(log);
		aqi_error_memory(err);
		return NULL;
	}
	memset(log->lanes, 0, n_workers * sizeof *log->lanes);
	log->path = path;
	log->next_fd = -1;
	log->n_lanes = n_workers;
	for (unsigned i = 0; i < n_workers; i++)
		pthread_mutex_init(&log->lanes[i].lock, NULL);
	pthread_mutex_init(&log->lock, NULL);
	log->fd = -1;
	fd = open_file(path, err);
	if (fd >= 0) {
		use_file(log, fd);
		if (start(log, err) == AQI_OK)
			return log;
	}
	(void)aqi_access_log_close(log, NULL);
	return NULL;
}

enum aqi_status
aqi_access_log_reopen(struct aqi_access_log *log, struct aqi_error *err)
{
	int fd = open_file(log->path, err), unused;

	if (fd < 0)
		return AQI_FATAL;
	pthread_mutex_lock(&log->lock);
	unused = log->next_fd;
	log->next_fd = fd;
	pthread_cond_signal(&log->changed);
	pthread_mutex_unlock(&log->lock);
	if (unused >= 0)
		close(unused);
	return AQI_OK;
}

enum aqi_status
aqi_access_log_close(struct aqi_access_log *log, struct aqi_error *err)
{
	enum aqi_status status = AQI_OK;

	if (!log)
		return status;
	if (log->has_writer) {
		pthread_mutex_lock(&log->lock);
		log->is_ending = true;
		pthread_cond_signal(&log->changed);
		pthread_mutex_unlock(&log->lock);
		pthread_join(log->writer, NULL);
		pthread_cond_destroy(&log->changed);
	}
	if (log->failure) {
		status = aqi_error_system(err, log->failure,
					  "cannot write the access log");
		aqi_error_at(err, log->path, 0, 0);
	}
	for (unsigned i = 0; i < log->n_lanes; i++) {
		pthread_mutex_destroy(&log->lanes[i].lock);
		aqi_buffer_free(&log->lanes[i].lines);
	}
	pthread_mutex_destroy(&log->lock);
	if (log->next_fd >= 0)
		close(log->next_fd);
	if (log->fd >= 0)
		close(log->fd);
	aqi_buffer_free(&log->pending);
	free(log->lanes);
	free(log);
	return status;
}
