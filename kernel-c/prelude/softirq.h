/* Softirqs. */

enum {
	HI_SOFTIRQ,
	TIMER_SOFTIRQ,
	NET_TX_SOFTIRQ,
	NET_RX_SOFTIRQ,
	BLOCK_SOFTIRQ,
	IRQ_POLL_SOFTIRQ,
	TASKLET_SOFTIRQ,
	SCHED_SOFTIRQ,
	HRTIMER_SOFTIRQ,
	RCU_SOFTIRQ,
	NR_SOFTIRQS
};

/* As since 6.11 a handler takes nothing; one that takes its vector's struct, as before, is given the number. */
static inline void open_softirq(int nr, void (*action)(void)) { __kernel_open_softirq(nr, action); }
static inline void raise_softirq(unsigned int nr) { __kernel_raise_softirq(nr); }
static inline void raise_softirq_irqoff(unsigned int nr)
{
	lockdep_assert_irqs_disabled();
	__kernel_raise_softirq(nr);
}
static inline void __raise_softirq_irqoff(unsigned int nr)
{
	lockdep_assert_irqs_disabled();
	__kernel_raise_softirq(nr);
}
