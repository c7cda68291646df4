%% Five million calls inside a try, of which nearly half throw.
-module(exceptions).
-export([main/0]).
risky(N) when N rem 3 == 0 -> throw(three);
risky(N) when N rem 7 == 0 -> throw({seven, N});
risky(N) -> N.
guarded(N) -> try risky(N) catch throw:three -> 1; throw:{seven, M} -> M rem 10 end.
run(0, Sum) -> Sum;
run(N, Sum) -> run(N - 1, (Sum + guarded(N)) rem 1000003).
main() ->
    Start = erlang:monotonic_time(microsecond),
    io:format("~b~n", [run(5000000, 0)]),
    io:format("main ~b us~n", [erlang:monotonic_time(microsecond) - Start]).
