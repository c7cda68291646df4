%% Plain double recursion: what a call, a comparison and an addition cost.
-module(fib).
-export([main/0]).

fib(N) when N < 2 -> N;
fib(N) -> fib(N - 1) + fib(N - 2).

main() ->
    Start = erlang:monotonic_time(microsecond),
    io:format("~b~n", [fib(35)]),
    io:format("main ~b us~n", [erlang:monotonic_time(microsecond) - Start]).
