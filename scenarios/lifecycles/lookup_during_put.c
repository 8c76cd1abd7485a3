/*
 * The release function takes the mutex of the table to unlink the object: between the last put and that, a lookup still finds it, and
 * takes a reference to what has none left. kref_put_mutex() drops the last one under the mutex.
 */
#include <linux/kref.h>
#include <linux/module.h>
#include <linux/mutex.h>
#include <linux/slab.h>

struct session {
	struct kref kref;
	int requests;
};

static DEFINE_MUTEX(table_mutex);
static struct session *table;

static void session_free(struct kref *kref)
{
	struct session *session = container_of(kref, struct session, kref);

	table = NULL;
	mutex_unlock(&table_mutex);
	kfree(session);
}

static void session_put(struct session *session)
{
	kref_put_mutex(&session->kref, session_free, &table_mutex);
}

static void make_session(void)
{
	table = kzalloc(sizeof(*table), GFP_KERNEL);
	if (table)
		kref_init(&table->kref);
}

static void use_session(void)
{
	struct session *session;

	mutex_lock(&table_mutex);
	session = table;
	if (session)
		kref_get(&session->kref);
	mutex_unlock(&table_mutex);
	if (session)
		session_put(session);
}

static void close_session(void)
{
	session_put(table);
}

INIT(make_session);
THREAD(client, use_session);
THREAD(owner, close_session);
EXPECT(clean);
