#include "model/planes_tape.h"

#include <stdlib.h>

#include "model/forest_block.h"

#define ZEROS (8 * AQI_PLANES_ZEROS)
#define ONES (8 * AQI_PLANES_ONES)

/* A node whose bit is wanted, in the work plane of this number. */
struct aqi_planes_task {
	uint32_t node;		/* of the tree */
	uint16_t work;
	uint16_t n_done;	/* of its children */
};

/* A node has at most one task, and one child of it. */
enum aqi_status
aqi_planes_tape_new(struct aqi_planes_tape *tape, size_t n,
		    struct aqi_error *err)
{
	*tape = (struct aqi_planes_tape){
		.n_leaves = calloc(n, sizeof *tape->n_leaves),
		.first = calloc(n, sizeof *tape->first),
		.place = calloc(n, sizeof *tape->place),
		.plane = calloc(n, sizeof *tape->plane),
		.need = calloc(n, sizeof *tape->need),
		.value = calloc(n, sizeof *tape->value),
		.tasks = calloc(n, sizeof *tape->tasks),
	};
	if (tape->n_leaves && tape->first && tape->place && tape->plane &&
	    tape->need && tape->value && tape->tasks)
		return AQI_OK;
	return aqi_error_memory(err);
}

void
aqi_planes_tape_free(struct aqi_planes_tape *tape)
{
	free(tape->n_leaves);
	free(tape->first);
	free(tape->place);
	free(tape->plane);
	free(tape->need);
	free(tape->value);
	free(tape->tasks);
	free(tape->steps);
}

unsigned
aqi_planes_tape_bits(size_t n_leaves)
{
	unsigned n = 0;

	while (n_leaves > (size_t)1 << n)
		n++;
	return n;
}

void
aqi_planes_tape_number(struct aqi_planes_tape *tape,
		       const struct aqi_forest_node *nodes, uint32_t root,
		       size_t n_nodes)
{
	uint32_t last = 1;

	/* Parents stand before their children. */
	for (size_t i = n_nodes; i-- > 0; ) {
		const uint32_t left = nodes[root + i].left;

		tape->n_leaves[i] = left == 0 ? 1 :
			tape->n_leaves[left - root] +
			tape->n_leaves[left - root + 1];
	}
	tape->first[0] = 0;
	tape->place[0] = 1;
	for (size_t i = 0; i < n_nodes; i++) {
		const uint32_t left = nodes[root + i].left;
		uint32_t place = tape->place[i];

		if (left == 0)
			continue;
		if (place >> AQI_PLANES_PERFECT)
			place = 0;
		tape->first[left - root] = tape->first[i];
		tape->first[left - root + 1] = tape->first[i] +
			tape->n_leaves[left - root];
		tape->place[left - root] = 2 * place;
		tape->place[left - root + 1] = place ? 2 * place + 1 : 0;
		last = tape->place[left - root + 1];
	}
	/* The last inner node's children are the deepest. */
	tape->depth = last ? 31 - (unsigned)__builtin_clz(last) :
		      AQI_PLANES_PERFECT + 1;
}

/* Do the leaves below a node all have the same bit k? */
static bool
is_constant(const struct aqi_planes_tape *tape, size_t i, unsigned k)
{
	const uint32_t first = tape->first[i];

	return first >> k == (first + tape->n_leaves[i] - 1) >> k;
}

/*
 * What each node's bit k is without a step: a constant, or its own plane. Of
 * the others, how many work planes it needs, where the child that needs more is
 * worked out first (Sethi and Ullman, "The generation of optimal code for
 * arithmetic expressions", 1970): the logarithm of its leaves and one at the
 * most.
 */
static void
count_needs(struct aqi_planes_tape *tape, const struct aqi_forest_node *nodes,
	    uint32_t root, size_t n_nodes, unsigned k)
{
	for (size_t i = n_nodes; i-- > 0; ) {
		const uint32_t left = nodes[root + i].left - root;
		unsigned a, b;

		tape->need[i] = 0;
		if (is_constant(tape, i, k)) {
			tape->value[i] = tape->first[i] >> k & 1 ? ONES : ZEROS;
			continue;
		}
		a = tape->need[left];
		b = tape->need[left + 1];
		if (a + b == 0 && tape->value[left] == ZEROS &&
		    tape->value[left + 1] == ONES) {
			tape->value[i] = tape->plane[i];
			continue;
		}
		a = a == b ? a + 1 : a > b ? a : b;
		tape->need[i] = (unsigned char)a;
	}
}

static enum aqi_status
add_step(struct aqi_planes_tape *tape, struct aqi_planes_step step,
	 struct aqi_error *err)
{
	if (tape->n_steps == tape->room) {
		const size_t room = 2 * tape->room + 64;
		void *grown = reallocarray(tape->steps, room, sizeof step);

		if (!grown)
			return aqi_error_memory(err);
		tape->steps = grown;
		tape->room = room;
	}
	tape->steps[tape->n_steps++] = step;
	return AQI_OK;
}

/* The steps of one bit, the root's in the work plane `work`. */
static enum aqi_status
write_bit(struct aqi_planes_tape *tape, const struct aqi_forest_node *nodes,
	  uint32_t root, unsigned work, struct aqi_error *err)
{
	size_t n = 0;

	if (tape->need[0] > 0)
		tape->tasks[n++] = (struct aqi_planes_task){
			.work = (uint16_t)work};
	while (n > 0) {
		struct aqi_planes_task *task = &tape->tasks[n - 1];
		const uint32_t left = nodes[root + task->node].left - root;
		const bool right_first = tape->need[left + 1] >
					 tape->need[left];

		if (task->n_done < 2) {
			/* The second works beside what the first has done. */
			const unsigned is_second = task->n_done++;
			const uint32_t child = left +
				(right_first ^ (is_second == 1));
			const uint16_t beside = (uint16_t)(task->work +
							   is_second);

			if (tape->need[child] > 0)
				tape->tasks[n++] = (struct aqi_planes_task){
					.node = child, .work = beside};
			continue;
		}
		n--;
		tape->value[task->node] = (uint16_t)
			(8 * (AQI_PLANES_FIRST + task->work));
		if (add_step(tape, (struct aqi_planes_step){
				tape->value[task->node],
				tape->plane[task->node],
				tape->value[left + 1], tape->value[left]},
				err) != AQI_OK)
			return AQI_FATAL;
	}
	return AQI_OK;
}

enum aqi_status
aqi_planes_tape_write(struct aqi_planes_tape *tape,
		      const struct aqi_forest_node *nodes, uint32_t root,
		      size_t n_nodes, struct aqi_error *err)
{
	const unsigned n_bits = aqi_planes_tape_bits(tape->n_leaves[0]);
	unsigned work = 0;

	tape->n_steps = 0;
	for (unsigned k = 0; k < n_bits; k++) {
		count_needs(tape, nodes, root, n_nodes, k);
		if (write_bit(tape, nodes, root, work, err) != AQI_OK)
			return AQI_FATAL;
		tape->bits[k] = tape->value[0];
		work += tape->need[0] > 0;
	}
	return AQI_OK;
}
