/* Sets of CPUs, and calls on other CPUs: after kernel/smp.c. An interrupt between processors is one that calls irq_work, which the kernel queues the same way. */

typedef struct cpumask {
	unsigned long bits[1];
} cpumask_t;
typedef struct cpumask cpumask_var_t[1];
static const struct cpumask __cpu_all_mask = { { (1UL << NR_CPUS) - 1 } };
#define cpu_possible_mask (&__cpu_all_mask)
#define cpu_online_mask (&__cpu_all_mask)
#define cpu_present_mask (&__cpu_all_mask)
#define cpu_active_mask (&__cpu_all_mask)
#define cpu_none_mask (&(const struct cpumask){ { 0 } })
#define cpumask_of(cpu) (&(const struct cpumask){ { 1UL << (cpu) } })
static inline bool cpumask_test_cpu(int cpu, const struct cpumask *mask) { return test_bit(cpu, mask->bits); }
static inline void cpumask_set_cpu(unsigned int cpu, struct cpumask *mask) { set_bit(cpu, mask->bits); }
static inline void cpumask_clear_cpu(int cpu, struct cpumask *mask) { clear_bit(cpu, mask->bits); }
static inline bool cpumask_test_and_set_cpu(int cpu, struct cpumask *mask) { return test_and_set_bit(cpu, mask->bits); }
static inline bool cpumask_test_and_clear_cpu(int cpu, struct cpumask *mask) { return test_and_clear_bit(cpu, mask->bits); }
static inline void __cpumask_set_cpu(unsigned int cpu, struct cpumask *mask) { mask->bits[0] |= 1UL << cpu; }
static inline void __cpumask_clear_cpu(int cpu, struct cpumask *mask) { mask->bits[0] &= ~(1UL << cpu); }
static inline void cpumask_setall(struct cpumask *mask) { mask->bits[0] = (1UL << NR_CPUS) - 1; }
static inline void cpumask_clear(struct cpumask *mask) { mask->bits[0] = 0; }
static inline void cpumask_copy(struct cpumask *to, const struct cpumask *from) { to->bits[0] = from->bits[0]; }
static inline bool cpumask_empty(const struct cpumask *mask) { return !mask->bits[0]; }
#define for_each_cpu(cpu, mask) for ((cpu) = 0; (cpu) < (int)nr_cpu_ids; (cpu)++) if (!cpumask_test_cpu(cpu, mask)) { } else

typedef void (*smp_call_func_t)(void *info);
typedef bool (*smp_cond_func_t)(int cpu, void *info);
struct __call_single_data {
	struct irq_work node;
	smp_call_func_t func;
	void *info;
	bool __waits;
};
typedef struct __call_single_data call_single_data_t;

/* Whom nobody waits for is done with before the function is called, which may queue it again, or free it. */
static void __smp_call_run(struct irq_work *node)
{
	call_single_data_t *csd = container_of(node, struct __call_single_data, node);
	smp_call_func_t func = csd->func;
	void *info = csd->info;

	if (!csd->__waits)
		__kernel_irq_work_release(node);
	func(info);
}
#define __CSD_INIT(function, argument) { .node = IRQ_WORK_INIT_HARD(__smp_call_run), .func = (function), .info = (argument) }
#define CSD_INIT(function, argument) (call_single_data_t)__CSD_INIT(function, argument)
#define INIT_CSD(csd, function, argument) do { \
	call_single_data_t *__csd_new = (csd); \
	__kernel_irq_work_init(&__csd_new->node, __smp_call_run, IRQ_WORK_HARD_IRQ); \
	__csd_new->func = (function); \
	__csd_new->info = (argument); \
} while (0)
struct __call_function_data {
	call_single_data_t csd[NR_CPUS];
};
static DEFINE_PER_CPU(struct __call_single_data, csd_data) = __CSD_INIT(NULL, NULL);
static DEFINE_PER_CPU(struct __call_function_data, cfd_data) = { .csd = { [0 ... NR_CPUS - 1] = __CSD_INIT(NULL, NULL) } };

