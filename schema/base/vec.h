/* An array that grows by one at a time.  Any thread, each on its own array. */
#ifndef SCHEMA_BASE_VEC_H
#define SCHEMA_BASE_VEC_H

#include <stddef.h>

/* Room for one more behind the `count` items of an array that has grown by this function alone, from NULL.  It has room for the next
 * power of two, so that nothing beside the count is to be kept.  Returns the array, moved or not; NULL: no memory, and the old one
 * stays the caller's. */
void *vec_grow(void *items, size_t count, size_t item_size) __attribute__((warn_unused_result));

#endif
