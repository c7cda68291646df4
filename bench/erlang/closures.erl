%% Closures composed twenty deep, and curried ones made in a loop.
-module(closures).
-export([main/0]).
compose(F, G) -> fun(X) -> F(G(X)) end.
add(N) -> fun(X) -> X + N end.
mul(N) -> fun(X) -> X * N rem 1000003 end.
chain(0, F) -> F;
chain(N, F) -> chain(N - 1, compose(if N rem 2 == 0 -> add(N); true -> mul(N) end, F)).
curried(A) -> fun(B) -> fun(C) -> A * B + C end end.
apply_n(_, 0, X) -> X;
apply_n(F, N, X) -> apply_n(F, N - 1, F(X)).
main() ->
    Start = erlang:monotonic_time(microsecond),
    F = chain(20, fun(X) -> X end),
    io:format("~b~n", [apply_n(F, 200000, 1)]),
    io:format("~b~n", [lists:foldl(fun(I, S) -> (S + ((curried(I))(3))(S)) rem 1000003 end, 0, lists:seq(0, 499999))]),
    io:format("main ~b us~n", [erlang:monotonic_time(microsecond) - Start]).
