%% 50,000 processes that each wait with a timer of its own, three times, of 1 to 20 ms; half of the timers are cancelled
%% by a message that comes first.
-module(timers).
-export([main/0]).

sleeper(Main, Number, 0) -> Main ! Number;
sleeper(Main, Number, Turns) ->
    receive
        now -> sleeper(Main, Number, Turns - 1)
    after 1 + (Number * 7 + Turns) rem 20 -> sleeper(Main, Number, Turns - 1)
    end.

spawn_all(0, _) -> ok;
spawn_all(N, Main) ->
    Sleepy = spawn(fun() -> sleeper(Main, N, 3) end),
    case N rem 2 of
        0 -> Sleepy ! now, Sleepy ! now, Sleepy ! now;
        1 -> ok
    end,
    spawn_all(N - 1, Main).

collect(0, Sum) -> Sum;
collect(N, Sum) -> receive Number -> collect(N - 1, Sum + Number) end.

main() ->
    Start = erlang:monotonic_time(microsecond),
    spawn_all(50000, self()),
    io:format("~b~n", [collect(50000, 0)]),
    io:format("main ~b us~n", [erlang:monotonic_time(microsecond) - Start]).
