%% A tail-recursive loop around a random number generator whose products pass 2^53.
-module(generator).
-export([main/0]).

loop(0, _, Sum) -> Sum;
loop(N, X, Sum) -> loop(N - 1, (X * 1103515245 + 12345) rem 2147483648, Sum + X rem 10).

main() ->
    Start = erlang:monotonic_time(microsecond),
    io:format("~b~n", [loop(10000000, 42, 0)]),
    io:format("main ~b us~n", [erlang:monotonic_time(microsecond) - Start]).
