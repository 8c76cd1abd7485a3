#define DECLARE(name) u33 name
DECLARE(first);
u23 second;
q third;
