%% A million processes that wait at the same time, then answer one after the other.
-module(waiting).
-export([main/0]).

waiter(N) -> receive {ask, From} -> From ! {answer, N} end.

spawn_all(0, Pids) -> Pids;
spawn_all(N, Pids) -> spawn_all(N - 1, [spawn(fun() -> waiter(N) end) | Pids]).

ask_all([], Sum) -> Sum;
ask_all([Pid | Rest], Sum) ->
    Pid ! {ask, self()},
    receive {answer, N} -> ask_all(Rest, Sum + N) end.

main() ->
    Start = erlang:monotonic_time(microsecond),
    io:format("~b~n", [ask_all(spawn_all(1000000, []), 0)]),
    io:format("main ~b us~n", [erlang:monotonic_time(microsecond) - Start]).
