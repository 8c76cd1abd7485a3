int from_here = ;
#define INNER(x) x + ;
