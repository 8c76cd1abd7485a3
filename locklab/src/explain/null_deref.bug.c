#include <linux/slab.h>

struct device_state {
	int opens;
};

static struct device_state *state;

static void open(void)
{
	state->opens++;
}

THREAD(opener, open);
EXPECT(null_deref);
