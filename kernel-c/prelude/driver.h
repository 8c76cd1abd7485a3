/* Modules, devices and their drivers, character devices: who is there, for how long, and who keeps whom. */

/* References to a module (kernel/module/main.c). The machine starts the exit function only while there are none, and sets the state. */
enum module_state {
	MODULE_STATE_LIVE,
	MODULE_STATE_COMING,
	MODULE_STATE_GOING,
	MODULE_STATE_UNFORMED,
};
struct module {
	enum module_state state;
	atomic_t refcnt;
};
static struct module __this_module = { .refcnt = ATOMIC_INIT(1) };
#define THIS_MODULE (&__this_module)

static inline bool module_is_live(struct module *module) { return READ_ONCE(module->state) != MODULE_STATE_GOING; }
static inline bool try_module_get(struct module *module) { return !module || (module_is_live(module) && atomic_inc_not_zero(&module->refcnt)); }
static inline void __module_get(struct module *module)
{
	if (module)
		atomic_inc(&module->refcnt);
}
static inline void module_put(struct module *module)
{
	if (module)
		WARN_ON(atomic_dec_if_positive(&module->refcnt) < 0);
}
/* A thread's end in the kernel's own code, which stays when the module goes. */
static void kthread_exit(long result) { __kernel_kthread_exit(result); }
static void kthread_complete_and_exit(struct completion *done, long result)
{
	if (done)
		complete(done);
	__kernel_kthread_exit(result);
}
static void __module_put_and_kthread_exit(struct module *module, long result)
{
	module_put(module);
	__kernel_kthread_exit(result);
}
#define module_put_and_kthread_exit(result) __module_put_and_kthread_exit(THIS_MODULE, result)
static inline int module_refcount(struct module *module) { return atomic_read(&module->refcnt) - 1; }

/* Devices (drivers/base/core.c). */
struct device_driver {
	const char *name;
	struct module *owner;
};
struct __devres;
struct device {
	struct device *parent;
	const char *init_name;
	void *driver_data;
	void *platform_data;
	struct device_driver *driver;
	void (*release)(struct device *dev);
	struct __devres *__devres;
	struct kref kref;
	struct mutex mutex;
	bool __dead;
};
#define __to_device(kref) container_of(kref, struct device, kref)

static inline void *dev_get_drvdata(const struct device *dev) { return dev->driver_data; }
static inline void dev_set_drvdata(struct device *dev, void *data) { dev->driver_data = data; }
static inline void *dev_get_platdata(const struct device *dev) { return dev->platform_data; }
#define dev_set_name(dev, ...) ((void)(dev), 0)
static inline void device_lock(struct device *dev) { mutex_lock(&dev->mutex); }
static inline int device_trylock(struct device *dev) { return mutex_trylock(&dev->mutex); }
static inline int device_lock_interruptible(struct device *dev) { return mutex_lock_interruptible(&dev->mutex); }
static inline void device_unlock(struct device *dev) { mutex_unlock(&dev->mutex); }
#define device_lock_assert(dev) lockdep_assert_held(&(dev)->mutex)

/* What a device's driver has asked for with devm_...(), the last first (drivers/base/devres.c): an action, memory, or (irq) a line's handler. */
struct __devres {
	struct __devres *next;
	void (*action)(void *data);
	void *data;
	unsigned int irq;
	bool is_irq;
};
static void __devres_add(struct device *dev, struct __devres *node)
{
	struct __devres *first = READ_ONCE(dev->__devres);

	do {
		node->next = first;
	} while (!try_cmpxchg(&dev->__devres, &first, node));
}
static void __devres_release(struct __devres *node)
{
	if (node->action)
		node->action(node->data);
	else if (node->is_irq)
		free_irq(node->irq, node->data);
	else
		kfree(node->data);
	kfree(node);
}
static void devres_release_all(struct device *dev)
{
	struct __devres *node = xchg(&dev->__devres, NULL);

	while (node) {
		struct __devres *next = node->next;

		__devres_release(node);
		node = next;
	}
}
/* Takes the newest of these off the list. */
static struct __devres *__devres_remove(struct device *dev, void (*action)(void *data), const void *data, bool is_irq)
{
	struct __devres **at = &dev->__devres;
	struct __devres *node;

