%% Two processes and a million round trips.
-module(ping_pong).
-export([main/0]).

ponger() -> receive {ping, N, From} -> From ! {pong, N + 1}, ponger() end.

pinger(_, 0, Seen) -> Seen;
pinger(Other, N, Seen) ->
    Other ! {ping, Seen, self()},
    receive {pong, Next} -> pinger(Other, N - 1, Next) end.

main() ->
    Start = erlang:monotonic_time(microsecond),
    io:format("~b~n", [pinger(spawn(fun() -> ponger() end), 1000000, 0)]),
    io:format("main ~b us~n", [erlang:monotonic_time(microsecond) - Start]).
