#include <linux/mutex.h>

static int slots[4];

static void fill(void)
{
	for (int i = 0; i < 4; i++)
		slots[i] = i;
}

THREAD(filler, fill);
EXPECT(clean);
