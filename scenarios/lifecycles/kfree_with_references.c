/*
 * The device is embedded in the driver's object, and others may hold references to it. The driver frees the object itself when it is done
 * with it: it may only drop its own reference, and let the release function free.
 */
#include <linux/device.h>
#include <linux/module.h>
#include <linux/slab.h>

struct port {
	struct device dev;
	int speed;
};

static struct port *port;

static void port_release(struct device *dev)
{
	kfree(container_of(dev, struct port, dev));
}

static void make_port(void)
{
	port = kzalloc(sizeof(*port), GFP_KERNEL);
	if (!port)
		return;
	device_initialize(&port->dev);
	port->dev.release = port_release;
	get_device(&port->dev);		/* for show_speed() */
}

static void show_speed(void)
{
	pr_info("%d\n", READ_ONCE(port->speed));
	put_device(&port->dev);
}

static void drop_port(void)
{
	put_device(&port->dev);
}

INIT(make_port);
THREAD(reader, show_speed);
THREAD(owner, drop_port);
EXPECT(clean);
