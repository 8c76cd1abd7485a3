/* Per-CPU variables. After include/linux/percpu-defs.h and include/asm-generic/percpu.h; CPUs. */

#define NR_CPUS CONFIG_NR_CPUS
#define nr_cpu_ids ((unsigned int)NR_CPUS)
#define num_possible_cpus() ((unsigned int)NR_CPUS)
#define num_present_cpus() ((unsigned int)NR_CPUS)
#define num_online_cpus() ((unsigned int)NR_CPUS)
#define num_active_cpus() ((unsigned int)NR_CPUS)
#define cpu_online(cpu) ((unsigned int)(cpu) < nr_cpu_ids)
#define cpu_possible(cpu) ((unsigned int)(cpu) < nr_cpu_ids)
#define cpu_present(cpu) ((unsigned int)(cpu) < nr_cpu_ids)
#define cpu_active(cpu) ((unsigned int)(cpu) < nr_cpu_ids)
#define for_each_possible_cpu(cpu) for ((cpu) = 0; (cpu) < (int)nr_cpu_ids; (cpu)++)
#define for_each_online_cpu(cpu) for_each_possible_cpu(cpu)
#define for_each_present_cpu(cpu) for_each_possible_cpu(cpu)

#define DECLARE_PER_CPU(type, name) extern __percpu typeof(type) name
#define DECLARE_PER_CPU_SHARED_ALIGNED(type, name) DECLARE_PER_CPU(type, name)
#define DECLARE_PER_CPU_ALIGNED(type, name) DECLARE_PER_CPU(type, name)
#define DECLARE_PER_CPU_READ_MOSTLY(type, name) DECLARE_PER_CPU(type, name)
#define DEFINE_PER_CPU(type, name) __percpu typeof(type) name
#define DEFINE_PER_CPU_FIRST(type, name) DEFINE_PER_CPU(type, name)
#define DEFINE_PER_CPU_SHARED_ALIGNED(type, name) DEFINE_PER_CPU(type, name)
#define DEFINE_PER_CPU_ALIGNED(type, name) DEFINE_PER_CPU(type, name)
#define DEFINE_PER_CPU_PAGE_ALIGNED(type, name) DEFINE_PER_CPU(type, name)
#define DEFINE_PER_CPU_READ_MOSTLY(type, name) DEFINE_PER_CPU(type, name)

#define per_cpu_ptr(p, cpu) __kernel_per_cpu_ptr(p, cpu)
#define raw_cpu_ptr(p) __kernel_per_cpu_ptr(p, __kernel_raw_smp_processor_id())
#define this_cpu_ptr(p) __kernel_per_cpu_ptr(p, __kernel_smp_processor_id())
#define per_cpu(var, cpu) (*per_cpu_ptr(&(var), cpu))
#define get_cpu_var(var) (*({ __kernel_preempt_disable(); this_cpu_ptr(&(var)); }))
#define put_cpu_var(var) do { (void)&(var); __kernel_preempt_enable(); } while (0)
#define get_cpu_ptr(p) ({ __kernel_preempt_disable(); this_cpu_ptr(p); })
#define put_cpu_ptr(p) do { (void)(p); __kernel_preempt_enable(); } while (0)

#define alloc_percpu_gfp(type, gfp) ({ might_alloc(gfp); __kernel_alloc_percpu(typeof(type), gfp); })
#define alloc_percpu(type) alloc_percpu_gfp(type, GFP_KERNEL)
#define __alloc_percpu_gfp(size, align, gfp) ((void __percpu *)alloc_percpu_gfp(char[size], gfp))
#define __alloc_percpu(size, align) __alloc_percpu_gfp(size, align, GFP_KERNEL)
static inline void free_percpu(void __percpu *p) { if (p) __kernel_free(per_cpu_ptr(p, 0)); }

