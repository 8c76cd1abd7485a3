#if
int a;
#endif
#if 1 +
int b;
#endif
#if (1
#elif 1
#endif
#if 1 / 0
#endif
#if FOO(1)
#endif
#if "text"
#endif
#if defined
#endif
#if 1.5
#endif
#ifdef
#endif
#ifdef A B
#endif extra
#else
#endif
#elif 1
#if 1
#else
#elif 1
#else
#endif
#if 1 2
#endif
#defin X
#frobnicate
#error this is wrong
#warning this is doubtful
#line 7
#include_next <linux/fs.h>
#undef
#if 0
int never;