	for (node = READ_ONCE(*at); node; node = READ_ONCE(*at)) {
		if (node->action == action && node->data == data && node->is_irq == is_irq) {
			WRITE_ONCE(*at, node->next);
			break;
		}
		at = &node->next;
	}
	return node;
}
static void *__devres_memory(struct device *dev, void *data, gfp_t gfp)
{
	struct __devres *node = data ? __kernel_alloc(sizeof(struct __devres), gfp, 1) : NULL;

	if (!node) {
		kfree(data);
		return NULL;
	}
	node->data = data;
	__devres_add(dev, node);
	return data;
}
static inline void *devm_kmalloc(struct device *dev, size_t size, gfp_t gfp) { __before_alloc(gfp); return __devres_memory(dev, __kernel_alloc(size, gfp, 0), gfp); }
static inline void *devm_kzalloc(struct device *dev, size_t size, gfp_t gfp) { __before_alloc(gfp); return __devres_memory(dev, __kernel_alloc(size, gfp, 1), gfp); }
static inline void *devm_kmalloc_array(struct device *dev, size_t n, size_t size, gfp_t gfp) { __before_alloc(gfp); return __devres_memory(dev, __kernel_alloc(size_mul(size, n), gfp, 0), gfp); }
static inline void *devm_kcalloc(struct device *dev, size_t n, size_t size, gfp_t gfp) { __before_alloc(gfp); return __devres_memory(dev, __kernel_alloc(size_mul(size, n), gfp, 1), gfp); }
static inline void *devm_kmemdup(struct device *dev, const void *from, size_t size, gfp_t gfp) { return __copied(devm_kmalloc(dev, size, gfp), from, size); }
static inline char *devm_kstrdup(struct device *dev, const char *s, gfp_t gfp)
{
	size_t length = s ? __string_length(s, SIZE_MAX) : 0;

	return s ? __copied_string(devm_kmalloc(dev, length + 1, gfp), s, length) : NULL;
}
static void devm_kfree(struct device *dev, const void *data)
{
	struct __devres *node = data ? __devres_remove(dev, NULL, data, false) : NULL;

	if (data && !WARN_ON(!node))
		__devres_release(node);
}
static int devm_add_action(struct device *dev, void (*action)(void *data), void *data)
{
	struct __devres *node = kzalloc(sizeof(struct __devres), GFP_KERNEL);

	if (!node)
		return -ENOMEM;
	node->action = action;
	node->data = data;
	__devres_add(dev, node);
	return 0;
}
static int devm_add_action_or_reset(struct device *dev, void (*action)(void *data), void *data)
{
	int error = devm_add_action(dev, action, data);

	if (error)
		action(data);
	return error;
}
static void devm_remove_action(struct device *dev, void (*action)(void *data), void *data)
{
	struct __devres *node = __devres_remove(dev, action, data, false);

	if (!WARN_ON(!node))
		kfree(node);
}
static void devm_release_action(struct device *dev, void (*action)(void *data), void *data)
{
	struct __devres *node = __devres_remove(dev, action, data, false);

	if (!WARN_ON(!node))
		__devres_release(node);
}
static int __devm_irq_requested(struct device *dev, struct __devres *node, unsigned int irq, void *dev_id, int error)
{
	if (error) {
		kfree(node);
		return error;
	}
	node->irq = irq;
	node->is_irq = true;
	node->data = dev_id;
	__devres_add(dev, node);
	return 0;
}
static int devm_request_irq(struct device *dev, unsigned int irq, irq_handler_t handler, unsigned long flags, const char *name, void *dev_id)
{
	struct __devres *node = kzalloc(sizeof(struct __devres), GFP_KERNEL);
	int error = node ? request_irq(irq, handler, flags, name, dev_id) : -ENOMEM;

	return __devm_irq_requested(dev, node, irq, dev_id, error);
}
#define devm_request_threaded_irq(device, irq, handler, thread_fn, flags, name, dev_id) ({ \
	unsigned int __devm_irq = (irq); \
	void *__devm_id = (dev_id); \
	struct __devres *__devm_node = kzalloc(sizeof(struct __devres), GFP_KERNEL); \
	int __devm_error = __devm_node ? request_threaded_irq(__devm_irq, handler, thread_fn, flags, name, __devm_id) : -ENOMEM; \
	__devm_irq_requested(device, __devm_node, __devm_irq, __devm_id, __devm_error); })
static void devm_free_irq(struct device *dev, unsigned int irq, void *dev_id)
{
	struct __devres *node = __devres_remove(dev, NULL, dev_id, true);

	WARN_ON(!node);
	kfree(node);
	free_irq(irq, dev_id);
}

/* References to a device. Whoever drops the last one calls its release function. */
static void __device_release(struct kref *kref)
{
	struct device *dev = __to_device(kref);

	devres_release_all(dev);
	if (!WARN_ON(!dev->release))
		dev->release(dev);
}
static inline struct device *get_device(struct device *dev)
{
	if (dev)
		kref_get(&dev->kref);
	return dev;
}
static inline void put_device(struct device *dev)
{
	if (dev)
		kref_put(&dev->kref, __device_release);
}
static void device_initialize(struct device *dev)
{
	kref_init(&dev->kref);
	mutex_init(&dev->mutex);
	lockdep_set_novalidate_class(&dev->mutex);
	dev->driver = NULL;
	dev->__devres = NULL;
	dev->__dead = false;
}
static inline int device_add(struct device *dev) { return 0; }
static inline int device_register(struct device *dev)
{
	device_initialize(dev);
	return device_add(dev);
}
static inline void device_del(struct device *dev)
{
	device_lock(dev);
	dev->__dead = true;
	device_unlock(dev);
}
static inline void device_unregister(struct device *dev)
{
	device_del(dev);
	put_device(dev);
}

