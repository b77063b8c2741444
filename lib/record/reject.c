#include "record/reject.h"

#include "record/csv.h"
#include "record/ndjson.h"
#include "record/utf8.h"
#include "record/value.h"
#include "record/writer.h"

enum aqi_status
aqi_reject_layout(struct aqi_layout *layout, const struct aqi_layout *first,
		  struct aqi_layout *rejects, struct aqi_error *err)
{
	enum aqi_status status = AQI_OK;
	size_t input, blank;

	*rejects = *layout;
	rejects->arena = (struct aqi_arena){0};
	rejects->outputs = NULL;
	rejects->n_outputs = rejects->outputs_room = 0;
	/* A record that cannot be read needs a field beside its reason. */
	rejects->keeps_old = first->n_named == 1;
	for (size_t i = 0; i < first->n_named && status == AQI_OK; i++) {
		input = layout == first ? i :
			aqi_layout_find(layout, first->inputs[i]);
		if (input != AQI_NO_COLUMN)
			status = aqi_layout_keep(rejects, input, err);
		else
			status = aqi_layout_add(rejects, first->inputs[i],
						&blank, err);
	}
	/* The batches have room for those that are blank, too. */
	layout->n_added = rejects->n_added;
	return status;
}

enum aqi_status
aqi_reject_add_reason(struct aqi_layout *layout, struct aqi_layout *rejects,
		      size_t *reason, struct aqi_error *err)
{
	/* A later file may lack a column of that name, which the first has. */
	for (size_t i = 0; i < rejects->n_outputs; i++) {
		*reason = rejects->outputs[i].index;
		if (rejects->outputs[i].is_added &&
		    aqi_slice_is(rejects->outputs[i].name, "reason"))
			return AQI_OK;
	}
	rejects->n_added = layout->n_added++;
	return aqi_layout_add(rejects, aqi_slice_of("reason"), reason, err);
}

/* All that is said of a row, in one text. */
static void
add_reasons(struct aqi_buffer *out, const struct aqi_batch *batch,
	    const struct aqi_refusal *refusal)
{
	size_t row = refusal->row;

	for (; refusal && refusal->row == row; refusal = refusal->next) {
		if (out->size)
			aqi_buffer_add_text(out, "; ");
		if (refusal->column != AQI_NO_COLUMN) {
			aqi_buffer_add_slice(out, batch->layout->inputs[
							  refusal->column]);
			aqi_buffer_add_text(out, ": ");
		}
		aqi_buffer_add_text(out, refusal->reason);
	}
}

void
aqi_reject_set_reasons(struct aqi_batch *batch, size_t reason)
{
	const struct aqi_refusal *refusal = batch->refusals;
	struct aqi_buffer text = {0};

	while (refusal) {
		size_t row = refusal->row;

		aqi_buffer_clear(&text);
		add_reasons(&text, batch, refusal);
		aqi_batch_set_text(batch, reason, row,
			aqi_arena_copy(&batch->arena, (struct aqi_slice){
				text.data, text.size}));
		batch->rejects.failed |= text.failed;
		while (refusal && refusal->row == row)
			refusal = refusal->next;
	}
	aqi_buffer_free(&text);
}

bool
aqi_reject_is_readable(const struct aqi_refusal *refusal)
{
	return refusal->at == AQI_AT_UNKNOWN;
}

static void
add_csv(struct aqi_buffer *out, const struct aqi_writer *writer,
	struct aqi_slice record, struct aqi_slice reason)
{
	const struct aqi_layout *layout = writer->layout;
	bool is_written = false;

	/* Columns of the first file that this one has not are added, too. */
	for (size_t i = 0; i < layout->n_outputs; i++) {
		if (i)
			aqi_buffer_add_byte(out, writer->format->delimiter);
		if (layout->outputs[i].is_added &&
		    layout->outputs[i].index == writer->reason) {
			aqi_value_add_csv_text(out, reason, writer->format);
		} else if (!is_written) {
			aqi_value_add_csv_text(out, record, writer->format);
			is_written = true;
		}
	}
}

/* JSON strings are UTF-8. */
static void
add_any_string(struct aqi_buffer *out, struct aqi_slice text)
{
	struct aqi_buffer good = {0};
	size_t at;

	while ((at = aqi_utf8_check(text)) < text.size) {
		aqi_buffer_add(&good, text.data, at);
		aqi_buffer_add_text(&good, "\xef\xbf\xbd");
		text.data += at + 1;
		text.size -= at + 1;
	}
	aqi_buffer_add_slice(&good, text);
	aqi_ndjson_add_string(out, (struct aqi_slice){good.data, good.size});
	out->failed |= good.failed;
	aqi_buffer_free(&good);
}

void
aqi_reject_add_unreadable(struct aqi_buffer *out,
			  const struct aqi_writer *writer,
			  const struct aqi_batch *batch,
			  const struct aqi_refusal *refusal)
{
	struct aqi_slice record = batch->rows[refusal->row];
	struct aqi_slice reason = aqi_slice_of(refusal->reason);

	if (writer->out == AQI_SYNTAX_CSV) {
		add_csv(out, writer, record, reason);
		return;
	}
	aqi_buffer_add_text(out, "{\"record\":");
	add_any_string(out, record);
	aqi_buffer_add_text(out, ",\"reason\":");
	add_any_string(out, reason);
	aqi_buffer_add_byte(out, '}');
}
