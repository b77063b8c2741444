/*
 * compile BUNDLE_FOLDER OUT: write a bundle as the file that is built into the
 * programs (model/compiled.h). Run while building, on this machine.
 */
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "base/buffer.h"
#include "model/bundle.h"
#include "model/compiled.h"

static int
fail(const char *file, const char *reason)
{
	fprintf(stderr, "compile:%s: %s\n", file, reason);
	return 1;
}

static int
write_file(const char *path, const struct aqi_buffer *file)
{
	FILE *out = fopen(path, "wb");
	bool written;

	if (!out)
		return fail(path, strerror(errno));
	written = fwrite(file->data, 1, file->size, out) == file->size;
	if (fclose(out) == EOF || !written)
		return fail(path, strerror(errno));
	return 0;
}

int
main(int argc, char **argv)
{
	struct aqi_model_options options = {.is_path = true};
	struct aqi_buffer file = {0};
	struct aqi_model *model;
	struct aqi_error err;
	int status;

	if (argc != 3)
		return fail("", "usage: compile BUNDLE_FOLDER OUT");
	options.name = argv[1];
	model = aqi_model_load(&options, &err);
	if (!model)
		return fail(argv[1], err.reason);
	if (aqi_compiled_make(model, &file, &err) == AQI_OK)
		status = write_file(argv[2], &file);
	else
		status = fail(argv[1], err.reason);
	aqi_buffer_free(&file);
	aqi_model_free(model);
	return status;
}
