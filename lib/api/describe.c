#include "api/describe.h"

#include "air/schema.h"
#include "api/scan.h"
#include "base/buffer.h"

static struct aqi_slice
find(struct aqi_slice object, const char *name)
{
	if (!object.data)
		return object;
	return aqi_scan_find(object, aqi_slice_of(name));
}

void
aqi_describe_field(struct aqi_buffer *out, const struct aqi_schema *schema,
		   size_t field)
{
	const struct aqi_schema_field *f = &schema->fields[field];
	struct aqi_slice text = aqi_scan_value(schema->text);

	text = find(text, "properties");
	text = aqi_scan_find(text, f->name);
	text = find(text, "description");
	if (!text.data)
		return;
	aqi_buffer_add(out, text.data + 1, text.size - 2);
	if (f->unit.data && !aqi_slice_is(f->unit, "1")) {
		aqi_buffer_add_text(out, " (");
		aqi_buffer_add_slice(out, f->unit);
		aqi_buffer_add_byte(out, ')');
	}
}

struct aqi_slice
aqi_describe_example(const struct aqi_schema *schema)
{
	struct aqi_slice examples = find(aqi_scan_value(schema->text),
					 "examples");
	struct aqi_slice key, first = {NULL, 0};
	struct aqi_scan_walk walk;

	if (!examples.data)
		return first;
	walk = aqi_scan_walk(examples);
	if (!aqi_scan_next(&walk, &key, &first))
		return (struct aqi_slice){NULL, 0};
	return first;
}
