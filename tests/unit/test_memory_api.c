/* Requests, keys and recordings, as each allocation fails in turn. */
#undef _FORTIFY_SOURCE	/* whose declarations memory.h could not replace */
#include "memory.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include "air/schema.h"
#include "air/synth.h"
#include "api/lax.h"
#include "api/recording.h"
#include "api/records.h"
#include "api/template.h"
#include "base/file.h"
#include "net/auth.h"
#include "net/load.h"

#define ALL SIZE_MAX

static char folder[] = "/tmp/aqi-memory.XXXXXX";
static struct aqi_schema *schema;

static void
store(const char *name, struct aqi_slice text)
{
	FILE *file = fopen(name, "w");

	if (!file || fwrite(text.data, 1, text.size, file) != text.size ||
	    fclose(file) != 0 || chmod(name, 0600) != 0)
		abort();
}

/* A body, and what comes of it. */
struct body {
	struct aqi_slice text;
	enum aqi_lax_shape shape;
	size_t n_rows, n_errors;
};

static enum aqi_status
try_lax(const void *what, struct aqi_error *err)
{
	const struct body *body = what;
	struct aqi_lax *lax = aqi_lax_new(schema, AQI_DIALECT_PYDANTIC2, err);
	struct aqi_lax_result read;
	enum aqi_status status;

	if (!lax)
		return AQI_FATAL;
	status = aqi_lax_read(lax, body->text, true, body->shape, &read);
	if (status == AQI_FATAL)
		aqi_error_memory(err);
	else if (read.n_errors == body->n_errors &&
		 (status == AQI_REJECT || read.n_rows == body->n_rows))
		status = AQI_OK;
	else
		status = AQI_REJECT;
	aqi_lax_free(lax);
	return status;
}

#define RECORD "{\"pm25\":35.5,\"pm10\":50.2,\"no2\":25.3,\"so2\":8.1,"	\
	"\"co\":0.6,\"o3\":45.7,\"temperature\":22,\"humidity\":65,"		\
	"\"wind_speed\":3.2,\"pressure\":1013,\"hour\":14,"			\
	"\"day_of_week\":2,\"month\":6}"

static void
test_bodies(void)
{
	struct aqi_buffer text = {0}, wide = {0};
	struct body body = {.shape = AQI_LAX_BATCH, .n_rows = 40};

	aqi_buffer_add_text(&text, "{\"instances\":[" RECORD);
	for (int i = 1; i < 40; i++)
		aqi_buffer_add_text(&text, "," RECORD);
	aqi_buffer_add_text(&text, "]}");
	body.text = (struct aqi_slice){text.data, text.size};
	survives("a batch of records", try_lax, &body, ALL);
	for (size_t i = 0; i < text.size; i++) {
		aqi_buffer_add_byte(&wide, text.data[i]);
		aqi_buffer_add_byte(&wide, '\0');
	}
	body.text = (struct aqi_slice){wide.data, wide.size};
	survives("one of UTF-16", try_lax, &body, 100);
	survives("one of records that lack all", try_lax, &(struct body){
		aqi_slice_of("{\"instances\":[{},{},{}]}"), AQI_LAX_BATCH,
		0, 39}, ALL);
	aqi_buffer_free(&text);
	aqi_buffer_free(&wide);
}

static enum aqi_status
try_auth(const void *what, struct aqi_error *err)
{
	struct aqi_auth *auth = aqi_auth_load(what, err);

	aqi_auth_free(auth);
	return auth ? AQI_OK : AQI_FATAL;
}

static void
test_keys(void)
{
	if (!aqi_auth_libcrypto()) {
		skip("keys", "libcrypto is not built in");
		return;
	}
	store("keys", aqi_slice_of(
		"a ba7816bf8f01cfea414140de5dae2223"
		"b00361a396177a9cb410ff61f20015ad\n"
		"b e3b0c44298fc1c149afbf4c8996fb924"
		"27ae41e4649b934ca495991b7852b855\n"));
	survives("keys", try_auth, "keys", ALL);
}

#define HEAD "POST /predict HTTP/1.1\r\nhost: a\r\nx-a: b\r\n" \
	"content-length: 2\r\n\r\n"

