/* A schema is refused with a reason, or every part of it makes sense. */
#include <sys/mman.h>
#include <unistd.h>

#include "air/schema.h"
#include "fuzz.h"

/* A file in memory with these bytes. Schemas are loaded by their paths. */
static const char *
put(const uint8_t *data, size_t size)
{
	static char path[64];
	static int fd = -1;

	if (fd < 0) {
		fd = memfd_create("schema", MFD_CLOEXEC);
		snprintf(path, sizeof path, "/proc/self/fd/%d", fd);
	}
	CHECK(ftruncate(fd, 0) == 0);
	CHECK(pwrite(fd, data, size, 0) == (ssize_t)size);
	return path;
}

static void
check_field(const struct aqi_schema *schema, size_t i)
{
	const struct aqi_schema_field *f = &schema->fields[i];

	CHECK(aqi_slice_equal(f->name, schema->names[i]));
	for (size_t k = 0; k < i; k++)
		CHECK(!aqi_slice_equal(f->name, schema->names[k]));
	CHECK(f->min < f->max || (f->min == f->max && !f->open_min &&
				  !f->open_max));
	CHECK(f->type <= AQI_TYPE_STRING);
	CHECK((f->n_values == 0) == (f->values == NULL));
	CHECK(f->type == AQI_TYPE_STRING || f->n_values == 0);
	CHECK(memchr(f->range, '\0', sizeof f->range));
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct aqi_error err = {0};
	const char *path = put(data, size);
	struct aqi_schema *schema = aqi_schema_load(path, &err);

	if (!schema) {
		CHECK(err.code == AQI_E_MODEL && err.reason[0]);
		CHECK(err.file && strcmp(err.file, path) == 0);
		return 0;
	}
	CHECK(schema->n_fields > 0);
	CHECK(aqi_slice_equal(schema->text, input_slice(data, size)));
	for (size_t i = 0; i < schema->n_fields; i++)
		check_field(schema, i);
	aqi_schema_free(schema);
	return 0;
}
