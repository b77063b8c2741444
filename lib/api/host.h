/*
 * host.h: the API with its server, its keys and its log: all that is served.
 *
 *	host		what a program has: a net/server with a log, and
 *	  service	a request to its answer; route tells which
 *	    lax		a body to rows: lax_plain at once, or else scan and
 *			coerce; detail says what is wrong, with echo
 *	    served	the model that answers, and its trial
 *	    reply	what is answered; metrics, openapi, docs
 *	    cors	what browsers ask
 *
 * Beside it stands what asks: the source of a net/load is task, of template and
 * records, or recording, or smoke, of smoke_case; load_report tells what came
 * of it.
 *
 * One thread makes it, changes it and gives it up; the workers of the server
 * go on meanwhile.
 */
#ifndef AQI_API_HOST_H
#define AQI_API_HOST_H

#include "api/service.h"
#include "model/bundle.h"
#include "net/server.h"

struct aqi_address;
struct aqi_host;

struct aqi_host_options {
	struct aqi_server_options server;	/* but for its functions */
	struct aqi_service_options service;	/* but for n_workers */
	struct aqi_model_options model;
	const char *keys;		/* file (net/auth.h); NULL: none */
	const char *access_log;		/* file; NULL: none */
};

/*
 * Listen on the addresses, as aqi_server_new. Nothing is accepted and no file
 * is opened yet, so that a program can give up privileges first. options are
 * borrowed until aqi_host_free.
 */
struct aqi_host *aqi_host_new(const struct aqi_host_options *options,
			      struct aqi_address *addresses,
			      size_t n_addresses,
			      struct aqi_error *err) AQI_MUST_CHECK;

/* Load the model and the keys, open the log, and serve. */
enum aqi_status aqi_host_start(struct aqi_host *host,
			       struct aqi_error *err) AQI_MUST_CHECK;

/*
 * Load each anew while requests are answered, the model tried out before it is
 * used. On error the one before stays. Without keys or a log, these do
 * nothing.
 */
enum aqi_status aqi_host_reload_model(struct aqi_host *host,
				      struct aqi_error *err) AQI_MUST_CHECK;
enum aqi_status aqi_host_reload_keys(struct aqi_host *host,
				     struct aqi_error *err) AQI_MUST_CHECK;
enum aqi_status aqi_host_reload_log(struct aqi_host *host,
				    struct aqi_error *err) AQI_MUST_CHECK;

/* "production/1+38c890cc" */
const char *aqi_host_model(const struct aqi_host *host);

/* Lines of the log dropped since the last call. */
uint64_t aqi_host_dropped(struct aqi_host *host);

/* From now on /ready is 503. */
void aqi_host_announce_end(struct aqi_host *host);

/* To drain it, to stop it, to see it end; not before aqi_host_start. */
struct aqi_server *aqi_host_server(struct aqi_host *host);

/* Stop, write the log, give up all. AQI_FATAL where a worker or the log failed,
 * and why. */
enum aqi_status aqi_host_free(struct aqi_host *host, struct aqi_error *err);

#endif
