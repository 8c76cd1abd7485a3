/*
 * Readers walk a list without a lock. Who takes a session out of it cannot know who is just looking at it: only after a
 * grace period is nobody left.
 */
#include <linux/rculist.h>
#include <linux/slab.h>
#include <linux/spinlock.h>

struct session {
	int id;
	int uses;
	struct list_head node;
	struct rcu_head rcu;
};

static LIST_HEAD(sessions);
static DEFINE_SPINLOCK(sessions_lock);

static void add_session(void)
{
	struct session *s = kzalloc(sizeof(*s), GFP_KERNEL);

	s->id = 7;
	spin_lock(&sessions_lock);
	list_add_rcu(&s->node, &sessions);
	spin_unlock(&sessions_lock);
}

static void use_session(int id)
{
	struct session *s;

	rcu_read_lock();
	list_for_each_entry_rcu(s, &sessions, node) {
		if (s->id == id)
			WRITE_ONCE(s->uses, s->uses + 1);
	}
	rcu_read_unlock();
}

static void remove_session(int id)
{
	struct session *s, *next;

	spin_lock(&sessions_lock);
	list_for_each_entry_safe(s, next, &sessions, node) {
		if (s->id == id) {
			list_del_rcu(&s->node);
			kfree_rcu(s, rcu);
		}
	}
	spin_unlock(&sessions_lock);
}

INIT(add_session);
THREAD(user, use_session, .arg = 7);
THREAD(remover, remove_session, .arg = 7);
EXPECT(clean);