static inline void __smp_call_here(smp_call_func_t func, void *info)
{
	unsigned long flags = __kernel_irq_save();

	func(info);
	__kernel_irq_restore(flags);
}
static inline void __smp_call_queue(int cpu, call_single_data_t *csd, smp_call_func_t func, void *info, bool wait)
{
	csd->func = func;
	csd->info = info;
	csd->__waits = wait;
	__kernel_irq_work_queue(&csd->node, cpu);
}
static int smp_call_function_single(int cpu, smp_call_func_t func, void *info, int wait)
{
	int this_cpu = get_cpu(), err = 0;

	WARN_ON_ONCE(irqs_disabled());
	WARN_ON_ONCE(!in_task());
	if (cpu == this_cpu) {
		__smp_call_here(func, info);
	} else if ((unsigned int)cpu >= nr_cpu_ids) {
		err = -ENXIO;
	} else if (wait) {
		call_single_data_t csd;

		__kernel_irq_work_init(&csd.node, __smp_call_run, IRQ_WORK_HARD_IRQ);
		__smp_call_queue(cpu, &csd, func, info, true);
		__kernel_irq_work_sync(&csd.node);
	} else {
		call_single_data_t *csd = raw_cpu_ptr(&csd_data);

		__kernel_irq_work_sync(&csd->node);
		__smp_call_queue(cpu, csd, func, info, false);
	}
	put_cpu();
	return err;
}
static int smp_call_function_single_async(int cpu, call_single_data_t *csd)
{
	int err = 0, this_cpu = get_cpu();

	if (READ_ONCE(csd->node.__magic) != __IRQ_WORK_MAGIC)
		__kernel_irq_work_init(&csd->node, __smp_call_run, IRQ_WORK_HARD_IRQ);
	if (__kernel_irq_work_is(&csd->node, IRQ_WORK_BUSY))
		err = -EBUSY;
	else if (cpu == this_cpu)
		__smp_call_here(csd->func, csd->info);
	else if ((unsigned int)cpu >= nr_cpu_ids)
		err = -ENXIO;
	else
		__kernel_irq_work_queue(&csd->node, cpu);
	put_cpu();
	return err;
}
static void __smp_call_many(const struct cpumask *mask, smp_call_func_t func, void *info, bool wait, bool local, smp_cond_func_t cond)
{
	int cpu, this_cpu = raw_smp_processor_id();
	unsigned long targets = READ_ONCE(mask->bits[0]);

	lockdep_assert_irqs_enabled();
	WARN_ON_ONCE(!in_task());
	local = local && (targets & BIT(this_cpu)) && (!cond || cond(this_cpu, info));
	targets &= ~BIT(this_cpu);
	for_each_online_cpu(cpu) {
		call_single_data_t *csd = &raw_cpu_ptr(&cfd_data)->csd[cpu];

		if (!(targets & BIT(cpu)))
			continue;
		if (cond && !cond(cpu, info)) {
			targets &= ~BIT(cpu);
			continue;
		}
		__kernel_irq_work_sync(&csd->node);
		__smp_call_queue(cpu, csd, func, info, wait);
	}
	if (local)
		__smp_call_here(func, info);
	if (!wait)
		return;
	for_each_online_cpu(cpu) {
		call_single_data_t *csd = &raw_cpu_ptr(&cfd_data)->csd[cpu];

		if (targets & BIT(cpu))
			__kernel_irq_work_sync(&csd->node);
	}
}
static void smp_call_function_many(const struct cpumask *mask, smp_call_func_t func, void *info, bool wait)
{
	lockdep_assert_preemption_disabled();
	__smp_call_many(mask, func, info, wait, false, NULL);
}
static void smp_call_function(smp_call_func_t func, void *info, int wait)
{
	preempt_disable();
	__smp_call_many(cpu_online_mask, func, info, wait, false, NULL);
	preempt_enable();
}
static int smp_call_function_any(const struct cpumask *mask, smp_call_func_t func, void *info, int wait)
{
	int cpu = get_cpu(), ret;

	if (!cpumask_test_cpu(cpu, mask))
		for (cpu = 0; cpu < (int)nr_cpu_ids && !cpumask_test_cpu(cpu, mask); cpu++)
			;
	ret = smp_call_function_single(cpu, func, info, wait);
	put_cpu();
	return ret;
}
static void on_each_cpu_cond_mask(smp_cond_func_t cond_func, smp_call_func_t func, void *info, bool wait, const struct cpumask *mask)
{
	preempt_disable();
	__smp_call_many(mask, func, info, wait, true, cond_func);
	preempt_enable();
}
static inline void on_each_cpu(smp_call_func_t func, void *info, int wait) { on_each_cpu_cond_mask(NULL, func, info, wait, cpu_online_mask); }
static inline void on_each_cpu_mask(const struct cpumask *mask, smp_call_func_t func, void *info, bool wait) { on_each_cpu_cond_mask(NULL, func, info, wait, mask); }
static inline void on_each_cpu_cond(smp_cond_func_t cond_func, smp_call_func_t func, void *info, bool wait) { on_each_cpu_cond_mask(cond_func, func, info, wait, cpu_online_mask); }

struct __smp_call_on_cpu {
	struct work_struct work;
	struct completion done;
	int (*func)(void *);
	void *data;
	int ret;
};
static void __smp_call_on_cpu_work(struct work_struct *work)
{
	struct __smp_call_on_cpu *call = container_of(work, struct __smp_call_on_cpu, work);

	call->ret = call->func(call->data);
	complete(&call->done);
}
static int smp_call_on_cpu(unsigned int cpu, int (*func)(void *), void *par, bool phys)
{
	struct __smp_call_on_cpu call = { .func = func, .data = par };

	INIT_WORK_ONSTACK(&call.work, __smp_call_on_cpu_work);
	init_completion(&call.done);
	if (cpu >= nr_cpu_ids)
		return -ENXIO;
	queue_work_on(cpu, system_wq, &call.work);
	wait_for_completion(&call.done);
	destroy_work_on_stack(&call.work);
	return call.ret;
}
