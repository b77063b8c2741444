/* aqi-serve: predictions over HTTP. */
#include <stdlib.h>

#include "api/host.h"
#include "base/pool.h"
#include "cli/cli.h"
#include "cli/daemon.h"
#include "cli/listen.h"
#include "model/locate.h"
#include "net/auth.h"

struct options {
	struct aqi_cli cli;
	struct aqi_cli_listen listen;
	struct aqi_host_options host;
	enum aqi_log_level level;
	uint64_t drain_delay_ms, drain_limit_ms;
	const char *user;		/* NULL: stay who we are */
	bool lists_models;
};

enum {
	KEY_ACCESS_LOG = 0x200, KEY_DRAIN_DELAY, KEY_DRAIN_LIMIT,
	KEY_ERROR_DIALECT, KEY_KEYS, KEY_LIST_MODELS, KEY_LOG_LEVEL, KEY_OPEN,
	KEY_USER
};

static const struct argp_option options[] = {
	{"access-log", KEY_ACCESS_LOG, "FILE", 0,
	 "append a line of JSON for each request to FILE", 0},
	{"drain-delay", KEY_DRAIN_DELAY, "SECONDS", 0,
	 "serve on for so long after a signal to end (0)", 0},
	{"drain-limit", KEY_DRAIN_LIMIT, "SECONDS", 0,
	 "cut what is not answered so long after that (30)", 0},
	{"error-dialect", KEY_ERROR_DIALECT, "pydantic2|pydantic1", 0,
	 "write errors as this version does (pydantic2)", 0},
	{"keys", KEY_KEYS, "FILE", 0,
	 "answer only those who have a key of FILE", 0},
	{"list-models", KEY_LIST_MODELS, 0, 0,
	 "list the models that --model knows by name, and exit", 0},
	{"log-level", KEY_LOG_LEVEL, "error|warning|info", 0,
	 "print this much to standard error (info)", 0},
	{"model", 'm', "NAME|PATH", 0,
	 "use this bundle, tree file or compiled model (production)", 0},
	{"open", KEY_OPEN, "PATH,...|none", 0,
	 "with --keys, need none for these", 0},
	{"user", KEY_USER, "NAME", 0,
	 "become this user once the sockets are open", 0},
	{"workers", 'w', "N", 0,
	 "serve with N threads instead of one a processor", 0},
	{0}
};

static enum aqi_log_level
read_level(const struct aqi_cli *cli, const char *option, const char *text)
{
	char quoted[AQI_QUOTED_SIZE];
	enum aqi_log_level level;

	if (!aqi_daemon_read_level(text, &level))
		aqi_cli_usage(cli, "%s takes error, warning or info, not %s",
			      option, aqi_error_quote(quoted,
						      aqi_slice_of(text)));
	return level;
}

static unsigned
read_workers(const struct aqi_cli *cli, const char *option, const char *text)
{
	return (unsigned)aqi_cli_count(cli, option, text, 1, 1024);
}

static enum aqi_dialect
read_dialect(const struct aqi_cli *cli, const char *text)
{
	char quoted[AQI_QUOTED_SIZE];

	if (strcmp(text, "pydantic2") == 0)
		return AQI_DIALECT_PYDANTIC2;
	if (strcmp(text, "pydantic1") != 0)
		aqi_cli_usage(cli, "--error-dialect takes pydantic2 or "
			      "pydantic1, not %s",
			      aqi_error_quote(quoted, aqi_slice_of(text)));
	return AQI_DIALECT_PYDANTIC1;
}

static unsigned
read_open(struct aqi_cli *cli, const char *text)
{
	char quoted[AQI_QUOTED_SIZE];
	const struct aqi_slice *paths;
	enum aqi_route route;
	unsigned set = 0;
	size_t n;

	if (strcmp(text, "none") == 0)
		return 0;
	aqi_cli_list(cli, "--open", text, &paths, &n);
	for (size_t i = 0; i < n; i++) {
		route = aqi_route_find(paths[i]);
		if (route == AQI_N_ROUTES)
			aqi_cli_usage(cli, "--open takes paths of the API, "
				      "such as /health, or none; not %s",
				      aqi_error_quote(quoted, paths[i]));
		set |= AQI_SERVICE_OPEN(route);
	}
	return set;
}

static error_t
parse_option(int key, char *arg, struct argp_state *state)
{
	struct options *o = state->input;
	struct aqi_cli *cli = &o->cli;

	switch (key) {
	case ARGP_KEY_INIT:
		state->child_inputs[0] = cli;
		state->child_inputs[1] = &o->listen;
		o->listen.cli = cli;
		return 0;
	case 'm':
		o->host.model.name = aqi_cli_name(cli, "--model", arg);
		return 0;
	case 'w':
		o->listen.server.n_workers = read_workers(cli, "--workers",
							  arg);
		return 0;
	case KEY_ACCESS_LOG:
		o->host.access_log = aqi_cli_name(cli, "--access-log", arg);
		return 0;
	case KEY_DRAIN_DELAY:
		o->drain_delay_ms = aqi_cli_ms(cli, "--drain-delay", arg, 0);
		return 0;
	case KEY_DRAIN_LIMIT:
		o->drain_limit_ms = aqi_cli_ms(cli, "--drain-limit", arg, 0);
		return 0;
	case KEY_ERROR_DIALECT:
		o->host.service.dialect = read_dialect(cli, arg);
		return 0;
	case KEY_KEYS:
		o->host.keys = aqi_cli_name(cli, "--keys", arg);
		return 0;
	case KEY_LIST_MODELS:
		o->lists_models = true;
		return 0;
	case KEY_LOG_LEVEL:
		o->level = read_level(cli, "--log-level", arg);
		return 0;
	case KEY_OPEN:
		o->host.service.open = read_open(cli, arg);
		return 0;
	case KEY_USER:
		o->user = aqi_cli_name(cli, "--user", arg);
		return 0;
	default:
		return ARGP_ERR_UNKNOWN;
	}
}

