#include "record/pipe_run.h"

#include "record/reject.h"

static enum aqi_status
write_header(const struct aqi_writer *writer, struct aqi_sink *sink,
	     struct aqi_error *err)
{
	struct aqi_buffer header = {0};
	enum aqi_status status;

	if (!sink)
		return AQI_OK;
	aqi_writer_header(writer, &header);
	status = header.failed ? aqi_error_memory(err) :
		 aqi_sink_write(sink, header.data, header.size, &header.size, 1,
				NULL, err);
	aqi_buffer_free(&header);
	return status;
}

static enum aqi_status
bind_steps(const struct aqi_pipe *pipe, struct aqi_layout *layout,
	   struct aqi_error *err)
{
	for (size_t i = 0; i < pipe->n_steps; i++)
		if (pipe->steps[i].bind(pipe->steps[i].self, layout, err) !=
		    AQI_OK)
			return AQI_FATAL;
	return AQI_OK;
}

enum aqi_status
aqi_run_write_header(struct aqi_run *run, struct aqi_error *err)
{
	bool is_due = run->lacks_header;

	run->lacks_header = false;
	return is_due ? write_header(&run->writer, run->pipe->out, err) :
			AQI_OK;
}

/*
 * The columns that refused records are written with: in CSV, below the header
 * that stands there, those of the first file.
 */
static enum aqi_status
bind_rejects(struct aqi_run *run, struct aqi_layout *layout,
	     struct aqi_error *err)
{
	const struct aqi_layout *first = layout;

	if (run->pipe->format->out != AQI_SYNTAX_NDJSON)
		first = aqi_reader_first_layout(run->pipe->reader);
	aqi_arena_free(&run->rejects_layout.arena);
	return aqi_reject_layout(layout, first, &run->rejects_layout, err);
}

/* The columns of a file are known: bind the steps to them. */
static enum aqi_status
bind(struct aqi_run *run, struct aqi_layout *layout, struct aqi_error *err)
{
	const struct aqi_pipe *pipe = run->pipe;
	enum aqi_syntax in = aqi_reader_syntax(pipe->reader);
	size_t reason = 0;

	if (bind_rejects(run, layout, err) != AQI_OK ||
	    bind_steps(pipe, layout, err) != AQI_OK)
		return AQI_FATAL;
	if (pipe->rejects &&
	    aqi_reject_add_reason(layout, &run->rejects_layout, &reason,
				  err) != AQI_OK)
		return AQI_FATAL;
	run->writer = aqi_writer_new(pipe->format, layout, in);
	run->rejects = aqi_writer_new(pipe->format, &run->rejects_layout, in);
	run->rejects.of_refused = true;
	run->rejects.reason = reason;
	/* Gathered records have added values only, of no syntax. */
	run->gathered_writer = run->writer;
	run->gathered_writer.in = AQI_SYNTAX_CSV;
	run->layout = layout;
	return AQI_OK;
}

/* The same for the first file, with the headers that are to be written. */
static enum aqi_status
bind_first(struct aqi_run *run, struct aqi_layout *layout,
	   struct aqi_error *err)
{
	const struct aqi_pipe *pipe = run->pipe;
	enum aqi_syntax in = aqi_reader_syntax(pipe->reader);

	if (bind(run, layout, err) != AQI_OK)
		return AQI_FATAL;
	run->is_bound = true;
	run->lacks_header = !pipe->has_header;
	if (in == AQI_SYNTAX_CSV && aqi_run_write_header(run, err) != AQI_OK)
		return AQI_FATAL;
	return pipe->has_rejects_header ? AQI_OK :
	       write_header(&run->rejects, pipe->rejects, err);
}

enum aqi_status
aqi_run_bind(struct aqi_run *run, struct aqi_error *err)
{
	struct aqi_reader *reader = run->pipe->reader;
	struct aqi_layout *layout = aqi_reader_layout(reader);

	if (layout && !run->is_bound &&
	    bind_first(run, aqi_reader_first_layout(reader), err) != AQI_OK)
		return AQI_FATAL;
	return layout == run->layout ? AQI_OK : bind(run, layout, err);
}

enum aqi_status
aqi_run_check_rejects(struct aqi_run *run, struct aqi_error *err)
{
	const struct aqi_pipe *pipe = run->pipe;

	if (!pipe->rejects || pipe->format->out != AQI_SYNTAX_CSV ||
	    !aqi_reader_lacks_names(pipe->reader))
		return AQI_OK;
	aqi_error_set(err, AQI_E_DATA, "the first record cannot be read, so "
		      "that refused ones have no columns in CSV; choose them "
		      "with --columns");
	return aqi_error_at(err, run->latest->reading.chunk.file, 0, 0);
}
