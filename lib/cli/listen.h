/* listen.h: the options of a server: where it listens, and its limits. */
#ifndef AQI_CLI_LISTEN_H
#define AQI_CLI_LISTEN_H

#include <argp.h>
#include <stdbool.h>
#include <stddef.h>

#include "net/address.h"
#include "net/server.h"

struct aqi_cli;

#define AQI_CLI_ADDRESSES 64

/* Zero-initialised but for cli, which is to be there before an option. */
struct aqi_cli_listen {
	struct aqi_cli *cli;
	struct aqi_server_options server;
	struct aqi_address addresses[AQI_CLI_ADDRESSES];
	size_t n_addresses;
	bool allow_plain;
};

/* Its input is a struct aqi_cli_listen. */
extern const struct argp aqi_cli_listen_argp;

/*
 * Behind the options: listen on 127.0.0.1:8000 unless told. Says so and exits
 * where a file is named, or where others could ask without a key and nobody has
 * allowed that.
 */
void aqi_cli_listen_check(struct aqi_cli_listen *listen, bool has_keys);

/* "listening on http://127.0.0.1:8000", a line for each address. */
void aqi_cli_listen_say(const struct aqi_cli_listen *listen);

#endif
