#include "api/host.h"

#include <stdlib.h>

#include "net/access_log.h"
#include "net/address.h"
#include "net/auth.h"

/* Keys as the service asks for them; a pair, as one is in use while another is
 * filled. */
struct ring {
	struct aqi_auth *auth;		/* NULL: not in use */
	struct aqi_service_keys keys;
};

struct aqi_host {
	const struct aqi_host_options *options;
	struct aqi_server *server;
	struct aqi_service *service;
	struct aqi_access_log *log;
	struct ring rings[2];
	unsigned ring;			/* in use */
};

static void
answer(void *self, unsigned worker, const struct aqi_request *request,
       struct aqi_answer *reply)
{
	struct aqi_host *host = self;

	aqi_service_answer(host->service, worker, request, reply);
}

static void
answered(void *self, unsigned worker, const struct aqi_request *request,
	 const struct aqi_answer *reply, uint64_t sent, uint64_t took_ns)
{
	struct aqi_host *host = self;

	aqi_service_answered(host->service, worker, request, reply, sent,
			     took_ns);
	if (host->log)
		aqi_access_log_add(host->log, worker, request, reply, sent,
				   took_ns);
}

struct aqi_host *
aqi_host_new(const struct aqi_host_options *options,
	     struct aqi_address *addresses, size_t n_addresses,
	     struct aqi_error *err)
{
	struct aqi_host *host = calloc(1, sizeof *host);
	struct aqi_server_options server = options->server;

	if (!host) {
		aqi_error_memory(err);
		return NULL;
	}
	host->options = options;
	server.answer = answer;
	server.answered = answered;
	server.self = host;
	host->server = aqi_server_new(&server, addresses, n_addresses, err);
	if (host->server)
		return host;
	free(host);
	return NULL;
}

static const char *
find_key(const void *self, struct aqi_slice key)
{
	return aqi_auth_find(self, key);
}

enum aqi_status
aqi_host_reload_keys(struct aqi_host *host, struct aqi_error *err)
{
	struct ring *old = &host->rings[host->ring];
	struct ring *new = &host->rings[1 - host->ring];

	if (!host->options->keys)
		return AQI_OK;
	new->auth = aqi_auth_load(host->options->keys, err);
	if (!new->auth)
		return AQI_FATAL;
	new->keys = (struct aqi_service_keys){find_key, new->auth};
	aqi_service_set_keys(host->service, &new->keys);
	host->ring = 1 - host->ring;
	/* The log may still be about to write the name of an old one. */
	aqi_server_settle(host->server);
	aqi_auth_free(old->auth);
	old->auth = NULL;
	return AQI_OK;
}

enum aqi_status
aqi_host_reload_model(struct aqi_host *host, struct aqi_error *err)
{
	return aqi_service_load(host->service, &host->options->model, err);
}

enum aqi_status
aqi_host_reload_log(struct aqi_host *host, struct aqi_error *err)
{
	return host->log ? aqi_access_log_reopen(host->log, err) : AQI_OK;
}

enum aqi_status
aqi_host_start(struct aqi_host *host, struct aqi_error *err)
{
	const struct aqi_host_options *o = host->options;
	struct aqi_service_options service = o->service;

	service.n_workers = o->server.n_workers;
	host->service = aqi_service_new(&service, err);
	if (!host->service || aqi_host_reload_model(host, err) != AQI_OK ||
	    aqi_host_reload_keys(host, err) != AQI_OK)
		return AQI_FATAL;
	if (o->access_log) {
		host->log = aqi_access_log_open(o->access_log,
						service.n_workers, err);
		if (!host->log)
			return AQI_FATAL;
	}
	return aqi_server_start(host->server, err);
}

const char *
aqi_host_model(const struct aqi_host *host)
{
	return aqi_service_model(host->service);
}

uint64_t
aqi_host_dropped(struct aqi_host *host)
{
	return host->log ? aqi_access_log_dropped(host->log) : 0;
}

void
aqi_host_announce_end(struct aqi_host *host)
{
	aqi_service_drain(host->service);
}

struct aqi_server *
aqi_host_server(struct aqi_host *host)
{
	return host->server;
}

enum aqi_status
aqi_host_free(struct aqi_host *host, struct aqi_error *err)
{
	enum aqi_status status;

	if (!host)
		return AQI_OK;
	status = aqi_server_free(host->server, err);
	if (aqi_access_log_close(host->log, status == AQI_OK ? err : NULL) !=
	    AQI_OK)
		status = AQI_FATAL;
	aqi_service_free(host->service);
	aqi_auth_free(host->rings[0].auth);
	aqi_auth_free(host->rings[1].auth);
	free(host);
	return status;
}
