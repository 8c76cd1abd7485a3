/*
 * Three ports, a lock each, and tasks that move a frame from one port to the
 * next. Each takes its own port first, and all three wait in a circle. Both forms
 * tell lockdep that the second of a pair may be taken under the first: it
 * believes that, and is silent. The mended form takes the lower port first.
 */
#include <linux/mutex.h>

#define PORTS 3

struct port {
	struct mutex lock;
	int frames;
};

static struct port ports[PORTS];

static void ports_setup(void)
{
	int i;

	for (i = 0; i < PORTS; i++) {
		mutex_init(&ports[i].lock);
		ports[i].frames = 1;
	}
}

static void move_frame(int from)
{
	int to = (from + 1) % PORTS;
	int first = min(from, to);
	int second = max(from, to);

	mutex_lock(&ports[first].lock);
	mutex_lock_nested(&ports[second].lock, SINGLE_DEPTH_NESTING);
	ports[from].frames--;
	ports[to].frames++;
	mutex_unlock(&ports[second].lock);
	mutex_unlock(&ports[first].lock);
}

INIT(ports_setup);
THREAD(zero, move_frame, .arg = 0);
THREAD(one, move_frame, .arg = 1);
THREAD(two, move_frame, .arg = 2);
FINALLY(ports[0].frames + ports[1].frames + ports[2].frames == 3);
EXPECT(clean);
