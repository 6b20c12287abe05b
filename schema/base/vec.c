#include "schema/base/vec.h"

#include <stdint.h>
#include <stdlib.h>

void *vec_grow(void *items, size_t count, size_t item_size)
{
	if (items && (count & (count - 1)) != 0)
		return items; /* it was given room for the next power of two when it held the last */
	size_t room = count > 0 ? 2 * count : 1;
	return room > SIZE_MAX / item_size ? NULL : realloc(items, room * item_size);
}
