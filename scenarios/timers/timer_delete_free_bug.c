/*
 * timer_delete() takes a timer off the wheel. It does not wait for a callback that
 * has begun, which then works on freed memory.
 */
#include <linux/slab.h>
#include <linux/timer.h>

struct session {
	struct timer_list timer;
	int expired;
};

static void session_expired(struct timer_list *t)
{
	struct session *session = from_timer(session, t, timer);

	WRITE_ONCE(session->expired, 1);
}

static void run_session(void)
{
	struct session *session = kzalloc(sizeof(*session), GFP_KERNEL);

	if (!session)
		return;
	timer_setup(&session->timer, session_expired, 0);
	mod_timer(&session->timer, jiffies + HZ);
	timer_delete(&session->timer);
	kfree(session);
}

THREAD(user, run_session, .cpu = 0);
EXPECT(use_after_free);
