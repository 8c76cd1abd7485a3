/*
 * Two bit-fields, each with a writer of its own, share a word: writing one
 * rewrites the other. Whole variables do not.
 */
#include <linux/types.h>

struct port_state {
	unsigned int link_up:1;
	unsigned int promiscuous:1;
};

static struct port_state state;

static void link_task(void)
{
	state.link_up = 1;
}

static void config_task(void)
{
	state.promiscuous = 1;
}

THREAD(link, link_task);
THREAD(config, config_task);
FINALLY(state.link_up && state.promiscuous);
EXPECT(data_race, final_state);
