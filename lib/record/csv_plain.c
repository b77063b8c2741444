#include "record/csv_plain.h"

#include "base/processor.h"

/* A plain loop over bytes: on fields this short it beats tricks with words. */
bool
aqi_csv_cut_portable(struct aqi_slice record, char delimiter,
		     struct aqi_slice *fields, size_t room, size_t *n)
{
	const char *begin = record.data;
	size_t count = 0;

	for (size_t i = 0; i < record.size; i++) {
		const char c = record.data[i];

		if (c == delimiter) {
			if (count < room)
				fields[count] = (struct aqi_slice){
					begin,
					(size_t)(record.data + i - begin)};
			count++;
			begin = record.data + i + 1;
		} else if (c == '"' || c == '\r') {
			return false;
		}
	}
	if (count < room)
		fields[count] = (struct aqi_slice){
			begin, (size_t)(record.data + record.size - begin)};
	*n = count + 1;
	return true;
}

bool
aqi_csv_cut(struct aqi_slice record, char delimiter, struct aqi_slice *fields,
	    size_t room, size_t *n)
{
	if (aqi_processor_level() >= AQI_AVX2)
		return aqi_csv_cut_avx2(record, delimiter, fields, room, n);
	return aqi_csv_cut_portable(record, delimiter, fields, room, n);
}
