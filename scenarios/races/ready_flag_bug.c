/*
 * A driver fills in a device's data and then says that they are ready. Both
 * flag accesses are marked, so nothing is torn, and no execution in program
 * order goes wrong. But neither side keeps the order of its two accesses:
 * another CPU may see the flag and still the old data.
 */
#include <linux/compiler.h>
#include <linux/printk.h>

struct sensor {
	int scale;
	int offset;
	bool ready;
};

static struct sensor sensor;

static void probe(void)
{
	sensor.scale = 2;
	sensor.offset = -40;
	WRITE_ONCE(sensor.ready, true);
}

static void show(void)
{
	if (!READ_ONCE(sensor.ready))
		return;
	pr_info("%d\n", 21 * sensor.scale + sensor.offset);
}

THREAD(prober, probe);
THREAD(shower, show);
EXPECT(unordered_access);
