%% A server that keeps a map, and a client that waits for the answer with its tag: 440,000 requests.
-module(request_reply).
-export([main/0]).
server(State) ->
    receive
        {From, Tag, {put, K, V}} -> From ! {Tag, ok}, server(State#{K => V});
        {From, Tag, {get, K}} -> From ! {Tag, maps:find(K, State)}, server(State);
        {From, Tag, {del, K}} -> From ! {Tag, ok}, server(maps:remove(K, State));
        stop -> ok
    end.
call(Pid, Tag, Request) -> Pid ! {self(), Tag, Request}, receive {Tag, Answer} -> Answer end.
client(_, 0, Sum) -> Sum;
client(Pid, N, Sum) ->
    call(Pid, N, {put, N rem 1000, N}),
    X = case call(Pid, N, {get, N * 7 rem 1000}) of {ok, V} -> V; error -> 0 end,
    if N rem 5 == 0 -> call(Pid, N, {del, N rem 333}); true -> ok end,
    client(Pid, N - 1, (Sum + X) rem 1000003).
main() ->
    Start = erlang:monotonic_time(microsecond),
    Pid = spawn(fun() -> server(#{}) end),
    io:format("~b~n", [client(Pid, 200000, 0)]),
    Pid ! stop,
    io:format("main ~b us~n", [erlang:monotonic_time(microsecond) - Start]).
