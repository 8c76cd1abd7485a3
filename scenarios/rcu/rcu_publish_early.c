/*
 * The object is published before it is filled in: from that moment on readers find it, as it happens to be.
 */
#include <linux/rcupdate.h>
#include <linux/slab.h>

struct table {
	int size;
	int *slots;
};

static struct table __rcu *table;
static int first_slots[4];

static void install_table(void)
{
	struct table *t = kzalloc(sizeof(*t), GFP_KERNEL);

	if (!t)
		return;
	WRITE_ONCE(t->slots, first_slots);
	WRITE_ONCE(t->size, 4);
	rcu_assign_pointer(table, t);
}

static void read_slot(void)
{
	struct table *t;

	rcu_read_lock();
	t = rcu_dereference(table);
	if (t)
		READ_ONCE(READ_ONCE(t->slots)[0]);
	rcu_read_unlock();
}

THREAD(installer, install_table);
THREAD(reader, read_slot);
EXPECT(clean);
