/* Interrupt lines. */

enum irqreturn {
	IRQ_NONE = 0,
	IRQ_HANDLED = 1,
	IRQ_WAKE_THREAD = 2,
};
typedef enum irqreturn irqreturn_t;
#define IRQ_RETVAL(x) ((x) ? IRQ_HANDLED : IRQ_NONE)
typedef irqreturn_t (*irq_handler_t)(int, void *);
#define IRQF_TRIGGER_NONE 0
#define IRQF_TRIGGER_RISING 1
#define IRQF_TRIGGER_FALLING 2
#define IRQF_TRIGGER_HIGH 4
#define IRQF_TRIGGER_LOW 8
#define IRQF_SHARED 0x80
#define IRQF_PROBE_SHARED 0x100
#define IRQF_PERCPU 0x400
#define IRQF_NOBALANCING 0x800
#define IRQF_ONESHOT 0x2000
#define IRQF_NO_SUSPEND 0x4000
#define IRQF_NO_THREAD 0x10000
#define IRQF_NO_AUTOEN 0x80000

static inline int request_irq(unsigned int irq, irq_handler_t handler, unsigned long flags, const char *name, void *dev)
{
	__kernel_might_sleep();
	return __kernel_request_irq(irq, handler, flags, dev);
}
/* The last argument names the thread. */
#define request_threaded_irq(irq, handler, thread_fn, flags, name, dev) ({ \
	unsigned int __irq = (irq); \
	irq_handler_t __handler = (handler), __thread_fn = (thread_fn); \
	unsigned long __flags = (flags); \
	void *__dev = (dev); \
	__kernel_might_sleep(); \
	__kernel_request_threaded_irq(__irq, __handler, __thread_fn, __flags, __dev, name); })
/* Whether the handler is called in a hard interrupt or, for a line behind a slow bus, in a thread: there is no such line here. */
#define IRQC_IS_HARDIRQ 0
#define IRQC_IS_NESTED 1
static inline int request_any_context_irq(unsigned int irq, irq_handler_t handler, unsigned long flags, const char *name, void *dev)
{
	return request_irq(irq, handler, flags, name, dev);
}
static inline const void *free_irq(unsigned int irq, void *dev)
{
	irq_handler_t handler;

	__kernel_might_sleep();
	handler = __kernel_free_irq(irq, dev);
	__kernel_sync_irq(irq);
	__kernel_sync_irq_threads(irq);
#ifdef CONFIG_DEBUG_SHIRQ
	/* The line of a handler that shares it may be raised by another device, be it when this one has been torn down. */
	if (handler) {
		unsigned long flags = __kernel_irq_save();

		handler(irq, dev);
		__kernel_irq_restore(flags);
	}
#endif
	__kernel_irq_freed(irq, dev);
	return NULL;
}
static inline void disable_irq_nosync(unsigned int irq) { __kernel_disable_irq(irq); }
static inline void disable_irq(unsigned int irq)
{
	__kernel_might_sleep();
	__kernel_disable_irq(irq);
	__kernel_sync_irq(irq);
	__kernel_sync_irq_threads(irq);
}
/* Does not wait for threads, and does not sleep. */
static inline bool synchronize_hardirq(unsigned int irq) { __kernel_sync_irq(irq); return true; }
static inline bool disable_hardirq(unsigned int irq)
{
	__kernel_disable_irq(irq);
	return synchronize_hardirq(irq);
}
static inline void enable_irq(unsigned int irq) { __kernel_enable_irq(irq); }
static inline void synchronize_irq(unsigned int irq)
{
	__kernel_might_sleep();
	__kernel_sync_irq(irq);
	__kernel_sync_irq_threads(irq);
}
static inline void irq_wake_thread(unsigned int irq, void *dev_id) { __kernel_irq_wake_thread(irq, dev_id); }

/* irq_work: called in a hard interrupt, as soon as the CPU takes one; a lazy one at the next tick. Time is abstract, so that this is the same. */
#define IRQ_WORK_PENDING 1
#define IRQ_WORK_BUSY 2
#define IRQ_WORK_LAZY 4
#define IRQ_WORK_HARD_IRQ 8
#define __IRQ_WORK_INIT(function, flags) (struct irq_work){ .__magic = __IRQ_WORK_MAGIC, .__flags = (flags), .func = (function) }
#define IRQ_WORK_INIT(function) __IRQ_WORK_INIT(function, 0)
#define IRQ_WORK_INIT_LAZY(function) __IRQ_WORK_INIT(function, IRQ_WORK_LAZY)
#define IRQ_WORK_INIT_HARD(function) __IRQ_WORK_INIT(function, IRQ_WORK_HARD_IRQ)
#define DEFINE_IRQ_WORK(name, function) struct irq_work name = { .__magic = __IRQ_WORK_MAGIC, .func = (function) }
static inline void init_irq_work(struct irq_work *work, void (*func)(struct irq_work *)) { __kernel_irq_work_init(work, func, 0); }
static inline bool irq_work_queue(struct irq_work *work) { return __kernel_irq_work_queue(work, -1); }
static inline bool irq_work_queue_on(struct irq_work *work, int cpu) { return __kernel_irq_work_queue(work, cpu); }
static inline bool irq_work_is_pending(struct irq_work *work) { return __kernel_irq_work_is(work, IRQ_WORK_PENDING); }
static inline bool irq_work_is_busy(struct irq_work *work) { return __kernel_irq_work_is(work, IRQ_WORK_BUSY); }
static inline void irq_work_sync(struct irq_work *work)
{
	lockdep_assert_irqs_enabled();
	__kernel_might_sleep();
	__kernel_irq_work_sync(work);
}
