#include <linux/mutex.h>
#include <linux/slab.h>

struct session {
	struct mutex lock;
};

static void open_and_close(void)
{
	struct session *s = kzalloc(sizeof(*s), GFP_KERNEL);

	if (!s)
		return;
	mutex_init(&s->lock);
	mutex_lock(&s->lock);
	mutex_unlock(&s->lock);
	kfree(s);
}

THREAD(user, open_and_close);
EXPECT(clean);
