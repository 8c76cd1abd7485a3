/*
 * idr_find() gives a pointer, and no reference: who removes and frees the object must wait until nobody is still using what
 * was found, and who looks it up must say that he does.
 */
#include <linux/idr.h>
#include <linux/rcupdate.h>
#include <linux/slab.h>
#include <linux/spinlock.h>

struct session {
	int uses;
	struct rcu_head rcu;
};

static DEFINE_IDR(sessions);
static DEFINE_SPINLOCK(sessions_lock);

static void set_up(void)
{
	struct session *session = kzalloc(sizeof(*session), GFP_KERNEL);

	idr_alloc(&sessions, session, 1, 0, GFP_KERNEL);
}

static void use_session(int id)
{
	struct session *session;

	rcu_read_lock();
	session = idr_find(&sessions, id);
	if (session)
		WRITE_ONCE(session->uses, 1);
	rcu_read_unlock();
}

static void close_session(int id)
{
	struct session *session;

	spin_lock(&sessions_lock);
	session = idr_remove(&sessions, id);
	spin_unlock(&sessions_lock);
	kfree(session);
}

INIT(set_up);
THREAD(user, use_session, .arg = 1);
THREAD(closer, close_session, .arg = 1);
EXPECT(use_after_free);
