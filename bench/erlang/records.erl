%% A record of five fields updated 30 million times, three fields at a time.
-module(records).
-export([main/0]).
-record(account, {id, balance, deposits, withdrawals, last}).
step(A, N) when N rem 3 == 0 -> A#account{balance = A#account.balance - N rem 100, withdrawals = A#account.withdrawals + 1, last = N};
step(A, N) -> A#account{balance = A#account.balance + N rem 50, deposits = A#account.deposits + 1, last = N}.
run(A, 0) -> A;
run(A, N) -> run(step(A, N), N - 1).
main() ->
    Start = erlang:monotonic_time(microsecond),
    #account{id = I, balance = B, deposits = D, withdrawals = W, last = L} = run(#account{id = 1, balance = 1000, deposits = 0, withdrawals = 0, last = 0}, 30000000),
    io:format("Account{id: ~b, balance: ~b, deposits: ~b, withdrawals: ~b, last: ~b}~n", [I, B, D, W, L]),
    io:format("main ~b us~n", [erlang:monotonic_time(microsecond) - Start]).
