/*
 * The rig and the claims (docs/language.md), for a C compiler: each is a declaration, which the semicolon behind it ends. The options are members
 * of `struct __rig`, so that one which is not there is an error.
 */

struct __rig {
	int cpu, count, times, irq, prio, signals;
	/* A pointer too: which it is, is for the function to say. */
	long arg;
};
#define __RIG(prefix, name, function, ...) \
	_Pragma("GCC diagnostic push") \
	_Pragma("GCC diagnostic ignored \"-Wint-conversion\"") \
	__attribute__((__unused__)) static const struct __rig prefix##name = { __VA_ARGS__ }; \
	_Pragma("GCC diagnostic pop") \
	__attribute__((__unused__)) static void *prefix##runs_##name(void) { return (void *)(function); } \
	struct __rig
#define THREAD(name, function, ...) __RIG(__thread_, name, function, __VA_ARGS__)
#define SYSCALL(name, function, ...) __RIG(__syscall_, name, function, __VA_ARGS__)
#define IRQ(name, handler, ...) __RIG(__irq_, name, handler, __VA_ARGS__)
#define NMI(name, handler, ...) __RIG(__nmi_, name, handler, __VA_ARGS__)
#define __RIG_COUNTED(count, number, ...) __RIG(__raises_, count, (long)(number), __VA_ARGS__)
#define RAISES(number, ...) __RIG_COUNTED(__COUNTER__, number, __VA_ARGS__)
#define __PLATFORM_DEVICE(device, ...) \
	__attribute__((__unused__)) static struct platform_device *__device_##device(void) { return &device; } \
	struct __rig

#define __CALLED(type, name, function) \
	__attribute__((__unused__)) static type (*__PASTE(name, __COUNTER__)(void))(void) { return function; } \
	struct __rig
#define INIT(function) __attribute__((__unused__)) static void *__PASTE(__init_, __COUNTER__)(void) { return (void *)(function); } struct __rig
#define module_init(function) __CALLED(int, __module_init_, function)
#define late_initcall(function) __CALLED(int, __module_init_, function)
#define subsys_initcall(function) __CALLED(int, __module_init_, function)
#define device_initcall(function) __CALLED(int, __module_init_, function)
#define module_exit(function) __CALLED(void, __module_exit_, function)

#define CPUS(n) _Static_assert((n) >= 1 && (n) <= 16, "CPUS(1) to CPUS(16)")
#define KCONFIG(option, value) struct __rig

#define __CLAIM(condition) \
	__attribute__((__unused__)) static int __PASTE(__claim_, __COUNTER__)(void) { return !!(condition); } \
	struct __rig
#define INVARIANT(condition) __CLAIM(condition)
#define FINALLY(condition) __CLAIM(condition)
#define REACHABLE(condition) __CLAIM(condition)
#define EXPECT(...) struct __rig
#define EXPECT_IF(...) struct __rig

/* Of modules, what stands for itself. */
#define __TEXT(text) _Static_assert(sizeof(text) > 0, "text")
#define MODULE_LICENSE(text) __TEXT(text)
#define MODULE_AUTHOR(text) __TEXT(text)
#define MODULE_DESCRIPTION(text) __TEXT(text)
#define MODULE_VERSION(text) __TEXT(text)
#define MODULE_ALIAS(text) __TEXT(text)
#define MODULE_FIRMWARE(text) __TEXT(text)
#define MODULE_SOFTDEP(text) __TEXT(text)
#define MODULE_PARM_DESC(name, text) __TEXT(text)
#define MODULE_DEVICE_TABLE(bus, table) struct __rig
#define MODULE_IMPORT_NS(name) struct __rig
#define EXPORT_SYMBOL(name) __attribute__((__unused__)) static void *__export_##name(void) { return (void *)(name); } struct __rig
#define EXPORT_SYMBOL_GPL(name) EXPORT_SYMBOL(name)
#define EXPORT_SYMBOL_NS(name, space) EXPORT_SYMBOL(name)
#define EXPORT_SYMBOL_NS_GPL(name, space) EXPORT_SYMBOL(name)
#define module_param(name, type, mode) __attribute__((__unused__)) static void *__param_##name(void) { return (void *)&(name); } struct __rig
#define module_param_named(shown, name, type, mode) module_param(name, type, mode)
#define ALLOW_ERROR_INJECTION(function, errors) struct __rig

/* The front end looks only at the branch that it chooses, a C compiler at the types of both. */
#undef __seqcount_assert
#define __seqcount_assert(s) ((void)(s)->sequence)

/* Taken by the address of the variable, as a C compiler calls it. */
#undef DEFINE_FREE
#define DEFINE_FREE(name, type, free) \
	static inline void __free_##name(void *__freed) { type _T = *(type *)__freed; free; }