static enum aqi_status
try_write(const void *what, struct aqi_error *err)
{
	struct aqi_buffer out = {0};
	enum aqi_status status;

	(void)what;
	status = aqi_recording_write(&out, "predict", 500000000,
				     aqi_slice_of(HEAD "{}"), err);
	if (status == AQI_OK &&
	    !aqi_slice_is((struct aqi_slice){out.data, out.size},
		"{\"at\":0.500000000,\"task\":\"predict\",\"method\":\"POST\","
		"\"target\":\"/predict\",\"fields\":{\"x-a\":\"b\"},"
		"\"body\":\"{}\"}\n"))
		status = AQI_REJECT;
	aqi_buffer_free(&out);
	return status;
}

static enum aqi_status
try_load(const void *what, struct aqi_error *err)
{
	struct aqi_recording *r = aqi_recording_load(what, aqi_slice_of("a"),
						     true, err);
	enum aqi_status status = !r ? AQI_FATAL :
		aqi_recording_size(r) == 300 ? AQI_OK : AQI_REJECT;

	aqi_recording_free(r);
	return status;
}

static void
test_recordings(void)
{
	struct aqi_buffer text = {0};

	survives("a request that is written down", try_write, NULL, ALL);
	for (int i = 0; i < 300; i++)
		aqi_buffer_add_text(&text, "{\"at\":1,\"method\":\"POST\","
				    "\"target\":\"/\",\"fields\":{\"a\":"
				    "\"b\"},\"body\":\"x\"}\n");
	store("recording", (struct aqi_slice){text.data, text.size});
	survives("a recording", try_load, "recording", 200);
	aqi_buffer_free(&text);
}

/* Records of a file, or made up where there is none. */
static enum aqi_status
try_records(const void *path, struct aqi_error *err)
{
	const struct aqi_synth_options options = {.seed = 3, .invalid = 0.5};
	struct aqi_records *records = path ?
		aqi_records_load(path, true, err) :
		aqi_records_new(&options, err);
	struct aqi_buffer out = {0};
	enum aqi_status status = AQI_FATAL;
	bool is_good;

	for (int i = 0; records && i < 40 && !out.failed; i++)
		if (!aqi_records_next(records, &out, &is_good))
			abort();
	if (records)
		status = out.failed ? aqi_error_memory(err) : AQI_OK;
	aqi_buffer_free(&out);
	aqi_records_free(records);
	return status;
}

static void
test_records(void)
{
	store("records", aqi_slice_of("a,b\n1,x\n2,\"y,z\"\n"));
	survives("records of a file", try_records, "records", ALL);
	unlink("records");
	survives("records that are made up", try_records, NULL, ALL);
}

static enum aqi_status
try_template(const void *what, struct aqi_error *err)
{
	const struct aqi_template_options options = {
		.method = "POST", .target = aqi_slice_of("/"),
		.host = aqi_slice_of("a"), .body = aqi_slice_of(what),
		.closes = true, .batch_size = 2,
	};
	struct aqi_template *t = aqi_template_new(&options, err);

	aqi_template_free(t);
	return t ? AQI_OK : AQI_FATAL;
}

static enum aqi_status
try_target(const void *what, struct aqi_error *err)
{
	char *target = aqi_file_target(what);
	enum aqi_status status = target ? AQI_OK : aqi_error_memory(err);

	free(target);
	return status;
}

static void
test_links(void)
{
	if (symlink("new", "link") != 0)
		abort();
	survives("a link to what is not there yet", try_target, "link", ALL);
	unlink("link");
}

int
main(void)
{
	struct aqi_error err;

	if (!mkdtemp(folder) || chdir(folder) != 0)
		abort();
	schema = aqi_schema_load("api", &err);
	test_bodies();
	test_keys();
	test_recordings();
	test_links();
	test_records();
	survives("a template", try_template, "{\"a\":{{a}},\"b\":[{{records}}]}",
		 ALL);
	aqi_schema_free(schema);
	unlink("keys");
	unlink("recording");
	if (chdir("/") != 0 || rmdir(folder) != 0)
		abort();
	return done();
}
