/*
 * Two holders drop their references. The one that takes the count to zero
 * frees; who that is must come from the very step that counts down, not from
 * a second look.
 */
#include <linux/atomic.h>
#include <linux/slab.h>

struct object {
	atomic_t users;
};

static struct object *object;

static void object_setup(void)
{
	object = kzalloc(sizeof(*object), GFP_KERNEL);
	if (object)
		atomic_set(&object->users, 2);
}

static void object_put(void)
{
	struct object *o = object;

	if (!o)
		return;
	atomic_dec(&o->users);
	if (atomic_read(&o->users) == 0)
		kfree(o);
}

INIT(object_setup);
THREAD(put, object_put, .count = 2);
EXPECT(use_after_free, double_free);
