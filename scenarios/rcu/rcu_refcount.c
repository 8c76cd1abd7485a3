/*
 * Objects on a list that is walked under RCU, each with a reference count. What a reader finds may be on its way out, its
 * last reference gone: kref_get() would bring it back from the dead, kref_get_unless_zero() leaves it alone.
 */
#include <linux/kref.h>
#include <linux/list.h>
#include <linux/rculist.h>
#include <linux/rcupdate.h>
#include <linux/slab.h>
#include <linux/spinlock.h>

struct session {
	struct list_head node;
	struct kref ref;
	int id;
	struct rcu_head rcu;
};

static LIST_HEAD(sessions);
static DEFINE_SPINLOCK(sessions_lock);
static int used;

static void release_session(struct kref *ref)
{
	struct session *s = container_of(ref, struct session, ref);

	spin_lock(&sessions_lock);
	list_del_rcu(&s->node);
	spin_unlock(&sessions_lock);
	kfree_rcu(s, rcu);
}

static struct session *get_session(int id)
{
	struct session *s;

	rcu_read_lock();
	list_for_each_entry_rcu(s, &sessions, node) {
		if (s->id == id && kref_get_unless_zero(&s->ref)) {
			rcu_read_unlock();
			return s;
		}
	}
	rcu_read_unlock();
	return NULL;
}

static void use_session(void)
{
	struct session *s = get_session(1);

	if (!s)
		return;
	WRITE_ONCE(used, s->id);
	kref_put(&s->ref, release_session);
}

static struct session *first;

static void close_session(void)
{
	kref_put(&first->ref, release_session);
}

static void set_up(void)
{
	first = kzalloc(sizeof(*first), GFP_KERNEL);
	first->id = 1;
	kref_init(&first->ref);
	list_add_rcu(&first->node, &sessions);
}

INIT(set_up);
THREAD(user, use_session);
THREAD(closer, close_session);
EXPECT(clean);
