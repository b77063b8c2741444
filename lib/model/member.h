/*
 * member.h: the objects of a model file, member by member.
 *
 * What an object holds is a table: a row for each member that matters, with the
 * function that takes its value. Others are passed over. What is not as it must
 * be fails with AQI_E_MODEL and "key: reason" or "tree T: key: reason"; where
 * the file is not spelt right, as model/document.h says.
 */
#ifndef AQI_MODEL_MEMBER_H
#define AQI_MODEL_MEMBER_H

#include <stdbool.h>
#include <stddef.h>

#include "base/error.h"
#include "base/slice.h"
#include "model/document.h"

/* Where in a model file we are. */
struct aqi_reading {
	struct aqi_document document;
	struct aqi_error *err;	/* where faults are told, or NULL */
	bool is_quick;		/* what no table has is not looked at */
	bool in_tree;		/* within a tree, */
	size_t tree;		/* and its number */
};

/* Take the value of a member and keep it in *to. */
typedef enum aqi_status aqi_member_fn(struct aqi_reading *reading,
				      const char *key, void *to);

struct aqi_member {
	const char *key;
	aqi_member_fn *take;
	size_t offset;		/* of `to` in what the object fills */
	bool is_needed;
};

/*
 * Take an object.
 *
 * key      its own, for messages
 * members  (n,) at most 32
 * to       what it fills
 *
 * A member of the table that is there twice is refused, too.
 */
enum aqi_status aqi_member_object(struct aqi_reading *reading,
				  const char *key,
				  const struct aqi_member *members, size_t n,
				  void *to) AQI_MUST_CHECK;

/* Pass over a value: look whether it is spelt right, unless in haste. */
enum aqi_status aqi_member_skip(struct aqi_reading *reading) AQI_MUST_CHECK;

/* "key: reason", with the tree where we are in one. AQI_FATAL. */
enum aqi_status aqi_member_fail(struct aqi_reading *reading, const char *key,
				const char *reason);

/* Of use in tables: to is a struct aqi_slice, borrowed until the next text; */
aqi_member_fn aqi_member_text;
/* a size_t: up to 15 digits in a text, "19"; */
aqi_member_fn aqi_member_count;
/* a struct aqi_floats, or a struct aqi_integers. */
aqi_member_fn aqi_member_floats;
aqi_member_fn aqi_member_integers;

#endif
