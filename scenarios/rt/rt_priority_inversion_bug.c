/*
 * The urgent task waits for the mutex that the lowly one holds; a third, of a priority in between, keeps
 * that one from its CPU for ever. Who holds an rt_mutex is as urgent as who waits for it: so is every
 * mutex on PREEMPT_RT. (Mars Pathfinder, 1997.)
 */
#include <linux/completion.h>
#include <linux/mutex.h>
#include <linux/rtmutex.h>

static DEFINE_MUTEX(bus_lock);
static DECLARE_COMPLETION(started);
static int delivered;

static void weather(void)
{
	mutex_lock(&bus_lock);
	complete_all(&started);
	mutex_unlock(&bus_lock);
}

static void radio(void)
{
	wait_for_completion(&started);
	while (!READ_ONCE(delivered))
		cpu_relax();
}

static void bus(void)
{
	wait_for_completion(&started);
	mutex_lock(&bus_lock);
	WRITE_ONCE(delivered, 1);
	mutex_unlock(&bus_lock);
}

CPUS(1);
THREAD(weather, weather);
THREAD(radio, radio, .prio = 10);
THREAD(bus, bus, .prio = 20);
EXPECT(clean);
EXPECT_IF(CONFIG_PREEMPT && CONFIG_NR_CPUS == 1, livelock);
