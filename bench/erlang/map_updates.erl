%% 200,000 inserts into a map, then a million lookups of keys in no order.
-module(map_updates).
-export([main/0]).

fill(0, Map) -> Map;
fill(N, Map) -> fill(N - 1, maps:put(N * 7919 rem 1000003, N, Map)).

%% Half of the keys asked for are there.
ask(_, 0, _, Sum) -> Sum;
ask(Map, N, X, Sum) ->
    Next = X * 16807 rem 2147483647,
    Found = case maps:find(Next rem 400000 * 7919 rem 1000003, Map) of
                {ok, Value} -> Value;
                error -> 0
            end,
    ask(Map, N - 1, Next, Sum + Found).

main() ->
    Start = erlang:monotonic_time(microsecond),
    Map = fill(200000, #{}),
    io:format("~b~n", [maps:size(Map)]),
    io:format("~b~n", [ask(Map, 1000000, 42, 0)]),
    io:format("main ~b us~n", [erlang:monotonic_time(microsecond) - Start]).
