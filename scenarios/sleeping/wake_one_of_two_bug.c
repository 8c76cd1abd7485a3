/*
 * Two exclusive waiters share a queue and wait for different things. wake_up() wakes the first alone, whatever it waits for: it goes
 * back to sleep, and the one that the wake-up was meant for has slept through it.
 */
#include <linux/wait.h>

static DECLARE_WAIT_QUEUE_HEAD(pipe_wait);
static bool data, room;

static void read_pipe(void)
{
	wait_event_exclusive(pipe_wait, READ_ONCE(data));
}

static void write_pipe(void)
{
	wait_event_exclusive(pipe_wait, READ_ONCE(room));
}

static void peer(void)
{
	WRITE_ONCE(data, true);
	wake_up_all(&pipe_wait);
	WRITE_ONCE(room, true);
	wake_up(&pipe_wait);
}

THREAD(reader, read_pipe);
THREAD(writer, write_pipe);
THREAD(peer, peer);
EXPECT(hung_task);
