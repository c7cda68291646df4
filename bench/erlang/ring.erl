%% 503 processes in a ring pass a token 2 million times; the one that has it last says which it is.
-module(ring).
-export([main/0]).

node(Number, Next, Main) ->
    receive
        0 -> Main ! Number;
        N -> Next ! N - 1,
             node(Number, Next, Main)
    end.

%% Every node is given its neighbour, but for the closing one, which learns it by message.
build(1, Next, _) -> Next;
build(Number, Next, Main) ->
    build(Number - 1, spawn(fun() -> node(Number - 1, Next, Main) end), Main).

last_node(Number, Main) -> receive First -> node(Number, First, Main) end.

main() ->
    Start = erlang:monotonic_time(microsecond),
    Me = self(),
    Closing = spawn(fun() -> last_node(503, Me) end),
    First = build(503, Closing, Me),
    Closing ! First,
    First ! 2000000,
    io:format("~b~n", [receive Number -> Number end]),
    io:format("main ~b us~n", [erlang:monotonic_time(microsecond) - Start]).