/* Platform devices and drivers (drivers/base/platform.c, drivers/base/dd.c). */
struct platform_device {
	const char *name;
	int id;
	struct device dev;
	/* Options of the rig. */
	int irq;
	bool hotplug, unplug, shutdown;
	/* The next on the bus; the driver of this name; it is there; its probe asked to be called again. */
	struct platform_device *__next;
	struct platform_driver *__driver;
	bool __present, __deferred;
};
struct platform_driver {
	int (*probe)(struct platform_device *pdev);
	union {
		void (*remove)(struct platform_device *pdev);
		void (*remove_new)(struct platform_device *pdev);
	};
	void (*shutdown)(struct platform_device *pdev);
	struct device_driver driver;
	bool prevent_deferred_probe;
};
#define to_platform_device(device) container_of(device, struct platform_device, dev)
#define to_platform_driver(drv) container_of(drv, struct platform_driver, driver)
static inline void *platform_get_drvdata(const struct platform_device *pdev) { return pdev->dev.driver_data; }
static inline void platform_set_drvdata(struct platform_device *pdev, void *data) { pdev->dev.driver_data = data; }
static inline int platform_get_irq(struct platform_device *pdev, unsigned int n) { return pdev->irq && !n ? pdev->irq : -ENXIO; }
static inline int platform_get_irq_optional(struct platform_device *pdev, unsigned int n) { return platform_get_irq(pdev, n); }

static struct platform_device *__platform_bus;
static atomic_t __deferred_devices;

