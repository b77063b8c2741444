#include "cli/listen.h"

#include <stdlib.h>

#include "cli/cli.h"

enum {
	KEY_ALLOW_PLAIN = 0x300, KEY_LISTEN,
	/* Those of `numbers`, in its order. */
	KEY_BODY_LIMIT, KEY_CONNECTION_LIMIT, KEY_HEAD_LIMIT, KEY_LINE_LIMIT,
	KEY_PEER_LIMIT, KEY_BODY_TIME, KEY_HEAD_TIME, KEY_IDLE_TIME,
	KEY_WRITE_TIME
};

#define AT(member) offsetof(struct aqi_cli_listen, server.member)

/* Options that are a size or a count, and times. */
static const struct {
	const char *option;
	size_t at;		/* of a size_t, or a uint64_t of milliseconds */
	uint64_t least, most;	/* of the size or count */
	bool is_time;
} numbers[] = {
	{"--body-limit", AT(max_body), 1, 1 << 30, false},
	{"--connection-limit", AT(max_connections), 1, 1000000, false},
	{"--head-limit", AT(max_head), 64, 1 << 20, false},
	{"--line-limit", AT(max_line), 64, 1 << 20, false},
	{"--peer-limit", AT(max_per_peer), 1, 1000000, false},
	{"--body-time", AT(body_ms), 1, 0, true},
	{"--head-time", AT(head_ms), 1, 0, true},
	{"--idle-time", AT(idle_ms), 1, 0, true},
	{"--write-time", AT(write_ms), 1, 0, true},
};

static const struct argp_option options[] = {
	{"allow-plain", KEY_ALLOW_PLAIN, 0, 0,
	 "listen beyond this machine without keys and encryption", 0},
	{"body-limit", KEY_BODY_LIMIT, "BYTES", 0,
	 "refuse larger bodies with 413 (8388608)", 0},
	{"body-time", KEY_BODY_TIME, "SECONDS", 0,
	 "give a body so long to arrive, else 408 (30)", 0},
	{"connection-limit", KEY_CONNECTION_LIMIT, "N", 0,
	 "answer connections beyond N with 503 (10000)", 0},
	{"head-limit", KEY_HEAD_LIMIT, "BYTES", 0,
	 "refuse larger heads with 431 (32768)", 0},
	{"head-time", KEY_HEAD_TIME, "SECONDS", 0,
	 "give a head so long to arrive, else 408 (10)", 0},
	{"idle-time", KEY_IDLE_TIME, "SECONDS", 0,
	 "close connections that are idle for so long (60)", 0},
	{"line-limit", KEY_LINE_LIMIT, "BYTES", 0,
	 "refuse longer request lines with 414 (8192)", 0},
	{"listen", KEY_LISTEN, "HOST:PORT|unix:PATH", 0,
	 "listen there (127.0.0.1:8000); may be given several times", 0},
	{"peer-limit", KEY_PEER_LIMIT, "N", 0,
	 "answer those of one address beyond N with 503", 0},
	{"write-time", KEY_WRITE_TIME, "SECONDS", 0,
	 "give an answer so long to be taken (30)", 0},
	{0}
};

static void
read_number(struct aqi_cli_listen *listen, size_t i, const char *text)
{
	const char *option = numbers[i].option;
	char *at = (char *)listen + numbers[i].at;

	if (numbers[i].is_time)
		*(uint64_t *)at = aqi_cli_ms(listen->cli, option, text,
					     numbers[i].least);
	else
		*(size_t *)at = aqi_cli_count(listen->cli, option, text,
					      numbers[i].least,
					      numbers[i].most);
}

static void
add_address(struct aqi_cli_listen *listen, const char *text)
{
	struct aqi_address found[AQI_ADDRESS_MAX];
	struct aqi_error err;
	size_t n;

	if (aqi_address_read(aqi_slice_of(text), found, &n, &err) != AQI_OK) {
		aqi_error_name(&err, aqi_slice_of("--listen"));
		exit(aqi_cli_fail(listen->cli, &err));
	}
	if (listen->n_addresses + n > AQI_CLI_ADDRESSES)
		aqi_cli_usage(listen->cli, "--listen has more than %d "
			      "addresses", AQI_CLI_ADDRESSES);
	memcpy(listen->addresses + listen->n_addresses, found,
	       n * sizeof *found);
	listen->n_addresses += n;
}

static error_t
parse_option(int key, char *arg, struct argp_state *state)
{
	struct aqi_cli_listen *listen = state->input;

	switch (key) {
	case KEY_ALLOW_PLAIN:
		listen->allow_plain = true;
		return 0;
	case KEY_LISTEN:
		add_address(listen, arg);
		return 0;
	default:
		if (key < KEY_BODY_LIMIT || key > KEY_WRITE_TIME)
			return ARGP_ERR_UNKNOWN;
		read_number(listen, (size_t)(key - KEY_BODY_LIMIT), arg);
		return 0;
	}
}

const struct argp aqi_cli_listen_argp = {
	.options = options,
	.parser = parse_option,
};

void
aqi_cli_listen_check(struct aqi_cli_listen *listen, bool has_keys)
{
	char text[AQI_ADDRESS_TEXT];

	if (listen->cli->n_files > 0)
		aqi_cli_usage(listen->cli, "no file is read; --listen says "
			      "where to listen");
	if (listen->n_addresses == 0)
		add_address(listen, "127.0.0.1:8000");
	for (size_t i = 0; i < listen->n_addresses; i++)
		if (!aqi_address_is_local(&listen->addresses[i]) &&
		    !has_keys && !listen->allow_plain)
			aqi_cli_usage(listen->cli, "others than this machine "
				      "reach %s; ask them for keys with --keys "
				      "FILE, or let all in with --allow-plain",
				      aqi_address_text(&listen->addresses[i],
						       text));
}

void
aqi_cli_listen_say(const struct aqi_cli_listen *listen)
{
	char text[AQI_ADDRESS_TEXT];

	for (size_t i = 0; i < listen->n_addresses; i++)
		aqi_report_say(&listen->cli->report, "listening on %s%s",
			       aqi_address_is_path(&listen->addresses[i]) ?
				       "" : "http://",
			       aqi_address_text(&listen->addresses[i], text));
}
