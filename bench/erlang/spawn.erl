%% A hundred thousand processes, each of which sends one message and ends.
-module(spawn).
-export([main/0]).

spawn_all(_, 0) -> ok;
spawn_all(To, N) ->
    spawn(fun() -> To ! N end),
    spawn_all(To, N - 1).

collect(0, Sum) -> Sum;
collect(N, Sum) -> receive Value -> collect(N - 1, Sum + Value) end.

main() ->
    Start = erlang:monotonic_time(microsecond),
    spawn_all(self(), 100000),
    io:format("~b~n", [collect(100000, 0)]),
    io:format("main ~b us~n", [erlang:monotonic_time(microsecond) - Start]).
