%% One process sends 2 million messages as fast as it can, another adds them up.
-module(producer).
-export([main/0]).

produce(To, 0) -> To ! done;
produce(To, N) ->
    To ! {item, N},
    produce(To, N - 1).

consume(Sum) ->
    receive
        {item, N} -> consume(Sum + N);
        done -> Sum
    end.

main() ->
    Start = erlang:monotonic_time(microsecond),
    Me = self(),
    spawn(fun() -> produce(Me, 2000000) end),
    io:format("~b~n", [consume(0)]),
    io:format("main ~b us~n", [erlang:monotonic_time(microsecond) - Start]).
