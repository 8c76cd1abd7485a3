static void f(void) { }
THREAD(one, f, .cpu);
THREAD(two, f, .cpu == 0);
THREAD(three, f, cpu = 0;
THREAD(four, f) EXPECT(clean);
INVARIANT();
INVARIANT(1 +);
EXPECT(clean;
return 0;
if (1) f();
IRQ(five, f);
