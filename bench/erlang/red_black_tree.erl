%% Red-black trees by pattern matching: 100,000 inserts and 500,000 lookups.
-module(red_black_tree).
-export([main/0]).
balance(black, {red, {red, A, Xk, Xv, B}, Yk, Yv, C}, Zk, Zv, D) -> {red, {black, A, Xk, Xv, B}, Yk, Yv, {black, C, Zk, Zv, D}};
balance(black, {red, A, Xk, Xv, {red, B, Yk, Yv, C}}, Zk, Zv, D) -> {red, {black, A, Xk, Xv, B}, Yk, Yv, {black, C, Zk, Zv, D}};
balance(black, A, Xk, Xv, {red, {red, B, Yk, Yv, C}, Zk, Zv, D}) -> {red, {black, A, Xk, Xv, B}, Yk, Yv, {black, C, Zk, Zv, D}};
balance(black, A, Xk, Xv, {red, B, Yk, Yv, {red, C, Zk, Zv, D}}) -> {red, {black, A, Xk, Xv, B}, Yk, Yv, {black, C, Zk, Zv, D}};
balance(Color, L, K, V, R) -> {Color, L, K, V, R}.
ins(empty, K, V) -> {red, empty, K, V, empty};
ins({Color, L, Key, Val, R}, K, V) ->
    if K < Key -> balance(Color, ins(L, K, V), Key, Val, R);
       K > Key -> balance(Color, L, Key, Val, ins(R, K, V));
       true -> {Color, L, K, V, R}
    end.
insert(T, K, V) -> {_, L, Key, Val, R} = ins(T, K, V), {black, L, Key, Val, R}.
lookup(empty, _) -> 0;
lookup({_, L, Key, Val, R}, K) -> if K < Key -> lookup(L, K); K > Key -> lookup(R, K); true -> Val end.
depth(empty) -> 0;
depth({_, L, _, _, R}) -> 1 + max(depth(L), depth(R)).
fill(0, _, T) -> T;
fill(N, X, T) -> fill(N - 1, X * 16807 rem 2147483647, insert(T, X rem 1000000, N)).
ask(0, _, _, Sum) -> Sum;
ask(N, X, T, Sum) -> ask(N - 1, X * 16807 rem 2147483647, T, Sum + lookup(T, X rem 1000000)).
main() ->
    Start = erlang:monotonic_time(microsecond),
    T = fill(100000, 42, empty),
    io:format("~b~n", [depth(T)]),
    io:format("~b~n", [ask(500000, 42, T, 0)]),
    io:format("main ~b us~n", [erlang:monotonic_time(microsecond) - Start]).
