#include "base/large.h"
#include "model/forest_parts.h"

enum aqi_status
aqi_list_reserve(struct aqi_list *list, size_t n, size_t size,
		 struct aqi_error *err)
{
	void *grown;
	size_t room;

	if (n <= list->room - list->n)
		return AQI_OK;
	room = 2 * (list->n + n);
	grown = aqi_large_grow(list->data, list->room * size, room * size);
	if (!grown)
		return aqi_error_memory(err);
	list->data = grown;
	list->room = room;
	return AQI_OK;
}

void
aqi_list_free(struct aqi_list *list, size_t size)
{
	aqi_large_free(list->data, list->room * size);
	*list = (struct aqi_list){0};
}

enum aqi_status
aqi_list_append(struct aqi_list *list, const void *element, size_t size,
		struct aqi_error *err)
{
	if (aqi_list_reserve(list, 1, size, err) != AQI_OK)
		return AQI_FATAL;
	memcpy((char *)list->data + list->n++ * size, element, size);
	return AQI_OK;
}