static const struct argp argp = {
	.options = options,
	.parser = parse_option,
	.args_doc = "",
	.doc = "Answer requests for predictions over HTTP.",
	.children = (const struct argp_child[]){
		{&aqi_cli_base_argp, 0, 0, 1},
		{&aqi_cli_listen_argp, 0, 0, 0}, {0}
	},
};

/* What no option says, the environment may. */
static void
read_environment(struct options *o)
{
	const char *level = getenv("LOG_LEVEL"), *workers = getenv("WORKERS");
	unsigned *n_workers = &o->listen.server.n_workers;

	if (o->level == AQI_LEVEL_NONE)
		o->level = !level || !level[0] ? AQI_LEVEL_INFO :
			read_level(&o->cli, "LOG_LEVEL", level);
	if (*n_workers == 0)
		*n_workers = !workers || !workers[0] ?
			(unsigned)aqi_pool_processors() :
			read_workers(&o->cli, "WORKERS", workers);
}

static void
say(struct options *o, enum aqi_log_level level, const char *what,
    const char *more)
{
	if (level <= o->level)
		aqi_report_say(&o->cli.report, "%s%s", what, more);
}

static void
say_dropped(struct options *o, struct aqi_host *host)
{
	uint64_t n = aqi_host_dropped(host);

	if (n > 0 && o->level >= AQI_LEVEL_WARNING)
		aqi_report_say(&o->cli.report, "%llu lines of the access log "
			       "were dropped", (unsigned long long)n);
}

static void
reload(struct options *o, struct aqi_host *host)
{
	struct aqi_report *report = &o->cli.report;
	struct aqi_error err;

	if (aqi_host_reload_log(host, &err) != AQI_OK)
		aqi_report_error(report, &err);
	if (aqi_host_reload_keys(host, &err) != AQI_OK) {
		aqi_report_error(report, &err);
		say(o, AQI_LEVEL_WARNING, "the keys stay those before", "");
	}
	if (aqi_host_reload_model(host, &err) != AQI_OK) {
		aqi_report_error(report, &err);
		say(o, AQI_LEVEL_WARNING, "the model stays ",
		    aqi_host_model(host));
		return;
	}
	say(o, AQI_LEVEL_INFO, "the model is now ", aqi_host_model(host));
}

/* Serve until it is told to end, once or twice; true: twice. */
static bool
wait_for_end(struct options *o, struct aqi_host *host,
	     struct aqi_daemon *daemon)
{
	struct aqi_server *server = aqi_host_server(host);
	unsigned n_stops = 0;
	int64_t left_ms = -1;

	for (;;) {
		switch (aqi_daemon_wait(daemon, aqi_server_fd(server),
					&left_ms)) {
		case AQI_DAEMON_RELOAD:
			reload(o, host);
			say_dropped(o, host);
			break;
		case AQI_DAEMON_STOP:
			if (++n_stops > 1) {
				aqi_server_stop(server);
				break;
			}
			aqi_host_announce_end(host);
			left_ms = (int64_t)o->drain_delay_ms;
			break;
		case AQI_DAEMON_TIME:
			aqi_server_drain(server, o->drain_limit_ms);
			left_ms = -1;
			break;
		default:
			return n_stops > 1;
		}
	}
}

/* Privileges, if there are any, are for the sockets alone. */
static enum aqi_status
start(struct options *o, struct aqi_host *host, struct aqi_error *err)
{
	if (o->user && aqi_daemon_become(o->user, err) != AQI_OK)
		return AQI_FATAL;
	if (o->host.keys)
		aqi_daemon_keep_secrets();
	return aqi_host_start(host, err);
}

static int
serve(struct options *o)
{
	struct aqi_daemon daemon;
	struct aqi_host *host = NULL;
	struct aqi_error err;
	bool is_cut = false;

	if (aqi_daemon_open(&daemon, &err) == AQI_OK)
		host = aqi_host_new(&o->host, o->listen.addresses,
				    o->listen.n_addresses, &err);
	if (!host)
		return aqi_cli_fail(&o->cli, &err);
	if (start(o, host, &err) != AQI_OK) {
		(void)aqi_host_free(host, NULL);
		return aqi_cli_fail(&o->cli, &err);
	}
	aqi_cli_listen_say(&o->listen);
	is_cut = wait_for_end(o, host, &daemon);
	say_dropped(o, host);
	if (aqi_host_free(host, &err) != AQI_OK)
		return aqi_cli_fail(&o->cli, &err);
	if (is_cut)
		aqi_daemon_die(&daemon);
	return 0;
}

int
main(int argc, char **argv)
{
	struct options o = {
		.host.service.open = AQI_SERVICE_OPEN_DEFAULT,
		.drain_limit_ms = 30000,
	};
	int status;

	aqi_cli_init(&o.cli, "aqi-serve");
	o.cli.libcrypto = aqi_auth_libcrypto();
	aqi_cli_parse(&o.cli, &argp, argc, argv, &o);
	read_environment(&o);
	if (o.host.service.open != AQI_SERVICE_OPEN_DEFAULT && !o.host.keys)
		aqi_cli_usage(&o.cli, "--open is for --keys FILE");
	aqi_cli_listen_check(&o.listen, o.host.keys != NULL);
	o.host.server = o.listen.server;
	status = o.lists_models ? aqi_cli_write_list(&o.cli, aqi_locate_list)
				: serve(&o);
	aqi_cli_free(&o.cli);
	return status;
}
