/*
 * Memory of kvmalloc() may be one or the other: only kvfree() knows which.
 */
#include <linux/mm.h>
#include <linux/slab.h>

static void sort(void)
{
	int *scratch = kvmalloc(8, GFP_KERNEL);

	kvfree(scratch);
}

THREAD(sort, sort);
EXPECT(clean);