static void __device_unbind_cleanup(struct device *dev)
{
	devres_release_all(dev);
	dev->driver = NULL;
	dev_set_drvdata(dev, NULL);
}
static int __really_probe(struct platform_device *pdev, struct platform_driver *drv)
{
	int error = 0;

	if (WARN_ON(pdev->dev.__devres))
		return -EBUSY;
	pdev->dev.driver = &drv->driver;
	if (drv->probe)
		error = drv->probe(pdev);
	if (!error)
		return 0;
	__device_unbind_cleanup(&pdev->dev);
	if (error == -EPROBE_DEFER && !drv->prevent_deferred_probe) {
		WRITE_ONCE(pdev->__deferred, true);
		atomic_inc(&__deferred_devices);
	}
	return error;
}
/* Under the lock of the device: gives whether it has a driver now that it had not before. */
static bool __device_attach(struct platform_device *pdev)
{
	struct platform_driver *drv = pdev->__driver;

	return drv && pdev->__present && !pdev->dev.__dead && !pdev->dev.driver && !__really_probe(pdev, drv);
}
/* A device has been bound: those whose probe was put off are tried again. The kernel does so in a work item. */
static void __driver_deferred_probe_trigger(void)
{
	struct platform_device *pdev = __platform_bus;

	while (pdev && atomic_read(&__deferred_devices)) {
		bool bound = false;

		device_lock(&pdev->dev);
		if (pdev->__deferred) {
			WRITE_ONCE(pdev->__deferred, false);
			atomic_dec(&__deferred_devices);
			bound = __device_attach(pdev);
		}
		device_unlock(&pdev->dev);
		pdev = bound ? __platform_bus : pdev->__next;
	}
}
static void __device_release_driver(struct platform_device *pdev)
{
	struct platform_driver *drv;

	device_lock(&pdev->dev);
	if (pdev->__deferred) {
		WRITE_ONCE(pdev->__deferred, false);
		atomic_dec(&__deferred_devices);
	}
	if (pdev->dev.driver) {
		drv = to_platform_driver(pdev->dev.driver);
		if (drv->remove)
			drv->remove(pdev);
		__device_unbind_cleanup(&pdev->dev);
	}
	device_unlock(&pdev->dev);
}
static int platform_driver_register(struct platform_driver *drv)
{
	struct platform_device *pdev;

	for (pdev = __platform_bus; pdev; pdev = pdev->__next) {
		bool bound;

		if (pdev->name != drv->driver.name)
			continue;
		device_lock(&pdev->dev);
		pdev->__driver = drv;
		bound = __device_attach(pdev);
		device_unlock(&pdev->dev);
		if (bound)
			__driver_deferred_probe_trigger();
	}
	return 0;
}
static void platform_driver_unregister(struct platform_driver *drv)
{
	struct platform_device *pdev;

	for (pdev = __platform_bus; pdev; pdev = pdev->__next) {
		if (pdev->name != drv->driver.name)
			continue;
		device_lock(&pdev->dev);
		pdev->__driver = NULL;
		device_unlock(&pdev->dev);
		__device_release_driver(pdev);
	}
}
#define module_platform_driver(drv) \
	static int __init drv##_init(void) { return platform_driver_register(&(drv)); } \
	static void __exit drv##_exit(void) { platform_driver_unregister(&(drv)); } \
	module_init(drv##_init); \
	module_exit(drv##_exit)
#define builtin_platform_driver(drv) \
	static int __init drv##_init(void) { return platform_driver_register(&(drv)); } \
	module_init(drv##_init)

/* The rig's platform devices: what is there from the beginning, what comes and goes, and what the end of the system does. */
#define PLATFORM_DEVICE(device, driver_name, ...) \
	static struct platform_device device = { .name = driver_name, ##__VA_ARGS__ }; \
	__PLATFORM_DEVICE(device, ##__VA_ARGS__)
static void __device_exists(struct platform_device *pdev)
{
	device_initialize(&pdev->dev);
	pdev->__present = !pdev->hotplug;
	pdev->__next = __platform_bus;
	__platform_bus = pdev;
}
static void __device_comes_and_goes(struct platform_device *pdev)
{
	bool bound;

	if (pdev->hotplug) {
		device_lock(&pdev->dev);
		pdev->__present = true;
		bound = __device_attach(pdev);
		device_unlock(&pdev->dev);
		if (bound)
			__driver_deferred_probe_trigger();
	}
	if (pdev->unplug) {
		device_del(&pdev->dev);
		__device_release_driver(pdev);
	}
}
static void __device_shutdown(struct platform_device *pdev)
{
	struct platform_driver *drv;

	device_lock(&pdev->dev);
	if (pdev->dev.driver) {
		drv = to_platform_driver(pdev->dev.driver);
		if (drv->shutdown)
			drv->shutdown(pdev);
	}
	device_unlock(&pdev->dev);
}

/* Character devices (drivers/char/misc.c, fs/file_table.c): an open file keeps the module that it names as its owner. */
#define MISC_DYNAMIC_MINOR 255
struct miscdevice {
	int minor;
	const char *name;
	const struct file_operations *fops;
	struct device *parent;
	umode_t mode;
	struct miscdevice *__next;
	bool __listed;
};
static DEFINE_MUTEX(misc_mtx);
static struct miscdevice *__misc_list;

static int misc_register(struct miscdevice *misc)
{
	__kernel_might_sleep();
	mutex_lock(&misc_mtx);
	misc->__next = __misc_list;
	misc->__listed = true;
	__misc_list = misc;
	mutex_unlock(&misc_mtx);
	return 0;
}
static void misc_deregister(struct miscdevice *misc)
{
	struct miscdevice **at = &__misc_list;

	if (WARN_ON(!data_race(misc->__listed)))
		return;
	mutex_lock(&misc_mtx);
	while (*at != misc)
		at = &(*at)->__next;
	*at = misc->__next;
	misc->__listed = false;
	mutex_unlock(&misc_mtx);
}
static int __misc_open(const char *name, struct inode *inode, struct file *file)
{
	struct miscdevice *misc;
	int error = -ENODEV;

	mutex_lock(&misc_mtx);
	misc = __misc_list;
	while (misc && misc->name != name)
		misc = misc->__next;
	if (misc && try_module_get(misc->fops->owner)) {
		file->f_op = misc->fops;
		file->private_data = misc;
		error = misc->fops->open ? misc->fops->open(inode, file) : 0;
		if (error)
			module_put(file->f_op->owner);
	}
	mutex_unlock(&misc_mtx);
	return error;
}
/* A task that opens the character device of this name, calls what it offers, and closes it. */
#define OPENS(name, device, ...) SYSCALL(name, __open_and_use, .arg = (void *)(device), ##__VA_ARGS__)
static void __open_and_use(const char *name)
{
	struct inode inode = { .i_private = NULL };
	struct file file = { .f_op = NULL };
	const struct file_operations *fops;

	if (__misc_open(name, &inode, &file))
		return;
	fops = file.f_op;
	if (fops->read)
		fops->read(&file, NULL, 16, &file.f_pos);
	if (fops->write)
		fops->write(&file, NULL, 16, &file.f_pos);
	if (fops->unlocked_ioctl)
		fops->unlocked_ioctl(&file, 0, 0);
	if (fops->release)
		fops->release(&inode, &file);
	module_put(fops->owner);
}
