/*
 * A command is waited for with a completion, which the validator does not
 * follow. The driver tells it with a lock map of its own: held by who answers,
 * touched by who waits. So the order shows before the hang does.
 */
#include <linux/mutex.h>
#include <linux/completion.h>
#include <linux/lockdep.h>

static struct lock_class_key command_key;
static struct lockdep_map command_map = STATIC_LOCKDEP_MAP_INIT("command", &command_key);
static DEFINE_MUTEX(state_lock);
static DECLARE_COMPLETION(answered);
static int state;

static void answer(void)
{
	lock_map_acquire(&command_map);
	mutex_lock(&state_lock);
	state = 1;
	mutex_unlock(&state_lock);
	complete(&answered);
	lock_map_release(&command_map);
}

static void send_command(void)
{
	lock_map_sync(&command_map);
	wait_for_completion(&answered);
}

THREAD(firmware, answer);
THREAD(sender, send_command);

FINALLY(state == 1);
EXPECT(clean);
