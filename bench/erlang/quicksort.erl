%% The textbook's quicksort with list comprehensions, of 200,000 numbers.
-module(quicksort).
-export([main/0]).

numbers(0, _, Xs) -> Xs;
numbers(N, X, Xs) -> numbers(N - 1, X * 16807 rem 2147483647, [X | Xs]).

quicksort([]) -> [];
quicksort([Pivot | Rest]) ->
    quicksort([X || X <- Rest, X < Pivot]) ++ [Pivot | quicksort([X || X <- Rest, X >= Pivot])].

checksum([], _, Sum) -> Sum;
checksum([X | Rest], Place, Sum) -> checksum(Rest, Place + 1, (Sum + X * (Place rem 7)) rem 1000000007).

main() ->
    Start = erlang:monotonic_time(microsecond),
    io:format("~b~n", [checksum(quicksort(numbers(200000, 42, [])), 1, 0)]),
    io:format("main ~b us~n", [erlang:monotonic_time(microsecond) - Start]).
