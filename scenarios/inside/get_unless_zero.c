/*
 * A reference taken only if there still is one. To look at the count and then to add to it leaves room for the last put in between:
 * the exchange succeeds only if the count is still the one that was looked at.
 */
#include <linux/atomic.h>
#include <linux/rcupdate.h>
#include <linux/slab.h>

struct session {
	atomic_t refs;
	int user;
	struct rcu_head rcu;
};

static struct session *session;

static void set_up(void)
{
	session = kzalloc(sizeof(*session), GFP_KERNEL);
	atomic_set(&session->refs, 1);
}

static bool get_unless_zero(struct session *s)
{
	int refs = atomic_read(&s->refs);

	do {
		if (!refs)
			return false;
	} while (!atomic_try_cmpxchg(&s->refs, &refs, refs + 1));
	return true;
}

static void put(struct session *s)
{
	if (atomic_dec_and_test(&s->refs))
		kfree_rcu(s, rcu);
}

static void close_session(void)
{
	put(xchg(&session, NULL));
}

static void use_session(void)
{
	struct session *s;
	bool mine;

	rcu_read_lock();
	s = READ_ONCE(session);
	mine = s && get_unless_zero(s);
	rcu_read_unlock();
	if (!mine)
		return;
	s->user++;
	put(s);
}

INIT(set_up);
THREAD(user, use_session);
THREAD(closer, close_session);
EXPECT(clean);
