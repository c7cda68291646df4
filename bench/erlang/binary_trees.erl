%% Trees built, walked and dropped: what allocation costs. Depth 16, as in the Computer Language Benchmarks Game.
-module(binary_trees).
-export([main/0]).

make(0) -> {node, leaf, leaf};
make(Depth) -> {node, make(Depth - 1), make(Depth - 1)}.

check(leaf) -> 0;
check({node, Left, Right}) -> 1 + check(Left) + check(Right).

rounds(0, _, Sum) -> Sum;
rounds(N, Depth, Sum) -> rounds(N - 1, Depth, Sum + check(make(Depth))).

depths(Depth, Most) when Depth > Most -> ok;
depths(Depth, Most) ->
    Count = 1 bsl (Most - Depth + 4),
    io:format("~b trees of depth ~b check: ~b~n", [Count, Depth, rounds(Count, Depth, 0)]),
    depths(Depth + 2, Most).

main() ->
    Start = erlang:monotonic_time(microsecond),
    io:format("stretch tree of depth 17 check: ~b~n", [check(make(17))]),
    LongLived = make(16),
    depths(4, 16),
    io:format("long lived tree of depth 16 check: ~b~n", [check(LongLived)]),
    io:format("main ~b us~n", [erlang:monotonic_time(microsecond) - Start]).
