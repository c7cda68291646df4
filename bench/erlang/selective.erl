%% Selective receive in a long mailbox: 2,000 calls of a server while 10,000 other messages wait, then those.
-module(selective).
-export([main/0]).

server() -> receive {call, N, From} -> From ! {reply, N * 2}, server() end.

flood(_, 0) -> ok;
flood(To, N) ->
    To ! {other, N},
    flood(To, N - 1).

calls(_, 0, Sum) -> Sum;
calls(To, N, Sum) ->
    To ! {call, N, self()},
    receive {reply, M} -> calls(To, N - 1, Sum + M) end.

drain(0, Sum) -> Sum;
drain(N, Sum) -> receive {other, M} -> drain(N - 1, Sum + M) end.

main() ->
    Start = erlang:monotonic_time(microsecond),
    flood(self(), 10000),
    io:format("~b~n", [calls(spawn(fun() -> server() end), 2000, 0)]),
    io:format("~b~n", [drain(10000, 0)]),
    io:format("main ~b us~n", [erlang:monotonic_time(microsecond) - Start]).
