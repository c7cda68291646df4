%% map, filter and fold over a list of 300,000, as the standard libraries have them.
-module(list_ops).
-export([main/0]).

rounds(0, _, Sum) -> Sum;
rounds(N, Xs, Sum) ->
    Odd = lists:filter(fun(X) -> X rem 2 == 1 end, lists:map(fun(X) -> X * 3 + N end, Xs)),
    rounds(N - 1, Xs, Sum + lists:foldl(fun(X, Acc) -> Acc + X end, 0, Odd)).

main() ->
    Start = erlang:monotonic_time(microsecond),
    io:format("~b~n", [rounds(30, lists:seq(0, 299999), 0)]),
    io:format("main ~b us~n", [erlang:monotonic_time(microsecond) - Start]).
