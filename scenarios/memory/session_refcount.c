/*
 * A session is used after the lock that it was found under is gone, while
 * another task closes and frees it. The mended form takes a reference before
 * it drops the lock.
 */
#include <linux/kref.h>
#include <linux/mutex.h>
#include <linux/slab.h>

struct session {
	struct kref ref;
	atomic_t requests;
};

static DEFINE_MUTEX(session_lock);
static struct session *session;

static void session_release(struct kref *ref)
{
	kfree(container_of(ref, struct session, ref));
}

static void session_open(void)
{
	session = kzalloc(sizeof(*session), GFP_KERNEL);
	if (session)
		kref_init(&session->ref);
}

static void session_request(void)
{
	struct session *s;

	mutex_lock(&session_lock);
	s = session;
	if (s)
		kref_get(&s->ref);
	mutex_unlock(&session_lock);
	if (!s)
		return;
	atomic_inc(&s->requests);
	kref_put(&s->ref, session_release);
}

static void session_close(void)
{
	struct session *s;

	mutex_lock(&session_lock);
	s = session;
	session = NULL;
	mutex_unlock(&session_lock);
	if (s)
		kref_put(&s->ref, session_release);
}

INIT(session_open);
THREAD(request, session_request);
THREAD(close, session_close);
EXPECT(clean);