/* One instruction, on the copy of the CPU that runs it. */
#define this_cpu_read(x) __kernel_this_cpu_read(x)
#define this_cpu_write(x, value) __kernel_this_cpu_write(x, value)
#define this_cpu_add(x, value) __kernel_this_cpu(ADD, NONE, x, value)
#define this_cpu_sub(x, value) __kernel_this_cpu(SUB, NONE, x, value)
#define this_cpu_and(x, value) __kernel_this_cpu(AND, NONE, x, value)
#define this_cpu_or(x, value) __kernel_this_cpu(OR, NONE, x, value)
#define this_cpu_inc(x) this_cpu_add(x, 1)
#define this_cpu_dec(x) this_cpu_sub(x, 1)
#define this_cpu_add_return(x, value) __kernel_this_cpu(ADD, NEW, x, value)
#define this_cpu_sub_return(x, value) __kernel_this_cpu(SUB, NEW, x, value)
#define this_cpu_inc_return(x) this_cpu_add_return(x, 1)
#define this_cpu_dec_return(x) this_cpu_sub_return(x, 1)
#define this_cpu_xchg(x, value) __kernel_this_cpu(XCHG, OLD, x, value)
#define this_cpu_cmpxchg(x, old, new) __kernel_this_cpu(CMPXCHG, OLD, x, old, new)
#define this_cpu_try_cmpxchg(x, old, new) ({ \
	typeof(old) __old_at = (old); \
	typeof(*__old_at) __expected = *__old_at; \
	typeof(*__old_at) __found = this_cpu_cmpxchg(x, __expected, new); \
	if (__found != __expected) \
		*__old_at = __found; \
	__found == __expected; })

/* Plain C on the copy of the CPU that was asked for first: nothing keeps the task there, nor interrupts away. */
#define raw_cpu_read(x) (*raw_cpu_ptr(&(x)))
#define raw_cpu_write(x, value) do { *raw_cpu_ptr(&(x)) = (value); } while (0)
#define raw_cpu_add(x, value) do { *raw_cpu_ptr(&(x)) += (value); } while (0)
#define raw_cpu_sub(x, value) do { *raw_cpu_ptr(&(x)) -= (value); } while (0)
#define raw_cpu_and(x, value) do { *raw_cpu_ptr(&(x)) &= (value); } while (0)
#define raw_cpu_or(x, value) do { *raw_cpu_ptr(&(x)) |= (value); } while (0)
#define raw_cpu_inc(x) raw_cpu_add(x, 1)
#define raw_cpu_dec(x) raw_cpu_sub(x, 1)
#define raw_cpu_add_return(x, value) (*raw_cpu_ptr(&(x)) += (value))
#define raw_cpu_sub_return(x, value) (*raw_cpu_ptr(&(x)) -= (value))
#define raw_cpu_inc_return(x) raw_cpu_add_return(x, 1)
#define raw_cpu_dec_return(x) raw_cpu_sub_return(x, 1)
#define raw_cpu_xchg(x, value) ({ \
	typeof(&*raw_cpu_ptr(&(x))) __at = raw_cpu_ptr(&(x)); \
	typeof(*__at) __was = *__at; \
	*__at = (value); \
	__was; })
#define raw_cpu_cmpxchg(x, old, new) ({ \
	typeof(&*raw_cpu_ptr(&(x))) __at = raw_cpu_ptr(&(x)); \
	typeof(*__at) __was = *__at; \
	if (__was == (old)) \
		*__at = (new); \
	__was; })

/* The same, by who says that it cannot be preempted. */
#define __this_cpu_read(x) ({ __kernel_smp_processor_id(); raw_cpu_read(x); })
#define __this_cpu_write(x, value) ({ __kernel_smp_processor_id(); raw_cpu_write(x, value); })
#define __this_cpu_add(x, value) ({ __kernel_smp_processor_id(); raw_cpu_add(x, value); })
#define __this_cpu_sub(x, value) ({ __kernel_smp_processor_id(); raw_cpu_sub(x, value); })
#define __this_cpu_and(x, value) ({ __kernel_smp_processor_id(); raw_cpu_and(x, value); })
#define __this_cpu_or(x, value) ({ __kernel_smp_processor_id(); raw_cpu_or(x, value); })
#define __this_cpu_inc(x) __this_cpu_add(x, 1)
#define __this_cpu_dec(x) __this_cpu_sub(x, 1)
#define __this_cpu_add_return(x, value) ({ __kernel_smp_processor_id(); raw_cpu_add_return(x, value); })
#define __this_cpu_sub_return(x, value) ({ __kernel_smp_processor_id(); raw_cpu_sub_return(x, value); })
#define __this_cpu_inc_return(x) __this_cpu_add_return(x, 1)
#define __this_cpu_dec_return(x) __this_cpu_sub_return(x, 1)
#define __this_cpu_xchg(x, value) ({ __kernel_smp_processor_id(); raw_cpu_xchg(x, value); })
#define __this_cpu_cmpxchg(x, old, new) ({ __kernel_smp_processor_id(); raw_cpu_cmpxchg(x, old, new); })
