/*
 * compile BUNDLE_FOLDER OUT: write a bundle's trees as the block that is built
 * into the programs (model/forest.h). Run while building, on this machine.
 */
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "model/bundle.h"
#include "model/forest.h"

static int
fail(const char *file, const char *reason)
{
	fprintf(stderr, "compile:%s: %s\n", file, reason);
	return 1;
}

static int
write_block(const char *path, struct aqi_slice block)
{
	FILE *out = fopen(path, "wb");
	bool written;

	if (!out)
		return fail(path, strerror(errno));
	written = fwrite(block.data, 1, block.size, out) == block.size;
	if (fclose(out) == EOF || !written)
		return fail(path, strerror(errno));
	return 0;
}

int
main(int argc, char **argv)
{
	struct aqi_model_options options = {.is_path = true};
	struct aqi_model *model;
	struct aqi_error err;
	int status;

	if (argc != 3)
		return fail("", "usage: compile BUNDLE_FOLDER OUT");
	options.name = argv[1];
	model = aqi_model_load(&options, &err);
	if (!model)
		return fail(argv[1], err.reason);
	status = write_block(argv[2], aqi_forest_bytes(model->forest));
	aqi_model_free(model);
	return status;
}
