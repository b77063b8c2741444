#include "model/member.h"

#include <assert.h>
#include <stdint.h>
#include <stdio.h>

#include "base/ascii.h"

enum aqi_status
aqi_member_fail(struct aqi_reading *r, const char *key, const char *reason)
{
	if (r->in_tree)
		return aqi_error_set(r->err, AQI_E_MODEL, "tree %zu: %s: %s",
				     r->tree, key, reason);
	return aqi_error_set(r->err, AQI_E_MODEL, "%s: %s", key, reason);
}

enum aqi_status
aqi_member_skip(struct aqi_reading *r)
{
	return r->is_quick ? aqi_document_pass(&r->document, r->err) :
	       aqi_document_skip(&r->document, r->err);
}

static size_t
find(const struct aqi_member *members, size_t n, struct aqi_slice key)
{
	size_t i = 0;

	while (i < n && !aqi_slice_is(key, members[i].key))
		i++;
	return i;
}

static enum aqi_status
take(struct aqi_reading *r, const struct aqi_member *member, uint32_t *seen,
     uint32_t bit, void *to)
{
	if (*seen & bit)
		return aqi_member_fail(r, member->key,
				       "twice in the same object");
	*seen |= bit;
	return member->take(r, member->key, (char *)to + member->offset);
}

enum aqi_status
aqi_member_object(struct aqi_reading *r, const char *key,
		  const struct aqi_member *members, size_t n, void *to)
{
	enum aqi_status status = aqi_document_enter(&r->document,
						    AQI_VALUE_OBJECT, r->err);
	struct aqi_slice name;
	uint32_t seen = 0;

	assert(n <= 32);
	if (status == AQI_REJECT)
		return aqi_member_fail(r, key, "not an object");
	while (status == AQI_OK &&
	       (status = aqi_document_next(&r->document, &name, r->err)) ==
		       AQI_OK) {
		const size_t i = find(members, n, name);

		status = i == n ? aqi_member_skip(r) :
			 take(r, &members[i], &seen, UINT32_C(1) << i, to);
	}
	if (status != AQI_END)
		return AQI_FATAL;
	for (size_t i = 0; i < n; i++)
		if (members[i].is_needed && !(seen >> i & 1))
			return aqi_member_fail(r, members[i].key,
					       "no such key in the model");
	return AQI_OK;
}

enum aqi_status
aqi_member_text(struct aqi_reading *r, const char *key, void *to)
{
	enum aqi_status status = aqi_document_text(&r->document, to, r->err);

	return status == AQI_REJECT ? aqi_member_fail(r, key, "not a text") :
	       status;
}

static bool
to_count(struct aqi_slice text, size_t *count)
{
	*count = 0;
	for (size_t i = 0; i < text.size; i++) {
		if (!aqi_ascii_is_digit(text.data[i]) || text.size > 15)
			return false;
		*count = *count * 10 + (size_t)(text.data[i] - '0');
	}
	return text.size > 0;
}

enum aqi_status
aqi_member_count(struct aqi_reading *r, const char *key, void *to)
{
	char quoted[AQI_QUOTED_SIZE], reason[AQI_QUOTED_SIZE + 32];
	struct aqi_slice text;

	if (aqi_member_text(r, key, &text) != AQI_OK)
		return AQI_FATAL;
	if (to_count(text, to))
		return AQI_OK;
	snprintf(reason, sizeof reason, "%s is not a count",
		 aqi_error_quote(quoted, text));
	return aqi_member_fail(r, key, reason);
}

/* Value n of an array is not what it must be, or there is no array. */
static enum aqi_status
fail_array(struct aqi_reading *r, const char *key, size_t n, bool is_array,
	   const char *what)
{
	if (!is_array)
		return aqi_member_fail(r, key, "not an array");
	if (r->in_tree)
		return aqi_error_set(r->err, AQI_E_MODEL, "tree %zu node %zu: "
				     "%s is not %s", r->tree, n, key, what);
	return aqi_error_set(r->err, AQI_E_MODEL, "%s: value %zu is not %s",
			     key, n, what);
}

static bool
is_array(const struct aqi_document *document)
{
	enum aqi_value kind;

	return aqi_document_peek(document, &kind, NULL) == AQI_OK &&
	       kind == AQI_VALUE_ARRAY;
}

enum aqi_status
aqi_member_floats(struct aqi_reading *r, const char *key, void *to)
{
	struct aqi_floats *numbers = to;
	const bool may_be = is_array(&r->document);
	enum aqi_status status = aqi_document_floats(&r->document, numbers,
						     r->err);

	return status != AQI_REJECT ? status :
	       fail_array(r, key, numbers->n, may_be, "a number");
}

enum aqi_status
aqi_member_integers(struct aqi_reading *r, const char *key, void *to)
{
	struct aqi_integers *numbers = to;
	const bool may_be = is_array(&r->document);
	enum aqi_status status = aqi_document_integers(&r->document, numbers,
						       r->err);

	return status != AQI_REJECT ? status :
	       fail_array(r, key, numbers->n, may_be,
			  "a whole number of 32 bits");
}
