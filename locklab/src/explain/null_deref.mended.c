#include <linux/slab.h>

struct device_state {
	int opens;
};

static struct device_state *state;

static void open(void)
{
	if (!state)
		return;
	state->opens++;
}

THREAD(opener, open);
EXPECT(clean);
